import { Language, Parser, type TreeCursor } from 'web-tree-sitter'
import type { GrammarName, ParsedSyntax, SyntaxNode, SyntaxParsers } from '../../../model/index.ts'

/**
 * The parser reports progress about every 100 characters of ordinary code, a megabyte of it takes a second. Where several readings are possible
 * all along, one report can take ten milliseconds (lambdas in lambdas in Java), so the time is what counts: a file must not take two seconds.
 */
const MAX_PARSE_MILLISECONDS = 1_200
/** Copying a node out of the parser takes about a microsecond. Larger trees are tables of data. */
const MAX_NODES = 400_000
/** Deeper nesting than this is made to exhaust the stack; real code stays below 100. */
const MAX_DEPTH = 400

/** Parsers that are ready to use; made once a thread. */
export class Grammars implements SyntaxParsers {
  readonly #languages: ReadonlyMap<GrammarName, LoadedLanguage>
  #broken = false

  constructor(languages: ReadonlyMap<GrammarName, LoadedLanguage>) {
    this.#languages = languages
  }

  parse(name: GrammarName, text: string): ParsedSyntax | undefined {
    if (this.#broken) return undefined
    try {
      return this.#languages.get(name)?.parse(text)
    } catch (error) {
      // The compiled parser ran out of its stack: its memory is not to be trusted from here on, and all further files are judged by their words.
      if (!(error instanceof Error && error.name === 'RuntimeError')) throw error
      this.#broken = true
      return undefined
    }
  }
}

/** Compiled grammars as bytes, read by whoever may touch the disk. */
export interface GrammarFiles {
  readonly runtime: Uint8Array
  readonly grammars: ReadonlyMap<GrammarName, Uint8Array>
}

/** Makes parsers of the bytes of web-tree-sitter's runtime and its grammars (tree-sitter.github.io). */
export async function loadGrammars({ runtime, grammars }: GrammarFiles): Promise<Grammars> {
  await Parser.init({ wasmBinary: runtime.slice().buffer as ArrayBuffer })
  const loaded = new Map<GrammarName, LoadedLanguage>()
  for (const [name, bytes] of grammars) loaded.set(name, new LoadedLanguage(await Language.load(bytes)))
  return new Grammars(loaded)
}

class LoadedLanguage {
  readonly #parser: Parser
  readonly #types: readonly string[]
  readonly #named: readonly boolean[]
  readonly #fields: readonly string[]

  constructor(language: Language) {
    this.#parser = new Parser()
    this.#parser.setLanguage(language)
    const ids = Array.from({ length: language.nodeTypeCount }, (_, id) => id)
    this.#types = ids.map(id => language.nodeTypeForId(id) ?? '')
    this.#named = ids.map(id => language.nodeTypeIsNamed(id))
    this.#fields = Array.from({ length: language.fieldCount + 1 }, (_, id) =>
      id === 0 ? '' : (language.fieldNameForId(id) ?? ''),
    )
  }

  parse(text: string): ParsedSyntax | undefined {
    const end = performance.now() + MAX_PARSE_MILLISECONDS
    const tree = this.#parser.parse(text, null, { progressCallback: () => performance.now() > end })
    if (!tree) {
      this.#parser.reset()
      return undefined
    }
    const cursor = tree.walk()
    try {
      const copy = new TreeCopy(cursor, this.#types, this.#named, this.#fields)
      const root = copy.node(0)
      return { root, errors: copy.errors, cut: copy.cut }
    } finally {
      cursor.delete()
      tree.delete()
    }
  }
}

const NO_CHILDREN: readonly SyntaxNode[] = []
/** The parser's number for a node it could not read. */
const ERROR_ID = 65_535

class TreeCopy {
  errors = 0
  cut = false
  #nodes = 0
  readonly #cursor: TreeCursor
  readonly #types: readonly string[]
  readonly #named: readonly boolean[]
  readonly #fields: readonly string[]

  constructor(cursor: TreeCursor, types: readonly string[], named: readonly boolean[], fields: readonly string[]) {
    this.#cursor = cursor
    this.#types = types
    this.#named = named
    this.#fields = fields
  }

  node(depth: number): SyntaxNode {
    const cursor = this.#cursor
    this.#nodes++
    const id = cursor.nodeTypeId
    const isError = id === ERROR_ID
    const named = isError || (this.#named[id] ?? false)
    const type = isError ? 'ERROR' : (this.#types[id] ?? '')
    const field = this.#fields[cursor.currentFieldId] ?? ''
    const start = cursor.startIndex
    const end = cursor.endIndex
    if (isError) this.errors++
    if (!named || end === start || type === 'comment') return { type, field, named, start, end, children: NO_CHILDREN }
    if (depth >= MAX_DEPTH || this.#nodes > MAX_NODES) {
      this.cut = true
      return { type, field, named, start, end, children: NO_CHILDREN }
    }
    if (!cursor.gotoFirstChild()) return { type, field, named, start, end, children: NO_CHILDREN }
    const children: SyntaxNode[] = []
    do {
      const child = this.node(depth + 1)
      if (child.type !== 'comment') children.push(child)
    } while (cursor.gotoNextSibling())
    cursor.gotoParent()
    return { type, field, named, start, end, children }
  }
}

/** The first child with this role. */
export function fieldOf(node: SyntaxNode, field: string): SyntaxNode | undefined {
  for (const child of node.children) if (child.field === field) return child
  return undefined
}

/** Children that carry meaning: no brackets, commas, words of the language. */
export function namedChildren(node: SyntaxNode): SyntaxNode[] {
  return node.children.filter(({ named }) => named)
}
