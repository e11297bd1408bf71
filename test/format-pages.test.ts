import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readers } from '../src/readers/registry.ts'
import { declaredFormats, formatHead, formatTable, pageOf, withDeclaration } from '../src/report/text/format-pages.ts'

const FOLDER = join(import.meta.dirname, '..', 'docs', 'formats')
const formats = declaredFormats(readers)
const pages = [...Map.groupBy(formats, pageOf)]

test('every reader declares its format', () => {
  expect(readers.filter(({ about }) => !about).map(({ format }) => format)).toEqual([])
})

test('no two formats have one name', () => {
  const names = readers.map(({ format }) => format)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

test.each(formats)('$format: says something everywhere, ends with a full stop', ({ about, title }) => {
  const texts = [about.reads, about.exported, about.shows, about.cannotShow, about.clock, about.checkedOn]
  expect(texts.filter(text => text.length < 5 || !text.endsWith('.') || text.includes('\n'))).toEqual([])
  expect(title).not.toBe('')
})

test.each(pages)(
  'docs/formats/%s.md holds what its readers declare (`node tools/format-pages.mjs` writes it)',
  (page, sharing) => {
    const file = join(FOLDER, `${page}.md`)
    expect(existsSync(file)).toBe(true)
    expect(readFileSync(file, 'utf8').includes(formatHead(sharing))).toBe(true)
  },
)

test('the first page lists every format', () => {
  expect(readFileSync(join(FOLDER, 'README.md'), 'utf8').includes(formatTable(formats))).toBe(true)
})

test('a declaration goes below the title once, and is replaced afterwards', () => {
  const [first, second] = [formatHead(formats.slice(0, 1)), formatHead(formats.slice(1, 2))]
  const page = withDeclaration('# Title\n\nText.\n', first)
  expect(page).toBe(`# Title\n\n${first}\n\nText.\n`)
  expect(withDeclaration(page, first)).toBe(page)
  expect(withDeclaration(page, second)).toBe(`# Title\n\n${second}\n\nText.\n`)
})
