/** A file with holes, as a tar keeps it: where its pieces lie in the file, in order, and how long it is. */
export interface SparseMap {
  readonly pieces: readonly (readonly [offset: number, bytes: number])[]
  readonly size: number
}

const BLOCK = 512
/** A log has a handful of holes; each piece costs the archive's writer 24 bytes. */
const MOST_PIECES = 100_000
/** A lastlog of the account with the highest number is a terabyte of holes; what we read of it fits into this. */
const MOST_HOLES = 256 << 20
const MOST_PAX = 1 << 20

/**
 * A tar whose headers of sparse files (GNU's type S: gnu.org/software/tar/manual, "Sparse Formats") are made headers of contiguous files,
 * which no writer of today uses; their maps, which no library reads, are left out and come in `maps` before the header does. What is no
 * tar passes as it is.
 */
export async function* withoutGnuSparse(
  chunks: AsyncGenerator<Buffer, string>,
  maps: SparseMap[],
): AsyncGenerator<Buffer, string> {
  const reader = new HeaderReader(maps)
  try {
    for (;;) {
      const step = await chunks.next()
      if (step.done) {
        if (reader.rest.length > 0) yield reader.rest
        return step.value
      }
      yield* reader.pass(step.value)
    }
  } finally {
    await chunks.return('')
  }
}

class HeaderReader {
  readonly #maps: SparseMap[]
  #block = Buffer.alloc(0)
  /** Bytes of contents until the next header. */
  #skip = 0
  #isOver = false
  /** Contents of an extended header that are being gathered. */
  #pax: Buffer[] | undefined
  #paxSize: number | undefined
  /** A sparse header whose map goes on in the next block. */
  #sparse: { readonly header: Buffer; readonly pieces: [number, number][] } | undefined

  constructor(maps: SparseMap[]) {
    this.#maps = maps
  }

  get rest(): Buffer {
    return this.#block
  }

  *pass(chunk: Buffer): Generator<Buffer> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#isOver) {
        yield chunk.subarray(at)
        return
      }
      if (this.#skip > 0 && !this.#sparse) {
        const piece = chunk.subarray(at, at + Math.min(this.#skip, chunk.length - at))
        this.#pax?.push(Buffer.from(piece))
        this.#skip -= piece.length
        at += piece.length
        yield piece
        continue
      }
      const part = chunk.subarray(at, at + BLOCK - this.#block.length)
      at += part.length
      this.#block = this.#block.length === 0 && part.length === BLOCK ? Buffer.from(part) : Buffer.concat([this.#block, part])
      if (this.#block.length < BLOCK) return
      const block = this.#block
      this.#block = Buffer.alloc(0)
      const out = this.#sparse ? this.#mapBlock(block) : this.#header(block)
      if (out) yield out
    }
  }

  #header(block: Buffer): Buffer | undefined {
    if (this.#pax) {
      this.#paxSize = sizeOfPax(Buffer.concat(this.#pax))
      this.#pax = undefined
    }
    if (numberAt(block, 148, 8) !== checksumOf(block)) {
      this.#isOver = true
      return block
    }
    const type = String.fromCharCode(block[156] ?? 0)
    const isExtended = type === 'x' || type === 'g'
    const size =
      isExtended || type === 'L' || type === 'K' ? numberAt(block, 124, 12) : (this.#paxSize ?? numberAt(block, 124, 12))
    if (!isExtended && type !== 'L' && type !== 'K') this.#paxSize = undefined
    if (!(size >= 0 && Number.isSafeInteger(size))) {
      this.#isOver = true
      return block
    }
    // Where a size is wrong the archive is, and the library says so.
    this.#skip = type === '5' ? 0 : Math.ceil(size / BLOCK) * BLOCK
    if (isExtended && size <= MOST_PAX) this.#pax = []
    if (type === '7') return withType(block, '0')
    if (type !== 'S') return block
    this.#sparse = { header: block, pieces: [] }
    this.#takePieces(block, 386, 4)
    return block[482] ? undefined : this.#endSparse()
  }

  /** A block of the map that did not fit into the header. */
  #mapBlock(block: Buffer): Buffer | undefined {
    this.#takePieces(block, 0, 21)
    return block[504] && (this.#sparse?.pieces.length ?? 0) < MOST_PIECES ? undefined : this.#endSparse()
  }

  #takePieces(block: Buffer, start: number, count: number): void {
    for (let at = start; at < start + count * 24; at += 24) {
      if (block[at] === 0) return
      this.#sparse?.pieces.push([numberAt(block, at, 12), numberAt(block, at + 12, 12)])
    }
  }

  #endSparse(): Buffer | undefined {
    const { header, pieces } = this.#sparse ?? {}
    this.#sparse = undefined
    if (!header || !pieces) return undefined
    this.#maps.push({ pieces, size: numberAt(header, 483, 12) })
    return withType(header, '7')
  }
}

function withType(block: Buffer, type: string): Buffer {
  const copy = Buffer.from(block)
  copy.write(type, 156, 'latin1')
  copy.write(`${checksumOf(copy).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return copy
}

/** A number in octal, or in base 256 where its first bit says so. */
function numberAt(block: Buffer, at: number, length: number): number {
  if ((block[at] ?? 0) & 0x80) {
    let value = (block[at] ?? 0) & 0x7f
    for (let i = 1; i < length; i++) value = value * 256 + (block[at + i] ?? 0)
    return value
  }
  const digits = /^[ \0]*([0-7]*)/.exec(block.toString('latin1', at, at + length))?.[1] ?? ''
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0
  return sum
}

function sizeOfPax(text: Buffer): number | undefined {
  const size = /(?:^|\n)\d+ size=(\d{1,16})\n/.exec(text.toString('latin1'))?.[1]
  return size === undefined ? undefined : Number(size)
}

/** What the extended header of a sparse file says (versions 0.1 and 1.0); in the latter the map begins the contents. */
export function paxSparse(
  pax: Readonly<Record<string, string>>,
): { readonly name: string; readonly map: SparseMap | number } | undefined {
  const name = pax['GNU.sparse.name'] ?? ''
  const list = pax['GNU.sparse.map']
  if (list !== undefined) {
    const numbers = list.split(',', MOST_PIECES * 2).map(Number)
    return { name, map: { pieces: pairsOf(numbers), size: Number(pax['GNU.sparse.size'] ?? 0) } }
  }
  const size = pax['GNU.sparse.realsize']
  return size === undefined || pax['GNU.sparse.major'] !== '1' ? undefined : { name, map: Number(size) }
}

function pairsOf(numbers: readonly number[]): [number, number][] {
  const pieces: [number, number][] = []
  for (let i = 0; i + 1 < numbers.length; i += 2) pieces.push([numbers[i] ?? 0, numbers[i + 1] ?? 0])
  return pieces
}

const ZEROS = Buffer.alloc(1 << 20)

/** The bytes of a sparse file, its holes as zeros; where they are many the rest is left out, and it is said. */
export async function* withHoles(
  chunks: AsyncGenerator<Buffer, string>,
  known: SparseMap | number,
): AsyncGenerator<Buffer, string> {
  const input = new Pieces(chunks)
  try {
    const map = typeof known === 'number' ? await input.map(known) : known
    if (!map) return 'the map of a sparse file cannot be read'
    let at = 0
    let holes = 0
    for (const [offset, bytes] of [...map.pieces, [map.size, 0] as const]) {
      // A size that is no number, and pieces out of order, are of no writer.
      if (!(offset >= at && bytes >= 0 && Number.isSafeInteger(offset + bytes)))
        return 'the map of a sparse file contradicts itself'
      holes += offset - at
      if (holes > MOST_HOLES) return `the file has ${map.size} bytes, nearly all of them holes; it is read to byte ${at}`
      for (; at < offset; at += Math.min(ZEROS.length, offset - at)) yield ZEROS.subarray(0, Math.min(ZEROS.length, offset - at))
      for (let left = bytes; left > 0; ) {
        const piece = await input.next(left)
        if (!piece) return input.problem || 'the file ends early'
        left -= piece.length
        at += piece.length
        yield piece
      }
    }
    await input.end()
    return input.problem
  } finally {
    await chunks.return('')
  }
}

/** Takes bytes in pieces of a wished length. */
class Pieces {
  readonly #chunks: AsyncGenerator<Buffer, string>
  #held = Buffer.alloc(0)
  problem = ''

  constructor(chunks: AsyncGenerator<Buffer, string>) {
    this.#chunks = chunks
  }

  /** At most `length` bytes; undefined at the end. */
  async next(length: number): Promise<Buffer | undefined> {
    while (this.#held.length === 0) {
      const step = await this.#chunks.next()
      if (step.done) {
        this.problem ||= step.value
        return undefined
      }
      this.#held = Buffer.from(step.value)
    }
    const piece = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(piece.length)
    return piece
  }

  async end(): Promise<void> {
    while (await this.next(ZEROS.length));
  }

  /** Version 1.0: decimal numbers, one a line, filled up to whole blocks: how many pieces, then offset and length of each. */
  async map(size: number): Promise<SparseMap | undefined> {
    let text = ''
    let count = -1
    for (;;) {
      const numbers = text.split('\n').slice(0, -1)
      if (count < 0 && numbers.length > 0) count = Number(numbers[0])
      if (count >= 0 && numbers.length > count * 2) return { pieces: pairsOf(numbers.slice(1, 1 + count * 2).map(Number)), size }
      if (count > MOST_PIECES || text.length > MOST_PIECES * 32 || Number.isNaN(count)) return undefined
      let block = Buffer.alloc(0)
      while (block.length < BLOCK) {
        const piece = await this.next(BLOCK - block.length)
        if (!piece) return undefined
        block = Buffer.concat([block, piece])
      }
      text += block.toString('latin1')
    }
  }
}
