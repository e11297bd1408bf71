import { contentHash, type EventSink, type EvidencePart, originalFields, type SecurityEvent } from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { excerptOf, type PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { type DateOrder, timeOfCell, UTC } from './cell-time.ts'
import type { Head } from './head.ts'
import { CORRECTABLE, type Mapping, timeText } from './mapping.ts'
import { saysUtc } from './names.ts'
import { fieldsOfRow, type Row } from './row.ts'

/** How the rows of a table are read from here on. */
export interface TableForm {
  readonly head: Head
  readonly mapping: Mapping
  readonly order: DateOrder | undefined
}

/** Says how the table is read; a guess is a warning. */
export function sayMapping(mapping: Mapping, diagnostics: PartDiagnostics): void {
  const { kind, kindColumns, columns, sureness, said, unused, refused } = mapping
  const left =
    unused.length === 0
      ? ''
      : `; only kept: ${unused.slice(0, 20).join(', ')}${unused.length > 20 ? ` and ${unused.length - 20} more` : ''}`
  diagnostics.once(
    { offset: 0 },
    {
      code: 'table/mapping',
      level: sureness === 'unsure' ? 'warning' : 'note',
      message: excerpt(
        `rows are read as ${kind}${kindColumns.length > 0 ? `, or as their ${kindColumns.join(', ')} says` : ''}, confidence ${CONFIDENCE[sureness]}: ${said.join(', ')}${left}`,
      ),
      hint: 'correct it in sources.yaml of the case: columns: { kind: authentication, time: NAME, srcIp: NAME, user: NAME }',
    },
  )
  if (/^(?:result\.)?_raw$/.test(columns.message ?? ''))
    diagnostics.once(
      { offset: 0 },
      {
        code: 'table/raw-lines',
        level: 'warning',
        message: 'the rows hold lines of another log in _raw; they are kept as text, and what they mean is not read',
        hint: 'Export them alone, so that they are read as the log they are: in Splunk, Export Results with the format Raw Events.',
      },
    )
  if (refused.length > 0)
    diagnostics.once(
      { offset: 0 },
      {
        code: 'table/bad-correction',
        level: 'warning',
        message: excerpt(
          `columns in sources.yaml that this table does not have, or that mean nothing: ${refused.join(', ')}; the table has ${[...Object.values(columns), ...unused].join(', ')}`,
        ),
        hint: `what a column can be: ${CORRECTABLE}`,
      },
    )
}

const CONFIDENCE = { certain: 'high', likely: 'moderate', unsure: 'low' } as const
const excerpt = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.').slice(0, 2000)

/** Hands over one row. */
export type Emit = (row: Row, text: string, place: { readonly number: number; readonly offset: number }) => void

/** Makes events of rows. */
export function emitter(
  part: EvidencePart,
  sink: EventSink,
  diagnostics: PartDiagnostics,
  { head, mapping, order }: TableForm,
  format: string,
): Emit {
  // The unified audit log of Microsoft 365 writes UTC and says so only in its documentation.
  const isUtc = saysUtc(mapping.columns.time ?? '') || head.jsonColumns.includes('AuditData')
  const zone: Zone = isUtc ? UTC : sourceZone(part, diagnostics)
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  return (row, text, { number, offset }) => {
    const written = timeText(row, mapping.columns)
    const { time, isAmbiguous, isAgainstOrder, hasZone } = timeOfCell(written, zone, order)
    if (time === undefined)
      diagnostics.once(
        { number, offset },
        {
          code: 'table/bad-time',
          level: 'note',
          message: `no time in "${excerptOf(written)}"; the row is kept without one`,
        },
      )
    else if (isAgainstOrder)
      diagnostics.once(
        { number, offset },
        {
          code: 'table/mixed-dates',
          level: 'warning',
          message: `the date "${excerptOf(written)}" can only be read the other way round than the other dates, ${order}`,
          hint: 'export the times as ISO 8601',
        },
      )
    else if (isAmbiguous)
      diagnostics.once(
        { number, offset },
        {
          code: 'table/ambiguous-date',
          level: 'warning',
          message: 'dates such as 08/09/2023 were read with the month first',
          hint: 'export the times as ISO 8601, or say in sources.yaml of the case: columns: { dates: day-first }',
        },
      )
    if (time !== undefined && !hasZone && !isUtc && part.facts.zone === undefined)
      diagnostics.once(
        { number, offset },
        {
          code: 'table/no-zone',
          level: 'warning',
          message: 'times name no zone and were taken as UTC',
          hint: "give the zone: --source 'GLOB=zone:Europe/Berlin'",
        },
      )
    const named = (row[mapping.columns.host ?? ''] ?? '').trim().toLowerCase()
    const host = /^[^\s,]{1,253}$/.test(named) && named !== '-' ? named : partHost
    sink.event({
      ...fieldsOfRow(row, mapping),
      source: { evidence: part.evidence, record: number, offset },
      time,
      host,
      series: `${format}|${host}|${stem}`,
      identity: contentHash(text),
      product: 'table',
      code: (row[mapping.columns.eventId ?? ''] ?? '').slice(0, 64),
      original: originalFields(row),
    } as SecurityEvent)
  }
}
