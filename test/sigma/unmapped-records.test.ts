import { expect, test } from 'vitest'
import type { SecurityEvent, UnmappedRecord } from '../../src/model/index.ts'
import { reader } from '../../src/readers/evtx/reader.ts'
import { compileSigma } from '../../src/rules/index.ts'
import { bytesPart } from '../bytes-part.ts'
import { type EvtxRecord, writeEvtx } from '../evtx-writer/index.ts'

/** Providers with their channel, and numbers of events that become something else than `other_activity`. */
const WRITERS: readonly (readonly [provider: string, channel: string, codes: readonly number[]])[] = [
  ['Microsoft-Windows-Sysmon', 'Microsoft-Windows-Sysmon/Operational', [...Array(30).keys(), 255]],
  ['Linux-Sysmon', 'Linux-Sysmon/Operational', [1, 3, 5, 9, 11, 16, 22, 23]],
  ['Microsoft-Windows-Security-Auditing', 'Security', [4624, 4656, 4657, 4663, 4688, 4689, 5140, 5145, 5156, 5157]],
  ['Microsoft-Windows-DNS-Client', 'System', [1014]],
  ['Microsoft-Windows-DNS-Client', 'Microsoft-Windows-DNS-Client/Operational', [3006, 3008, 3020]],
  ['Microsoft-Windows-PowerShell', 'Microsoft-Windows-PowerShell/Operational', [4103, 4104]],
  ['PowerShell', 'Windows PowerShell', [400, 600, 800]],
  ['Microsoft-Windows-Windows Defender', 'Microsoft-Windows-Windows Defender/Operational', [1116, 5001]],
  ['Service Control Manager', 'System', [7036, 7045]],
  ['ESENT', 'Application', [216, 325]],
]

const SOURCES = [
  ...'dns network webserver proxy firewall antivirus application process_creation network_connection dns_query registry_event file_event'
    .split(' ')
    .map(category => ({ category })),
  { category: 'network', service: 'dns' },
  { category: 'network', service: 'connection' },
  { category: 'dns', product: 'windows' },
  { category: 'process_creation', product: 'linux' },
  { product: 'windows' },
  { product: 'linux' },
  { product: 'windows', service: 'dns-client' },
  { service: 'netflow' },
]

/** A rule that holds for whatever its log source lets in. */
const files = SOURCES.map((logsource, index) => ({
  path: `${index}.yml`,
  text: JSON.stringify({
    title: JSON.stringify(logsource),
    id: `8f1b5f5e-0000-4000-8000-0000000000${10 + index}`,
    logsource,
    detection: { nothing: { NoSuchField: null }, condition: 'nothing' },
    level: 'low',
  }),
}))

test('what is said of a record before it is an event is what is said of the event, for each log source alone', () => {
  const records = WRITERS.flatMap(([provider, channel, codes]) =>
    codes.map(
      (eventId): Omit<EvtxRecord, 'recordId'> => ({
        ...{ provider, channel, computer: 'ws1.example', eventId, time: Date.UTC(2024, 0, 1) * 1000 },
        data: [
          ['ObjectType', 'File'],
          ['QueryName', 'www.example.com'],
          ['EventType', 'CreateKey'],
        ],
      }),
    ),
  )
  const log = writeEvtx(records.map((record, index) => ({ ...record, recordId: index + 1 })))
  const held = new Set<string>()
  for (const file of files) {
    const indexed = compileSigma([file]).matcher
    const scanned = compileSigma([file], { fullScan: true }).matcher
    const wrong: string[] = []
    const asked: (boolean | undefined)[] = []
    const event = (event: SecurityEvent) => {
      const hits = scanned.match(event)
      for (const { ruleTitle } of hits) held.add(ruleTitle)
      const before = asked.pop()
      if (before !== hits.length > 0 || indexed.match(event).length !== hits.length)
        wrong.push(`${file.text}: ${event.product} ${event.code}, asked ${before}, full scan ${hits.length > 0}`)
    }
    const wants = (record: UnmappedRecord) => asked.push(indexed.mayMatch?.(record)) > 0
    reader.read(bytesPart(log, { path: 'a.evtx' }), { event, wants, diagnostic: () => undefined })
    expect(wrong).toEqual([])
  }
  expect([...held].sort()).toMatchInlineSnapshot(`
    [
      "{"category":"antivirus"}",
      "{"category":"dns","product":"windows"}",
      "{"category":"dns"}",
      "{"category":"dns_query"}",
      "{"category":"file_event"}",
      "{"category":"network","service":"dns"}",
      "{"category":"network"}",
      "{"category":"network_connection"}",
      "{"category":"process_creation","product":"linux"}",
      "{"category":"process_creation"}",
      "{"category":"registry_event"}",
      "{"product":"linux"}",
      "{"product":"windows","service":"dns-client"}",
      "{"product":"windows"}",
    ]
  `)
})
