/** Labels of the texts of Security events and the names their data has in the log, by the paragraph they stand in ('' for any). */
const LABELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  subject: {
    'account name': 'SubjectUserName',
    'account domain': 'SubjectDomainName',
    'logon id': 'SubjectLogonId',
    'security id': 'SubjectUserSid',
  },
  'creator subject': {
    'account name': 'SubjectUserName',
    'account domain': 'SubjectDomainName',
    'logon id': 'SubjectLogonId',
    'security id': 'SubjectUserSid',
  },
  'target subject': {
    'account name': 'TargetUserName',
    'account domain': 'TargetDomainName',
    'logon id': 'TargetLogonId',
    'security id': 'TargetUserSid',
  },
  'new logon': {
    'account name': 'TargetUserName',
    'account domain': 'TargetDomainName',
    'logon id': 'TargetLogonId',
    'security id': 'TargetUserSid',
  },
  'account for which logon failed': {
    'account name': 'TargetUserName',
    'account domain': 'TargetDomainName',
    'security id': 'TargetUserSid',
  },
  'account whose credentials were used': { 'account name': 'TargetUserName', 'account domain': 'TargetDomainName' },
  'target account': { 'account name': 'TargetUserName', 'account domain': 'TargetDomainName', 'security id': 'TargetSid' },
  'new account': { 'account name': 'TargetUserName', 'account domain': 'TargetDomainName', 'security id': 'TargetSid' },
  'account information': {
    'account name': 'TargetUserName',
    'supplied realm name': 'TargetDomainName',
    'account domain': 'TargetDomainName',
  },
  member: { 'account name': 'MemberName', 'security id': 'MemberSid' },
  group: {
    'group name': 'TargetUserName',
    'account name': 'TargetUserName',
    'group domain': 'TargetDomainName',
    'security id': 'TargetSid',
  },
  'target server': { 'target server name': 'TargetServerName', 'additional information': 'TargetInfo' },
  'failure information': { 'failure reason': 'FailureReason', status: 'Status', 'sub status': 'SubStatus' },
  'network information': {
    'workstation name': 'WorkstationName',
    'source network address': 'IpAddress',
    'network address': 'IpAddress',
    'client address': 'IpAddress',
    'source address': 'IpAddress',
    'source port': 'IpPort',
    port: 'IpPort',
    'client port': 'IpPort',
  },
  'process information': {
    'new process id': 'NewProcessId',
    'new process name': 'NewProcessName',
    'token elevation type': 'TokenElevationType',
    'mandatory label': 'MandatoryLabel',
    'creator process id': 'ProcessId',
    'creator process name': 'ParentProcessName',
    'process command line': 'CommandLine',
    'process id': 'ProcessId',
    'process name': 'ProcessName',
    'caller process id': 'ProcessId',
    'caller process name': 'ProcessName',
  },
  object: { 'object name': 'ObjectName', 'object type': 'ObjectType', 'object server': 'ObjectServer', 'handle id': 'HandleId' },
  'share information': {
    'share name': 'ShareName',
    'share path': 'ShareLocalPath',
    'relative target name': 'RelativeTargetName',
  },
  'task information': { 'task name': 'TaskName', 'task content': 'TaskContent' },
  'service information': {
    'service name': 'ServiceName',
    'service file name': 'ServiceFileName',
    'service type': 'ServiceType',
    'service start type': 'ServiceStartType',
    'service account': 'ServiceAccount',
  },
  'detailed authentication information': {
    'logon process': 'LogonProcessName',
    'authentication package': 'AuthenticationPackageName',
  },
  '': {
    'logon type': 'LogonType',
    'logon account': 'TargetUserName',
    'source workstation': 'Workstation',
    'error code': 'Status',
    'service name': 'ServiceName',
    'service file name': 'ImagePath',
    'service type': 'ServiceType',
    'service start type': 'StartType',
    'service account': 'AccountName',
    privileges: 'PrivilegeList',
  },
}

/**
 * Data of an event read out of its text, under the names it has in the log: paragraphs with labels (Security), "Name: value" lines (Sysmon).
 * The first value of a name counts; a text in another language than English gives none.
 */
export function fieldsOfMessage(message: string, isSysmon: boolean): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null)
  let paragraph = ''
  for (const line of message.slice(0, 65_536).split(/\r?\n/)) {
    const match = /^(\s*)([A-Z][\w /()-]{1,60}):(?:\s+(.*))?$/.exec(line)
    if (!match) continue
    const [, indent = '', label = '', value = ''] = match
    if (isSysmon) {
      if (!label.includes(' ')) fields[label] ??= value.trim()
      continue
    }
    const plain = label.toLowerCase()
    if (indent === '' && value.trim() === '') {
      paragraph = plain
      continue
    }
    const name = LABELS[paragraph]?.[plain] ?? LABELS['']?.[plain]
    const text = value.trim()
    if (name !== undefined && text !== '') fields[name] ??= text
  }
  return fields
}
