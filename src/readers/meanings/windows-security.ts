import type { EventFields } from '../../model/index.ts'
import { accounts } from './windows-accounts.ts'
import { isProcessObject, type ProviderTable, protocolName, type WindowsFields, type WindowsMapping } from './windows-fields.ts'
import { logons } from './windows-logons.ts'
import { unescapeXml } from './windows-xml.ts'

// Security log: learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing

/** Integrity levels as mandatory labels name them (S-1-16-…). */
const INTEGRITY: Readonly<Record<string, string>> = {
  'S-1-16-4096': 'Low',
  'S-1-16-8192': 'Medium',
  'S-1-16-8448': 'MediumPlus',
  'S-1-16-12288': 'High',
  'S-1-16-16384': 'System',
}

/** The new process runs as Target where one is named (a service or a run-as), else as Subject. */
function processStart(e: WindowsFields): EventFields {
  const target = e.target()
  const targetLogon = e.id('TargetLogonId')
  return {
    kind: 'process_activity',
    action: 'start',
    image: e.text('NewProcessName'),
    commandLine: e.first('CommandLine', 'ProcessCommandLine'),
    pid: e.number('NewProcessId'),
    parentImage: e.first('ParentProcessName', 'CreatorProcessName'),
    parentPid: e.number('ProcessId'),
    user: target || e.subject(),
    logonId: target && targetLogon !== '0x0' ? targetLogon : e.id('SubjectLogonId'),
    integrity: INTEGRITY[e.text('MandatoryLabel')] ?? e.text('MandatoryLabel'),
  }
}

const INBOUND = '%%14592'
/** First dynamic port of current Windows (RFC 6335, 6): a port below is one somebody listens on. */
const FIRST_DYNAMIC_PORT = 49_152

/**
 * The platform's Source is the local side on some versions of Windows and the initiator on others. For inbound traffic the local side
 * is the one that listens: a port below the dynamic ones, or an address that many share.
 */
function isLocalFirst(e: WindowsFields): boolean {
  if (e.text('Direction') !== INBOUND) return false
  if (/\.255$|^2(?:2[4-9]|3\d)\.|^ff/i.test(e.text('SourceAddress'))) return true
  const source = e.number('SourcePort') ?? 0
  const destination = e.number('DestPort') ?? 0
  return source < FIRST_DYNAMIC_PORT && destination >= FIRST_DYNAMIC_PORT
}

const filtering =
  (action: string): WindowsMapping =>
  e => {
    const [from, to] = isLocalFirst(e) ? ['Dest', 'Source'] : ['Source', 'Dest']
    return {
      kind: 'network_activity',
      action,
      protocol: protocolName(e.text('Protocol')),
      srcIp: e.address(`${from}Address`),
      srcPort: e.number(`${from}Port`),
      dstIp: e.address(`${to}Address`),
      dstPort: e.number(`${to}Port`),
      initiatorKnown: true,
      image: e.text('Application'),
      pid: e.number('ProcessID', 'ProcessId'),
    }
  }

const listening: WindowsMapping = e => ({
  kind: 'network_activity',
  action: 'listen',
  protocol: protocolName(e.text('Protocol')),
  dstIp: e.address('SourceAddress'),
  dstPort: e.number('SourcePort'),
  image: e.text('Application'),
  pid: e.number('ProcessID', 'ProcessId'),
})

const actor = (e: WindowsFields) => ({
  image: e.text('ProcessName'),
  pid: e.number('ProcessId'),
  user: e.subject(),
})

/** Rights of files, low bits of the access mask: learn.microsoft.com/windows/win32/fileio/file-access-rights-constants. */
function fileAction(mask: number): string {
  if (mask & 0x10000) return 'delete'
  if (mask & 0x6) return 'write'
  if (mask & 0xc0000) return 'permission'
  return 'read'
}

/** 4656 (asked for) and 4663 (done) on a process, a file or a key; other objects stay what they are. */
const objectAccess: WindowsMapping = e => {
  const type = e.text('ObjectType')
  const name = e.text('ObjectName')
  const mask = e.number('AccessMask') ?? 0
  if (isProcessObject(type))
    return { kind: 'process_activity', action: 'access', ...actor(e), targetImage: name, grantedAccess: e.id('AccessMask') }
  if (type === 'File') return { kind: 'file_activity', action: fileAction(mask), path: name, ...actor(e) }
  if (type === 'Key') return { kind: 'registry_activity', action: 'read', key: name, ...actor(e) }
  return { kind: 'other_activity', message: `access to ${type} ${name}`, user: e.subject(), image: e.text('ProcessName') }
}

const REGISTRY_ACTIONS: Readonly<Record<string, string>> = { '%%1904': 'set-value', '%%1905': 'set-value', '%%1906': 'delete' }

const share =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'smb_activity',
    action,
    srcIp: e.address('IpAddress'),
    srcPort: e.number('IpPort'),
    share: e.text('ShareName'),
    path: e.text('RelativeTargetName'),
    user: e.subject(),
    accessMask: e.id('AccessMask'),
  })

const job =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'scheduled_job_activity',
    action,
    name: e.text('TaskName'),
    command: taskCommand(e.first('TaskContent', 'TaskContentNew')),
    user: e.subject(),
    logonId: e.id('SubjectLogonId'),
  })

/** The command of a task definition, where it has one; else the definition's beginning. */
function taskCommand(xml: string): string {
  const command = /<Command>([^<]{1,4096})<\/Command>/.exec(xml)?.[1]
  const options = /<Arguments>([^<]{1,8192})<\/Arguments>/.exec(xml)?.[1]
  return command ? unescapeXml(options ? `${command} ${options}` : command) : xml.slice(0, 512)
}

const policyChanged: WindowsMapping = e => ({
  kind: 'log_activity',
  action: 'policy-changed',
  log: 'Security',
  user: e.subject(),
  logonId: e.id('SubjectLogonId'),
  detail: [e.text('CategoryId'), e.text('SubcategoryId'), e.text('SubcategoryGuid'), e.text('AuditPolicyChanges')]
    .filter(part => part !== '')
    .join(' '),
})

/** Changes of the machine's own security settings that no typed kind holds. */
const setting =
  (message: string): WindowsMapping =>
  e => ({
    kind: 'other_activity',
    message:
      `${message} ${e.first('RuleName', 'RuleId', 'ProfileChanged', 'ObjectDN', 'ObjectName', 'ServiceName', 'PrivilegeList', 'TargetName')}`.trim(),
    user: e.subject(),
    image: e.first('ProcessName', 'Application'),
    srcIp: e.address('IpAddress'),
  })

export const securityAuditing: ProviderTable = {
  ...logons,
  ...accounts,
  4688: processStart,
  4689: e => ({ kind: 'process_activity', action: 'stop', ...actor(e), logonId: e.id('SubjectLogonId') }),
  4656: objectAccess,
  4663: objectAccess,
  4657: e => ({
    kind: 'registry_activity',
    action: REGISTRY_ACTIONS[e.text('OperationType')] ?? 'set-value',
    key: e.text('ObjectName'),
    valueName: e.text('ObjectValueName'),
    value: e.text('NewValue'),
    ...actor(e),
  }),
  4660: setting('object deleted'),
  4661: setting('handle to directory object'),
  4662: setting('operation on directory object'),
  4670: setting('permissions changed on'),
  4673: setting('privileged service called'),
  4674: setting('operation on privileged object'),
  4697: e => ({
    kind: 'service_activity',
    action: 'install',
    name: e.text('ServiceName'),
    path: e.text('ServiceFileName'),
    startType: e.text('ServiceStartType'),
    account: e.text('ServiceAccount'),
    user: e.subject(),
    logonId: e.id('SubjectLogonId'),
  }),
  4698: job('register'),
  4699: job('delete'),
  4700: job('enable'),
  4701: job('disable'),
  4702: job('update'),
  4715: policyChanged,
  4719: policyChanged,
  4904: policyChanged,
  4905: policyChanged,
  4907: policyChanged,
  4912: policyChanged,
  4946: setting('firewall rule added:'),
  4947: setting('firewall rule changed:'),
  4948: setting('firewall rule deleted:'),
  4950: setting('firewall setting changed:'),
  5136: setting('directory object changed:'),
  5137: setting('directory object created:'),
  5140: share('share'),
  5142: share('share-added'),
  5143: share('share-changed'),
  5144: share('share-deleted'),
  5145: share('open'),
  5152: filtering('deny'),
  5154: listening,
  5156: filtering('open'),
  5157: filtering('deny'),
  5158: listening,
  6416: setting('external device recognised'),
}
