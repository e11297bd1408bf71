import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const rows = readFileSync(join(ROOT, 'docs/formats/flow-quirks.md'), 'utf8')
  .split('\n')
  .map(line => line.split('|').map(cell => cell.trim()))
  .flatMap(([, quirk = '', , file = '', name = '']) => (file.startsWith('`') ? [{ quirk, file: file.slice(1, -1), name }] : []))

test('every quirk of flow logs is in the table', () => expect(rows.length).toBeGreaterThanOrEqual(30))

test.each(rows)('$quirk: its test is there', ({ file, name }) => {
  const path = join(ROOT, file)
  expect(existsSync(path)).toBe(true)
  expect(readFileSync(path, 'utf8')).toContain(`'${name}'`)
})
