// Packs the address tables of two npm packages into data/networks.bin, which ships with the program:
//   npm pack @ip-location-db/asn @ip-location-db/asn-country, unpack both, then
//   node tools/networks.mjs ASN_FOLDER COUNTRY_FOLDER
// The CSV files of the two take 82 MB; the same ranges as differences take a twentieth. The layout is read by src/knowledge/networks.ts.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const [asnFolder, countryFolder] = process.argv.slice(2)
if (!asnFolder || !countryFolder) throw new Error('node tools/networks.mjs ASN_FOLDER COUNTRY_FOLDER')
const about = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
// "2.3.2026061719": the day and hour the tables were made.
const dayOf = version => version.replace(/^.*?(\d{4})(\d{2})(\d{2})\d{2}$/, '$1-$2-$3')

const names = new Map()
/** Rows of "first,last,value[,name]" as [first, last, value]; ranges that touch and have one value are one. */
function rows(file, shift) {
  const found = []
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, first, last, value, name] = /^(\d+),(\d+),([^,]*)(?:,(.*))?$/.exec(line) ?? []
    if (first === undefined) continue
    if (name !== undefined) names.set(Number(value), name.replace(/^"(.*)"$/, '$1').replaceAll('""', '"').trim())
    // Of IPv6 the upper 64 bits: what is smaller belongs to one site.
    const [from, to] = [BigInt(first) >> shift, BigInt(last) >> shift]
    const before = found.at(-1)
    if (before && before[2] === value && from <= before[1] + 1n) before[1] = to > before[1] ? to : before[1]
    else if (before && from <= before[1]) {
      if (to > before[1]) found.push([before[1] + 1n, to, value])
    } else found.push([from, to, value])
  }
  return found
}

const bytes = []
function varint(value) {
  let left = BigInt(value)
  while (left > 127n) {
    bytes.push(Number(left & 127n) | 128)
    left >>= 7n
  }
  bytes.push(Number(left))
}

const tables = [
  ['as4', join(asnFolder, 'asn-ipv4-num.csv'), 0n, Number],
  ['as6', join(asnFolder, 'asn-ipv6-num.csv'), 64n, Number],
  ['country4', join(countryFolder, 'asn-country-ipv4-num.csv'), 0n, code => code.charCodeAt(0) * 256 + code.charCodeAt(1)],
  ['country6', join(countryFolder, 'asn-country-ipv6-num.csv'), 64n, code => code.charCodeAt(0) * 256 + code.charCodeAt(1)],
].map(([name, file, shift, valueOf]) => {
  const list = rows(file, shift)
  // Three columns one after the other: alike stands beside alike, and packs better.
  let end = 0n
  for (const [from, to] of list) {
    varint(from - end)
    end = to
  }
  for (const [from, to] of list) varint(to - from)
  for (const [, , value] of list) varint(valueOf(value))
  return { name, rows: list.length }
})
const used = [...names.entries()].sort(([a], [b]) => a - b)
const head = JSON.stringify({
  date: dayOf(about(asnFolder).version),
  sources: [`${about(asnFolder).name} ${about(asnFolder).version}`, `${about(countryFolder).name} ${about(countryFolder).version}`],
  tables,
  names: used.map(([number, name]) => [number, name]),
})
const text = Buffer.from(head)
const length = Buffer.alloc(4)
length.writeUInt32LE(text.length)
const plain = Buffer.concat([length, text, Buffer.from(bytes)])
const packed = brotliCompressSync(plain, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
})
writeFileSync(join(import.meta.dirname, '..', 'data', 'networks.bin'), packed)
console.log(`${tables.map(table => `${table.name} ${table.rows}`).join(', ')}, ${used.length} names: ${plain.length} bytes, packed ${packed.length}`)
