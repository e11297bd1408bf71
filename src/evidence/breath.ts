import { setImmediate as nextTurn } from 'node:timers/promises'

/** Rarely enough to cost nothing, often enough that Ctrl-C is heard at once. */
const TURN_MILLISECONDS = 50

/**
 * Long work in one thread that lets the event loop have a turn now and then: signals, and what worker threads have to say, are heard
 * only in between. Throws the signal's reason when the work is to be stopped.
 */
export class Breath {
  readonly #signal: AbortSignal | undefined
  #last = performance.now()

  constructor(signal?: AbortSignal) {
    this.#signal = signal
  }

  /** A promise only when a turn is due, because most of the time none is. */
  take(): Promise<void> | undefined {
    if (performance.now() - this.#last < TURN_MILLISECONDS) return undefined
    return this.#turn()
  }

  async #turn(): Promise<void> {
    await nextTurn()
    this.#last = performance.now()
    this.#signal?.throwIfAborted()
  }
}
