/** A small repeatable source of numbers (xorshift32, Marsaglia 2003): fast enough to fill gigabytes. */
export class Numbers {
  #state: number

  constructor(seed: number) {
    // Zero is the one state it never leaves.
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1
  }

  /** 32 bits. */
  next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return state >>> 0
  }

  below(limit: number): number {
    return this.next() % limit
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0]
  }

  chance(share: number): boolean {
    return this.next() < share * 2 ** 32
  }
}

/**
 * Characters that stand for "another one each time": chunks are written once with them and copied with fresh ones in their place. They
 * are private-use characters, which no value holds otherwise.
 */
export const MARKS = { hex: '\ue001', digit: '\ue002', letter: '\ue003', upperHex: '\ue004' } as const
const WORDS = ['', '0123456789abcdef', '0123456789', 'abcdefghijklmnopqrstuvwxyz', '0123456789ABCDEF']

/** High byte of every mark. */
export const MARK_HIGH = 0xe0
/** The characters a mark stands for, by its low byte. */
export type Alphabets = readonly Buffer[]
export const ALPHABETS: Alphabets = WORDS.map(characters => Buffer.from(characters, 'latin1'))
/**
 * The same without the letters that names of commands are made of: of millions of random words some end in "irm" or begin with "cmd", and
 * rules speak about those with right. No word of three letters in a public rule is made of what is left but "xyz" and the like.
 */
export const SPEECHLESS: Alphabets = ALPHABETS.with(3, Buffer.from('bghjkqvxyz', 'latin1'))

export const hex = (count: number): string => MARKS.hex.repeat(count)
export const digits = (count: number): string => MARKS.digit.repeat(count)
export const letters = (count: number): string => MARKS.letter.repeat(count)
export const upperHex = (count: number): string => MARKS.upperHex.repeat(count)
