import {
  contentHash,
  type EventFields,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type FormatAbout,
  type Line,
  type Micros,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { isUnsetClock, type Zone } from './clock.ts'
import { excerptOf, PartDiagnostics } from './part-diagnostics.ts'
import { rotationStem } from './rotation.ts'
import { shareOfDatedLines } from './sample-share.ts'
import { sourceZone } from './source-zone.ts'
import { stampTimes } from './stamp-times.ts'
import type { Stamp } from './syslog-envelope.ts'
import { timeOfStampNear } from './yearless.ts'

/** One line of a device's log, cut into fields, and what it means. */
export interface DeviceRecord {
  /** The device's own time where it is a point in time; wins over `stamp`. */
  readonly time?: Micros | undefined
  /** The device's own time as written, perhaps without year or zone. */
  readonly stamp?: Stamp | undefined
  /** The time a collector put in front, where the device wrote its own. */
  readonly header?: Stamp | undefined
  /** Further times of the record, such as the start of a flow. */
  readonly also?: Readonly<Record<string, Micros | undefined>>
  /** As logged; '' when the line does not say. */
  readonly host: string
  readonly code: string
  readonly fields: Readonly<Record<string, string>>
  readonly meanings: readonly EventFields[]
}

/** Reads lines of one item; undefined for a line that is none, 'header' for one that belongs to the format and is no record. */
export type DeviceLineParser = (line: string) => DeviceRecord | 'header' | undefined

/** What a device log adds to the common way of reading lines. */
export interface DeviceFormat {
  readonly format: string
  readonly title: string
  readonly version: number
  readonly product: string
  /** "PAN-OS record": what an unreadable line is not. */
  readonly record: string
  /** Lines that later lines need, handed to every part. */
  readonly headerPrefix?: string
  /** Score when most lines are this format's. */
  readonly certain: number
  isMine(line: string): boolean
  /** Is the line one that only stands at the beginning of this format's files? */
  isHeader?(line: string): boolean
  parser(part: EvidencePart, zone: Zone): DeviceLineParser
  readonly about: FormatAbout
}

/** A reader of text logs with one record a line: times, years, host, series and identity as in all of them. */
export function deviceReader(format: DeviceFormat): Reader {
  return {
    format: format.format,
    title: format.title,
    version: format.version,
    split: { by: 'lines', ...(format.headerPrefix === undefined ? {} : { headerPrefix: format.headerPrefix }) },
    about: format.about,
    recognise: sample => recognise(format, sample),
    read: (part, sink) => read(format, part, sink),
  }
}

function recognise({ isMine, isHeader, certain }: DeviceFormat, sample: EvidenceSample): number {
  if (isHeader && sample.encoding !== undefined && isHeader(sample.lines[0] ?? '')) return certain
  const share = shareOfDatedLines(sample, isMine)
  if (share >= 0.8) return certain
  // Other devices may write into the same collector file; the reader of syslog takes what is mostly theirs.
  return share >= 0.4 ? Math.min(certain, 89) : 0
}

function read(format: DeviceFormat, part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const zone = sourceZone(part, diagnostics)
  const parse = format.parser(part, zone)
  const timeOf = timekeeper(format, part, zone, diagnostics)
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text === '') continue
    const record = parse(text)
    if (record === 'header') continue
    if (!record) {
      diagnostics.each(line, {
        code: `${format.format}/unreadable-line`,
        level: 'warning',
        message: `no ${format.record}: ${excerptOf(text)}`,
      })
      continue
    }
    const host = record.host.toLowerCase() || partHost
    const time = timeOf(record, line)
    const header = record.header && timeOfStampNear(record.header, zone, time)
    const base = {
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time,
      ...alsoRecorded({ header, ...record.also }),
      host,
      series: `${format.format}|${host}|${stem}`,
      identity: contentHash(text),
      product: format.product,
      code: record.code,
      original: originalFields(record.fields, text),
    }
    for (const meaning of record.meanings)
      sink.event({ ...base, ...(meaning.kind === 'network_activity' ? { sensor: host, ...meaning } : meaning) })
  }
  diagnostics.finish()
}

function alsoRecorded(times: Readonly<Record<string, Micros | undefined>>): {
  readonly alsoRecorded?: Readonly<Record<string, Micros>>
} {
  const known: Record<string, Micros> = {}
  for (const [name, time] of Object.entries(times)) if (time !== undefined) known[name] = time
  return Object.keys(known).length === 0 ? {} : { alsoRecorded: known }
}

function timekeeper(
  { format }: DeviceFormat,
  part: EvidencePart,
  zone: Zone,
  diagnostics: PartDiagnostics,
): (record: DeviceRecord, line: Line) => Micros | undefined {
  const timeOf = stampTimes(part, zone, diagnostics, format)
  return ({ time: own, stamp, header }, line) => {
    const written = stamp ?? header
    const time = own ?? (written && timeOf(written, line))
    if (time !== undefined && !(own !== undefined && isUnsetClock(own))) return time
    diagnostics.once(line, {
      code: `${format}/bad-time`,
      level: 'note',
      message: 'the line has no usable time; the record is kept without one',
    })
    return undefined
  }
}
