import { LineCounter } from './disk/line-counter.ts'

/** One piece of a script. Words and variables of languages that ignore case are in lower case; strings hold their value, not their spelling. */
export interface Token {
  readonly kind: 'word' | 'variable' | 'string' | 'number' | 'symbol' | 'newline'
  readonly text: string
  /** 1-based line in the file. */
  readonly line: number
}

/** How a string is written. */
export interface StringRule {
  readonly open: string
  readonly close: string
  /** Backslash sequences, a doubled quote, or nothing. */
  readonly escape: 'backslash' | 'double' | 'none'
  /** Values are put into it: `$x` and `{$x}` in PHP, `{x}` in C#. */
  readonly holds?: 'php' | 'braces'
  /** What PHP's backticks are: a call of this function. */
  readonly call?: string
}

/** What tells one language's words from another's. */
export interface LexRules {
  readonly lineComments: readonly string[]
  readonly blockComments: readonly (readonly [string, string])[]
  readonly strings: readonly StringRule[]
  /** Longest first. */
  readonly symbols: readonly string[]
  readonly variableSign?: string
  readonly ignoresCase: boolean
  /** Line ends separate statements; a line that ends with this goes on. */
  readonly continuation?: string
  /** "Rem" of Basic. */
  readonly commentWord?: string
  /** `<<<NAME` of PHP. */
  readonly heredoc?: boolean
}

/** A piece of a page that runs on the server. */
export interface CodeRegion {
  readonly start: number
  readonly end: number
}

/** Scripts beyond this are machine-made or hostile; what was read so far is judged. */
const MAX_TOKENS = 400_000
const WORD = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y
const NUMBER = /0[xX][\da-fA-F]+|\d[\d_]*(?:\.\d+)?/y

/** The tokens of the regions of a text, comments left out. Any text is accepted. */
export function lex(text: string, regions: readonly CodeRegion[], rules: LexRules): Token[] {
  const tokens: Token[] = []
  const lines = new LineCounter(text)
  for (const { start, end } of regions) {
    lexRegion(text.slice(0, end), start, rules, lines, tokens)
    // Two blocks of a page are two statements, whatever stands between them.
    tokens.push(rules.continuation === undefined ? { kind: 'symbol', text: ';', line: lines.at(end) } : newline(lines.at(end)))
    if (tokens.length > MAX_TOKENS) break
  }
  return tokens
}

const newline = (line: number): Token => ({ kind: 'newline', text: '\n', line })

function lexRegion(text: string, start: number, rules: LexRules, lines: LineCounter, tokens: Token[]): void {
  const fold = (word: string) => (rules.ignoresCase ? word.toLowerCase() : word)
  const marks = new Set(
    [...rules.lineComments, ...rules.blockComments.map(([open]) => open), ...rules.strings.map(({ open }) => open)].map(mark =>
      mark.charAt(0),
    ),
  )
  let at = start
  while (at < text.length && tokens.length <= MAX_TOKENS) {
    const char = text.charAt(at)
    if (char === '\n') {
      if (rules.continuation !== undefined && !continues(tokens, rules.continuation)) tokens.push(newline(lines.at(at)))
      at++
      continue
    }
    if (char <= ' ') {
      at++
      continue
    }
    const marked = marks.has(char)
    const comment = marked ? commentEnd(text, at, rules) : at
    if (comment > at) {
      at = comment
      continue
    }
    const here = rules.heredoc && text.startsWith('<<<', at) ? heredoc(text, at) : undefined
    if (here) {
      pushString(tokens, here.body, lines.at(at), here.plain ? undefined : 'php', fold)
      at = here.end
      continue
    }
    const quoted = marked && rules.strings.find(rule => text.startsWith(rule.open, at))
    if (quoted) {
      const { value, end } = readString(text, at, quoted)
      const line = lines.at(at)
      if (quoted.call === undefined) pushString(tokens, value, line, quoted.holds, fold)
      else {
        tokens.push({ kind: 'word', text: quoted.call, line }, { kind: 'symbol', text: '(', line })
        pushString(tokens, value, line, quoted.holds, fold)
        tokens.push({ kind: 'symbol', text: ')', line })
      }
      at = end
      continue
    }
    if (rules.variableSign !== undefined && char === rules.variableSign) {
      WORD.lastIndex = at + 1
      const name = WORD.exec(text)?.[0]
      if (name !== undefined) {
        // Variables keep their case even in PHP, where functions do not.
        tokens.push({ kind: 'variable', text: `$${name}`, line: lines.at(at) })
        at += 1 + name.length
        continue
      }
    }
    WORD.lastIndex = at
    const word = WORD.exec(text)?.[0]
    if (word !== undefined) {
      if (rules.commentWord !== undefined && word.toLowerCase() === rules.commentWord) {
        at = lineEnd(text, at)
        continue
      }
      tokens.push({ kind: 'word', text: fold(word), line: lines.at(at) })
      at += word.length
      continue
    }
    NUMBER.lastIndex = at
    const number = NUMBER.exec(text)?.[0]
    if (number !== undefined) {
      tokens.push({ kind: 'number', text: number, line: lines.at(at) })
      at += number.length
      continue
    }
    const symbol = rules.symbols.find(candidate => text.startsWith(candidate, at)) ?? char
    tokens.push({ kind: 'symbol', text: symbol, line: lines.at(at) })
    at += symbol.length
  }
}

/** The line before ends with the sign that makes it go on; the sign itself is no token then. */
function continues(tokens: Token[], sign: string): boolean {
  if (tokens.at(-1)?.text !== sign) return false
  tokens.pop()
  return true
}

function commentEnd(text: string, at: number, { lineComments, blockComments }: LexRules): number {
  if (lineComments.some(mark => text.startsWith(mark, at))) return lineEnd(text, at)
  const block = blockComments.find(([open]) => text.startsWith(open, at))
  if (!block) return at
  const end = text.indexOf(block[1], at + block[0].length)
  return end < 0 ? text.length : end + block[1].length
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

function readString(text: string, at: number, { open, close, escape: escaping }: StringRule): { value: string; end: number } {
  let value = ''
  let from = at + open.length
  for (let i = from; ; ) {
    const stop = text.indexOf(close, i)
    const slash = escaping === 'backslash' ? text.indexOf('\\', i) : -1
    if (slash >= 0 && (stop < 0 || slash < stop)) {
      const { char, length } = escaped(text, slash)
      value += text.slice(from, slash) + char
      from = slash + length
      i = from
      continue
    }
    if (stop < 0) return { value: value + text.slice(from), end: text.length }
    if (escaping === 'double' && text.startsWith(close, stop + close.length)) {
      value += text.slice(from, stop + close.length)
      from = stop + 2 * close.length
      i = from
      continue
    }
    return { value: value + text.slice(from, stop), end: stop + close.length }
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', e: '\x1b', f: '\f', v: '\v' }

/** One backslash sequence: the hexadecimal, octal and Unicode ones are what spells hidden words. */
function escaped(text: string, at: number): { char: string; length: number } {
  const tail = text.slice(at + 1, at + 11)
  const code = /^x([\da-fA-F]{1,2})/.exec(tail) ?? /^u+\{?([\da-fA-F]{4,6})\}?/.exec(tail)
  if (code)
    return { char: String.fromCodePoint(Math.min(Number.parseInt(code[1] ?? '0', 16), 0x10ffff)), length: code[0].length + 1 }
  const octal = /^[0-3]?[0-7]{1,2}/.exec(tail)
  if (octal) return { char: String.fromCharCode(Number.parseInt(octal[0], 8)), length: octal[0].length + 1 }
  const next = tail.charAt(0)
  return { char: ESCAPES[next] ?? next, length: 2 }
}

function heredoc(text: string, at: number): { body: string; plain: boolean; end: number } | undefined {
  const head = /^<<<[ \t]*(['"]?)(\w+)\1[^\n]*\n/.exec(text.slice(at, at + 200))
  if (!head) return undefined
  const from = at + head[0].length
  const close = new RegExp(`\\n[ \\t]*${head[2]}\\b`, 'g')
  close.lastIndex = from - 1
  const found = close.exec(text)
  return {
    body: text.slice(from, found?.index ?? text.length),
    plain: head[1] === "'",
    end: found ? close.lastIndex : text.length,
  }
}

/** `$x`, `{$x['k']}`, `${x}` of PHP; `{x.y[z]}` of C#. */
const HELD = {
  php: /\{?\$\{?([A-Za-z_]\w*)(?:\[[^\]]{0,80}\])*\}?/g,
  braces: /\{([A-Za-z_][\w.]*(?:\[[^\]]{0,80}\])?)[^}]{0,40}\}/g,
} as const

/** A string, with the values put into it as if they were joined to its pieces. */
function pushString(
  tokens: Token[],
  value: string,
  line: number,
  holds: 'php' | 'braces' | undefined,
  fold: (word: string) => string,
): void {
  let from = 0
  if (holds !== undefined) {
    const join: Token = { kind: 'symbol', text: holds === 'php' ? '.' : '+', line }
    for (const found of value.matchAll(HELD[holds])) {
      const name = found[1] ?? ''
      tokens.push({ kind: 'string', text: value.slice(from, found.index), line }, join)
      if (holds === 'php') tokens.push({ kind: 'variable', text: `$${name}`, line })
      else
        for (const [piece] of name.matchAll(/\w+|\W/g))
          tokens.push({ kind: /\w/.test(piece) ? 'word' : 'symbol', text: fold(piece), line })
      tokens.push(join)
      from = found.index + found[0].length
    }
  }
  tokens.push({ kind: 'string', text: value.slice(from), line })
}
