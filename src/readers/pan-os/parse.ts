import type { Micros } from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { csvCells } from '../carriers/csv-line.ts'
import { parseSyslogLine, type Stamp } from '../carriers/syslog-envelope.ts'
import { columnsOf } from './columns.ts'

/** One record of PAN-OS, with the header a collector put in front. */
export interface PanLine {
  readonly fields: Readonly<Record<string, string>>
  readonly header: Stamp | undefined
  readonly headerHost: string
}

/** "1,2023/08/15 05:34:25,001801000001,TRAFFIC,end,": where the record begins, behind any header. */
const RECORD =
  /(?:^|[\s,:])(?=[^,\s]{0,20},\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d,[^,]{0,32},(?:TRAFFIC|THREAT|GLOBALPROTECT|CONFIG|SYSTEM|AUTHENTICATION|USERID|HIP-?MATCH|CORRELATION|DECRYPTION|SCTP|GTP|IPTAG|AUDIT),)/
const LONGEST_HEADER = 1024

/** Reads a line of syslog or of an exported CSV; undefined when it is no PAN-OS record. */
export function parsePanLine(line: string): PanLine | undefined {
  const start = RECORD.exec(line.slice(0, LONGEST_HEADER))
  if (!start) return undefined
  const at = start.index + start[0].length
  const cells = csvCells(line.slice(at))
  const columns = columnsOf(cells[3] ?? '')
  if (!columns) return undefined
  const fields: Record<string, string> = {}
  for (const [index, name] of columns.entries()) if (name !== '' && cells[index] !== undefined) fields[name] = cells[index] ?? ''
  const envelope = at > 4 ? parseSyslogLine(line.slice(0, at)) : undefined
  return { fields, header: envelope?.stamp, headerHost: envelope?.host ?? '' }
}

/** The first line of a CSV export of the web interface. */
export function isPanHeader(line: string): boolean {
  return /^\uFEFF?"?Domain"?,"?Receive Time"?,"?Serial #"?,"?Type"?,/.test(line)
}

/** "2023/08/15 05:34:25" in the zone of the device, which no record names. */
export function panTime(text: string | undefined, zone: Zone): Micros | undefined {
  const match = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text ?? '')
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return zone.microsOf({ year, month, day, hour, minute, second })
}
