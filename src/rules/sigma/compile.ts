import type { RefusedRule, RuleFile, RuleHit, RuleMatcher, SecurityEvent } from '../../model/index.ts'
import type { SigmaHead, SigmaRule } from './ast.ts'
import { type CorrelationPlan, compileCorrelations, withFeed } from './correlation/index.ts'
import { type RuleNote, readSigma, type SigmaDocuments } from './document.ts'
import { detectionTest } from './evaluate.ts'
import { applyFilters } from './filter.ts'
import { RuleIndex } from './index/rule-index.ts'
import { seenEvent, seenRecord } from './index/seen-event.ts'
import { type EventKey, eventKeyOf, type FieldView, type Gate, gateOf } from './log-source/index.ts'
import { documentsOf, NOTHING_PARSED, type ParsedRules } from './parsed.ts'
import type { Placeholders } from './placeholders.ts'
import { type RuleRecord, SeenRecord } from './rule-record.ts'
import { type HitTuner, idleEntries, NO_TUNING, type Tuning, tunedCorrelations, tunerOf } from './tuning.ts'

/** What the user gives beside the rules. Plain data: it can be handed to a worker. */
export interface SigmaOptions {
  readonly placeholders?: Placeholders
  readonly tuning?: Tuning
}

/** What came of a set of rule files: a matcher, every rule that cannot be used with its reason, and what else is to be said. */
export interface CompiledRules {
  readonly matcher: RuleMatcher
  readonly loaded: number
  /** Rules and correlations that tuning leaves out for every record. */
  readonly excluded: number
  readonly refused: readonly RefusedRule[]
  readonly notes: readonly RuleNote[]
  /** What was read, filters applied and refused documents left out. */
  readonly documents: SigmaDocuments
  /** What correlates the hits of the matcher, once all are there (`runCorrelations`). */
  readonly correlations: CorrelationPlan
}

/** How rules are compiled. */
export interface CompileOptions extends SigmaOptions {
  /** Every rule of the log source is asked for every event: slow, and the judge of the index. */
  readonly fullScan?: boolean
  /** Rules of other files that have been read already; they come first. */
  readonly parsed?: ParsedRules
}

interface GatedRule {
  readonly rule: SigmaRule
  readonly hit: RuleHit
  readonly gate: Gate
  readonly tune: HitTuner | undefined
}

/** The rules whose log source records of one key belong to and which see them alike. */
interface AdmittedRules {
  readonly view: FieldView
  readonly rules: readonly { readonly number: number; readonly holds: (record: RuleRecord) => boolean }[]
}

/** Compiles Sigma files (sigma-specification 2.1). A file may hold several documents. */
export function compileSigma(
  files: readonly RuleFile[],
  { placeholders, tuning = NO_TUNING, fullScan = false, parsed = NOTHING_PARSED }: CompileOptions = {},
): CompiledRules {
  const own = readSigma(files, placeholders)
  const before = documentsOf(parsed)
  const read: SigmaDocuments = {
    rules: [...before.rules, ...own.rules],
    correlations: [...before.correlations, ...own.correlations],
    filters: [...before.filters, ...own.filters],
    refused: [...before.refused, ...own.refused],
    notes: [...before.notes, ...own.notes],
  }
  const filtered = applyFilters(read.rules, read.filters, read.correlations)
  const gated = filtered.rules.flatMap((rule): readonly GatedRule[] => {
    const tune = tunerOf(tuning, rule)
    return tune === 'excluded' ? [] : [{ rule, hit: hitOf(rule), gate: gateOf(rule.logSource), tune }]
  })
  const correlations = tunedCorrelations(tuning, read.correlations)
  const { plan, refused: unlinked } = compileCorrelations(correlations.kept, read.rules)
  const heads = [...read.rules, ...read.correlations.map(({ head }) => head)]
  const refused = [...read.refused, ...unlinked]
  const notes = [...read.notes, ...filtered.notes, ...correlations.notes, ...idleEntries(tuning, heads)]
  return {
    matcher: withFeed(tuned(matcherOf(gated, fullScan), gated), plan, recordsOf(gated)),
    loaded: gated.length + plan.correlations.length,
    excluded: read.rules.length - gated.length + read.correlations.length - correlations.kept.length,
    refused,
    notes,
    documents: { ...read, rules: filtered.rules, refused, notes },
    correlations: plan,
  }
}

/** Asks the index; the full scan stays as the judge of what the index says. */
function matcherOf(rules: readonly GatedRule[], isFullScan: boolean): NumberMatcher {
  if (isFullScan) return fullScanMatcher(rules)
  let index: RuleIndex | undefined
  // Made for the first event: who only counts rules needs none.
  const made = () => {
    index ??= new RuleIndex(rules.map(({ rule, gate }) => ({ detection: rule.detection, gate })))
    return index
  }
  return { match: event => made().match(seenEvent(event)), mayMatch: record => made().match(seenRecord(record)).length > 0 }
}

/** Numbers of the rules that match. */
interface NumberMatcher extends Pick<RuleMatcher, 'mayMatch'> {
  match(event: SecurityEvent): readonly number[]
}

/** Hits as the site wants them: few rules are tuned, and they are only asked once they have matched. */
function tuned(matcher: NumberMatcher, rules: readonly GatedRule[]): RuleMatcher {
  return {
    ...matcher,
    match: event =>
      matcher.match(event).flatMap(number => {
        const rule = rules[number]
        if (rule?.tune === undefined) return rule?.hit ?? []
        const key = eventKeyOf(event)
        const view = rule.gate.viewOf(key)
        return (view && rule.tune(rule.hit, event, new SeenRecord(event, view, key))) ?? []
      }),
  }
}

/** Shares nothing among rules but the answer of the log source, which is the same for all records of a key, and the record's values. */
function fullScanMatcher(rules: readonly GatedRule[]): NumberMatcher {
  const byKey = new WeakMap<EventKey, readonly AdmittedRules[]>()
  const admittedBy = (key: EventKey): readonly AdmittedRules[] => {
    const numbers = rules.map((_, number) => number)
    const views = Map.groupBy(numbers, number => rules[number]?.gate.viewOf(key))
    return [...views].flatMap(([view, admitted]) =>
      view === undefined
        ? []
        : {
            view,
            rules: admitted.flatMap(number => {
              const gated = rules[number]
              return gated ? { number, holds: detectionTest(gated.rule.detection) } : []
            }),
          },
    )
  }
  const match = (event: SecurityEvent) => {
    const key = eventKeyOf(event)
    let admitted = byKey.get(key)
    if (!admitted) {
      admitted = admittedBy(key)
      byKey.set(key, admitted)
    }
    const hits: number[] = []
    for (const { view, rules } of admitted) {
      const record = new SeenRecord(event, view, key)
      for (const { number, holds } of rules) if (holds(record)) hits.push(number)
    }
    return admitted.length > 1 ? hits.sort((a, b) => a - b) : hits
  }
  return { match }
}

/** Records as the rule that hits carry by its key sees them. */
function recordsOf(rules: readonly GatedRule[]): (event: SecurityEvent, rule: string) => RuleRecord | undefined {
  const gates = new Map(rules.map(({ hit, gate }) => [hit.rule, gate]))
  return (event, rule) => {
    const key = eventKeyOf(event)
    const view = gates.get(rule)?.viewOf(key)
    return view && new SeenRecord(event, view, key)
  }
}

/** What a rule says when it matches. */
export function hitOf({ id, title, level, techniques, description, innocent }: SigmaHead): RuleHit {
  return {
    source: 'sigma',
    rule: id || title,
    ruleTitle: title,
    severity: level,
    techniques,
    why: description || `The rule "${title}" matched.`,
    innocent: innocent.length > 0 ? innocent.join('; ') : 'the rule names no innocent cause',
  }
}
