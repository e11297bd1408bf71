/** UTF-7 (RFC 2152): pages that name code page 65000 are read by it, and `+k-` vanishes in the middle of a word. */
export function decodeUtf7(text: string): string {
  return text.replace(/\+([A-Za-z\d+/]*)-?/g, (whole, packed: string) => {
    if (packed === '') return whole === '+-' ? '+' : whole
    let bits = 0
    let count = 0
    let plain = ''
    for (const char of packed) {
      bits = ((bits << 6) | BASE64.indexOf(char)) & 0x3fffff
      count += 6
      if (count < 16) continue
      count -= 16
      plain += String.fromCharCode((bits >> count) & 0xffff)
    }
    return plain
  })
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Does the page say it is written in UTF-7? */
export function isUtf7(text: string): boolean {
  return /<%@[^%]{0,400}\bcodepage\s*=\s*["']?65000\b|<%@[^%]{0,400}\b(?:charset|encoding|pageencoding)\s*=\s*["']?utf-7/i.test(
    text,
  )
}

/** Bytes of which at least so many are pairs of the code page belong to it. */
const MOSTLY = 0.97

/** Text of bytes in the code page of simplified Chinese (GBK), which classic ASP reads two bytes a character; undefined for all others. */
export function decodeChinese(bytes: Uint8Array): string | undefined {
  let pairs = 0
  let others = 0
  for (let i = 0; i < bytes.length; i++) {
    const first = bytes[i] ?? 0
    if (first < 0x80) continue
    const second = bytes[i + 1] ?? 0
    if (first > 0x80 && first < 0xff && second >= 0x40 && second !== 0x7f && second < 0xff) {
      pairs++
      i++
    } else others++
  }
  return pairs > 0 && pairs / (pairs + others) >= MOSTLY ? new TextDecoder('gbk').decode(bytes) : undefined
}

// EBCDIC, code page 037: JSP pages may name it as their encoding, and no search for words finds anything in them then.
const EBCDIC_HEAD = [0x4c, 0x6f, 0xa7, 0x94, 0x93] // "<?xml"
const EBCDIC_DIRECTIVE = [0x4c, 0x6c, 0x7c] // "<%@"

/** Text of bytes that begin like a page written in EBCDIC; undefined for all others. */
export function decodeEbcdic(bytes: Uint8Array): string | undefined {
  const begins = (head: readonly number[]) => head.every((byte, index) => bytes[index] === byte)
  if (!begins(EBCDIC_HEAD) && !begins(EBCDIC_DIRECTIVE)) return undefined
  let text = ''
  for (const byte of bytes) text += byte === 0x25 || byte === 0x15 ? '\n' : (EBCDIC_TABLE[byte] ?? ' ')
  return text
}

const EBCDIC_TABLE: readonly string[] = ebcdicTable()

function ebcdicTable(): string[] {
  const table = Array.from({ length: 256 }, () => ' ')
  const put = (from: number, characters: string) => {
    for (const [index, char] of [...characters].entries()) table[from + index] = char
  }
  put(0x4b, '.<(+|&')
  put(0x5a, '!$*);^-/')
  put(0x6b, ',%_>?')
  put(0x79, '`:#@\'="')
  put(0x81, 'abcdefghi')
  put(0x91, 'jklmnopqr')
  put(0xa1, '~stuvwxyz')
  put(0xad, '[')
  put(0xba, '[]')
  put(0xbd, ']')
  put(0xc0, '{ABCDEFGHI')
  put(0xd0, '}JKLMNOPQR')
  put(0xe0, '\\')
  put(0xe2, 'STUVWXYZ')
  put(0xf0, '0123456789')
  return table
}
