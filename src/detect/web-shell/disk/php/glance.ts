import { LETTER, Literals, type Wanted } from '../literals.ts'
import { TRADE_WORDS, type Trade, tradeFrom } from './trade.ts'

/** What one pass over the bytes of a page shows. Everything here is only a reason to look closer; most pages have none. */
export interface Glance extends Trade {
  /** Names something a visitor sends. */
  readonly asked: boolean
  /** May hold hidden text, names in pieces, variables named by values: the patterns tell. */
  readonly mayHide: boolean
  /** Unpacks or fetches text: hidden for certain. */
  readonly unpacks: boolean
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
  /** Calls the function that sends mail. */
  readonly mails: boolean
  /** Opens a database. */
  readonly opensDatabase: boolean
  /** Names what only tools of a stranger need: looked at by `toolsOf`. */
  readonly mayBeTool: boolean
  /** Calls what a variable, an element or a value names. */
  readonly callsValue: boolean
  /** Has a line longer than people write. */
  readonly longLine: boolean
  /** Has a form, or links to itself. */
  readonly hasForm: boolean
  /** Characters of code: HTML around it says nothing about how much a page does. */
  readonly size: number
}

const ASKED = 1
const HIDES = 2
const EVALUATES = 4
const CONNECTS = 8
const ADDRESSES = 16
const CARRIES = 32
const CHATS = 64
const MAILS = 128
const TOOL = 256
const UNPACKS = 512
const DATABASE = 1024
const FORM = 2048
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
  [ASKED, 'multipart/form-data php://input getallheaders apache_request_headers filter_input'.split(' '), {}],
  [
    HIDES,
    [
      ...'chr( goto create_function getdoccomment createfunction'.split(' '),
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
  [
    UNPACKS,
    'base64_decode gzinflate gzuncompress gzdecode str_rot13 strrev convert_uudecode convert_uuencode hex2bin urldecode rawurldecode exif_read_data curl_exec'.split(
      ' ',
    ),
    {},
  ],
  [HIDES | EVALUATES, quoted('assert system passthru shell_exec'), {}],
  [EVALUATES, ['eval', 'assert'], { called: true }],
  [EVALUATES, ['eval/', 'eval /', 'shell.users'], {}],
  [CONNECTS, ['fsockopen', 'pfsockopen', 'socket_create', 'stream_socket_client'], {}],
  [ADDRESSES, ["'http", '"http'], {}],
  [CARRIES, ['PD9waH'], { exact: true }],
  [CARRIES, ['\\x7f\\x45\\x4c\\x46', '\\x7felf', 'f0vmrg', 'tvqqaamaaaa', 'addhandler', 'sethandler'], {}],
  [CHATS, ['privmsg'], {}],
  [MAILS, ['mail'], { called: true }],
  [FORM, ['<form', '<input', '<textarea', '$php_self', 'href="?', "href='?", 'href=\\"?', 'href=?'], {}],
  [DATABASE, 'mysql_connect mysql_pconnect mysqli_connect mssql_connect pg_connect'.split(' '), { called: true }],
  [
    TOOL,
    [
      ...'ini_restore compress.zlib ld_preload iis://localhost winnt:// shell.users registerphpfunctions socket_accept udp:// ftp_login public_html followsymlinks safe_mode=off disable_functions=none remote_port wp_set_auth_cookie proxycommand gconv_path queuedirectory ffi::cdef expect:// winmgmts: scriptcontrol /dev/tcp/ mkfifo localadministrator wp_create_user wp_insert_user jconfig curlopt_userpwd copy(__file__ file_get_contents(__file__ posix_getpwuid python_eval win_shell_execute win32_create_service zip://'.split(
        ' ',
      ),
      'from program',
      'nc -e',
      'new perl(',
      '<iframe src',
      '<iframe width',
      '/bin/sh -i',
      'bash -i',
      "'open_basedir','/'",
      "'open_basedir','..'",
      "'open_basedir', '/'",
      "'open_basedir', '..'",
    ],
    {},
  ],
]

const WORDS = new Literals([
  ...TRADE_WORDS,
  ...WANTED.flatMap(([says, words, how]) => words.map(word => ({ word, ...how, says, place: PLACE }))),
])

export function glanceAt(bytes: Uint8Array): Glance {
  const { answer: found, odd, callsValue, longLine } = lookThrough(bytes)
  const bits = found[PLACE] ?? 0
  return {
    ...tradeFrom(found),
    asked: (bits & ASKED) !== 0,
    mayHide: odd || (bits & (HIDES | UNPACKS)) !== 0,
    unpacks: (bits & UNPACKS) !== 0,
    mayEvaluate: (bits & EVALUATES) !== 0,
    connects: (bits & CONNECTS) !== 0,
    addresses: (bits & ADDRESSES) !== 0,
    carries: (bits & CARRIES) !== 0,
    chats: (bits & CHATS) !== 0,
    mails: (bits & MAILS) !== 0,
    opensDatabase: (bits & DATABASE) !== 0,
    hasForm: (bits & FORM) !== 0,
    mayBeTool: (bits & TOOL) !== 0,
    callsValue,
    longLine,
    size: codeLength(bytes),
  }
}

/** What a byte may be the sign of; 0 for most. */
const LOOK = Uint8Array.from({ length: 256 }, (_, byte) => {
  const sign = String.fromCharCode(byte)
  return (
    (LETTER[byte] === 1 ? 1 : 0) |
    (WORDS.begins[byte] === 1 ? 2 : 0) |
    ('\\$^|&.+'.includes(sign) ? 4 : 0) |
    (sign === '(' ? 8 : 0) |
    (sign === '\n' ? 16 : 0) |
    (LETTER[byte] === 1 || byte === 0x5f || byte >= 0x80 ? 32 : 0)
  )
})
/** Packed text stands on lines longer than this. */
const LONG_LINE = 500

interface Looked {
  readonly answer: Int32Array
  /** Signs by which text is hidden in PHP without a word that says so. Errs on the side of yes. */
  readonly odd: boolean
  readonly callsValue: boolean
  readonly longLine: boolean
}

/** The one pass over all bytes: words where they begin, signs where they stand. */
function lookThrough(bytes: Uint8Array): Looked {
  const answer = WORDS.answer()
  let odd = false
  let callsValue = false
  let longLine = false
  let countedUp = 0
  let lineStart = 0
  let inWord = 0
  let lastBreak = -1
  const end = bytes.length - 3
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    const look = LOOK[byte] as number
    if ((look & inWord) !== 0) continue
    // Behind a backslash stands the letter of an escape or of a name, and a word may begin behind it.
    inWord = at > 0 && bytes[at - 1] === BACKSLASH ? 0 : look & 1
    if ((look & 32) === 0) {
      if (look === 8 && !callsValue) callsValue = isCallOfValue(bytes, at, lastBreak)
      lastBreak = at
    }
    if ((look & 2) !== 0 && at < end) WORDS.at(bytes, at, answer)
    if ((look & 20) === 0) continue
    if ((look & 4) !== 0 && !odd) {
      if (byte === PLUS) {
        if (bytes[at + 1] === PLUS && bytes[at + 2] === SEMICOLON && ++countedUp >= COUNTED_UP) odd = true
      } else odd = isOdd(bytes, at, byte)
    }
    if ((look & 16) !== 0) {
      if (at - lineStart > LONG_LINE) longLine = true
      lineStart = at + 1
    }
  }
  return { answer, odd, callsValue, longLine: longLine || bytes.length - lineStart > LONG_LINE }
}

function isOdd(bytes: Uint8Array, at: number, byte: number): boolean {
  if (byte === BACKSLASH) {
    const next = bytes[at + 1]
    return (next === SMALL_X || isDigit(next)) && escapesFollow(bytes, at)
  }
  if (byte === DOLLAR) return namesByValue(bytes, at)
  return byte === DOT ? joinsPieces(bytes, at) : mixesTexts(bytes, at)
}

/** `$name(`, `$list[0](`, `$name/* … *\/(`: what stands before the bracket is no name of a function. */
function isCallOfValue(bytes: Uint8Array, at: number, lastBreak: number): boolean {
  if (lastBreak < 0) return false
  let mark = lastBreak
  if (mark === at - 1) {
    const last = bytes[mark] as number
    if (last === 0x5d || last === 0x7d || last === SLASH) return true
    if (!isSpace(last)) return false
    mark = before(bytes, mark)
    while (mark > 0 && isWord(bytes[mark])) mark--
  }
  if (mark < 0 || bytes[mark] !== DOLLAR) return false
  return mark === 0 || (bytes[mark - 1] !== MORE && bytes[mark - 1] !== 0x3a)
}

const LESS = 0x3c
const MORE = 0x3e
const ASKS = 0x3f

function codeLength(bytes: Uint8Array): number {
  let length = 0
  for (let open = marked(bytes, LESS, ASKS, 0); open >= 0; ) {
    const close = marked(bytes, ASKS, MORE, open)
    if (close < 0) return length + bytes.length - open
    length += close + 2 - open
    open = marked(bytes, LESS, ASKS, close)
  }
  return length
}

function marked(bytes: Uint8Array, first: number, second: number, from: number): number {
  let at = bytes.indexOf(first, from)
  while (at >= 0 && bytes[at + 1] !== second) at = bytes.indexOf(first, at + 1)
  return at
}

const code = (letter: string) => letter.charCodeAt(0)
const [BACKSLASH, DOLLAR, HAT, DOT, PLUS, OPEN, SLASH] = ['\\', '$', '^', '.', '+', '{', '/'].map(code)
const SEMICOLON = code(';')
const UNDERSCORE = code('_')
const SMALL_X = code('x')
const AT = code('@')

const isQuote = (byte: number | undefined) => byte === 0x22 || byte === 0x27
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isWord = (byte: number | undefined) => byte !== undefined && (LOOK[byte] as number) >= 32
const SPACE = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 ? 1 : 0,
)
const isSpace = (byte: number | undefined) => byte !== undefined && SPACE[byte] === 1

/** Spaces are passed over only so far. */
const MAX_SPACES = 40
/** Pieces of words are no longer than this. */
const PIECE = 5
/** Letters counted up in a row: shells without letters make theirs so. */
const COUNTED_UP = 3

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
