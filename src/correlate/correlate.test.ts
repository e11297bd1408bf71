import { expect, test } from 'vitest'
import { at, draft, ItemBuilder } from '../../test/case-events.ts'
import { type StoredItem, storeItems } from '../../test/contract/event-store.ts'
import type { Correlation, FindingDraft, Mark } from '../model/index.ts'
import { correlate } from './index.ts'

async function correlated(
  items: readonly StoredItem[],
  drafts: readonly FindingDraft[] = [],
  marks: readonly Mark[] = [],
): Promise<Correlation> {
  const store = await storeItems(items)
  try {
    return await correlate({ drafts, queries: store, assets: undefined, marks })
  } finally {
    store.close()
  }
}

/** "technique FROM -> TO" of each step, inferred ones with a question mark. */
const path = (correlation: Correlation) =>
  correlation.incidents.map(incident =>
    incident.steps.map(step => `${step.technique} ${step.from.name} -> ${step.to.name}${step.how === 'inferred' ? ' ?' : ''}`),
  )

const WEB = { host: 'web01.example', product: 'sysmon', code: '1' }

/** A web shell is used from outside, its worker looks around, and a log-on leads to the domain controller, whose database is copied. */
function intrusion(): StoredItem[] {
  const access = new ItemBuilder('web01/access.log')
  for (let minute = 10; minute < 14; minute++) {
    access.add(
      `2024-03-02T10:${minute}:00Z`,
      { kind: 'http_activity', clientIp: '203.0.113.9', method: 'POST', path: '/up/a.aspx', query: '', status: 200 },
      { host: 'web01', product: 'iis', series: 'iis|web01|u_ex' },
    )
    access.hit('web-shell/used', 'Web shell /up/a.aspx used by 203.0.113.9', '/up/a.aspx', {
      severity: 'high',
      techniques: ['T1505.003'],
      addresses: ['203.0.113.9'],
    })
  }
  const events = new ItemBuilder('web01/sysmon.evtx')
  events.add(
    '2024-03-02T10:11:00.5Z',
    {
      kind: 'process_activity',
      action: 'start',
      image: 'C:\\Windows\\System32\\cmd.exe',
      pid: 40,
      processGuid: '{c}',
      parentImage: 'C:\\w\\w3wp.exe',
      parentGuid: '{w}',
      user: 'IIS APPPOOL\\site',
    },
    WEB,
  )
  events.hit('web-shell/worker-starts-shell', 'w3wp.exe started cmd.exe', 'w3wp.exe', {
    severity: 'critical',
    techniques: ['T1505.003', 'T1059.003'],
  })
  events.add(
    '2024-03-02T10:11:01Z',
    {
      kind: 'process_activity',
      action: 'start',
      image: 'C:\\Windows\\System32\\whoami.exe',
      pid: 41,
      processGuid: '{d}',
      parentImage: 'C:\\Windows\\System32\\cmd.exe',
      parentGuid: '{c}',
      user: 'IIS APPPOOL\\site',
    },
    WEB,
  )
  events.hit('discovery/tool', 'whoami.exe', 'whoami.exe', { severity: 'informational', techniques: ['T1033'] })
  events.add(
    '2024-03-02T10:20:00Z',
    {
      kind: 'process_activity',
      action: 'start',
      image: 'C:\\Windows\\System32\\whoami.exe',
      pid: 99,
      processGuid: '{x}',
      parentImage: 'C:\\Windows\\explorer.exe',
      parentGuid: '{e}',
      user: 'EXAMPLE\\ann',
    },
    WEB,
  )
  events.hit('discovery/tool', 'whoami.exe of an administrator', 'whoami-2', { severity: 'informational', techniques: ['T1033'] })
  for (let i = 0; i < 5; i++)
    events.add(
      `2024-03-02T10:3${i}:00Z`,
      {
        kind: 'network_activity',
        action: 'open',
        srcIp: '10.0.5.10',
        srcPort: 50_000 + i,
        dstIp: `10.0.9.${i}`,
        dstPort: 389,
        srcHost: 'web01',
      },
      { ...WEB, code: '3' },
    )
  const dc = new ItemBuilder('dc01/security.evtx')
  dc.add(
    '2024-03-02T11:00:00Z',
    { kind: 'authentication', action: 'logon', outcome: 'success', user: 'EXAMPLE\\adm', logonType: 10, srcIp: '10.0.5.10' },
    { host: 'dc01.example', product: 'security', code: '4624' },
  )
  dc.add(
    '2024-03-02T11:10:00Z',
    {
      kind: 'process_activity',
      action: 'start',
      image: 'C:\\Windows\\System32\\ntdsutil.exe',
      commandLine: 'ntdsutil ifm',
      pid: 7,
      user: 'EXAMPLE\\adm',
    },
    { host: 'dc01.example', product: 'security', code: '4688' },
  )
  dc.hit('credentials/ntds-theft', 'ntdsutil made a copy of ntds.dit', 'ntds.dit', {
    severity: 'critical',
    techniques: ['T1003.003'],
    accounts: ['EXAMPLE\\adm'],
  })
  return [access.item(), events.item(), dc.item()]
}

const STORY = [
  [
    'T1505.003 203.0.113.9 -> web01.example',
    'T1059.003 web01.example -> web01.example',
    'T1033 web01.example -> web01.example',
    'T1021.001 web01.example -> dc01.example',
    'T1003.003 dc01.example -> dc01.example',
  ],
]

test('three sources are one intrusion, in order, without the administrator', async () => {
  const result = await correlated(intrusion())
  expect(path(result)).toEqual(STORY)
  const [incident] = result.incidents
  expect(incident?.roles).toEqual({
    entry: ['web01.example'],
    pivots: ['web01.example'],
    controllers: [],
    sources: ['203.0.113.9'],
  })
  expect(incident?.trailEnds.map(end => end.at)).toEqual(['203.0.113.9'])
  expect(incident?.severity).toBe('critical')
})

test('order of items does not matter, and unrelated evidence changes nothing', async () => {
  const other = new ItemBuilder('elsewhere/security.evtx')
  // Same host name, same private address, years earlier.
  other.add(
    '2019-01-01T00:00:00Z',
    { kind: 'authentication', action: 'logon', outcome: 'success', user: 'OLD\\adm', logonType: 3, srcIp: '10.0.5.10' },
    { host: 'dc01.example', product: 'security' },
  )
  other.hit('lateral/remote-service', 'service installed from 10.0.5.10', 'svc', {
    severity: 'high',
    techniques: ['T1569.002'],
    addresses: ['10.0.5.10'],
  })
  const alone = await correlated(intrusion())
  expect(await correlated(intrusion().toReversed())).toEqual(alone)
  const together = await correlated([...intrusion(), other.item()])
  expect(together.incidents).toHaveLength(2)
  expect(together.incidents.find(incident => incident.id === alone.incidents[0]?.id)).toEqual(alone.incidents[0])
})

test.each<[string, FindingDraft[], number, number]>([
  ['one high finding', [draft('a/b', 'dump', { severity: 'high', hosts: ['h'], time: '2024-01-01T00:00:00Z' })], 1, 1],
  ['one medium finding', [draft('a/b', 'proxy', { hosts: ['h'], time: '2024-01-01T00:00:00Z' })], 1, 1],
  ['a low one alone is none', [draft('a/b', 'proxy', { severity: 'low', hosts: ['h'], time: '2024-01-01T00:00:00Z' })], 1, 0],
  [
    'two kinds of medium behaviour on one machine within two hours',
    [
      draft('a/b', 'proxy', { techniques: ['T1090.001'], hosts: ['h'], time: '2024-01-01T00:00:00Z' }),
      draft('a/c', 'task', { techniques: ['T1053.005'], hosts: ['h'], time: '2024-01-01T01:30:00Z' }),
    ],
    2,
    1,
  ],
  [
    'the same some hours apart, without a record in between',
    [
      draft('a/b', 'proxy', { techniques: ['T1090.001'], hosts: ['h'], time: '2024-01-01T00:00:00Z' }),
      draft('a/c', 'task', { techniques: ['T1053.005'], hosts: ['h'], time: '2024-01-01T05:00:00Z' }),
    ],
    2,
    2,
  ],
  [
    'the same a month and more apart',
    [
      draft('a/b', 'proxy', { techniques: ['T1090.001'], hosts: ['h'], time: '2024-01-01T00:00:00Z' }),
      draft('a/c', 'task', { techniques: ['T1053.005'], hosts: ['h'], time: '2024-03-01T05:00:00Z' }),
    ],
    2,
    2,
  ],
  [
    'a scan is never an incident',
    [
      draft('web/scanner', 'scan', {
        severity: 'high',
        techniques: ['T1595.002'],
        addresses: ['203.0.113.1'],
        time: '2024-01-01T00:00:00Z',
      }),
    ],
    1,
    0,
  ],
  [
    'what was only tried is no incident',
    [
      draft('a/guess', 'guess', {
        severity: 'high',
        techniques: ['T1110'],
        hosts: ['h'],
        succeeded: false,
        time: '2024-01-01T00:00:00Z',
      }),
    ],
    1,
    0,
  ],
  [
    'a private address years apart joins nothing',
    [
      draft('a/b', 'one', {
        techniques: ['T1071'],
        severity: 'high',
        hosts: ['h1'],
        addresses: ['10.0.0.5'],
        time: '2019-01-01T00:00:00Z',
      }),
      draft('a/c', 'two', {
        techniques: ['T1053'],
        severity: 'high',
        hosts: ['h2'],
        addresses: ['10.0.0.5'],
        time: '2024-01-01T00:00:00Z',
      }),
    ],
    2,
    2,
  ],
  [
    'a local account name joins no machines',
    [
      draft('a/b', 'one', { severity: 'high', hosts: ['h1'], accounts: ['Administrator'], time: '2024-01-01T00:00:00Z' }),
      draft('a/c', 'two', { severity: 'high', hosts: ['h2'], accounts: ['H2\\Administrator'], time: '2024-01-01T01:00:00Z' }),
    ],
    2,
    2,
  ],
])('%s', async (_name, drafts, findings, incidents) => {
  const result = await correlated([], drafts)
  expect([result.findings.length, result.incidents.length]).toEqual([findings, incidents])
})

test('an account joins two machines by inference, and says what would refute it', async () => {
  const result = await correlated(
    [],
    [
      draft('a/b', 'one', { severity: 'high', hosts: ['h1'], accounts: ['EXAMPLE\\ann'], time: '2024-01-01T00:00:00Z' }),
      draft('a/c', 'two', {
        severity: 'high',
        techniques: ['T1003.001'],
        hosts: ['h2'],
        accounts: ['ann@example'],
        time: '2024-01-01T01:00:00Z',
      }),
    ],
  )
  expect(path(result)).toEqual([['T1059 h1 -> h1', 'T1078 h1 -> h2 ?', 'T1003.001 h2 -> h2']])
  expect(result.incidents[0]?.steps[1]?.why).toBe(
    'Inferred: the same account (ann) within a day; no record shows the way between them. It would be refuted if the owner of the account confirms one of the two as their own work.',
  )
})

test('what a user’s rule alone saw is a finding of its level, but no incident', async () => {
  const events = new ItemBuilder('a.evtx')
  events.add('2024-01-01T00:00:00Z', { kind: 'process_activity', action: 'start', image: 'x.exe' }, WEB)
  events.hit('rule-1', 'Suspicious thing', 'x.exe', { severity: 'critical', source: 'sigma' })
  const result = await correlated([events.item()])
  expect(result.findings.map(finding => [finding.severity, finding.title])).toEqual([['critical', 'Suspicious thing']])
  expect(result.incidents).toEqual([])
})

test('a marked finding stays, at the lowest level, and only for the time the mark holds', async () => {
  const dump = (time: string) => draft('a/b', 'dump', { severity: 'high', hosts: ['h'], accounts: ['EXAMPLE\\ann'], time })
  const marks: Mark[] = [{ kind: 'account', target: 'ann', reason: 'exercise of January', until: at('2024-02-01T00:00:00Z') }]
  const result = await correlated([], [dump('2024-01-10T00:00:00Z'), dump('2024-05-01T00:00:00Z')], marks)
  expect(result.findings.map(finding => [finding.severity, finding.benignExplanation])).toEqual([
    ['high', 'an administrator'],
    ['informational', 'Marked as ours (until 2024-02-01T00:00:00.000000Z): exercise of January'],
  ])
  expect(result.incidents).toHaveLength(1)
})

test('a stay through a VPN joins the log-in from outside with what was done inside', async () => {
  const firewall = new ItemBuilder('fw/fortigate.log')
  const facts = { host: 'fw01', product: 'fortigate', code: '0101039424' }
  firewall.add(
    '2024-01-01T20:00:00Z',
    { kind: 'tunnel_activity', action: 'up', user: 'kim', srcIp: '198.51.100.7', assignedIp: '10.9.0.5', tunnelId: '7' },
    facts,
  )
  firewall.add(
    '2024-01-01T23:00:00Z',
    { kind: 'tunnel_activity', action: 'down', user: 'kim', srcIp: '198.51.100.7', assignedIp: '10.9.0.5', tunnelId: '7' },
    facts,
  )
  const dc = new ItemBuilder('dc/security.evtx')
  dc.add(
    '2024-01-01T21:00:00Z',
    { kind: 'authentication', action: 'logon', outcome: 'success', user: 'EXAMPLE\\adm', logonType: 10, srcIp: '10.9.0.5' },
    { host: 'dc01.example', product: 'security', code: '4624' },
  )
  dc.add(
    '2024-01-01T21:10:00Z',
    { kind: 'process_activity', action: 'start', user: 'EXAMPLE\\adm' },
    { host: 'dc01.example', product: 'security', code: '4688' },
  )
  dc.hit('credentials/ntds-theft', 'ntds.dit copied', 'ntds.dit', {
    severity: 'critical',
    techniques: ['T1003.003'],
    accounts: ['EXAMPLE\\adm'],
  })
  const login = draft('edge-device/vpn-new-network', 'kim logged in from a new network', {
    techniques: ['T1133', 'T1078'],
    hosts: ['fw01'],
    accounts: ['kim'],
    addresses: ['198.51.100.7'],
    time: '2024-01-01T20:00:00Z',
  })
  expect(path(await correlated([firewall.item(), dc.item()], [login]))).toEqual([
    ['T1133 198.51.100.7 -> fw01', 'T1021.001 fw01 -> dc01.example', 'T1003.003 dc01.example -> dc01.example'],
  ])
})

test('work on another machine is drawn from where its log-on came, and low findings there belong to it', async () => {
  const events = new ItemBuilder('forwarded.evtx')
  const pc5 = { host: 'pc5.example', product: 'sysmon', code: '3' }
  const pc6 = { host: 'pc6.example', product: 'security', code: '4624' }
  for (let i = 0; i < 4; i++)
    events.add(
      `2024-01-01T10:00:0${i}Z`,
      {
        kind: 'network_activity',
        action: 'open',
        image: 'C:\\x.exe',
        pid: 9,
        user: 'EXAMPLE\\ann',
        srcIp: '10.0.0.5',
        srcPort: 60_000 + i,
        dstIp: '10.0.0.6',
        dstPort: 5985,
        srcHost: 'pc5',
        dstHost: 'pc6',
      },
      pc5,
    )
  events.hit('lateral/winrm', 'x.exe connected to WinRM at 10.0.0.6', 'winrm 10.0.0.6', {
    severity: 'high',
    techniques: ['T1021.006'],
    addresses: ['10.0.0.6'],
  })
  events.add(
    '2024-01-01T10:00:05Z',
    {
      kind: 'network_activity',
      action: 'open',
      srcIp: '10.0.0.6',
      srcPort: 1025,
      dstIp: '10.0.0.1',
      dstPort: 53,
      srcHost: 'pc6',
    },
    { ...pc6, product: 'sysmon', code: '3' },
  )
  events.add(
    '2024-01-01T10:00:06Z',
    { kind: 'authentication', action: 'logon', outcome: 'success', user: 'EXAMPLE\\ann', logonType: 3, srcIp: '10.0.0.5' },
    pc6,
  )
  events.add(
    '2024-01-01T10:00:07Z',
    { kind: 'process_activity', action: 'start', image: 'C:\\wsmprovhost.exe', pid: 4, user: 'EXAMPLE\\ann' },
    pc6,
  )
  events.hit('lateral/winrm', 'remote session began', 'winrm session', {
    severity: 'low',
    techniques: ['T1021.006'],
    accounts: ['EXAMPLE\\ann'],
  })
  const result = await correlated([events.item()])
  expect(path(result)).toEqual([['T1021.006 pc5.example -> pc6.example']])
  expect(result.incidents[0]?.steps[0]?.findings).toHaveLength(2)
  expect(result.findings[0]?.hosts).toEqual(['pc5.example', 'pc6.example'])
})

test.each([
  ['both directions', 10, 20, ''],
  ['an answer without data', 900, 0, ''],
  ['only what came in', 0, 204_018, 'neither proven nor ruled out'],
  ['only what went out', 204_018, 0, 'what came back over it cannot be told'],
])('a sensor that saw %s', async (_name, bytesOut, bytesIn, unseen) => {
  const step = await seenBySensor({ bytesOut, bytesIn })
  expect(step?.unseen ?? '').toContain(unseen)
  expect(step?.unseen === undefined).toBe(unseen === '')
})

test('a sensor that saw the same connection stands beside the machine’s own record', async () => {
  const step = await seenBySensor({ bytesOut: 10, bytesIn: 20 })
  expect(step?.why).toBe(
    'it matters The network log has the same connection lasting up to 257 s, with 10 bytes out and 20 bytes back.',
  )
  expect(step?.evidence).toHaveLength(2)
})

/** The step of a program whose connections a sensor with a clock one hour off saw as well. */
async function seenBySensor(bytes: { readonly bytesOut: number; readonly bytesIn: number }) {
  const host = new ItemBuilder('case/host.evtx')
  const wire = new ItemBuilder('case/conn.log')
  for (let i = 0; i < 4; i++) {
    const ends = { srcIp: '10.0.0.5', srcPort: 50_000 + i, dstIp: '203.0.113.7', dstPort: 4433, protocol: 'tcp' }
    host.add(
      `2024-01-01T10:0${i}:00Z`,
      { kind: 'network_activity', action: 'open', image: 'C:\\Temp\\a.exe', ...ends },
      { host: 'pc5.example', product: 'sysmon', code: '3' },
    )
    wire.add(
      `2024-01-01T09:0${i}:00Z`,
      { kind: 'network_activity', action: 'flow', duration: 257_000_000, ...bytes, ...ends },
      { product: 'zeek', code: 'conn' },
    )
  }
  host.hit('network/temporary-program', 'a.exe connected to 203.0.113.7:4433', 'a.exe', {
    severity: 'high',
    techniques: ['T1071'],
    addresses: ['203.0.113.7'],
  })
  const result = await correlated([host.item(), wire.item()])
  const [step] = result.incidents[0]?.steps ?? []
  expect(result.clocks.map(clock => clock.offset)).toEqual([0, -3600])
  return step
}
