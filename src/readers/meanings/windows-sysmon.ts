import type { EventFields } from '../../model/index.ts'
import type { ProviderTable, WindowsFields } from './windows-fields.ts'

// Sysmon events: learn.microsoft.com/sysinternals/downloads/sysmon, "Events".

const actor = (e: WindowsFields) => ({
  image: e.text('Image'),
  pid: e.number('ProcessId'),
  processGuid: e.guid('ProcessGuid'),
  user: e.text('User'),
})

function processStart(e: WindowsFields): EventFields {
  return {
    kind: 'process_activity',
    action: 'start',
    ...actor(e),
    commandLine: e.text('CommandLine'),
    parentImage: e.text('ParentImage'),
    parentCommandLine: e.text('ParentCommandLine'),
    parentPid: e.number('ParentProcessId'),
    parentGuid: e.guid('ParentProcessGuid'),
    logonId: e.id('LogonId'),
    integrity: e.text('IntegrityLevel'),
    originalFileName: e.text('OriginalFileName'),
    hashes: e.text('Hashes'),
    currentDirectory: e.text('CurrentDirectory'),
  }
}

function connection(e: WindowsFields): EventFields {
  return {
    kind: 'network_activity',
    action: 'open',
    protocol: e.text('Protocol').toLowerCase(),
    srcIp: e.address('SourceIp'),
    srcPort: e.number('SourcePort'),
    dstIp: e.address('DestinationIp'),
    dstPort: e.number('DestinationPort'),
    srcHost: e.text('SourceHostname'),
    dstHost: e.text('DestinationHostname'),
    initiatorKnown: true,
    ...actor(e),
  }
}

/** Names of earlier versions end in "GUID". */
const source = (e: WindowsFields) => ({
  image: e.text('SourceImage'),
  pid: e.number('SourceProcessId'),
  processGuid: e.guid('SourceProcessGUID', 'SourceProcessGuid'),
  user: e.text('SourceUser'),
  targetImage: e.text('TargetImage'),
  targetPid: e.number('TargetProcessId'),
})

const file =
  (action: string) =>
  (e: WindowsFields): EventFields => ({
    kind: 'file_activity',
    action,
    path: e.text('TargetFilename'),
    hashes: e.first('Hashes', 'Hash'),
    ...actor(e),
  })

const registry =
  (action: string) =>
  (e: WindowsFields): EventFields => {
    const target = e.text('TargetObject')
    const cut = target.lastIndexOf('\\')
    const isValue = action === 'set-value' || e.text('EventType') === 'DeleteValue'
    return {
      kind: 'registry_activity',
      action: action === 'create-key' && e.text('EventType').startsWith('Delete') ? 'delete' : action,
      key: isValue && cut > 0 ? target.slice(0, cut) : target,
      valueName: isValue && cut > 0 ? target.slice(cut + 1) : '',
      value: action === 'rename' ? e.text('NewName') : e.text('Details'),
      ...actor(e),
    }
  }

const pipe =
  (action: string) =>
  (e: WindowsFields): EventFields => ({
    kind: 'file_activity',
    action,
    path: e.text('PipeName'),
    ...actor(e),
  })

const wmi = (e: WindowsFields): EventFields => ({
  kind: 'scheduled_job_activity',
  action: e.text('Operation') === 'Deleted' ? 'delete' : e.text('Operation') === 'Modified' ? 'update' : 'register',
  name: e.first('Name', 'Filter', 'Consumer'),
  command: e.first('Destination', 'Query', 'Consumer'),
  user: e.text('User'),
})

const config = (e: WindowsFields): EventFields => ({
  kind: 'log_activity',
  action: 'policy-changed',
  log: 'Microsoft-Windows-Sysmon/Operational',
  detail: e.first('Configuration', 'State', 'Description'),
})

const other = (e: WindowsFields): EventFields => ({
  kind: 'other_activity',
  message: e.first('Description', 'Clipboard', 'Type', 'Device', 'ImageLoaded'),
  ...actor(e),
})

export const sysmon: ProviderTable = {
  1: processStart,
  2: e => ({ ...file('time-changed')(e), fileTime: e.time('PreviousCreationUtcTime') }) as EventFields<'file_activity'>,
  3: connection,
  4: e => ({
    kind: 'log_activity',
    action: e.text('State') === 'Stopped' ? 'stopped' : 'started',
    log: 'Microsoft-Windows-Sysmon/Operational',
    detail: `Sysmon ${e.text('State').toLowerCase()}`,
  }),
  5: e => ({ kind: 'process_activity', action: 'stop', ...actor(e) }),
  6: e => ({
    kind: 'process_activity',
    action: 'load',
    image: 'System',
    module: e.text('ImageLoaded'),
    hashes: e.text('Hashes'),
    signer: e.text('Signature'),
  }),
  7: e => ({
    kind: 'process_activity',
    action: 'load',
    ...actor(e),
    module: e.text('ImageLoaded'),
    originalFileName: e.text('OriginalFileName'),
    hashes: e.text('Hashes'),
    signer: e.text('Signature'),
  }),
  8: e => ({ kind: 'process_activity', action: 'inject', ...source(e) }),
  9: e => ({ kind: 'file_activity', action: 'read', path: e.text('Device'), ...actor(e) }),
  10: e => ({ kind: 'process_activity', action: 'access', ...source(e), grantedAccess: e.id('GrantedAccess') }),
  11: file('create'),
  12: registry('create-key'),
  13: registry('set-value'),
  14: registry('rename'),
  15: file('stream'),
  16: config,
  17: pipe('pipe-create'),
  18: pipe('pipe-connect'),
  19: wmi,
  20: wmi,
  21: wmi,
  22: e => ({
    kind: 'dns_activity',
    query: e.text('QueryName'),
    responseCode: e.text('QueryStatus'),
    answers: e.text('QueryResults'),
    image: e.text('Image'),
  }),
  23: file('delete'),
  24: other,
  25: e => ({ kind: 'process_activity', action: 'inject', ...actor(e), targetImage: e.text('Image') }),
  26: file('delete'),
  27: file('create'),
  28: file('delete'),
  29: file('create'),
  255: other,
}
