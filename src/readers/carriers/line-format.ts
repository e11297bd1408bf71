import {
  contentHash,
  type EventFields,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type FormatAbout,
  type Line,
  type Micros,
  type OriginalRecord,
  originalLine,
  type Reader,
  type SecurityEvent,
} from '../../model/index.ts'
import { isUnsetClock, type Zone } from './clock.ts'
import { excerptOf, PartDiagnostics } from './part-diagnostics.ts'
import { rotationStem } from './rotation.ts'
import { mayHoldTimes, shareOfDatedLines, shareOfLines } from './sample-share.ts'
import { sourceZone } from './source-zone.ts'
import type { Stamp } from './syslog-envelope.ts'
import { UNKNOWN_YEAR, type YearKeeper, yearKeeperOf } from './yearless.ts'

/** One record of a line format as its parser gives it. */
export interface LineRecord {
  readonly fields: EventFields
  /** Undefined when the record has no time or an impossible one. */
  readonly time: Micros | undefined
  readonly alsoRecorded?: Readonly<Record<string, Micros>>
  /** The recording machine where the line names it. */
  readonly host?: string
  /** Where it is not the format's own. */
  readonly product?: string
  readonly code?: string
  readonly original?: OriginalRecord
  /** What makes the record the same in another copy, where it is not the line. */
  readonly identity?: string
}

/** What a parser may ask about the part it reads. */
export interface LineContext {
  readonly part: EvidencePart
  readonly zone: Zone
  readonly diagnostics: PartDiagnostics
  /** Year of a record without one; says once that none is known. */
  yearOf(stamp: Pick<Stamp, 'month' | 'day'>, line: Line): number
}

/** Records of a line: none ("passed over": a head or a comment), some, or undefined when the line is none of this format. */
export type LineOutcome = LineRecord | readonly LineRecord[] | 'passed over' | undefined

/** A format whose records are lines. */
export interface LineFormat {
  readonly format: string
  readonly title: string
  readonly version: number
  readonly about: FormatAbout
  /** `product` of the events, where it is not the format. */
  readonly product?: string
  /** Lines that later parts need, too. */
  readonly headerPrefix?: string
  /** Records of this format never have times. */
  readonly timeless?: true
  /** A file that holds only its head is one of this format, too; or its times are written in a way of its own. */
  readonly hasHead?: true
  recognise(sample: EvidenceSample): number
  /** Does a line go on with the record before it (a stack trace)? `before` is that record as far as it was read. */
  continues?(text: string, before: string): boolean
  /** A parser for one part. */
  open(context: LineContext): (text: string, line: Line) => LineOutcome
}

/** What is longer is not continued: a stack trace fits many times. */
const MAX_CONTINUATION = 65_536

/** Score of a sample by the share of its lines that are the format's; `all` where every line is. */
export function scoreOfLines(sample: EvidenceSample, isMine: (line: string) => boolean, all = 90): number {
  return scoreOfShare(shareOfLines(sample, isMine), all)
}

/** The same for formats whose every record writes its time. */
export function scoreOfDatedLines(sample: EvidenceSample, isMine: (line: string) => boolean, all = 90): number {
  return scoreOfShare(shareOfDatedLines(sample, isMine), all)
}

function scoreOfShare(share: number, all: number): number {
  if (share >= 0.95) return all
  if (share >= 0.6) return Math.min(all, 70)
  return share >= 0.3 ? 30 : 0
}

/** The reader of a line format: one line in, one event or one diagnostic out. */
export function lineReader(format: LineFormat): Reader {
  const { format: name, title, version, about, headerPrefix, timeless, hasHead, recognise } = format
  return {
    format: name,
    title,
    version,
    split: headerPrefix === undefined ? { by: 'lines' } : { by: 'lines', headerPrefix },
    about,
    recognise: sample => (timeless || hasHead || mayHoldTimes(sample) ? recognise(sample) : 0),
    read: (part, sink) => readLines(format, part, sink),
  }
}

function readLines(format: LineFormat, part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const years = yearsOf(format, part, diagnostics)
  const emit = emitter(format, part, sink, diagnostics, years)
  const parse = format.open({ part, zone: sourceZone(part, diagnostics), diagnostics, yearOf: years.yearOf })
  let pending: { readonly line: Line; text: string } | undefined
  const settle = () => {
    if (!pending) return
    const { line, text } = pending
    const outcome = parse(text, line)
    if (outcome === undefined)
      diagnostics.each(line, {
        code: `${format.format}/unreadable-line`,
        level: 'warning',
        message: `not a line of this format (${format.title}): ${excerptOf(text)}`,
      })
    else if (outcome !== 'passed over') for (const [index, record] of [outcome].flat().entries()) emit(record, text, line, index)
    pending = undefined
  }
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text.trim() === '') continue
    if (pending && format.continues?.(text, pending.text) && pending.text.length + text.length < MAX_CONTINUATION)
      pending.text += `\n${text}`
    else {
      settle()
      pending = { line, text }
    }
  }
  settle()
  diagnostics.finish()
}

/** Hands records over with everything the formats have in common. */
function emitter(format: LineFormat, part: EvidencePart, sink: EventSink, diagnostics: PartDiagnostics, years: Years) {
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  return (record: LineRecord, text: string, line: Line, index: number): void => {
    const { fields, time, alsoRecorded, product = format.product ?? format.format, code = '', identity } = record
    const host = record.host?.toLowerCase() || partHost
    // The year that stands for an unknown one is no unset clock.
    const known = time !== undefined && (years.areUnknown() || !isUnsetClock(time)) ? time : undefined
    if (known === undefined && !format.timeless)
      diagnostics.once(line, {
        code: `${format.format}/bad-time`,
        level: 'note',
        message: `no time in "${excerptOf(text)}"; the record is kept without one`,
      })
    sink.event({
      ...fields,
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time: known,
      ...(alsoRecorded ? { alsoRecorded } : {}),
      host,
      series: `${format.format}|${host}|${stem}`,
      identity: contentHash(identity ?? text, index),
      product,
      code,
      original: record.original ?? originalLine(text),
    } as SecurityEvent)
  }
}

interface Years {
  readonly yearOf: LineContext['yearOf']
  /** Was a year asked for that nobody knows? */
  areUnknown(): boolean
}

function yearsOf(format: LineFormat, part: EvidencePart, diagnostics: PartDiagnostics): Years {
  let years: YearKeeper | undefined
  return {
    areUnknown: () => years?.basis === 'unknown',
    yearOf(stamp, line) {
      years ??= yearKeeperOf(part)
      if (years.basis === 'unknown')
        diagnostics.once(line, {
          code: `${format.format}/no-year`,
          level: 'warning',
          message: `the log has no years, and none is known; ${UNKNOWN_YEAR} is used so that the order stays right`,
          hint: "give the year of the first record: --source 'GLOB=year:2023'",
        })
      return years.yearOf(stamp)
    },
  }
}
