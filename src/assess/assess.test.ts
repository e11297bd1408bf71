import { describe, expect, test } from 'vitest'
import { draft } from '../../test/case-events.ts'
import { storeItems } from '../../test/contract/event-store.ts'
import { correlate } from '../correlate/index.ts'
import type { AssetModel, Correlation, Coverage, FindingDraft, Need } from '../model/index.ts'
import { assess } from './index.ts'

async function correlated(drafts: readonly FindingDraft[], assets?: AssetModel): Promise<Correlation> {
  const store = await storeItems([])
  try {
    return await correlate({ drafts, queries: store, assets, marks: [] })
  } finally {
    store.close()
  }
}

function coverage(areas: Partial<Coverage['areas']> = {}, more: Partial<Coverage> = {}): Coverage {
  return {
    items: 1,
    itemsRead: 1,
    itemsNotRead: 0,
    itemsUnknown: 0,
    bytes: 1,
    bytesRead: 1,
    records: 1,
    events: 1,
    areas: { logons: true, processes: true, web: true, network: true, ...areas },
    sources: [],
    partial: false,
    ...more,
  }
}

const on = (rule: string, severity: FindingDraft['severity'], technique: string, more: Parameters<typeof draft>[2] = {}) =>
  draft(rule, `${rule} seen`, { severity, techniques: [technique], hosts: ['h1'], time: '2024-01-01T10:00:00Z', ...more })

describe('verdict', () => {
  const sigma: FindingDraft = {
    ...on('r', 'critical', 'T1059'),
    witness: { source: 'sigma', rule: 'r', title: 'r', level: 'critical' },
  }
  test.each<[string, readonly FindingDraft[], Coverage, string]>([
    ['a sure high finding', [on('a/b', 'high', 'T1003.001')], coverage(), 'intrusion'],
    [
      'three kinds of medium behaviour',
      [on('a/b', 'medium', 'T1053'), on('a/c', 'medium', 'T1090'), on('a/d', 'medium', 'T1136')],
      coverage(),
      'intrusion',
    ],
    ['one medium finding', [on('a/b', 'medium', 'T1053')], coverage(), 'suspicious'],
    ['a user’s rule alone, however high', [sigma], coverage(), 'suspicious'],
    ['nothing, everything covered', [], coverage(), 'nothing-found'],
    ['low findings, everything covered', [on('a/b', 'low', 'T1053')], coverage(), 'nothing-found'],
    ['nothing, web instead of processes', [], coverage({ processes: false }), 'nothing-found'],
    ['nothing, no network', [], coverage({ network: false }), 'insufficient-evidence'],
    ['nothing, no log-ons', [], coverage({ logons: false }), 'insufficient-evidence'],
    ['nothing, neither processes nor web', [], coverage({ processes: false, web: false }), 'insufficient-evidence'],
    ['nothing, but a part was not read', [], coverage({}, { partial: true }), 'insufficient-evidence'],
  ])('%s: %s', async (_name, drafts, covered, level) => {
    expect(assess({ correlation: await correlated(drafts), coverage: covered, assets: undefined }).verdict.level).toBe(level)
  })

  const sure = (host: string) => on('a/b', 'high', 'T1003.001', { hosts: [host] })
  const weak = (host: string) => on('a/c', 'medium', 'T1053', { hosts: [host] })
  test.each<[readonly FindingDraft[], string]>([
    [[sure('h1')], ''],
    [[sure('h1'), sure('h2')], ' There is one more incident.'],
    [[sure('h1'), weak('h2')], ' There is one more, weaker incident.'],
    [[sure('h1'), weak('h2'), weak('h3')], ' There are 2 more, weaker incidents.'],
    [[sure('h1'), sure('h2'), sure('h3'), weak('h4')], ' There are 2 more incidents and one weaker one.'],
    [[sure('h1'), sure('h2'), weak('h3'), weak('h4')], ' There is one more incident and 2 weaker ones.'],
  ])('counts the incidents that are drawn (%#)', async (drafts, others) => {
    const { verdict } = assess({ correlation: await correlated(drafts), coverage: coverage(), assets: undefined })
    expect(verdict.sentence.replace(/^Somebody was in: theft of passwords on h[1-3]\./, '')).toBe(others)
  })
})

describe('attribution', () => {
  const attributed = async (drafts: readonly FindingDraft[]) =>
    assess({ correlation: await correlated(drafts), coverage: coverage(), assets: undefined }).attribution

  test('no intrusion, nobody', async () => {
    expect(await attributed([])).toEqual({
      hypotheses: [],
      statement: 'There is no intrusion in this evidence to attribute to anybody.',
    })
  })

  test('few techniques name nobody, and always name the other explanations', async () => {
    const { hypotheses, statement } = await attributed([on('a/b', 'high', 'T1003.003')])
    expect(statement).toMatch(/^Not attributable on this evidence: 1 technique in view/)
    expect(
      hypotheses.filter(entry => ['likely', 'very likely', 'almost certain'].includes(entry.likelihood)).map(entry => entry.who),
    ).toEqual(['Somebody no published profile describes, or whom these techniques do not tell from others'])
    expect(hypotheses.map(entry => entry.who)).toEqual(
      expect.arrayContaining(['Your own administrators', 'A penetration test or exercise', 'Criminals after money']),
    )
  })

  test('common techniques of everybody name nobody', async () => {
    const common = ['T1059.001', 'T1059.003', 'T1105', 'T1082', 'T1083', 'T1057', 'T1033', 'T1016', 'T1547.001', 'T1053.005']
    const { hypotheses } = await attributed(common.map((id, place) => on(`a/${place}`, 'high', id)))
    expect(hypotheses.filter(entry => /\d/.test(entry.for[0] ?? '')).map(entry => entry.likelihood)).not.toContain('likely')
  })

  test('however much of a profile is seen, techniques alone never say more than likely', async () => {
    const volt = [
      'T1003.001',
      'T1003.003',
      'T1006',
      'T1007',
      'T1010',
      'T1012',
      'T1016.001',
      'T1018',
      'T1036.008',
      'T1070.007',
      'T1090.001',
      'T1505.003',
      'T1654',
      'T1614',
    ]
    const { hypotheses } = await attributed(volt.map((id, place) => on(`a/${place}`, 'high', id)))
    expect(hypotheses.find(entry => entry.who === 'Volt Typhoon')).toMatchObject({ likelihood: 'likely', confidence: 'low' })
    expect(hypotheses.map(entry => entry.likelihood)).not.toContain('very likely')
  })
})

describe('impact and actions', () => {
  const asset = (id: string, zone: string, neverCut = false) => ({
    id,
    names: [id],
    addresses: [],
    role: '',
    site: '',
    zone,
    owner: '',
    vendor: '',
    model: '',
    firmware: '',
    neverCut,
  })
  const need = (...ids: string[]): Need => ({ all: ids.map(id => ({ one: id })) })
  const service = (id: string, needs: Need) => ({
    id,
    name: id,
    sector: 'Water',
    site: '',
    needs,
    fallbackHours: 4,
    customers: 100,
  })
  const assets: AssetModel = {
    sites: [],
    zones: ['office', 'plant', 'island'].map(id => ({
      id,
      name: id,
      networks: [],
      kind: id === 'plant' ? ('ot' as const) : ('it' as const),
    })),
    assets: [asset('h1', 'office'), asset('jump', 'office'), asset('scada', 'plant', true), asset('far', 'island')],
    conduits: [{ from: 'office', to: 'plant', ports: [3389], via: 'jump' }],
    services: [
      service('pay', need('h1')),
      service('pump', need('scada')),
      service('tower', need('far')),
      service('spare', { any: [{ one: 'scada' }, { one: 'far' }] }),
    ],
  }

  test('did, could and not reached, and the cheapest cut', async () => {
    const { impact } = assess({
      correlation: await correlated([on('a/b', 'high', 'T1003.003')], assets),
      coverage: coverage(),
      assets,
    })
    expect(impact.services.map(({ name, state }) => [name, state])).toEqual([
      ['pay', 'did'],
      ['pump', 'could'],
      ['spare', 'not reached'],
      ['tower', 'not reached'],
    ])
    expect(impact.services[0]?.sector).toBe('Water and Wastewater Systems')
    expect(impact.cut).toEqual([
      {
        what: 'close the connection office to plant through jump (port 3389)',
        protects: ['pump'],
        cost: 'ordinary work over this connection stops while it is closed',
      },
    ])
  })

  test('orders that were sent to a controller are not called undisturbed', async () => {
    const orders = on('a/c', 'medium', 'T0855', { hosts: ['scada'], time: '2024-01-01T10:20:00Z' })
    const listening = on('a/c', 'medium', 'T1040', { hosts: ['scada'], time: '2024-01-01T10:20:00Z' })
    const told = async (other: FindingDraft) => {
      const correlation = await correlated([on('a/b', 'high', 'T1003.003', { hosts: ['scada'] }), other], assets)
      const { impact, actions } = assess({ correlation, coverage: coverage(), assets })
      return [impact.services.find(({ name }) => name === 'pump')?.why, actions[0]?.what]
    }
    const [disturbed, first] = await told(orders)
    expect(disturbed).toContain('Orders that move something were sent to scada')
    expect(first).toContain('Ask the plant’s operators')
    const [undisturbed, other] = await told(listening)
    expect(undisturbed).toContain('Nothing here shows that it was disturbed')
    expect(other).not.toContain('operators')
  })

  test('an incident that is none of the listed machines reaches nothing', async () => {
    const far = on('a/b', 'high', 'T1003.003', { hosts: ['unlisted'] })
    const { impact } = assess({ correlation: await correlated([far], assets), coverage: coverage(), assets })
    expect(new Set(impact.services.map(entry => entry.state))).toEqual(new Set(['not reached']))
    expect(impact.cut).toEqual([])
  })

  test('keep first, throw out late, and never tell anybody to restart a device', async () => {
    const { actions } = assess({
      correlation: await correlated([on('a/b', 'high', 'T1003.003')], assets),
      coverage: coverage(),
      assets,
    })
    const order = ['preserve', 'contain', 'evict', 'close-gap']
    expect(actions.map(action => action.order)).toEqual(actions.map((_, index) => index + 1))
    expect(actions.map(action => order.indexOf(action.kind))).toEqual(
      actions.map(action => order.indexOf(action.kind)).toSorted(),
    )
    expect(actions.find(action => /krbtgt/.test(action.what))?.kind).toBe('evict')
    expect(actions.filter(action => /reboot|restart/i.test(`${action.what} ${action.doFirst}`))).toEqual([])
    expect(
      actions.every(action => action.doFirst !== '' && action.doNot !== '' && action.why !== '' && action.effort !== ''),
    ).toBe(true)
  })

  test('without an incident there is nothing to contain', async () => {
    const { actions } = assess({ correlation: await correlated([]), coverage: coverage({ network: false }), assets: undefined })
    expect(actions.map(action => action.kind)).toEqual(['close-gap'])
  })
})

test('blind spots: fields that are off, machines that do not speak, records that begin late', async () => {
  const row = { events: 5, scriptBlocks: 'not applicable', sysmon: 'no' } as const
  const { blindSpots } = assess({
    correlation: await correlated([
      on('a/b', 'high', 'T1003.003'),
      on('a/c', 'high', 'T1053', { hosts: ['h2'], accounts: ['D\\x'] }),
    ]),
    coverage: coverage(
      { network: false },
      {
        sources: [
          {
            ...row,
            host: 'h1',
            source: 'security',
            firstTime: '2024-01-01T09:00:00.000000Z',
            lastTime: '2024-03-01T00:00:00.000000Z',
            commandLines: 'no',
          },
        ],
      },
    ),
    assets: undefined,
  })
  expect(blindSpots.map(spot => `${spot.what} @ ${spot.where}`)).toEqual([
    'No network connections are recorded @ the whole case',
    'No log of its own @ h2',
    'Records begin less than a day before the first step @ h1',
    'The trail ends @ h2',
    'The trail ends @ h1',
    'Process starts without command lines (security) @ h1',
    'No Sysmon @ h1',
    'No asset list @ the whole case',
  ])
  expect(blindSpots.every(spot => spot.howToClose !== '' && spot.consequence !== '')).toBe(true)
})

test('a host whose command lines Sysmon keeps has no gap there', async () => {
  const row = { host: 'h1', events: 5, scriptBlocks: 'not applicable', sysmon: 'yes' } as const
  const times = { firstTime: '2024-01-01T09:00:00.000000Z', lastTime: '2024-03-01T00:00:00.000000Z' }
  const { blindSpots } = assess({
    correlation: await correlated([on('a/b', 'high', 'T1003.003')]),
    coverage: coverage(
      {},
      {
        sources: [
          { ...row, ...times, source: 'security', commandLines: 'no' },
          { ...row, ...times, source: 'sysmon', commandLines: 'yes' },
        ],
      },
    ),
    assets: undefined,
  })
  expect(blindSpots.filter(spot => /command lines/.test(spot.what))).toEqual([])
})
