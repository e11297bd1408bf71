import type { Atom, Node } from './circuit.ts'

/** A rule's gates as they are asked: literal atoms first, since they are answered already, then what costs more. */
export type Gate =
  | { readonly op: 'constant'; readonly value: boolean }
  | { readonly op: 'test'; readonly atom: number }
  | { readonly op: 'not'; readonly of: Gate }
  | { readonly op: 'and' | 'or'; readonly literals: Int32Array; readonly rest: readonly Gate[] }

export function gateOfNode(node: Node, atoms: readonly Atom[]): Gate {
  switch (node.kind) {
    case 'constant':
      return { op: 'constant', value: node.value }
    case 'atom':
      return isLiteral(node, atoms)
        ? { op: 'and', literals: Int32Array.of(node.atom), rest: [] }
        : { op: 'test', atom: node.atom }
    case 'not':
      return { op: 'not', of: gateOfNode(node.of, atoms) }
    case 'and':
    case 'or': {
      const literals = node.of.flatMap(part => (part.kind === 'atom' && isLiteral(part, atoms) ? [part.atom] : []))
      const rest = node.of.filter(part => !isLiteral(part, atoms)).map(part => gateOfNode(part, atoms))
      return {
        op: node.kind,
        literals: Int32Array.from(literals),
        rest: rest.toSorted((a, b) => cost(a, atoms) - cost(b, atoms)),
      }
    }
    default:
      return node satisfies never
  }
}

const isLiteral = (node: Node, atoms: readonly Atom[]) => node.kind === 'atom' && atoms[node.atom]?.kind === 'literal'

/** Regular expressions last; what has needed literals is mostly answered by them. */
function cost(gate: Gate, atoms: readonly Atom[]): number {
  switch (gate.op) {
    case 'constant':
      return 0
    case 'test': {
      const atom = atoms[gate.atom]
      if (atom?.kind !== 'test') return 0
      return (atom.test.kind === 'regex' ? 100 : 10) / (atom.needs.length > 0 ? 4 : 1)
    }
    case 'not':
      return cost(gate.of, atoms)
    case 'and':
    case 'or':
      return gate.rest.reduce((sum, part) => sum + cost(part, atoms), gate.literals.length / 100)
    default:
      return gate satisfies never
  }
}
