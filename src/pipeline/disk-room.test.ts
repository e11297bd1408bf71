import { expect, test } from 'vitest'
import { roomFor } from './disk-room.ts'

const GIGABYTE = 1e9

test.each([
  ['a small case, whatever the disk says', 60e6, 0, 'enough'],
  ['twice the room', 20 * GIGABYTE, 40 * GIGABYTE, 'enough'],
  ['a little more than usual', 20 * GIGABYTE, 11 * GIGABYTE, 'enough'],
  ['less than usual', 20 * GIGABYTE, 9 * GIGABYTE, 'tight'],
  ['less than any case took', 20 * GIGABYTE, 1 * GIGABYTE, 'too little'],
])('%s', (_what, bytes, free, room) => {
  expect(roomFor(bytes, free)).toBe(room)
})
