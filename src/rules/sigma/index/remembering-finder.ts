import type { AtomSink, Finder } from './finder.ts'

/** Values longer than that hardly come again: paths, names and accounts do, command lines seldom. */
const MAX_LENGTH = 256
/** Values remembered of a field; a machine runs some hundred different programs. */
const SLOT_BITS = 9
const SLOTS = 2 ** SLOT_BITS
/** After so many values it is asked whether remembering is worth its trouble; */
const TRIAL = 1024
/** it is when at least one of eight had been met before; */
const LEAST_MET = TRIAL / 8
/** if not, so many are passed over before the next trial. */
const REST = 16 * TRIAL

interface Remembered {
  readonly hash: number
  readonly bytes: Uint8Array
  readonly atoms: Int32Array
}

/**
 * Remembers which literals stand in a value: most fields hold the same few values in record after record. A value is remembered when it
 * comes a second time while its place is not taken by another, so that values that never come again cost one hash and no memory.
 */
export class RememberingFinder implements Finder {
  readonly #finder: Finder
  readonly #slots: (Remembered | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #lastHash = new Int32Array(SLOTS)
  #texts = new Map<string, Int32Array>()
  readonly #collected = new Collected()
  #asked = 0
  #met = 0
  #resting = 0

  constructor(finder: Finder) {
    this.#finder = finder
  }

  get size(): number {
    return this.#finder.size
  }

  scanBytes(bytes: Uint8Array, at: number, length: number, sink: AtomSink): boolean {
    if (length > MAX_LENGTH || !this.#isTried()) return this.#finder.scanBytes(bytes, at, length, sink)
    const size = length * 2
    const hash = hashOf(bytes, at, length)
    const slot = hash & (SLOTS - 1)
    const there = this.#slots[slot]
    if (there !== undefined && there.hash === hash && isSame(there.bytes, bytes, at, size)) {
      this.#met++
      tell(there.atoms, sink)
      return true
    }
    if (this.#lastHash[slot] !== hash) {
      this.#lastHash[slot] = hash
      return this.#finder.scanBytes(bytes, at, length, sink)
    }
    const collected = this.#collected
    collected.clear()
    if (!this.#finder.scanBytes(bytes, at, length, collected)) return false
    const atoms = collected.atoms()
    this.#slots[slot] = { hash, bytes: Uint8Array.prototype.slice.call(bytes, at, at + size), atoms }
    tell(atoms, sink)
    return true
  }

  scanText(text: string, sink: AtomSink): void {
    if (text.length > MAX_LENGTH || !this.#isTried()) {
      this.#finder.scanText(text, sink)
      return
    }
    let atoms = this.#texts.get(text)
    if (atoms) this.#met++
    else {
      this.#collected.clear()
      this.#finder.scanText(text, this.#collected)
      atoms = this.#collected.atoms()
      if (this.#texts.size >= SLOTS) this.#texts.clear()
      this.#texts.set(text, atoms)
    }
    tell(atoms, sink)
  }

  /** Is remembering worth its trouble for this field, as far as is known? */
  #isTried(): boolean {
    if (this.#resting > 0) {
      this.#resting--
      return false
    }
    if (++this.#asked > TRIAL) {
      if (this.#met < LEAST_MET) this.#resting = REST
      this.#asked = 0
      this.#met = 0
    }
    return true
  }
}

/** Values shorter than that are hashed whole. */
const SAMPLED = 24

/** Of longer values the ends and every fourth letter between: whether it is the same value is looked at anyway. */
function hashOf(bytes: Uint8Array, at: number, length: number): number {
  let hash = length
  const end = at + 2 * length
  const middle = length < SAMPLED ? end : at + 16
  let from = at
  for (; from < middle; from += 2) hash = Math.imul(hash ^ (bytes[from] as number), 0x5bd1e995)
  for (; from < end - 16; from += 8) hash = Math.imul(hash ^ (bytes[from] as number), 0x5bd1e995)
  for (from = Math.max(from, end - 16); from < end; from += 2) hash = Math.imul(hash ^ (bytes[from] as number), 0x5bd1e995)
  return hash ^ (hash >>> 15)
}

function tell(atoms: Int32Array, sink: AtomSink): void {
  for (let index = 0; index < atoms.length; index++) sink.hit(atoms[index] as number)
}

function isSame(one: Uint8Array, bytes: Uint8Array, at: number, size: number): boolean {
  if (one.length !== size) return false
  for (let index = 0; index < size; index++) if (one[index] !== bytes[at + index]) return false
  return true
}

/** Takes atoms down, each once. */
class Collected implements AtomSink {
  readonly #atoms = new Set<number>()

  clear(): void {
    this.#atoms.clear()
  }

  hit(atom: number): void {
    this.#atoms.add(atom)
  }

  atoms(): Int32Array {
    return Int32Array.from(this.#atoms)
  }
}
