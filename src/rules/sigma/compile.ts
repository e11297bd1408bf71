import type { RefusedRule, RuleFile, RuleHit, RuleMatcher, SecurityEvent } from '../../model/index.ts'
import type { SigmaHead, SigmaRule } from './ast.ts'
import { type CorrelationPlan, compileCorrelations, withFeed } from './correlation/index.ts'
import { type RuleNote, readSigma, type SigmaOptions } from './document.ts'
import { evaluate } from './evaluate.ts'
import { RuleIndex } from './index/rule-index.ts'
import { seenEvent } from './index/seen-event.ts'
import { type EventKey, eventKeyOf, type FieldView, type Gate, gateOf } from './log-source/index.ts'
import { type RuleRecord, SeenRecord } from './rule-record.ts'

/** What came of a set of rule files: a matcher, every rule that cannot be used with its reason, and what else is to be said. */
export interface CompiledRules {
  readonly matcher: RuleMatcher
  readonly loaded: number
  readonly refused: readonly RefusedRule[]
  readonly notes: readonly RuleNote[]
  /** What correlates the hits of the matcher, once all are there (`runCorrelations`). */
  readonly correlations: CorrelationPlan
}

/** How rules are compiled. */
export interface CompileOptions extends SigmaOptions {
  /** Every rule of the log source is asked for every event: slow, and the judge of the index. */
  readonly fullScan?: boolean
}

interface GatedRule {
  readonly rule: SigmaRule
  readonly hit: RuleHit
  readonly gate: Gate
}

/** A rule whose log source records of one key belong to, and how it sees them. */
interface AdmittedRule {
  readonly rule: SigmaRule
  readonly hit: RuleHit
  readonly view: FieldView
}

/** Compiles Sigma files (sigma-specification 2.1). A file may hold several documents. */
export function compileSigma(files: readonly RuleFile[], options: CompileOptions = {}): CompiledRules {
  const { rules, correlations, filters, refused, notes } = readSigma(files, options)
  const gated = rules.map((rule): GatedRule => ({ rule, hit: hitOf(rule), gate: gateOf(rule.logSource) }))
  const unusable: RefusedRule[] = [...refused]
  const refuse = ({ file, title, line, column }: SigmaHead, reason: string): void => {
    unusable.push({ path: file, title, line, column, reason })
  }
  const { plan, refused: unlinked } = compileCorrelations(correlations, rules)
  unusable.push(...unlinked)
  for (const { head } of filters) refuse(head, 'filter rules are not supported yet')
  return {
    matcher: withFeed(matcherOf(gated, options.fullScan === true), plan, recordsOf(gated)),
    loaded: gated.length + plan.correlations.length,
    refused: unusable,
    notes,
    correlations: plan,
  }
}

/** Asks the index; the full scan stays as the judge of what the index says. */
function matcherOf(rules: readonly GatedRule[], isFullScan: boolean): RuleMatcher {
  if (isFullScan) return fullScanMatcher(rules)
  const index = new RuleIndex(rules.map(({ rule, gate }) => ({ detection: rule.detection, gate })))
  return { match: event => index.match(seenEvent(event)).flatMap(number => rules[number]?.hit ?? []) }
}

function fullScanMatcher(rules: readonly GatedRule[]): RuleMatcher {
  const byKey = new WeakMap<EventKey, readonly AdmittedRule[]>()
  return {
    match(event) {
      const key = eventKeyOf(event)
      let admitted = byKey.get(key)
      if (!admitted) {
        admitted = rules.flatMap(({ rule, hit, gate }) => {
          const view = gate.viewOf(key)
          return view ? [{ rule, hit, view }] : []
        })
        byKey.set(key, admitted)
      }
      return admitted.filter(({ rule, view }) => evaluate(rule.detection, new SeenRecord(event, view, key))).map(({ hit }) => hit)
    },
  }
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
