import { expect, test } from 'vitest'
import { readers } from '../readers/registry.ts'
import { asStatedTable, type FoundItem } from './look.ts'

const unknown = (path: string, more: Partial<FoundItem> = {}): FoundItem => ({
  path,
  file: path,
  bytes: 9,
  state: 'unknown',
  note: '',
  reader: undefined,
  encoding: 'utf-8',
  hints: { path },
  diagnostics: [{ kind: 'diagnostic', code: 'evidence/unknown-format', level: 'note', message: 'x' }],
  pathProblem: false,
  isOwnReport: false,
  ...more,
})

test.each([
  ['a table', unknown('export.csv'), 'table'],
  ['records', unknown('a.zip!/export.ndjson'), 'table-json'],
  ['what no reader knows by name', unknown('export'), 'table'],
])('%s whose columns somebody named is read as %s', (_what, item, format) => {
  const stated = asStatedTable(item, readers)
  expect([stated.state, stated.reader?.format, stated.diagnostics]).toEqual(['readable', format, []])
})

test.each([
  ['what a reader knows', unknown('a.log', { state: 'readable' })],
  ['bytes that are no text', unknown('a.bin', { encoding: undefined })],
  ['our own report', unknown('report.json', { isOwnReport: true })],
])('%s stays what it is', (_what, item) => {
  expect(asStatedTable(item, readers)).toBe(item)
})
