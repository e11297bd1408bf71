import { isAddress } from '../../model/index.ts'
import { type DateOrder, isDate, isTimeOfDay } from './cell-time.ts'
import { isKindColumn } from './kind-of-row.ts'
import { type KnownName, knownName, ROLES, type Role, type Sureness } from './names.ts'
import type { Row } from './row.ts'

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
  /** Columns in which a row says of what kind it is, in the words of a schema; none where the user stated the kind. */
  readonly kindColumns: readonly string[]
  /** Column of each role. */
  readonly columns: Readonly<Partial<Record<Role, string>>>
  readonly sureness: Sureness
  /** Stated by the user for dates that can be read in two ways. */
  readonly dateOrder: DateOrder | undefined
  /** Something to find again beside the time, by a name that is more than an ambiguous word. */
  readonly isWorthReading: boolean
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

/**
 * The mapping of a table by the names of its columns, what the user said of them, and whether the values of its first rows agree with the
 * names; undefined when no column is a time.
 */
export function mappingOf(
  names: readonly string[],
  corrections: Readonly<Record<string, string>> = {},
  rows: readonly Row[] = [],
): Mapping | undefined {
  const columns: Partial<Record<Role, string>> = {}
  const sure: Partial<Record<Role, Sureness>> = {}
  const refused: string[] = []
  for (const [role, column] of Object.entries(corrections)) {
    if (role === 'kind' && KINDS.includes(column as RowKind)) continue
    if (role === 'dates' && isDateOrder(column)) continue
    const named = names.find(name => name.toLowerCase() === column.toLowerCase())
    if (column === '' && ROLES.includes(role as Role)) sure[role as Role] = 'certain'
    else if (named === undefined || !ROLES.includes(role as Role)) refused.push(`${role}: ${column}`)
    else {
      columns[role as Role] = named
      sure[role as Role] = 'certain'
    }
  }
  const known = names
    .map((name, index) => ({ name, index, known: knownName(name, names) }))
    .filter((one): one is { name: string; index: number; known: KnownName } => one.known !== undefined)
  for (const { name, known: one } of known.toSorted(
    (a, b) => ORDER.indexOf(a.known.sureness) - ORDER.indexOf(b.known.sureness) || a.index - b.index,
  )) {
    const role = roleByValues(one.role, valuesOf(name, rows))
    if (role === undefined || sure[role] !== undefined || Object.values(columns).includes(name)) continue
    columns[role] = name
    sure[role] = one.sureness
  }
  if (columns.time === undefined) return undefined
  pairDateAndTime(columns, sure, known, rows)
  const stated = corrections['kind'] as RowKind | undefined
  const kind = stated !== undefined && KINDS.includes(stated) ? stated : kindOf(columns)
  const used = new Set(Object.values(columns))
  const deciding = [columns.time, ...decidersOf(kind, columns)]
  const sureness = ORDER[Math.max(...deciding.map(column => ORDER.indexOf(surenessOf(column, columns, sure))))] ?? 'unsure'
  return {
    kind,
    kindColumns: stated === undefined ? names.filter(isKindColumn) : [],
    columns,
    sureness,
    dateOrder: isDateOrder(corrections['dates']) ? corrections['dates'] : undefined,
    isWorthReading:
      ROLES.some(role => isTold(role) && columns[role] !== undefined && sure[role] !== 'unsure') ||
      isNamedByAddress(columns, rows),
    said: ROLES.flatMap(role => (columns[role] === undefined ? [] : [`${role} = ${columns[role]} (${sure[role] ?? 'unsure'})`])),
    unused: names.filter(name => !used.has(name)),
    refused,
  }
}

const isDateOrder = (text: string | undefined): text is DateOrder => text === 'day-first' || text === 'month-first'

/** "Date" and "Time" in two columns, told by their values; together they are plainer than either name. */
function pairDateAndTime(
  columns: Partial<Record<Role, string>>,
  sure: Partial<Record<Role, Sureness>>,
  known: readonly { readonly name: string; readonly known: KnownName }[],
  rows: readonly Row[],
): void {
  const { time } = columns
  if (time === undefined || columns.timeOfDay !== undefined) return
  const holds = (name: string, test: (text: string) => boolean) => {
    const values = valuesOf(name, rows)
    return values.length > 0 && values.filter(test).length * 2 > values.length
  }
  const other = (test: (text: string) => boolean) =>
    known.find(one => one.name !== time && one.known.role === 'time' && holds(one.name, test))?.name
  const date = holds(time, isTimeOfDay) ? other(isDate) : time
  const clock = date === time && holds(time, isDate) ? other(isTimeOfDay) : time
  if (date === undefined || clock === undefined || date === clock) return
  columns.time = date
  columns.timeOfDay = clock
  sure.time = sure.time === 'certain' ? 'certain' : 'likely'
  sure.timeOfDay = sure.time
}

/** Text of the time of a row, from one column or two. */
export function timeText(row: Row, { time = '', timeOfDay }: Mapping['columns']): string {
  const text = row[time] ?? ''
  return timeOfDay === undefined ? text : `${text.trim()} ${(row[timeOfDay] ?? '').trim()}`
}

/** What may stand in `columns` of sources.yaml. */
export const CORRECTABLE = `${ROLES.join(', ')}; kind is one of ${KINDS.join(', ')}; dates is day-first or month-first`

function surenessOf(column: string | undefined, columns: Mapping['columns'], sure: Partial<Record<Role, Sureness>>): Sureness {
  const role = ROLES.find(one => columns[one] === column)
  return (role && sure[role]) ?? 'unsure'
}

function kindOf(columns: Mapping['columns']): RowKind {
  const has = (...roles: readonly Role[]) => roles.every(role => columns[role] !== undefined)
  if (has('commandLine') || has('image', 'parentImage')) return 'process_activity'
  if ((has('url') || has('path')) && (has('method') || has('status') || has('userAgent'))) return 'http_activity'
  if (has('dnsQuery') && !has('dstPort')) return 'dns_activity'
  // Both ends and how it ended, but neither port nor bytes: a log-in and not a connection (Splunk's model Authentication).
  const isFlow = has('srcIp', 'dstIp')
  if (isFlow && (has('dstPort') || has('bytesOut') || has('protocol') || !has('user', 'outcome'))) return 'network_activity'
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

/** What makes a table worth reading beside its time. */
const TOLD: readonly Role[] = ['srcIp', 'dstIp', 'url', 'path', 'user', 'host', 'commandLine', 'image', 'dnsQuery', 'message']
const isTold = (role: Role) => TOLD.includes(role)

/** "IP" may mean anything, unless addresses stand in it. */
function isNamedByAddress(columns: Mapping['columns'], rows: readonly Row[]): boolean {
  return (['srcIp', 'dstIp'] as const).some(role => valuesOf(columns[role] ?? '', rows).length > 0)
}

const EMPTY = new Set(['', '-', '(null)', 'null', 'N/A'])

const valuesOf = (column: string, rows: readonly Row[]): readonly string[] =>
  rows.map(row => (row[column] ?? '').trim()).filter(value => !EMPTY.has(value))

const ADDRESS_LIKE = /^\[?([0-9a-fA-F.:]{2,45}?)\]?(?::\d{1,5})?$/
const HOST_LIKE = /^[A-Za-z0-9_][\w.-]{0,252}$/
const OUTCOMES = /^(?:success(?:ful|fully)?|succeeded|failure|fail(?:ed)?|denied|ok|fehler|erfolg(?:reich)?)$/i
const holdsAddress = (value: string) => {
  const [first = ''] = value.split(/[,;\s]/)
  return isAddress(first) || isAddress(ADDRESS_LIKE.exec(first)?.[1] ?? '')
}

/**
 * The role of a column whose name says `role` and whose first rows hold these values: none when they cannot be that. "source" may hold
 * "email", "status" may hold "Failure", and "dest" the name of a machine.
 */
function roleByValues(role: Role, values: readonly string[]): Role | undefined {
  if (values.length === 0) return role
  const most = (test: (value: string) => boolean) => values.filter(test).length * 2 > values.length
  if (role === 'srcIp' || role === 'dstIp') {
    if (most(holdsAddress)) return role
    // One word alone is no machine: most of these have a digit or a full name.
    return most(value => HOST_LIKE.test(value) && /[\d.]/.test(value)) ? (role === 'srcIp' ? 'srcHost' : 'dstHost') : undefined
  }
  if (role === 'status')
    return most(value => /^[1-5]\d\d$/.test(value)) ? role : most(value => OUTCOMES.test(value)) ? 'outcome' : undefined
  if (role === 'action' && most(value => OUTCOMES.test(value))) return 'outcome'
  return role
}
