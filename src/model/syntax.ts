/** Languages with a grammar. */
export type GrammarName = 'php' | 'java' | 'c-sharp'

/** A node of a syntax tree as a plain object: reading it costs nothing more once the tree is copied out of the parser's memory. */
export interface SyntaxNode {
  readonly type: string
  /** Role in the parent: "left", "condition"; '' when it has none. */
  readonly field: string
  readonly named: boolean
  readonly start: number
  readonly end: number
  readonly children: readonly SyntaxNode[]
}

/** What became of parsing a text. */
export interface ParsedSyntax {
  readonly root: SyntaxNode
  /** Places the grammar could not read. */
  readonly errors: number
  /** Not all nodes were copied. */
  readonly cut: boolean
}

/** Parsers that are ready to use; loaded by whoever may touch the disk, used by whoever judges text. */
export interface SyntaxParsers {
  /** The syntax tree of a text; undefined when there is no grammar for it or the work exceeded its limits. Never throws on content. */
  parse(name: GrammarName, text: string): ParsedSyntax | undefined
  /** Why the last text that has no tree has none. */
  readonly whyNone?: string
}
