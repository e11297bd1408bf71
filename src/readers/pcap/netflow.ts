import { MICROS_PER_MILLISECOND, type Micros, originalFields } from '../../model/index.ts'
import { protocolName } from '../meanings/flow.ts'
import type { JoinedFlow } from '../meanings/flow-join.ts'
import { FlowJoiner } from '../meanings/flow-join.ts'
import { aloneFlow, type NfRecord, unwrapped } from '../meanings/netflow-record.ts'
import { u16, u32 } from './bytes.ts'
import type { Moment } from './flow.ts'
import { addressText } from './ip.ts'
import { type ExportedRecord, FIELD, readRecord, type Template, templateOf } from './netflow-template.ts'

/** Where the flows go that an exporter tells. */
export interface CollectorSink {
  exported(flow: JoinedFlow<NfRecord>, version: string): void
  /** What was wrong with the export, by a stable code. */
  exportProblem(code: 'late-times' | 'swapped-times' | 'sampled' | 'no-template' | 'broken-set', at: Moment, count: number): void
}

/** A collector holds what comes before its template; routers send templates every few minutes. */
const MAX_WAITING_SETS = 2_000
/** Templates of all exporters together. */
const MAX_TEMPLATES = 4_096
/** Half of what a router's 32-bit uptime of milliseconds holds: a time that much ahead lies behind. */
const WRAP = 2 ** 32
/** An exporter's clock and its uptime counter drift by less than this. */
const AHEAD_TOLERANCE = 3_600_000
const TEN_YEARS = 315e6

interface WaitingSet {
  readonly bytes: Uint8Array
  readonly base: Base
  readonly key: string
  readonly at: Moment
}

/** What times of a message are relative to. */
interface Base {
  readonly exporter: string
  readonly domain: number
  readonly version: string
  /** Milliseconds since 1970 when the message was sent. */
  readonly sent: number
  /** Uptime then; undefined in IPFIX, whose header has none. */
  readonly uptime: number | undefined
}

/** Is it an export packet? Its own lengths must fit, and its time be near that of the capture. */
export function isNetflow(data: Uint8Array, at: number, end: number, captured: number): boolean {
  const length = end - at
  if (length < 20) return false
  const isNear = (seconds: number): boolean => Number.isNaN(captured) || Math.abs(seconds - captured / 1e6) < TEN_YEARS
  switch (u16(data, at)) {
    case 5: {
      const count = u16(data, at + 2)
      return count > 0 && count <= 30 && length === 24 + 48 * count && isNear(u32(data, at + 8))
    }
    case 9: {
      const id = u16(data, at + 20)
      return (id < 2 || id >= 256) && u16(data, at + 22) >= 4 && u16(data, at + 22) <= length - 20 && isNear(u32(data, at + 8))
    }
    case 10: {
      const id = u16(data, at + 16)
      return u16(data, at + 2) === length && (id === 2 || id === 3 || id >= 256) && isNear(u32(data, at + 4))
    }
    default:
      return false
  }
}

/** Reads NetFlow 5 (Cisco), 9 (RFC 3954) and IPFIX (RFC 7011) from the export packets of a capture, as a collector would. */
export class NetflowCollector {
  readonly #sink: CollectorSink
  readonly #templates = new Map<string, Template>()
  readonly #started = new Map<string, number>()
  readonly #sampling = new Map<string, number>()
  readonly #joiners = new Map<string, FlowJoiner<NfRecord>>()
  #waiting: WaitingSet[] = []

  constructor(sink: CollectorSink) {
    this.#sink = sink
  }

  /** One datagram of an exporter. */
  datagram(exporter: string, data: Uint8Array, at: number, end: number, moment: Moment): void {
    const version = u16(data, at)
    if (version === 5) this.#version5(exporter, data, at, end, moment)
    else if (version === 9 && end - at >= 20) {
      const base: Base = {
        exporter,
        domain: u32(data, at + 16),
        version: 'v9',
        sent: u32(data, at + 8) * 1000,
        uptime: u32(data, at + 4),
      }
      this.#sets(base, data, at + 20, end, moment)
    } else if (version === 10 && end - at >= 16) {
      const base: Base = {
        exporter,
        domain: u32(data, at + 12),
        version: 'ipfix',
        sent: u32(data, at + 4) * 1000,
        uptime: undefined,
      }
      this.#sets(base, data, at + 16, Math.min(end, at + u16(data, at + 2)), moment)
    }
  }

  finish(): void {
    for (const joiner of this.#joiners.values()) joiner.finish()
    const [first] = this.#waiting
    if (first !== undefined) this.#sink.exportProblem('no-template', first.at, this.#waiting.length)
    this.#waiting = []
  }

  #version5(exporter: string, data: Uint8Array, at: number, end: number, moment: Moment): void {
    const base: Base = {
      exporter,
      domain: 0,
      version: 'v5',
      sent: u32(data, at + 8) * 1000 + Math.floor(u32(data, at + 12) / 1e6),
      uptime: u32(data, at + 4),
    }
    const sampling = u16(data, at + 22) & 0x3fff
    if (sampling > 1) this.#sampling.set(sourceOf(base), sampling)
    for (let from = at + 24; from + 48 <= end; from += 48) {
      const record: ExportedRecord = new Map([
        [FIELD.sourceIpv4, data.slice(from, from + 4)],
        [FIELD.targetIpv4, data.slice(from + 4, from + 8)],
        [FIELD.packets, data.slice(from + 16, from + 20)],
        [FIELD.bytes, data.slice(from + 20, from + 24)],
        [FIELD.firstSwitched, data.slice(from + 24, from + 28)],
        [FIELD.lastSwitched, data.slice(from + 28, from + 32)],
        [FIELD.sourcePort, data.slice(from + 32, from + 34)],
        [FIELD.targetPort, data.slice(from + 34, from + 36)],
        [FIELD.tcpFlags, data.slice(from + 37, from + 38)],
        [FIELD.protocol, data.slice(from + 38, from + 39)],
      ])
      this.#flow(base, record, { ...moment, offset: moment.offset + from })
    }
  }

  #sets(base: Base, data: Uint8Array, from: number, end: number, moment: Moment): void {
    let at = from
    while (at + 4 <= end) {
      const id = u16(data, at)
      const length = u16(data, at + 2)
      if (length < 4 || at + length > end) {
        this.#sink.exportProblem('broken-set', moment, 1)
        return
      }
      const isIpfix = base.version === 'ipfix'
      if (id === (isIpfix ? 2 : 0)) this.#templateSet(base, data, at + 4, at + length, false)
      else if (id === (isIpfix ? 3 : 1)) this.#templateSet(base, data, at + 4, at + length, true)
      else if (id >= 256)
        this.#dataSet(base, `${sourceOf(base)}|${id}`, data, at + 4, at + length, { ...moment, offset: moment.offset + at })
      at += length
    }
  }

  #templateSet(base: Base, data: Uint8Array, from: number, end: number, isOptions: boolean): void {
    let at = from
    while (at + 4 <= end) {
      const found = templateOf(data, at, end, isOptions, base.version === 'ipfix')
      if (found === undefined) return
      const key = `${sourceOf(base)}|${found.id}`
      if (this.#templates.size < MAX_TEMPLATES || this.#templates.has(key)) this.#templates.set(key, found.template)
      at = found.next
      const ready = this.#waiting.filter(waiting => waiting.key === key)
      if (ready.length === 0) continue
      this.#waiting = this.#waiting.filter(waiting => waiting.key !== key)
      for (const { bytes, base: then, at: moment } of ready) this.#dataSet(then, key, bytes, 0, bytes.length, moment)
    }
  }

  #dataSet(base: Base, key: string, data: Uint8Array, from: number, end: number, moment: Moment): void {
    const template = this.#templates.get(key)
    if (template === undefined) {
      if (this.#waiting.length < MAX_WAITING_SETS) this.#waiting.push({ bytes: data.slice(from, end), base, key, at: moment })
      else this.#sink.exportProblem('no-template', moment, 1)
      return
    }
    let at = from
    // Padding at the end is shorter than any record.
    while (at + template.leastBytes <= end) {
      const read = readRecord(template, data, at, end)
      if (read === undefined || read.next <= at) return
      if (template.isOptions) this.#options(base, read.record)
      else this.#flow(base, read.record, { ...moment, offset: moment.offset + (at - from) })
      at = read.next
    }
  }

  /** What an exporter says of itself: its start, and how it samples. */
  #options(base: Base, record: ExportedRecord): void {
    const started = record.get(FIELD.systemStart)
    if (started !== undefined) this.#started.set(sourceOf(base), numberOf(started))
    const interval = numberOf(
      record.get(FIELD.samplingInterval) ?? record.get(FIELD.samplerInterval) ?? record.get(FIELD.samplingSpace) ?? NOTHING,
    )
    if (interval > 1) this.#sampling.set(sourceOf(base), interval)
  }

  #flow(base: Base, record: ExportedRecord, at: Moment): void {
    const sampling = this.#sampling.get(sourceOf(base))
    const read = this.#recordOf(base, record, at, sampling)
    if (read === undefined) return
    const { start, end, isLate, isSwapped } = unwrapped(read.start, read.end, Number.isNaN(at.time) ? undefined : at.time)
    if (isLate) this.#sink.exportProblem('late-times', at, 1)
    if (isSwapped) this.#sink.exportProblem('swapped-times', at, 1)
    if (sampling !== undefined) this.#sink.exportProblem('sampled', at, 1)
    const corrected = isLate || isSwapped ? { ...read, start, end } : read
    if (corrected.action === 'flow') this.#joinerOf(base.version).add(corrected)
    else this.#sink.exported(aloneFlow(corrected), base.version)
  }

  #joinerOf(version: string): FlowJoiner<NfRecord> {
    const known = this.#joiners.get(version)
    if (known !== undefined) return known
    const joiner = new FlowJoiner<NfRecord>({
      flow: flow => this.#sink.exported(flow, version),
      repeated: () => undefined,
    })
    this.#joiners.set(version, joiner)
    return joiner
  }

  #recordOf(base: Base, record: ExportedRecord, at: Moment, sampling: number | undefined): NfRecord | undefined {
    const value = (field: number): number | undefined => {
      const bytes = record.get(field)
      return bytes === undefined ? undefined : numberOf(bytes)
    }
    const address = (four: number, six: number): string => addressOf(record.get(four) ?? record.get(six))
    const srcIp = address(FIELD.sourceIpv4, FIELD.sourceIpv6)
    const dstIp = address(FIELD.targetIpv4, FIELD.targetIpv6)
    if (srcIp === '' || dstIp === '') return undefined
    const protocol = protocolName(String(value(FIELD.protocol) ?? ''))
    const isIcmp = protocol === 'icmp' || protocol === 'icmp6'
    const type = value(FIELD.icmpType) ?? value(FIELD.icmp6Type) ?? value(FIELD.targetPort) ?? 0
    const [start, end] = this.#times(base, record)
    const flags = value(FIELD.tcpFlags)
    const packetsBack = value(FIELD.responderPackets) ?? value(FIELD.outPackets)
    const isTwoWay = (packetsBack ?? 0) > 0 && (value(FIELD.packets) ?? value(FIELD.initiatorPackets)) !== undefined
    const event = value(FIELD.firewallEvent)
    return {
      protocol,
      srcIp,
      srcPort: isIcmp ? type >> 8 : value(FIELD.sourcePort),
      dstIp,
      dstPort: isIcmp ? type & 255 : value(FIELD.targetPort),
      start,
      end,
      bytes: value(FIELD.bytes) ?? value(FIELD.initiatorBytes) ?? value(FIELD.totalBytes) ?? value(FIELD.outBytes),
      packets: value(FIELD.packets) ?? value(FIELD.initiatorPackets) ?? value(FIELD.totalPackets) ?? value(FIELD.outPackets),
      bytesBack: isTwoWay ? (value(FIELD.responderBytes) ?? value(FIELD.outBytes)) : undefined,
      packetsBack: isTwoWay ? packetsBack : undefined,
      flags: protocol === 'tcp' && flags !== undefined && (flags & 0xff) !== 0 ? flags & 0xff : undefined,
      sensor: base.domain === 0 ? base.exporter : `${base.exporter}/${base.domain}`,
      precision: record.has(FIELD.startSeconds) ? 1e6 : record.has(FIELD.startMicroseconds) ? 1 : MICROS_PER_MILLISECOND,
      record: at.record,
      offset: at.offset,
      original: originalFields(originalOf(record)),
      action: event === 1 ? 'open' : event === 2 ? 'close' : event === 3 ? 'deny' : 'flow',
      natSrcIp: known(address(FIELD.natSourceIpv4, FIELD.natSourceIpv6)),
      natSrcPort: value(FIELD.natSourcePort) || undefined,
      natDstIp: known(address(FIELD.natTargetIpv4, FIELD.natTargetIpv6)),
      natDstPort: value(FIELD.natTargetPort) || undefined,
      user: '',
      received: Number.isNaN(at.time) ? undefined : (at.time as Micros),
      isSampled: sampling !== undefined,
      sampling,
      ttl: value(FIELD.ipTtl) ?? value(FIELD.minTtl),
    }
  }

  /** Start and end in microseconds, by whichever clock the exporter uses. */
  #times(base: Base, record: ExportedRecord): readonly [number | undefined, number | undefined] {
    const pick = (...fields: readonly (readonly [field: number, read: (bytes: Uint8Array) => number])[]): number | undefined => {
      for (const [field, read] of fields) {
        const bytes = record.get(field)
        if (bytes !== undefined) return read(bytes)
      }
      return undefined
    }
    const seconds = (bytes: Uint8Array): number => numberOf(bytes) * 1e6
    const milliseconds = (bytes: Uint8Array): number => numberOf(bytes) * 1e3
    const uptime = (bytes: Uint8Array): number => this.#ofUptime(base, numberOf(bytes)) * 1e3
    const before = (bytes: Uint8Array): number => base.sent * 1e3 - numberOf(bytes)
    const start = pick(
      [FIELD.startMilliseconds, milliseconds],
      [FIELD.startMicroseconds, ntpMicros],
      [FIELD.startNanoseconds, ntpMicros],
      [FIELD.startSeconds, seconds],
      [FIELD.firstSwitched, uptime],
      [FIELD.startDelta, before],
      [FIELD.observed, milliseconds],
    )
    const end = pick(
      [FIELD.endMilliseconds, milliseconds],
      [FIELD.endMicroseconds, ntpMicros],
      [FIELD.endNanoseconds, ntpMicros],
      [FIELD.endSeconds, seconds],
      [FIELD.lastSwitched, uptime],
      [FIELD.endDelta, before],
      [FIELD.observed, milliseconds],
    )
    return [start, end]
  }

  /** Milliseconds since 1970 of an uptime: how long before the message it was, modulo the counter's 49.7 days. */
  #ofUptime(base: Base, uptime: number): number {
    const started = this.#started.get(sourceOf(base))
    const now = base.uptime ?? (started === undefined ? undefined : base.sent - started)
    if (now === undefined) return base.sent
    const age = (((now - uptime) % WRAP) + WRAP) % WRAP
    return base.sent - (age > WRAP - AHEAD_TOLERANCE ? age - WRAP : age)
  }
}

const NOTHING = new Uint8Array(0)
const sourceOf = ({ exporter, domain, version }: Base): string => `${exporter}|${domain}|${version}`
const known = (address: string): string => (address === '0.0.0.0' || address === '::' ? '' : address)

/** Unsigned, of up to eight bytes. */
export function numberOf(bytes: Uint8Array): number {
  let value = 0
  for (const byte of bytes.subarray(0, 8)) value = value * 256 + byte
  return value
}

/** Seconds since 1900 and fractions of 2^-32 (RFC 7011, section 6.1.9). */
function ntpMicros(bytes: Uint8Array): number {
  const seconds = numberOf(bytes.subarray(0, 4)) - 2_208_988_800
  return seconds * 1e6 + Math.floor((numberOf(bytes.subarray(4, 8)) * 1e6) / WRAP)
}

function addressOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return ''
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return ''
  const word = (at: number): number => u32(bytes, at) | 0
  return addressText(6, word(0), word(4), word(8), word(12))
}

/** Names by IANA's number (iana.org/assignments/ipfix). */
function originalOf(record: ExportedRecord): Readonly<Record<string, string>> {
  const names = new Map<number, string>(Object.entries(FIELD).map(([name, id]) => [id, name]))
  return Object.fromEntries(
    [...record]
      .slice(0, 64)
      .map(([id, bytes]): [string, string] => [
        names.get(id) ?? `field${id}`,
        bytes.length <= 8 && bytes.length !== 4 ? String(numberOf(bytes)) : addressOf(bytes) || String(numberOf(bytes)),
      ]),
  )
}
