const primes = (count: number): number[] => {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every(prime => n % prime !== 0)) found.push(n)
  return found
}
const fraction = (value: number) => Math.floor((value - Math.floor(value)) * 2 ** 32) >>> 0
const ROUND = primes(64).map(prime => fraction(Math.cbrt(prime)))
const START = primes(8).map(prime => fraction(Math.sqrt(prime)))
const turn = (value: number, bits: number) => (value >>> bits) | (value << (32 - bits))

/** SHA-256 (FIPS 180-4) in base 64, for the hash sources of a content security policy; a pure function where no crypto module may be used. */
export function sha256Base64(text: string): string {
  const message = new TextEncoder().encode(text)
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29))
  view.setUint32(padded.length - 4, message.length << 3)
  const hash = Uint32Array.from(START)
  const words = new Uint32Array(64)
  const at = (array: Uint32Array | number[], index: number) => array[index] ?? 0
  for (let offset = 0; offset < padded.length; offset += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(offset + i * 4)
    for (let i = 16; i < 64; i++) {
      const a = at(words, i - 15)
      const b = at(words, i - 2)
      words[i] =
        at(words, i - 16) + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + at(words, i - 7) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + at(ROUND, i) + at(words, i)) | 0
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0]
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) hash[i] = at(hash, i) + value
  }
  const digest = new DataView(new ArrayBuffer(32))
  for (const [i, value] of hash.entries()) digest.setUint32(i * 4, value)
  return btoa(String.fromCharCode(...new Uint8Array(digest.buffer)))
}
