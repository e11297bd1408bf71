import type { LegExpression } from './definition.ts'

/** An expression with the references it names, in order of their first appearance; a leg is an index into them. */
export interface ParsedExpression {
  readonly expression: LegExpression
  readonly references: readonly string[]
  /** Those that the expression names. */
  readonly used: ReadonlySet<string>
}

/** What is wrong with an expression, and at which character. */
export interface ExpressionFault {
  readonly at: number
  readonly reason: string
}

const TOKEN = /\s*(?:([()])|([\w.-]+))/y
/** Brackets and negations inside each other; a person writes three at most. */
const MAX_DEPTH = 50

/**
 * Reads `rule_a and (rule_b or not rule_c)`: the conditions of temporal correlations that sigma-specification 2.2 prepares.
 * `not` binds strongest, then `and`, then `or`. With `known` references the legs are numbered by them.
 */
export function parseLegExpression(text: string, known: readonly string[] = []): ParsedExpression | ExpressionFault {
  const tokens = tokensOf(text)
  if ('reason' in tokens) return tokens
  const references = [...known]
  const used = new Set<string>()
  let next = 0
  const peek = () => tokens[next]?.text.toLowerCase()
  const fault = (): ExpressionFault => {
    const token = tokens[next]
    return token
      ? { at: token.at, reason: `"${token.text}" is not expected here` }
      : { at: text.length, reason: 'the condition ends where a rule is expected' }
  }

  const chain = (word: 'and' | 'or', part: (depth: number) => LegExpression | ExpressionFault, depth: number) => {
    const first = part(depth)
    if ('reason' in first) return first
    const parts = [first]
    while (peek() === word) {
      next += 1
      const following = part(depth)
      if ('reason' in following) return following
      parts.push(following)
    }
    return parts.length === 1 ? first : word === 'and' ? { and: parts } : { or: parts }
  }
  const any = (depth: number): LegExpression | ExpressionFault => chain('or', all, depth)
  const all = (depth: number): LegExpression | ExpressionFault => chain('and', one, depth)
  const one = (depth: number): LegExpression | ExpressionFault => {
    const token = tokens[next]
    const word = peek()
    if (!token || word === ')' || word === 'and' || word === 'or') return fault()
    if (depth > MAX_DEPTH) return { at: token.at, reason: `brackets and negations are nested more than ${MAX_DEPTH} deep` }
    next += 1
    if (word === 'not') {
      const inner = one(depth + 1)
      return 'reason' in inner ? inner : { not: inner }
    }
    if (word === '(') {
      const inner = any(depth + 1)
      if ('reason' in inner) return inner
      if (peek() !== ')') return tokens[next] ? fault() : { at: text.length, reason: 'a closing bracket is missing' }
      next += 1
      return inner
    }
    used.add(token.text)
    if (!references.includes(token.text)) references.push(token.text)
    return { leg: references.indexOf(token.text) }
  }

  const expression = any(0)
  if ('reason' in expression) return expression
  return next < tokens.length ? fault() : { expression, references, used }
}

function tokensOf(text: string): readonly { readonly text: string; readonly at: number }[] | ExpressionFault {
  const tokens: { text: string; at: number }[] = []
  const end = text.trimEnd().length
  TOKEN.lastIndex = 0
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(text)
    const token = match?.[1] ?? match?.[2]
    if (token === undefined) return { at, reason: `"${text.slice(at).trimStart().slice(0, 1)}" is not part of a condition` }
    tokens.push({ text: token, at: TOKEN.lastIndex - token.length })
  }
  return tokens
}

/** Is the expression true when the legs of `present` are there? `asserted` are the legs that count where none is negated. */
export function expressionHolds(expression: LegExpression, asserted: number, present = asserted): boolean {
  if ('leg' in expression) return (asserted & (1 << expression.leg)) !== 0
  if ('not' in expression) return !expressionHolds(expression.not, present, asserted)
  if ('and' in expression) return expression.and.every(part => expressionHolds(part, asserted, present))
  return expression.or.some(part => expressionHolds(part, asserted, present))
}
