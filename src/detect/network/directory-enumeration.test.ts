import { expect, test } from 'vitest'
import { smb, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { directoryEnumeration } from './directory-enumeration.ts'

const CALLS = [
  'samr::SamrEnumerateUsersInDomain',
  'samr::SamrQueryInformationGroup',
  'samr::SamrGetMembersInGroup',
  'lsarpc::LsarLookupSids3',
]
const asks = (calls: readonly string[], src = '10.0.0.5', every = 10) =>
  calls.map((operation, i) => smb(i * every, src, '10.0.0.1', { action: 'pipe', operation }))

test.each([
  ['four different questions', asks(CALLS), ['low: 10.0.0.5 listed accounts and groups of 10.0.0.1']],
  [
    'a log-on',
    asks([
      'samr::SamrConnect5',
      'samr::SamrOpenDomain',
      'samr::SamrCloseHandle',
      'lsarpc::LsarOpenPolicy2',
      'lsarpc::LsarLookupSids3',
    ]),
    [],
  ],
  ['over many hours', asks(CALLS, '10.0.0.5', 4000), []],
  [
    'everybody does it here',
    times(6, host => asks(CALLS, `10.0.0.${host + 10}`)).flat(),
    times(6, host => `informational: 10.0.0.${host + 10} listed accounts and groups of 10.0.0.1`),
  ],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(directoryEnumeration, events))).toEqual(expected)
})
