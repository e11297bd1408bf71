import { expect, test } from 'vitest'
import { type EvidenceId, type Micros, originalLine, type SecurityEvent } from '../model/index.ts'
import { withActors } from './match-actors.ts'

const started = (user: string): SecurityEvent => ({
  kind: 'process_activity',
  source: { evidence: 'e' as EvidenceId, record: 1, offset: 0 },
  time: 0 as Micros,
  host: 'web01',
  series: '',
  identity: 1,
  product: 'sysmon',
  code: '1',
  original: originalLine(''),
  user,
})

test.each([
  ['the event names a person', {}, 'EXAMPLE\\nora', ['EXAMPLE\\nora']],
  ['the machine itself is nobody', {}, 'NT AUTHORITY\\SYSTEM', undefined],
  ['what the detector says stands', { accounts: ['EXAMPLE\\admin'] }, 'EXAMPLE\\nora', ['EXAMPLE\\admin']],
  ['even when it says nobody', { accounts: [] }, 'EXAMPLE\\nora', []],
])('%s', (_name, said, user, accounts) => {
  expect(withActors({ title: 't', object: 'o', ...said }, started(user)).accounts).toEqual(accounts)
})
