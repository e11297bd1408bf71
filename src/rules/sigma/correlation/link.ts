import { compareSeverity, type RefusedRule, type Severity } from '../../../model/index.ts'
import type { Alias, CorrelationRule, Reference } from './definition.ts'
import type { CorrelationPlan, FeedRule, Leg, LinkedCorrelation } from './plan.ts'

/** What linking needs to know about a rule that was loaded. */
export interface LinkableRule {
  readonly id: string
  readonly name: string
  readonly title: string
  readonly level: Severity
}

/** The plan, and the correlations that are not in it because what they refer to is missing, ambiguous or circular. */
export interface LinkedRules {
  readonly plan: CorrelationPlan
  readonly refused: readonly RefusedRule[]
}

/** Correlations on correlations on correlations …; the public examples have two levels. */
const MAX_LEVELS = 16

/** More inside each other than any chain that could be accepted: where looking for the end of it stops. */
const MAX_DEPTH = 1_000

type Named = { readonly rule: LinkableRule } | { readonly correlation: CorrelationRule }
type Target = LinkableRule | LinkedCorrelation
type Resolve = (reference: Reference) => Target | string
type Linked = { readonly linked: LinkedCorrelation } | { readonly fault: Reference | CorrelationRule; readonly reason: string }

/** The key of hits: the id, or the title of what has none. */
export const keyOf = ({ id, title }: { readonly id: string; readonly title: string }): string => id || title

/** Joins correlations with the rules and correlations they refer to, by id or name. */
export function linkCorrelations(rules: readonly LinkableRule[], correlations: readonly CorrelationRule[]): LinkedRules {
  const targets = targetsOf(rules, correlations)
  const taken = new Set(rules.map(keyOf))
  const done = new Map<CorrelationRule, Linked>()
  const under = new Set<CorrelationRule>()

  const link = (correlation: CorrelationRule): Linked => {
    const known = done.get(correlation)
    if (known) return known
    under.add(correlation)
    const outcome = linkOne(correlation, reference => resolve(correlation, reference))
    under.delete(correlation)
    done.set(correlation, outcome)
    return outcome
  }
  const resolve = (from: CorrelationRule, reference: Reference): Target | string => {
    const found = targets.get(reference.text) ?? []
    const keys = new Set(found.map(keyOfNamed))
    const [target] = found
    if (target === undefined) return `no loaded rule or correlation has the id or name "${reference.text}"`
    if (keys.size > 1) return `"${reference.text}" is the name of ${keys.size} rules; refer to one by its id`
    if ('rule' in target) return target.rule
    if (target.correlation === from) return 'the correlation refers to itself'
    if (under.has(target.correlation)) return `circular: "${target.correlation.title}" refers back to this correlation`
    if (under.size > MAX_DEPTH) return `correlations refer to each other over more than ${MAX_LEVELS} levels`
    const inner = link(target.correlation)
    return 'linked' in inner ? inner.linked : `correlation "${target.correlation.title}" is refused itself`
  }

  const accepted: { readonly rule: CorrelationRule; readonly linked: LinkedCorrelation }[] = []
  const refused: RefusedRule[] = []
  for (const correlation of correlations) {
    const outcome = link(correlation)
    const key = keyOf(correlation)
    if ('fault' in outcome) refused.push(refusal(correlation, outcome.fault, outcome.reason))
    else if (taken.has(key)) refused.push(refusal(correlation, correlation, `the id "${key}" is used twice`))
    else accepted.push({ rule: correlation, linked: outcome.linked })
    taken.add(key)
  }
  return { plan: planOf(accepted), refused }
}

const refusal = (correlation: CorrelationRule, at: Reference | CorrelationRule, reason: string): RefusedRule => ({
  path: correlation.file,
  title: correlation.title,
  line: at.line,
  column: at.column,
  reason,
})

const keyOfNamed = (named: Named): string => keyOf('rule' in named ? named.rule : named.correlation)
const isCorrelation = (target: Target): target is LinkedCorrelation => 'legs' in target
const keyOfTarget = (target: Target): string => (isCorrelation(target) ? target.key : keyOf(target))

function targetsOf(rules: readonly LinkableRule[], correlations: readonly CorrelationRule[]): ReadonlyMap<string, Named[]> {
  const targets = new Map<string, Named[]>()
  const put = ({ id, name }: { readonly id: string; readonly name: string }, named: Named) => {
    for (const text of new Set([id, name])) {
      if (text === '') continue
      const list = targets.get(text)
      if (list) list.push(named)
      else targets.set(text, [named])
    }
  }
  for (const rule of rules) put(rule, { rule })
  for (const correlation of correlations) put(correlation, { correlation })
  return targets
}

function linkOne(correlation: CorrelationRule, resolve: Resolve): Linked {
  const legs: { readonly reference: Reference; readonly target: Target }[] = []
  for (const reference of correlation.rules) {
    const target = resolve(reference)
    if (typeof target === 'string') return { fault: reference, reason: target }
    legs.push({ reference, target })
  }
  const keys = legs.map(({ target }) => keyOfTarget(target))
  const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index)
  const again = legs[twice]
  if (again && correlation.type !== 'temporal_ordered')
    return { fault: again.reference, reason: `"${again.reference.text}" is the same rule as another one of the list` }
  const strange = strangeAlias(correlation, legs, resolve)
  if (strange) return strange
  const level = 1 + Math.max(0, ...legs.map(({ target }) => (isCorrelation(target) ? target.level : 0)))
  if (level > MAX_LEVELS)
    return { fault: correlation, reason: `correlations refer to each other over more than ${MAX_LEVELS} levels` }
  const levels = legs.map(({ target }) => (isCorrelation(target) ? target.severity : target.level))
  const { title, techniques, type, groupBy, timespan, timespanText, condition } = correlation
  return {
    linked: {
      key: keyOf(correlation),
      title,
      severity: correlation.level ?? levels.toSorted(compareSeverity).at(-1) ?? 'medium',
      techniques,
      why: correlation.description || `The correlation "${title}" matched.`,
      innocent: correlation.innocent || 'the correlation names no innocent cause',
      type,
      legs: legs.map(({ reference, target }): Leg => {
        const names = [reference.text, ...(isCorrelation(target) ? [target.key] : [target.id, target.name])]
        return {
          source: keyOfTarget(target),
          isCorrelation: isCorrelation(target),
          title: target.title,
          fields: isCorrelation(target)
            ? throughCorrelation(correlation, names, target)
            : ofRule(correlation, names, keyOf(target)),
        }
      }),
      groupBy,
      timespan,
      timespanText,
      condition,
      alone: true,
      level,
    },
  }
}

/** An alias for a rule that the correlation does not refer to is a mistake that would go unseen. */
function strangeAlias(
  correlation: CorrelationRule,
  legs: readonly { readonly target: Target }[],
  resolve: Resolve,
): Linked | undefined {
  const reachable = new Set(
    legs.flatMap(({ target }) => [keyOfTarget(target), ...(isCorrelation(target) ? sourcesOf(target) : [])]),
  )
  for (const alias of correlation.aliases)
    for (const field of alias.fields) {
      const target = resolve(field)
      if (typeof target === 'string') return { fault: field, reason: `alias "${alias.name}": ${target}` }
      if (!reachable.has(keyOfTarget(target)))
        return {
          fault: field,
          reason: `alias "${alias.name}" names rule "${field.text}", which the correlation does not refer to`,
        }
    }
  return undefined
}

const sourcesOf = (correlation: LinkedCorrelation): readonly string[] =>
  correlation.legs.flatMap(leg => [leg.source, ...Object.keys(leg.fields)])

/** The field that stands for `name` in the events of a rule or correlation that is known by one of `names`. */
function aliased(aliases: readonly Alias[], name: string, names: readonly string[]): string {
  const alias = aliases.find(one => one.name === name)
  return alias?.fields.find(({ text }) => names.includes(text))?.field ?? name
}

function ofRule(correlation: CorrelationRule, names: readonly string[], key: string): Leg['fields'] {
  const map = (fields: readonly string[]) => fields.map(field => aliased(correlation.aliases, field, names))
  return { [key]: { group: map(correlation.groupBy), values: map(correlation.condition.fields) } }
}

/**
 * A correlation's hit stands for the events it rests on, so its fields are theirs: a name is first what this correlation calls it, then
 * what the inner one calls it, down to the rule.
 */
function throughCorrelation(correlation: CorrelationRule, names: readonly string[], inner: LinkedCorrelation): Leg['fields'] {
  const fields: Record<string, { group: readonly string[]; values: readonly string[] }> = {}
  for (const base of baseRulesOf(inner)) {
    const map = (wanted: readonly string[]) =>
      wanted.map(field => {
        const direct = aliased(correlation.aliases, field, [base])
        return direct !== field ? direct : innerField(inner, aliased(correlation.aliases, field, names), base)
      })
    fields[base] = { group: map(correlation.groupBy), values: map(correlation.condition.fields) }
  }
  return fields
}

const baseRulesOf = (correlation: LinkedCorrelation): readonly string[] => [
  ...new Set(correlation.legs.flatMap(leg => Object.keys(leg.fields))),
]

/** What an inner correlation's own group-by or condition field is called in a base rule; another name is the rule's own. */
function innerField(inner: LinkedCorrelation, name: string, base: string): string {
  for (const leg of inner.legs) {
    const fields = leg.fields[base]
    if (fields === undefined) continue
    const group = inner.groupBy.indexOf(name)
    if (group >= 0) return fields.group[group] ?? name
    const value = inner.condition.fields.indexOf(name)
    if (value >= 0) return fields.values[value] ?? name
  }
  return name
}

function planOf(accepted: readonly { readonly rule: CorrelationRule; readonly linked: LinkedCorrelation }[]): CorrelationPlan {
  const fields = new Map<string, Set<string>>()
  const hidden = new Set<string>()
  const shown = new Set<string>()
  for (const { rule, linked } of accepted)
    for (const leg of linked.legs) {
      const set = rule.generate ? shown : hidden
      set.add(leg.source)
      for (const [base, { group, values }] of Object.entries(leg.fields)) {
        const wanted = fields.get(base) ?? new Set<string>()
        for (const field of [...group, ...values]) wanted.add(field)
        fields.set(base, wanted)
      }
    }
  const alone = (key: string) => shown.has(key) || !hidden.has(key)
  const feeds = [...fields].map(([key, wanted]): [string, FeedRule] => [key, { fields: [...wanted].sort(), alone: alone(key) }])
  return {
    feeds: Object.fromEntries(feeds.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    correlations: accepted
      .map(({ linked }) => ({ ...linked, alone: alone(linked.key) }))
      .toSorted((a, b) => a.level - b.level || (a.key < b.key ? -1 : 1)),
  }
}
