/** A word that is looked for, and what finding it means. */
export interface Wanted {
  readonly word: string
  /** Must stand apart: no letter or digit before or after it. */
  readonly apart?: boolean
  /** Must be called: a bracket follows, and nothing before it makes it a method, a variable or a declaration. */
  readonly called?: boolean
  /** Upper and lower case matter. */
  readonly exact?: boolean
  /** Bits that are set in the answer. */
  readonly says: number
  /** Index of the answer's number the bits are set in. */
  readonly place: number
}

/** Letters a word is recognised by. */
const GRAM = 4
const TABLE_BITS = 16
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte))
const UPPER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte))
export const LETTER = Uint8Array.from({ length: 256 }, (_, byte) => (/[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? 1 : 0))

interface Kept {
  readonly bytes: Uint8Array
  readonly wanted: Wanted
}

/**
 * Finds many words in bytes in one pass, where they begin: each is known by its first four letters, and a table of bits says whether four letters
 * begin any of them. A letter or digit behind another one begins no word. Cases are folded; what a match
 * must stand beside is looked at only where one begins.
 */
export class Literals {
  /** 1 for bytes that begin any of the words: at all others nothing has to be looked at. */
  readonly begins = new Uint8Array(256)
  readonly #table = new Uint8Array(1 << TABLE_BITS)
  readonly #byGram = new Map<number, Kept[]>()
  readonly #places: number

  constructor(wanted: readonly Wanted[]) {
    this.#places = 1 + Math.max(0, ...wanted.map(({ place }) => place))
    for (const one of wanted) {
      const bytes = Uint8Array.from(one.word, letter => letter.charCodeAt(0) & 255)
      if (bytes.length < GRAM) throw new Error(`too short to be looked for: ${one.word}`)
      let gram = 0
      for (const byte of bytes.subarray(0, GRAM)) gram = (gram << 8) | (LOWER[byte] ?? 0)
      this.#table[placeOf(gram)] = 1
      for (const byte of [bytes[0] ?? 0, LOWER[bytes[0] ?? 0] ?? 0, UPPER[bytes[0] ?? 0] ?? 0]) this.begins[byte] = 1
      const known = this.#byGram.get(gram)
      if (known) known.push({ bytes, wanted: one })
      else this.#byGram.set(gram, [{ bytes, wanted: one }])
    }
  }

  /** What the words in these bytes say. */
  in(bytes: Uint8Array): Int32Array {
    const answer = this.answer()
    let inWord = false
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      const word = LETTER[byte] === 1
      if (!(word && inWord) && this.begins[byte] === 1 && at + GRAM <= bytes.length) this.at(bytes, at, answer)
      // Behind a backslash stands the letter of an escape or of a name, and a word may begin behind it.
      inWord = word && (at === 0 || bytes[at - 1] !== 0x5c)
    }
    return answer
  }

  answer(): Int32Array {
    return new Int32Array(this.#places)
  }

  /** What words that begin here say; four bytes are there. For who passes over the bytes anyway: a letter or digit behind another begins no word. */
  at(bytes: Uint8Array, from: number, answer: Int32Array): void {
    const gram =
      ((LOWER[bytes[from] as number] as number) << 24) |
      ((LOWER[bytes[from + 1] as number] as number) << 16) |
      ((LOWER[bytes[from + 2] as number] as number) << 8) |
      (LOWER[bytes[from + 3] as number] as number)
    if (this.#table[placeOf(gram)] === 1) this.#compare(bytes, from, gram, answer)
  }

  #compare(bytes: Uint8Array, from: number, gram: number, answer: Int32Array): void {
    for (const kept of this.#byGram.get(gram) ?? []) {
      const { says, place } = kept.wanted
      const known = answer[place] ?? 0
      if ((known & says) !== says && isAt(bytes, from, kept)) answer[place] = known | says
    }
  }
}

function placeOf(gram: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> (32 - TABLE_BITS)
}

function isAt(bytes: Uint8Array, from: number, { bytes: word, wanted }: Kept): boolean {
  if (from < 0) return false
  for (let i = wanted.exact ? 0 : GRAM; i < word.length; i++) {
    const byte = bytes[from + i] ?? 0
    if (wanted.exact ? byte !== word[i] : LOWER[byte] !== LOWER[word[i] as number]) return false
  }
  const before = from > 0 ? (bytes[from - 1] as number) : 0x20
  const end = from + word.length
  const after = bytes[end] ?? 0x20
  if (wanted.apart) {
    if (LETTER[word[0] as number] === 1 && LETTER[before] === 1) return false
    if (LETTER[word[word.length - 1] as number] === 1 && LETTER[after] === 1) return false
  }
  return !wanted.called || isCalled(bytes, from, end)
}

const SPACES = new Set([0x09, 0x0a, 0x0d, 0x20])
const BRACKET = 0x28
/** `_ > : $`: the word is part of a longer one, a method or a variable. */
const NOT_BEFORE = new Set([0x5f, 0x3e, 0x3a, 0x24])
const FUNCTION = [...'function'].map(letter => letter.charCodeAt(0))

function isCalled(bytes: Uint8Array, from: number, end: number): boolean {
  let at = end
  while (SPACES.has(bytes[at] ?? 0) && at < end + 4) at++
  if (bytes[at] !== BRACKET) return false
  const before = bytes[from - 1] ?? 0x20
  if (LETTER[before] === 1 || NOT_BEFORE.has(before)) return false
  let back = from - 1
  while (back >= 0 && SPACES.has(bytes[back] as number)) back--
  return back === from - 1 || !FUNCTION.every((letter, i) => LOWER[bytes[back - FUNCTION.length + 1 + i] ?? 0] === letter)
}
