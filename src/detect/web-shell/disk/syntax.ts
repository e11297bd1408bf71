import * as firstLibrary from 'web-tree-sitter'
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
/** A sum of many texts leans to the left, one level for each; packed pages have some thousand lines of them. */
const MAX_SUM = 2_500

/** Parsers that are ready to use; made once a thread, and again when they broke. */
export class Grammars implements SyntaxParsers {
  readonly #languages: ReadonlyMap<GrammarName, Pick<LoadedLanguage, 'parse'>>
  #broken = false
  #whyNone = ''

  constructor(languages: ReadonlyMap<GrammarName, Pick<LoadedLanguage, 'parse'>>) {
    this.#languages = languages
  }

  /** The compiled parser ran out of its memory or stack; it parses nothing any more. */
  get isBroken(): boolean {
    return this.#broken
  }

  get whyNone(): string {
    return this.#whyNone
  }

  parse(name: GrammarName, text: string): ParsedSyntax | undefined {
    if (this.#broken) {
      this.#whyNone = 'the parser broke on an earlier file'
      return undefined
    }
    this.#whyNone = 'the parser met its limits'
    try {
      return this.#languages.get(name)?.parse(text)
    } catch (error) {
      // The compiled parser's memory is not to be trusted from here on. RangeError: the machine's stack ended inside it.
      if (!(error instanceof Error && (error.name === 'RuntimeError' || error.name === 'RangeError'))) throw error
      this.#broken = true
      this.#whyNone = 'the parser broke on it'
      return undefined
    }
  }
}

/** Compiled grammars as bytes, read by whoever may touch the disk. */
export interface GrammarFiles {
  readonly runtime: Uint8Array
  readonly grammars: ReadonlyMap<GrammarName, Uint8Array>
  /** Milliseconds of processor time this thread has used: on a busy machine a page must not be given up for what others do. Else the clock. */
  readonly processorTime?: () => number
}

type Library = typeof firstLibrary

/**
 * Makes parsers of the bytes of web-tree-sitter's runtime and its grammars (tree-sitter.github.io). A library keeps one runtime for ever, so a
 * runtime that takes the place of a broken one, `instance` 1 and up, comes with a copy of the library.
 */
export async function loadGrammars(
  { runtime, grammars, processorTime = () => performance.now() }: GrammarFiles,
  instance = 0,
): Promise<Grammars> {
  const library: Library =
    instance === 0 ? firstLibrary : await import(`${import.meta.resolve('web-tree-sitter')}?instance=${instance}`)
  await library.Parser.init({ wasmBinary: runtime.slice().buffer as ArrayBuffer })
  const loaded = new Map<GrammarName, LoadedLanguage>()
  for (const [name, bytes] of grammars)
    loaded.set(name, new LoadedLanguage(library, await library.Language.load(bytes), processorTime))
  return new Grammars(loaded)
}

class LoadedLanguage {
  readonly #parser: firstLibrary.Parser
  readonly #types: readonly string[]
  readonly #named: readonly boolean[]
  readonly #fields: readonly string[]

  readonly #processorTime: () => number

  constructor(library: Library, language: firstLibrary.Language, processorTime: () => number) {
    this.#processorTime = processorTime
    this.#parser = new library.Parser()
    this.#parser.setLanguage(language)
    const ids = Array.from({ length: language.nodeTypeCount }, (_, id) => id)
    this.#types = ids.map(id => language.nodeTypeForId(id) ?? '')
    this.#named = ids.map(id => language.nodeTypeIsNamed(id))
    this.#fields = Array.from({ length: language.fieldCount + 1 }, (_, id) =>
      id === 0 ? '' : (language.fieldNameForId(id) ?? ''),
    )
  }

  parse(text: string): ParsedSyntax | undefined {
    const end = this.#processorTime() + MAX_PARSE_MILLISECONDS
    const tree = this.#parser.parse(text, null, { progressCallback: () => this.#processorTime() > end })
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
  #sums = 0
  readonly #cursor: firstLibrary.TreeCursor
  readonly #types: readonly string[]
  readonly #named: readonly boolean[]
  readonly #fields: readonly string[]

  constructor(cursor: firstLibrary.TreeCursor, types: readonly string[], named: readonly boolean[], fields: readonly string[]) {
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
    const isSum = type === 'binary_expression'
    do {
      // The first part of a sum is mostly a sum: no deeper nesting, as long as there are not too many.
      const continues = isSum && children.length === 0 && this.#sums < MAX_SUM
      if (continues) this.#sums++
      const child = this.node(continues ? depth : depth + 1)
      if (continues) this.#sums--
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
