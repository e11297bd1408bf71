/** A dissector that needs more than this of one direction gives up: the largest TLS certificate chain fits. */
export const MAX_QUEUED_BYTES = 1 << 16
const FIRST_CAPACITY = 2_048
const NOTHING = new Uint8Array(0)

/** Bytes of one direction that are not read yet, in order. */
export class ByteQueue {
  #bytes = NOTHING
  #start = 0
  #end = 0

  /** Memory it takes. */
  get capacity(): number {
    return this.#bytes.length
  }

  get length(): number {
    return this.#end - this.#start
  }

  /** What is there; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  /** False when it would hold more than it may; then nothing is taken. */
  append(data: Uint8Array, at: number, end: number): boolean {
    const length = end - at
    const needed = this.length + length
    if (needed > MAX_QUEUED_BYTES) return false
    if (this.#end + length > this.#bytes.length) {
      const target =
        needed <= this.#bytes.length
          ? this.#bytes
          : new Uint8Array(Math.max(FIRST_CAPACITY, Math.min(needed * 2, MAX_QUEUED_BYTES)))
      target.set(this.#bytes.subarray(this.#start, this.#end))
      this.#bytes = target
      this.#end -= this.#start
      this.#start = 0
    }
    this.#bytes.set(data.subarray(at, end), this.#end)
    this.#end += length
    return true
  }

  drop(count: number): void {
    this.#start = Math.min(this.#end, this.#start + count)
    if (this.#start === this.#end) this.clear()
  }

  clear(): void {
    this.#start = 0
    this.#end = 0
    if (this.#bytes.length > FIRST_CAPACITY) this.#bytes = NOTHING
  }
}
