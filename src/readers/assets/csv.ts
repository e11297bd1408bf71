import { parse } from 'csv-parse/sync'
import type { Complain, ListEntry } from './parse.ts'

/** Header words people use, and the field they mean. */
const COLUMNS: Readonly<Record<string, string>> = {
  id: 'id',
  asset: 'id',
  name: 'names',
  names: 'names',
  hostname: 'names',
  host: 'names',
  address: 'addresses',
  addresses: 'addresses',
  ip: 'addresses',
  ips: 'addresses',
  ipaddress: 'addresses',
  role: 'role',
  class: 'role',
  type: 'role',
  site: 'site',
  location: 'site',
  zone: 'zone',
  zonekind: 'zoneKind',
  level: 'level',
  purdue: 'level',
  purduelevel: 'level',
  network: 'network',
  owner: 'owner',
  vendor: 'vendor',
  manufacturer: 'vendor',
  model: 'model',
  firmware: 'firmware',
  version: 'firmware',
  nevercut: 'neverCut',
}

const columnOf = (word: string): string | undefined => COLUMNS[word.toLowerCase().replace(/[^a-z]/g, '')]

/** Is the line the header of a CSV asset list: an id or name, and at least two more columns we know? */
export function isCsvHeader(line: string): boolean {
  const words = line.replace(/^\uFEFF/, '').split(/[,;\t]/)
  const known = new Set(words.map(word => columnOf(word)).filter(column => column !== undefined))
  return (
    words.length >= 3 &&
    (known.has('id') || known.has('names')) &&
    known.size >= 3 &&
    (known.has('role') || known.has('zone') || known.has('addresses'))
  )
}

/** Assets of a CSV list, one a line; sites and zones are those the lines name (zone kind from a column "zone kind", else `it`). */
export function csvEntries(text: string, complain: Complain): readonly ListEntry[] {
  const rows = rowsOf(text, complain)
  const assets: ListEntry[] = []
  const sites = new Map<string, ListEntry>()
  const zones = new Map<string, ListEntry>()
  for (const { line, fields } of rows) {
    const { zoneKind, network, level, ...asset } = fields
    const id = asset['id'] ?? asset['names']?.split(/[,;\s]+/)[0] ?? ''
    const at = (section: ListEntry['section'], value: unknown): ListEntry => ({ section, line, value, lineOf: () => line })
    assets.push(at('assets', { ...asset, id }))
    const { site, zone } = asset
    if (site && !sites.has(site)) sites.set(site, at('sites', { id: site }))
    if (zone && !zones.has(zone))
      zones.set(
        zone,
        at('zones', {
          id: zone,
          ...(zoneKind ? { kind: zoneKind.toLowerCase() } : {}),
          ...(network ? { networks: network } : {}),
          ...(level ? { level } : {}),
        }),
      )
  }
  return [...sites.values(), ...zones.values(), ...assets]
}

interface CsvRow {
  readonly line: number
  readonly fields: Readonly<Record<string, string>>
}

interface CsvRecord {
  readonly info: { readonly lines: number }
  readonly record: readonly string[]
}

function rowsOf(text: string, complain: Complain): readonly CsvRow[] {
  const [header = ''] = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
  const delimiter = [',', ';', '\t'].toSorted((a, b) => header.split(b).length - header.split(a).length)[0] ?? ','
  let parsed: unknown
  try {
    parsed = parse(text, {
      bom: true,
      delimiter,
      comment: '#',
      comment_no_infix: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: MAX_RECORD,
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    complain('assets/bad-csv', 1, error.message, 'save the list again as CSV with one header line')
    return []
  }
  // The option `info` wraps each record, which the package's types do not say.
  const [first, ...rest] = parsed as readonly CsvRecord[]
  const columns = (first?.record ?? []).map(columnOf)
  for (const [index, column] of columns.entries())
    if (column === undefined)
      complain(
        'assets/unknown-column',
        1,
        `column "${first?.record[index] ?? ''}" has no meaning here and is not used`,
        `columns are ${[...new Set(Object.values(COLUMNS))].join(', ')}`,
        'warning',
      )
  return rest.map(({ info, record }) => ({
    line: info.lines,
    fields: Object.fromEntries(
      columns.flatMap((column, index) =>
        column === undefined || (record[index] ?? '') === '' ? [] : [[column, record[index] ?? '']],
      ),
    ),
  }))
}

/** A longer line is no list of machines. */
const MAX_RECORD = 100_000
