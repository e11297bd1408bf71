import { isOutsideAddress } from '../model/index.ts'

/** What a published table says of the network an outside address belongs to. */
export interface NetworkOwner {
  /** Number of the autonomous system; undefined when the table has none. */
  readonly asn: number | undefined
  /** Its holder as the table names it; '' when not known. */
  readonly name: string
  /** ISO 3166 code of the country the range is registered in; '' when not known. Not where its user is. */
  readonly country: string
}

/** Looks addresses up in the packed table of `tools/networks.mjs`. */
export interface NetworkTable {
  /** Day of the data, yyyy-mm-dd. */
  readonly date: string
  /** Packages it was made from. */
  readonly sources: readonly string[]
  ownerOf(address: string): NetworkOwner | undefined
}

/** Ranges in ascending order that do not overlap; of IPv6 the upper 64 bits, as numbers that keep their order. */
interface Ranges {
  readonly from: Uint32Array | BigUint64Array
  readonly to: Uint32Array | BigUint64Array
  readonly value: Uint32Array
}

interface Head {
  readonly date: string
  readonly sources: readonly string[]
  readonly tables: readonly { readonly name: string; readonly rows: number }[]
  readonly names: readonly (readonly [number, string])[]
}

/** Length of the head in bytes, the head as JSON, then per table three columns of variable-length numbers: gap, length, value. */
export function networkTable(bytes: Uint8Array): NetworkTable {
  const headLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headLength))) as Head
  const numbers = new VariableNumbers(bytes, 4 + headLength)
  const read = new Map<string, Ranges>()
  const unread = [...head.tables]
  // Unpacked as far as somebody asks: few cases have an address of IPv6 in them.
  const table = (name: string): Ranges | undefined => {
    while (!read.has(name)) {
      const next = unread.shift()
      if (!next) return undefined
      read.set(next.name, next.name.endsWith('6') ? numbers.long(next.rows) : numbers.short(next.rows))
    }
    return read.get(name)
  }
  const names = new Map(head.names)
  return {
    date: head.date,
    sources: head.sources,
    ownerOf(address) {
      if (!isOutsideAddress(address)) return undefined
      const six = address.includes(':')
      const place = six ? upperHalf(address) : ipv4Number(address)
      if (place === undefined) return undefined
      const asn = valueAt(table(six ? 'as6' : 'as4'), place)
      const country = valueAt(table(six ? 'country6' : 'country4'), place)
      if (asn === undefined && country === undefined) return undefined
      return {
        asn,
        name: asn === undefined ? '' : (names.get(asn) ?? ''),
        country: country === undefined ? '' : String.fromCharCode(country >> 8, country & 255),
      }
    },
  }
}

/** Numbers of seven bits a byte, lowest first, one behind the other. */
class VariableNumbers {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  short(rows: number): Ranges {
    const [gap, length] = [this.#column(rows), this.#column(rows)]
    const [from, to] = [new Uint32Array(rows), new Uint32Array(rows)]
    for (let row = 0, end = 0; row < rows; row++) {
      from[row] = end + (gap[row] ?? 0)
      to[row] = end = (from[row] ?? 0) + (length[row] ?? 0)
    }
    return { from, to, value: this.#column(rows) }
  }

  long(rows: number): Ranges {
    const [gap, length] = [this.#largeColumn(rows), this.#largeColumn(rows)]
    const [from, to] = [new BigUint64Array(rows), new BigUint64Array(rows)]
    for (let row = 0, end = 0n; row < rows; row++) {
      from[row] = end + (gap[row] ?? 0n)
      to[row] = end = (from[row] ?? 0n) + (length[row] ?? 0n)
    }
    return { from, to, value: this.#column(rows) }
  }

  #column(rows: number): Uint32Array {
    const bytes = this.#bytes
    const column = new Uint32Array(rows)
    let at = this.#at
    for (let row = 0; row < rows; row++) {
      let byte = bytes[at++] ?? 0
      let value = byte & 127
      for (let scale = 128; byte >= 128; scale *= 128) {
        byte = bytes[at++] ?? 0
        value += (byte & 127) * scale
      }
      column[row] = value
    }
    this.#at = at
    return column
  }

  #largeColumn(rows: number): BigUint64Array {
    const column = new BigUint64Array(rows)
    for (let row = 0; row < rows; row++) {
      let value = 0n
      for (let shift = 0n; ; shift += 7n) {
        const byte = this.#bytes[this.#at++] ?? 0
        value |= BigInt(byte & 127) << shift
        if (byte < 128) break
      }
      column[row] = value
    }
    return column
  }
}

function valueAt(ranges: Ranges | undefined, place: number | bigint): number | undefined {
  if (!ranges) return undefined
  let [low, high] = [0, ranges.from.length - 1]
  while (low <= high) {
    const middle = (low + high) >>> 1
    if ((ranges.from[middle] ?? 0) > place) high = middle - 1
    else if ((ranges.to[middle] ?? 0) < place) low = middle + 1
    else return ranges.value[middle]
  }
  return undefined
}

const ipv4Number = (address: string) => address.split('.').reduce((value, part) => value * 256 + Number(part), 0)

/** The first four groups of an IPv6 address (RFC 4291, 2.2) as one number. */
function upperHalf(address: string): bigint | undefined {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  // An IPv4 address at the end stands for two groups.
  const length = (groups: readonly string[]) => groups.length + (groups.at(-1)?.includes('.') ? 1 : 0)
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - length(before) - length(after))
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4)
  if (groups.length < 4 || groups.some(group => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.reduce((value, group) => (value << 16n) | BigInt(Number.parseInt(group, 16)), 0n)
}

/** "AS 64500 EXAMPLE-NET, country XX" of what the table says. */
export function ownerWords({ asn, name, country }: NetworkOwner): string {
  return [
    ...(asn === undefined ? [] : [`AS ${asn}${name === '' ? '' : ` ${name}`}`]),
    ...(country === '' ? [] : [`country ${country}`]),
  ].join(', ')
}
