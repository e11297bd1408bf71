import { Literals, type Wanted } from '../literals.ts'
import { TRADE_WORDS, type Trade, tradeFrom } from './trade.ts'

/** What one pass over the bytes of a page shows. Everything here is only a reason to look closer; most pages have none. */
export interface Glance extends Trade {
  /** Names something a visitor sends. */
  readonly asked: boolean
  /** May hold hidden text, names in pieces, variables named by values: the patterns tell. */
  readonly mayHide: boolean
  /** Evaluates, or names what evaluates between quotes. */
  readonly mayEvaluate: boolean
  /** Opens a connection. */
  readonly connects: boolean
  /** Has an address between quotes. */
  readonly addresses: boolean
  /** Carries a program for the machine itself, or makes the server run other files than pages. */
  readonly carries: boolean
  /** Talks the language of chat servers. */
  readonly chats: boolean
}

const ASKED = 1
const HIDES = 2
const EVALUATES = 4
const CONNECTS = 8
const ADDRESSES = 16
const CARRIES = 32
const CHATS = 64
/** Place of these bits in the answer, behind subjects and functions. */
const PLACE = 2

const quoted = (words: string) => words.split(' ').flatMap(word => [`'${word}'`, `"${word}"`])

const WANTED: readonly (readonly [bit: number, words: readonly string[], how: Partial<Wanted>])[] = [
  [
    ASKED,
    [
      ...'_GET _POST _REQUEST _COOKIE _FILES HTTP_ $GLOBALS QUERY_STRING'.split(' '),
      ...quoted('PO POS OST GE ET REQ _P _PO _POS _GE _REQ __P'),
    ],
    { exact: true },
  ],
  [ASKED, 'php://input getallheaders apache_request_headers filter_input'.split(' '), {}],
  [
    HIDES,
    [
      ...'base64_decode gzinflate gzuncompress gzdecode str_rot13 strrev convert_uu hex2bin urldecode exif_read_data curl_exec chr( goto create_function getdoccomment createfunction'.split(
        ' ',
      ),
      "pack('h",
      'pack("h',
      'chr (',
      // Nothing is put in the place of something: letters taken out of a word.
      ',"",',
      ",'',",
      ', "",',
      ", '',",
    ],
    {},
  ],
  [HIDES | EVALUATES, quoted('assert system passthru shell_exec'), {}],
  [EVALUATES, ['eval', 'assert'], { called: true }],
  [EVALUATES, ['eval/', 'eval /', 'shell.users'], {}],
  [CONNECTS, ['sockopen', 'socket_create', 'socket_client'], {}],
  [ADDRESSES, ["'http", '"http'], {}],
  [CARRIES, ['\\x7f\\x45\\x4c\\x46', '\\x7felf', 'f0vmrg', 'tvqqaamaaaa', 'addhandler', 'sethandler'], {}],
  [CHATS, ['privmsg'], {}],
]

const WORDS = new Literals([
  ...TRADE_WORDS,
  ...WANTED.flatMap(([says, words, how]) => words.map(word => ({ word, ...how, says, place: PLACE }))),
])

export function glanceAt(bytes: Uint8Array): Glance {
  const found = WORDS.in(bytes)
  const bits = found[PLACE] ?? 0
  return {
    ...tradeFrom(found),
    asked: (bits & ASKED) !== 0,
    mayHide: (bits & HIDES) !== 0 || looksOdd(bytes),
    mayEvaluate: (bits & EVALUATES) !== 0,
    connects: (bits & CONNECTS) !== 0,
    addresses: (bits & ADDRESSES) !== 0,
    carries: (bits & CARRIES) !== 0,
    chats: (bits & CHATS) !== 0,
  }
}

const code = (letter: string) => letter.charCodeAt(0)
const [BACKSLASH, DOLLAR, HAT, PIPE, AND, DOT, PLUS, OPEN, SLASH] = ['\\', '$', '^', '|', '&', '.', '+', '{', '/'].map(code)
const SEMICOLON = code(';')
const UNDERSCORE = code('_')
const SMALL_X = code('x')
const AT = code('@')

/** Letters at which text may be hidden; at all others nothing has to be looked at. */
const LOOKED_AT = Uint8Array.from({ length: 256 }, (_, byte) => ('\\$^|&.+'.includes(String.fromCharCode(byte)) ? 1 : 0))
const isQuote = (byte: number | undefined) => byte === 0x22 || byte === 0x27
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isWord = (byte: number | undefined) =>
  byte !== undefined &&
  (isDigit(byte) || byte === UNDERSCORE || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte >= 0x80)
const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Spaces are passed over only so far. */
const MAX_SPACES = 40
/** Pieces of words are no longer than this. */
const PIECE = 5
/** Letters counted up in a row: shells without letters make theirs so. */
const COUNTED_UP = 3

/** Whether the signs stand anywhere by which text is hidden in PHP without a word that says so. Errs on the side of yes. */
function looksOdd(bytes: Uint8Array): boolean {
  let countedUp = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (LOOKED_AT[byte] === 0) continue
    const next = bytes[at + 1]
    if (byte === BACKSLASH) {
      if ((next === SMALL_X || isDigit(next)) && escapesFollow(bytes, at)) return true
    } else if (byte === DOLLAR) {
      if (namesByValue(bytes, at)) return true
    } else if (byte === HAT || byte === PIPE || byte === AND) {
      if (mixesTexts(bytes, at)) return true
    } else if (byte === DOT) {
      if (joinsPieces(bytes, at)) return true
    } else if (byte === PLUS && next === PLUS && bytes[at + 2] === SEMICOLON && ++countedUp >= COUNTED_UP) return true
  }
  return false
}

/** A text on either side of `^`, on both sides of `|` and `&`. */
function mixesTexts(bytes: Uint8Array, at: number): boolean {
  const leftAt = before(bytes, at)
  const left = bytes[leftAt]
  const right = bytes[behind(bytes, at)]
  if (bytes[at] !== HAT) return isQuote(left) && isQuote(right)
  // `'^[a-z]'`: a pattern begins with it, too; what stands before its quote tells.
  if (isQuote(left))
    return (isQuote(right) || right === DOLLAR || right === 0x28 || isWord(right)) && !opensText(bytes[leftAt - 1])
  return isQuote(right) && (left === 0x29 || isWord(left))
}

const opensText = (byte: number | undefined) =>
  byte === undefined || isSpace(byte) || '(,=.[{&|!?:<>'.includes(String.fromCharCode(byte))

/** `'as' . 'sert'`, `$a[3] . $b[1]`, with comments between them. */
function joinsPieces(bytes: Uint8Array, at: number): boolean {
  const leftAt = before(bytes, at)
  const rightAt = behind(bytes, at)
  const [left, right] = [bytes[leftAt], bytes[rightAt]]
  if (isQuote(left) && isQuote(right) && isPiece(bytes, leftAt, rightAt)) return true
  if ((left === SLASH && isQuote(right)) || (isQuote(left) && right === SLASH)) return true
  const isEntry = (left === 0x5d || left === 0x7d || left === 0x29) && isDigit(bytes[leftAt - 1])
  return isEntry && bytes[right === AT ? rightAt + 1 : rightAt] === DOLLAR
}

/** `$$x`, `${'a'.'b'}`, `${f()}`, `$__`, names no keyboard has; `${name}` in a text is everyday. */
function namesByValue(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1]
  if (next === DOLLAR) return isWord(bytes[at + 2])
  if (next === OPEN) return !isWord(bytes[at + 2]) || isNamedByCall(bytes, at + 2)
  if (next === UNDERSCORE) return bytes[at + 2] === UNDERSCORE || !isWord(bytes[at + 2])
  return next === SLASH || (next !== undefined && next >= 0x80)
}

function isNamedByCall(bytes: Uint8Array, from: number): boolean {
  let at = from
  while (isWord(bytes[at])) at++
  return bytes[at] === 0x28
}

function escapesFollow(bytes: Uint8Array, from: number): boolean {
  let at = from
  for (let count = 0; count < 3; count++) {
    if (bytes[at] !== BACKSLASH) return false
    const hex = bytes[at + 1] === SMALL_X
    if (!hex && !isDigit(bytes[at + 1])) return false
    at += 2
    for (let digits = 0; digits < (hex ? 2 : 3) && isWord(bytes[at]); digits++) at++
  }
  return true
}

function before(bytes: Uint8Array, from: number): number {
  let at = from - 1
  for (let count = 0; count < MAX_SPACES && isSpace(bytes[at]); count++) at--
  return at
}

function behind(bytes: Uint8Array, from: number): number {
  let at = from + 1
  for (let count = 0; count < MAX_SPACES && isSpace(bytes[at]); count++) at++
  return at
}

/** Both texts are a few letters long. */
function isPiece(bytes: Uint8Array, leftAt: number, rightAt: number): boolean {
  const begin = bytes.lastIndexOf(bytes[leftAt] as number, leftAt - 1)
  if (begin < 0 || leftAt - begin > PIECE) return false
  const end = bytes.indexOf(bytes[rightAt] as number, rightAt + 1)
  return end >= 0 && end - rightAt <= PIECE
}
