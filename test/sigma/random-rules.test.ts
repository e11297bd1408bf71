import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSigma } from '../../src/rules/index.ts'
import { readSigma } from '../../src/rules/sigma/document.ts'
import { processStartOf, randomRecord, randomRule } from './random-rules.ts'

test('every random rule is legal', () => {
  fc.assert(
    fc.property(randomRule(), text => {
      const { rules, refused } = readSigma([{ path: 'r.yml', text }])
      expect({ rules: rules.length, refused }).toEqual({ rules: 1, refused: [] })
    }),
    { numRuns: 500 },
  )
})

test('random rules hold for some random records and not for others, and the index says the same as the full scan', () => {
  let held = 0
  let asked = 0
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
        for (const fields of records) {
          const event = processStartOf(fields)
          const hits = scanned.matcher.match(event).map(({ rule }) => rule)
          expect(indexed.matcher.match(event).map(({ rule }) => rule)).toEqual(hits)
          asked += files.length
          held += hits.length
        }
      },
    ),
    { numRuns: 300 },
  )
  expect(held / asked).toBeGreaterThan(0.1)
  expect(held / asked).toBeLessThan(0.9)
})
