import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { sharedData } from '../../../test/shared-data.ts'
import { textPart } from '../../../test/text-part.ts'
import { readers as jsonReaders } from '../windows-json/reader.ts'
import { reader } from './reader.ts'

const files = (directory: string, end: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(end))
    .sort()

const readFile = (path: string) => readPart(reader, bytesPart(readFileSync(path), { path }))

const twins = sharedData('sigma-regression')
const benign = sharedData('evtx-benign')
const mitre = sharedData('evtx-mitre-cc0')
const tunnel = sharedData('evtx-webshell-tunnel')

/**
 * The twins were written by another tool, which prints GUIDs in upper case without braces, times with six digits, and leaves out
 * white space at the end of a text.
 */
function asTwin(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const guid = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(text)?.[1]
  if (guid) return guid.toLowerCase()
  return text.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})\d*Z$/, '$1Z').trimEnd()
}

/** One twin was edited by hand: its parent process is spelt as the rule spells it. */
const EDITED_BY_HAND = 'ad691d92-15f2-4181-9aa4-723c74f9ddc3.evtx ParentCommandLine'

describe.skipIf(!twins)('regression samples with JSON twins', () => {
  test('every field of every record is what the twin says', () => {
    const different: string[] = []
    let compared = 0
    for (const name of files(twins ?? '', '.evtx')) {
      const path = join(twins ?? '', name)
      const { events, diagnostics } = readFile(path)
      const twin = readPart(jsonReaders[1] ?? expect.fail(), textPart(readFileSync(path.replace(/evtx$/, 'json'), 'utf8'))).events
      if (diagnostics.length > 0 || events.length !== twin.length)
        different.push(`${name}: ${events.length} records, twin ${twin.length}`)
      for (const other of twin) {
        const own = events.find(event => event.source.record === Number(other.original.get('EventRecordID')))
        if (own?.identity !== other.identity) different.push(`${name}: record ${other.original.get('EventRecordID')}`)
        for (const field of new Set([...(own?.original.names() ?? []), ...other.original.names()])) {
          compared++
          if (asTwin(own?.original.get(field)) === asTwin(other.original.get(field))) continue
          const place = `${name.split('/').at(-1)} ${field}`
          if (place !== EDITED_BY_HAND) different.push(`${place}: ${own?.original.get(field)} | ${other.original.get(field)}`)
        }
      }
    }
    expect(different).toEqual([])
    expect(compared).toBeGreaterThan(3000)
  })
})

/** Records and diagnostics of the ordinary logs; how other readers count them stands in docs/formats/evtx.md. */
const COUNTS: readonly (readonly [string, number, Readonly<Record<string, number>>])[] = [
  ['2-system-Microsoft-Windows-LiveId_4Operational.evtx', 399, { 'evtx/dirty-header': 1 }],
  [
    '2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager_4Operational.evtx',
    1795,
    { 'evtx/dirty-header': 1, 'evtx/chunk-checksum': 2, 'evtx/unreadable-record': 1 },
  ],
  ['2-vss_7-System.evtx', 1160, { 'evtx/dirty-header': 1 }],
  ['E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2_4Operational.evtx', 340, {}],
  [
    'Microsoft-Windows-HelloForBusiness_4Operational.evtx',
    6,
    { 'evtx/dirty-header': 1, 'evtx/chunk-checksum': 1, 'evtx/torn-record': 1, 'evtx/no-time': 1 },
  ],
  ['sysmon.evtx', 358, { 'evtx/dirty-header': 1, 'evtx/chunk-magic': 8 }],
  ['system.evtx', 1881, { 'evtx/dirty-header': 1 }],
]

describe.skipIf(!benign)('ordinary logs', () => {
  test.each(COUNTS)('%s', (name, records, expected) => {
    const { events, diagnostics } = readFile(join(benign ?? '', name))
    const codes: Record<string, number> = {}
    for (const { code, count = 1 } of diagnostics) codes[code] = (codes[code] ?? 0) + count
    expect(events.length).toBe(records)
    expect(codes).toEqual(expected)
    for (const event of events) expect(JSON.parse(event.original.text()).EventID).toBe(event.code)
  })
})

describe.skipIf(!mitre || !tunnel)('logs of attacks', () => {
  test('are all read without a fault, and every record is dated, placed and typed', () => {
    const faults: string[] = []
    let records = 0
    for (const directory of [mitre ?? '', tunnel ?? ''])
      for (const name of files(directory, '.evtx')) {
        const { events, diagnostics } = readFile(join(directory, name))
        for (const { code, message } of diagnostics) if (code !== 'evtx/dirty-header') faults.push(`${name}: ${message}`)
        for (const event of events)
          if (event.time === undefined || event.host === '' || event.code === '' || event.product === '')
            faults.push(`${name}: ${event.source.record}`)
        records += events.length
      }
    expect(faults).toEqual([])
    expect(records).toBe(4168)
  })
})
