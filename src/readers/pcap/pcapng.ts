import type { ByteSource } from '../../model/index.ts'
import type { Complaint } from '../carriers/part-diagnostics.ts'
import { u16, u16le, u32, u32le } from './bytes.ts'
import {
  BAD_PACKET,
  type CapturedPacket,
  type CaptureSink,
  CUT_FILE,
  MAX_PACKET_BYTES,
  PCAPNG_MAGIC,
  WINDOW_BYTES,
} from './captured-packet.ts'

/** Block types of datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng. */
const INTERFACE = 1
const OLD_PACKET = 2
const SIMPLE_PACKET = 3
const STATISTICS = 5
const ENHANCED_PACKET = 6

/** Blocks of names, secrets and comments may be larger than packets. */
const MAX_BLOCK_BYTES = 1 << 26
/** More interfaces than any machine has. */
const MAX_INTERFACES = 4_096

interface CaptureInterface {
  readonly link: number
  readonly snapshot: number
  readonly name: string
  /** Microseconds of a time of two 32-bit words. */
  readonly micros: (high: number, low: number) => number
  readonly precision: number
}

const NO_INTERFACE: Complaint = {
  code: 'pcap/no-interface',
  level: 'error',
  message: 'a packet names an interface that the capture does not describe; it is left out',
}
const NO_TIMES: Complaint = {
  code: 'pcap/no-times',
  level: 'warning',
  message: 'the capture holds packets without times (simple packet blocks); their flows have none',
}
const dropped = (count: number): Complaint => ({
  code: 'pcap/dropped',
  level: 'warning',
  message: `the capture says that ${count} packets were lost while it was taken`,
  hint: 'bytes and packets of its flows are lower than they were; a larger buffer (tcpdump -B) loses fewer',
})

/** Hands over the packets of a pcapng file. */
export function readPcapng(bytes: ByteSource, sink: CaptureSink): void {
  const packet: CapturedPacket = {
    number: 0,
    offset: 0,
    time: Number.NaN,
    link: 0,
    little: true,
    interfaceName: '',
    precision: 1,
    data: new Uint8Array(0),
    at: 0,
    end: 0,
    wire: 0,
  }
  const section = new Section(sink, packet)
  let offset = 0
  while (offset < bytes.size) {
    let window = bytes.read(offset, WINDOW_BYTES)
    let at = 0
    while (at + 12 <= window.length) {
      if (u32(window, at) === PCAPNG_MAGIC) section.begin(window, at)
      const length = section.word(window, at + 4)
      if (length < 12 || length > MAX_BLOCK_BYTES || length % 4 !== 0) {
        sink.complaint(offset + at, BAD_PACKET)
        const next = nextBlock(bytes, offset + at, section)
        if (next < 0) return
        offset = next
        at = 0
        window = bytes.read(offset, WINDOW_BYTES)
        continue
      }
      if (at + length > window.length) break
      section.block(window, at, length, offset + at)
      at += length
    }
    if (at === 0) {
      const length = window.length < 12 ? 0 : section.word(window, 4)
      if (length <= window.length || offset + length > bytes.size) {
        sink.complaint(offset, CUT_FILE)
        return
      }
      // Only packets must be seen whole; a large block of names is stepped over.
      if (length <= MAX_PACKET_BYTES) section.block(bytes.read(offset, length), 0, length, offset)
      at = length
    }
    offset += at
  }
}

/** The blocks from one section header on; every section has its own byte order and interfaces. */
class Section {
  readonly #sink: CaptureSink
  readonly #packet: CapturedPacket
  #little = true
  #interfaces: CaptureInterface[] = []

  constructor(sink: CaptureSink, packet: CapturedPacket) {
    this.#sink = sink
    this.#packet = packet
  }

  word(data: Uint8Array, at: number): number {
    return this.#little ? u32le(data, at) : u32(data, at)
  }

  #half(data: Uint8Array, at: number): number {
    return this.#little ? u16le(data, at) : u16(data, at)
  }

  begin(data: Uint8Array, at: number): void {
    this.#little = u32le(data, at + 8) === 0x1a2b3c4d
    this.#interfaces = []
  }

  block(data: Uint8Array, at: number, length: number, offset: number): void {
    // In a file's byte order the type is read like any number; the section header reads the same both ways.
    switch (this.word(data, at)) {
      case INTERFACE:
        if (this.#interfaces.length < MAX_INTERFACES) this.#interfaces.push(this.#interfaceOf(data, at, at + length - 4))
        break
      case ENHANCED_PACKET:
        this.#enhanced(data, at, length, offset, this.word(data, at + 8))
        break
      case OLD_PACKET:
        this.#enhanced(data, at, length, offset, this.#half(data, at + 8))
        break
      case SIMPLE_PACKET:
        this.#simple(data, at, length, offset)
        break
      case STATISTICS:
        this.#statistics(data, at, at + length - 4, offset)
        break
      default:
    }
  }

  #interfaceOf(data: Uint8Array, at: number, end: number): CaptureInterface {
    const options = this.#options(data, at + 16, end)
    const resolution = options.get(9)?.[0] ?? 6
    const shift = options.get(14)
    const seconds = shift !== undefined && shift.length >= 8 ? Number(this.#signed64(shift)) : 0
    const name = new TextDecoder().decode(options.get(2) ?? new Uint8Array(0)).replaceAll('\0', '')
    return {
      link: this.#half(data, at + 8),
      snapshot: this.word(data, at + 12),
      name: name.slice(0, 64),
      ...clockOf(resolution, seconds),
    }
  }

  #signed64(data: Uint8Array): bigint {
    const [high, low] = this.#little ? [u32le(data, 4), u32le(data, 0)] : [u32(data, 0), u32(data, 4)]
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))
  }

  /** Options by code, the first of each. */
  #options(data: Uint8Array, from: number, end: number): Map<number, Uint8Array> {
    const found = new Map<number, Uint8Array>()
    let at = from
    while (at + 4 <= end) {
      const code = this.#half(data, at)
      const length = this.#half(data, at + 2)
      if (code === 0 || at + 4 + length > end) break
      if (!found.has(code)) found.set(code, data.slice(at + 4, at + 4 + length))
      at += 4 + length + ((4 - (length % 4)) % 4)
    }
    return found
  }

  #enhanced(data: Uint8Array, at: number, length: number, offset: number, id: number): void {
    this.#packet.number++
    const on = this.#interfaces[id]
    if (on === undefined) {
      this.#sink.complaint(offset, NO_INTERFACE)
      return
    }
    const captured = this.word(data, at + 20)
    if (captured > length - 32) {
      this.#sink.complaint(offset, BAD_PACKET)
      return
    }
    this.#emit(
      data,
      at + 28,
      captured,
      this.word(data, at + 24),
      on,
      offset,
      on.micros(this.word(data, at + 12), this.word(data, at + 16)),
    )
  }

  #simple(data: Uint8Array, at: number, length: number, offset: number): void {
    this.#packet.number++
    const [on] = this.#interfaces
    if (on === undefined) {
      this.#sink.complaint(offset, NO_INTERFACE)
      return
    }
    this.#sink.complaint(offset, NO_TIMES)
    const wire = this.word(data, at + 8)
    const captured = Math.min(wire, on.snapshot === 0 ? wire : on.snapshot, length - 16)
    this.#emit(data, at + 12, captured, wire, on, offset, Number.NaN)
  }

  #emit(data: Uint8Array, at: number, captured: number, wire: number, on: CaptureInterface, offset: number, time: number): void {
    const packet = this.#packet
    packet.offset = offset
    packet.time = time
    packet.link = on.link
    packet.little = this.#little
    packet.interfaceName = on.name
    packet.precision = on.precision
    packet.data = data
    packet.at = at
    packet.end = at + captured
    packet.wire = wire
    this.#sink.packet(packet)
  }

  #statistics(data: Uint8Array, at: number, end: number, offset: number): void {
    const options = this.#options(data, at + 20, end)
    const lost = [5, 7].map(code => {
      const value = options.get(code)
      return value !== undefined && value.length >= 8 ? Number(this.#signed64(value)) : 0
    })
    const count = Math.max(...lost)
    if (count > 0) this.#sink.complaint(offset, dropped(count))
  }
}

/** How two words of ticks become microseconds; kept exact for every resolution in use (10^-3 to 10^-9, 2^-n). */
function clockOf(resolution: number, seconds: number): Pick<CaptureInterface, 'micros' | 'precision'> {
  const shift = seconds * 1e6
  const exponent = resolution & 0x7f
  const WORD = 2 ** 32
  if ((resolution & 0x80) !== 0) {
    const ticks = 2n ** BigInt(Math.min(exponent, 64))
    return {
      micros: (high, low) => Number((((BigInt(high) << 32n) | BigInt(low)) * 1_000_000n) / ticks) + shift,
      precision: Math.max(1, Math.round(1e6 / 2 ** exponent)),
    }
  }
  if (exponent <= 6) {
    const factor = 10 ** (6 - exponent)
    return { micros: (high, low) => (high * WORD + low) * factor + shift, precision: factor }
  }
  if (exponent <= 12) {
    // The quotient of the upper word first: the whole number of nanoseconds since 1970 has more than 53 bits.
    const divisor = 10 ** (exponent - 6)
    return {
      micros: (high, low) => {
        const quotient = Math.floor(high / divisor)
        return quotient * WORD + Math.floor(((high - quotient * divisor) * WORD + low) / divisor) + shift
      },
      precision: 1,
    }
  }
  const divisor = 10n ** BigInt(exponent - 6)
  return { micros: (high, low) => Number(((BigInt(high) << 32n) | BigInt(low)) / divisor) + shift, precision: 1 }
}

/** How far a lost block is looked for. */
const SEARCHED_BYTES = 1 << 22

/** Offset of the next block whose length is repeated at its end; -1 when there is none near. */
function nextBlock(bytes: ByteSource, from: number, section: Section): number {
  const end = Math.min(bytes.size, from + SEARCHED_BYTES)
  for (let offset = from + 4; offset + 12 <= end; ) {
    const window = bytes.read(offset, WINDOW_BYTES)
    if (window.length < 12) return -1
    let at = 0
    for (; at + 12 <= window.length; at += 4) {
      const length = section.word(window, at + 4)
      const isPacket = section.word(window, at) === ENHANCED_PACKET && length >= 32
      if (!(isPacket || u32(window, at) === PCAPNG_MAGIC) || length % 4 !== 0 || at + length > window.length) continue
      if (section.word(window, at + length - 4) === length) return offset + at
    }
    offset += at
  }
  return -1
}
