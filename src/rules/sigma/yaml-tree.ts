import { type Alias, isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments } from 'yaml'
import type { Position } from './ast.ts'

/** A YAML value that knows where it stands (offset in UTF-16 units; `SourceText` turns it into line and column). */
export type YamlNode = YamlScalar | YamlList | YamlMap
export interface YamlScalar {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written, without quotes: 0x17 stays "0x17", 1.0 stays "1.0". */
  readonly text: string
  readonly offset: number
}
export interface YamlList {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
  readonly offset: number
}
export interface YamlMap {
  readonly kind: 'map'
  readonly entries: readonly YamlEntry[]
  readonly offset: number
}
export interface YamlEntry {
  readonly key: string
  readonly keyOffset: number
  readonly value: YamlNode
}

/** Something in a file that cannot be used, where it stands and why. */
export class SigmaError extends Error {
  readonly offset: number
  constructor(offset: number, reason: string) {
    super(reason)
    this.offset = offset
  }
}

/** One file's text, to turn offsets into positions; lines are only looked for when somebody asks. */
export class SourceText {
  readonly path: string
  readonly text: string
  #starts: number[] | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }

  position(offset: number): Position {
    if (this.#starts === undefined) {
      this.#starts = [0]
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) this.#starts.push(at + 1)
    }
    const starts = this.#starts
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}

/** Deeper than any rule; a file nested deeper is not one. */
const MAX_DEPTH = 64
/** Values of one document once aliases are written out: "a: &a [x,x,x] b: &b [*a,*a,*a] ..." grows without end. */
const MAX_NODES = 200_000

/** Reads the documents of a YAML 1.2 file (core schema); empty documents are left out, a broken one is an error with its place. */
export function readYaml(text: string): readonly (YamlNode | SigmaError)[] {
  // The parser's own look for keys that stand twice compares each with each: 50,000 keys would take minutes.
  return parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' }).flatMap(
    (document): readonly (YamlNode | SigmaError)[] => {
      const [fault] = document.errors
      if (fault) return [new SigmaError(fault.pos[0], `not YAML: ${fault.message}`)]
      try {
        const tree = new TreeBuilder().build(document.contents, 0, 0)
        return tree.kind === 'scalar' && tree.value === null ? [] : [tree]
      } catch (error) {
        if (error instanceof SigmaError) return [error]
        throw error
      }
    },
  )
}

/** How much a node holds, aliases written out. */
interface Extent {
  readonly nodes: number
  readonly depth: number
}

/** Makes one document's tree; an alias is the tree of its anchor, counted again each time. */
class TreeBuilder {
  readonly #anchors = new Map<string, { readonly tree: YamlNode; readonly extent: Extent }>()
  #nodes = 0
  #deepest = 0

  build(node: ParsedNode | null, depth: number, at: number): YamlNode {
    const offset = node?.range?.[0] ?? at
    this.#count(offset, { nodes: 1, depth })
    if (node === null) return { kind: 'scalar', value: null, text: '', offset }
    if (isAlias(node)) {
      const anchor = this.#anchors.get(node.source)
      if (anchor === undefined) throw new SigmaError(offset, `alias "${node.source}" stands before its anchor`)
      this.#count(offset, { nodes: anchor.extent.nodes, depth: depth + anchor.extent.depth })
      return anchor.tree
    }
    if (node.anchor === undefined) return this.#content(node, depth, offset)
    const before = this.#nodes
    const outside = this.#deepest
    this.#deepest = depth
    const tree = this.#content(node, depth, offset)
    this.#anchors.set(node.anchor, { tree, extent: { nodes: this.#nodes - before, depth: this.#deepest - depth } })
    this.#deepest = Math.max(outside, this.#deepest)
    return tree
  }

  #content(node: Exclude<ParsedNode, Alias.Parsed>, depth: number, offset: number): YamlNode {
    if (isSeq(node)) return { kind: 'list', items: node.items.map(item => this.build(item, depth + 1, offset)), offset }
    if (isMap(node)) {
      const keys = new Set<string>()
      const entries = node.items.map(({ key, value }): YamlEntry => {
        const keyOffset = key?.range?.[0] ?? offset
        if (!isScalar(key)) throw new SigmaError(keyOffset, 'a key must be a word, not a list or map')
        if (keys.has(key.source) && key.source !== '<<')
          throw new SigmaError(keyOffset, `"${key.source}" stands twice in one map`)
        keys.add(key.source)
        return { key: key.source, keyOffset, value: this.build(value, depth + 1, keyOffset) }
      })
      return { kind: 'map', entries: merged(entries), offset }
    }
    const { value, source } = node
    const isPlain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' || value === null
    return { kind: 'scalar', value: isPlain ? value : String(value), text: source, offset }
  }

  #count(offset: number, { nodes, depth }: Extent): void {
    this.#nodes += nodes
    this.#deepest = Math.max(this.#deepest, depth)
    if (depth > MAX_DEPTH) throw new SigmaError(offset, `nested deeper than ${MAX_DEPTH} levels`)
    if (this.#nodes > MAX_NODES) throw new SigmaError(offset, `more than ${MAX_NODES} values in one document`)
  }
}

/** Writes out merge keys ("<<: *base", yaml.org/type/merge.html): what the map says itself wins. */
function merged(entries: readonly YamlEntry[]): readonly YamlEntry[] {
  if (!entries.some(({ key }) => key === '<<')) return entries
  const own = entries.filter(({ key }) => key !== '<<')
  const names = new Set(own.map(({ key }) => key))
  const taken = entries
    .filter(({ key }) => key === '<<')
    .flatMap(({ value }) => (value.kind === 'list' ? value.items : [value]))
    .flatMap(node => (node.kind === 'map' ? node.entries : []))
    .filter(({ key }) => !names.has(key) && names.add(key))
  return [...own, ...taken]
}

/** Value of a key; undefined when the map has no such key. */
export const entryOf = (map: YamlMap, key: string): YamlEntry | undefined => map.entries.find(entry => entry.key === key)
/** Text of a scalar under a key, '' when there is none. */
export function textAt(map: YamlMap, key: string): string {
  const value = entryOf(map, key)?.value
  return value?.kind === 'scalar' && value.value !== null ? value.text : ''
}
/** Texts of a list under a key; one word counts as a list of one. */
export function textsAt(map: YamlMap, key: string): readonly string[] {
  const value = entryOf(map, key)?.value
  const items = value === undefined ? [] : value.kind === 'list' ? value.items : [value]
  return items.flatMap(item => (item.kind === 'scalar' && item.value !== null ? [item.text] : []))
}
