import { expect, test } from 'vitest'
import { islandReport } from '../../test/report/sample-reports.ts'
import { maskReport } from './masked-report.ts'

const SECRET = 'ConvertTo-SecureString "Hunter2!" -AsPlainText'
/** Every sentence of a report is made of what detectors and readers quoted: none may carry a password through. */
const QUOTING = [
  'title',
  'why',
  'summary',
  'sentence',
  'excerpt',
  'consequence',
  'statement',
  'for',
  'against',
  'cost',
  'what',
  'message',
]

function quoted(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return QUOTING.includes(name) ? `${value} ${SECRET}` : value
  if (Array.isArray(value)) return value.map(item => quoted(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'witnesses' ? item : quoted(item, key)]))
}

test('no sentence of a report carries a password through', () => {
  const report = quoted(islandReport) as typeof islandReport
  expect(JSON.stringify(report)).toContain('Hunter2!')
  const masked = JSON.stringify(maskReport(report, 1_000))
  expect(masked).toContain('[masked]')
  expect(masked.match(/.{0,60}Hunter2!/g) ?? []).toEqual([])
})
