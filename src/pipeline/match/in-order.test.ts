import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inOrder } from './in-order.ts'

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number++) yield number
}

test('results come in the order of the items, and never more run than allowed', async () => {
  const seen: number[] = []
  let running = 0
  let most = 0
  await inOrder(
    numbers(20),
    4,
    () => true,
    async number => {
      most = Math.max(most, ++running)
      await setTimeout(number % 3)
      running--
      return number * 10
    },
    async result => {
      seen.push(result)
    },
  )
  expect(seen).toEqual(Array.from({ length: 20 }, (_, number) => number * 10))
  expect(most).toBe(4)
})

test('nothing further is taken when nobody wants it any more', async () => {
  const started: number[] = []
  const seen: number[] = []
  await inOrder(
    numbers(100),
    2,
    () => seen.length < 3,
    async number => {
      started.push(number)
      return number
    },
    async result => {
      seen.push(result)
    },
  )
  expect(seen).toEqual([0, 1, 2])
  expect(started.length).toBeLessThan(8)
})

test('an error of one item is the error of all', async () => {
  const work = inOrder(
    numbers(5),
    2,
    () => true,
    async number => {
      if (number === 2) throw new Error('third')
      return number
    },
    async () => undefined,
  )
  await expect(work).rejects.toThrow('third')
})
