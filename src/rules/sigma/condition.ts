/** A condition as a tree over the names of selections. */
export type Condition =
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'not'; readonly of: Condition }
  | { readonly op: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly op: 'count'; readonly quantifier: 'one' | 'all'; readonly names: readonly string[] }

/** Why a condition could not be read. */
export class ConditionError extends Error {}

const TOKEN = /\s*(\(|\)|\||[^\s()|]+)/y

/**
 * Reads a Sigma condition: `not` binds tighter than `and`, `and` tighter than `or`; `1 of x*`, `all of x*`, `1 of them`. Names that
 * begin with "_" are not part of "them".
 */
export function parseCondition(text: string, selections: readonly string[]): Condition {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) tokens.push(match[1] ?? '')
  if (tokens.includes('|'))
    throw new ConditionError('aggregation with "|" is deprecated in Sigma 2: write it as a correlation rule')
  let at = 0
  const peek = (): string => (tokens[at] ?? '').toLowerCase()

  const or = (): Condition => {
    let left = and()
    while (peek() === 'or') {
      at++
      left = { op: 'or', left, right: and() }
    }
    return left
  }
  const and = (): Condition => {
    let left = not()
    while (peek() === 'and') {
      at++
      left = { op: 'and', left, right: not() }
    }
    return left
  }
  const not = (): Condition => {
    if (peek() !== 'not') return primary()
    at++
    return { op: 'not', of: not() }
  }
  const primary = (): Condition => {
    const token = tokens[at]
    if (token === undefined) throw new ConditionError('the condition ends too early')
    at++
    if (token === '(') {
      const inner = or()
      if (tokens[at] !== ')') throw new ConditionError('a closing bracket is missing')
      at++
      return inner
    }
    if (/^(?:1|any|all)$/i.test(token) && peek() === 'of') {
      at++
      const pattern = tokens[at++] ?? ''
      const names = selectionsOf(pattern, selections)
      if (names.length === 0) throw new ConditionError(`"${pattern}" names no selection`)
      return { op: 'count', quantifier: token.toLowerCase() === 'all' ? 'all' : 'one', names }
    }
    if (!selections.includes(token)) throw new ConditionError(`"${token}" is not a selection of this rule`)
    return { op: 'name', name: token }
  }

  const tree = or()
  if (at < tokens.length) throw new ConditionError(`"${tokens[at]}" is one word too many`)
  return tree
}

function selectionsOf(pattern: string, selections: readonly string[]): readonly string[] {
  if (pattern.toLowerCase() === 'them') return selections.filter(name => !name.startsWith('_'))
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const expression = new RegExp(`^${parts.join('.*')}$`)
  return selections.filter(name => expression.test(name))
}

/** Does the condition hold, given which selections do? Selections are asked only when needed. */
export function holds(condition: Condition, selection: (name: string) => boolean): boolean {
  switch (condition.op) {
    case 'name':
      return selection(condition.name)
    case 'not':
      return !holds(condition.of, selection)
    case 'and':
      return holds(condition.left, selection) && holds(condition.right, selection)
    case 'or':
      return holds(condition.left, selection) || holds(condition.right, selection)
    case 'count':
      return condition.quantifier === 'all' ? condition.names.every(selection) : condition.names.some(selection)
    default:
      return condition satisfies never
  }
}
