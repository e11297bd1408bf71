import type { SyntaxParsers } from '../model/index.ts'

/** Parsers that can break for good. */
export interface BreakableParsers extends SyntaxParsers {
  readonly isBroken: boolean
}

/** Each takes a few hundred milliseconds and some megabytes; files that break more parsers than this are an attack on them. */
const MAX_RENEWALS = 8

/** Hands out parsers, and fresh ones after a file broke them. */
export class ParserSupply {
  readonly #load: (instance: number) => Promise<BreakableParsers>
  /** Broken ones are never given back: their runtime would be asked to tidy up memory that is not to be trusted. */
  readonly #broken: BreakableParsers[] = []
  #current: Promise<BreakableParsers> | undefined

  constructor(load: (instance: number) => Promise<BreakableParsers>) {
    this.#load = load
  }

  async parsers(): Promise<SyntaxParsers> {
    this.#current ??= this.#load(0)
    const current = await this.#current
    if (!current.isBroken || this.#broken.length === MAX_RENEWALS) return current
    if (!this.#broken.includes(current)) {
      this.#broken.push(current)
      this.#current = this.#load(this.#broken.length)
    }
    return await this.#current
  }
}
