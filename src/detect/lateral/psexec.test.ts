import { expect, test } from 'vitest'
import { command, eventOf, processStart, severityFor } from '../../../test/record-detector.ts'
import { psexec } from './psexec.ts'

const service = (name: string, path: string) =>
  eventOf<'service_activity'>({ kind: 'service_activity', action: 'install', name, path, user: 'EXAMPLE\\ann' })
const pipe = (path: string) =>
  eventOf<'smb_activity'>({
    kind: 'smb_activity',
    action: 'open',
    share: '\\\\*\\IPC$',
    path,
    user: 'EXAMPLE\\ann',
    srcIp: '10.0.0.9',
  })

test.each([
  ['service', service('PSEXESVC', '%SystemRoot%\\PSEXESVC.exe'), 'medium'],
  [
    'what it runs',
    processStart({
      image: 'C:\\Windows\\System32\\reg.exe',
      commandLine: '"reg" save HKLM\\x y',
      parentImage: 'C:\\Windows\\PSEXESVC.exe',
    }),
    'medium',
  ],
  ['the client', command('PsExec.exe -accepteula \\\\dc01 cmd'), 'medium'],
  ['its pipe over the network', pipe('PSEXESVC'), 'medium'],
  ['renamed, known by the pipe names', pipe('svc2-PC01-4052-stdin'), 'high'],
  ['SYSTEM rights here', command('PsExec.exe -accepteula -s cmd.exe'), 'low'],
  // look-alikes
  ['another service', service('Spooler', 'C:\\Windows\\System32\\spoolsv.exe'), ''],
  ['the service manager pipe', pipe('svcctl'), ''],
  [
    'a browser pipe',
    eventOf<'file_activity'>({
      kind: 'file_activity',
      action: 'pipe-create',
      path: '\\mojo.1234.5678.stdin',
      image: 'C:\\chrome.exe',
    }),
    '',
  ],
  ['a text about it', command('notepad.exe psexec-notes.txt'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(psexec, event)).toBe(severity)
})
