import { expect, test } from 'vitest'
import { eventOf, severityFor } from '../../../test/record-detector.ts'
import { explicitCredentials } from './explicit-credentials.ts'

const used = (subjectUser: string, user: string, target: string, process = 'C:\\Windows\\System32\\net.exe') =>
  eventOf<'authentication'>({ kind: 'authentication', action: 'explicit', subjectUser, user, target, process })

test.each([
  ['another account, another machine', used('EXAMPLE\\ann', 'EXAMPLE\\admin', 'dc01.example'), 'low'],
  ['through an unremarkable program', used('EXAMPLE\\ann', 'EXAMPLE\\admin', 'dc01.example', 'C:\\x\\tool.exe'), 'informational'],
  ['the own account', used('EXAMPLE\\ann', 'ann@example', 'dc01.example'), ''],
  ['this machine', used('EXAMPLE\\ann', 'EXAMPLE\\admin', 'localhost'), ''],
  ['elevation', used('EXAMPLE\\WEB01$', 'EXAMPLE\\admin', 'localhost', 'C:\\Windows\\System32\\consent.exe'), ''],
  ['a service of the system', used('EXAMPLE\\WEB01$', 'EXAMPLE\\svc', 'dc01', 'C:\\Windows\\System32\\svchost.exe'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(explicitCredentials, event)).toBe(severity)
})
