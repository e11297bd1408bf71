import type { RecordShape } from '../../../model/index.ts'
import { fieldHolds } from '../evaluate.ts'
import { foldCase } from '../fold-case.ts'
import type { EventKey, FieldSource, FieldView } from '../log-source/index.ts'
import { type Atom, eachAtom, KEYWORDS, type LiteralAtom, type Node, simplify } from './circuit.ts'
import { type Clause, clausesOf, type Frequency, rarest } from './clauses.ts'
import type { Finder } from './finder.ts'
import { type Gate, gateOfNode } from './gates.ts'

/** A rule of the index. */
export interface IndexedRule {
  /** Place among all rules; hits of one event come in this order. */
  readonly number: number
  readonly node: Node
}

/** A field whose value is searched for literals. */
export interface ScannedField {
  readonly field: string
  readonly source: FieldSource
  readonly finder: Finder
}

/** Finders are shared by all plans that need the same one. */
export interface FinderSource {
  ofField(field: string): Finder | undefined
  /** For literals looked for in all values. */
  ofKeywords(atoms: readonly number[]): Finder
}

/** Fields that are the same in all events of a plan, by the names rules use for them. */
export type KnownFields = Readonly<Partial<Record<'EventID' | 'Channel', string | undefined>>>

/** Position of a field in records of a shape: of the one name it can have there; */
export const ABSENT = -1
/** more than one way, or one that is worked out. */
export const ANY_WAY = -2

/** What all events of one key share for the rules that see them through one view. */
export class GroupPlan {
  readonly key: EventKey
  readonly view: FieldView
  readonly rules: readonly { readonly number: number; readonly gate: Gate }[]
  readonly scanned: readonly ScannedField[]
  /** Goes over all values, when a rule has keywords. */
  readonly keywords: Finder | undefined
  /** Could a keyword of these rules stand in a number, an id or a time? */
  readonly keywordsInNumbers: boolean
  /** Rules that no literal leads to. */
  always: Int32Array = new Int32Array(0)
  readonly #nodes: readonly Node[]
  readonly #atoms: readonly Atom[]
  /** Rules by atom: those of atom a are `#rulesOf` from `#starts[a]` to `#starts[a + 1]`. */
  starts: Int32Array = new Int32Array(0)
  rulesOf: Int32Array = new Int32Array(0)
  readonly #positions = new WeakMap<RecordShape, Int32Array>()
  /** Events seen, to know when to choose anew. */
  events = 0
  nextChoice = FIRST_CHOICE

  constructor(
    key: EventKey,
    view: FieldView,
    known: KnownFields,
    rules: readonly IndexedRule[],
    atoms: readonly Atom[],
    finders: FinderSource,
    frequency: Frequency,
  ) {
    this.key = key
    this.view = view
    this.#atoms = atoms
    const answers = knownAtoms(known, view, atoms)
    const open = rules
      .map(({ number, node }) => ({ number, node: simplify(node, answers) }))
      .filter(({ node }) => node.kind !== 'constant' || node.value)
    this.rules = open.map(({ number, node }) => ({ number, gate: gateOfNode(node, atoms) }))
    this.#nodes = open.map(({ node }) => node)
    const fields = fieldsOf(this.#nodes, atoms)
    this.keywords = fields.has(KEYWORDS) ? finders.ofKeywords(keywordLiterals(this.#nodes, atoms)) : undefined
    this.keywordsInNumbers = this.keywords !== undefined && this.#nodes.some(node => hasNumberKeyword(node, atoms))
    this.scanned = [...fields].flatMap(field => {
      const finder = finders.ofField(field)
      return field === KEYWORDS || !finder ? [] : [{ field, source: view.sourceOf(field), finder }]
    })
    this.choose(frequency)
  }

  /** Chooses for every rule the clause that leads to it, the one expected to hold least often. */
  choose(frequency: Frequency): void {
    const always: number[] = []
    const clauses = new Map<number, Clause>()
    for (const [index, node] of this.#nodes.entries()) {
      const clause = rarest(clausesOf(node, this.#atoms, frequency), frequency)
      if (clause) clauses.set(index, clause)
      else always.push(index)
    }
    this.always = Int32Array.from(always)
    const starts = new Int32Array(this.#atoms.length + 1)
    for (const clause of clauses.values()) for (const atom of clause) starts[atom + 1] = (starts[atom + 1] ?? 0) + 1
    for (let atom = 0; atom < this.#atoms.length; atom++) starts[atom + 1] = (starts[atom + 1] ?? 0) + (starts[atom] ?? 0)
    const rulesOf = new Int32Array(starts[this.#atoms.length] ?? 0)
    const next = starts.slice()
    for (const [index, clause] of clauses)
      for (const atom of clause) {
        const at = next[atom] ?? 0
        rulesOf[at] = index
        next[atom] = at + 1
      }
    this.starts = starts
    this.rulesOf = rulesOf
  }

  /** Where the scanned fields stand in records of a shape. */
  positions(shape: RecordShape): Int32Array {
    let positions = this.#positions.get(shape)
    if (!positions) {
      positions = Int32Array.from(this.scanned, ({ source }) => positionOf(source, shape))
      this.#positions.set(shape, positions)
    }
    return positions
  }
}

/** After so many events what they hold is known well enough to choose by it; then again after eight times as many. */
const FIRST_CHOICE = 256
export const CHOICE_GROWTH = 8
/** What has been seen of a million events does not change any more. */
export const LAST_CHOICE = 1 << 20

function positionOf(source: FieldSource, shape: RecordShape): number {
  if ('from' in source || 'column' in source) return ANY_WAY
  const found = source.names.map(name => shape.names.indexOf(name)).filter(index => index >= 0)
  const [only] = found
  if (found.length === 1 && only !== undefined) return only
  // Unnamed values have numbers in the shape and are had together under one name.
  return found.length === 0 && !source.names.includes('Data') ? ABSENT : ANY_WAY
}

function fieldsOf(nodes: readonly Node[], atoms: readonly Atom[]): ReadonlySet<string> {
  const fields = new Set<string>()
  const add = (number: number) => {
    const atom = atoms[number]
    if (atom?.kind === 'literal' || (atom && atom.needs.length > 0)) fields.add(atom.field)
  }
  for (const node of nodes) eachAtom(node, add)
  return fields
}

/** Literal atoms looked for in all values, in order. */
function keywordLiterals(nodes: readonly Node[], atoms: readonly Atom[]): readonly number[] {
  const found = new Set<number>()
  const add = (number: number) => {
    const atom = atoms[number]
    if (atom?.field !== KEYWORDS) return
    for (const literal of atom.kind === 'literal' ? [number] : atom.needs.flat()) found.add(literal)
  }
  for (const node of nodes) eachAtom(node, add)
  return [...found].sort((a, b) => a - b)
}

/** What numbers, GUIDs, SIDs, times and truth values are written with. */
const FORMATTED = /^[0-9a-fxstzrul{}:.-]+$/

function hasNumberKeyword(node: Node, atoms: readonly Atom[]): boolean {
  let found = false
  eachAtom(node, number => {
    const atom = atoms[number]
    if (atom?.field !== KEYWORDS) return
    const literals = atom.kind === 'literal' ? [number] : atom.needs.flat()
    found ||= literals.some(literal => {
      const needed = atoms[literal]
      return needed?.kind === 'literal' && FORMATTED.test(needed.literal)
    })
  })
  return found
}

/**
 * All events of a plan have the same event id and channel: what a rule asks of these is answered once. A rule that looks for words in
 * one channel only is then no rule for events of the others, and their values need not be searched for its words.
 */
function knownAtoms(known: KnownFields, view: FieldView, atoms: readonly Atom[]): (atom: number) => boolean | undefined {
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(known)) {
    const source = view.sourceOf(name)
    if (value !== undefined && !('from' in source) && !('column' in source) && source.names[0] === name) values.set(name, value)
  }
  const nothing = { get: () => undefined, values: () => [] }
  return number => {
    const atom = atoms[number]
    const value = atom && values.get(atom.field)
    if (!atom || value === undefined) return undefined
    if (atom.kind === 'literal') return literalHolds(atom, foldCase(value))
    return atom.test.kind === 'fieldref' ? undefined : fieldHolds(atom.test, value, nothing)
  }
}

function literalHolds({ literal, anchor }: LiteralAtom, text: string): boolean {
  switch (anchor) {
    case 'whole':
      return text === literal
    case 'starts':
      return text.startsWith(literal)
    case 'ends':
      return text.endsWith(literal)
    case 'contains':
      return text.includes(literal)
    default:
      return anchor satisfies never
  }
}
