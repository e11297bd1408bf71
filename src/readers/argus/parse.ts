import { canonicalAddress, isAddress, type Micros, micros, type OriginalRecord } from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { protocolName } from '../meanings/flow.ts'
import { type FlowPiece, flagsOf } from '../meanings/flow-join.ts'

/** Names of ra(1)'s columns by what they mean; titles differ in case between versions. */
const MEANINGS: Readonly<Record<string, string>> = {
  starttime: 'start',
  stime: 'start',
  lasttime: 'end',
  ltime: 'end',
  dur: 'duration',
  proto: 'protocol',
  srcaddr: 'srcIp',
  saddr: 'srcIp',
  sport: 'srcPort',
  dir: 'direction',
  dstaddr: 'dstIp',
  daddr: 'dstIp',
  dport: 'dstPort',
  state: 'state',
  totpkts: 'packets',
  pkts: 'packets',
  totbytes: 'bytes',
  bytes: 'bytes',
  srcpkts: 'srcPackets',
  spkts: 'srcPackets',
  dstpkts: 'dstPackets',
  dpkts: 'dstPackets',
  srcbytes: 'srcBytes',
  sbytes: 'srcBytes',
  dstbytes: 'dstBytes',
  dbytes: 'dstBytes',
  srcid: 'sensor',
  sid: 'sensor',
  sttl: 'srcTtl',
  dttl: 'dstTtl',
}

/** How the columns of a file are laid out. */
export interface ArgusLayout {
  readonly separator: string
  readonly names: readonly string[]
  readonly at: ReadonlyMap<string, number>
}

/** The layout a header line gives; undefined when the line is none. */
export function headerOf(line: string): ArgusLayout | undefined {
  if (!/^\s*(?:StartTime|stime|SrcAddr|saddr|Proto|SrcId|LastTime|Flgs|Rank|Dur)\b/i.test(line)) return undefined
  const separator = [',', '\t', '|', ';'].find(sign => line.includes(sign))
  if (separator === undefined) return undefined
  const names = line.split(separator).map(name => name.trim())
  const at = new Map(
    names.flatMap((name, index): [string, number][] => {
      const meaning = MEANINGS[name.toLowerCase()]
      return meaning === undefined ? [] : [[meaning, index]]
    }),
  )
  return ['srcIp', 'dstIp', 'protocol'].every(meaning => at.has(meaning)) ? { separator, names, at } : undefined
}

/** ra's table with blanks between the columns: where a column is empty, the others cannot be told apart. */
export function isBlankTable(line: string): boolean {
  return /^\s*StartTime\s+(?:Flgs\s+)?Proto\s+SrcAddr\s+Sport\s+Dir\s+DstAddr\s+Dport\b/.test(line)
}

/** One record; bidirectional, as Argus keeps them. */
export interface ArgusRecord extends FlowPiece {
  /** Did the source open it? Undefined when Argus says that it does not know. */
  readonly opener: 'src' | 'dst' | undefined
  /** As written: flags of both sides ("FSPA_FSPA") or a word ("REQ"). */
  readonly state: string
  readonly ttlOut: number | undefined
  readonly ttlIn: number | undefined
  /** Flags the other side sent. */
  readonly flagsBack: number | undefined
}

/** A row that is no conversation of two IP addresses. */
export type OtherRow = 'management' | 'not IP' | 'unreadable'

/** One row of the file. */
export function argusRecord(
  line: string,
  { separator, names, at }: ArgusLayout,
  zone: Zone,
  place: { readonly record: number; readonly offset: number },
): ArgusRecord | OtherRow {
  const cells = line.split(separator)
  const cell = (meaning: string): string => {
    const index = at.get(meaning)
    return index === undefined ? '' : (cells[index] ?? '').trim()
  }
  const protocol = protocolName(cell('protocol'))
  if (protocol === 'man') return 'management'
  const srcIp = canonicalAddress(cell('srcIp'))
  const dstIp = canonicalAddress(cell('dstIp'))
  if (protocol === '' || (srcIp === '' && dstIp === '')) return 'unreadable'
  if (protocol === 'arp' || protocol === 'rarp' || protocol === 'llc' || !isAddress(srcIp) || !isAddress(dstIp)) return 'not IP'
  const start = timeOf(cell('start'), zone)
  const duration = number(cell('duration'))
  const end = timeOf(cell('end'), zone).time
  const total = number(cell('bytes'))
  const packets = number(cell('packets'))
  const srcBytes = number(cell('srcBytes'))
  const srcPackets = number(cell('srcPackets'))
  const state = cell('state')
  const [sent, got] = /^[A-Z]*_[A-Z]*$/.test(state) ? state.split('_') : [undefined, undefined]
  return {
    protocol,
    srcIp,
    srcPort: port(cell('srcPort')),
    dstIp,
    dstPort: port(cell('dstPort')),
    start: start.time,
    end: start.time !== undefined && duration !== undefined && duration >= 0 ? start.time + Math.round(duration * 1e6) : end,
    bytes: srcBytes,
    packets: srcPackets,
    bytesBack: number(cell('dstBytes')) ?? rest(total, srcBytes),
    packetsBack: number(cell('dstPackets')) ?? rest(packets, srcPackets),
    flags: sent === undefined ? undefined : (flagsOf(sent) ?? 0),
    flagsBack: got === undefined ? undefined : (flagsOf(got) ?? 0),
    sensor: cell('sensor'),
    precision: start.precision,
    ...place,
    original: new ArgusOriginal(names, separator, line),
    opener: openerOf(cell('direction')),
    state,
    ttlOut: number(cell('srcTtl')),
    ttlIn: number(cell('dstTtl')),
  }
}

const rest = (total: number | undefined, part: number | undefined): number | undefined =>
  total === undefined || part === undefined || part > total ? undefined : total - part

function number(text: string): number | undefined {
  if (text === '' || text === '*') return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** Ports as numbers, hexadecimal for ICMP's type and code; names (without `ra -n`) are not numbers. */
function port(text: string): number | undefined {
  const value = number(text)
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 65_535 ? value : undefined
}

/** Column dir: "->" the source opened it, "<-" the other side, "?" says that this is not known. */
function openerOf(direction: string): ArgusRecord['opener'] {
  if (direction.includes('?')) return undefined
  if (direction === '<-') return 'dst'
  return direction.includes('>') ? 'src' : undefined
}

const CIVIL = /^(\d{4})[/-](\d\d)[/-](\d\d)[ .T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/

/** A civil time of the machine that ran ra, or seconds since 1970 (`ra -u`). */
function timeOf(text: string, zone: Zone): { readonly time: Micros | undefined; readonly precision: number } {
  const seconds = /^(\d{1,10})\.(\d{1,6})$/.exec(text)
  if (seconds) return { time: micros(Number(text) * 1e6), precision: precisionOf(seconds[2]) }
  const match = CIVIL.exec(text)
  if (!match) return { time: undefined, precision: 1 }
  const [, year, month, day, hour, minute, second, fraction] = match
  const civil = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  }
  return { time: zone.microsOf(civil, Number((fraction ?? '').padEnd(6, '0'))), precision: precisionOf(fraction) }
}

/** What so many digits of a second tell, in microseconds. */
const precisionOf = (fraction: string | undefined): number => 10 ** (6 - (fraction?.length ?? 0))

/** The row by its header's names. */
class ArgusOriginal implements OriginalRecord {
  readonly #names: readonly string[]
  readonly #separator: string
  readonly #line: string

  constructor(names: readonly string[], separator: string, line: string) {
    this.#names = names
    this.#separator = separator
    this.#line = line
  }

  get(name: string): string | undefined {
    const index = this.#names.indexOf(name)
    return index < 0 ? undefined : this.#line.split(this.#separator)[index]?.trim()
  }

  names(): readonly string[] {
    return this.#names
  }

  text(): string {
    const cells = this.#line.split(this.#separator)
    return JSON.stringify(
      Object.fromEntries(
        this.#names.flatMap((name, index): [string, string][] => {
          const cell = (cells[index] ?? '').trim()
          return cell === '' ? [] : [[name, cell]]
        }),
      ),
    )
  }
}
