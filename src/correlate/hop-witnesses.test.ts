import { expect, test } from 'vitest'
import type { EvidenceId, SourceRef } from '../model/index.ts'
import { withBothWitnesses } from './hop-witnesses.ts'
import type { Hop } from './hops.ts'

const ref = (evidence: string): SourceRef => ({ evidence: evidence as EvidenceId, record: 1, offset: 0 })
const MINUTE = 60_000_000
const hop = (fields: Partial<Hop>): Hop => ({
  fromMachine: 'a',
  toMachine: 'b',
  sourceAddress: '10.0.0.5',
  account: '',
  technique: 'T1021.001',
  title: '',
  from: 100 * MINUTE,
  to: 110 * MINUTE,
  time: 100 * MINUTE,
  evidence: [ref('flows')],
  evidenceTotal: 1,
  sources: 1,
  ...fields,
})
const logon = (fields: Partial<Hop> = {}) =>
  hop({ account: 'EX\\nora', from: 101 * MINUTE, to: 101 * MINUTE, evidence: [ref('log')], sources: 3, ...fields })

test.each<[string, Hop, Hop, number]>([
  ['one way, both recorded', logon(), hop({}), 1],
  ['a network log-on and SMB', logon({ technique: 'T1021' }), hop({ technique: 'T1021.002' }), 1],
  ['a network log-on and SSH', logon({ technique: 'T1021' }), hop({ technique: 'T1021.004' }), 2],
  ['remote desktop and SMB', logon(), hop({ technique: 'T1021.002' }), 2],
  ['an hour later', logon({ from: 170 * MINUTE, to: 170 * MINUTE }), hop({}), 2],
  ['before the connection', logon({ from: 90 * MINUTE, to: 90 * MINUTE }), hop({}), 2],
  ['to another machine', logon({ toMachine: 'c' }), hop({}), 2],
])('%s', (_name, one, other, count) => {
  const hops = withBothWitnesses([one], [other])
  expect(hops).toHaveLength(count)
  expect(hops.map(({ bothSeen }) => bothSeen === true)).toEqual(count === 1 ? [true] : [false, false])
})

test('the log-on says who, the connection which way, and the records of both are kept', () => {
  expect(withBothWitnesses([logon({ technique: 'T1021' })], [hop({ technique: 'T1021.002' })])).toEqual([
    {
      ...logon({ technique: 'T1021.002' }),
      from: 100 * MINUTE,
      sources: 1,
      evidence: [ref('log'), ref('flows')],
      evidenceTotal: 2,
      bothSeen: true,
    },
  ])
})
