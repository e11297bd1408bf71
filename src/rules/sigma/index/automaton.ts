import { foldCase } from '../fold-case.ts'

/** Where a literal must stand in a value. */
export const anchors = ['contains', 'starts', 'ends', 'whole'] as const
export type LiteralAnchor = (typeof anchors)[number]

/** Gets the atoms whose literal stands where it must; the same one may come several times. */
export interface AtomSink {
  hit(atom: number): void
}

const ASCII = 128
/** Ints of one state: row of a dense one (or -1), two children as (class, state), the state to fall back to, first output. */
const STRIDE = 8
const ROW = 0
const CHILD = 1
const FALL = 5
const OUTPUT = 6
/** States with more children have a row of their own, in which every class is answered at once. */
const MAX_SPARSE = 2
/** Ints of one output: length of the literal, atoms of the four anchors (or -1), next output of a shorter literal that ends here too. */
const OUT_STRIDE = 6
const NEXT = 5

/**
 * Finds all literals of one field in a value at once (Aho and Corasick 1975). Letters are folded as `foldCase` folds them. Most states
 * have one child and are kept small, falling back step by step; those with many answer in one step. A few ten thousand states then stay
 * in the processor's cache, which full tables do not.
 */
export class Automaton {
  readonly #ascii: Uint16Array
  readonly #wide: ReadonlyMap<number, number>
  readonly #states: Int32Array
  readonly #rows: Int32Array
  readonly #outputs: Int32Array

  constructor(tables: AutomatonTables) {
    this.#ascii = tables.ascii
    this.#wide = tables.wide
    this.#states = tables.states
    this.#rows = tables.rows
    this.#outputs = tables.outputs
  }

  /** Bytes of the tables. */
  get size(): number {
    return 4 * (this.#states.length + this.#rows.length + this.#outputs.length)
  }

  /** Scans UTF-16 text of `length` characters where it lies; false when it is not all ASCII, and must be scanned as folded text. */
  scanBytes(bytes: Uint8Array, at: number, length: number, sink: AtomSink): boolean {
    const ascii = this.#ascii
    const states = this.#states
    const rows = this.#rows
    let state = 0
    for (let index = 0, from = at; index < length; index++, from += 2) {
      const low = bytes[from] as number
      if (low >= ASCII || bytes[from + 1] !== 0) return false
      const letter = ascii[low] as number
      for (;;) {
        const row = states[state] as number
        if (row >= 0) {
          state = rows[row + letter] as number
          break
        }
        if (states[state + CHILD] === letter) {
          state = states[state + CHILD + 1] as number
          break
        }
        if (states[state + CHILD + 2] === letter) {
          state = states[state + CHILD + 3] as number
          break
        }
        state = states[state + FALL] as number
      }
      const output = states[state + OUTPUT] as number
      if (output !== 0) this.#tell(output, index + 1, length, sink)
    }
    return true
  }

  /** Scans a text. */
  scanText(text: string, sink: AtomSink): void {
    if (!this.#scanFolded(text, false, sink)) this.#scanFolded(foldCase(text), true, sink)
  }

  #scanFolded(text: string, isFolded: boolean, sink: AtomSink): boolean {
    const states = this.#states
    const { length } = text
    let state = 0
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index)
      if (unit >= ASCII && !isFolded) return false
      const letter = unit < ASCII ? (this.#ascii[unit] as number) : (this.#wide.get(unit) ?? 0)
      for (;;) {
        const row = states[state] as number
        if (row >= 0) {
          state = this.#rows[row + letter] as number
          break
        }
        if (states[state + CHILD] === letter) {
          state = states[state + CHILD + 1] as number
          break
        }
        if (states[state + CHILD + 2] === letter) {
          state = states[state + CHILD + 3] as number
          break
        }
        state = states[state + FALL] as number
      }
      const output = states[state + OUTPUT] as number
      if (output !== 0) this.#tell(output, index + 1, length, sink)
    }
    return true
  }

  #tell(first: number, end: number, length: number, sink: AtomSink): void {
    const outputs = this.#outputs
    for (let at = first; at !== 0; at = outputs[at + NEXT] as number) {
      const atStart = end === outputs[at]
      const atEnd = end === length
      const contains = outputs[at + 1] as number
      if (contains >= 0) sink.hit(contains)
      const starts = outputs[at + 2] as number
      if (starts >= 0 && atStart) sink.hit(starts)
      const ends = outputs[at + 3] as number
      if (ends >= 0 && atEnd) sink.hit(ends)
      const whole = outputs[at + 4] as number
      if (whole >= 0 && atStart && atEnd) sink.hit(whole)
    }
  }
}

interface AutomatonTables {
  readonly ascii: Uint16Array
  readonly wide: ReadonlyMap<number, number>
  readonly states: Int32Array
  readonly rows: Int32Array
  readonly outputs: Int32Array
}

interface Draft {
  readonly children: Map<number, Draft>
  /** Number of the state, in order of depth. */
  number: number
  fall: Draft | undefined
  /** Offset of the own output; 0 for none. */
  output: number
}

const draft = (): Draft => ({ children: new Map(), number: 0, fall: undefined, output: 0 })

/** Collects the literals of one field, then makes their automaton. */
export class AutomatonBuilder {
  readonly #root = draft()
  readonly #classes = new Map<number, number>()
  /** The first ones stay unused: 0 says "no output". */
  readonly #outputs: number[] = new Array(OUT_STRIDE).fill(0)

  /** `literal` is folded and not empty. */
  add(literal: string, anchor: LiteralAnchor, atom: number): void {
    let state = this.#root
    for (let index = 0; index < literal.length; index++) {
      const unit = literal.charCodeAt(index)
      let letter = this.#classes.get(unit)
      if (letter === undefined) {
        letter = this.#classes.size + 1
        this.#classes.set(unit, letter)
      }
      let next = state.children.get(letter)
      if (!next) {
        next = draft()
        state.children.set(letter, next)
      }
      state = next
    }
    if (state.output === 0) {
      state.output = this.#outputs.length
      this.#outputs.push(literal.length, -1, -1, -1, -1, 0)
    }
    this.#outputs[state.output + 1 + anchors.indexOf(anchor)] = atom
  }

  build(): Automaton {
    const order = this.#inOrder()
    const width = this.#classes.size + 1
    const dense = order.filter(({ children }, number) => number === 0 || children.size > MAX_SPARSE)
    const rowOf = new Map(dense.map((state, index) => [state, index * width]))
    const states = new Int32Array(order.length * STRIDE)
    const rows = new Int32Array(dense.length * width)
    for (const state of order) this.#fill(state, rowOf, width, states, rows)
    const ascii = new Uint16Array(ASCII)
    const wide = new Map<number, number>()
    for (const [unit, letter] of this.#classes) {
      if (unit >= ASCII) wide.set(unit, letter)
      else {
        ascii[unit] = letter
        // Values come as they are written.
        if (unit >= 0x61 && unit <= 0x7a) ascii[unit - 0x20] = letter
      }
    }
    return new Automaton({ ascii, wide, states, rows, outputs: Int32Array.from(this.#outputs) })
  }

  /** States by depth with the state each falls back to: that of the longest proper end of its text that is a beginning of a literal. */
  #inOrder(): readonly Draft[] {
    const order: Draft[] = [this.#root]
    for (let index = 0; index < order.length; index++) {
      const state = order[index]
      if (!state) break
      state.number = index
      for (const [letter, child] of state.children) {
        let fall = state.fall
        while (fall && !fall.children.has(letter)) fall = fall.fall
        child.fall = fall?.children.get(letter) ?? this.#root
        order.push(child)
      }
    }
    return order
  }

  #fill(state: Draft, rowOf: ReadonlyMap<Draft, number>, width: number, states: Int32Array, rows: Int32Array): void {
    const at = state.number * STRIDE
    // The fallback is less deep and therefore done: its outputs are chained behind the own one.
    const inherited = state.fall ? (states[state.fall.number * STRIDE + OUTPUT] as number) : 0
    if (state.output !== 0) this.#outputs[state.output + NEXT] = inherited
    states[at + OUTPUT] = state.output || inherited
    states[at + FALL] = (state.fall?.number ?? 0) * STRIDE
    const row = rowOf.get(state)
    states[at + ROW] = row ?? -1
    if (row === undefined) {
      states.fill(-1, at + CHILD, at + FALL)
      let child = at + CHILD
      for (const [letter, next] of state.children) {
        states[child++] = letter
        states[child++] = next.number * STRIDE
      }
    } else
      for (let letter = 1; letter < width; letter++) {
        let found: Draft | undefined = state
        while (found && !found.children.has(letter)) found = found.fall
        rows[row + letter] = (found?.children.get(letter)?.number ?? 0) * STRIDE
      }
  }
}
