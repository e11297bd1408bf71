import { expect, test } from 'vitest'
import { isMachineName } from './index.ts'

test.each([
  ['web01', true],
  ['nullable.example', true],
  ['192.0.2.4', true],
  ['WORKGROUP1', true],
  ['null', false],
  ['(null)', false],
  ['-', false],
  ['', false],
  ['Unknown', false],
  ['localhost', false],
  ['localhost.localdomain', false],
  ['WORKGROUP', false],
])('%s names a machine: %s', (name, named) => {
  expect(isMachineName(name)).toBe(named)
})
