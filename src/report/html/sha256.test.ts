import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha256Base64 } from './sha256.ts'

test.each(['', 'abc', 'a'.repeat(55), 'a'.repeat(56), 'a'.repeat(63), 'a'.repeat(64), 'é€𝄞'.repeat(1000)])(
  'same digest as node:crypto, text %#',
  text => expect(sha256Base64(text)).toBe(createHash('sha256').update(text).digest('base64')),
)
