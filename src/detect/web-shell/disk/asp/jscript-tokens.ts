/** One piece of a JScript. Strings hold their value. */
export interface ScriptToken {
  readonly kind: 'word' | 'string' | 'number' | 'pattern' | 'symbol' | 'end'
  readonly text: string
  readonly line: number
  /** A line ends before it: a statement may end there without a sign. */
  readonly newLine: boolean
}

/** Scripts beyond this are machine-made or hostile; what was read so far is judged. */
export const MAX_TOKENS = 400_000
const NUMBER = /0x[\da-f]+|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?/iy
const WORD = /(?:[A-Za-z_$@\u00aa-\u200a\u2030-\ufefe]|\\u[\da-fA-F]{4})(?:[\w$\u00aa-\u200a\u2030-\ufefe]|\\u[\da-fA-F]{4})*/y
const PATTERN = /\/(?![/*])(?:[^\\/[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[gimuy]*/y
const SYMBOLS = [
  '>>>=',
  '===',
  '!==',
  '>>>',
  '<<=',
  '>>=',
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<',
  '>>',
  '=>',
  '??',
  '?.',
]
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', '0': '\0' }
/** After these a slash begins a pattern, not a division. */
const BEFORE_PATTERN = /^(?:[=(,;:[!&|?{}+\-*%<>~^]|.*[=&|<>]|return|typeof|case|in|do|else|void|delete)$/

/** The tokens of JScript (ECMA-262 third edition). Any text is accepted. */
export function scriptTokens(text: string, firstLine: number, tokens: ScriptToken[] = []): ScriptToken[] {
  let line = firstLine
  let at = 0
  let newLine = true
  const push = (kind: ScriptToken['kind'], value: string) => {
    tokens.push({ kind, text: value, line, newLine })
    newLine = false
  }
  const skipTo = (end: number) => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < end; next = text.indexOf('\n', next + 1)) {
      line++
      newLine = true
    }
    at = end
  }
  while (at < text.length && tokens.length < MAX_TOKENS) {
    const char = text.charAt(at)
    if (char === '\n') {
      skipTo(at + 1)
      continue
    }
    if (char <= ' ' || char === '\u00a0' || char === '\ufeff') {
      at++
      continue
    }
    if (text.startsWith('//', at) || text.startsWith('<!--', at)) {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
      continue
    }
    if (text.startsWith('/*', at)) {
      // Conditional compilation (`/*@cc_on … @*/`) is code.
      if (text.startsWith('/*@', at)) {
        at += /^\/\*@(?:cc_on|if|set)?/.exec(text.slice(at, at + 12))?.[0].length ?? 3
        continue
      }
      const end = text.indexOf('*/', at + 2)
      skipTo(end < 0 ? text.length : end + 2)
      continue
    }
    if (text.startsWith('@*/', at)) {
      at += 3
      continue
    }
    if (char === '"' || char === "'" || isTypographic(char)) {
      const { value, end } = quoted(text, at)
      push('string', value)
      skipTo(end)
      continue
    }
    const before = tokens.at(-1)
    const pattern =
      char === '/' &&
      (before === undefined ||
        before.kind === 'end' ||
        (before.kind !== 'string' && before.kind !== 'number' && BEFORE_PATTERN.test(before.text)))
        ? matchAt(PATTERN, text, at)
        : undefined
    if (pattern !== undefined) {
      push('pattern', pattern)
      at += pattern.length
      continue
    }
    const number = matchAt(NUMBER, text, at)
    if (number !== undefined) {
      push('number', String(/^0\d/.test(number) ? Number.parseInt(number, 8) : Number(number)))
      at += number.length
      continue
    }
    const word = matchAt(WORD, text, at)
    if (word !== undefined) {
      push(
        'word',
        word.replace(/\\u([\da-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
      )
      at += word.length
      continue
    }
    const symbol = SYMBOLS.find(candidate => text.startsWith(candidate, at)) ?? char
    push('symbol', symbol)
    at += symbol.length
  }
  tokens.push({ kind: 'end', text: '', line, newLine: true })
  return tokens
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Quotes of a word processor: no engine takes them, but a page that was copied out of an article means what it says. */
const isTypographic = (char: string) => char === '\u201c' || char === '\u201d'

function quoted(text: string, at: number): { readonly value: string; readonly end: number } {
  const quote = text.charAt(at)
  let value = ''
  let from = at + 1
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === quote || (isTypographic(quote) && isTypographic(char))) return { value: value + text.slice(from, i), end: i + 1 }
    if (char === '\n') return { value: value + text.slice(from, i), end: i }
    if (char !== '\\') continue
    const tail = text.slice(i + 1, i + 6)
    const code = /^(?:x([\da-f]{2})|u([\da-f]{4})|([0-3]?[0-7]{1,2}))/i.exec(tail)
    const lineEnd = /^\r?\n/.exec(tail)?.[0]
    const next = tail.charAt(0)
    const spelled = code
      ? String.fromCharCode(code[3] === undefined ? Number.parseInt(code[1] ?? code[2] ?? '0', 16) : Number.parseInt(code[3], 8))
      : lineEnd === undefined
        ? (ESCAPES[next] ?? next)
        : ''
    value += text.slice(from, i) + spelled
    i += code?.[0].length ?? lineEnd?.length ?? 1
    from = i + 1
  }
  return { value: value + text.slice(from), end: text.length }
}
