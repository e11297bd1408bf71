import { describe, expect, test } from 'vitest'
import { insufficientReport, islandReport, quietReport } from '../../../test/report/sample-reports.ts'
import type { Report, ServiceImpact } from '../../model/index.ts'
import { onePage } from './one-page.ts'

const withServices = (report: Report, ...states: readonly ServiceImpact['state'][]): Report => ({
  ...report,
  impact: {
    ...report.impact,
    services: states.map(state => ({ name: `service that ${state}`, sector: 'Energy', state, why: '' })),
  },
})

describe('are our services safe', () => {
  test.each([
    ['one was reached', withServices(islandReport, 'could', 'did'), 'No'],
    ['one could be reached', withServices(islandReport, 'could', 'not reached'), 'At risk'],
    ['none is near', withServices(islandReport, 'not reached'), 'Yes'],
    ['an intrusion, no list of services', withServices(islandReport), 'Not known'],
    ['nothing found, no list of services', withServices(quietReport), 'Nothing seen'],
    ['nothing found', quietReport, 'Nothing seen'],
    ['too little evidence', insufficientReport, 'Not known'],
    ['too little evidence, but a list', withServices(insufficientReport, 'not reached'), 'Not known'],
  ] as const)('%s', (_name, report, answer) => expect(onePage(report).safe.answer).toBe(answer))
})

test('proved needs high confidence, inferred steps are only likely, services in reach only possible', () => {
  const { claims } = onePage(islandReport)
  expect(claims.proved[0]).toBe('The domain password database was copied on dc01')
  expect(claims.proved).toHaveLength(5)
  expect(claims.proved.at(-1)).toBe('and 2 more observations')
  expect(claims.likely).toContain('Web shell status.aspx placed')
  expect(claims.likely).not.toContain('VPN log-in as operator.reyes')
  expect(claims.possible).toContain('Mobile telephone core could be disrupted')
})

test('what a step began may have gone on after the last step', () => {
  const told = new Set(islandReport.incidents.flatMap(incident => incident.findings))
  const findings = islandReport.findings.map(finding =>
    told.has(finding.id) ? { ...finding, lastTime: '2023-09-30T04:00:00.000000Z' } : finding,
  )
  expect(onePage({ ...islandReport, findings }).since.detail).toMatch(/^Last seen 30 September 2023, 13[56] days later/)
})

test('since when, with the honest words', () => {
  expect(onePage(islandReport).since).toEqual({
    answer: 'At least 17 May 2023',
    detail: 'Last seen 18 August 2023, 92 days later. It may have begun earlier: these are the oldest records that show it.',
  })
  expect(onePage(quietReport).since.answer).toBe('No sign of an intruder')
  expect(onePage(insufficientReport).since.answer).toBe('Not known')
})

test('preserve and contain are due in a day, evict and gaps in a week, in their order', () => {
  const { day, week } = onePage(islandReport)
  expect(day.map(action => action.kind)).toEqual(['preserve', 'preserve', 'contain', 'contain'])
  expect(week.map(action => action.order)).toEqual([5, 6, 7, 8])
})

test('who, with what it could be as well', () => {
  const { who } = onePage(islandReport)
  expect(who.answer).toMatch(/^Likely: Volt Typhoon/)
  expect(who.others).toEqual([
    'Another state group that uses relay routers (roughly even chance)',
    'Criminals before extortion (unlikely)',
  ])
})
