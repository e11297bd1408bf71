import type { PatternToken } from './ast.ts'
import type { Encoding } from './modifiers.ts'

/** Hyphen, slash, en dash, em dash, horizontal bar: what Windows programs take for the beginning of an option. */
const DASHES = ['-', '/', '–', '—', '―']
/** A dash that begins a word; one inside a word ("well-known") or before another sign stays. */
const DASH_AT_WORD = /(?<![\p{L}\p{N}_])[-/–—―](?=[\p{L}\p{N}_])/gu
/** Five forms for each dash: four options in one value are 625 patterns, more would be a rule nobody can run. */
const MAX_DASHES = 4

/** All forms of a value with its dashes exchanged (modifier windash); undefined when there are too many. */
export function windashForms(tokens: readonly PatternToken[]): readonly (readonly PatternToken[])[] | undefined {
  const places = tokens.flatMap((token, index) =>
    'literal' in token ? [...token.literal.matchAll(DASH_AT_WORD)].map(match => ({ index, at: match.index })) : [],
  )
  if (places.length > MAX_DASHES) return undefined
  let forms: (readonly PatternToken[])[] = [tokens]
  for (const { index, at } of places)
    forms = forms.flatMap(form =>
      DASHES.map(dash =>
        form.map((token, i) =>
          i === index && 'literal' in token
            ? { literal: token.literal.slice(0, at) + dash + token.literal.slice(at + 1) }
            : token,
        ),
      ),
    )
  return forms
}

/** Bytes of a text; UTF-8 unless an encoding is asked for, `utf16` is little-endian behind its byte order mark. */
export function encode(text: string, encoding: Encoding | undefined): Uint8Array {
  if (encoding === undefined) return new TextEncoder().encode(text)
  const marked = encoding === 'utf16' ? `\ufeff${text}` : text
  const bytes = new Uint8Array(marked.length * 2)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < marked.length; i++) view.setUint16(i * 2, marked.charCodeAt(i), encoding !== 'utf16be')
  return bytes
}

/** Each byte as the character of that number: how encoded text looks in a log that was read byte by byte. */
export const bytesAsText = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** Base64 (RFC 4648, 4). */
export const toBase64 = (bytes: Uint8Array): string => btoa(bytesAsText(bytes))

/**
 * The part of the Base64 text that does not depend on what stands around the bytes, for each of the three places they can have in the
 * groups of three. A group of six bits that also holds bits of a neighbour is left out at both ends.
 */
export function base64Offsets(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].map(shift => {
    const shifted = new Uint8Array(shift + bytes.length)
    shifted.set(bytes, shift)
    const first = Math.ceil((shift * 8) / 6)
    const end = Math.floor((shifted.length * 8) / 6)
    return toBase64(shifted).slice(first, end)
  })
}
