import { LineCounter } from '../line-counter.ts'
import type { Page, Piece } from './pieces.ts'

/** Pages have some hundred pieces; more are made to waste time. */
const MAX_PIECES = 20_000
const MARK =
  /@(?:\*|@|\{|\(|(?:functions|code)\s*\{|(?:if|for|foreach|while|switch|using|try|lock|do)\b(?=[\s({])|[A-Za-z_][\w.]*)/g

/** Does a page use Razor (learn.microsoft.com "Razor syntax reference for ASP.NET Core")? */
export function isRazor(path: string, text: string): boolean {
  return /\.(?:cshtml|vbhtml|razor)$/i.test(path) && text.includes('@')
}

/** A page in Visual Basic ends its blocks with words. */
const BASIC_MARK =
  /@(?:\*|@|\(|(?:code|functions)\b|(?:if|for|foreach|while|do|select|using|try|with|synclock)\b|[A-Za-z_][\w.]*)/gi
const BASIC_BLOCKS: Readonly<Record<string, string>> = {
  code: 'end\\s+code',
  functions: 'end\\s+functions',
  if: 'end\\s+if',
  for: 'next\\b',
  foreach: 'next\\b',
  while: 'end\\s+while',
  do: 'loop\\b',
  select: 'end\\s+select',
  using: 'end\\s+using',
  try: 'end\\s+try',
  with: 'end\\s+with',
  synclock: 'end\\s+synclock',
}

/** The code of a Razor page: blocks, functions and expressions, in Visual Basic where its name says so. Any text is accepted. */
export function takeApartRazor(path: string, text: string): Page {
  return /\.vbhtml$/i.test(path) ? takeApartBasic(text) : takeApartCsharp(text)
}

function takeApartBasic(text: string): Page {
  const pieces: Piece[] = []
  const lines = new LineCounter(text)
  const mark = new RegExp(BASIC_MARK)
  for (let found = mark.exec(text); found && pieces.length < MAX_PIECES; found = mark.exec(text)) {
    const [sign] = found
    const line = lines.at(found.index)
    const add = (kind: Piece['kind'], from: number, to: number) =>
      pieces.push({ kind, text: text.slice(from, to), line, language: 'vb' })
    const word = sign.slice(1).toLowerCase()
    const end = BASIC_BLOCKS[word]
    if (sign === '@@') continue
    if (sign === '@*') {
      const close = text.indexOf('*@', found.index + 2)
      mark.lastIndex = close < 0 ? text.length : close + 2
    } else if (end !== undefined) {
      const close = new RegExp(`^[ \\t@]*${end}`, 'gim')
      close.lastIndex = mark.lastIndex
      const closed = close.exec(text)
      const isOwnWord = word === 'code' || word === 'functions'
      const from = isOwnWord ? mark.lastIndex : found.index + 1
      const to = closed === null ? text.length : isOwnWord ? closed.index : closed.index + closed[0].length
      add(word === 'functions' ? 'declaration' : 'code', from, Math.max(from, to))
      mark.lastIndex = Math.max(to, mark.lastIndex)
    } else {
      const stop = afterChain(text, found.index + sign.length - (sign === '@(' ? 1 : 0))
      if (stop > found.index + sign.length) add('expression', found.index + 1, stop)
      mark.lastIndex = Math.max(stop, mark.lastIndex)
    }
  }
  return { pieces, directives: [], language: 'vb' }
}

/** Where a chain of calls, indexes and members ends. */
function afterChain(text: string, from: number): number {
  let end = from
  while (
    end < text.length &&
    (text.charAt(end) === '(' || text.charAt(end) === '[' || /^\.[A-Za-z_]/.test(text.slice(end, end + 2)))
  )
    end =
      text.charAt(end) === '.'
        ? end + (/^\.\w+/.exec(text.slice(end, end + 80))?.[0].length ?? 1)
        : Math.max(end + 1, closing(text, end) + 1)
  return Math.min(end, text.length)
}

function takeApartCsharp(text: string): Page {
  const pieces: Piece[] = []
  const lines = new LineCounter(text)
  const mark = new RegExp(MARK)
  for (let found = mark.exec(text); found && pieces.length < MAX_PIECES; found = mark.exec(text)) {
    const [sign] = found
    const line = lines.at(found.index)
    const add = (kind: Piece['kind'], from: number, to: number) =>
      pieces.push({ kind, text: text.slice(from, to), line, language: '' })
    if (sign === '@@') continue
    if (sign === '@*') {
      const close = text.indexOf('*@', found.index + 2)
      mark.lastIndex = close < 0 ? text.length : close + 2
      continue
    }
    const start = found.index + sign.length
    if (sign.endsWith('{') || sign === '@(') {
      const end = closing(text, start - 1)
      add(sign === '@(' ? 'expression' : sign === '@{' ? 'code' : 'declaration', start, end)
      mark.lastIndex = end + 1
    } else if (/^@(?:if|for|foreach|while|switch|using|try|lock|do)$/.test(sign)) {
      const open = text.indexOf('{', start)
      const lineEnd = text.indexOf('\n', start)
      // `@using System.IO` ends with its line.
      if (open < 0 || (sign === '@using' && !/^\s*\(/.test(text.slice(start, start + 20)))) {
        mark.lastIndex = lineEnd < 0 ? text.length : lineEnd
        continue
      }
      const end = closing(text, open)
      add('code', found.index + 1, end + 1)
      mark.lastIndex = Math.min(end + 1, text.length)
    } else {
      const end = afterChain(text, start)
      // A bare name is an address of mail, a directive, or a value that is shown.
      if (end > start) add('expression', found.index + 1, end)
      mark.lastIndex = end
    }
  }
  return { pieces, directives: [], language: 'c#' }
}

/** Where the bracket that opens at a place is closed, not counting those in texts and comments; the end when it is not. */
function closing(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"' || char === "'") at = textEnd(text, at)
    else if (char === '/' && text.charAt(at + 1) === '/') at = orEnd(text.indexOf('\n', at), text)
    else if (char === '/' && text.charAt(at + 1) === '*') at = orEnd(text.indexOf('*/', at), text)
    else if ('{(['.includes(char)) depth++
    else if ('})]'.includes(char) && --depth === 0) return at
  }
  return text.length
}

const orEnd = (at: number, text: string) => (at < 0 ? text.length : at)

/** The quote that ends a text; an apostrophe in written words ends nothing. */
function textEnd(text: string, open: number): number {
  const quote = text.charAt(open)
  const verbatim = text.charAt(open - 1) === '@'
  for (let at = open + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\n' && !verbatim) return open
    if (char === '\\' && !verbatim) at++
    else if (char === quote) return at
  }
  return open
}
