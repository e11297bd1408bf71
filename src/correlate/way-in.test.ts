import { expect, test } from 'vitest'
import { draft, ItemBuilder } from '../../test/case-events.ts'
import { storeItems } from '../../test/contract/event-store.ts'
import type { FindingDraft } from '../model/index.ts'
import { correlate } from './index.ts'

const DAY = Date.parse('2024-05-13T00:00:00Z')
const iso = (minute: number) => new Date(DAY + minute * 60_000).toISOString()

interface Told {
  /** Does the VPN log of the firewall lie among the evidence? */
  readonly vpn?: boolean
  readonly loggedOn?: number
  readonly logonAccount?: string
  readonly logonType?: number
  readonly drafts?: readonly FindingDraft[]
}

/** d.santos comes in by VPN at 10:00 and by remote desktop to jump at 10:05, where at 10:13 something is done in his name. */
async function story({
  vpn = false,
  loggedOn = 605,
  logonAccount = 'SITE\\d.santos',
  logonType = 10,
  drafts = [],
}: Told): Promise<readonly string[]> {
  const firewall = new ItemBuilder('fw1/vpn.log')
  const weak = firewall.add(
    iso(600),
    { kind: 'tunnel_activity', action: 'up', user: 'd.santos', srcIp: '192.0.2.61', assignedIp: '10.9.200.10' },
    { host: 'fw1.example', product: 'openvpn' },
  )
  const events = new ItemBuilder('jump/security.evtx')
  events.add(
    iso(loggedOn),
    { kind: 'authentication', action: 'logon', outcome: 'success', user: logonAccount, srcIp: '10.9.200.10', logonType },
    { host: 'jump.example', product: 'security', code: '4624' },
  )
  events.add(
    iso(613),
    { kind: 'process_activity', action: 'start', image: 'C:\\x\\ntdsutil.exe', commandLine: 'ntdsutil', user: 'SITE\\d.santos' },
    { host: 'jump.example', product: 'security', code: '4688' },
  )
  events.hit('credentials/ntds-theft', 'Copy of the domain database', 'ntds.dit', { severity: 'high', techniques: ['T1003.003'] })
  const vpnLogin = draft('edge-device/vpn-new-network', 'd.santos logged in by VPN from 192.0.2.61, new for the account', {
    severity: 'low',
    techniques: ['T1133'],
    hosts: ['fw1.example'],
    accounts: ['d.santos'],
    addresses: ['10.9.200.10', '192.0.2.61'],
    time: iso(600),
    evidence: [weak],
  })
  const store = await storeItems(vpn ? [firewall.item(), events.item()] : [events.item()])
  try {
    const all = vpn ? [vpnLogin, ...drafts] : drafts
    const { incidents } = await correlate({ drafts: all, queries: store, assets: undefined, marks: [] })
    return incidents.flatMap(({ steps }) => steps.map(step => `${step.technique} ${step.from.name} -> ${step.to.name}`))
  } finally {
    store.close()
  }
}

test('the session somebody acted in tells how they had come to the machine', async () => {
  expect(await story({})).toEqual(['T1021.001 10.9.200.10 -> jump.example', 'T1003.003 jump.example -> jump.example'])
})

test('a weak sign at the gateway belongs to the story that goes on from its session', async () => {
  expect(await story({ vpn: true })).toEqual([
    'T1133 192.0.2.61 -> fw1.example',
    'T1021.001 fw1.example -> jump.example',
    'T1003.003 jump.example -> jump.example',
  ])
})

test.each<readonly [string, Told]>([
  ['of another account', { logonAccount: 'SITE\\b.admin' }],
  ['that began long before', { loggedOn: 300 }],
  ['that began afterwards', { loggedOn: 640 }],
  ['over the network, in which nobody works', { logonType: 3 }],
])('a log-on %s tells nothing of the kind', async (_name, told) => {
  expect(await story(told)).toEqual(['T1003.003 jump.example -> jump.example'])
})
