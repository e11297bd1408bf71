import { LineCounter } from '../line-counter.ts'
import { decodeEntities, withoutMarkup } from './xml-text.ts'

/**
 * A piece of server code in a page.
 * `code` are statements, `expression` is written out, `declaration` are members of the page's class, `unit` is a whole source file, `el` is an
 * expression of the expression language.
 */
export interface Piece {
  readonly kind: 'code' | 'expression' | 'declaration' | 'unit' | 'el'
  readonly text: string
  /** 1-based line in the file where the text begins. */
  readonly line: number
  /** Language the element itself names, in lower case; '' when it names none. */
  readonly language: string
}

/** What a directive (`<%@ … %>`) says, with names and values in lower case but for `raw`. */
export interface Directive {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly line: number
}

/** A page taken apart: the code the server runs, and what the directives say of it. */
export interface Page {
  readonly pieces: readonly Piece[]
  readonly directives: readonly Directive[]
  /** Language named by a directive, '' when none is. */
  readonly language: string
}

/** Pages have some hundred pieces; more are made to waste time. */
const MAX_PIECES = 20_000
/** An expression of the expression language is a line; a longer one is script of a browser that looks alike. */
const MAX_EL = 4_000
const MARK =
  /<%--|<%\s?@|<%[!=#:$]?|<script\b[^>]{0,400}>|<(?:msxsl:)script\b[^>]{0,400}>|<([a-z_][\w.-]{0,40}):(scriptlet|declaration|expression)\b[^>]{0,400}>|<([a-z_][\w.-]{0,40}):directive\.(\w{1,20})\b([^>]{0,2000})>|[$#]\{/gi
const RUNS_ON_SERVER = /\brunat\s*=\s*["'\u201c\u201d]?\s*server/i

/** How the languages of pages differ where they are cut. */
export interface PageRules {
  /** JSP: elements of any prefix bound to the JSP namespace, `%\>` for `%>`, expressions of the expression language. */
  readonly java: boolean
}

/** Jakarta Server Pages 3.1 chapter 1; learn.microsoft.com "ASP.NET page syntax" and "Classic ASP". Any text is accepted. */
export function takeApart(text: string, { java }: PageRules): Page {
  const pieces: Piece[] = []
  const directives: Directive[] = []
  const lines = new LineCounter(text)
  let language = ''
  const directive = (name: string, body: string, at: number) => {
    const found = { name: name.toLowerCase(), attributes: attributesOf(body), line: lines.at(at) }
    directives.push(found)
    language ||= found.attributes.get('language') ?? ''
    return found
  }
  const mark = new RegExp(MARK)
  for (let found = mark.exec(text); found && pieces.length < MAX_PIECES; found = mark.exec(text)) {
    const sign = found[0].toLowerCase().replace(/^<%\s@/, '<%@')
    const start = found.index + found[0].length
    if (sign === '${' || sign === '#{') {
      const end = java ? elEnd(text, start) : -1
      if (end >= 0) {
        pieces.push({ kind: 'el', text: text.slice(start, end), line: lines.at(start), language: 'el' })
        mark.lastIndex = end + 1
      }
      continue
    }
    if (found[4] !== undefined) {
      directive(found[4], found[5] ?? '', found.index)
      continue
    }
    const element = found[2] !== undefined
    const script = sign.startsWith('<script') || sign.startsWith('<msxsl')
    // Code blocks inside a script for the browser run on the server all the same: only the mark is passed over.
    if (script && !RUNS_ON_SERVER.test(sign) && !sign.startsWith('<msxsl')) continue
    if (element && (!java || sign.endsWith('/>'))) continue
    const close =
      sign === '<%--'
        ? '--%>'
        : sign.startsWith('<%')
          ? '%>'
          : element
            ? `</${found[1]}:${found[2]}`
            : script
              ? closeOfScript(sign)
              : '%>'
    const end = endOf(text, start, close)
    mark.lastIndex = Math.max(end, start)
    if (sign === '<%--') continue
    const raw = text.slice(start, end)
    // No server reads code with zero bytes in it: these are pixels that look like a mark.
    if (raw.includes('\0')) {
      mark.lastIndex = start
      continue
    }
    if (sign === '<%@') {
      const name = /^\s*([\w.]+)/.exec(raw)?.[1] ?? ''
      // `<%@ Language="VBScript" %>` has attributes only.
      const bare = /^\s*[\w.]+\s*=/.test(raw)
      const { name: said } = directive(bare ? '' : name, raw, found.index)
      if (said === 'webhandler' || said === 'webservice' || said === 'servicehost') {
        const from = Math.min(end + 2, text.length)
        pieces.push({ kind: 'unit', text: text.slice(from), line: lines.at(from), language: '' })
        break
      }
      continue
    }
    pieces.push({
      kind: kindOf(sign, found[2]?.toLowerCase()),
      text: element
        ? withoutMarkup(raw, entitiesOf(text))
        : sign.startsWith('<msxsl')
          ? withoutMarkup(
              raw.replace(/<\/?msxsl:[^>]*>/g, tag => tag.replace(/[^\n]+/g, ' ')),
              NO_ENTITIES,
            )
          : java
            ? raw.replaceAll('%\\>', '%>')
            : raw,
      line: lines.at(start),
      language: script ? (/\blanguage\s*=\s*["']?\s*([\w#.]+)/i.exec(sign)?.[1] ?? '') : '',
    })
    if (sign === '<%$') pieces.pop()
  }
  return { pieces, directives, language }
}

const NO_ENTITIES: ReadonlyMap<string, string> = new Map()

function kindOf(sign: string, element: string | undefined): Piece['kind'] {
  if (element === 'scriptlet') return 'code'
  if (element === 'declaration') return 'declaration'
  if (element === 'expression') return 'expression'
  if (sign.startsWith('<script') || sign.startsWith('<msxsl') || sign === '<%!') return 'declaration'
  return sign === '<%' ? 'code' : 'expression'
}

const closeOfScript = (sign: string) => (sign.startsWith('<msxsl') ? '</msxsl:script' : '</script')

/** Where the closing mark begins; the end of the text when there is none. Marks of elements ignore case as far as HTML does. */
function endOf(text: string, from: number, close: string): number {
  if (!close.startsWith('</')) {
    const end = text.indexOf(close, from)
    return end < 0 ? text.length : end
  }
  const pattern = new RegExp(close.replace(/[.-]/g, '\\$&'), 'gi')
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? text.length
}

/** The brace that closes an expression, not one inside a text. */
function elEnd(text: string, from: number): number {
  let depth = 0
  let quote = ''
  const limit = Math.min(text.length, from + MAX_EL)
  for (let i = from; i < limit; i++) {
    const char = text.charAt(i)
    if (quote !== '') {
      if (char === '\\') i++
      else if (char === quote) quote = ''
    } else if (char === '"' || char === "'") quote = char
    else if (char === '{') depth++
    else if (char === '}' && depth-- === 0) return i
  }
  return -1
}

function attributesOf(body: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const found of body.matchAll(
    /([\w:.-]{1,60})\s*=\s*(?:"([^"]{0,2000})"|'([^']{0,2000})'|[\u201c\u201d]([^"\u201c\u201d]{0,200})["\u201c\u201d]|([^\s"'>]{1,200}))/g,
  ))
    attributes.set((found[1] ?? '').toLowerCase(), (found[2] ?? found[3] ?? found[4] ?? found[5] ?? '').toLowerCase())
  return attributes
}

/** Entities a document declares itself: what they stand for is code like all the rest. */
function entitiesOf(text: string): ReadonlyMap<string, string> {
  if (!text.includes('<!ENTITY')) return NO_ENTITIES
  const entities = new Map<string, string>()
  for (const found of text.matchAll(/<!ENTITY\s+([\w.-]{1,60})\s+(?:"([^"]{0,20000})"|'([^']{0,20000})')/g)) {
    if (entities.size >= 200) break
    // An entity may use those before it; it grows once a mention, not without end.
    const value = decodeEntities(found[2] ?? found[3] ?? '', entities)
    entities.set(found[1] ?? '', value)
  }
  return entities
}
