import type { YamlNode } from '../yaml-tree.ts'

/** The plain value of a node. Of a key that occurs twice the last counts, as everywhere in YAML. */
export function plainOf(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(plainOf)
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainOf(value)]))
    default:
      return node satisfies never
  }
}

/** Where the part of a document stands that keys and indexes lead to; the nearest part above it that is there. A key's value stands at its key. */
export function offsetAt(node: YamlNode, path: readonly (string | number)[]): number {
  let at = node
  let offset = node.offset
  for (const step of path) {
    if (at.kind === 'map') {
      const entry = at.entries.find(({ key }) => key === step)
      if (entry === undefined) return offset
      at = entry.value
      offset = entry.keyOffset
    } else if (at.kind === 'list' && typeof step === 'number') {
      const item = at.items[step]
      if (item === undefined) return offset
      at = item
      offset = item.offset
    } else return offset
  }
  return offset
}
