import { type Atom, KEYWORDS } from './circuit.ts'
import { anchors, type Finder, type WantedLiteral } from './finder.ts'
import { LiteralFinder } from './literal-finder.ts'
import { RememberingFinder } from './remembering-finder.ts'
import { areStepped, SteppingFinder } from './stepping-finder.ts'

/** The finders of an index; each is made when the first sort of event needs it. */
export class Finders {
  readonly #atoms: readonly Atom[]
  readonly #byField = new Map<string, number[]>()
  readonly #made = new Map<string, Finder>()

  constructor(atoms: readonly Atom[]) {
    this.#atoms = atoms
    for (const [number, { kind, field }] of atoms.entries()) {
      if (kind !== 'literal' || field === KEYWORDS) continue
      const known = this.#byField.get(field)
      if (known) known.push(number)
      else this.#byField.set(field, [number])
    }
  }

  /** Bytes of the tables made so far. */
  get size(): number {
    return [...this.#made.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** All literals of a field: one finder serves all sorts of events that have the field. */
  ofField(field: string): Finder | undefined {
    const literals = this.#byField.get(field)
    return literals && this.#finder(field, literals)
  }

  /** Only these literals: what is looked for in all values of a record should be little. */
  ofKeywords(literals: readonly number[]): Finder {
    return this.#finder(`${KEYWORDS}${literals.join()}`, literals)
  }

  #finder(name: string, literals: readonly number[]): Finder {
    let finder = this.#made.get(name)
    if (!finder) {
      const wanted = this.#wanted(literals)
      finder = areStepped(wanted) ? new SteppingFinder(wanted) : new RememberingFinder(new LiteralFinder(wanted))
      this.#made.set(name, finder)
    }
    return finder
  }

  /** Atoms of the same literal together. */
  #wanted(literals: readonly number[]): readonly WantedLiteral[] {
    const places = new Map<string, [number, number, number, number]>()
    for (const number of literals) {
      const atom = this.#atoms[number]
      if (atom?.kind !== 'literal') continue
      const atoms = places.get(atom.literal) ?? [-1, -1, -1, -1]
      atoms[anchors.indexOf(atom.anchor)] = number
      places.set(atom.literal, atoms)
    }
    return [...places].map(([literal, atoms]) => ({ literal, atoms }))
  }
}
