import { expect, test } from 'vitest'
import { accessEvents, ordinaryVisits } from '../../../test/access-lines.ts'
import { eventOf } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { silentHours } from './silent-hours.ts'

const DAY = 24 * 60
const steady = (days: number, silent: (minute: number) => boolean) =>
  accessEvents(ordinaryVisits(days * 1440, days * DAY).filter(({ at }) => !silent(at % (days * DAY))))
const between = (from: number, to: number) => (minute: number) => minute >= from * 60 && minute < to * 60

test.each([
  ['half a day is gone', steady(3, between(24, 36)), ['medium: access.log is silent for 12 hours']],
  // look-alikes
  ['written all the time', steady(3, () => false), []],
  ['every night', steady(3, minute => minute % DAY < 6 * 60), []],
  ['a lunch break', steady(3, between(30, 31)), []],
  ['the log ends', steady(3, between(40, 72)), []],
  ['too few lines to miss any', accessEvents(ordinaryVisits(60, DAY * 3)), []],
])('%s', async (_name, events, found) => {
  expect(saidIn(await foundBy(silentHours, events))).toEqual(found)
})

test('a machine that says it shuts down was switched off', async () => {
  const events = steady(3, between(24, 36))
  const last = events[24 * 60 - 1]
  const stopped = eventOf<'log_activity'>(
    { kind: 'log_activity', action: 'stopped', log: 'System' },
    { host: 'web01.example', time: (last?.time ?? 0) + 1_000_000, record: 900_000 },
  )
  expect(saidIn(await foundBy(silentHours, [...events, stopped]))).toEqual(['informational: access.log is silent for 12 hours'])
})
