import { describe, expect, test } from 'vitest'
import {
  allTechniques,
  attackSource,
  bundledTechnique,
  edgeDeviceOf,
  exploitedIn,
  groupProfiles,
  icsAssets,
  knownExploited,
  sectorOf,
  sectors,
  softwareOf,
  supportState,
  tacticName,
  tacticOrder,
  tacticRank,
  techniqueAliases,
  techniqueName,
  techniqueOf,
} from './index.ts'

describe('ATT&CK', () => {
  test('carries the whole bundled version and MITRE’s notice', () => {
    expect([allTechniques().length, groupProfiles.length, icsAssets.length]).toEqual([691 + 83, 172, 18])
    expect(attackSource.notice).toContain('The MITRE Corporation')
  })

  test.each([
    ['T1003.003', 'OS Credential Dumping: NTDS'],
    ['T1190', 'Exploit Public-Facing Application'],
    ['T0813', 'Denial of Control'],
    ['T9999', 'T9999'],
  ])('%s is %s', (id, name) => expect(techniqueName(id)).toBe(name))

  test('a technique knows its tactics, and every tactic has a name', () => {
    expect(techniqueOf('T1078')?.tactics).toEqual(['defense-evasion', 'persistence', 'privilege-escalation', 'initial-access'])
    expect(tacticRank('T1078')).toBe(tacticOrder.indexOf('initial-access'))
    expect(tacticName('credential-access')).toBe('Credential Access')
    expect(
      allTechniques()
        .flatMap(technique => technique.tactics)
        .filter(tactic => tacticName(tactic) === tactic),
    ).toEqual([])
  })

  test('every technique of a profile is known, and citations count', () => {
    const unknown = groupProfiles.flatMap(group => [...group.techniques.keys()].filter(id => !techniqueOf(id)))
    expect(unknown).toEqual([])
    const volt = groupProfiles.find(group => group.name === 'Volt Typhoon')
    expect([volt?.techniques.size, volt?.software.size, volt?.techniques.get('T1003.003')]).toEqual([81, 17, 4])
    expect([...(volt?.software.keys() ?? [])].map(id => softwareOf(id)?.name)).toContain('PsExec')
  })
})

describe('technique ids of other versions', () => {
  test.each([
    ['T1070.001', ['T1685.005']],
    ['T1685.005', ['T1070.001']],
    ['T1082', ['T1680']],
    ['T1680', ['T1082']],
    ['T1562.004', ['T1686', 'T1686.003']],
    ['T1003.003', []],
  ])('%s is also %j', (id, others) => expect(techniqueAliases(id)).toEqual(others))

  test('newer ids come back to the bundled version', () => {
    expect(['t1685.005', 'T1685', 'T1680', 'T1047', 'T1574.002', 'T1574.001'].map(bundledTechnique)).toEqual([
      ...['T1070.001', 'T1562.001', 'T1680', 'T1047', 'T1574.001', 'T1574.001'],
    ])
    expect(['T1685', 'T1685.001', 'T1686.003', 'T1690'].map(bundledTechnique).filter(id => !techniqueOf(id))).toEqual([])
  })
})

describe('devices', () => {
  test.each([
    ['Cisco', 'RV325', '', '2024-01-01', 'ended'],
    ['Fortinet', 'FortiGate 300D', '6.0.4', '2024-01-01', 'ended'],
    ['Fortinet', 'FortiGate 100F', '7.6.1', '2025-01-01', 'supported'],
    ['F5', 'BIG-IP', '13.1.5', '2024-06-01', 'ended'],
    ['Acme', 'Box 3', '1.0', '2024-06-01', 'unknown'],
  ])('%s %s %s on %s: %s', (vendor, model, firmware, day, state) => {
    expect(supportState({ vendor, model, firmware }, day).state).toBe(state)
  })

  test('known exploited', () => {
    expect(knownExploited('cve-2022-42475')).toMatchObject({ vendor: 'Fortinet', product: 'FortiOS', ransomware: true })
    expect(knownExploited('CVE-1999-0001')).toBeUndefined()
    expect(exploitedIn('Cisco', 'RV320').map(entry => entry.cve)).toContain('CVE-2019-1652')
    expect(exploitedIn('', '')).toEqual([])
    expect(edgeDeviceOf('NETGEAR', 'ProSAFE FVS318')?.ended).toBe(true)
    const unlisted = ['CVE-2019-1652', 'CVE-2022-42475', 'CVE-2021-27860', 'CVE-2024-39717'].filter(cve => !knownExploited(cve))
    expect(unlisted).toEqual([])
  })
})

test('sixteen sectors, also under the names people use', () => {
  expect(sectors).toHaveLength(16)
  expect(['water', 'Energy', 'port', 'weaving'].map(name => sectorOf(name)?.name)).toEqual([
    'Water and Wastewater Systems',
    'Energy',
    'Transportation Systems',
    undefined,
  ])
})
