import { describe, expect, test } from 'vitest'
import { at, flow, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { lateralPath } from './lateral-path.ts'

const DAY = 86_400
const session = (begun: number, from: string, to: string, port: number, seconds: number) =>
  flow(begun, from, to, port, { duration: seconds * 1e6, bytesOut: 30_000, bytesIn: 400_000 })
const [a, b, c] = ['10.0.0.5', '10.0.0.9', '10.0.0.20']

test.each([
  [
    'remote desktop, and from there a share',
    [session(100, a, b, 3389, 900), session(300, b, c, 445, 60)],
    ['low: While 10.0.0.5 worked on 10.0.0.9 by RDP, 10.0.0.9 worked on 10.0.0.20 by SMB'],
  ],
  ['after the first session', [session(100, a, b, 3389, 100), session(300, b, c, 445, 60)], []],
  [
    'the same way on three days',
    times(3, day => [session(day * DAY + 100, a, b, 3389, 900), session(day * DAY + 300, b, c, 445, 60)]).flat(),
    [],
  ],
  ['a jump host', [session(100, a, b, 22, 900), ...times(6, i => session(300 + i, b, `10.0.0.${20 + i}`, 22, 60))], []],
  [
    'a file server that many use',
    [session(100, a, b, 3389, 900), session(300, b, c, 445, 60), ...times(6, i => session(50, `10.0.1.${i}`, c, 445, 900))],
    [],
  ],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(lateralPath, events))).toEqual(expected)
})

describe('joined with the log-ons of the machines', () => {
  const flows = [session(100, a, b, 3389, 900), session(300, b, c, 445, 60)]
  const logon = (second: number, host: string, from: string, user: string, logonType: number) =>
    at(
      'authentication',
      second,
      { action: 'logon', outcome: 'success', user, srcIp: from, logonType },
      { host, product: 'security' },
    ) as SecurityEvent
  const gradeOf = async (events: readonly SecurityEvent[]) =>
    (await foundBy(lateralPath, events)).map(({ title, severity, confidence, hops }) => [
      title.replace(/^.* by \w+/, ''),
      severity,
      confidence,
      hops?.[0]?.grade,
    ])

  test.each<[string, readonly SecurityEvent[], readonly unknown[]]>([
    [
      '4624 type 10, then type 3, one account',
      [logon(130, 'b', a, 'EX\\nora', 10), logon(301, 'c', b, 'nora', 3)],
      [' (nora)', 'medium', 'moderate', 'matched'],
    ],
    [
      '1149 of remote desktop, then a share (5140)',
      [
        at(
          'rdp_activity',
          101,
          { action: 'connect', user: 'EX\\nora', srcIp: a, result: 'authenticated' },
          { host: 'b' },
        ) as SecurityEvent,
        at('smb_activity', 301, { action: 'share', user: 'EX\\nora', srcIp: b, share: 'C$' }, { host: 'c' }) as SecurityEvent,
      ],
      [' (nora)', 'medium', 'moderate', 'matched'],
    ],
    [
      'other credentials, named by the one who came (4648)',
      [
        logon(130, 'b', a, 'EX\\nora', 10),
        at(
          'authentication',
          290,
          { action: 'explicit', user: 'EX\\admin', subjectUser: 'EX\\nora', target: 'c' },
          { host: 'b' },
        ) as SecurityEvent,
        logon(301, 'c', b, 'EX\\admin', 3),
      ],
      [' (nora, from there on as admin)', 'medium', 'moderate', 'matched'],
    ],
    [
      'two accounts, nothing between them',
      [logon(130, 'b', a, 'nora', 10), logon(301, 'c', b, 'backup', 3)],
      ['', 'low', 'low', 'consistent'],
    ],
    [
      'the log-on of another hour',
      [logon(9_130, 'b', a, 'nora', 10), logon(301, 'c', b, 'nora', 3)],
      ['', 'low', 'low', 'consistent'],
    ],
    [
      'a log-on of the other kind',
      [logon(130, 'b', a, 'nora', 2), logon(301, 'c', b, 'nora', 3)],
      ['', 'low', 'low', 'consistent'],
    ],
    ['computer accounts', [logon(130, 'b', a, 'PC1$', 3), logon(301, 'c', b, 'PC1$', 3)], ['', 'low', 'low', 'consistent']],
    [
      'the same account came to several machines at that time: which one was it?',
      [logon(130, 'b', a, 'nora', 10), logon(131, 'd', a, 'nora', 3), logon(301, 'c', b, 'nora', 3)],
      ['', 'low', 'low', 'consistent'],
    ],
  ])('%s', async (_name, events, expected) => {
    expect(await gradeOf([...flows, ...events])).toEqual([expected])
  })

  test('by SSH on both ways', async () => {
    const ssh = (second: number, host: string, from: string) =>
      at(
        'authentication',
        second,
        { action: 'logon', outcome: 'success', user: 'ora', srcIp: from, protocol: 'publickey', process: 'sshd' },
        { host },
      ) as SecurityEvent
    const events = [session(100, a, b, 22, 900), session(300, b, c, 22, 60), ssh(101, 'b', a), ssh(301, 'c', b)]
    expect(await gradeOf(events)).toEqual([[' (ora)', 'medium', 'moderate', 'matched']])
  })
})

test('the hop it shows is no more than consistent', async () => {
  const [found] = await foundBy(lateralPath, [session(100, a, b, 3389, 900), session(300, b, c, 445, 60)])
  expect(found?.hops).toMatchObject([{ from: a, via: b, to: c, grade: 'consistent' }])
})
