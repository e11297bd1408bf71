import { expect, test } from 'vitest'
import { command, eventOf, processStart, saidBy, severityFor } from '../../../test/record-detector.ts'
import { winrm } from './winrm.ts'

const HOST = 'C:\\Windows\\System32\\wsmprovhost.exe'

test('names account and command', () => {
  expect(
    saidBy(
      winrm,
      processStart({
        image: HOST,
        commandLine: `${HOST} -Embedding`,
        parentImage: 'C:\\Windows\\System32\\svchost.exe',
        user: 'EXAMPLE\\ann',
      }),
    ),
  ).toBe(`low: Remote session began as EXAMPLE\\ann: ${HOST} -Embedding`)
})

test.each([
  ['what it runs', processStart({ image: 'C:\\Windows\\System32\\whoami.exe', parentImage: HOST }), 'medium'],
  ['a product over it', processStart({ image: 'C:\\Program Files\\x\\setup.exe', parentImage: HOST }), 'low'],
  ['the asking side', command('powershell -c "Enter-PSSession -ComputerName dc01"'), 'low'],
  [
    'a script asks',
    eventOf<'script_activity'>({ kind: 'script_activity', text: 'Invoke-Command -ComputerName dc01 -ScriptBlock { hostname }' }),
    'low',
  ],
  [
    'with a password in clear',
    eventOf<'script_activity'>({
      kind: 'script_activity',
      text: "$c = ConvertTo-SecureString 'x' -AsPlainText; Invoke-Command -ComputerName dc01 { hostname }",
    }),
    'medium',
  ],
  [
    'from a program on a desktop',
    eventOf<'script_activity'>({
      kind: 'script_activity',
      text: 'Invoke-Command -ComputerName dc01 { hostname }',
      hostApplication: 'C:\\Users\\ann\\Desktop\\g.exe',
    }),
    'high',
  ],
  [
    'its connection',
    eventOf<'network_activity'>({
      kind: 'network_activity',
      action: 'open',
      image: 'C:\\Users\\ann\\Desktop\\g.exe',
      dstIp: '10.0.0.2',
      dstPort: 5985,
    }),
    'medium',
  ],
  ['its console', processStart({ image: 'C:\\Windows\\System32\\conhost.exe', parentImage: HOST }), ''],
  ['a local call', eventOf<'script_activity'>({ kind: 'script_activity', text: 'Invoke-Command -ScriptBlock { hostname }' }), ''],
  [
    'forwarded events',
    eventOf<'network_activity'>({
      kind: 'network_activity',
      action: 'open',
      image: 'C:\\Windows\\System32\\svchost.exe',
      dstIp: '10.0.0.2',
      dstPort: 5985,
    }),
    '',
  ],
  [
    'another port',
    eventOf<'network_activity'>({
      kind: 'network_activity',
      action: 'open',
      image: 'C:\\x.exe',
      dstIp: '10.0.0.2',
      dstPort: 443,
    }),
    '',
  ],
])('%s', (_name, event, severity) => {
  expect(severityFor(winrm, event)).toBe(severity)
})
