import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { modifierNames } from '../../src/rules/sigma/modifiers.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
const page = readFileSync(join(ROOT, 'docs', 'sigma.md'), 'utf8')
const rows = page.split('\n').filter(line => line.startsWith('| ') && !line.startsWith('|---'))

/** "`file › name of the test`" in the last cell of a row; a bar in a name is written `\|`, as Markdown asks for. */
const named = rows.flatMap(row =>
  [...row.matchAll(/`([\w/-]+) › ([^`]+)`/g)].map(([, file = '', name = '']) => ({ file, name: name.replaceAll('\\|', '|') })),
)

describe('docs/sigma.md', () => {
  test('every feature has a test', () => {
    expect(rows.filter(row => !row.includes(' › ') && !/\| (?:shown by|what it means here) \|/.test(row))).toEqual([])
    expect(named.length).toBeGreaterThan(100)
  })

  test.each([...new Set(named.map(({ file }) => file))])('the tests of %s exist', file => {
    const path = [join(ROOT, 'src', 'rules', 'sigma', `${file}.test.ts`), join(ROOT, `${file}.test.ts`)].find(existsSync)
    const text = path === undefined ? '' : readFileSync(path, 'utf8')
    const missing = named.filter(item => item.file === file && !isTestIn(text, item.name))
    expect(missing).toEqual([])
  })

  test('every modifier is there', () => {
    const shown = new Set([...page.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) => cell.split('`')))
    expect(modifierNames.filter(name => !shown.has(name))).toEqual([])
  })
})

/** Is there a test, a row of one or a group of this name? Names of rows may be completed by the test's own words. */
function isTestIn(text: string, name: string): boolean {
  const written = [name, name.replaceAll('\\', '\\\\'), name.replaceAll("'", "\\'")]
  return written.some(one => [`'${one}'`, `"${one}"`, `\`${one}\``, ` ${one}'`].some(quoted => text.includes(quoted)))
}
