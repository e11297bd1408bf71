import { expect, test } from 'vitest'
import { ItemBuilder } from '../../test/case-events.ts'
import { storeItems } from '../../test/contract/event-store.ts'
import { type Correlation, type Entity, type Incident, type IncidentId, MICROS_PER_HOUR, type Sight } from '../model/index.ts'
import { sightOf } from './sight.ts'

const entity = (name: string, addresses: readonly string[]): Entity => ({
  id: name,
  entity: 'host',
  name,
  aliases: [],
  addresses,
  firstTime: undefined,
  lastTime: undefined,
})

const correlation = (...entities: readonly Entity[]): Correlation => ({
  findings: [],
  clocks: [],
  cuts: [],
  incidents: [
    {
      id: 'incident' as IncidentId,
      title: '',
      summary: '',
      severity: 'high',
      confidence: 'high',
      findings: [],
      entities,
      steps: [],
      trailEnds: [],
      chains: [],
      roles: { entry: [], pivots: [], controllers: [], sources: [] },
      firstTime: undefined,
      lastTime: undefined,
    } satisfies Incident,
  ],
})

async function sights(item: ItemBuilder, ...entities: readonly Entity[]): Promise<readonly Sight[]> {
  const store = await storeItems([item.item()])
  try {
    return await sightOf(store, correlation(...entities))
  } finally {
    store.close()
  }
}

const clock = (minutes: number) => new Date(Date.UTC(2024, 4, 1) + minutes * 60_000).toISOString()
const web = entity('web01.example', ['10.0.0.5'])
const short = (list: readonly Sight[]) => list.map(({ machine, source, own, kinds }) => ({ machine, source, own, kinds }))

test('own logs by what they recorded, and sensors that saw an address of the machine', async () => {
  const item = new ItemBuilder('mixed')
  for (let minute = 0; minute < 600; minute += 20) {
    item.add(clock(minute), { kind: 'http_activity', path: '/' }, { host: 'web01', product: 'iis' })
    item.add(clock(minute), { kind: 'process_activity', action: 'start' }, { host: 'web01.example', product: 'sudo' })
    item.add(clock(minute), { kind: 'other_activity' }, { host: 'web01.example', product: 'security' })
    item.add(
      clock(minute),
      { kind: 'network_activity', srcIp: '10.0.0.5', dstIp: '203.0.113.9' },
      { product: 'zeek', code: 'conn' },
    )
    item.add(
      clock(minute),
      { kind: 'network_activity', srcIp: '10.0.0.6', dstIp: '203.0.113.9' },
      { host: 'fw01', product: 'asa' },
    )
    item.add(clock(minute), { kind: 'authentication', action: 'logon' }, { host: 'other.example', product: 'security' })
  }
  expect(short(await sights(item, web))).toEqual([
    { machine: 'web01', source: 'iis', own: true, kinds: ['web requests'] },
    // Windows records log-ons unless somebody switches that off: that there is none is no blindness.
    { machine: 'web01.example', source: 'security', own: true, kinds: ['log-ons'] },
    // sudo saw some programs; that is not to see programs.
    { machine: 'web01.example', source: 'sudo', own: true, kinds: [] },
    { machine: '10.0.0.5', source: 'zeek', own: false, kinds: ['connections'] },
  ])
})

test('how long a log is usually silent: its longest pause, five times its pace, or not to be told', async () => {
  const item = new ItemBuilder('pauses')
  const add = (host: string, minute: number) =>
    item.add(clock(minute), { kind: 'authentication', action: 'logon' }, { host, product: 'sshd' })
  // Every 20 minutes, and one pause of 8 hours.
  for (let minute = 0; minute < 600; minute += 20) add('steady', minute < 300 ? minute : minute + 480)
  // Three log-ons in ten hours.
  for (const minute of [0, 300, 600]) add('rare', minute)
  add('once', 60)
  // A thousand within ten minutes are no rare log-ons.
  for (let index = 0; index < 1000; index++) add('burst', 5)
  const hours = (await sights(item, ...['steady', 'rare', 'once', 'burst'].map(name => entity(name, [])))).map(
    ({ machine, usualSilence }) => [machine, Math.round((usualSilence / MICROS_PER_HOUR) * 10) / 10],
  )
  expect(hours).toEqual([
    ['burst', 0],
    ['once', Number.POSITIVE_INFINITY],
    ['rare', 16.7],
    ['steady', 8.3],
  ])
})

test('a log that begins with the note that it was emptied', async () => {
  const item = new ItemBuilder('emptied')
  item.add(clock(0), { kind: 'authentication', action: 'logon' }, { host: 'a', product: 'security' })
  item.add(clock(60), { kind: 'log_activity', action: 'cleared' }, { host: 'a', product: 'security' })
  item.add(clock(60), { kind: 'log_activity', action: 'cleared' }, { host: 'b', product: 'security' })
  item.add(clock(90), { kind: 'authentication', action: 'logon' }, { host: 'b', product: 'security' })
  const found = await sights(item, entity('a', []), entity('b', []))
  expect(found.map(({ machine, emptied }) => [machine, emptied])).toEqual([
    ['a', false],
    ['b', true],
  ])
})

test('without incidents nothing is asked', async () => {
  const store = await storeItems([])
  try {
    expect(await sightOf(store, { ...correlation(), incidents: [] })).toEqual([])
  } finally {
    store.close()
  }
})
