import { foldCase } from '../fold-case.ts'
import { type AtomSink, type Finder, type LiteralAnchor, tellPlaced, type WantedLiteral } from './finder.ts'
import { marksOf } from './marks.ts'

const ASCII = 128
/** Letters a literal is recognised by. */
const GRAM = 4
/** Shorter literals are everywhere and not worth being found, unless they are a whole value or hold a letter that few values hold. */
export function isFindable(literal: string, anchor: LiteralAnchor): boolean {
  return literal.length >= GRAM || (literal.length > 0 && (anchor === 'whole' || triggerAt(literal) >= 0))
}

/** The same for all values of a record, which hold any ASCII letter. */
export function isFindableAnywhere(literal: string, anchor: LiteralAnchor): boolean {
  return literal.length >= GRAM || (literal.length > 0 && (anchor === 'whole' || oddAt(literal) >= 0))
}

/** Where the first letter stands that is not ASCII; -1 when there is none. */
const oddAt = (literal: string) => literal.search(/[^\0-\x7f]/)

/** Where the letter stands by which a short literal is recognised; -1 when it has only common ones. */
function triggerAt(literal: string): number {
  const odd = oddAt(literal)
  if (odd >= 0) return odd
  const mark = [...literal].findIndex(letter => marksOf(letter) !== 0)
  // Paths have some of these, and nothing else.
  return mark >= 0 ? mark : literal.indexOf('\\')
}

/** Ints of an entry: gram, begin and length of the literal in the pool, letters up to the gram's end (of a short one, up to its rare letter), the atoms, next entry. */
const ENTRY = 9
const BEGIN = 1
const LENGTH = 2
const GRAM_END = 3
const ATOMS = 4
const NEXT = 8

/** Bits of a table for each literal in it: so few positions of a text are looked at in vain. */
const BITS_A_LITERAL = 24
/** Positions of a table that share one list of entries. */
const SHARE_SHIFT = 4

/** Set beside a letter by which a literal shorter than a gram is recognised. */
const TRIGGER = 0x100

/** ASCII letters folded; other bytes stand for themselves. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte))
/** One byte for a code unit, the same in literal and text. */
const byteOf = (unit: number) => (unit < ASCII ? unit : ((unit ^ (unit >>> 8)) & 0xff) | ASCII)
const place = (gram: number, shift: number) => Math.imul(gram, 0x9e3779b1) >>> shift

const NO_ENTRIES = new Int32Array(0)

/** Literals by one gram each. */
interface GramTable {
  readonly bits: Uint32Array
  readonly shift: number
  readonly heads: Int32Array
}

/**
 * Finds all literals of one field in a value in one pass: each literal is known by one gram of four letters, the one that occurs least;
 * a bit tells whether the last four letters are the gram of any literal, and seldom are. Then the literals of that gram are compared.
 * An automaton (Aho and Corasick) would look at every letter once, too, but its tables are megabytes and its steps cannot be foreseen by
 * the processor: measured on the literals of the public rules it took four times as long.
 */
export class LiteralFinder implements Finder {
  readonly #table: GramTable
  /** FOLD, and beside it TRIGGER. */
  readonly #letters = Uint16Array.from(FOLD)
  /** Literals shorter than a gram, by their rarest letter. */
  readonly #short: Int32Array[] = new Array(ASCII).fill(NO_ENTRIES)
  /** Values of less letters than a gram, looked for as a whole only. */
  readonly #tiny = new Map<string, number>()
  /** The same for letters that are not ASCII. */
  readonly #odd = new Map<number, number[]>()
  readonly #entries: Int32Array
  readonly #pool: Uint16Array

  constructor(wanted: readonly WantedLiteral[]) {
    const letters: number[] = []
    // Entry 0 stays empty: 0 ends a list.
    const entries: number[] = new Array(ENTRY).fill(0)
    const common = gramCounts(wanted)
    for (const { literal, atoms } of wanted) {
      const gramEnd = literal.length < GRAM ? triggerAt(literal) + 1 : rarestGram(literal, common)
      entries.push(
        literal.length < GRAM ? 0 : gramBefore(literal, gramEnd, GRAM),
        letters.length,
        literal.length,
        gramEnd,
        ...atoms,
        0,
      )
      for (let index = 0; index < literal.length; index++) letters.push(literal.charCodeAt(index))
    }
    this.#entries = Int32Array.from(entries)
    this.#pool = Uint16Array.from(letters)
    const long: number[] = []
    for (const [index, { literal, atoms }] of wanted.entries()) {
      const entry = (index + 1) * ENTRY
      if (literal.length >= GRAM) long.push(entry)
      else if (atoms[0] < 0 && atoms[1] < 0 && atoms[2] < 0 && oddAt(literal) < 0) this.#tiny.set(literal, atoms[3])
      else this.#addShort(literal.charCodeAt(triggerAt(literal)), entry)
    }
    this.#table = this.#tableOf(long)
  }

  #addShort(trigger: number, entry: number): void {
    if (trigger >= ASCII) this.#odd.set(trigger, [...(this.#odd.get(trigger) ?? []), entry])
    else {
      this.#short[trigger] = Int32Array.of(...(this.#short[trigger] ?? NO_ENTRIES), entry)
      this.#letters[trigger] = trigger | TRIGGER
    }
  }

  get size(): number {
    const { bits, heads } = this.#table
    return bits.byteLength + heads.byteLength + this.#entries.byteLength + this.#pool.byteLength
  }

  #tableOf(entries: readonly number[]): GramTable {
    const size = 2 ** Math.max(8, Math.ceil(Math.log2(entries.length * BITS_A_LITERAL + 1)))
    const table = { bits: new Uint32Array(size / 32), shift: 32 - Math.log2(size), heads: new Int32Array(size >> SHARE_SHIFT) }
    for (const entry of entries) {
      const at = place(this.#entries[entry] as number, table.shift)
      table.bits[at >>> 5] = (table.bits[at >>> 5] as number) | (1 << (at & 31))
      this.#entries[entry + NEXT] = table.heads[at >>> SHARE_SHIFT] as number
      table.heads[at >>> SHARE_SHIFT] = entry
    }
    return table
  }

  /** False when the text is not all ASCII. */
  scanBytes(bytes: Uint8Array, at: number, length: number, sink: AtomSink): boolean {
    const { bits, shift } = this.#table
    const letters = this.#letters
    let gram = 0
    for (let index = 0, from = at; index < length; index++, from += 2) {
      const low = bytes[from] as number
      if (low >= ASCII || bytes[from + 1] !== 0) return false
      const letter = letters[low] as number
      gram = (gram << 8) | (letter & 0xff)
      if (letter > 0xff) this.#findShort(letter & 0xff, index, bytes, at, length, sink)
      const here = place(gram, shift)
      if ((((bits[here >>> 5] as number) >>> (here & 31)) & 1) !== 0)
        this.#compareGram(here, gram, bytes, at, index + 1, length, sink)
    }
    if (length < GRAM && this.#tiny.size > 0) this.#findTiny(foldedText(bytes, at, length), sink)
    return true
  }

  #findShort(trigger: number, index: number, bytes: Uint8Array, at: number, length: number, sink: AtomSink): void {
    const short = this.#short[trigger] as Int32Array
    for (let nth = 0; nth < short.length; nth++) this.#compareBytes(short[nth] as number, bytes, at, index + 1, length, sink)
  }

  #findTiny(folded: string, sink: AtomSink): void {
    const atom = this.#tiny.get(folded) ?? -1
    if (atom >= 0) sink.hit(atom)
  }

  #compareGram(here: number, gram: number, bytes: Uint8Array, at: number, gramEnd: number, length: number, sink: AtomSink): void {
    const entries = this.#entries
    for (let entry = this.#table.heads[here >>> SHARE_SHIFT] as number; entry !== 0; entry = entries[entry + NEXT] as number)
      if (entries[entry] === gram) this.#compareBytes(entry, bytes, at, gramEnd, length, sink)
  }

  /** `known` is where the letters end that the literal is recognised by. */
  #compareBytes(entry: number, bytes: Uint8Array, at: number, known: number, length: number, sink: AtomSink): void {
    const entries = this.#entries
    const pool = this.#pool
    const start = known - (entries[entry + GRAM_END] as number)
    const size = entries[entry + LENGTH] as number
    if (start < 0 || start + size > length) return
    const begin = entries[entry + BEGIN] as number
    let index = 0
    for (let from = at + 2 * start; index < size; index++, from += 2)
      if (FOLD[bytes[from] as number] !== pool[begin + index] || bytes[from + 1] !== 0) return
    this.#tell(entry, start === 0, start + size === length, sink)
  }

  scanText(text: string, sink: AtomSink): void {
    const folded = foldCase(text)
    const { bits, shift } = this.#table
    const letters = this.#letters
    let gram = 0
    for (let index = 0; index < folded.length; index++) {
      const unit = folded.charCodeAt(index)
      gram = (gram << 8) | byteOf(unit)
      if (unit >= ASCII) this.#compareTexts(this.#odd.get(unit), folded, index + 1, sink)
      else if ((letters[unit] as number) > 0xff) this.#compareTexts(this.#short[unit], folded, index + 1, sink)
      const here = place(gram, shift)
      if ((((bits[here >>> 5] as number) >>> (here & 31)) & 1) !== 0) this.#compareText(here, gram, folded, index + 1, sink)
    }
    if (folded.length < GRAM && this.#tiny.size > 0) this.#findTiny(folded, sink)
  }

  #isAt(text: string, start: number, entry: number): boolean {
    const begin = this.#entries[entry + BEGIN] as number
    const size = this.#entries[entry + LENGTH] as number
    if (start + size > text.length) return false
    let index = 0
    while (index < size && text.charCodeAt(start + index) === this.#pool[begin + index]) index++
    return index === size
  }

  #compareText(here: number, gram: number, text: string, gramEnd: number, sink: AtomSink): void {
    const entries = this.#entries
    for (let entry = this.#table.heads[here >>> SHARE_SHIFT] as number; entry !== 0; entry = entries[entry + NEXT] as number)
      if (entries[entry] === gram) this.#compareEntry(entry, text, gramEnd, sink)
  }

  #compareTexts(short: Iterable<number> | undefined, text: string, known: number, sink: AtomSink): void {
    if (short) for (const entry of short) this.#compareEntry(entry, text, known, sink)
  }

  #compareEntry(entry: number, text: string, known: number, sink: AtomSink): void {
    const start = known - (this.#entries[entry + GRAM_END] as number)
    const size = this.#entries[entry + LENGTH] as number
    if (start >= 0 && this.#isAt(text, start, entry)) this.#tell(entry, start === 0, start + size === text.length, sink)
  }

  #tell(entry: number, atStart: boolean, atEnd: boolean, sink: AtomSink): void {
    tellPlaced(this.#entries, entry + ATOMS, atStart, atEnd, sink)
  }
}

function foldedText(bytes: Uint8Array, at: number, length: number): string {
  let text = ''
  for (let index = 0; index < length; index++) text += String.fromCharCode(FOLD[bytes[at + 2 * index] as number] as number)
  return text
}

/** The gram of `size` letters that ends at `end`. */
function gramBefore(literal: string, end: number, size: number): number {
  let gram = 0
  for (let index = end - size; index < end; index++) gram = (gram << 8) | byteOf(literal.charCodeAt(index))
  return gram
}

/** What Windows writes all the time, whatever happens. */
const EVERYWHERE = [
  ...['c:\\windows\\system32\\', 'c:\\windows\\syswow64\\', 'c:\\program files (x86)\\', 'c:\\programdata\\', 'c:\\users\\'],
  ...[
    '\\appdata\\local\\',
    'microsoft windows',
    'microsoft corporation',
    'nt authority\\system',
    '.exe',
    '.dll',
    'powershell.exe',
  ],
  ...[
    'operational',
    'security',
    'software\\microsoft\\windows\\currentversion\\',
    'hklm\\system\\currentcontrolset\\',
    'http://',
  ],
]
const EVERYWHERE_COUNT = 1000

/** How often grams occur in what is looked for: what many rules ask about is also what machines log most. */
function gramCounts(wanted: readonly WantedLiteral[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  const count = (text: string, by: number) => {
    for (let end = GRAM; end <= text.length; end++) {
      const gram = gramBefore(text, end, GRAM)
      counts.set(gram, (counts.get(gram) ?? 0) + by)
    }
  }
  for (const { literal } of wanted) count(literal, 1)
  for (const text of EVERYWHERE) count(text, EVERYWHERE_COUNT)
  return counts
}

/** Where the gram ends that occurs least; of equal ones the first. */
function rarestGram(literal: string, counts: ReadonlyMap<number, number>): number {
  let best = GRAM
  let least = Number.POSITIVE_INFINITY
  for (let end = GRAM; end <= literal.length; end++) {
    const count = counts.get(gramBefore(literal, end, GRAM)) ?? 0
    if (count < least) {
      least = count
      best = end
    }
  }
  return best
}
