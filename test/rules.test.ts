import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type EvidenceId, type Micros, originalFields, type SecurityEvent } from '../src/model/index.ts'
import { compileSigma } from '../src/rules/index.ts'

const RULES = resolve(import.meta.dirname, '..', 'rules')
const names = readdirSync(RULES, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.yml') && !name.endsWith('.events.yml'))
  .toSorted()

interface Case {
  readonly fires: boolean
  readonly why?: string
  readonly event: Readonly<Record<string, string>>
}

/** A process start as the readers hand it over. */
function processStart(fields: Readonly<Record<string, string>>): SecurityEvent {
  const sysmon = fields['EventID'] === '1'
  return {
    kind: 'process_activity',
    action: 'start',
    source: { evidence: 'test' as EvidenceId, record: 1, offset: 0 },
    time: 0 as Micros,
    host: 'host.example',
    series: `evtx|host.example|${(fields['Channel'] ?? '').toLowerCase()}`,
    identity: 1,
    product: sysmon ? 'sysmon' : 'security',
    code: fields['EventID'] ?? '',
    original: originalFields(fields),
  }
}

describe.each(names)('%s', name => {
  const text = readFileSync(join(RULES, name), 'utf8')
  const { matcher, loaded, refused } = compileSigma([{ path: name, text }])
  const cases = parse(readFileSync(join(RULES, name.replace(/\.yml$/, '.events.yml')), 'utf8')) as readonly Case[]

  test('is one rule that loads, with an innocent cause', () => {
    expect({ loaded, refused }).toEqual({ loaded: 1, refused: [] })
    expect(text).toMatch(/^falsepositives: /m)
  })

  test('has events of both sides', () => {
    expect([...new Set(cases.map(item => item.fires))].toSorted()).toEqual([false, true])
  })

  test.each(cases)('$event.CommandLine', ({ fires, event }) => {
    expect(matcher.match(processStart(event)).length).toBe(fires ? 1 : 0)
  })
})
