import { describe, expect, test } from 'vitest'
import { type HopGrade, micros, type RelayHop, type Step, type StepEnd } from '../model/index.ts'
import { gradedSteps, hopChains, relayLike } from './hop-chains.ts'

const outside = (address: string): StepEnd => ({ entity: 'outside-address', name: address, addresses: [address] })
const host = (name: string, address: string): StepEnd => ({ entity: 'host', name, addresses: [address] })
const intruder = outside('198.51.100.7')
const first = host('gate', '10.0.0.1')
const second = host('middle', '10.0.0.2')
const third = host('inner', '10.0.0.3')

let order = 0
const step = (from: StepEnd, to: StepEnd, minute: number, account = ''): Step => ({
  order: ++order,
  time: micros(minute * 60e6),
  orderedTime: micros(minute * 60e6),
  technique: 'T1021',
  title: `${from.name} to ${to.name}`,
  from,
  to,
  account,
  how: 'observed',
  why: '',
  findings: [],
  evidence: [],
  evidenceTotal: 0,
})
const passed = (from: string, via: string, to: string, grade: HopGrade): RelayHop => ({
  from,
  via,
  viaPort: 8443,
  to,
  toPort: 8443,
  grade,
  basis: `by a record of ${via}`,
  count: 1,
  firstTime: undefined,
  lastTime: undefined,
})
const told = (steps: readonly Step[], hops: readonly RelayHop[] = []) =>
  hopChains(gradedSteps(steps, hops)).map(({ path, grade }) => `${path.join(' > ')}: ${grade}`)

describe('chains of hops', () => {
  test.each([
    [
      'a chain is as good as its weakest hop',
      [passed('198.51.100.7', '10.0.0.1', '10.0.0.2', 'proven'), passed('10.0.0.1', '10.0.0.2', '10.0.0.3', 'matched')],
      ['198.51.100.7 > gate > middle > inner: matched'],
    ],
    [
      'possible at one machine, possible at all',
      [passed('198.51.100.7', '10.0.0.1', '10.0.0.2', 'consistent'), passed('10.0.0.1', '10.0.0.2', '10.0.0.3', 'proven')],
      ['198.51.100.7 > gate > middle > inner: consistent'],
    ],
  ])('%s', (_name, hops, expected) => {
    expect(told([step(intruder, first, 1), step(first, second, 2), step(second, third, 3)], hops)).toEqual(expected)
  })

  test('an account that goes on is matched, another one only follows in time', () => {
    expect(told([step(intruder, first, 1, 'ann'), step(first, second, 2, 'DOM\\ann'), step(second, third, 3, 'bob')])).toEqual([
      '198.51.100.7 > gate > middle > inner: consistent',
    ])
    expect(told([step(intruder, first, 1, 'ann'), step(first, second, 2, 'DOM\\ann')])).toEqual([
      '198.51.100.7 > gate > middle: matched',
    ])
  })

  test('whose session it was is written down: who else came to the gateway did not go on by it', () => {
    const administrator = outside('203.0.113.9')
    const onward: Step = {
      ...step(first, second, 3, 'ann'),
      hop: { grade: 'proven', why: 'by the VPN log of gate', cameFrom: '198.51.100.7' },
    }
    expect(told([step(administrator, first, 1), step(intruder, first, 2, 'ann'), onward])).toEqual([
      '198.51.100.7 > gate > middle: proven',
    ])
    expect(told([step(administrator, first, 1), onward])).toEqual([])
  })

  test('a machine that no step leaves ends the way: nothing is carried over the unseen', () => {
    // The relay in the middle was not recorded: its neighbours are, with days between them.
    expect(told([step(intruder, first, 1), step(first, second, 2), step(third, host('server', '10.0.0.9'), 3)])).toEqual([
      '198.51.100.7 > gate > middle: consistent',
    ])
    expect(told([step(intruder, first, 1), step(first, second, 60 * 48)])).toEqual([])
  })

  test('nobody goes on before having come, and circles end', () => {
    expect(told([step(first, second, 1), step(intruder, first, 2)])).toEqual([])
    expect(told([step(intruder, first, 1), step(first, second, 2), step(second, first, 3)])).toEqual([
      '198.51.100.7 > gate > middle: consistent',
    ])
  })
})

test('an outside address that is client and server at once behaves like a relay, one that is only client does not', () => {
  expect([...relayLike([step(intruder, first, 1), step(second, intruder, 2), step(outside('203.0.113.9'), first, 3)])]).toEqual([
    '198.51.100.7',
  ])
})
