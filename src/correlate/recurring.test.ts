import { describe, expect, test } from 'vitest'
import { draft } from '../../test/case-events.ts'
import type { Finding, FindingId, Incident, IncidentId } from '../model/index.ts'
import { mergeDrafts } from './merge.ts'
import { foldRecurring } from './recurring.ts'

type Parts = Parameters<typeof draft>[2]

/** One finding a minute past each hour, the same but for what is given. */
function findings(titles: readonly string[], more: (place: number) => Parts): readonly Finding[] {
  return mergeDrafts(
    titles.map((title, place) =>
      draft('web/scanner', title, {
        hosts: ['web01'],
        object: `${place}`,
        evidence: [`e:${place}:0`],
        time: `2024-01-01T0${place}:01:00Z`,
        severity: 'low',
        techniques: ['T1595.002'],
        ...more(place),
      }),
    ),
    host => host,
  )
}

const incident = (members: readonly Finding[]): Incident => ({
  id: 'incident-1' as IncidentId,
  title: 'somebody was in',
  summary: '',
  severity: 'high',
  confidence: 'high',
  findings: members.map(member => member.id),
  entities: [],
  steps: [],
  trailEnds: [],
  chains: [],
  roles: { entry: [], pivots: [], controllers: [], sources: [] },
  firstTime: undefined,
  lastTime: undefined,
})

const address = (place: number): Parts => ({ addresses: [`203.0.113.${place}`] })
const told = (all: readonly Finding[]) => all.map(({ title, count, evidence }) => [title, count, evidence.length])

test('scanners of one server are told once, with all their addresses and records', () => {
  const folded = foldRecurring(
    findings(['203.0.113.0 scanned web01', '203.0.113.1 scanned web01', '203.0.113.2 scanned web01'], address),
    [],
  )
  expect(told(folded.findings)).toEqual([['web/scanner, 3 times, by 203.0.113.0, 203.0.113.1 and 1 more', 3, 3]])
  expect(folded.findings[0]?.addresses).toEqual(['203.0.113.0', '203.0.113.1', '203.0.113.2'])
  expect([...folded.parts.values()].map(parts => parts.length)).toEqual([3])
})

test('a command of every morning keeps its title', () => {
  const folded = foldRecurring(
    findings(['net group', 'net group', 'net group'], () => ({})),
    [],
  )
  expect(told(folded.findings)).toEqual([['net group (3 times)', 3, 3]])
})

test.each<[string, readonly string[], (place: number) => Parts]>([
  ['two of a kind are no habit', ['a', 'b'], address],
  ['what is medium is told by itself', ['a', 'b', 'c'], () => ({ severity: 'medium' })],
  ['other acts are told by themselves', ['ann made', 'bob made', 'eve made'], () => ({})],
  ['other machines are another habit', ['a', 'b', 'c'], place => ({ hosts: [`web0${place}`] })],
  ['what worked and what was tried are two', ['a', 'b', 'c'], place => ({ succeeded: place > 0 })],
])('%s', (_name, titles, more) => {
  const all = findings(titles, more)
  expect(foldRecurring(all, []).findings).toEqual(all)
})

test('in an incident the same act is told once at any strength, and its steps point to it', () => {
  const all = findings(['calls home', 'calls home'], () => ({ severity: 'high' }))
  const story = incident(all)
  const { findings: once, incidents } = foldRecurring(all, [story])
  expect(told(once)).toEqual([['calls home', 2, 2]])
  expect(incidents[0]?.findings).toEqual([once[0]?.id])
})

test('in an incident different acts of one kind stay apart', () => {
  const all = findings(['ran whoami', 'ran ipconfig', 'ran netstat'], () => ({}))
  expect(foldRecurring(all, [incident(all)]).findings).toHaveLength(3)
})

describe('the same on many machines', () => {
  const hook = (hosts: number, more: (place: number) => Parts = () => ({})) =>
    findings(
      Array.from({ length: hosts }, (_, place) => `/hook.aspx is used like a web shell by 192.0.2.200 (${100 + place} posts)`),
      place => ({ hosts: [`web0${place}`], addresses: ['192.0.2.200'], ...more(place) }),
    )

  test('is told once, with all machines, however often it was seen on each', () => {
    const [once, ...others] = foldRecurring(hook(5), []).findings
    expect(others).toEqual([])
    expect(once?.title).toBe('/hook.aspx is used like a web shell by 192.0.2.200 (100 posts), and the same on 4 more machines')
    expect(once?.hosts).toEqual(['web00', 'web01', 'web02', 'web03', 'web04'])
    expect(once?.evidence).toHaveLength(5)
  })

  test('a mark on it reaches each of them', () => {
    const all = hook(5)
    const { findings: told, parts } = foldRecurring(all, [])
    expect([...(parts.get(told[0]?.id as FindingId) ?? [])].sort()).toEqual(all.map(({ id }) => id).sort())
  })

  test.each<[string, readonly Finding[], readonly Incident[]]>([
    ['four machines', hook(4), []],
    ['more than weak', hook(5, () => ({ severity: 'medium' })), []],
    [
      'another page on one of them',
      [...hook(4), ...findings(['/b.aspx is used like a web shell by 192.0.2.200 (9 posts)'], () => ({ hosts: ['web04'] }))],
      [],
    ],
    ['part of an incident', hook(5), [incident(hook(5))]],
    [
      'another rhythm on each',
      findings(
        ['56', '57', '90', '300', '600'].map(s => `host called 203.0.113.9:443 every ${s} s, 32 times in 29 min`),
        place => ({ hosts: [`pc${place}`] }),
      ),
      [],
    ],
  ])('stays as it is: %s', (_name, all, incidents) => {
    expect(foldRecurring(all, incidents).findings).toHaveLength(all.length)
  })
})
