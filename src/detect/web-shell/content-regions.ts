import type { CodeRegion } from './content-lexer.ts'

/** A page taken apart: the code that runs on the server, and the language its directives name ('' when they name none). */
export interface PageCode {
  readonly regions: readonly CodeRegion[]
  readonly language: string
}

/** PHP between its tags: php.net/manual/language.basic-syntax.phptags. A closing tag inside a line comment counts, as in PHP. */
export function phpRegions(text: string): CodeRegion[] {
  const regions: CodeRegion[] = []
  const open = /<\?(?:php\b|=|(?!xml)(?=\s))|<script[^>]{0,60}language\s*=\s*["']?php["']?[^>]*>/gi
  for (let found = open.exec(text); found; found = open.exec(text)) {
    const start = found.index + found[0].length
    const close = found[0].startsWith('<s') ? '</script' : '?>'
    const end = phpEnd(text, start, close)
    regions.push({ start, end })
    open.lastIndex = end
    if (end >= text.length) break
  }
  return regions
}

/** Where a PHP block closes: not inside a string or block comment. */
function phpEnd(text: string, start: number, close: string): number {
  const skip = new RegExp(`/\\*|'|"|\`|<<<[ \\t]*['"]?\\w+|(?://|#)|${close === '?>' ? '\\?>' : close}`, 'gi')
  skip.lastIndex = start
  for (let found = skip.exec(text); found; found = skip.exec(text)) {
    const mark = found[0]
    if (mark.toLowerCase() === close) return found.index
    let to: number
    if (mark === '/*') to = text.indexOf('*/', found.index + 2)
    else if (mark === '//' || mark === '#') {
      const line = text.indexOf('\n', found.index)
      const closing = text.slice(found.index, line < 0 ? text.length : line).indexOf(close)
      if (closing >= 0) return found.index + closing
      to = line
    } else if (mark.startsWith('<<<')) {
      const name = /\w+$/.exec(mark)?.[0] ?? ''
      const ending = new RegExp(`\\n[ \\t]*${name}\\b`, 'g')
      ending.lastIndex = found.index + mark.length
      to = ending.test(text) ? ending.lastIndex : -1
    } else to = quoteEnd(text, found.index, mark)
    if (to < 0) return text.length
    skip.lastIndex = Math.max(to + (mark === '/*' ? 2 : 1), found.index + 1)
  }
  return text.length
}

function quoteEnd(text: string, at: number, quote: string): number {
  for (let i = at + 1; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '\\') i++
    else if (char === quote) return i
  }
  return -1
}

/** `<% %>` blocks, server-side script elements, JSPX elements; a handler file (.ashx, .asmx) is code from its directive on. */
export function pageRegions(text: string): PageCode {
  const regions: CodeRegion[] = []
  let language = ''
  const open = /<%--|<!--|<%@|<%[!=#:]?|<script\b[^>]*>|<jsp:(?:scriptlet|declaration|expression)\b[^>]*>/gi
  for (let found = open.exec(text); found; found = open.exec(text)) {
    const mark = found[0].toLowerCase()
    const start = found.index + found[0].length
    // A client-side comment hides nothing from the server: blocks inside it run. Only its own mark is passed over.
    if (mark === '<!--' || (mark.startsWith('<script') && !RUNS_ON_SERVER.test(mark))) continue // blocks inside a client-side script run, too
    const close = mark === '<%--' ? '--%>' : mark.startsWith('<%') ? '%>' : mark.startsWith('<script') ? '</script' : '</jsp:'
    const stop = indexOfFolded(text, close, start)
    const end = stop < 0 ? text.length : stop
    open.lastIndex = end
    if (mark === '<%@') {
      const directive = text.slice(start, end)
      const named = /\blanguage\s*=\s*["']?([\w#.]+)/i.exec(directive)?.[1]
      if (named !== undefined) language = named.toLowerCase()
      if (/^\s*(?:webhandler|webservice)\b/i.test(directive)) {
        regions.push({ start: Math.min(end + 2, text.length), end: text.length })
        break
      }
    } else if (mark.startsWith('<script')) {
      regions.push({ start, end })
      language ||= /language\s*=\s*["']?([\w#.]+)/.exec(mark)?.[1] ?? ''
    } else if (mark !== '<%--') regions.push({ start, end })
    if (end >= text.length) break
  }
  if (regions.length === 0 && /^\s*(?:package|import|using|namespace|imports)\s/i.test(text))
    regions.push({ start: 0, end: text.length })
  return { regions, language }
}

const RUNS_ON_SERVER = /runat\s*=\s*["']?server/

function indexOfFolded(text: string, mark: string, from: number): number {
  if (!/[a-z]/.test(mark)) return text.indexOf(mark, from)
  const pattern = new RegExp(mark.replace(/[/:]/g, '\\$&'), 'gi')
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? -1
}

/** XML of a JSPX: entities in code mean their characters, CDATA marks mean nothing. The length stays, so that places stay true. */
export function withoutXml(text: string): string {
  return text
    .replace(/<!\[CDATA\[|\]\]>/g, mark => ' '.repeat(mark.length))
    .replace(/&(?:lt|gt|amp|quot|apos);/g, entity => (ENTITIES[entity] ?? ' ').padEnd(entity.length))
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" }
