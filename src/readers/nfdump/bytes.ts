/** Numbers in the byte order of the machine that wrote the file. */
export class Numbers {
  readonly #little: boolean

  constructor(little: boolean) {
    this.#little = little
  }

  u16(data: Uint8Array, at: number): number {
    const [a, b] = [data[at] ?? 0, data[at + 1] ?? 0]
    return this.#little ? (b << 8) | a : (a << 8) | b
  }

  u32(data: Uint8Array, at: number): number {
    const [low, high] = [this.u16(data, at), this.u16(data, at + 2)]
    return this.#little ? high * 65_536 + low : low * 65_536 + high
  }

  /** Counters and times; beyond 2^53 the last digits are lost. */
  u64(data: Uint8Array, at: number): number {
    const [first, second] = [this.u32(data, at), this.u32(data, at + 4)]
    return this.#little ? second * 2 ** 32 + first : first * 2 ** 32 + second
  }

  /** Dotted text of an address kept as a number. */
  ipv4(data: Uint8Array, at: number): string {
    const value = this.u32(data, at)
    return `${Math.floor(value / 2 ** 24)}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
  }

  /** RFC 5952 text of an address kept as two 64-bit numbers. */
  ipv6(data: Uint8Array, at: number): string {
    const words: number[] = []
    for (const half of [at, at + 8]) {
      const parts = [this.u16(data, half), this.u16(data, half + 2), this.u16(data, half + 4), this.u16(data, half + 6)]
      words.push(...(this.#little ? parts.toReversed() : parts))
    }
    return ipv6Text(words)
  }
}

/** RFC 5952 text of eight groups. */
export function ipv6Text(groups: readonly number[]): string {
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
  }
  const texts = groups.map(group => group.toString(16))
  if (best.at < 0) return texts.join(':')
  return `${texts.slice(0, best.at).join(':')}::${texts.slice(best.at + best.length).join(':')}`
}
