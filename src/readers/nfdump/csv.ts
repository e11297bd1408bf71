import {
  canonicalAddress,
  isAddress,
  MICROS_PER_MILLISECOND,
  type Micros,
  micros,
  type OriginalRecord,
} from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { protocolName } from '../meanings/flow.ts'
import { flagsOf } from '../meanings/flow-join.ts'
import type { NfRecord } from '../meanings/netflow-record.ts'

/** `-o csv` of nfdump up to 1.7.2 (nfdump(1): "legacy"); also written without this line. */
const LEGACY =
  'ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,svln,dvln,ismc,odmc,idmc,osmc,mpls1,mpls2,mpls3,mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,mpls10,cl,sl,al,ra,eng,exid,tr'.split(
    ',',
  )

/** Names of nfdump 1.7.3 and later (`-o csv`, `-o csv:FORMAT`, `-o csv-fast`) and of the legacy line, by what they mean. */
const MEANINGS: Readonly<Record<string, string>> = {
  ts: 'start',
  firstSeen: 'start',
  te: 'end',
  lastSeen: 'end',
  td: 'duration',
  duration: 'duration',
  tr: 'received',
  received: 'received',
  sa: 'srcIp',
  srcAddr: 'srcIp',
  da: 'dstIp',
  dstAddr: 'dstIp',
  sp: 'srcPort',
  srcPort: 'srcPort',
  dp: 'dstPort',
  dstPort: 'dstPort',
  pr: 'protocol',
  proto: 'protocol',
  flg: 'flags',
  flags: 'flags',
  ipkt: 'packets',
  inPackets: 'packets',
  packets: 'packets',
  ibyt: 'bytes',
  inBytes: 'bytes',
  bytes: 'bytes',
  opkt: 'packetsBack',
  outPackets: 'packetsBack',
  obyt: 'bytesBack',
  outBytes: 'bytesBack',
  ra: 'sensor',
  routerIP: 'sensor',
  exporterID: 'exporter',
  exid: 'exporter',
  srcXIP: 'natSrcIp',
  dstXIP: 'natDstIp',
  srcXPort: 'natSrcPort',
  dstXPort: 'natDstPort',
  event: 'event',
  nselUser: 'user',
  icmpTYpe: 'icmpType',
  icmpType: 'icmpType',
  icmpCode: 'icmpCode',
  minTTL: 'ttl',
}

/** Where each meaning stands in a row. */
export interface CsvLayout {
  readonly names: readonly string[]
  readonly at: ReadonlyMap<string, number>
}

const layoutOf = (names: readonly string[]): CsvLayout => ({
  names,
  at: new Map(
    names.flatMap((name, index): [string, number][] => {
      const meaning = MEANINGS[name]
      return meaning === undefined ? [] : [[meaning, index]]
    }),
  ),
})

const LEGACY_LAYOUT = layoutOf(LEGACY)

/** The layout a header line gives; undefined when the line is none. */
export function headerOf(line: string): CsvLayout | undefined {
  if (!/^[A-Za-z]/.test(line)) return undefined
  const names = line
    .replace(/,\s*$/, '')
    .split(',')
    .map(name => name.trim())
  const layout = layoutOf(names)
  const has = (meaning: string): boolean => layout.at.has(meaning)
  return has('srcIp') && has('dstIp') && (has('bytes') || has('packets') || has('start')) ? layout : undefined
}

/** The layout of rows without a header line: 48 cells that begin with two times. */
export function headerless(line: string): CsvLayout | undefined {
  const cells = line.split(',')
  const isRow = cells.length >= 48 && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(cells[0] ?? '') && isAddress(cells[3]?.trim() ?? '')
  return isRow ? LEGACY_LAYOUT : undefined
}

/** The line of a statistic (`-s`): sums of many flows. */
export function isStatistic(line: string): boolean {
  return /^ts,te,td,pr,val,/.test(line) || /^firstSeen,.*\bval\b/.test(line)
}

/** One row; undefined when it has no two addresses. `precision` is what its own times show. */
export function csvRecord(
  line: string,
  { names, at }: CsvLayout,
  zone: Zone,
  place: { readonly record: number; readonly offset: number },
): NfRecord | undefined {
  const cells = line.split(',')
  const cell = (meaning: string): string => {
    const index = at.get(meaning)
    return index === undefined ? '' : (cells[index] ?? '').trim()
  }
  const srcIp = canonicalAddress(cell('srcIp'))
  const dstIp = canonicalAddress(cell('dstIp'))
  if (!isAddress(srcIp) || !isAddress(dstIp)) return undefined
  const protocol = protocolName(cell('protocol'))
  const start = timeOf(cell('start'), zone)
  const end = timeOf(cell('end'), zone)
  const duration = number(cell('duration'))
  const isIcmp = protocol === 'icmp' || protocol === 'icmp6'
  const [type = '', code = ''] = cell('dstPort').split('.')
  const flags = flagsOf(cell('flags'))
  const packetsBack = number(cell('packetsBack'))
  const isTwoWay = (packetsBack ?? 0) > 0
  return {
    protocol,
    srcIp,
    srcPort: isIcmp ? number(cell('icmpType') || type) : number(cell('srcPort')),
    dstIp,
    dstPort: isIcmp ? number(cell('icmpCode') || code || '0') : number(cell('dstPort')),
    start: start.time,
    // The duration has milliseconds where the times have not.
    end: start.time !== undefined && duration !== undefined && duration >= 0 ? start.time + Math.round(duration * 1e6) : end.time,
    bytes: number(cell('bytes')),
    packets: number(cell('packets')),
    bytesBack: isTwoWay ? number(cell('bytesBack')) : undefined,
    packetsBack: isTwoWay ? packetsBack : undefined,
    // A TCP connection without any flag: the exporter does not tell them.
    flags: protocol === 'tcp' && flags !== 0 ? flags : undefined,
    sensor: known(cell('sensor')) || cell('exporter'),
    precision: start.precision,
    ...place,
    original: new CsvOriginal(names, line),
    action: actionOf(cell('event')),
    natSrcIp: known(cell('natSrcIp')),
    natSrcPort: number(cell('natSrcPort')) || undefined,
    natDstIp: known(cell('natDstIp')),
    natDstPort: number(cell('natDstPort')) || undefined,
    user: cell('user') === '<empty>' ? '' : cell('user'),
    received: timeOf(cell('received'), zone).time,
    isSampled: false,
    sampling: undefined,
    ttl: number(cell('ttl')),
  }
}

/** The row by its header's names; taken apart when somebody asks. */
class CsvOriginal implements OriginalRecord {
  readonly #names: readonly string[]
  readonly #line: string

  constructor(names: readonly string[], line: string) {
    this.#names = names
    this.#line = line
  }

  get(name: string): string | undefined {
    const index = this.#names.indexOf(name)
    return index < 0 ? undefined : this.#line.split(',')[index]?.trim()
  }

  names(): readonly string[] {
    return this.#names
  }

  /** What is zero or empty in most rows (labels, masks, hardware addresses) is left out. */
  text(): string {
    const cells = this.#line.split(',')
    const fields: Record<string, string> = {}
    for (const [index, name] of this.#names.entries()) {
      const cell = (cells[index] ?? '').trim()
      if (!UNSET.test(cell)) fields[name] = cell
    }
    return JSON.stringify(fields)
  }
}

const UNSET = /^(?:|0|0\.000|0\.0\.0\.0|00:00:00:00:00:00|0-0-0|0\/0)$/

const known = (address: string): string =>
  address === '' || address === '0.0.0.0' || address === '::' ? '' : canonicalAddress(address)

function number(text: string): number | undefined {
  if (text === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** Events of firewalls: nfdump(1), %evt. */
export function actionOf(event: string): string {
  if (/^(?:create|add)|^1$/i.test(event)) return 'open'
  if (/^(?:delete|teardown)|^2$/i.test(event)) return 'close'
  if (/^(?:denied|deny)|^3$/i.test(event)) return 'deny'
  return 'flow'
}

const CIVIL = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z)?$/

/** A civil time of the machine that ran nfdump, milliseconds or seconds since 1970; with how fine it is told. */
export function timeOf(text: string, zone: Zone): PrintedTime {
  // Neighbouring rows mostly carry the same seconds.
  const known = zone === lastZone ? lastTimes.get(text) : undefined
  if (known !== undefined) return known
  if (zone !== lastZone || lastTimes.size > 500) lastTimes.clear()
  lastZone = zone
  const read = readTime(text, zone)
  lastTimes.set(text, read)
  return read
}

interface PrintedTime {
  readonly time: Micros | undefined
  readonly precision: number
}

let lastZone: Zone | undefined
const lastTimes = new Map<string, PrintedTime>()

function readTime(text: string, zone: Zone): PrintedTime {
  if (/^\d{12,14}$/.test(text)) return whole(Number(text) * MICROS_PER_MILLISECOND, MICROS_PER_MILLISECOND)
  const seconds = /^(\d{9,10})(\.\d{1,6})?$/.exec(text)
  if (seconds) return whole(Math.round(Number(text) * 1e6), seconds[2] === undefined ? 1e6 : MICROS_PER_MILLISECOND)
  const match = CIVIL.exec(text)
  if (!match) return { time: undefined, precision: 1e6 }
  const [, year, month, day, hour, minute, second, fraction] = match
  const civil = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  }
  const precision = fraction === undefined ? 1e6 : 10 ** (6 - Math.min(6, fraction.length))
  const time = zone.microsOf(civil, Number((fraction ?? '').padEnd(6, '0')))
  return whole(time ?? 0, precision)
}

/** nfdump writes 0 where a time is not known. */
function whole(time: number, precision: number): PrintedTime {
  return { time: time > 0 ? micros(time) : undefined, precision }
}
