import { expect, test } from 'vitest'
import { draft } from '../../test/case-events.ts'
import { MICROS_PER_HOUR } from '../model/index.ts'
import type { CaseFinding } from './case-finding.ts'
import { Presence, shiftedHour } from './presence.ts'

const HOUR0 = 400_000

/** A finding on machine h, so many hours after the first. */
function finding(hours: number, machine = 'h'): CaseFinding {
  const at = (HOUR0 + hours + 0.5) * MICROS_PER_HOUR
  const { witness, ...rest } = draft('a/b', 'o', { time: '2024-01-01T00:00:00Z' })
  return {
    finding: { ...rest, id: String(hours) as CaseFinding['finding']['id'], witnesses: [witness], succeeded: true },
    machines: [machine],
    hosts: [machine],
    peers: [],
    accounts: [],
    from: at,
    to: at,
    ownSeverity: 'high',
    offset: 0,
    outward: undefined,
    onlyNamed: false,
  }
}

const recorded = (...hours: readonly number[]) =>
  new Presence(new Map(), new Map([['h', new Set(hours.map(hour => HOUR0 + hour))]]))

test.each([
  ['one sitting needs no records in between', recorded(), 0, 2, true],
  ['hours apart, nothing in between', recorded(0, 8), 0, 8, false],
  ['hours apart, every other hour recorded', recorded(0, 2, 4, 6, 8), 0, 8, false],
  ['hours apart, half of the hours recorded', recorded(0, 2, 4, 6, 7, 8), 0, 8, true],
  ['more than a day apart is another visit', recorded(...Array(40).keys()), 0, 30, false],
])('%s', (_name, presence, one, other, same) => {
  expect(presence.sameVisit(finding(one), finding(other))).toBe(same)
  expect(presence.sameVisit(finding(other), finding(one))).toBe(same)
})

test('records of another machine do not count', () => {
  expect(recorded(1, 2, 3, 4, 5, 6, 7).sameVisit(finding(0, 'x'), finding(8, 'x'))).toBe(false)
})

test.each([
  [14_399.99, 34],
  [14_400, 34],
  [-10_800.01, 27],
  [0, 30],
  [3_000, 31],
])('hour 30 with an offset of %s s is hour %s', (seconds, hour) => {
  expect(shiftedHour(30, seconds * 1_000_000)).toBe(hour)
})
