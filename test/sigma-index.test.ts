// The index must say of every event what the full scan says. Rules are our own; BAROGRAPH_SIGMA may name a folder of others.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RuleFile, SecurityEvent, UnmappedRecord } from '../src/model/index.ts'
import { readers } from '../src/readers/registry.ts'
import { compileSigma } from '../src/rules/index.ts'
import { bytesPart } from './bytes-part.ts'
import { sharedData } from './shared-data.ts'

const OWN = resolve(import.meta.dirname, '..', 'rules')

function rulesIn(directory: string): RuleFile[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.ya?ml$/.test(name) && !/\.events\.ya?ml$/.test(name) && statSync(join(directory, name)).isFile())
    .map(name => ({ path: name, text: readFileSync(join(directory, name), 'utf8') }))
}

const others = process.env['BAROGRAPH_SIGMA']
const files = [...(existsSync(OWN) ? rulesIn(OWN) : []), ...(others ? rulesIn(others) : [])]
const indexed = compileSigma(files).matcher
const scanned = compileSigma(files, { fullScan: true }).matcher
const reader = readers.find(({ format }) => format === 'evtx') ?? expect.fail('no reader for event logs')

describe.each(['sigma-regression', 'evtx-webshell-tunnel', 'evtx-mitre-cc0', 'evtx-benign'])('%s', set => {
  const folder = sharedData(set)
  test.skipIf(folder === undefined)('index and full scan agree on every event', { timeout: 120_000 }, () => {
    const directory = folder ?? ''
    const wrong: unknown[] = []
    let events = 0
    for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.evtx')) continue
      const asked: boolean[] = []
      const event = (event: SecurityEvent) => {
        events++
        const fast = indexed.match(event).map(({ rule }) => rule)
        const slow = scanned.match(event).map(({ rule }) => rule)
        const before = asked.pop()
        if (fast.join() !== slow.join() || (before ?? fast.length > 0) !== fast.length > 0)
          wrong.push({ name, record: event.source.record, fast, slow, before })
      }
      // What is said of a record before it is an event is what is said of the event.
      const wants = (record: UnmappedRecord) => asked.push(indexed.mayMatch?.(record) ?? true) > 0
      reader.read(bytesPart(readFileSync(join(directory, name)), { path: name }), { event, wants, diagnostic: () => undefined })
    }
    expect(wrong).toEqual([])
    expect(events).toBeGreaterThan(50)
  })
})
