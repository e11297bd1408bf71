import type { Condition, SigmaRule } from './ast.ts'
import type { RuleNote, SigmaCorrelation, SigmaFilter } from './document.ts'
import type { LogSource } from './log-source/index.ts'

/**
 * ANDs filters onto the rules they name (sigma-specification 2.1, filters): a rule is named by id or name, or by `rules: any`, and must be
 * of the filter's log source. Correlations are never filtered: their rules are.
 */
export function applyFilters(
  rules: readonly SigmaRule[],
  filters: readonly SigmaFilter[],
  correlations: readonly SigmaCorrelation[],
): { readonly rules: readonly SigmaRule[]; readonly notes: readonly RuleNote[] } {
  const notes = filters.flatMap(filter => notesOf(filter, rules, correlations))
  if (filters.length === 0) return { rules, notes }
  return { rules: rules.map(rule => filters.filter(filter => applies(filter, rule)).reduce(joined, rule)), notes }
}

const names = ({ rules }: SigmaFilter, { id, name }: { readonly id: string; readonly name: string }): boolean =>
  rules === 'any' || rules.some(wanted => wanted !== '' && (wanted.toLowerCase() === id.toLowerCase() || wanted === name))

const applies = (filter: SigmaFilter, rule: SigmaRule): boolean =>
  names(filter, rule) && contains(filter.logSource, rule.logSource)

/** What the filter's log source says, the rule's must say too; what it leaves open may be anything. */
const contains = (wide: LogSource, narrow: LogSource): boolean =>
  (['category', 'product', 'service'] as const).every(part => wide[part] === undefined || wide[part] === narrow[part])

/** Selections of a filter get its title, so that they neither meet those of the rule nor are part of its `them`. */
function joined(rule: SigmaRule, { head, detection }: SigmaFilter): SigmaRule {
  const taken = new Set(rule.detection.selections.keys())
  let mark = `filter "${head.title}"`
  for (let again = 2; [...detection.selections.keys()].some(name => taken.has(`${mark}: ${name}`)); again++)
    mark = `filter "${head.title}" ${again}`
  const renamed = (name: string): string => `${mark}: ${name}`
  return {
    ...rule,
    detection: {
      selections: new Map([
        ...rule.detection.selections,
        ...[...detection.selections].map(([name, expression]) => [renamed(name), expression] as const),
      ]),
      condition: { kind: 'and', of: [rule.detection.condition, withNames(detection.condition, renamed)] },
    },
  }
}

function withNames(condition: Condition, renamed: (name: string) => string): Condition {
  switch (condition.kind) {
    case 'selection':
      return { kind: 'selection', name: renamed(condition.name) }
    case 'not':
      return { kind: 'not', of: withNames(condition.of, renamed) }
    case 'and':
    case 'or':
      return { kind: condition.kind, of: condition.of.map(part => withNames(part, renamed)) }
    default:
      return condition satisfies never
  }
}

function notesOf(
  filter: SigmaFilter,
  rules: readonly SigmaRule[],
  correlations: readonly SigmaCorrelation[],
): readonly RuleNote[] {
  const { file: path, title, line, column } = filter.head
  const note = (message: string): RuleNote => ({ path, title, line, column, message })
  const notes: RuleNote[] = []
  if (!negates(filter.detection.condition))
    notes.push(
      note('the filter keeps only what matches it, since its condition is joined with "and"; to leave that out write "not"'),
    )
  if (filter.rules === 'any') {
    if (!rules.some(rule => applies(filter, rule))) notes.push(note('the filter applies to no rule: none is of its log source'))
    return notes
  }
  for (const wanted of filter.rules) {
    const one = { ...filter, rules: [wanted] }
    const named = rules.filter(rule => names(one, rule))
    if (correlations.some(({ head }) => names(one, head)))
      notes.push(note(`"${wanted}" is a correlation; filters apply to the rules it joins`))
    else if (named.length === 0) notes.push(note(`"${wanted}" is no rule that was loaded`))
    else if (!named.some(rule => applies(one, rule)))
      notes.push(note(`rule "${wanted}" is of another log source, so the filter does not apply to it`))
  }
  return notes
}

const negates = (condition: Condition): boolean =>
  condition.kind === 'not' || (condition.kind !== 'selection' && condition.of.some(negates))
