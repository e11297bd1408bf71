import type { Condition, Detection, Expression, Pattern, ValueTest } from '../ast.ts'
import { foldCase } from '../fold-case.ts'
import type { LiteralAnchor } from './finder.ts'
import { isFindable, isFindableAnywhere } from './literal-finder.ts'
import { marksOf } from './marks.ts'
import { necessaryLiterals } from './regex-literals.ts'

/** A rule as gates over atoms. Several rules share an atom; every atom is answered once an event at most. */
export type Node =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'atom'; readonly atom: number }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Node[] }
  | { readonly kind: 'not'; readonly of: Node }

/** What is looked for in all values of a record instead of a field; no field of a record has this name. */
export const KEYWORDS = '\0keywords'

/** A literal at its place in a field, found in one pass over the value. */
export interface LiteralAtom {
  readonly kind: 'literal'
  readonly field: string
  readonly literal: string
  readonly anchor: LiteralAnchor
}
/** Any other test of a field: asked when a rule needs it, after one of the literals it cannot do without has been seen. */
export interface TestAtom {
  readonly kind: 'test'
  readonly field: string
  readonly test: ValueTest
  /** Clauses of literal atoms: of each one holds whenever the test does. */
  readonly needs: readonly (readonly number[])[]
  /** Marks (see `marks.ts`) of which a value has all when it passes. */
  readonly marks: number
}
export type Atom = LiteralAtom | TestAtom

/** Gives every atom a number, the same one for the same question. */
export class AtomTable {
  readonly atoms: Atom[] = []
  readonly #literals = new Map<string, number>()
  readonly #tests = new Map<string, number>()

  literal(field: string, anchor: LiteralAnchor, literal: string): number {
    const name = `${anchor}\0${field}\0${literal}`
    const known = this.#literals.get(name)
    if (known !== undefined) return known
    this.#literals.set(name, this.atoms.length)
    return this.atoms.push({ kind: 'literal', field, literal, anchor }) - 1
  }

  test(field: string, test: ValueTest): number {
    const name = `${field}\0${JSON.stringify(test)}`
    const known = this.#tests.get(name)
    if (known !== undefined) return known
    const clauses = neededLiterals(test)
    const needs = wanted(field, clauses).map(clause => clause.map(({ literal, anchor }) => this.literal(field, anchor, literal)))
    this.#tests.set(name, this.atoms.length)
    return this.atoms.push({ kind: 'test', field, test, needs, marks: marksOfClauses(clauses) }) - 1
  }
}

/** The gates of a whole detection. */
export function circuitOf({ selections, condition }: Detection, table: AtomTable): Node {
  const made = new Map<string, Node>()
  return conditionNode(condition, name => {
    let node = made.get(name)
    if (!node) {
      const selection = selections.get(name)
      node = selection ? expressionNode(selection, table) : FALSE
      made.set(name, node)
    }
    return node
  })
}

export const FALSE: Node = { kind: 'constant', value: false }
export const TRUE: Node = { kind: 'constant', value: true }

function conditionNode(condition: Condition, selection: (name: string) => Node): Node {
  switch (condition.kind) {
    case 'selection':
      return selection(condition.name)
    case 'not':
      return { kind: 'not', of: conditionNode(condition.of, selection) }
    case 'and':
    case 'or':
      return { kind: condition.kind, of: condition.of.map(part => conditionNode(part, selection)) }
    default:
      return condition satisfies never
  }
}

function expressionNode(expression: Expression, table: AtomTable): Node {
  switch (expression.kind) {
    case 'all':
      return { kind: 'and', of: expression.of.map(part => expressionNode(part, table)) }
    case 'any':
      return { kind: 'or', of: expression.of.map(part => expressionNode(part, table)) }
    case 'field':
      return testNode(expression.field, expression.test, table)
    case 'keyword':
      return keywordNode(expression.test, table)
    default:
      return expression satisfies never
  }
}

/** `all`, `any` and `not` ask the same values again, so they are gates like those between fields. */
function testNode(field: string, test: ValueTest, table: AtomTable): Node {
  switch (test.kind) {
    case 'all':
      return { kind: 'and', of: test.of.map(part => testNode(field, part, table)) }
    case 'any':
      return { kind: 'or', of: test.of.map(part => testNode(field, part, table)) }
    case 'not':
      return { kind: 'not', of: testNode(field, test.of, table) }
    default:
      return leafNode(field, test, table)
  }
}

/** One value must pass the whole test: only `any` may be taken apart. */
function keywordNode(test: ValueTest, table: AtomTable): Node {
  if (test.kind === 'any') return { kind: 'or', of: test.of.map(part => keywordNode(part, table)) }
  return leafNode(KEYWORDS, test, table)
}

function leafNode(field: string, test: ValueTest, table: AtomTable): Node {
  const exact = test.kind === 'pattern' ? exactLiteral(test.pattern) : undefined
  const atom = exact && isWanted(field, exact) ? table.literal(field, exact.anchor, exact.literal) : table.test(field, test)
  return { kind: 'atom', atom }
}

type PlacedLiteral = Pick<LiteralAtom, 'literal' | 'anchor'>

const isRun = (token: Pattern['tokens'][number] | undefined) => token !== undefined && 'any' in token && token.any === 'run'

/** A pattern that is one literal at a place, which is answered by finding it. */
function exactLiteral({ cased, tokens }: Pattern): PlacedLiteral | undefined {
  if (cased) return undefined
  const open = isRun(tokens[0])
  const close = tokens.length > 1 && isRun(tokens.at(-1))
  const inner = tokens.slice(open ? 1 : 0, close ? -1 : undefined)
  const [only] = inner
  if (inner.length !== 1 || !only || !('literal' in only)) return undefined
  const anchor = open ? (close ? 'contains' : 'ends') : close ? 'starts' : 'whole'
  return { literal: only.literal, anchor }
}

/** Is the literal worth being looked for in a field, or in all values? */
const isWanted = (field: string, { literal, anchor }: PlacedLiteral) =>
  field === KEYWORDS ? isFindableAnywhere(literal, anchor) : isFindable(literal, anchor)

/** Marks in every literal of a clause, for all clauses. */
function marksOfClauses(clauses: readonly (readonly PlacedLiteral[])[]): number {
  let marks = 0
  for (const clause of clauses) if (clause.length > 0) marks |= clause.reduce((both, { literal }) => both & marksOf(literal), -1)
  return marks
}

/** The clauses worth being looked for; one with a single ASCII letter, which is in every other value, only where there is no better one. */
function wanted(field: string, clauses: readonly (readonly PlacedLiteral[])[]): readonly (readonly PlacedLiteral[])[] {
  const findable = clauses.filter(clause => clause.every(placed => isWanted(field, placed)))
  const better = findable.filter(clause => clause.every(({ literal }) => literal.length > 1 || literal > '\x7f'))
  return better.length > 0 ? better : findable.slice(0, 1)
}

/** Clauses of literals: of each a value holds at least one when it passes the test. */
function neededLiterals(test: ValueTest): readonly (readonly PlacedLiteral[])[] {
  switch (test.kind) {
    case 'pattern':
      return patternLiterals(test.pattern)
    case 'regex':
      return necessaryLiterals(test.source, test.flags.i).map(clause =>
        clause.map((text): PlacedLiteral => ({ literal: foldCase(text), anchor: 'contains' })),
      )
    case 'all':
      return test.of.flatMap(neededLiterals)
    case 'any': {
      const each = test.of.map(part => neededLiterals(part)[0])
      return each.every(clause => clause !== undefined) ? [each.flat()] : []
    }
    default:
      return []
  }
}

/** Of a pattern with wildcards inside, or of a cased one, every literal, whatever its case. */
function patternLiterals({ tokens }: Pattern): readonly (readonly PlacedLiteral[])[] {
  return tokens.flatMap(token => {
    if (!('literal' in token)) return []
    // Half a surrogate pair is another character once its other half is folded with it.
    const parts = token.literal.split(/[\ud800-\udfff]/).filter(part => part !== '')
    return parts.map((part): readonly PlacedLiteral[] => [{ literal: foldCase(part), anchor: 'contains' }])
  })
}

/** The same gates with some atoms known; gates without an open question are gone. */
export function simplify(node: Node, known: (atom: number) => boolean | undefined): Node {
  switch (node.kind) {
    case 'constant':
      return node
    case 'atom': {
      const value = known(node.atom)
      return value === undefined ? node : value ? TRUE : FALSE
    }
    case 'not': {
      const inner = simplify(node.of, known)
      return inner.kind === 'constant' ? (inner.value ? FALSE : TRUE) : { kind: 'not', of: inner }
    }
    case 'and':
    case 'or': {
      const deciding = node.kind === 'or'
      const parts: Node[] = []
      for (const part of node.of) {
        const inner = simplify(part, known)
        if (inner.kind === 'constant') {
          if (inner.value === deciding) return inner
        } else if (inner.kind === node.kind) parts.push(...inner.of)
        else parts.push(inner)
      }
      const [only] = parts
      if (!only) return deciding ? FALSE : TRUE
      return parts.length === 1 ? only : { kind: node.kind, of: parts }
    }
    default:
      return node satisfies never
  }
}

/** Calls `use` with every atom, also with those a test needs. */
export function eachAtom(node: Node, use: (atom: number) => void): void {
  switch (node.kind) {
    case 'constant':
      return
    case 'atom':
      use(node.atom)
      return
    case 'not':
      eachAtom(node.of, use)
      return
    case 'and':
    case 'or':
      for (const part of node.of) eachAtom(part, use)
      return
    default:
      node satisfies never
  }
}
