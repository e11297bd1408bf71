import type { Severity } from '../../model/index.ts'

/** How the terminal report may look. */
export interface TerminalOptions {
  /** Columns; kept between 40 and 200. */
  readonly width: number
  readonly colour: boolean
  /** False draws with ASCII only. */
  readonly unicode?: boolean
}

const SGR = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
  loud: '1;37;41',
} as const
export type Tone = keyof typeof SGR

/** Paints, or leaves plain, and knows the drawing characters. */
export interface Pen {
  readonly width: number
  readonly paint: (tone: Tone, text: string) => string
  readonly glyphs: typeof unicodeGlyphs
  /** Replaces what the terminal cannot draw when it is ASCII only. */
  readonly plain: (text: string) => string
}

const unicodeGlyphs = {
  topLeft: '┌',
  topRight: '┐',
  bottomLeft: '└',
  bottomRight: '┘',
  across: '─',
  down: '│',
  seen: '─',
  guessed: '╌',
  head: '▶',
  branch: '╰',
  bullet: '•',
  cut: '…',
  rule: '─',
  broken: '╱╱',
  full: '■',
  empty: '□',
}
const asciiGlyphs: typeof unicodeGlyphs = {
  topLeft: '+',
  topRight: '+',
  bottomLeft: '+',
  bottomRight: '+',
  across: '-',
  down: '|',
  seen: '-',
  guessed: '.',
  head: '>',
  branch: '`',
  bullet: '*',
  cut: '~',
  rule: '-',
  broken: '//',
  full: '#',
  empty: '-',
}

/** ASCII spellings of the typographic characters of our own sentences; anything else beyond ASCII becomes its code point. */
const SPELLINGS: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '→': '->',
  '×': 'x',
  '\u00a0': ' ',
}

function ascii(text: string): string {
  return text.replace(
    /[^\u0020-\u007e]/gu,
    character => SPELLINGS[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** A pen for the options. */
export function penFor({ width, colour, unicode = true }: TerminalOptions): Pen {
  return {
    width: Math.max(40, Math.min(200, Math.floor(width) || 80)),
    paint: (tone, text) => (colour && text !== '' ? `\u001b[${SGR[tone]}m${text}\u001b[0m` : text),
    glyphs: unicode ? unicodeGlyphs : asciiGlyphs,
    plain: unicode ? text => text : ascii,
  }
}

export const severityTone: Readonly<Record<Severity, Tone>> = {
  informational: 'dim',
  low: 'cyan',
  medium: 'yellow',
  high: 'red',
  critical: 'loud',
}
