import { expect, test } from 'vitest'
import { command } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { EventOf } from '../../model/index.ts'
import { discoveryBurst } from './discovery-burst.ts'

const at = (events: readonly EventOf<'process_activity'>[], seconds: number) =>
  events.map((event, index) => ({
    ...event,
    source: { ...event.source, record: index + 1 },
    identity: index + 1,
    time: (1_700_000_000_000_000 + index * seconds * 1_000_000) as typeof event.time,
  }))
const DOMAIN = [
  'whoami',
  'net group "Domain Admins" /dom',
  'nltest /dclist',
  'net localgroup administrators',
  'ipconfig /all',
].map(line => command(line))
const FAULT = ['whoami', 'ipconfig /all', 'netstat -ano', 'tasklist /svc', 'systeminfo', 'sc query', 'arp -a'].map(line =>
  command(line),
)

test.each([
  [
    'domain and machine',
    at(DOMAIN, 60),
    ['medium: example\\ann asked 5 kinds of questions within 15 minutes: ipconfig, net group, net localgroup, nltest, whoami'],
  ],
  [
    'across the border of two windows',
    at(DOMAIN, 150),
    ['medium: example\\ann asked 5 kinds of questions within 15 minutes: ipconfig, net group, net localgroup, nltest, whoami'],
  ],
  // look-alikes
  [
    'search for a fault',
    at(FAULT, 30),
    [
      'low: example\\ann asked 7 kinds of questions within 15 minutes: arp, ipconfig, netstat, sc query, systeminfo, tasklist, whoami',
    ],
  ],
  ['over a day', at(DOMAIN, 7200), []],
  [
    'one command often',
    at(
      Array.from({ length: 20 }, () => command('ipconfig')),
      10,
    ),
    [],
  ],
  [
    'the network collector of Windows',
    at(
      FAULT.map(event => ({ ...event, parentCommandLine: 'cscript.exe C:\\Windows\\system32\\gatherNetworkInfo.vbs' })),
      10,
    ),
    [],
  ],
  [
    'two persons',
    at(
      DOMAIN.map((event, index) => ({ ...event, user: `EXAMPLE\\p${index}` })),
      10,
    ),
    [],
  ],
])('%s', async (_name, events, found) => {
  expect(saidIn(await foundBy(discoveryBurst, events))).toEqual(found)
})
