import {
  type EventKind,
  type EventQueries,
  eventColumns,
  eventKinds,
  type Finding,
  isAddress,
  isLoopback,
  isMachineAccount,
  numberOf,
  type Row,
  textOf,
} from '../model/index.ts'
import { byPlace, overKinds, rowsOfRecords } from './sql.ts'

/** Records looked at for one finding; more of the same behaviour are by the same account. */
const RECORDS = 12

/** Columns that say who acted, from which address and towards which. */
const SOURCES = ['srcIp', 'clientIp']
const TARGETS = ['dstIp', 'serverIp']
const ACCOUNTS = ['user']

/** Kinds whose records say any of it. */
const TELLING = eventKinds.filter(kind => [...SOURCES, ...TARGETS, ...ACCOUNTS].some(name => name in eventColumns[kind]))

/** Kinds where the address that came is the other side; a machine's own connections name itself first. */
const COMES_FROM = new Set<EventKind>([
  'authentication',
  'smb_activity',
  'rdp_activity',
  'service_activity',
  'account_change',
  'device_config',
  'tunnel_activity',
])

/** Kinds whose records are what was run: an address in them is a word of the command, nobody who came. */
const COMMANDS = new Set<string>(['process_activity', 'script_activity', 'scheduled_job_activity'] satisfies readonly EventKind[])

/** Which way the addresses of a finding point, from its records. */
export interface Direction {
  readonly from: ReadonlySet<string>
  readonly towards: ReadonlySet<string>
  /** Are its records nothing but commands? */
  readonly onlyCommands: boolean
}

/** Findings with their actors filled in, and which way their addresses point. */
export interface ActedFindings {
  readonly findings: readonly Finding[]
  readonly directions: ReadonlyMap<string, Direction>
}

interface Actors {
  readonly accounts: Set<string>
  readonly came: Set<string>
  readonly from: Set<string>
  readonly towards: Set<string>
  readonly kinds: Set<string>
}

/**
 * Fills in who acted, and from where, for findings whose detector did not say: it is in their records. Accounts of the machine itself
 * are named only where there is no other.
 */
export async function withActors(queries: EventQueries, findings: readonly Finding[]): Promise<ActedFindings> {
  const wanted = new Map<string, Set<string>>()
  const actors = new Map<string, Actors>()
  for (const finding of findings) {
    actors.set(finding.id, { accounts: new Set(), came: new Set(), from: new Set(), towards: new Set(), kinds: new Set() })
    for (const ref of finding.evidence.slice(0, RECORDS)) {
      const key = `${ref.evidence}:${ref.record}`
      wanted.set(key, (wanted.get(key) ?? new Set()).add(finding.id))
    }
  }
  const column = (kind: EventKind, names: readonly string[]) => {
    const name = names.find(entry => entry in eventColumns[kind])
    return name === undefined ? `''` : `"${name}"`
  }
  const rows = byPlace(
    await rowsOfRecords(queries, wanted.keys(), where =>
      overKinds(
        TELLING,
        kind => `
        select evidence, record, '${kind}' as kind, ${column(kind, ACCOUNTS)} as account, ${column(kind, SOURCES)} as source,
          ${column(kind, TARGETS)} as target from ${kind} where ${where}`,
      ),
    ),
  )
  for (const row of rows)
    for (const id of wanted.get(`${textOf(row, 'evidence')}:${numberOf(row, 'record')}`) ?? []) addRow(row, actors.get(id))
  return {
    findings: findings.map(finding => filledIn(finding, actors.get(finding.id))),
    directions: new Map(
      [...actors].map(([id, { from, towards, kinds }]) => [
        id,
        { from, towards, onlyCommands: kinds.size > 0 && kinds.isSubsetOf(COMMANDS) },
      ]),
    ),
  }
}

function addRow(row: Row, found: Actors | undefined): void {
  const account = textOf(row, 'account')
  const source = textOf(row, 'source')
  const target = textOf(row, 'target')
  found?.kinds.add(textOf(row, 'kind'))
  if (account !== '') found?.accounts.add(account)
  if (isAddress(source) && !isLoopback(source)) {
    found?.from.add(source)
    if ([...COMES_FROM].some(kind => kind === textOf(row, 'kind'))) found?.came.add(source)
  }
  if (isAddress(target)) found?.towards.add(target)
}

function filledIn(finding: Finding, found: Actors | undefined): Finding {
  if (!found) return finding
  const people = [...found.accounts].filter(account => !isMachineAccount(account))
  return {
    ...finding,
    accounts: finding.accounts.length > 0 ? finding.accounts : (people.length > 0 ? people : [...found.accounts]).sort(),
    addresses: finding.addresses.length > 0 ? finding.addresses : [...found.came].sort(),
  }
}
