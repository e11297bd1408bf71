import type { Criterion, LegExpression } from './definition.ts'
import type { LinkedCorrelation } from './plan.ts'

const WORDS: Readonly<Record<Criterion['operator'], string>> = {
  gt: 'more than',
  gte: 'at least',
  lt: 'fewer than',
  lte: 'at most',
  eq: 'exactly',
  neq: 'any number but',
}

/** What a correlation asks for, in words: 'at least 10 events of "Failed log-on" within 10m for the same User'. */
export function conditionText(correlation: LinkedCorrelation): string {
  const { groupBy, timespanText } = correlation
  const same = groupBy.length === 0 ? '' : ` for the same ${groupBy.join(' and ')}`
  return `${subject(correlation)} within ${timespanText}${same}`
}

function subject({ type, condition, legs }: LinkedCorrelation): string {
  const names = legs.map(leg => `"${leg.title}"`)
  const number = condition.criteria.map(({ operator, value }) => `${WORDS[operator]} ${value}`).join(' and ')
  const field = condition.fields.join(' with ')
  const of = ` of ${names.join(' or ')}`
  switch (type) {
    case 'event_count':
      return `${number} events${of}`
    case 'value_count':
      return `${number} different values of ${field} in events${of}`
    case 'value_sum':
    case 'value_avg':
    case 'value_median':
      return `${{ value_sum: 'a sum', value_avg: 'an average', value_median: 'a median' }[type]} of ${field} of ${number} in events${of}`
    case 'value_percentile':
      return condition.percentile === undefined
        ? `a value of ${field} in ${number} percent of the events${of}`
        : `a percentile ${condition.percentile} of ${field} of ${number} in events${of}`
    case 'temporal':
    case 'temporal_ordered': {
      const order = type === 'temporal' ? '' : ', in this order'
      if (condition.expression) return `${expressionText(condition.expression, names)}${order}`
      const [only] = condition.criteria
      const all = condition.criteria.length === 1 && only?.operator === 'gte' && only.value === legs.length
      return `${all ? (type === 'temporal' ? 'all of ' : '') : `${number} of `}${names.join(type === 'temporal' ? ', ' : ', then ')}${all ? '' : order}`
    }
    default:
      return type satisfies never
  }
}

function expressionText(expression: LegExpression, names: readonly string[]): string {
  if ('leg' in expression) return names[expression.leg] ?? ''
  if ('not' in expression) return `not ${bracketed(expression.not, names)}`
  const [word, parts] = 'and' in expression ? (['and', expression.and] as const) : (['or', expression.or] as const)
  return parts.map(part => bracketed(part, names)).join(` ${word} `)
}

const bracketed = (expression: LegExpression, names: readonly string[]): string =>
  'and' in expression || 'or' in expression ? `(${expressionText(expression, names)})` : expressionText(expression, names)
