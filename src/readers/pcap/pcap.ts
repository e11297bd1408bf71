import type { ByteSource } from '../../model/index.ts'
import type { Complaint } from '../carriers/part-diagnostics.ts'
import { u32, u32le } from './bytes.ts'
import { BAD_PACKET, type CapturedPacket, type CaptureSink, CUT_FILE, MAX_PACKET_BYTES, WINDOW_BYTES } from './captured-packet.ts'

const NOTHING_MORE: Complaint = {
  code: 'pcap/lost-rest',
  level: 'error',
  message: 'no packet header that fits follows; the rest of the capture is not read',
  hint: 'repair it with `pcapfix FILE`, or copy it again',
}
const BAD_FRACTION: Complaint = {
  code: 'pcap/bad-time',
  level: 'warning',
  message: 'a packet time has more than a second of fractions; its seconds alone are used',
}

/** Byte orders and clocks of pcap: datatracker.ietf.org/doc/draft-ietf-opsawg-pcap, and the layout with more packet fields of Linux 2.2 (0xa1b2cd34). */
const MAGICS: Readonly<Record<number, { readonly ticks: number; readonly header: number }>> = {
  [0xa1b2c3d4]: { ticks: 1e6, header: 16 },
  [0xa1b23c4d]: { ticks: 1e9, header: 16 },
  [0xa1b2cd34]: { ticks: 1e6, header: 24 },
}

/** Does a pcap file begin here? */
export function isPcap(head: Uint8Array): boolean {
  return MAGICS[u32(head, 0)] !== undefined || MAGICS[u32le(head, 0)] !== undefined
}

/** Hands over the packets of a pcap file; `head` is a copy of its first 24 bytes. */
export function readPcap(bytes: ByteSource, head: Uint8Array, sink: CaptureSink): void {
  const little = MAGICS[u32(head, 0)] === undefined
  const word = little ? u32le : u32
  const flavour = MAGICS[word(head, 0)]
  if (flavour === undefined) {
    sink.complaint(0, NOTHING_MORE)
    return
  }
  const snapshot = Math.max(word(head, 16), 65_535)
  const packet: CapturedPacket = {
    number: 0,
    offset: 0,
    time: Number.NaN,
    // The upper bits tell the length of frame check sequences.
    link: word(head, 20) & 0x0fffffff,
    little,
    interfaceName: '',
    precision: 1,
    data: head,
    at: 0,
    end: 0,
    wire: 0,
  }
  const form: PcapForm = { tried: { count: 0 }, word, ...flavour, snapshot: Math.min(snapshot, MAX_PACKET_BYTES) }
  let offset = 24
  while (offset < bytes.size) {
    let window = bytes.read(offset, WINDOW_BYTES)
    let at = 0
    while (at + form.header <= window.length) {
      const captured = word(window, at + 8)
      if (!isPlausible(form, window, at, Number.NaN)) {
        sink.complaint(offset + at, BAD_PACKET)
        const next = resumeAt(bytes, form, offset + at, packet.time)
        if (next < 0) {
          sink.complaint(offset + at, NOTHING_MORE)
          return
        }
        offset = next
        at = 0
        window = bytes.read(offset, WINDOW_BYTES)
        continue
      }
      if (at + form.header + captured > window.length) break
      packet.number++
      packet.offset = offset + at
      packet.time = timeOf(form, window, at, sink, offset)
      packet.data = window
      packet.at = at + form.header
      packet.end = packet.at + captured
      packet.wire = word(window, at + 12)
      sink.packet(packet)
      at += form.header + captured
    }
    if (at === 0) {
      // One packet larger than the window, or the end of the file.
      const length = window.length < form.header ? 0 : form.header + word(window, 8)
      if (length <= window.length || offset + length > bytes.size) {
        sink.complaint(offset, CUT_FILE)
        return
      }
      const large = bytes.read(offset, length)
      if (large.length < length) {
        sink.complaint(offset, CUT_FILE)
        return
      }
      packet.number++
      packet.offset = offset
      packet.time = timeOf(form, large, 0, sink, offset)
      packet.data = large
      packet.at = form.header
      packet.end = length
      packet.wire = word(large, 12)
      sink.packet(packet)
      at = length
    }
    offset += at
  }
}

interface PcapForm {
  /** Places that were looked at closely for a lost header; bounded for the whole file. */
  readonly tried: { count: number }
  readonly word: (data: Uint8Array, at: number) => number
  readonly ticks: number
  readonly header: number
  readonly snapshot: number
}

function timeOf({ word, ticks }: PcapForm, data: Uint8Array, at: number, sink: CaptureSink, offset: number): number {
  const fraction = word(data, at + 4)
  if (fraction >= ticks) {
    sink.complaint(offset + at, BAD_FRACTION)
    return word(data, at) * 1e6
  }
  return word(data, at) * 1e6 + (ticks === 1e9 ? Math.floor(fraction / 1000) : fraction)
}

/** Where a header was lost, one a year away from the packet before is none. Elsewhere merged and edited captures may jump. */
const LARGEST_STEP = 366 * 86_400

/** Could a packet header stand here? Lengths decide; the time only when packets were read before. */
function isPlausible({ word, snapshot }: PcapForm, data: Uint8Array, at: number, before: number): boolean {
  const captured = word(data, at + 8)
  const wire = word(data, at + 12)
  if (captured > snapshot || wire > MAX_PACKET_BYTES * 16 || (captured > wire && wire !== 0)) return false
  if (Number.isNaN(before) || before === 0) return true
  const seconds = word(data, at)
  return Math.abs(seconds - before / 1e6) < LARGEST_STEP
}

/** How far a lost packet header is looked for: some hundred packets. */
const SEARCHED_BYTES = 1 << 20
/** A header is believed when so many more follow it; chance hits die out at the second. */
const FOLLOWING = 3
/** A file made to have a false header at every byte is given up. */
const MAX_TRIED = 20_000

/** Offset of the next chain of packet headers that fit; -1 when there is none near. */
function resumeAt(bytes: ByteSource, form: PcapForm, from: number, before: number): number {
  const end = Math.min(bytes.size, from + SEARCHED_BYTES)
  for (let offset = from + 1; offset < end; ) {
    const window = bytes.read(offset, WINDOW_BYTES)
    const last = Math.min(window.length - form.header, end - offset - 1)
    for (let at = 0; at <= last; at++) {
      if (!isPlausible(form, window, at, before) || form.word(window, at + 8) < 14 || form.word(window, at + 4) >= form.ticks)
        continue
      if (form.tried.count++ > MAX_TRIED) return -1
      if (holdsChain(bytes, form, offset + at, before)) return offset + at
    }
    if (last < 0) return -1
    offset += last + 1
  }
  return -1
}

function holdsChain(bytes: ByteSource, form: PcapForm, from: number, before: number): boolean {
  let offset = from
  for (let count = 0; count <= FOLLOWING; count++) {
    if (offset === bytes.size) return count > 1
    const header = bytes.read(offset, form.header)
    if (header.length < form.header || !isPlausible(form, header, 0, before)) return false
    offset += form.header + form.word(header, 8)
  }
  return true
}
