import { expect, test } from 'vitest'
import { MAX_COMMAND_LENGTH, plainCommand, shortCommand } from './command-line.ts'

test.each([
  ['n^tds"util"  "Ac I ntds"\t IFM', 'ntdsutil ac i ntds ifm'],
  ["p`ower'shell'", 'powershell'],
  ['C:\\Windows/System32', 'c:\\windows/system32'],
  ['', ''],
])('%s', (line, plain) => {
  expect(plainCommand(line)).toBe(plain)
})

test('both are bounded', () => {
  expect(plainCommand('a'.repeat(100_000))).toHaveLength(MAX_COMMAND_LENGTH)
  expect(shortCommand('a b '.repeat(1000), 20)).toBe('a b a b a b a b a b…')
})
