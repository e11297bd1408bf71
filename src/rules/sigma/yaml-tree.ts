import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments } from 'yaml'
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
/** Values of one file once aliases are written out: "a: &a [x,x,x] b: &b [*a,*a,*a] ..." grows without end. */
const MAX_NODES = 200_000

/** Reads the documents of a YAML 1.2 file (core schema); empty documents are left out, a broken one is an error with its place. */
export function readYaml(text: string): readonly (YamlNode | SigmaError)[] {
  let nodes = 0
  return parseAllDocuments(text, { prettyErrors: false, uniqueKeys: true, logLevel: 'silent' }).flatMap(
    (document): readonly (YamlNode | SigmaError)[] => {
      const fault = document.errors[0]
      if (fault) return [new SigmaError(fault.pos[0], `not YAML: ${fault.message}`)]
      const convert = (node: ParsedNode | null, depth: number, at: number): YamlNode => {
        const offset = node?.range?.[0] ?? at
        if (depth > MAX_DEPTH) throw new SigmaError(offset, `nested deeper than ${MAX_DEPTH} levels`)
        if (++nodes > MAX_NODES) throw new SigmaError(offset, `more than ${MAX_NODES} values in one file`)
        if (node === null) return { kind: 'scalar', value: null, text: '', offset }
        if (isAlias(node)) {
          const target = node.resolve(document)
          if (target === undefined) throw new SigmaError(offset, `alias "${node.source}" stands before its anchor`)
          return convert(target as ParsedNode, depth + 1, offset)
        }
        if (isSeq(node)) return { kind: 'list', items: node.items.map(item => convert(item, depth + 1, offset)), offset }
        if (isMap(node)) {
          const entries = node.items.map(({ key, value }) => {
            const keyOffset = key?.range?.[0] ?? offset
            if (!isScalar(key)) throw new SigmaError(keyOffset, 'a key must be a word, not a list or map')
            return {
              key: typeof key.source === 'string' ? key.source : String(key.value),
              keyOffset,
              value: convert(value, depth + 1, keyOffset),
            }
          })
          return { kind: 'map', entries: merged(entries), offset }
        }
        const { value, source } = node
        const scalar =
          typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' || value === null
            ? value
            : String(value)
        return { kind: 'scalar', value: scalar, text: source ?? String(scalar ?? ''), offset }
      }
      if (document.contents === null) return []
      try {
        return [convert(document.contents, 0, 0)]
      } catch (error) {
        if (error instanceof SigmaError) return [error]
        throw error
      }
    },
  )
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
