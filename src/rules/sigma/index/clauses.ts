import type { Atom, Node } from './circuit.ts'

/** Literal atoms of which at least one holds whenever the rule does. */
export type Clause = readonly number[]

/** How often an atom is expected to hold, from 0 to 1. */
export type Frequency = (atom: number) => number

/** Clauses of a rule that may serve as the way to it; none where the rule holds for want of something. */
export function clausesOf(node: Node, atoms: readonly Atom[], frequency: Frequency): readonly Clause[] {
  return positive(node, atoms, frequency)
}

/** The clause that is expected to hold least often; undefined when there is none. */
export function rarest(clauses: readonly Clause[], frequency: Frequency): Clause | undefined {
  let best: Clause | undefined
  let least = Number.POSITIVE_INFINITY
  for (const clause of clauses) {
    let sum = 0
    for (const atom of clause) sum += frequency(atom)
    if (sum < least) {
      least = sum
      best = clause
    }
  }
  return best
}

function positive(node: Node, atoms: readonly Atom[], frequency: Frequency): readonly Clause[] {
  switch (node.kind) {
    case 'atom': {
      const atom = atoms[node.atom]
      if (atom?.kind === 'literal') return [[node.atom]]
      return atom?.needs ?? []
    }
    case 'and':
      return node.of.flatMap(part => positive(part, atoms, frequency))
    case 'or':
      return united(
        node.of.map(part => positive(part, atoms, frequency)),
        frequency,
      )
    case 'not':
      return negative(node.of, atoms, frequency)
    case 'constant':
      return []
    default:
      return node satisfies never
  }
}

/** Clauses of what does not hold: "not (not a or b)" needs a. */
function negative(node: Node, atoms: readonly Atom[], frequency: Frequency): readonly Clause[] {
  switch (node.kind) {
    case 'not':
      return positive(node.of, atoms, frequency)
    case 'or':
      return node.of.flatMap(part => negative(part, atoms, frequency))
    case 'and':
      return united(
        node.of.map(part => negative(part, atoms, frequency)),
        frequency,
      )
    case 'atom':
    case 'constant':
      return []
    default:
      return node satisfies never
  }
}

/** Of several ways one is taken: a clause of each. */
function united(ways: readonly (readonly Clause[])[], frequency: Frequency): readonly Clause[] {
  const chosen = ways.map(clauses => rarest(clauses, frequency))
  const all = chosen.filter(clause => clause !== undefined)
  return all.length === chosen.length ? [[...new Set(all.flat())]] : []
}

/**
 * A guess before anything has been seen: long literals are rare, and what a whole value must be is rarer than what it may hold. Names of
 * programs are the exception: many rules ask for the same few, which run all the time.
 */
export function guessedFrequency(atoms: readonly Atom[]): Frequency {
  const weights = { whole: 1, starts: 2, ends: 1, contains: 3 } as const
  return number => {
    const atom = atoms[number]
    if (atom?.kind !== 'literal') return 1
    const common = /\.(?:exe|dll)$/.test(atom.literal) ? 8 : 1
    return Math.min(1, (weights[atom.anchor] * common) / (4 + atom.literal.length ** 2))
  }
}
