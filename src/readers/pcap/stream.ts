/** A hole that is not filled by then is taken for lost. */
const MAX_HELD_PACKETS = 32
const MAX_HELD_BYTES = 1 << 16

/** What the bytes of one direction are handed to, in order. */
export interface StreamSink {
  /** The bytes are the capture's: valid until the call ends. */
  bytes(data: Uint8Array, at: number, end: number): void
  /** So many bytes were not captured. */
  gap(bytes: number): void
}

interface Held {
  readonly sequence: number
  readonly bytes: Uint8Array
  /** Bytes of it that were not captured. */
  readonly cut: number
}

/** Puts the segments of one direction of a TCP connection in order (RFC 9293, section 3.4), holding little: we read the first words, not the file that follows. */
export class Stream {
  readonly #sink: StreamSink
  #next = 0
  #isPlaced = false
  #held: Held[] = []
  #heldBytes = 0

  constructor(sink: StreamSink) {
    this.#sink = sink
  }

  /** Memory taken by what waits. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Forgets what waits. */
  clear(): void {
    this.#held = []
    this.#heldBytes = 0
  }

  /** The sequence number of the first byte, known from the SYN. */
  place(sequence: number): void {
    if (this.#isPlaced) return
    this.#next = sequence
    this.#isPlaced = true
  }

  /** A segment of `length` bytes, of which those in `data` were captured. */
  segment(sequence: number, data: Uint8Array, at: number, end: number, length: number): void {
    this.place(sequence)
    const ahead = (sequence - this.#next) | 0
    if (ahead > 0) {
      this.#hold(sequence, data, at, end, length)
      return
    }
    this.#take(-ahead, data, at, end, length)
    this.#release()
  }

  /** Nothing more will come: what waits behind a hole is handed over. */
  finish(): void {
    while (this.#held.length > 0) this.#skipHole()
  }

  #take(known: number, data: Uint8Array, at: number, end: number, length: number): void {
    if (known >= length) return
    const captured = end - at
    this.#next = (this.#next + length - known) | 0
    if (known < captured) this.#sink.bytes(data, at + known, end)
    const missing = length - Math.max(captured, known)
    if (missing > 0) this.#sink.gap(missing)
  }

  #hold(sequence: number, data: Uint8Array, at: number, end: number, length: number): void {
    if (this.#held.some(held => held.sequence === sequence)) return
    this.#held.push({ sequence, bytes: data.slice(at, end), cut: length - (end - at) })
    this.#heldBytes += end - at
    // By distance from what comes next, so that the wrap of the numbers does not matter.
    this.#held.sort((a, b) => ((a.sequence - this.#next) | 0) - ((b.sequence - this.#next) | 0))
    if (this.#held.length > MAX_HELD_PACKETS || this.#heldBytes > MAX_HELD_BYTES) this.#skipHole()
  }

  #skipHole(): void {
    const [first] = this.#held
    if (first === undefined) return
    const hole = (first.sequence - this.#next) | 0
    if (hole > 0) {
      this.#next = first.sequence
      this.#sink.gap(hole)
    }
    this.#release()
  }

  #release(): void {
    for (;;) {
      const [first] = this.#held
      if (first === undefined) return
      const ahead = (first.sequence - this.#next) | 0
      if (ahead > 0) return
      this.#held.shift()
      this.#heldBytes -= first.bytes.length
      this.#take(-ahead, first.bytes, 0, first.bytes.length, first.bytes.length + first.cut)
    }
  }
}
