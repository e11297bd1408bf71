import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyValues } from './key-value.ts'

test.each([
  ['a=1 b="two words" c=', { a: '1', b: 'two words', c: '' }],
  ['msg="say \\"hi\\" and \\\\" x=2', { msg: 'say "hi" and \\', x: '2' }],
  ['user="a"b" x=2', { user: 'a"b', x: '2' }],
  ['words before a=1 between b=2', { a: '1', b: '2' }],
  ['a=1 a=2', { a: '1' }],
  ['msg="never ends x=2', { msg: 'never ends x=2' }],
  ['url="/?q=1" x=2', { url: '/?q=1', x: '2' }],
  ['__proto__=x constructor=y', { ['__proto__']: 'x', constructor: 'y' }],
  ['', {}],
])('%s', (text, expected) => {
  expect(Object.entries(keyValues(text))).toEqual(Object.entries(expected))
})

test('any text ends', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '=', '"', ' ', '\\', 'b="')), pieces => {
      const text = pieces.join('')
      expect(Object.values(keyValues(text)).every(value => value.length <= text.length)).toBe(true)
    }),
  )
  const started = performance.now()
  for (const piece of ['a="', 'a=" ', '="\\"', '"b', 'a="b"c', '= ']) keyValues(`x="${piece.repeat(200_000)}`)
  // Milliseconds on an idle machine; a quadratic reader takes minutes, and a busy one must not fail the test.
  expect(performance.now() - started).toBeLessThan(20_000)
})
