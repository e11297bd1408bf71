import { expect, test } from 'vitest'
import type { ReportStep } from '../../src/model/index.ts'
import { inOrder } from './expectation.ts'

const step = (order: number, technique: string, name: string): ReportStep => ({
  order,
  time: '2023-02-14T12:00:00.000000Z',
  orderedTime: '2023-02-14T12:00:00.000000Z',
  technique,
  title: '',
  from: { entity: 'outside-address', name: '203.0.113.9', addresses: [] },
  to: { entity: 'host', name, addresses: [] },
  account: '',
  how: 'observed',
  why: '',
  findings: [],
  evidence: [],
})

const steps = [step(1, 'T1190', 'web01'), step(2, 'T1505.003', 'web01'), step(3, 'T1003.003', 'dc01')]

test.each([
  ['same order, one left out', [{ technique: 'T1190' }, { technique: 'T1003', to: 'dc01' }], true],
  ['parent and sub-technique are the same', [{ technique: 'T1505' }], true],
  ['wrong order', [{ technique: 'T1003.003' }, { technique: 'T1190' }], false],
  ['one that is not there', [{ technique: 'T1190' }, { technique: 'T1021' }], false],
  ['another host', [{ technique: 'T1003.003', to: 'web01' }], false],
])('%s', (_name, wanted, found) => {
  expect(inOrder(wanted, steps)).toBe(found)
})
