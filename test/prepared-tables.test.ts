import { expect, test } from 'vitest'
import type { PreparedTable } from '../src/model/index.ts'
import { flow, times } from './network-events.ts'
import { storeOf } from './set-detector.ts'

test('a table is made once of views and of tables before it, and is gone when nobody needs it', async () => {
  const store = await storeOf(times(6, i => flow(i, `192.0.2.${(i % 3) + 1}`, '198.51.100.9', 443, {})))
  let made = 0
  const callers: PreparedTable = {
    name: 'callers',
    query() {
      made += 1
      return 'select srcIp, count(*) as calls from network_activity group by srcIp'
    },
  }
  const calls: PreparedTable = { name: 'calls', query: () => 'select sum(calls) as total from callers' }
  const question = { prepared: [callers, calls], query: () => 'select total from calls' }
  expect(await store.ask(question)).toEqual([{ total: 6 }])
  expect(await store.ask({ prepared: [callers], query: () => 'select count(*) as total from callers' })).toEqual([{ total: 3 }])
  expect(made).toBe(1)
  await store.queries.keepPrepared([calls])
  await expect(store.rows('select * from callers')).rejects.toThrow('callers')
  expect(await store.rows('select total from calls')).toEqual([{ total: 6 }])
  await store.ask(question)
  expect(made).toBe(2)
  store.close()
})
