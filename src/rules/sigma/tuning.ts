import {
  type Micros,
  type RefusedRule,
  type RuleFile,
  type RuleHit,
  type SecurityEvent,
  type Severity,
  severities,
} from '../../model/index.ts'
import type { Expression, Pattern, Position, SigmaHead } from './ast.ts'
import { readSelection } from './detection.ts'
import type { RuleNote, SigmaCorrelation } from './document.ts'
import { selectionHolds } from './evaluate.ts'
import type { Placeholders } from './placeholders.ts'
import type { RuleRecord } from './rule-record.ts'
import { readSettings, wordsOf } from './settings-file.ts'
import { parseTokens, patternOf, patternTest } from './value-pattern.ts'
import { entryOf, SigmaError, type SourceText, textAt, type YamlEntry, type YamlMap } from './yaml-tree.ts'

/** What a site has decided about rules, each entry with its reason and its end. Plain data. */
export interface Tuning {
  /** Entries whose end lies before this moment are over; without it each record's own time decides. */
  readonly asOf: Micros | undefined
  readonly entries: readonly TuningEntry[]
}

/** One decision about rules. */
export interface TuningEntry extends Position {
  readonly path: string
  /** Ids or names. */
  readonly rules: readonly string[]
  readonly effect: TuningEffect
  readonly reason: string
  /** The first moment at which it no longer holds; undefined when it was said to hold for ever. */
  readonly until: Micros | undefined
}

export type TuningEffect =
  | { readonly kind: 'exclude' }
  | { readonly kind: 'level'; readonly level: Severity }
  /** Hits on these hosts, and with these fields where both are given, are none. */
  | { readonly kind: 'except'; readonly hosts: readonly Pattern[]; readonly fields: Expression | undefined }

export const NO_TUNING: Tuning = { asOf: undefined, entries: [] }

const KEYS = ['rule', 'exclude', 'level', 'except', 'reason', 'until']
const MICROS_A_DAY = 86_400_000_000

/** Reads a tuning file; what is wrong in it is told with line and column, and none of it is guessed. */
export function readTuning(
  file: RuleFile,
  placeholders: Placeholders = new Map(),
): { readonly tuning: Tuning; readonly problems: readonly RefusedRule[] } {
  const entries: TuningEntry[] = []
  let asOf: Micros | undefined
  const problems = readSettings(file, 'a tuning file is a map with a list "tuning"', (map, source, attempt) => {
    for (const { key, keyOffset } of map.entries)
      if (key !== 'tuning' && key !== 'as-of')
        attempt(() => {
          throw new SigmaError(keyOffset, `"${key}" is not known here; "tuning" and "as-of" are`)
        })
    const date = entryOf(map, 'as-of')
    if (date) asOf = attempt(() => dayOf(date))
    const list = entryOf(map, 'tuning')
    attempt(() => {
      if (list?.value.kind !== 'list')
        throw new SigmaError(list?.value.offset ?? map.offset, '"tuning" must be a list of entries')
      for (const item of list.value.items)
        attempt(() => {
          if (item.kind !== 'map') throw new SigmaError(item.offset, 'an entry is a map with rule, reason, until and what to do')
          entries.push(entryFrom(item, source, placeholders))
        })
    })
  })
  return { tuning: { asOf, entries }, problems }
}

function entryFrom(map: YamlMap, source: SourceText, placeholders: Placeholders): TuningEntry {
  for (const { key, keyOffset } of map.entries)
    if (!KEYS.includes(key)) throw new SigmaError(keyOffset, `"${key}" is not known here; ${KEYS.join(', ')} are`)
  const need = (key: string, why: string): YamlEntry => {
    const entry = entryOf(map, key)
    if (entry === undefined) throw new SigmaError(map.offset, `the entry has no "${key}": ${why}`)
    return entry
  }
  const rules = wordsOf(need('rule', 'the id or name of the rule, or a list of them'))
  const reason = need('reason', 'whoever reads the report must see why')
  if (textAt(map, 'reason').trim() === '') throw new SigmaError(reason.value.offset, '"reason" is empty')
  const until = need('until', 'the last day it holds (2026-12-31), or "never" when it is to hold for ever')
  return {
    path: source.path,
    ...source.position(map.offset),
    rules,
    effect: effectOf(map, source, placeholders),
    reason: textAt(map, 'reason').replace(/\s+/g, ' ').trim(),
    until: textAt(map, 'until').toLowerCase() === 'never' ? undefined : ((dayOf(until) + MICROS_A_DAY) as Micros),
  }
}

function effectOf(map: YamlMap, source: SourceText, placeholders: Placeholders): TuningEffect {
  const [effect, second] = map.entries.filter(({ key }) => key === 'exclude' || key === 'level' || key === 'except')
  if (effect === undefined) throw new SigmaError(map.offset, 'the entry does nothing: give "exclude: true", "level" or "except"')
  if (second !== undefined) throw new SigmaError(second.keyOffset, `"${effect.key}" and "${second.key}" are two entries`)
  const { key, value } = effect
  if (key === 'exclude') {
    if (value.kind !== 'scalar' || value.value !== true) throw new SigmaError(value.offset, '"exclude" can only be true')
    return { kind: 'exclude' }
  }
  if (key === 'level') {
    const wanted = textAt(map, 'level').toLowerCase()
    const level = severities.find((severity): severity is Severity => severity === wanted)
    if (level === undefined) throw new SigmaError(value.offset, `a level is one of ${severities.join(', ')}`)
    return { kind: 'level', level }
  }
  if (value.kind !== 'map') throw new SigmaError(value.offset, '"except" is a map with hosts, fields or both')
  for (const inner of value.entries)
    if (inner.key !== 'hosts' && inner.key !== 'fields')
      throw new SigmaError(inner.keyOffset, `"${inner.key}" is not known here; "hosts" and "fields" are`)
  const hosts = entryOf(value, 'hosts')
  const fields = entryOf(value, 'fields')
  if (!hosts && !fields)
    throw new SigmaError(value.offset, '"except" needs hosts or fields; to leave the rule out write "exclude: true"')
  return {
    kind: 'except',
    hosts: hosts ? wordsOf(hosts).map(host => patternOf(parseTokens(host), false)) : [],
    fields: fields ? readSelection(fields.value, { source, placeholders, note: () => undefined }) : undefined,
  }
}

/** First moment of a day in UTC. */
function dayOf({ key, value }: YamlEntry): Micros {
  const text = value.kind === 'scalar' ? value.text : ''
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text)
    throw new SigmaError(value.offset, `"${key}" needs a day such as 2026-12-31`)
  return (time * 1000) as Micros
}

/** What tuning makes of a hit: the hit, the hit at another level, or none. */
export type HitTuner = (hit: RuleHit, event: SecurityEvent, record: RuleRecord) => RuleHit | undefined

/** Entries that concern a rule or correlation. */
export const entriesOf = ({ entries }: Tuning, { id, name }: Pick<SigmaHead, 'id' | 'name'>): readonly TuningEntry[] =>
  entries.filter(({ rules }) =>
    rules.some(wanted => wanted !== '' && (wanted.toLowerCase() === id.toLowerCase() || wanted === name)),
  )

/** Those that are not over as of the day the file names. */
const liveEntries = (tuning: Tuning, head: Pick<SigmaHead, 'id' | 'name'>): readonly TuningEntry[] =>
  entriesOf(tuning, head).filter(({ until }) => tuning.asOf === undefined || until === undefined || tuning.asOf < until)

/** A live entry for which the time of a record does not matter. */
const isTimeless = ({ asOf }: Tuning, { until }: TuningEntry): boolean => asOf !== undefined || until === undefined

/**
 * How hits of a rule are changed; 'excluded' when none can be left, whatever the record; undefined when nothing concerns it.
 * An entry holds for records of its last day and before. A record without a time is exempt only from entries without an end: nobody
 * knows whether it is older.
 */
export function tunerOf(tuning: Tuning, head: Pick<SigmaHead, 'id' | 'name'>): HitTuner | 'excluded' | undefined {
  const live = liveEntries(tuning, head)
  if (live.length === 0) return undefined
  const always = (entry: TuningEntry): boolean => isTimeless(tuning, entry)
  if (live.some(entry => entry.effect.kind === 'exclude' && always(entry))) return 'excluded'
  const effects = live.map(entry => ({ entry, changes: effectTest(entry.effect) }))
  return (hit, event, record) => {
    let tuned = hit
    for (const { entry, changes } of effects) {
      const { effect, until } = entry
      const holds = always(entry) || (event.time !== undefined && until !== undefined && event.time < until)
      if (!holds || !changes(event, record)) continue
      if (effect.kind !== 'level') return undefined
      tuned = { ...tuned, severity: effect.level }
    }
    return tuned
  }
}

function effectTest(effect: TuningEffect): (event: SecurityEvent, record: RuleRecord) => boolean {
  if (effect.kind !== 'except') return () => true
  const { fields } = effect
  const hosts = effect.hosts.map(patternTest)
  // A host is known by its whole name and by the first part of it.
  const onHost = (host: string): boolean => hosts.some(test => test(host) || test(host.split('.')[0] ?? ''))
  return (event, record) => (hosts.length === 0 || onHost(event.host)) && (fields === undefined || selectionHolds(fields, record))
}

/** The entries that are over for at least the latest of the records. */
export function expiredEntries({ asOf, entries }: Tuning, latest: Micros | undefined): readonly TuningEntry[] {
  const now = asOf ?? latest
  return now === undefined ? [] : entries.filter(({ until }) => until !== undefined && until <= now)
}

/** Correlations without those that are left out, at the levels the site wants. Nobody can say yet when one will fire, or on which host. */
export function tunedCorrelations(
  tuning: Tuning,
  correlations: readonly SigmaCorrelation[],
): { readonly kept: readonly SigmaCorrelation[]; readonly notes: readonly RuleNote[] } {
  const notes: RuleNote[] = []
  const kept = correlations.flatMap((correlation): readonly SigmaCorrelation[] => {
    let { head } = correlation
    for (const entry of liveEntries(tuning, head)) {
      const { effect } = entry
      if (effect.kind === 'except')
        notes.push(noteOf(entry, `"${head.title}" is a correlation: exceptions are for the rules it joins`))
      else if (!isTimeless(tuning, entry))
        notes.push(noteOf(entry, `"${head.title}" is a correlation: an entry with an end needs "as-of" in the file`))
      else if (effect.kind === 'exclude') return []
      else head = { ...head, level: effect.level }
    }
    return [head === correlation.head ? correlation : { ...correlation, head }]
  })
  return { kept, notes }
}

/** Tuning of a rule that is not there does nothing, and somebody believes it does. */
export function idleEntries(tuning: Tuning, heads: readonly SigmaHead[]): readonly RuleNote[] {
  const concerned = new Set(heads.flatMap(head => entriesOf(tuning, head)))
  return tuning.entries
    .filter(entry => !concerned.has(entry))
    .map(entry => noteOf(entry, `tuning of ${entry.rules.join(', ')}: no loaded rule has this id or name`))
}

const noteOf = ({ path, line, column }: TuningEntry, message: string): RuleNote => ({ path, title: '', line, column, message })
