import { type Document, isAlias, isMap, isNode, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Complain, ListEntry } from './parse.ts'

const SECTIONS = ['sites', 'zones', 'assets', 'conduits', 'services'] as const
const SECTION_NAMES: ReadonlySet<string> = new Set(SECTIONS)
/** The list is at most three levels deep, an expression of needs some more. */
const MAX_NESTING = 60
/** Whoever has more mistakes than this corrects the first ones first; most of the others follow from them. */
const MAX_ERRORS = 100

/** Entries of a YAML list. All scalars stay text, because "6.10" is a firmware and not the number 6.1. */
export function yamlEntries(text: string, complain: Complain): readonly ListEntry[] {
  if (nestingOf(text) > MAX_NESTING) {
    complain(
      'assets/too-deep',
      1,
      `the list is nested more than ${MAX_NESTING} deep`,
      'an asset list is sections (sites, zones, assets, conduits, services) of plain entries',
    )
    return []
  }
  const lines = new LineCounter()
  // Errors with an excerpt cost the length of their line each: a long line of quotes would take minutes.
  const document = parseDocument(text, {
    schema: 'failsafe',
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  for (const error of document.errors.slice(0, MAX_ERRORS))
    complain(
      'assets/bad-yaml',
      lines.linePos(error.pos[0]).line || 1,
      error.message.split('\n', 1)[0] ?? '',
      'correct the YAML; indentation is by spaces',
    )
  return entriesOf(document, lines, complain)
}

/** An upper bound of the nesting, from brackets and indentation, found before a parser recurses into it. */
function nestingOf(text: string): number {
  let open = 0
  let deepest = 0
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++open)
    else if (character === ']' || character === '}') open = Math.max(0, open - 1)
  }
  const dashes = text.match(/^[ ]*(?:[-?:] +){3,}/gm) ?? []
  const chained = Math.max(0, ...dashes.map(line => line.trim().length / 2))
  return Math.max(deepest, chained, indentationLevels(text))
}

function indentationLevels(text: string): number {
  const levels: number[] = []
  let deepest = 0
  for (const [indent = ''] of text.matchAll(/^ *(?=\S)/gm)) {
    while ((levels.at(-1) ?? -1) >= indent.length) levels.pop()
    levels.push(indent.length)
    deepest = Math.max(deepest, levels.length)
  }
  return deepest
}

function entriesOf(document: Document.Parsed, lines: LineCounter, complain: Complain): readonly ListEntry[] {
  const root = document.contents
  if (!isMap(root)) {
    complain(
      'assets/no-sections',
      1,
      'no asset list: the file has no sections',
      'begin with "assets:" and one "- id: …" for each machine',
    )
    return []
  }
  const lineAt = (node: unknown): number => (isNode(node) && node.range ? lines.linePos(node.range[0]).line || 1 : 1)
  return root.items.flatMap(({ key, value }) => {
    const name = isNode(key) ? String(key) : ''
    if (!SECTION_NAMES.has(name)) {
      complain(
        'assets/unknown-section',
        lineAt(key),
        `"${name}" is no section of an asset list`,
        `sections are ${SECTIONS.join(', ')}`,
        'warning',
      )
      return []
    }
    if (isNode(value) && String(value).trim() === '') return []
    if (!isSeq(value)) {
      complain('assets/bad-section', lineAt(key), `"${name}" is not a list`, 'put "- " before each entry')
      return []
    }
    return value.items.map(item => entryOf(name as ListEntry['section'], item as Node, document, lineAt))
  })
}

function entryOf(
  section: ListEntry['section'],
  item: Node,
  document: Document.Parsed,
  lineAt: (node: unknown) => number,
): ListEntry {
  const node = isAlias(item) ? item.resolve(document) : item
  return {
    section,
    line: lineAt(item),
    value: valueOfNode(item, document),
    lineOf: path => {
      const inner = path.length > 0 && isMap(node) ? node.getIn(path.map(String), true) : undefined
      return isNode(inner) && inner.range ? lineAt(inner) : lineAt(item)
    },
  }
}

/** An alias that grows beyond this is a bomb; yaml counts and throws, which is then a value no schema accepts. */
const MAX_ALIASES = 100

function valueOfNode(node: unknown, document: Document.Parsed): unknown {
  if (!isNode(node)) return undefined
  try {
    return withoutEmptyKeys(node.toJS(document, { maxAliasCount: MAX_ALIASES }))
  } catch (error) {
    if (error instanceof ReferenceError) return undefined
    throw error
  }
}

/** Keys without a value ("owner:") are the same as absent ones. */
function withoutEmptyKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null && inner !== ''))
}
