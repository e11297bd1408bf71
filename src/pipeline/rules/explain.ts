import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPart } from '../../evidence/index.ts'
import { isoFromMicros, type SecurityEvent } from '../../model/index.ts'
import { readers } from '../../readers/registry.ts'
import {
  compileSigma,
  type Explained,
  type Explanation,
  explain,
  gateOf,
  logSourceText,
  type SigmaOptions,
  type SigmaRule,
  type TunedHit,
  tunedHits,
} from '../../rules/index.ts'
import { lookAround } from '../look.ts'
import { tasksOf } from '../match/match.ts'
import { silentListener } from '../progress.ts'
import { ruleTexts } from '../rule-files.ts'
import { type RuleSettings, readRuleSettings } from '../rule-settings.ts'
import { statedFacts } from '../sources-file.ts'
import { UsageError } from '../usage-error.ts'

/** What a person asked. */
export interface ExplainOptions extends RuleSettings {
  /** Id or title of a rule, or a file that holds one. */
  readonly rule: string
  /** Where rules are looked for; our own when there are none. */
  readonly rules: readonly string[]
  /** Path, or "PATH:RECORD". */
  readonly evidence: string
  readonly sources: readonly string[]
}

/** The record that is explained. */
export interface ExplainedRecord {
  readonly path: string
  readonly record: number
  readonly time: string
  readonly host: string
  readonly explanation: Explanation
  /** What tuning makes of the hit, where it concerns the rule. */
  readonly tuned: TunedHit | undefined
}

/** A rule held against evidence. */
export interface RuleExplanation {
  readonly rule: {
    readonly id: string
    readonly title: string
    readonly path: string
    readonly line: number
    readonly logSource: string
    readonly standing: 'read' | 'no-reader' | 'unknown'
    /** Sorts of record the log source means. */
    readonly means: readonly string[]
  }
  /** Records looked at, those of the rule's log source, those it matches. */
  readonly records: number
  readonly admitted: number
  readonly matched: number
  /** Of those that match, the ones tuning leaves out. */
  readonly leftOut: number
  /** Records by what they are, where none belongs to the log source. */
  readonly seen: readonly { readonly what: string; readonly records: number }[]
  /** The record asked for; else the first that matches; else the one that came nearest. */
  readonly shown: ExplainedRecord | undefined
}

/** Holds one rule against evidence and says why it matched, or which condition failed. */
export async function explainRule(options: ExplainOptions): Promise<RuleExplanation> {
  const settings = readRuleSettings(options)
  const rule = chosenRule(options, settings)
  const { path, record } = placeOf(options.evidence)
  const search = new Search(rule, record, settings.tuning && tunedHits(rule, settings.tuning))
  const spillDirectory = mkdtempSync(join(tmpdir(), 'barograph-explain-'))
  try {
    const found = await lookAround([path], readers, { spillDirectory, caseDirectory: spillDirectory }, silentListener, undefined)
    const facts = statedFacts(options.sources, found)
    for await (const { file, format, plan } of tasksOf(found, facts.of)) {
      const reader = readers.find(candidate => candidate.format === format)
      const opened = openPart(file, plan)
      try {
        reader?.read(opened.part, { event: event => search.look(event, plan.path), diagnostic: () => undefined })
      } finally {
        opened.close()
      }
    }
  } finally {
    rmSync(spillDirectory, { recursive: true, force: true })
  }
  if (record !== undefined && search.records === 0)
    throw new UsageError('rules/no-record', `${path} has no record ${record}`, 'name the number a hit or a report gives', 3)
  return search.result()
}

function chosenRule({ rule: wanted, rules: paths }: ExplainOptions, settings: SigmaOptions): SigmaRule {
  const isFile = /\.ya?ml$/i.test(wanted) && existsSync(wanted)
  const { documents, refused } = compileSigma(ruleTexts(isFile ? [wanted] : paths), settings)
  const { rules } = documents
  const low = wanted.toLowerCase()
  const found = isFile ? rules : rules.filter(({ id, title, name }) => [id, title, name].some(text => text.toLowerCase() === low))
  const [first] = found
  if (first) return first
  const [fault] = refused
  if (isFile && fault)
    throw new UsageError(
      'rules/refused',
      `${fault.path}:${fault.line}:${fault.column}  ${fault.reason}`,
      'correct the rule and ask again',
    )
  const correlation = documents.correlations.find(({ head: { id, title, name } }) =>
    [id, title, name].some(text => text.toLowerCase() === low),
  )
  if (correlation)
    throw new UsageError(
      'rules/is-correlation',
      `"${wanted}" is a correlation (${correlation.source.path}:${correlation.head.line}): it holds for several records together`,
      'explain a rule it refers to; match names the records a correlation rests on',
    )
  throw new UsageError(
    'rules/no-rule',
    `no rule has the id, name or title "${wanted}"`,
    'name its file, or the folder it is in with --rules DIR; barograph rules list shows ids',
  )
}

/** "Security.evtx:4711"; a path with a colon in it is taken as it is. */
function placeOf(evidence: string): { readonly path: string; readonly record: number | undefined } {
  const [, path = '', record] = existsSync(evidence) ? [] : (/^(.+):(\d{1,15})$/s.exec(evidence) ?? [])
  const place = record === undefined ? { path: evidence, record: undefined } : { path, record: Number(record) }
  if (!existsSync(place.path))
    throw new UsageError('rules/no-evidence', `no such file or folder: ${place.path}`, 'name evidence as FILE or FILE:RECORD', 3)
  return place
}

/** Sorts of record told where none belongs to the rule's log source. */
const MAX_SEEN = 12

class Search {
  records = 0
  #admitted = 0
  #matched = 0
  #leftOut = 0
  #best: { readonly score: number; readonly event: SecurityEvent; readonly path: string } | undefined
  readonly #seen = new Map<string, number>()
  readonly #rule: SigmaRule
  readonly #record: number | undefined
  readonly #tuned: ((event: SecurityEvent) => TunedHit) | undefined

  constructor(rule: SigmaRule, record: number | undefined, tuned: ((event: SecurityEvent) => TunedHit) | undefined) {
    this.#rule = rule
    this.#record = record
    this.#tuned = tuned
  }

  look(event: SecurityEvent, path: string): void {
    if (this.#record !== undefined && event.source.record !== this.#record) return
    this.records++
    const explanation = explain(this.#rule, event)
    const what = whatIs(explanation.key)
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1)
    if (explanation.view !== undefined) this.#admitted++
    const isLeftOut = explanation.matched && this.#tuned?.(event) === 'left out'
    if (explanation.matched) this.#matched++
    if (isLeftOut) this.#leftOut++
    // A hit that stays is shown before one that tuning takes away.
    const score = explanation.matched ? (isLeftOut ? 2 : 3) : explanation.condition ? shareHeld(explanation.condition) : -1
    if (score > (this.#best?.score ?? Number.NEGATIVE_INFINITY)) this.#best = { score, event, path }
  }

  result(): RuleExplanation {
    const { id, title, file, line, logSource } = this.#rule
    const gate = gateOf(logSource)
    const best = this.#best
    return {
      rule: {
        id,
        title,
        path: file,
        line,
        logSource: logSourceText(this.#rule),
        standing: gate.standing,
        means: gate.admissions.map(({ what }) => what),
      },
      records: this.records,
      admitted: this.#admitted,
      matched: this.#matched,
      leftOut: this.#leftOut,
      seen: [...this.#seen]
        .map(([what, records]) => ({ what, records }))
        .sort((a, b) => b.records - a.records || (a.what < b.what ? -1 : 1))
        .slice(0, MAX_SEEN),
      shown: best && {
        path: best.path,
        record: best.event.source.record,
        time: best.event.time === undefined ? '' : isoFromMicros(best.event.time),
        host: best.event.host,
        explanation: explain(this.#rule, best.event),
        tuned: this.#tuned?.(best.event),
      },
    }
  }
}

function whatIs({ product, code, channel, variant }: Explanation['key']): string {
  return [channel || product, code, variant && `(${variant})`].filter(part => part !== '').join(' ')
}

/** How near a record came: the share of what the condition asks for that it fulfils. */
function shareHeld(part: Explained): number {
  if (part.holds) return 1
  switch (part.kind) {
    case 'field':
    case 'keyword':
      return 0
    case 'or':
    case 'any':
      return Math.max(0, ...part.of.map(shareHeld))
    case 'not':
      return 0
    case 'and':
    case 'all':
    case 'selection':
      return part.of.length === 0 ? 0 : part.of.reduce((sum, inner) => sum + shareHeld(inner), 0) / part.of.length
    default:
      return part satisfies never
  }
}
