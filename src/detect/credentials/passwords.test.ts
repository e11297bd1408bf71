import { describe, expect, test } from 'vitest'
import { logOns, type Tries } from '../../../test/log-ons.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { bruteForce } from './brute-force.ts'
import { passwordNoise } from './password-noise.ts'
import { passwordSpray } from './password-spray.ts'

const INTRUDER = '203.0.113.9'
const names = (count: number) => Array.from({ length: count }, (_, index) => `user${index}`)

describe('one account', () => {
  test.each<[string, readonly Tries[], readonly string[]]>([
    [
      'until one fits',
      [
        { at: 0, from: INTRUDER, user: 'ann', tries: 40 },
        { at: 90, from: INTRUDER, user: 'ann', ok: true },
      ],
      [`high: ${INTRUDER} guessed the password of ann: accepted after 40 refusals`],
    ],
    [
      'a dozen',
      [
        { at: 0, from: INTRUDER, user: 'ann', tries: 12 },
        { at: 90, from: INTRUDER, user: 'ann', ok: true },
      ],
      [`medium: ${INTRUDER} guessed the password of ann: accepted after 12 refusals`],
    ],
    [
      'after a lock-out was waited for',
      [
        { at: 0, from: INTRUDER, user: 'ann', tries: 40 },
        { at: 1_900, from: INTRUDER, user: 'ann', ok: true },
      ],
      [`medium: ${INTRUDER} got to know the password of ann: accepted 30 minutes after 40 refusals`],
    ],
    [
      'inside, in vain',
      [{ at: 0, from: '10.0.0.8', user: 'ann', tries: 50 }],
      ['low: 10.0.0.8 tried 50 passwords for ann in vain'],
    ],
    // look-alikes
    [
      'forgotten password',
      [
        { at: 0, from: '10.0.0.8', user: 'ann', tries: 4 },
        { at: 20, from: '10.0.0.8', user: 'ann', ok: true },
      ],
      [],
    ],
    [
      'a lock-out of somebody who had come from there before',
      [
        { at: 0, from: INTRUDER, user: 'ann', ok: true },
        { at: 10_000, from: INTRUDER, user: 'ann', tries: 40 },
        { at: 11_900, from: INTRUDER, user: 'ann', ok: true },
      ],
      [],
    ],
    [
      'the success comes hours later',
      [
        { at: 0, from: INTRUDER, user: 'ann', tries: 40 },
        { at: 20_000, from: INTRUDER, user: 'ann', ok: true },
      ],
      [],
    ],
    [
      'another account of the same address',
      [
        { at: 0, from: INTRUDER, user: 'ann', tries: 40 },
        { at: 90, from: INTRUDER, user: 'bob', ok: true },
      ],
      [],
    ],
    ['computer accounts', [{ at: 0, from: '10.0.0.8', user: 'EXAMPLE\\PC01$', tries: 40 }], []],
  ])('%s', async (_name, groups, found) => {
    expect(saidIn(await foundBy(bruteForce, logOns(groups)))).toEqual(found)
  })

  test('evidence is the refusals and what followed; an owner is taken into account', async () => {
    const [draft] = await foundBy(
      bruteForce,
      logOns([
        { at: -9000, from: INTRUDER, user: 'ann', ok: true },
        { at: 0, from: INTRUDER, user: 'ann', tries: 10 },
        { at: 60, from: INTRUDER, user: 'ann', ok: true },
      ]),
    )
    expect([draft?.evidence.map(({ record }) => record), draft?.confidence, draft?.succeeded, draft?.techniques]).toEqual([
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      'low',
      true,
      ['T1110.001', 'T1078'],
    ])
  })
})

describe('many accounts', () => {
  test.each<[string, readonly Tries[], readonly string[]]>([
    [
      'inside',
      names(8).map((user, at) => ({ at, from: '10.0.0.8', user })),
      ['medium: 10.0.0.8 was refused for 8 accounts within minutes'],
    ],
    [
      'one fits',
      [...names(8).map((user, at) => ({ at, from: '10.0.0.8', user })), { at: 9, from: '10.0.0.8', user: 'weak', ok: true }],
      ['high: 10.0.0.8 was refused for 8 accounts within minutes, and accepted for weak'],
    ],
    [
      'from the internet in vain',
      names(8).map((user, at) => ({ at, from: INTRUDER, user })),
      [`low: ${INTRUDER} was refused for 8 accounts within minutes`],
    ],
    // look-alikes
    [
      'a terminal server in the morning',
      names(30).map((user, index) => ({ at: index * 5, from: '10.0.0.8', user, ok: index % 6 !== 0 })),
      [],
    ],
    ['over a whole day', names(8).map((user, index) => ({ at: index * 3600, from: '10.0.0.8', user })), []],
    ['many tries for few', names(3).map((user, at) => ({ at, from: '10.0.0.8', user, tries: 20 })), []],
  ])('%s', async (_name, groups, found) => {
    expect(saidIn(await foundBy(passwordSpray, logOns(groups)))).toEqual(found)
  })
})

test.each<[string, readonly Tries[], readonly string[]]>([
  [
    'a crowd is one finding',
    names(20).map((user, at) => ({ at: at * 400, from: `198.51.100.${at}`, user })),
    ['low: 20 outside addresses tried 20 passwords for 20 account names in vain'],
  ],
  [
    'who got in is no noise',
    [
      { at: 0, from: INTRUDER, user: 'ann', tries: 40 },
      { at: 90, from: INTRUDER, user: 'ann', ok: true },
    ],
    [],
  ],
  ['inside addresses are no noise', [{ at: 0, from: '10.0.0.8', user: 'ann', tries: 40 }], []],
])('noise: %s', async (_name, groups, found) => {
  expect(saidIn(await foundBy(passwordNoise, logOns(groups)))).toEqual(found)
})
