import type { CorrelationType, Criterion, LegExpression, Operator } from './definition.ts'

/** Does a number meet one comparison? */
export function meets(value: number, { operator, value: limit }: Criterion): boolean {
  return holdsFor(operator, value < limit ? -1 : value > limit ? 1 : 0)
}

/** Does `operator` hold when the left side is smaller (-1), equal (0) or greater (1)? */
export function holdsFor(operator: Operator, order: -1 | 0 | 1): boolean {
  switch (operator) {
    case 'gt':
      return order > 0
    case 'gte':
      return order >= 0
    case 'lt':
      return order < 0
    case 'lte':
      return order <= 0
    case 'eq':
      return order === 0
    case 'neq':
      return order !== 0
    default:
      return operator satisfies never
  }
}

export const meetsAll = (value: number, criteria: readonly Criterion[]): boolean =>
  criteria.every(criterion => meets(value, criterion))

/** Is there a count, from 1 upwards, that meets all criteria? A window is opened by an event, so no window holds none. */
export function someCountMeets(criteria: readonly Criterion[]): boolean {
  const candidates = [
    1,
    ...criteria.flatMap(({ value }) => [Math.floor(value) - 1, Math.floor(value), Math.floor(value) + 1]),
    2 ** 40,
  ]
  return candidates.some(count => count >= 1 && meetsAll(count, criteria))
}

const lowerBounds: ReadonlySet<Operator> = new Set(['gt', 'gte'])

/**
 * Can a window that meets the condition stop to meet it when events join? Then it is judged only when it is complete;
 * otherwise as soon as it meets it. Values may be negative, so a sum counts as growing only by what it is at the moment asked.
 */
export function isJudgedWhenComplete(
  type: CorrelationType,
  criteria: readonly Criterion[],
  expression: LegExpression | undefined,
): boolean {
  if (expression !== undefined) return hasNegation(expression)
  if (type === 'value_avg' || type === 'value_median' || type === 'value_percentile') return true
  return !criteria.every(({ operator }) => lowerBounds.has(operator))
}

function hasNegation(expression: LegExpression): boolean {
  if ('not' in expression) return true
  if ('leg' in expression) return false
  return ('and' in expression ? expression.and : expression.or).some(hasNegation)
}
