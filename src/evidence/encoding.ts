import { isUtf8 } from 'node:buffer'
import type { TextEncoding } from '../model/index.ts'

/** Bytes of the byte order mark of this encoding at the beginning of `head`; 0 when there is none. */
export function markLength(head: Uint8Array, encoding: TextEncoding | undefined): number {
  if (encoding === 'utf-8') return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0
  if (encoding === 'utf-16le') return head[0] === 0xff && head[1] === 0xfe ? 2 : 0
  if (encoding === 'utf-16be') return head[0] === 0xfe && head[1] === 0xff ? 2 : 0
  return 0
}

/** More control characters than this share is not text. Crash-torn logs have a few; packed or encrypted bytes have one in ten. */
const MAX_CONTROL_SHARE = 0.02
/** Logs of a crashed machine hold runs of NUL; a file that is mostly NUL is a structure, not text. */
const MAX_NUL_SHARE = 0.5
/** Latin-1 text is letters of a European language between ASCII, so most bytes stay below 0x80. */
const MAX_HIGH_SHARE = 0.4
/** UTF-16 of any language is full of ASCII: spaces, digits, punctuation. Their other byte is zero. */
const MIN_UTF16_ZERO_SHARE = 0.4
const MAX_UTF16_OTHER_ZERO_SHARE = 0.02

/** Encoding of the first bytes of an item; undefined when they are not text. `whole` says that the head is all there is. */
export function encodingOf(head: Uint8Array, whole = true): TextEncoding | undefined {
  if (head.length === 0) return undefined
  if (head[0] === 0xff && head[1] === 0xfe) return looksUtf16(head.subarray(2), true) ? 'utf-16le' : undefined
  if (head[0] === 0xfe && head[1] === 0xff) return looksUtf16(head.subarray(2), false) ? 'utf-16be' : undefined
  const unmarked = utf16WithoutMark(head)
  if (unmarked) return unmarked
  const { control, nul, high } = byteShares(head)
  if (control > MAX_CONTROL_SHARE || nul > MAX_NUL_SHARE) return undefined
  if (high === 0) return 'utf-8'
  const complete = whole ? head : withoutCutCharacter(head)
  if (isUtf8(complete) || mostlyUtf8(complete)) return 'utf-8'
  return high <= MAX_HIGH_SHARE ? 'latin1' : undefined
}

function byteShares(head: Uint8Array): { control: number; nul: number; high: number } {
  let control = 0
  let nul = 0
  let high = 0
  for (const byte of head) {
    if (byte === 0) nul++
    else if (byte >= 0x80) high++
    // Tab, line feed, form feed, carriage return and escape (terminal colours) belong to text.
    else if ((byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) || byte === 0x7f) control++
  }
  return { control: control / head.length, nul: nul / head.length, high: high / head.length }
}

function utf16WithoutMark(head: Uint8Array): TextEncoding | undefined {
  if (head.length < 4) return undefined
  let even = 0
  let odd = 0
  const pairs = head.length >> 1
  for (let i = 0; i < pairs; i++) {
    if (head[2 * i] === 0) even++
    if (head[2 * i + 1] === 0) odd++
  }
  if (odd / pairs >= MIN_UTF16_ZERO_SHARE && even / pairs <= MAX_UTF16_OTHER_ZERO_SHARE)
    return looksUtf16(head, true) ? 'utf-16le' : undefined
  if (even / pairs >= MIN_UTF16_ZERO_SHARE && odd / pairs <= MAX_UTF16_OTHER_ZERO_SHARE)
    return looksUtf16(head, false) ? 'utf-16be' : undefined
  return undefined
}

/** Few control characters, no unassigned end of a plane. */
function looksUtf16(bytes: Uint8Array, little: boolean): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength & ~1)
  let odd = 0
  for (let i = 0; i < view.byteLength; i += 2) {
    const code = view.getUint16(i, little)
    if ((code < 0x20 && code !== 9 && code !== 10 && code !== 12 && code !== 13) || code >= 0xfffe) odd++
  }
  return odd <= (view.byteLength / 2) * MAX_CONTROL_SHARE
}

/** The bytes without a character that the end of the head cuts. */
function withoutCutCharacter(head: Uint8Array): Uint8Array {
  for (let back = 1; back <= 3 && back <= head.length; back++) {
    const byte = head[head.length - back] ?? 0
    if (byte >= 0xc0) return head.subarray(0, head.length - back)
    if (byte < 0x80) return head
  }
  return head
}

/** UTF-8 with some broken bytes in it, such as the raw bytes a scanner sent: there are more good characters than bad bytes. */
function mostlyUtf8(bytes: Uint8Array): boolean {
  let good = 0
  let bad = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (byte < 0x80) continue
    const more = byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0
    let follows = 0
    while (follows < more && ((bytes[i + follows + 1] ?? 0) & 0xc0) === 0x80) follows++
    if (more > 0 && follows === more) {
      good++
      i += more
    } else bad++
  }
  return good > bad
}

/** Text of bytes in one of our encodings; broken sequences become U+FFFD, nothing throws. The byte order mark stays. */
export function decodeText(bytes: Uint8Array, encoding: TextEncoding): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (encoding) {
    case 'utf-8':
      return buffer.toString('utf8')
    case 'latin1':
      return buffer.toString('latin1')
    case 'utf-16le':
      return buffer.toString('utf16le')
    case 'utf-16be':
      return Buffer.from(buffer.subarray(0, buffer.length & ~1))
        .swap16()
        .toString('utf16le')
    default:
      return encoding satisfies never
  }
}
