import { type KnownName, knownName, ROLES, type Role, type Sureness } from './names.ts'

/** Kinds a row can become. */
export type RowKind =
  | 'http_activity'
  | 'process_activity'
  | 'dns_activity'
  | 'network_activity'
  | 'authentication'
  | 'file_activity'
  | 'other_activity'

/** How the columns of one table are read. */
export interface Mapping {
  readonly kind: RowKind
  /** Column of each role. */
  readonly columns: Readonly<Partial<Record<Role, string>>>
  readonly sureness: Sureness
  /** In words: "time = _time (certain)". */
  readonly said: readonly string[]
  readonly unused: readonly string[]
  /** Corrections that name no column of this table, or no role. */
  readonly refused: readonly string[]
}

const KINDS: readonly RowKind[] = [
  'http_activity',
  'process_activity',
  'dns_activity',
  'network_activity',
  'authentication',
  'file_activity',
  'other_activity',
]
const ORDER: readonly Sureness[] = ['certain', 'likely', 'unsure']

/** The mapping of a table by the names of its columns and what the user said of them; undefined when no column is a time. */
export function mappingOf(names: readonly string[], corrections: Readonly<Record<string, string>> = {}): Mapping | undefined {
  const columns: Partial<Record<Role, string>> = {}
  const sure: Partial<Record<Role, Sureness>> = {}
  const refused: string[] = []
  for (const [role, column] of Object.entries(corrections)) {
    if (role === 'kind' && KINDS.includes(column as RowKind)) continue
    const named = names.find(name => name.toLowerCase() === column.toLowerCase())
    if (column === '' && ROLES.includes(role as Role)) sure[role as Role] = 'certain'
    else if (named === undefined || !ROLES.includes(role as Role)) refused.push(`${role}: ${column}`)
    else {
      columns[role as Role] = named
      sure[role as Role] = 'certain'
    }
  }
  const known = names
    .map((name, index) => ({ name, index, known: knownName(name) }))
    .filter((one): one is { name: string; index: number; known: KnownName } => one.known !== undefined)
  for (const { name, known: one } of known.toSorted(
    (a, b) => ORDER.indexOf(a.known.sureness) - ORDER.indexOf(b.known.sureness) || a.index - b.index,
  )) {
    if (sure[one.role] !== undefined || Object.values(columns).includes(name)) continue
    columns[one.role] = name
    sure[one.role] = one.sureness
  }
  if (columns.time === undefined) return undefined
  const stated = corrections['kind'] as RowKind | undefined
  const kind = stated !== undefined && KINDS.includes(stated) ? stated : kindOf(columns)
  const used = new Set(Object.values(columns))
  const deciding = [columns.time, ...decidersOf(kind, columns)]
  const sureness = ORDER[Math.max(...deciding.map(column => ORDER.indexOf(surenessOf(column, columns, sure))))] ?? 'unsure'
  return {
    kind,
    columns,
    sureness,
    said: ROLES.flatMap(role => (columns[role] === undefined ? [] : [`${role} = ${columns[role]} (${sure[role] ?? 'unsure'})`])),
    unused: names.filter(name => !used.has(name)),
    refused,
  }
}

function surenessOf(column: string | undefined, columns: Mapping['columns'], sure: Partial<Record<Role, Sureness>>): Sureness {
  const role = ROLES.find(one => columns[one] === column)
  return (role && sure[role]) ?? 'unsure'
}

function kindOf(columns: Mapping['columns']): RowKind {
  const has = (...roles: readonly Role[]) => roles.every(role => columns[role] !== undefined)
  if (has('commandLine') || has('image', 'parentImage')) return 'process_activity'
  if ((has('url') || has('path')) && (has('method') || has('status') || has('userAgent'))) return 'http_activity'
  if (has('dnsQuery') && !has('dstPort')) return 'dns_activity'
  if (has('srcIp', 'dstIp')) return 'network_activity'
  if (has('user', 'outcome') || has('user', 'logonType')) return 'authentication'
  if (has('filePath') && (has('hashes') || has('image'))) return 'file_activity'
  if (has('url')) return 'http_activity'
  return 'other_activity'
}

/** The columns a kind rests on. */
function decidersOf(kind: RowKind, columns: Mapping['columns']): readonly string[] {
  const roles: Readonly<Record<RowKind, readonly Role[]>> = {
    process_activity: ['commandLine', 'image'],
    http_activity: ['url', 'path', 'srcIp'],
    dns_activity: ['dnsQuery'],
    network_activity: ['srcIp', 'dstIp'],
    authentication: ['user'],
    file_activity: ['filePath'],
    other_activity: [],
  }
  return roles[kind].flatMap(role => columns[role] ?? [])
}

/** A table worth reading names a time and something to find again: an address, URL, account, host or command. */
export function isWorthReading(mapping: Mapping): boolean {
  const told: readonly Role[] = ['srcIp', 'dstIp', 'url', 'path', 'user', 'host', 'commandLine', 'image', 'dnsQuery']
  return told.some(role => mapping.columns[role] !== undefined)
}
