import type { EventKind, Indicator, IndicatorType, SqlDialect } from '../../model/index.ts'

/** One column of one kind of event that indicators of some types are compared with. */
export interface Comparison {
  readonly kind: EventKind
  /** What is compared, as SQL; equal to the indicator's key. */
  readonly expression: string
  readonly types: readonly KeyType[]
  /** When the record says that it came to nothing, as SQL; absent where it never does. */
  readonly refused?: string
  /** The other party, as SQL: who of ours it was about. */
  readonly other?: string
}

/** Types as they are compared: networks become prefixes of addresses. */
export type KeyType = Exclude<IndicatorType, 'network'> | 'prefix1' | 'prefix2' | 'prefix3'

const REFUSED: Readonly<Partial<Record<EventKind, string>>> = {
  network_activity: "action = 'deny' or state in ('S0', 'REJ', 'RSTOS0', 'SH', 'RSTRH')",
  authentication: "outcome = 'failure'",
  http_activity: 'status >= 400',
}

const ADDRESSES: readonly (readonly [EventKind, string, string])[] = [
  ['network_activity', 'srcIp', 'dstIp'],
  ['network_activity', 'dstIp', 'srcIp'],
  ['network_activity', 'natSrcIp', 'dstIp'],
  ['network_activity', 'natDstIp', 'srcIp'],
  ['http_activity', 'clientIp', 'serverIp'],
  ['http_activity', 'serverIp', 'clientIp'],
  ['authentication', 'srcIp', 'target'],
  ['account_change', 'srcIp', "''"],
  ['tunnel_activity', 'srcIp', 'assignedIp'],
  ['tunnel_activity', 'dstIp', 'srcIp'],
  ['tls_activity', 'srcIp', 'dstIp'],
  ['tls_activity', 'dstIp', 'srcIp'],
  ['ssh_activity', 'srcIp', 'dstIp'],
  ['ssh_activity', 'dstIp', 'srcIp'],
  ['rdp_activity', 'srcIp', 'dstIp'],
  ['rdp_activity', 'dstIp', 'srcIp'],
  ['smb_activity', 'srcIp', 'dstIp'],
  ['smb_activity', 'dstIp', 'srcIp'],
  ['device_config', 'srcIp', "''"],
  ['service_activity', 'srcIp', "''"],
  ['detection_finding', 'srcIp', 'dstIp'],
  ['detection_finding', 'dstIp', 'srcIp'],
  ['other_activity', 'srcIp', "''"],
  ['other_activity', 'dstIp', 'srcIp'],
]

/** All comparisons. Text columns are compared in lower case, paths with backslashes, user agents with single blanks. */
export function comparisons(sql: SqlDialect): readonly Comparison[] {
  const lower = (column: string) => `lower(${column})`
  const path = (column: string) => `replace(lower(${column}), '/', '\\')`
  const fileName = (column: string) => sql.replaceAll(path(column), '^.*[\\\\]', '')
  const digest = (name: string) => sql.replaceAll(sql.replaceAll(lower('hashes'), `^.*\\b${name}=`, ''), ',.*$', '')
  const prefix = (column: string, drop: string) => sql.replaceAll(column, drop, '')
  const addresses = ADDRESSES.flatMap(([kind, column, other]): readonly Comparison[] => {
    const refused = REFUSED[kind]
    const rest = { other, ...(refused === undefined ? {} : { refused }) }
    return [
      { kind, expression: column, types: ['address'], ...rest },
      { kind, expression: prefix(column, '[.][0-9]+$'), types: ['prefix3'], ...rest },
      { kind, expression: prefix(column, '[.][0-9]+[.][0-9]+$'), types: ['prefix2'], ...rest },
      { kind, expression: prefix(column, '[.][0-9]+[.][0-9]+[.][0-9]+$'), types: ['prefix1'], ...rest },
    ]
  })
  // A name below a listed domain is the domain's, too: compared whole and without its first labels.
  const names = (kind: EventKind, column: string, other: string): readonly Comparison[] =>
    ['', '^[^.]+[.]', '^[^.]+[.][^.]+[.]', '^[^.]+[.][^.]+[.][^.]+[.]'].map(drop => ({
      kind,
      expression: drop === '' ? lower(column) : sql.replaceAll(lower(column), drop, ''),
      types: ['domain'],
      other,
    }))
  return [
    ...addresses,
    ...names('dns_activity', 'query', 'srcIp'),
    ...names('http_activity', 'virtualHost', 'clientIp'),
    ...names('tls_activity', 'serverName', 'srcIp'),
    ...names('network_activity', 'dstHost', 'srcIp'),
    { kind: 'dns_activity', expression: 'answers', types: ['address'], other: 'srcIp' },
    {
      kind: 'http_activity',
      expression: 'concat(lower(virtualHost), path)',
      types: ['url'],
      other: 'clientIp',
      refused: 'status >= 400',
    },
    {
      kind: 'http_activity',
      expression: "concat(lower(virtualHost), path, '?', query)",
      types: ['url'],
      other: 'clientIp',
      refused: 'status >= 400',
    },
    {
      kind: 'http_activity',
      expression: sql.replaceAll(lower('userAgent'), '\\s+', ' '),
      types: ['user-agent'],
      other: 'clientIp',
    },
    { kind: 'tls_activity', expression: lower('ja3'), types: ['ja3'], other: 'srcIp' },
    { kind: 'tls_activity', expression: lower('ja3s'), types: ['ja3'], other: 'srcIp' },
    { kind: 'tls_activity', expression: "replace(lower(fingerprint), ':', '')", types: ['certificate', 'hash'], other: 'srcIp' },
    ...(['process_activity', 'file_activity'] as const).flatMap(kind =>
      ['md5', 'sha1', 'sha256'].map((name): Comparison => ({ kind, expression: digest(name), types: ['hash'] })),
    ),
    { kind: 'process_activity', expression: path('image'), types: ['path'] },
    { kind: 'process_activity', expression: fileName('image'), types: ['file-name'] },
    { kind: 'process_activity', expression: path('module'), types: ['path'] },
    { kind: 'file_activity', expression: path('path'), types: ['path'] },
    { kind: 'file_activity', expression: fileName('path'), types: ['file-name'] },
    { kind: 'service_activity', expression: path('path'), types: ['path'] },
    { kind: 'service_activity', expression: fileName('path'), types: ['file-name'] },
    { kind: 'http_activity', expression: fileName('path'), types: ['file-name'], other: 'clientIp', refused: 'status >= 400' },
    { kind: 'registry_activity', expression: lower('key'), types: ['registry-key'] },
  ]
}

/** A key to compare with, and the indicator behind it. */
export interface IndicatorKey {
  readonly type: KeyType
  readonly key: string
  readonly indicator: Indicator
}

/** Networks larger than this hold whole providers; an indicator for one says nothing about a machine. */
const LARGEST_NETWORK_BITS = 8

/** The keys of an indicator. IPv6 networks have none: they are named in a diagnostic of their file by who reads it. */
export function keysOf(indicator: Indicator): readonly IndicatorKey[] {
  if (indicator.type !== 'network') return [{ type: indicator.type, key: indicator.value, indicator }]
  const [address = '', size = '32'] = indicator.value.split('/')
  const octets = address.split('.').map(Number)
  const bits = Number(size)
  if (octets.length !== 4 || bits < LARGEST_NETWORK_BITS) return []
  const whole = Math.ceil(bits / 8)
  const free = whole * 8 - bits
  const base = (octets[whole - 1] ?? 0) & ~((1 << free) - 1)
  const head = octets.slice(0, whole - 1)
  const types: readonly KeyType[] = ['prefix1', 'prefix2', 'prefix3', 'address']
  return Array.from({ length: 1 << free }, (_, index) => ({
    type: types[whole - 1] ?? 'address',
    key: [...head, base + index].join('.'),
    indicator,
  }))
}
