import { expect, test } from 'vitest'
import { draft } from '../../test/case-events.ts'
import type { FindingDraft, RelayHop } from '../model/index.ts'
import type { CaseFinding } from './case-finding.ts'
import { mergeDrafts } from './merge.ts'
import { drawnTechnique, type Scene, stepsOf } from './steps.ts'

/** A shell of a web server, and another detector that saw one of the commands that went through it. */
const drawn = (aim: string, secondsLater: number) => {
  const later = new Date(Date.parse('2024-01-01T10:00:00Z') + secondsLater * 1000).toISOString()
  const [finding] = mergeDrafts(
    [
      draft('shell', 'w3wp.exe started cmd.exe', {
        severity: 'high',
        techniques: ['T1505.003'],
        object: 'w3wp.exe',
        hosts: ['web01'],
        time: '2024-01-01T10:00:00Z',
        evidence: ['e:1:0'],
      }),
      draft('shell', 'w3wp.exe started cmd.exe', {
        severity: 'high',
        techniques: ['T1505.003'],
        object: 'w3wp.exe',
        hosts: ['web01'],
        time: later,
        evidence: ['e:2:0'],
      }),
      draft('other', 'what it was for', {
        severity: 'medium',
        techniques: [aim, 'T1505.003'],
        hosts: ['web01'],
        time: later,
        evidence: ['e:2:0'],
      }),
    ],
    host => host,
  )
  return finding ? drawnTechnique(finding) : ''
}

test.each([
  ['one command is drawn with what it was for', 'T1070.001', 1, 'T1070.001'],
  ['many commands are drawn with what the title says', 'T1552.002', 120, 'T1505.003'],
  ['an aim that says no more', 'T1059.003', 1, 'T1505.003'],
])('%s', (_name, aim, seconds, technique) => {
  expect(drawn(aim, seconds)).toBe(technique)
})

/** What a command on srv01 did on web01 and what the network shows of the way between them, so many minutes later. */
function told(way: Partial<FindingDraft> & { readonly minutesLater: number }): readonly string[] {
  const hop: RelayHop = {
    via: 'srv01',
    viaPort: 3389,
    from: '10.0.9.7',
    to: 'web01',
    toPort: 445,
    grade: 'consistent',
    basis: 'by the time',
    count: 1,
    firstTime: undefined,
    lastTime: undefined,
  }
  const { minutesLater, ...changed } = way
  const at = new Date(Date.parse('2024-01-01T10:00:00Z') + minutesLater * 60_000).toISOString()
  const drafts = [
    draft('copy', 'File copied to web01', {
      severity: 'medium',
      techniques: ['T1021.002'],
      object: 'srv01 > web01',
      hosts: ['srv01', 'web01'],
      time: '2024-01-01T10:00:00Z',
      evidence: ['e:1:0'],
    }),
    {
      ...draft('path', 'srv01 worked on web01 by SMB', {
        severity: 'low',
        techniques: ['T1021.002'],
        object: 'srv01 > web01:445',
        hosts: ['srv01', 'web01'],
        time: at,
        evidence: ['e:9:0'],
      }),
      hops: [hop],
      ...changed,
    },
  ]
  const findings = mergeDrafts(drafts, host => host).map(
    (finding): CaseFinding => ({
      finding,
      machines: finding.hosts,
      hosts: finding.hosts,
      peers: [],
      accounts: [],
      from: finding.firstTime ?? 0,
      to: finding.lastTime ?? finding.firstTime ?? 0,
      ownSeverity: finding.severity,
      offset: 0,
      outward: undefined,
      onlyNamed: false,
    }),
  )
  const scene: Scene = {
    kindOf: () => 'host',
    addressesOf: () => [],
    isOurs: () => true,
    sessionOf: () => undefined,
    originOf: () => undefined,
    arrivalOf: () => undefined,
    targetOf: () => undefined,
    machineOf: text => text,
  }
  return stepsOf({ findings, links: [], ways: [] }, scene, new Map()).map(
    step => `${step.title} (${step.findings.length} findings, ${step.evidence.length} records)`,
  )
}

test('a way that only the network shows is a witness of what was done over it', () => {
  expect(told({ minutesLater: 2 })).toEqual(['File copied to web01 (2 findings, 2 records)'])
})

test.each([
  ['long after it', { minutesLater: 90 }],
  ['by another way', { minutesLater: 2, techniques: ['T1021.001'], title: 'srv01 worked on web01 by RDP' }],
])('a way %s is a step of its own', (_name, way) => {
  expect(told(way)).toHaveLength(2)
})
