import { expect, test } from 'vitest'
import { smb, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { remoteExecution } from './remote-execution.ts'

const call = (operation: string, dst = '10.0.0.9') => smb(0, '10.0.0.5', dst, { action: 'pipe', operation })
const write = (share: string, path: string) => smb(0, '10.0.0.5', '10.0.0.9', { action: 'write', share, path })

test.each([
  [
    'PsExec',
    [write('\\\\srv\\ADMIN$', 'x.exe'), call('svcctl::CreateServiceW'), call('svcctl::StartServiceW')],
    [
      'medium: 10.0.0.5 ran something on 10.0.0.9 through a program on an administrative share and a service',
      'T1021.002,T1569.002,T1570',
    ],
  ],
  [
    'a remote task',
    [call('ITaskSchedulerService::SchRpcRegisterTask')],
    ['medium: 10.0.0.5 ran something on 10.0.0.9 through a scheduled task', 'T1021.002,T1053.005'],
  ],
  ['WMI', [call('IWbemServices::ExecMethod')], ['medium: 10.0.0.5 ran something on 10.0.0.9 through WMI', 'T1021.002,T1047']],
  [
    'a copied program alone',
    [write('\\\\srv\\C$', 'Windows\\x.dll')],
    ['low: 10.0.0.5 ran something on 10.0.0.9 through a program on an administrative share', 'T1021.002,T1570'],
  ],
  [
    'looking at services',
    [call('svcctl::OpenSCManagerW'), call('svcctl::EnumServicesStatusW'), call('IWbemServices::ExecQuery')],
    [],
  ],
  ['a document on a share', [write('\\\\srv\\public', 'x.exe'), write('\\\\srv\\C$', 'a.docx')], []],
])('%s', async (_name, events, [said, techniques]) => {
  const found = await foundBy(remoteExecution, events)
  expect(saidIn(found)).toEqual(said === undefined ? [] : [said])
  expect(found[0]?.techniques.join()).toBe(techniques)
})

test('a management server that does so everywhere is low', async () => {
  const found = await foundBy(
    remoteExecution,
    times(12, i => call('svcctl::StartServiceW', `10.0.9.${i}`)),
  )
  expect(found.map(finding => finding.severity)).toEqual(times(12, () => 'low'))
})
