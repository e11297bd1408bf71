import { expect, test } from 'vitest'
import { at, flow } from '../../../test/network-events.ts'
import { saidIn, storeOf } from '../../../test/set-detector.ts'
import type { Indicator, SecurityEvent } from '../../model/index.ts'
import { MICROS_PER_DAY, micros, microsFromIso } from '../../model/index.ts'
import { keysOf } from './comparisons.ts'
import { intelFindings } from './intel-findings.ts'
import { weigh } from './weigh.ts'

/** The records of these tests begin then. */
const MET = microsFromIso('2024-01-02T08:00:00Z') ?? micros(0)
const ago = (days: number) => micros(MET - days * MICROS_PER_DAY)

function indicator(type: Indicator['type'], value: string, fields: Partial<Indicator> = {}): Indicator {
  return {
    type,
    value,
    title: 'KV node',
    source: 'A lab',
    firstSeen: undefined,
    lastSeen: undefined,
    validUntil: undefined,
    grade: undefined,
    path: 'kv.csv',
    record: 2,
    ...fields,
  }
}

test.each([
  [
    'a relay seen last week',
    indicator('address', '198.51.100.7', { firstSeen: ago(40), lastSeen: ago(7) }),
    'medium',
    'met within 31 days of that',
  ],
  [
    'a relay seen two months ago',
    indicator('address', '198.51.100.7', { lastSeen: ago(60) }),
    'low',
    'so this is a weak witness',
  ],
  [
    'a relay seen a year ago',
    indicator('address', '198.51.100.7', { lastSeen: ago(365) }),
    'informational',
    'met 365 days after the list saw it last',
  ],
  ['a relay without a date', indicator('address', '198.51.100.7'), 'low', 'The list gives no date'],
  [
    'a relay its author gave up',
    indicator('address', '198.51.100.7', { lastSeen: ago(200), validUntil: ago(100) }),
    'informational',
    'stood by it until',
  ],
  [
    'a relay its author doubts',
    indicator('address', '198.51.100.7', { lastSeen: ago(7), grade: 15 }),
    'low',
    'confidence is 15 of 100',
  ],
  ['a digest of years ago', indicator('hash', 'ab', { lastSeen: ago(900) }), 'medium', 'this kind does not age'],
  ['a file name', indicator('file-name', 'rar.exe'), 'informational', 'The list gives no date'],
])('%s', (_name, given, severity, words) => {
  const weight = weigh(given, { first: MET, last: MET })
  expect(weight.severity).toBe(severity)
  expect(weight.sentence).toContain(words)
})

test('networks become prefixes', () => {
  expect(keysOf(indicator('network', '198.51.100.0/24')).map(({ type, key }) => `${type} ${key}`)).toEqual(['prefix3 198.51.100'])
  expect(keysOf(indicator('network', '198.51.102.9/23')).map(({ key }) => key)).toEqual(['198.51.102', '198.51.103'])
  expect(keysOf(indicator('network', '198.51.100.8/30')).map(({ key }) => key)).toEqual([
    '198.51.100.8',
    '198.51.100.9',
    '198.51.100.10',
    '198.51.100.11',
  ])
  expect(keysOf(indicator('network', '2001:db8::/32'))).toEqual([])
})

const EVENTS: readonly SecurityEvent[] = [
  flow(0, '198.51.100.7', '10.0.0.5', 443),
  flow(60, '198.51.100.7', '10.0.0.6', 443),
  flow(5, '203.0.113.9', '10.0.0.5', 22, { action: 'deny' }),
  flow(6, '192.0.2.77', '10.0.0.5', 443),
  at('dns_activity', 1, { srcIp: '10.0.0.5', query: 'a.b.Relay.example' }) as SecurityEvent,
  at('http_activity', 2, {
    clientIp: '10.0.0.9',
    userAgent: 'Mozilla/5.0   (old)',
    path: '/x/AuditReport.jspx',
    status: 200,
  }) as SecurityEvent,
  at(
    'process_activity',
    3,
    { image: 'C:\\Users\\Public\\Cisco_up.exe', hashes: 'MD5=AA,SHA256=BEEF,IMPHASH=00' },
    { host: 'dc01' },
  ) as SecurityEvent,
  at('tls_activity', 4, { srcIp: '10.0.0.5', dstIp: '192.0.2.1', fingerprint: 'CD:FF', ja3: 'x' }) as SecurityEvent,
]

test('indicators meet events of every kind', async () => {
  const store = await storeOf(EVENTS)
  try {
    const found = await intelFindings(
      [
        indicator('address', '198.51.100.7', { lastSeen: ago(1) }),
        indicator('address', '203.0.113.9', { lastSeen: ago(1), title: '' }),
        indicator('network', '192.0.2.64/26', { lastSeen: ago(1) }),
        indicator('domain', 'relay.example', { lastSeen: ago(1) }),
        indicator('user-agent', 'mozilla/5.0 (old)'),
        indicator('file-name', 'auditreport.jspx'),
        indicator('hash', 'beef'),
        indicator('path', 'c:\\users\\public\\cisco_up.exe'),
        indicator('certificate', 'cdff'),
        indicator('address', '198.51.100.99'),
      ],
      store.queries,
    )
    expect(saidIn(found).toSorted()).toEqual([
      'informational: Listed address 203.0.113.9 met in 1 record, refused each time',
      'informational: Listed file name auditreport.jspx (KV node) met in 1 record',
      'low: Listed network 192.0.2.64/26 (192.0.2.77) (KV node) met in 1 record',
      'low: Listed path c:\\users\\public\\cisco_up.exe (KV node) met in 1 record of dc01',
      'low: Listed user agent mozilla/5.0 (old) (KV node) met in 1 record',
      'medium: Listed address 198.51.100.7 (KV node) met in 2 records',
      'medium: Listed certificate cdff (KV node) met in 1 record',
      'medium: Listed domain relay.example (KV node) met in 1 record',
      'medium: Listed file with the digest beef (KV node) met in 1 record of dc01',
    ])
    const relay = found.find(({ object }) => object === '198.51.100.7')
    expect(relay?.addresses).toEqual(['198.51.100.7', '10.0.0.5', '10.0.0.6'])
    expect(relay?.evidence.length).toBe(2)
    expect(relay?.witness.source).toBe('intel')
  } finally {
    store.close()
  }
})

test('of very many indicators the same are found', async () => {
  const store = await storeOf(EVENTS)
  try {
    const many = Array.from({ length: 5_000 }, (_, index) =>
      indicator('address', `100.${index >> 8}.${index & 255}.1`, { record: index }),
    )
    const found = await intelFindings(
      [...many, indicator('address', '198.51.100.7', { lastSeen: ago(1), record: 5_001 })],
      store.queries,
    )
    expect(saidIn(found)).toEqual(['medium: Listed address 198.51.100.7 (KV node) met in 2 records'])
  } finally {
    store.close()
  }
})
