import { expect, test } from 'vitest'
import type { Incident, IncidentId, Micros, Sight, Step, StepEnd } from '../model/index.ts'
import { isoFromMicros, MICROS_PER_HOUR, microsFromIso } from '../model/index.ts'
import { unseenSides } from './unseen-sides.ts'

const at = (clock: string): Micros => {
  const time = microsFromIso(`2024-05-01T${clock}:00Z`)
  if (time === undefined) throw new Error(clock)
  return time
}
const end = (name: string, entity: StepEnd['entity'] = 'host'): StepEnd => ({ entity, name, addresses: [] })

function step(order: number, clock: string, from: StepEnd, to: StepEnd, technique = 'T1021.001'): Step {
  const time = at(clock)
  return {
    order,
    time,
    orderedTime: time,
    technique,
    title: '',
    from,
    to,
    account: '',
    how: 'observed',
    why: '',
    findings: [],
    evidence: [],
    evidenceTotal: 0,
  }
}

const OUTSIDE = end('203.0.113.9', 'outside-address')
/** 10:00 in from outside, 11:00 on to the second machine, 12:00 something done there, until 14:00. */
const STEPS = [
  step(1, '10:00', OUTSIDE, end('web01.example'), 'T1505.003'),
  step(2, '11:00', end('web01.example'), end('dc01.example')),
  step(3, '12:00', end('dc01.example'), end('dc01.example'), 'T1003.003'),
]

function incident(steps: readonly Step[], addresses: Readonly<Record<string, readonly string[]>> = {}): Incident {
  const names = [...new Map(steps.flatMap(one => [one.from, one.to]).map(one => [one.name, one.entity])).entries()]
  return {
    id: 'incident' as IncidentId,
    title: '',
    summary: '',
    severity: 'high',
    confidence: 'high',
    findings: [],
    entities: names.map(([name, entity]) => ({
      id: name,
      entity,
      name,
      aliases: [],
      addresses: addresses[name] ?? [],
      firstTime: at('10:00'),
      lastTime: at('14:00'),
    })),
    steps,
    trailEnds: [],
    chains: [],
    roles: { entry: [], pivots: [], controllers: [], sources: [] },
    firstTime: at('10:00'),
    lastTime: at('14:00'),
  }
}

const HOUR = MICROS_PER_HOUR
const log = (
  machine: string,
  source: string,
  kinds: Sight['kinds'],
  [first, last]: readonly [string, string] = ['00:00', '23:00'],
  more: Partial<Sight> = {},
): Sight => ({
  machine,
  source,
  own: true,
  kinds,
  firstTime: at(first),
  lastTime: at(last),
  usualSilence: HOUR / 2,
  emptied: false,
  ...more,
})
const sensor = (address: string) => log(address, 'zeek', ['connections'], ['00:00', '23:00'], { own: false })
const wholeWeb = [log('web01', 'iis', ['web requests']), log('web01.example', 'sysmon', ['processes', 'connections'])]
const wholeDc = [log('dc01.example', 'security', ['log-ons', 'processes']), sensor('10.0.0.5')]
const addresses = { 'dc01.example': ['10.0.0.5'] }

const told = (steps: readonly Step[], sights: readonly Sight[]) =>
  unseenSides(incident(steps, addresses), sights).map(
    spot => `${spot.where}: ${spot.what} ${spot.from.slice(11, 16)}-${spot.to.slice(11, 16)}`,
  )

test.each<[string, readonly Sight[], readonly string[]]>([
  ['everything was written all the time', [...wholeWeb, log('web01.example', 'security', ['log-ons']), ...wholeDc], []],
  ['one machine has no log-ons at all', [...wholeWeb, ...wholeDc], ['web01.example: No record of log-ons 10:00-14:00']],
  [
    'its log begins in the middle',
    [...wholeWeb, log('web01.example', 'security', ['log-ons'], ['11:30', '23:00']), ...wholeDc],
    ['web01.example: No record of log-ons in part of the incident 10:00-11:30'],
  ],
  [
    'its log ends in the middle',
    [...wholeWeb, log('web01.example', 'security', ['log-ons'], ['00:00', '11:30']), ...wholeDc],
    ['web01.example: No record of log-ons in part of the incident 11:30-14:00'],
  ],
  [
    'a quiet machine: so long a silence is usual for its log',
    [...wholeWeb, log('web01.example', 'security', ['log-ons'], ['11:30', '11:40'], { usualSilence: 9 * HOUR }), ...wholeDc],
    [],
  ],
  [
    'a quiet machine too, but the log was emptied',
    [
      ...wholeWeb,
      log('web01.example', 'security', ['log-ons'], ['11:30', '11:40'], { usualSilence: 9 * HOUR, emptied: true }),
      ...wholeDc,
    ],
    ['web01.example: No record of log-ons in part of the incident 10:00-11:30'],
  ],
  [
    'two logs with a hole between them',
    [
      ...wholeWeb,
      log('web01.example', 'security', ['log-ons'], ['00:00', '10:30']),
      log('web01.example', 'terminal-services', ['log-ons'], ['12:30', '23:00']),
      ...wholeDc,
    ],
    ['web01.example: No record of log-ons in part of the incident 10:30-12:30'],
  ],
  [
    'no sensor saw the second machine',
    [...wholeWeb, log('web01.example', 'security', ['log-ons']), ...wholeDc.slice(0, 1), sensor('10.0.0.77')],
    ['dc01.example: No record of connections 10:00-14:00'],
  ],
  [
    'a machine without any log of its own is told of elsewhere',
    [...wholeWeb, log('web01.example', 'security', ['log-ons']), sensor('10.0.0.5')],
    [],
  ],
])('%s', (_name, sights, expected) => expect(told(STEPS, sights)).toEqual(expected))

test('says on which side of which step, and which record would continue the trail', () => {
  const [web, dc] = unseenSides(incident(STEPS, addresses), [log('web01', 'iis', ['web requests']), log('dc01', 'security', [])])
  expect(web?.consequence).toBe(
    'Unseen is who logged on, as whom and from where, which programs were started and what it connected to and what connected to it. In this time it is the far side of step 1 (203.0.113.9 to web01.example) and the near side of step 2 (web01.example to dc01.example).',
  )
  expect(dc?.consequence).toMatch(/In this time it is the far side of step 2 .* and where step 3 took place\.$/)
  expect(dc?.howToClose).toMatch(/^The Security event log of that time .* names account and source\. .*Prefetch.* Flow records/)
})

test('a device is asked for its sessions and connections, not for programs', () => {
  const steps = [step(1, '10:00', OUTSIDE, end('fw01', 'edge-device'), 'T1133')]
  expect(told(steps, [log('fw01', 'fortigate', [])])).toEqual(['fw01: No record of log-ons or connections 10:00-14:00'])
  expect(told(steps, [log('fw01', 'fortigate', ['log-ons', 'connections'])])).toEqual([])
})

test('a time without a known step says so', () => {
  const [spot] = unseenSides(incident(STEPS, addresses), [
    ...wholeDc,
    ...wholeWeb,
    log('web01.example', 'security', ['log-ons'], ['00:00', '13:00']),
  ])
  expect([spot?.from, spot?.to]).toEqual([isoFromMicros(at('13:00')), isoFromMicros(at('14:00'))])
  expect(spot?.consequence).toMatch(/No step that is known of it falls into this time; an unknown one could\.$/)
})
