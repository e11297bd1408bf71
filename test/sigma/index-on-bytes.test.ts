import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reader } from '../../src/readers/evtx/reader.ts'
import { compileSigma } from '../../src/rules/index.ts'
import { bytesPart, readPart } from '../bytes-part.ts'
import { writeEvtx } from '../evtx-writer/index.ts'
import { randomRecord, randomRule } from './random-rules.ts'

test('values read where they lie in an event log say the same as values made into text', () => {
  let held = 0
  fc.assert(
    fc.property(
      fc.array(randomRule(), { minLength: 1, maxLength: 4 }),
      fc.array(randomRecord(), { minLength: 1, maxLength: 20 }),
      (texts, records) => {
        const files = texts.map((text, index) => ({
          path: `${index}.yml`,
          text: text.replaceAll('000000000001', `00000000000${index}`),
        }))
        const indexed = compileSigma(files)
        const scanned = compileSigma(files, { fullScan: true })
        const log = writeEvtx(
          records.map((fields, index) => ({
            provider: 'Microsoft-Windows-Sysmon',
            channel: 'Microsoft-Windows-Sysmon/Operational',
            computer: 'ws1.example',
            eventId: 1,
            recordId: index + 1,
            time: Date.UTC(2024, 0, 1) * 1000,
            data: Object.entries(fields),
          })),
        )
        for (const event of readPart(reader, bytesPart(log)).events) {
          const hits = scanned.matcher.match(event).map(({ rule }) => rule)
          expect(indexed.matcher.match(event).map(({ rule }) => rule)).toEqual(hits)
          held += hits.length
        }
      },
    ),
    { numRuns: 200 },
  )
  expect(held).toBeGreaterThan(100)
})
