import { type EvidenceId, type ReportRecord, type SourceRef, textOf } from '../model/index.ts'
import { maskSecrets } from '../report/mask-secrets.ts'
import type { CaseQueries } from '../store/index.ts'
import { isoOf } from './coverage.ts'

/** Characters of an original that are looked at; a script block of a megabyte is not needed to show what it is. */
const LOOKED_AT = 16_384
/** Characters of an excerpt, and of one field in it: enough for a command line of the usual length. */
const EXCERPT = 600
const FIELD = 300
/** Fields that every Windows record has and that say nothing about what happened. */
const ENVELOPE = new Set([
  'Provider_Name',
  'Provider_Guid',
  'Channel',
  'Computer',
  'Version',
  'Level',
  'Task',
  'Opcode',
  'Keywords',
  'Security_UserID',
  'EventRecordID',
  'TimeCreated',
  'ActivityID',
  'RelatedActivityID',
  'ProcessGuid',
  'ParentProcessGuid',
  'LogonGuid',
  'RuleName',
])

/** Turns places into report records: path, time, and a short piece of the original with its secrets masked. */
export class Excerpts {
  readonly #records = new Map<string, Shown>()
  readonly #shown = new Map<string, ReportRecord>()
  readonly #paths: ReadonlyMap<EvidenceId, string>

  private constructor(paths: ReadonlyMap<EvidenceId, string>) {
    this.#paths = paths
  }

  static async fetch(
    queries: CaseQueries,
    places: Iterable<SourceRef>,
    paths: ReadonlyMap<EvidenceId, string>,
  ): Promise<Excerpts> {
    const wanted = new Map<string, SourceRef>()
    for (const place of places) wanted.set(keyOf(place), place)
    const excerpts = new Excerpts(paths)
    if (wanted.size === 0) return excerpts
    for await (const rows of queries.recordsAt(wanted.values(), LOOKED_AT))
      for (const row of rows) {
        const key = `${textOf(row, 'evidence')}:${row['record']}:${row['byteOffset']}`
        const found = {
          time: isoOf(row['time']),
          excerpt: excerptOf(textOf(row, 'original')),
          carved: row['carved'] === true,
        }
        // Events of one record say the same; where they do not, the order in which they come must not decide.
        const known = excerpts.#records.get(key)
        if (!known || compareText(found, known) < 0) excerpts.#records.set(key, found)
      }
    return excerpts
  }

  /** The same object for the same place: findings and steps rest on the same records, and all of them are worked on again for each report. */
  record(place: SourceRef): ReportRecord {
    const key = keyOf(place)
    const known = this.#shown.get(key)
    if (known) return known
    const { time = '', excerpt = '', carved = false } = this.#records.get(key) ?? {}
    const path = this.#paths.get(place.evidence) ?? ''
    const record = { evidenceId: place.evidence, path, record: place.record, time, excerpt, ...(carved ? { carved } : {}) }
    this.#shown.set(key, record)
    return record
  }
}

interface Shown {
  readonly time: string
  readonly excerpt: string
  readonly carved: boolean
}

function compareText(a: Shown, b: Shown): number {
  return a.excerpt < b.excerpt ? -1 : a.excerpt > b.excerpt ? 1 : a.time < b.time ? -1 : a.time > b.time ? 1 : 0
}

function keyOf({ evidence, record, offset }: SourceRef): string {
  return `${evidence}:${record}:${offset}`
}

/** A line as it is; of a structured record its fields without the envelope. Masked before it is cut: half a secret is no pattern any more. */
export function excerptOf(original: string): string {
  const fields = original.startsWith('{') ? fieldsOf(original) : undefined
  return shortened(
    fields ? fields.map(field => shortened(maskSecrets(field), FIELD)).join(' | ') : maskSecrets(original),
    EXCERPT,
  )
}

/** "name: value" of the fields that tell something; undefined when it is no JSON object, or one that was cut off. */
function fieldsOf(original: string): readonly string[] | undefined {
  let fields: unknown
  try {
    fields = JSON.parse(original)
  } catch {
    return undefined
  }
  if (typeof fields !== 'object' || fields === null) return undefined
  return Object.entries(fields)
    .filter(([name, value]) => !ENVELOPE.has(name) && value !== '' && value !== '-' && value !== null)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`
}

/** Characters of a search result before what was searched for. */
const BEFORE = 80

/** A piece of a record, cut to a line around position `at`. Not masked: who searches the case asks for what is in it. */
export function excerptAround(text: string, at: number): string {
  const from = Math.max(0, at - BEFORE)
  return `${from > 0 ? '…' : ''}${shortened(text.slice(from).toWellFormed(), FIELD)}`
}
