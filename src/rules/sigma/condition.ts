import type { Condition } from './ast.ts'
import { SigmaError } from './yaml-tree.ts'

const TOKEN = /\s*(\(|\)|\||[^\s()|]+)/y
/** Brackets and "not" deeper than this are no condition somebody wrote. */
const MAX_DEPTH = 100
const MAX_LENGTH = 20_000

interface Token {
  readonly text: string
  readonly at: number
}

/**
 * Reads a Sigma condition: `x of` binds tighter than `not`, `not` than `and`, `and` than `or`. `them` and patterns leave out names that
 * begin with "_", unless the pattern does; a pattern has `*` anywhere. Errors carry the offset in the text.
 */
export function parseCondition(text: string, selections: readonly string[]): Condition {
  if (text.length > MAX_LENGTH) throw new SigmaError(0, `a condition of more than ${MAX_LENGTH} characters`)
  const tokens = tokensOf(text)
  let position = 0
  let depth = 0
  const peek = (): string => (tokens[position]?.text ?? '').toLowerCase()
  const place = (): number => tokens[position]?.at ?? text.trimEnd().length

  const chain = (word: 'or' | 'and', operand: () => Condition): Condition => {
    const first = operand()
    if (peek() !== word) return first
    const of = [first]
    while (peek() === word) {
      position++
      of.push(operand())
    }
    return { kind: word, of }
  }
  const or = (): Condition => chain('or', and)
  const and = (): Condition => chain('and', not)
  const not = (): Condition => {
    if (++depth > MAX_DEPTH) throw new SigmaError(place(), `nested deeper than ${MAX_DEPTH} levels`)
    try {
      if (peek() !== 'not') return primary()
      position++
      return { kind: 'not', of: not() }
    } finally {
      depth--
    }
  }
  const primary = (): Condition => {
    const token = tokens[position]
    if (token === undefined) throw new SigmaError(place(), 'the condition ends too early')
    position++
    if (token.text === '(') {
      const inner = or()
      if (peek() !== ')') throw new SigmaError(place(), 'a closing bracket is missing')
      position++
      return inner
    }
    if (peek() === 'of') return quantified(token)
    if (!selections.includes(token.text)) throw new SigmaError(token.at, `"${token.text}" is not a selection of this rule`)
    return { kind: 'selection', name: token.text }
  }
  const quantified = (quantifier: Token): Condition => {
    const word = quantifier.text.toLowerCase()
    if (word !== '1' && word !== 'any' && word !== 'all')
      throw new SigmaError(quantifier.at, `"${quantifier.text} of" is not in Sigma 2.1; "1 of", "any of" and "all of" are`)
    position++
    const pattern = tokens[position]
    if (pattern === undefined) throw new SigmaError(place(), `"${quantifier.text} of" of what? The condition ends too early`)
    position++
    const names = selectionsOf(pattern.text, selections)
    if (names.length === 0) throw new SigmaError(pattern.at, `"${pattern.text}" names no selection`)
    const of = names.map((name): Condition => ({ kind: 'selection', name }))
    const [only] = of
    return of.length === 1 && only !== undefined ? only : { kind: word === 'all' ? 'and' : 'or', of }
  }

  const tree = or()
  const rest = tokens[position]
  if (rest !== undefined) throw new SigmaError(rest.at, `"${rest.text}" is one word too many`)
  return tree
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const word = match[1] ?? ''
    tokens.push({ text: word, at: match.index + match[0].length - word.length })
  }
  return tokens
}

function selectionsOf(pattern: string, all: readonly string[]): readonly string[] {
  const selections = pattern.startsWith('_') ? all : all.filter(name => !name.startsWith('_'))
  if (pattern.toLowerCase() === 'them') return selections
  const [first = '', ...others] = pattern.split('*')
  if (others.length === 0) return selections.filter(name => name === pattern)
  const last = others.pop() ?? ''
  return selections.filter(name => {
    if (!name.startsWith(first)) return false
    let at = first.length
    for (const part of others) {
      const found = name.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return name.length >= at + last.length && name.endsWith(last)
  })
}
