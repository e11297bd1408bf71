import type { Mapping, RowKind } from './mapping.ts'
import type { Row } from './row.ts'

/** What a row says of its kind, by column: Elastic Common Schema, OCSF's classes, Chronicle's types, Defender's actions, operations of Microsoft 365, event ids of the Windows log Security. */
const WORDS: Readonly<Record<string, readonly (readonly [RegExp, RowKind])[]>> = {
  'event.category': [
    [/\bauthentication\b/, 'authentication'],
    [/\bprocess\b/, 'process_activity'],
    [/\bweb\b/, 'http_activity'],
    [/\bfile\b/, 'file_activity'],
    [/\bnetwork\b/, 'network_activity'],
  ],
  class_uid: [
    [/^3002$/, 'authentication'],
    [/^1007$/, 'process_activity'],
    [/^4002$/, 'http_activity'],
    [/^4003$/, 'dns_activity'],
    [/^1001$/, 'file_activity'],
    [/^4001$/, 'network_activity'],
  ],
  'metadata.event_type': [
    [/^USER_LOG(?:IN|OUT)$/i, 'authentication'],
    [/^PROCESS_LAUNCH$/i, 'process_activity'],
    [/^NETWORK_HTTP$/i, 'http_activity'],
    [/^NETWORK_DNS$/i, 'dns_activity'],
    [/^FILE_/i, 'file_activity'],
    [/^NETWORK_(?:CONNECTION|FLOW)$/i, 'network_activity'],
  ],
  actiontype: [
    [/^Process(?:Created|Started)/i, 'process_activity'],
    [/^(?:Inbound)?Connection|^ListeningConnection/i, 'network_activity'],
    [/^Logon/i, 'authentication'],
    [/^DnsQuery/i, 'dns_activity'],
    [/^File(?:Created|Modified|Deleted|Renamed)/i, 'file_activity'],
  ],
  operation: [[/^UserLog(?:gedIn|inFailed)$/, 'authentication']],
  operations: [[/^UserLog(?:gedIn|inFailed)$/, 'authentication']],
  eventid: [
    [/^(?:462[45]|4634|4647|4648|476[89]|477[016])$/, 'authentication'],
    [/^4688$/, 'process_activity'],
  ],
}

/** Does a row of a table with such a column say of what kind it is? */
export const isKindColumn = (name: string): boolean => Object.hasOwn(WORDS, name.toLowerCase())

/** The kind a row names, where the table has what that kind is about; else that of its table. */
export function kindOfRow(row: Row, { kind, kindColumns, columns }: Mapping): RowKind {
  for (const column of kindColumns) {
    const said = (row[column] ?? '').trim()
    const named = WORDS[column.toLowerCase()]?.find(([words]) => words.test(said))?.[1]
    if (named !== undefined && NEEDED[named].some(role => columns[role] !== undefined)) return named
  }
  return kind === 'authentication' && kindColumns.some(column => saysNoLogon(column, row[column] ?? '')) ? 'other_activity' : kind
}

/** The unified audit log writes an account and how it ended of everything that is done. */
const saysNoLogon = (column: string, said: string) => /^operations?$/i.test(column) && said !== '' && !/log|sign|auth/i.test(said)

const NEEDED = {
  http_activity: ['url', 'path'],
  process_activity: ['commandLine', 'image'],
  dns_activity: ['dnsQuery'],
  network_activity: ['srcIp', 'dstIp'],
  authentication: ['user', 'targetUser'],
  file_activity: ['filePath'],
  other_activity: [],
} as const satisfies Readonly<Record<RowKind, readonly (keyof Mapping['columns'])[]>>
