/** Ranges of a table by its name: first, last and value; of IPv6 the upper 64 bits. */
export type TableRows = Readonly<Record<string, readonly (readonly [number | bigint, number | bigint, number])[]>>

/** A table as tools/networks.mjs writes it, before it is compressed. */
export function networkTableBytes(
  tables: TableRows,
  names: readonly (readonly [number, string])[],
  date = '2026-06-17',
): Uint8Array {
  const bytes: number[] = []
  const put = (value: number | bigint) => {
    let left = BigInt(value)
    for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
    bytes.push(Number(left))
  }
  for (const rows of Object.values(tables)) {
    let end = 0n
    for (const [from, to] of rows) {
      put(BigInt(from) - end)
      end = BigInt(to)
    }
    for (const [from, to] of rows) put(BigInt(to) - BigInt(from))
    for (const [, , value] of rows) put(value)
  }
  const head = new TextEncoder().encode(
    JSON.stringify({
      date,
      sources: ['made for a test'],
      tables: Object.entries(tables).map(([name, rows]) => ({ name, rows: rows.length })),
      names,
    }),
  )
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, head.length, true)
  return Uint8Array.from([...length, ...head, ...bytes])
}

const country = (code: string) => code.charCodeAt(0) * 256 + code.charCodeAt(1)
const ip = (address: string) => address.split('.').reduce((value, part) => value * 256 + Number(part), 0)

/** 203.0.113.0/25 and 198.51.100.0/24 of one network, 203.0.113.128/25 of another, 192.0.2.0/24 of none; 2001:db8:1::/48 of the second. */
export const DOCUMENTATION_NETWORKS = networkTableBytes(
  {
    as4: [
      [ip('198.51.100.0'), ip('198.51.100.255'), 64500],
      [ip('203.0.113.0'), ip('203.0.113.127'), 64500],
      [ip('203.0.113.128'), ip('203.0.113.255'), 64501],
    ],
    as6: [[0x20010db800010000n, 0x20010db80001ffffn, 64501]],
    country4: [
      [ip('192.0.2.0'), ip('192.0.2.255'), country('AA')],
      [ip('203.0.113.0'), ip('203.0.113.255'), country('ZZ')],
    ],
    country6: [[0x20010db800000000n, 0x20010db8ffffffffn, country('XX')]],
  },
  [
    [64500, 'EXAMPLE-NET'],
    [64501, 'Example "Two", Inc.'],
  ],
)
