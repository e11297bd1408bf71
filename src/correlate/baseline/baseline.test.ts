import { describe, expect, test } from 'vitest'
import { at, ItemBuilder } from '../../../test/case-events.ts'
import { storeItems } from '../../../test/contract/event-store.ts'
import type { AssetModel, BaselineChoice, Finding, FindingId, Severity } from '../../model/index.ts'
import { sourceRefOf } from '../../model/index.ts'
import { againstBaseline } from './index.ts'

/** Records of started processes, and findings about some of them. */
class World {
  readonly #item = new ItemBuilder('sysmon.evtx')
  readonly findings: Finding[] = []

  run(
    time: string,
    commandLine: string,
    { host = 'dc01.example', user = 'EXAMPLE\\ann', parentImage = '', logonId = '' } = {},
  ): string {
    const image = `C:\\Windows\\System32\\${commandLine.split(' ')[0]}.exe`
    return this.#item.add(
      time,
      { kind: 'process_activity', action: 'start', image, commandLine, user, parentImage, logonId },
      { host, code: '1' },
    )
  }

  logon(time: string, logonId: string, srcIp: string): void {
    this.#item.add(
      time,
      { kind: 'authentication', action: 'logon', outcome: 'success', user: 'ann', logonId, srcIp },
      { host: 'dc01.example' },
    )
  }

  /** Something harmless every day at noon, so that the machine has a past. */
  days(
    first: number,
    last: number,
    commandLine = 'updater /check',
    who: { readonly host?: string; readonly user?: string } = {},
  ): void {
    for (let day = first; day <= last; day++) this.run(`2024-03-${String(day).padStart(2, '0')}T12:00:00Z`, commandLine, who)
  }

  found(time: string, evidence: readonly string[], more: Partial<Finding> & { readonly rule?: string } = {}): void {
    const { rule = 'living-off-land/test', severity = 'medium', ...fields } = more
    this.findings.push({
      id: `f${this.findings.length + 1}` as FindingId,
      title: 'a finding',
      severity,
      confidence: 'moderate',
      techniques: ['T1003.003'],
      hosts: ['dc01.example'],
      accounts: ['EXAMPLE\\ann'],
      addresses: [],
      object: 'o',
      firstTime: at(time),
      lastTime: at(time),
      count: 1,
      why: 'It matters.',
      benignExplanation: 'an administrator',
      evidence: evidence.map(sourceRefOf),
      evidenceTotal: evidence.length,
      witnesses: [{ source: 'barograph', rule, title: rule, level: severity }],
      succeeded: true,
      ...fields,
    })
  }

  async weighed(choice?: BaselineChoice, assets?: AssetModel) {
    const store = await storeItems([this.#item.item()])
    try {
      return await againstBaseline(store, this.findings, choice, assets)
    } finally {
      store.close()
    }
  }
}

const NTDS = 'ntdsutil ac i ntds ifm create full C:\\Windows\\Temp\\Pro q q'
const given = (from: string, to: string): BaselineChoice => ({ from: at(from), to: at(to), peers: [] })
const peers = (...names: readonly string[]): BaselineChoice => ({ from: undefined, to: undefined, peers: names })

/** "severity: what was added to the reason" of the first finding. */
async function said(world: World, choice?: BaselineChoice): Promise<string> {
  const { findings } = await world.weighed(choice)
  const [first] = findings
  return `${first?.severity}: ${first?.why.replace(/^It matters\.\s*/, '')}`
}

describe('rare', () => {
  const rare = () => {
    const world = new World()
    world.days(1, 20)
    world.days(1, 20, 'updater /check', { host: 'dc02.example' })
    world.found('2024-03-20T15:00:00Z', [world.run('2024-03-20T15:00:00Z', NTDS)])
    return world
  }
  const COUNTS =
    'Seen on 1 of 2 machines, first on 2024-03-20, once on 1 of 20 days; example\\ann never ran it before, nor did anybody on this machine.'

  test('alone: the counts are said, nothing moves', async () => {
    expect(await said(rare())).toBe(`medium: ${COUNTS} Rare here.`)
  })

  test('in a burst of discovery: one step up', async () => {
    const world = rare()
    world.found('2024-03-20T14:50:00Z', [], { rule: 'living-off-land/discovery-burst', lastTime: at('2024-03-20T14:58:00Z') })
    expect(await said(world)).toBe(`high: ${COUNTS} Rare here, and part of a burst of discovery commands: one step up.`)
  })

  test('the last steps of an order of discovery, credentials, collection: one step up', async () => {
    const world = rare()
    world.found('2024-03-20T14:00:00Z', [], { techniques: ['T1482'], severity: 'low' })
    world.found('2024-03-20T15:30:00Z', [], { techniques: ['T1560.001'], severity: 'low' })
    expect(await said(world)).toBe(
      `high: ${COUNTS} Rare here, and part of a sequence (discovery, credential access, collection): one step up.`,
    )
  })

  test.each([
    ['another account', { accounts: ['EXAMPLE\\bob'] }],
    ['another machine', { hosts: ['dc02.example'] }],
  ])('a burst of %s is not part of it', async (_name, other) => {
    const world = rare()
    world.found('2024-03-20T14:50:00Z', [], { rule: 'living-off-land/discovery-burst', ...other })
    expect(await said(world)).toBe(`medium: ${COUNTS} Rare here.`)
  })

  test.each<[string, Severity, Severity]>([
    ['high is as far as rarity carries', 'high', 'high'],
    ['critical stays', 'critical', 'critical'],
    ['low rises to medium', 'low', 'medium'],
  ])('%s', async (_name, before, after) => {
    const world = new World()
    world.days(1, 20)
    world.found('2024-03-20T15:00:00Z', [world.run('2024-03-20T15:00:00Z', NTDS)], { severity: before })
    world.found('2024-03-20T14:50:00Z', [], { rule: 'living-off-land/discovery-burst', severity: 'low' })
    const { findings } = await world.weighed()
    expect(findings[0]?.severity).toBe(after)
  })

  test('seen only by a rule of the user: said, not raised', async () => {
    const world = rare()
    world.found('2024-03-20T14:50:00Z', [], { rule: 'living-off-land/discovery-burst' })
    const [first, ...others] = world.findings
    if (first)
      world.findings.splice(
        0,
        2,
        { ...first, witnesses: [{ source: 'sigma', rule: 'r', title: 'r', level: 'medium' }] },
        ...others,
      )
    expect(await said(world)).toBe(`medium: ${COUNTS} Rare here, and part of a burst of discovery commands.`)
  })

  test('a machine whose records begin with the deed has no past', async () => {
    const world = new World()
    world.days(1, 20, 'updater /check', { host: 'dc02.example' })
    world.found('2024-03-20T15:00:00Z', [world.run('2024-03-20T15:00:00Z', NTDS)])
    world.found('2024-03-20T14:50:00Z', [], { rule: 'living-off-land/discovery-burst' })
    expect(await said(world)).toBe('medium: ')
  })

  test('records of a few days say nothing', async () => {
    const world = new World()
    world.days(14, 20)
    world.found('2024-03-20T15:00:00Z', [world.run('2024-03-20T15:00:00Z', NTDS)])
    const { findings, baseline } = await world.weighed()
    expect([findings[0]?.why, baseline.basis, baseline.sentence]).toEqual([
      'It matters.',
      'none',
      '8 started processes on 1 machine, 2024-03-14 to 2024-03-20: too short to say what is usual; nothing was raised or lowered by it.',
    ])
  })
})

describe('usual', () => {
  /** The same command at night on the first days, with another date each time, and once more on the 20th. */
  const usual = (severity: Severity = 'medium', more: Partial<Finding> = {}) => {
    const world = new World()
    world.days(1, 20)
    for (const day of ['03', '05', '07', '09'])
      world.run(`2024-03-${day}T02:00:00Z`, `ntdsutil ac i ntds ifm create full D:\\Backup\\2024-03-${day} q q`)
    world.found(
      '2024-03-20T02:00:00Z',
      [world.run('2024-03-20T02:00:00Z', 'ntdsutil ac i ntds ifm create full D:\\Backup\\2024-03-20 q q')],
      {
        severity,
        ...more,
      },
    )
    return world
  }
  const COUNTS = 'Seen on 1 of 1 machine, first on 2024-03-03, 5 times on 5 of 20 days; example\\ann ran it before.'

  test('one step down, and the counts say why', async () => {
    expect(await said(usual())).toBe(`low: ${COUNTS} Usual here: one step down.`)
    expect(await said(usual('low'))).toBe(`informational: ${COUNTS} Usual here: one step down.`)
  })

  test('what a record proves does not fall', async () => {
    expect(await said(usual('medium', { confidence: 'high' }))).toBe(`medium: ${COUNTS} Usual here; what it does weighs more.`)
    expect(await said(usual('critical'))).toBe(`critical: ${COUNTS} Usual here; what it does weighs more.`)
  })

  test('usual, but in a burst: nothing moves', async () => {
    const world = usual()
    world.found('2024-03-20T01:55:00Z', [], { rule: 'living-off-land/discovery-burst' })
    expect(await said(world)).toBe(`medium: ${COUNTS}`)
  })

  test('another folder is another command', async () => {
    const world = usual()
    world.findings.length = 0
    world.found('2024-03-20T03:00:00Z', [world.run('2024-03-20T03:00:00Z', NTDS)])
    expect(await said(world)).toMatch(/^medium: Seen on 1 of 1 machine, first on 2024-03-20, once /)
  })
})

describe('poisoned', () => {
  /** An intruder is there from the second day on, and makes a habit of it. */
  const poisoned = () => {
    const world = new World()
    world.days(1, 20)
    world.days(3, 19, NTDS)
    world.found('2024-03-20T15:00:00Z', [world.run('2024-03-20T15:00:00Z', NTDS)])
    world.found('2024-03-02T10:00:00Z', [], { severity: 'high', techniques: ['T1505.003'], accounts: [] })
    return world
  }

  test('what was done after the first strong sign is no habit', async () => {
    const { findings, baseline } = await poisoned().weighed()
    expect(findings[0]?.severity).toBe('medium')
    expect(findings[0]?.why).toContain('never ran it before')
    expect(baseline.sentence).toBe(
      'Usual and rare are learned from this evidence: 38 started processes on 1 machine, 2024-03-01 to 2024-03-20. If somebody was inside all that time, his habits are among them. Only what lies before the first strong sign (2024-03-02) counts as usual. A time or machines known to be clean can be named with --baseline and --peers.',
    )
  })

  test('usual in the few days before the first sign: said, not lowered', async () => {
    const world = new World()
    world.days(1, 20)
    world.days(1, 4, NTDS)
    world.found('2024-03-20T15:00:00Z', [world.run('2024-03-20T15:00:00Z', NTDS)])
    world.found('2024-03-05T10:00:00Z', [], { severity: 'high', accounts: [] })
    expect(await said(world)).toContain('Usual here, but learned while somebody may have been inside: not lowered.')
  })

  test('a period the user vouches for is trusted', async () => {
    expect(await said(poisoned(), given('2024-03-03T00:00:00Z', '2024-03-10T00:00:00Z'))).toMatch(
      /^low: .* Usual here: one step down\.$/,
    )
    expect(await said(poisoned(), given('2024-03-01T00:00:00Z', '2024-03-03T00:00:00Z'))).toMatch(
      /^medium: .* never ran it before/,
    )
  })
})

describe('peers', () => {
  const world = () => {
    const made = new World()
    made.days(1, 20)
    for (const host of ['dc02.example', 'dc03.example', 'dc04.example'])
      made.days(10, 10, NTDS, { host, user: 'EXAMPLE\\backup' })
    made.days(1, 20, 'updater /check', { host: 'web01.example' })
    made.found('2024-03-20T15:00:00Z', [made.run('2024-03-20T15:00:00Z', NTDS)])
    return made
  }

  test('most of the machines named do it: usual', async () => {
    expect(await said(world(), peers('dc*'))).toBe(
      'low: Seen on 4 of 4 machines compared (dc*), first on 2024-03-10, 4 times on 2 of 20 days; example\\ann never ran it before, nor did anybody on this machine. Usual here: one step down.',
    )
  })

  test('without names all machines are compared, and a habit of others lowers nothing', async () => {
    expect(await said(world())).toMatch(/^medium: Seen on 4 of 5 machines/)
  })

  test('machines of one role are compared with each other', async () => {
    const asset = (id: string, role: string) => ({
      id,
      names: [`${id}.example`],
      addresses: [],
      role,
      site: '',
      zone: '',
      owner: '',
      vendor: '',
      model: '',
      firmware: '',
      neverCut: false,
    })
    const assets: AssetModel = {
      sites: [],
      zones: [],
      assets: [...['dc01', 'dc02'].map(id => asset(id, 'domain controller')), asset('web01', 'web server')],
      conduits: [],
      services: [],
    }
    const { findings } = await world().weighed(undefined, assets)
    expect(findings[0]?.why).toContain('Seen on 2 of 2 machines with the role domain controller')
  })

  test('names that fit no machine are said', async () => {
    const { baseline } = await world().weighed(peers('srv*'))
    expect([baseline.basis, baseline.sentence]).toEqual([
      'none',
      'No machine named srv* has recorded started processes: nothing was compared.',
    ])
  })
})

describe('where it came from', () => {
  const EXPLORER = 'C:\\Windows\\explorer.exe'
  const WMI = 'C:\\Windows\\System32\\wbem\\WmiPrvSE.exe'
  /** Four nights of the same command from the desk, and once more, perhaps from elsewhere. */
  const world = (parentImage: string, srcIp: string, line = NTDS, habit = 4) => {
    const made = new World()
    made.days(1, 20)
    for (let day = 2; day < 2 + habit; day++) {
      made.logon(`2024-03-0${day}T11:00:00Z`, `0x${day}`, '10.1.1.1')
      made.run(`2024-03-0${day}T12:30:00Z`, line, { parentImage: EXPLORER, logonId: `0x${day}` })
    }
    made.logon('2024-03-20T14:00:00Z', '0x9', srcIp)
    made.found('2024-03-20T15:00:00Z', [made.run('2024-03-20T15:00:00Z', NTDS, { parentImage, logonId: '0x9' })])
    return made
  }
  const burst = (made: World) => {
    made.found('2024-03-20T14:50:00Z', [], { rule: 'living-off-land/discovery-burst' })
    return made
  }
  const COUNTS = 'Seen on 1 of 1 machine, first on 2024-03-02, 5 times on 5 of 20 days; example\\ann ran it before.'
  const PARENT = 'ntdsutil.exe was never started by wmiprvse.exe before, but by explorer.exe (on 4 days, 1 of 1 machine).'
  const SOURCE =
    'The session came from 10.9.9.9, from where the account never came before (it came from one other address on 4 days).'

  test('a new parent and a new address are told with their counts, and a usual command is not lowered', async () => {
    expect(await said(world(WMI, '10.9.9.9'))).toBe(
      `medium: ${COUNTS} Usual here, but not from there: not lowered. ${PARENT} ${SOURCE}`,
    )
  })

  test.each([
    ['the parent', WMI, '10.1.1.1', PARENT],
    ['the address', EXPLORER, '10.9.9.9', SOURCE],
  ])('a usual command in a burst, and %s is new: one step up', async (_name, parent, address, sentence) => {
    expect(await said(burst(world(parent, address)))).toBe(
      `high: ${COUNTS} The command is not rare here, but where it came from is new, and part of a burst of discovery commands: one step up. ${sentence}`,
    )
  })

  test('the usual ones are not told, and the usual command is lowered', async () => {
    expect(await said(world(EXPLORER, '10.1.1.1'))).toBe(`low: ${COUNTS} Usual here: one step down.`)
    expect(await said(burst(world(EXPLORER, '10.1.1.1')))).toBe(`medium: ${COUNTS}`)
  })

  test('two days are no habit: what is new beside them is told and moves nothing', async () => {
    const told = await said(burst(world(WMI, '10.9.9.9', NTDS, 2)))
    expect(told).toMatch(
      /^medium: Seen on 1 of 1 machine, first on 2024-03-02, 3 times on 3 of 20 days; .* ran it before\. ntdsutil/,
    )
  })

  test('an account that never came from an address before has no habit', async () => {
    const made = world(EXPLORER, '10.9.9.9', NTDS, 0)
    expect(await said(made)).toMatch(
      / Rare here\. The session came from 10\.9\.9\.9, from where the account never came before \(it has no recorded log-on from an address before\)\.$/,
    )
  })

  test('parents on machines that are not compared do not count', async () => {
    const made = new World()
    made.days(1, 20)
    for (const host of ['dc02.example', 'dc03.example']) {
      made.days(1, 20, 'updater /check', { host })
      for (const day of ['03', '04', '05']) made.run(`2024-03-${day}T12:30:00Z`, 'ntdsutil help', { host, parentImage: EXPLORER })
    }
    made.found('2024-03-20T15:00:00Z', [made.run('2024-03-20T15:00:00Z', NTDS, { parentImage: WMI })])
    expect(await said(made)).toMatch(
      /ntdsutil\.exe was never started by wmiprvse\.exe before, but by explorer\.exe \(on 3 days, 2 of 3 machines\)\.$/,
    )
    expect(await said(made, peers('dc01*'))).not.toMatch(/never started/)
  })
})

test('nothing that starts processes: nothing is said', async () => {
  const world = new World()
  world.days(1, 20)
  world.found('2024-03-20T15:00:00Z', [])
  expect(await said(world)).toBe('medium: ')
})
