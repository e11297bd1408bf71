import { expect, test } from 'vitest'
import { command, severityFor } from '../../../test/record-detector.ts'
import { sessionHijack } from './session-hijack.ts'

test.each([
  ['as SYSTEM', command('tscon 2 /dest:rdp-tcp#4', { user: 'NT AUTHORITY\\SYSTEM' }), 'high'],
  ['through a service', command('sc create sess binpath= "cmd.exe /k tscon 2 /dest:rdp-tcp#4"'), 'high'],
  ['by a user', command('tscon.exe 1 /dest:console'), 'medium'],
  ['watched', command('mstsc.exe /shadow:2 /control /noConsentPrompt'), 'medium'],
  ['watched with consent', command('mstsc.exe /shadow:2 /control'), ''],
  ['an ordinary connection', command('mstsc.exe /v:fs01'), ''],
  ['help', command('tscon /?'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(sessionHijack, event)).toBe(severity)
})
