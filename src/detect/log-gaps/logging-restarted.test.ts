import { expect, test } from 'vitest'
import { eventOf } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { loggingRestarted } from './logging-restarted.ts'

const seconds = (at: number) => 1_700_000_000_000_000 + at * 1_000_000
const booted = (at: number) =>
  eventOf<'other_activity'>(
    { kind: 'other_activity', message: 'Microsoft Windows 10.0' },
    { product: 'system', code: '6009', record: at + 1, time: seconds(at) },
  )
const started = (at: number) =>
  eventOf<'log_activity'>(
    { kind: 'log_activity', action: 'started', log: 'System' },
    { product: 'system', code: '6005', record: at + 2, time: seconds(at) },
  )
const stopped = (at: number) =>
  eventOf<'log_activity'>(
    { kind: 'log_activity', action: 'stopped', log: 'System' },
    { product: 'system', code: '6006', record: at + 3, time: seconds(at) },
  )

test.each([
  [
    'started again without a boot',
    [booted(0), started(1), stopped(9000), started(9600)],
    ['medium: The event log service was started 1 time without the machine starting'],
  ],
  // look-alikes
  ['an ordinary restart', [booted(0), started(1), stopped(9000), booted(9060), started(9061)], []],
  ['switched off over night', [booted(0), started(1), stopped(9000), booted(50_000), started(50_002)], []],
  ['an export without the records of a boot', [started(1), started(9000)], []],
])('%s', async (_name, events, found) => {
  expect(saidIn(await foundBy(loggingRestarted, events))).toEqual(found)
})
