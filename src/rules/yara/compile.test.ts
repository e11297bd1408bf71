import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileYara } from './compile.ts'
import { yaraEngine } from './engine.ts'
import { ruleSpans } from './rule-spans.ts'
import { scanYara } from './scan.ts'

const engine = await yaraEngine()
const text = (words: string) => new TextEncoder().encode(words)

test.skipIf('missing' in engine)(
  'a rule that cannot be used is left out and named, the others of its file and the other files stay',
  () => {
    if ('missing' in engine) return
    const rules = compileYara(
      [
        {
          path: 'a.yar',
          text: `/* rule no { */ rule good { meta: description = "has } in it" strings: $a = "x}" condition: $a }
rule bad { condition: nosuch == 1 }
private rule part { strings: $a = { AA BB } $b = /y{2}"/ condition: any of them }`,
        },
        { path: 'b.yar', text: 'rule uses { meta: severity = "low" condition: part }\nrule good { condition: true }' },
        { path: 'c.yar', text: 'rule open {' },
      ],
      engine,
    )
    expect(rules.refused.map(({ path, rule, line }) => [path, rule, line])).toEqual([
      ['a.yar', 'bad', 2],
      ['c.yar', 'open', 1],
      ['b.yar', 'good', 2],
    ])
    expect(rules.refused[0]?.reason).toMatch(/unknown identifier `nosuch`/)
    expect(rules.loaded).toBe(3)
    expect(scanYara(rules, text('yy" x}'), { path: 'a/b.txt' })).toEqual([
      { rule: 'good', title: 'has } in it', source: 'a.yar', level: 'medium', strings: [{ name: '$a', offset: 4 }] },
      { rule: 'uses', title: 'uses', source: 'b.yar', level: 'low', strings: [] },
    ])
  },
)

test.skipIf('missing' in engine).each([
  ['filename', 'filename == "c.PHP"'],
  ['folder', 'filepath == "a/b"'],
  ['extension', 'extension == ".php"'],
  ['kind', 'filetype == "PHP"'],
  ['owner', 'owner == "www-data"'],
])('rules know the %s of a file', (_name, condition) => {
  if ('missing' in engine) return
  const rules = compileYara([{ path: 'a.yar', text: `rule it { condition: ${condition} }` }], engine)
  const scan = (path: string, owner: string, content: string) => scanYara(rules, text(content), { path, owner }).length
  expect(scan('a/b/c.PHP', 'www-data', '<?php echo 1;')).toBe(1)
  expect(scan('a/c.txt', 'root', 'words')).toBe(0)
})

test('where rules begin and end, whatever the text', () => {
  expect(
    ruleSpans('import "pe"\n\nrule a : tag {\n condition: true }\nglobal private rule b { condition: a }').map(
      ({ name, firstLine, lastLine }) => [name, firstLine, lastLine],
    ),
  ).toEqual([
    ['a', 3, 4],
    ['b', 5, 5],
  ])
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('rule a {', '}', '"', '/', '/*', '*/', '//', '\n', '{', '\\', 'condition:', ' ')),
      parts => {
        const words = parts.join('')
        for (const { start, end } of ruleSpans(words)) expect(end).toBeGreaterThan(start)
      },
    ),
  )
})
