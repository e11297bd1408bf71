import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_SHOWN_LINES, unifiedDifference } from './difference.ts'

test.each([
  ['the same', 'a\nb', 'a\nb', []],
  ['a line added at the top', 'a\nb\nc\nd', 'x\na\nb\nc\nd', ['@@ -1,2 +1,3 @@', '+x', ' a', ' b']],
  [
    'a line changed in the middle',
    '1\n2\n3\n4\n5\n6\n7',
    '1\n2\n3\nx\n5\n6\n7',
    ['@@ -2,5 +2,5 @@', ' 2', ' 3', '-4', '+x', ' 5', ' 6'],
  ],
  [
    'two changes far from each other',
    '1\n2\n3\n4\n5\n6\n7\n8\n9',
    'x\n2\n3\n4\n5\n6\n7\n8\ny',
    ['@@ -1,3 +1,3 @@', '-1', '+x', ' 2', ' 3', '@@ -7,3 +7,3 @@', ' 7', ' 8', '-9', '+y'],
  ],
  ['a line of a megabyte', 'a', 'b'.repeat(1 << 20), ['@@ -1,1 +1,1 @@', '-a', `+${'b'.repeat(300)}… (1048576 characters)`]],
])('%s', (_name, before, after, lines) => {
  expect(unifiedDifference(before, after)).toEqual(lines)
})

test('files that have nothing in common are not compared to the end', () => {
  const many = (name: string) => Array.from({ length: 5000 }, (_, index) => `${name}${index}`).join('\n')
  expect(unifiedDifference(many('a'), many('b'))).toEqual(['(more than 1000 lines differ: the file was replaced)'])
})

test('what is taken away and added is the difference of the texts, and it is bounded', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = unifiedDifference(before.join('\n'), after.join('\n'))
      expect(lines.length).toBeLessThanOrEqual(MAX_SHOWN_LINES + 1)
      if (lines.length > MAX_SHOWN_LINES) return
      const count = (sign: string) => lines.filter(line => line.startsWith(sign) && !line.startsWith('@@')).length
      const old = before.join('\n').split('\n').length
      const now = after.join('\n').split('\n').length
      expect(count('+') - count('-')).toBe(now - old)
    }),
  )
})
