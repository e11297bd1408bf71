/** One piece of a Basic script. Words are in lower case, strings hold their value; a line end or a colon ends a statement. */
export interface BasicToken {
  readonly kind: 'word' | 'string' | 'number' | 'symbol' | 'line'
  readonly text: string
  readonly line: number
  /** `[name]`: never a keyword. */
  readonly bracketed?: boolean
  /** Text with values in it, VB `$"{x}"`: constant pieces and the code of the values by turns. */
  readonly parts?: readonly string[]
}

/** Scripts beyond this are machine-made or hostile; what was read so far is judged. */
export const MAX_TOKENS = 400_000
const WORD = /[A-Za-z_\u00aa-\u2017\u2020-\uff07\uff09-\uffff][\w\u0080-\u2017\u2020-\uffff]*/y
const NUMBER = /&h[\da-f]+&?|&o[0-7]+&?|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+/iy
const DATE = /#[\d/:\- apm]{3,40}#/iy
const LONG_SYMBOLS = ['<>', '<=', '>=', ':=', '&=', '+=', '-=', '*=', '/=', '?.']
/** Visual Basic takes typographic quotes for quotes. */
const QUOTES = new Set(['"', '\u201c', '\u201d'])

/** The tokens of VBScript or Visual Basic: MS-VBAL section 3. Any text is accepted. */
export function basicTokens(text: string, firstLine: number, tokens: BasicToken[] = []): BasicToken[] {
  let line = firstLine
  let at = 0
  const push = (kind: BasicToken['kind'], value: string) => tokens.push({ kind, text: value, line })
  while (at < text.length && tokens.length < MAX_TOKENS) {
    const char = text.charAt(at)
    if (char === '\n' || char === '\r') {
      if (char === '\r' && text.charAt(at + 1) === '\n') at++
      // "_" before a line end joins the next line.
      const last = tokens.at(-1)
      if (last?.kind === 'word' && last.text === '_' && last.line === line) tokens.pop()
      else push('line', '\n')
      at++
      line++
      continue
    }
    if (char <= ' ' || char === '\u00a0' || char === '\ufeff') {
      at++
      continue
    }
    if (char === "'" || char === '\u2018' || char === '\u2019') {
      at = lineEnd(text, at)
      continue
    }
    if (QUOTES.has(char)) {
      const { value, end } = quoted(text, at)
      push('string', value)
      at = /c/i.test(text.charAt(end)) && !/\w/.test(text.charAt(end + 1)) ? end + 1 : end
      continue
    }
    if (char === '$' && QUOTES.has(text.charAt(at + 1))) {
      const { value, end } = quoted(text, at + 1)
      tokens.push({ kind: 'string', text: value, line, parts: value.split(/\{([^{}]{0,400})\}/) })
      at = end
      continue
    }
    if (char === '[') {
      const close = text.indexOf(']', at)
      const name = close < 0 || close - at > 100 ? undefined : text.slice(at + 1, close)
      if (name !== undefined && !name.includes('\n')) {
        tokens.push({ kind: 'word', text: name.toLowerCase(), line, bracketed: true })
        at = close + 1
        continue
      }
    }
    const number = matchAt(NUMBER, text, at)
    if (number !== undefined && !(number.startsWith('.') && /[\w)\]]/.test(text.charAt(at - 1)))) {
      push('number', numberText(number))
      // Type letters of literals: 1L, 2.0F, 3&, 4%
      at += number.length + (/^[a-z%&!#@]{1,2}\b/i.exec(text.slice(at + number.length, at + number.length + 3))?.[0].length ?? 0)
      continue
    }
    const date = char === '#' ? matchAt(DATE, text, at) : undefined
    if (date !== undefined) {
      push('string', date.slice(1, -1))
      at += date.length
      continue
    }
    const word = matchAt(WORD, text, at)
    if (word !== undefined) {
      if (/^rem$/i.test(word)) {
        at = lineEnd(text, at)
        continue
      }
      push('word', word.toLowerCase())
      at += word.length
      // Type signs of names: Left$(…)
      if (/[$%!#@]/.test(text.charAt(at)) && /[\s(,)=]/.test(text.charAt(at + 1))) at++
      continue
    }
    // No statement begins with a bracket: it belongs to the name before the line end.
    if (char === '(' && tokens.at(-1)?.kind === 'line') {
      let last = tokens.length
      while (tokens[last - 1]?.kind === 'line') last--
      if (tokens[last - 1]?.kind === 'word') tokens.length = last
    }
    const symbol = LONG_SYMBOLS.find(candidate => text.startsWith(candidate, at)) ?? char
    push('symbol', symbol)
    at += symbol.length
  }
  push('line', '\n')
  return tokens
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function lineEnd(text: string, at: number): number {
  const feed = text.indexOf('\n', at)
  const end = feed < 0 ? text.length : feed
  return text.charAt(end - 1) === '\r' && end - 1 > at ? end - 1 : end
}

/** A doubled quote is a quote; in VBScript a text ends with its line at the latest. */
function quoted(text: string, at: number): { readonly value: string; readonly end: number } {
  let value = ''
  let from = at + 1
  for (let i = from; ; i++) {
    const char = text.charAt(i)
    if (i >= text.length || char === '\n') return { value: value + text.slice(from, i), end: i }
    if (!QUOTES.has(char)) continue
    if (!QUOTES.has(text.charAt(i + 1))) return { value: value + text.slice(from, i), end: i + 1 }
    value += `${text.slice(from, i)}"`
    i++
    from = i + 1
  }
}

/** `&H1F` and `&O17` as decimal text. */
function numberText(literal: string): string {
  const based = /^&([ho])([\da-f]+)/i.exec(literal)
  if (!based) return literal
  const value = Number.parseInt(based[2] ?? '', based[1]?.toLowerCase() === 'h' ? 16 : 8)
  // Four hex digits are a 16-bit number with a sign: &HFFFF is -1.
  return String(based[2]?.length === 4 && value > 0x7fff ? value - 0x10000 : value)
}
