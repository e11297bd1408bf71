import { describe, expect, test } from 'vitest'
import { micros } from '../../model/index.ts'
import { mapWindows, windowsEvent } from './windows.ts'
import { EventFieldsBuilder, originalOfFields } from './windows-names.ts'
import { readEventXml } from './windows-xml.ts'

const AUDITING = 'Microsoft-Windows-Security-Auditing'
const SYSMON = 'Microsoft-Windows-Sysmon'

function map(provider: string, channel: string, eventId: number, fields: Record<string, string>) {
  const mapped = mapWindows({
    original: originalOfFields(fields),
    provider,
    channel,
    computer: 'ws1',
    eventId: String(eventId),
    recordId: 1,
    time: micros(0),
  })
  // Empty and unknown columns say the same.
  return Object.fromEntries(Object.entries(mapped).filter(([, value]) => value !== '' && value !== undefined))
}
const security = (eventId: number, fields: Record<string, string>) => map(AUDITING, 'Security', eventId, fields)
const sysmon = (eventId: number, fields: Record<string, string>) => map(SYSMON, `${SYSMON}/Operational`, eventId, fields)

const SUBJECT = { SubjectUserName: 'nora', SubjectDomainName: 'EXAMPLE', SubjectLogonId: '0x3E7' }
const TARGET = { TargetUserName: 'adm', TargetDomainName: 'EXAMPLE', TargetLogonId: '0xAF' }
const ACTOR = { Image: 'C:\\a.exe', ProcessId: '12', ProcessGuid: '{AB-CD}', User: 'EXAMPLE\\nora' }
const actor = { image: 'C:\\a.exe', pid: 12, processGuid: 'ab-cd', user: 'EXAMPLE\\nora' }

describe('Security', () => {
  test.each<[string, number, Record<string, string>, object]>([
    [
      'a process started by its creator',
      4688,
      {
        ...SUBJECT,
        NewProcessId: '0x10',
        NewProcessName: 'C:\\c.exe',
        ProcessId: '0xff',
        ParentProcessName: 'C:\\p.exe',
        CommandLine: 'c /x',
        MandatoryLabel: 'S-1-16-12288',
        TargetUserName: '-',
        TargetDomainName: '-',
        TargetLogonId: '0x0',
      },
      {
        kind: 'process_activity',
        action: 'start',
        image: 'C:\\c.exe',
        commandLine: 'c /x',
        pid: 16,
        parentImage: 'C:\\p.exe',
        parentPid: 255,
        user: 'EXAMPLE\\nora',
        logonId: '0x3e7',
        integrity: 'High',
      },
    ],
    [
      'a process started for another account',
      4688,
      { ...SUBJECT, ...TARGET, NewProcessId: '16', NewProcessName: 'C:\\c.exe' },
      { kind: 'process_activity', action: 'start', image: 'C:\\c.exe', pid: 16, user: 'EXAMPLE\\adm', logonId: '0xaf' },
    ],
    [
      'a process ended',
      4689,
      { ...SUBJECT, ProcessName: 'C:\\c.exe', ProcessId: '0x10' },
      { kind: 'process_activity', action: 'stop', image: 'C:\\c.exe', pid: 16, user: 'EXAMPLE\\nora', logonId: '0x3e7' },
    ],
    [
      'a log-on over the network',
      4624,
      {
        ...TARGET,
        SubjectUserName: '-',
        LogonType: '3',
        IpAddress: '::ffff:192.0.2.7',
        IpPort: '0',
        WorkstationName: 'WS2',
        AuthenticationPackageName: 'NTLM',
      },
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'success',
        user: 'EXAMPLE\\adm',
        logonType: 3,
        logonId: '0xaf',
        srcIp: '192.0.2.7',
        srcHost: 'WS2',
        protocol: 'ntlm',
      },
    ],
    [
      'a local address stays',
      4624,
      { ...TARGET, IpAddress: '127.0.0.1' },
      { kind: 'authentication', action: 'logon', outcome: 'success', user: 'EXAMPLE\\adm', logonId: '0xaf', srcIp: '127.0.0.1' },
    ],
    [
      'a failed log-on with the reason behind it',
      4625,
      { ...TARGET, Status: '0xc000006d', SubStatus: '0xC0000064' },
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'failure',
        user: 'EXAMPLE\\adm',
        logonId: '0xaf',
        reason: 'no such user',
      },
    ],
    [
      'a failed log-on without sub-status',
      4625,
      { ...TARGET, Status: '0xc000006d', SubStatus: '0x0' },
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'failure',
        user: 'EXAMPLE\\adm',
        logonId: '0xaf',
        reason: 'bad user name or password',
      },
    ],
    [
      'a log-off',
      4634,
      { ...TARGET, LogonType: '10' },
      { kind: 'authentication', action: 'logoff', outcome: 'success', user: 'EXAMPLE\\adm', logonType: 10, logonId: '0xaf' },
    ],
    [
      'other credentials named',
      4648,
      { ...SUBJECT, ...TARGET, TargetServerName: 'dc1', ProcessName: 'C:\\r.exe' },
      {
        kind: 'authentication',
        action: 'explicit',
        outcome: 'success',
        user: 'EXAMPLE\\adm',
        subjectUser: 'EXAMPLE\\nora',
        logonId: '0x3e7',
        target: 'dc1',
        process: 'C:\\r.exe',
      },
    ],
    [
      'special privileges',
      4672,
      { ...SUBJECT, PrivilegeList: 'SeA\r\n\t\t\tSeB' },
      {
        kind: 'authentication',
        action: 'privileges',
        outcome: 'success',
        user: 'EXAMPLE\\nora',
        logonId: '0x3e7',
        reason: 'SeA SeB',
      },
    ],
    [
      'a ticket',
      4769,
      { TargetUserName: 'adm@EXAMPLE', ServiceName: 'cifs', IpAddress: '::ffff:10.0.0.5', Status: '0x0' },
      {
        kind: 'authentication',
        action: 'ticket',
        outcome: 'success',
        user: 'adm@EXAMPLE',
        srcIp: '10.0.0.5',
        target: 'cifs',
        protocol: 'kerberos',
      },
    ],
    [
      'a ticket refused',
      4768,
      { TargetUserName: 'adm', Status: '0x6' },
      { kind: 'authentication', action: 'ticket', outcome: 'failure', user: 'adm', protocol: 'kerberos', reason: 'no such user' },
    ],
    [
      'a wrong password for Kerberos',
      4771,
      { TargetUserName: 'adm', Status: '0x18', ServiceName: 'krbtgt/X', IpAddress: '10.0.0.5' },
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'failure',
        user: 'adm',
        srcIp: '10.0.0.5',
        target: 'krbtgt/X',
        protocol: 'kerberos',
        reason: 'wrong password',
      },
    ],
    [
      'credentials validated',
      4776,
      { TargetUserName: 'adm', Workstation: '\\\\WS2', Status: '0x0' },
      { kind: 'authentication', action: 'validate', outcome: 'success', user: 'adm', srcHost: '\\\\WS2', protocol: 'ntlm' },
    ],
    [
      'an account made',
      4720,
      { ...SUBJECT, ...TARGET },
      { kind: 'account_change', action: 'create', user: 'EXAMPLE\\nora', targetUser: 'EXAMPLE\\adm', logonId: '0x3e7' },
    ],
    [
      'a group joined',
      4732,
      { ...SUBJECT, TargetUserName: 'Administrators', TargetDomainName: 'Builtin', MemberName: '-', MemberSid: 'S-1-5-21-1' },
      {
        kind: 'account_change',
        action: 'group-add',
        user: 'EXAMPLE\\nora',
        targetUser: 'S-1-5-21-1',
        group: 'Builtin\\Administrators',
        logonId: '0x3e7',
      },
    ],
    [
      'a group listed',
      4799,
      { ...SUBJECT, TargetUserName: 'Administrators', TargetDomainName: 'Builtin', CallerProcessName: 'C:\\n.exe' },
      {
        kind: 'account_change',
        action: 'enumerate',
        user: 'EXAMPLE\\nora',
        group: 'Builtin\\Administrators',
        logonId: '0x3e7',
        process: 'C:\\n.exe',
      },
    ],
    [
      'a service installed',
      4697,
      { ...SUBJECT, ServiceName: 's', ServiceFileName: 'C:\\s.exe', ServiceStartType: '2', ServiceAccount: 'LocalSystem' },
      {
        kind: 'service_activity',
        action: 'install',
        name: 's',
        path: 'C:\\s.exe',
        startType: '2',
        account: 'LocalSystem',
        user: 'EXAMPLE\\nora',
        logonId: '0x3e7',
      },
    ],
    [
      'a task registered',
      4698,
      {
        ...SUBJECT,
        TaskName: '\\t',
        TaskContent: '<Task><Exec><Command>cmd.exe</Command><Arguments>/c &quot;x&quot; &amp;&amp; y</Arguments></Exec></Task>',
      },
      {
        kind: 'scheduled_job_activity',
        action: 'register',
        name: '\\t',
        command: 'cmd.exe /c "x" && y',
        user: 'EXAMPLE\\nora',
        logonId: '0x3e7',
      },
    ],
    [
      'the audit policy changed',
      4719,
      { ...SUBJECT, SubcategoryGuid: '{0cce922b}', AuditPolicyChanges: '%%8448' },
      {
        kind: 'log_activity',
        action: 'policy-changed',
        log: 'Security',
        user: 'EXAMPLE\\nora',
        logonId: '0x3e7',
        detail: '{0cce922b} %%8448',
      },
    ],
    [
      'a file on a share opened',
      5145,
      {
        ...SUBJECT,
        IpAddress: '10.0.0.5',
        IpPort: '4711',
        ShareName: '\\\\*\\ADMIN$',
        RelativeTargetName: 'x.exe',
        AccessMask: '0x2',
      },
      {
        kind: 'smb_activity',
        action: 'open',
        srcIp: '10.0.0.5',
        srcPort: 4711,
        share: '\\\\*\\ADMIN$',
        path: 'x.exe',
        user: 'EXAMPLE\\nora',
        accessMask: '0x2',
      },
    ],
    [
      'a process opened',
      4656,
      {
        ...SUBJECT,
        ObjectType: 'Process',
        ObjectName: '\\Device\\lsass.exe',
        AccessMask: '0x1410',
        ProcessName: 'C:\\a.exe',
        ProcessId: '0x10',
      },
      {
        kind: 'process_activity',
        action: 'access',
        image: 'C:\\a.exe',
        pid: 16,
        user: 'EXAMPLE\\nora',
        targetImage: '\\Device\\lsass.exe',
        grantedAccess: '0x1410',
      },
    ],
    [
      'a file written',
      4663,
      { ...SUBJECT, ObjectType: 'File', ObjectName: 'C:\\f', AccessMask: '0x2', ProcessName: 'C:\\a.exe' },
      { kind: 'file_activity', action: 'write', path: 'C:\\f', image: 'C:\\a.exe', user: 'EXAMPLE\\nora' },
    ],
    [
      'a file removed',
      4663,
      { ...SUBJECT, ObjectType: 'File', ObjectName: 'C:\\f', AccessMask: '0x10000' },
      { kind: 'file_activity', action: 'delete', path: 'C:\\f', user: 'EXAMPLE\\nora' },
    ],
    [
      'a registry value changed',
      4657,
      { ...SUBJECT, ObjectName: '\\REGISTRY\\X', ObjectValueName: 'v', NewValue: '1', OperationType: '%%1905' },
      { kind: 'registry_activity', action: 'set-value', key: '\\REGISTRY\\X', valueName: 'v', value: '1', user: 'EXAMPLE\\nora' },
    ],
    [
      'a remote desktop taken up again',
      4778,
      { AccountName: 'nora', AccountDomain: 'EXAMPLE', ClientAddress: '10.0.0.5', ClientName: 'WS2', SessionName: 'RDP-Tcp#8' },
      {
        kind: 'rdp_activity',
        action: 'reconnect',
        srcIp: '10.0.0.5',
        user: 'EXAMPLE\\nora',
        clientName: 'WS2',
        session: 'RDP-Tcp#8',
      },
    ],
    [
      'what nobody mapped keeps its values',
      4616,
      { ...SUBJECT, PreviousTime: 'x' },
      {
        kind: 'other_activity',
        message: 'SubjectUserName=nora; SubjectDomainName=EXAMPLE; SubjectLogonId=0x3E7; PreviousTime=x',
        user: 'EXAMPLE\\nora',
      },
    ],
  ])('%s (%i)', (_name, eventId, fields, expected) => {
    expect(security(eventId, fields)).toEqual(expected)
  })

  const outgoing = {
    Direction: '%%14593',
    SourceAddress: '10.0.0.5',
    SourcePort: '50000',
    DestAddress: '10.0.0.9',
    DestPort: '443',
    Protocol: '6',
    Application: 'a',
    ProcessID: '4',
  }
  test.each<[string, Record<string, string>, readonly unknown[]]>([
    ['outbound: the source opened it', outgoing, ['10.0.0.5', 50000, '10.0.0.9', 443]],
    [
      'inbound, source is the caller',
      { ...outgoing, Direction: '%%14592', SourcePort: '50452', DestPort: '8080' },
      ['10.0.0.5', 50452, '10.0.0.9', 8080],
    ],
    [
      'inbound, source is the local listener',
      { ...outgoing, Direction: '%%14592', SourcePort: '3389', DestPort: '49271' },
      ['10.0.0.9', 49271, '10.0.0.5', 3389],
    ],
    [
      'inbound to a broadcast address',
      { ...outgoing, Direction: '%%14592', SourceAddress: '10.255.255.255', SourcePort: '137', DestPort: '137' },
      ['10.0.0.9', 137, '10.255.255.255', 137],
    ],
  ])('a connection allowed: %s', (_name, fields, ends) => {
    const mapped = security(5156, fields)
    expect([mapped['srcIp'], mapped['srcPort'], mapped['dstIp'], mapped['dstPort']]).toEqual(ends)
    expect(mapped).toMatchObject({
      kind: 'network_activity',
      action: 'open',
      protocol: 'tcp',
      initiatorKnown: true,
      image: 'a',
      pid: 4,
    })
    expect(security(5157, fields)).toEqual({ ...mapped, action: 'deny' })
  })
})

describe('Sysmon', () => {
  test.each<[string, number, Record<string, string>, object]>([
    [
      'process start',
      1,
      {
        ...ACTOR,
        CommandLine: 'a /x',
        ParentImage: 'C:\\p.exe',
        ParentProcessId: '3',
        ParentProcessGuid: '{EF}',
        ParentCommandLine: 'p',
        LogonId: '0x3E7',
        IntegrityLevel: 'High',
        OriginalFileName: 'a.exe',
        Hashes: 'MD5=1',
        CurrentDirectory: 'C:\\',
      },
      {
        kind: 'process_activity',
        action: 'start',
        ...actor,
        commandLine: 'a /x',
        parentImage: 'C:\\p.exe',
        parentPid: 3,
        parentGuid: 'ef',
        parentCommandLine: 'p',
        logonId: '0x3e7',
        integrity: 'High',
        originalFileName: 'a.exe',
        hashes: 'MD5=1',
        currentDirectory: 'C:\\',
      },
    ],
    [
      'changed file time',
      2,
      { ...ACTOR, TargetFilename: 'C:\\f', PreviousCreationUtcTime: '2024-01-01 00:00:01.5' },
      {
        kind: 'file_activity',
        action: 'time-changed',
        path: 'C:\\f',
        ...actor,
        fileTime: Date.UTC(2024, 0, 1, 0, 0, 1, 500) * 1000,
      },
    ],
    [
      'connection',
      3,
      {
        ...ACTOR,
        Protocol: 'TCP',
        SourceIp: '10.0.0.5',
        SourcePort: '50000',
        DestinationIp: '192.0.2.1',
        DestinationPort: '443',
        DestinationHostname: 'x.example',
        SourceHostname: '-',
      },
      {
        kind: 'network_activity',
        action: 'open',
        protocol: 'tcp',
        srcIp: '10.0.0.5',
        srcPort: 50000,
        dstIp: '192.0.2.1',
        dstPort: 443,
        dstHost: 'x.example',
        initiatorKnown: true,
        ...actor,
      },
    ],
    ['process end', 5, ACTOR, { kind: 'process_activity', action: 'stop', ...actor }],
    [
      'module',
      7,
      { ...ACTOR, ImageLoaded: 'C:\\m.dll', Signature: 'Nobody' },
      { kind: 'process_activity', action: 'load', ...actor, module: 'C:\\m.dll', signer: 'Nobody' },
    ],
    [
      'remote thread',
      8,
      { SourceImage: 's', SourceProcessId: '1', SourceProcessGuid: '{A}', TargetImage: 't', TargetProcessId: '2' },
      { kind: 'process_activity', action: 'inject', image: 's', pid: 1, processGuid: 'a', targetImage: 't', targetPid: 2 },
    ],
    [
      'process access',
      10,
      {
        SourceImage: 's',
        SourceProcessId: '1',
        SourceProcessGUID: '{A}',
        TargetImage: 't',
        TargetProcessId: '2',
        GrantedAccess: '0x1FFFFF',
        SourceUser: 'u',
      },
      {
        kind: 'process_activity',
        action: 'access',
        image: 's',
        pid: 1,
        processGuid: 'a',
        user: 'u',
        targetImage: 't',
        targetPid: 2,
        grantedAccess: '0x1fffff',
      },
    ],
    [
      'file made',
      11,
      { ...ACTOR, TargetFilename: 'C:\\f' },
      { kind: 'file_activity', action: 'create', path: 'C:\\f', ...actor },
    ],
    [
      'key made',
      12,
      { ...ACTOR, EventType: 'CreateKey', TargetObject: 'HKLM\\A\\B' },
      { kind: 'registry_activity', action: 'create-key', key: 'HKLM\\A\\B', ...actor },
    ],
    [
      'value removed',
      12,
      { ...ACTOR, EventType: 'DeleteValue', TargetObject: 'HKLM\\A\\B' },
      { kind: 'registry_activity', action: 'delete', key: 'HKLM\\A', valueName: 'B', ...actor },
    ],
    [
      'value set',
      13,
      { ...ACTOR, EventType: 'SetValue', TargetObject: 'HKLM\\A\\B', Details: 'DWORD (0x1)' },
      { kind: 'registry_activity', action: 'set-value', key: 'HKLM\\A', valueName: 'B', value: 'DWORD (0x1)', ...actor },
    ],
    ['pipe made', 17, { ...ACTOR, PipeName: '\\p' }, { kind: 'file_activity', action: 'pipe-create', path: '\\p', ...actor }],
    ['pipe used', 18, { ...ACTOR, PipeName: '\\p' }, { kind: 'file_activity', action: 'pipe-connect', path: '\\p', ...actor }],
    [
      'WMI consumer',
      20,
      { Operation: 'Created', Name: '"n"', Destination: '"cmd"', User: 'u' },
      { kind: 'scheduled_job_activity', action: 'register', name: '"n"', command: '"cmd"', user: 'u' },
    ],
    [
      'name looked up',
      22,
      { ...ACTOR, QueryName: 'x.example', QueryStatus: '0', QueryResults: '::ffff:192.0.2.1;' },
      { kind: 'dns_activity', query: 'x.example', responseCode: '0', answers: '::ffff:192.0.2.1;', image: 'C:\\a.exe' },
    ],
    [
      'file removed',
      23,
      { ...ACTOR, TargetFilename: 'C:\\f', Hashes: 'MD5=1' },
      { kind: 'file_activity', action: 'delete', path: 'C:\\f', hashes: 'MD5=1', ...actor },
    ],
    [
      'own configuration changed',
      16,
      { Configuration: 'c.xml' },
      { kind: 'log_activity', action: 'policy-changed', log: 'Microsoft-Windows-Sysmon/Operational', detail: 'c.xml' },
    ],
  ])('%s (%i)', (_name, eventId, fields, expected) => {
    expect(sysmon(eventId, fields)).toEqual(expected)
  })
})

describe('other providers', () => {
  const snapshot =
    'NTDS (2772,D,100) The database engine attached a database (1, C:\\$SNAP_2023_VOLUMEC$\\Windows\\NTDS\\ntds.dit). (Time=0 seconds) \r\n \r\nSaved Cache: 0 0'
  test.each<[string, string, string, number, Record<string, string>, object]>([
    [
      'log cleared',
      'Microsoft-Windows-Eventlog',
      'Security',
      1102,
      SUBJECT,
      { kind: 'log_activity', action: 'cleared', log: 'Security', user: 'EXAMPLE\\nora', logonId: '0x3e7' },
    ],
    [
      'log cleared, message alone',
      '',
      'Security',
      1102,
      {
        Message:
          'The audit log was cleared.\r\nSubject:\r\n\tSecurity ID:\tS-1\r\n\tAccount Name:\tnora\r\n\tDomain Name:\tEXAMPLE\r\n\tLogon ID:\t0xC61D9',
      },
      { kind: 'log_activity', action: 'cleared', log: 'Security', user: 'EXAMPLE\\nora', logonId: '0xc61d9' },
    ],
    [
      'another log cleared',
      'Microsoft-Windows-Eventlog',
      'System',
      104,
      { ...SUBJECT, UserData_Channel: 'Setup' },
      { kind: 'log_activity', action: 'cleared', log: 'Setup', user: 'EXAMPLE\\nora', logonId: '0x3e7' },
    ],
    ['104 of a driver is no clearing', 'scfilter', 'System', 104, { Data: 'x' }, { kind: 'other_activity', message: 'Data=x' }],
    [
      '1102 of a remote desktop client is no clearing',
      'Microsoft-Windows-TerminalServices-ClientActiveXCore',
      'Microsoft-Windows-TerminalServices-RDPClient/Operational',
      1102,
      { Name: 'Server Address', Value: '10.0.0.9' },
      { kind: 'rdp_activity', action: 'connect', dstIp: '10.0.0.9', result: 'connecting to a server' },
    ],
    [
      'logging stopped',
      'EventLog',
      'System',
      6006,
      {},
      { kind: 'log_activity', action: 'stopped', log: 'System', detail: 'event log service was stopped' },
    ],
    [
      'service installed',
      'Service Control Manager',
      'System',
      7045,
      { ServiceName: 's', ImagePath: 'C:\\s.exe', StartType: 'demand start', AccountName: 'LocalSystem' },
      {
        kind: 'service_activity',
        action: 'install',
        name: 's',
        path: 'C:\\s.exe',
        startType: 'demand start',
        account: 'LocalSystem',
      },
    ],
    [
      'service started',
      'Service Control Manager',
      'System',
      7036,
      { param1: 'VSS', param2: 'running' },
      { kind: 'service_activity', action: 'start', name: 'VSS' },
    ],
    [
      'service stopped, message alone',
      'Service Control Manager',
      'System',
      7036,
      { Message: 'The VSS service entered the stopped state.' },
      { kind: 'service_activity', action: 'stop', name: 'VSS' },
    ],
    [
      'task run',
      'Microsoft-Windows-TaskScheduler',
      'Microsoft-Windows-TaskScheduler/Operational',
      200,
      { TaskName: '\\t', ActionName: 'C:\\x.exe' },
      { kind: 'scheduled_job_activity', action: 'run', name: '\\t', command: 'C:\\x.exe' },
    ],
    [
      'script block',
      'Microsoft-Windows-PowerShell',
      'Microsoft-Windows-PowerShell/Operational',
      4104,
      {
        ScriptBlockText: 'x',
        ScriptBlockId: 'A-B',
        MessageNumber: '2',
        MessageTotal: '3',
        Path: 'C:\\x.ps1',
        UserID: 'S-1-5-18',
        Execution_ProcessID: '7',
      },
      {
        kind: 'script_activity',
        engine: 'powershell',
        text: 'x',
        scriptPath: 'C:\\x.ps1',
        scriptBlockId: 'a-b',
        part: 2,
        parts: 3,
        user: 'S-1-5-18',
        pid: 7,
      },
    ],
    [
      'pipeline',
      'PowerShell',
      'Windows PowerShell',
      800,
      {
        Data1: 'whoami',
        Data2: '\tUserId=EXAMPLE\\nora\r\n\tHostApplication=powershell.exe -nop\r\n\tScriptName=C:\\x.ps1',
        Data3: 'CommandInvocation(x)',
      },
      {
        kind: 'script_activity',
        engine: 'powershell',
        text: 'whoami\nCommandInvocation(x)',
        scriptPath: 'C:\\x.ps1',
        user: 'EXAMPLE\\nora',
        hostApplication: 'powershell.exe -nop',
      },
    ],
    [
      'remote desktop log-on',
      'Microsoft-Windows-TerminalServices-LocalSessionManager',
      'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational',
      21,
      { User: 'EXAMPLE\\nora', SessionID: '2', Address: '10.0.0.5' },
      { kind: 'rdp_activity', action: 'logon', user: 'EXAMPLE\\nora', srcIp: '10.0.0.5', session: '2' },
    ],
    [
      'remote desktop at the console',
      'Microsoft-Windows-TerminalServices-LocalSessionManager',
      'x',
      21,
      { User: 'EXAMPLE\\nora', SessionID: '1', Address: 'LOCAL' },
      { kind: 'rdp_activity', action: 'logon', user: 'EXAMPLE\\nora', session: '1' },
    ],
    [
      'remote desktop authenticated',
      'Microsoft-Windows-TerminalServices-RemoteConnectionManager',
      'x',
      1149,
      { Param1: 'nora', Param2: 'EXAMPLE', Param3: '10.0.0.5' },
      { kind: 'rdp_activity', action: 'connect', user: 'EXAMPLE\\nora', srcIp: '10.0.0.5', result: 'authenticated' },
    ],
    [
      'threat found',
      'Microsoft-Windows-Windows Defender',
      'Microsoft-Windows-Windows Defender/Operational',
      1116,
      {
        ThreatName: 'T',
        ThreatID: '1',
        SeverityID: '5',
        CategoryName: 'Tool',
        ActionName: 'Quarantine',
        DetectionUser: 'u',
        Path: 'file:_C:\\x',
      },
      {
        kind: 'detection_finding',
        title: 'T',
        signature: '1',
        severity: 5,
        category: 'Tool',
        verdict: 'Quarantine',
        user: 'u',
        path: 'C:\\x',
      },
    ],
    [
      'database made',
      'ESENT',
      'Application',
      325,
      { Data1: 'NTDS', Data2: '2772,D,100', Data3: '', Data4: '2', Data5: 'C:\\Temp\\Active Directory\\ntds.dit', Data6: '0' },
      { kind: 'file_activity', action: 'create', path: 'C:\\Temp\\Active Directory\\ntds.dit', image: 'NTDS', pid: 2772 },
    ],
    [
      'database opened, message alone',
      'ESENT',
      'Application',
      326,
      { Message: snapshot },
      {
        kind: 'file_activity',
        action: 'open',
        path: 'C:\\$SNAP_2023_VOLUMEC$\\Windows\\NTDS\\ntds.dit',
        image: 'NTDS',
        pid: 2772,
      },
    ],
    [
      'database moved',
      'ESENT',
      'Application',
      216,
      {
        Message:
          "lsass (600,R,98) A database location change was detected from 'C:\\Windows\\NTDS\\ntds.dit' to '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\Windows\\NTDS\\ntds.dit'.",
      },
      {
        kind: 'file_activity',
        action: 'rename',
        path: '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\Windows\\NTDS\\ntds.dit',
        image: 'lsass',
        pid: 600,
      },
    ],
    [
      'WMI provider loaded',
      'Microsoft-Windows-WMI-Activity',
      'Microsoft-Windows-WMI-Activity/Operational',
      5857,
      { ProviderName: 'CIMWin32', HostProcess: 'wmiprvse.exe', ProcessID: '12', ProviderPath: '%systemroot%\\x.dll' },
      { kind: 'process_activity', action: 'load', image: 'wmiprvse.exe', pid: 12, module: '%systemroot%\\x.dll' },
    ],
    [
      'WMI subscription',
      'Microsoft-Windows-WMI-Activity',
      'Microsoft-Windows-WMI-Activity/Operational',
      5861,
      { Namespace: '//./root', ESS: 'f', CONSUMER: 'CommandLineEventConsumer', PossibleCause: 'Binding EventFilter' },
      { kind: 'scheduled_job_activity', action: 'register', name: 'f', command: 'Binding EventFilter' },
    ],
    [
      'file transfer',
      'Microsoft-Windows-Bits-Client',
      'Microsoft-Windows-Bits-Client/Operational',
      59,
      { name: 'n', url: 'http://x.example/' },
      { kind: 'other_activity', message: 'BITS transfer started n http://x.example/' },
    ],
    [
      'provider left out, channel tells it',
      '',
      'Microsoft-Windows-Sysmon/Operational',
      5,
      ACTOR,
      { kind: 'process_activity', action: 'stop', ...actor },
    ],
    [
      'Sysmon for Linux',
      'Linux-Sysmon',
      'Linux-Sysmon/Operational',
      5,
      ACTOR,
      { kind: 'process_activity', action: 'stop', ...actor },
    ],
    ['names of the prototype are no provider', 'constructor', 'System', 1, {}, { kind: 'other_activity' }],
  ])('%s', (_name, provider, channel, eventId, fields, expected) => {
    expect(map(provider, channel, eventId, fields)).toEqual(expected)
  })

  test.each([
    ['Security', AUDITING, 'security'],
    ['Application', 'ESENT', 'esent'],
    ['Directory Service', 'NTDS ISAM', 'esent'],
    ['Application', 'MsiInstaller', 'application'],
    ['Microsoft-Windows-TerminalServices-RDPClient/Operational', 'x', 'terminal-services'],
    ['OpenSSH/Operational', 'OpenSSH', 'windows'],
  ])('product of %s by %s', (channel, provider, product) => {
    const record = {
      original: originalOfFields({}),
      provider,
      channel,
      computer: 'WS1.Example',
      eventId: '1',
      recordId: 1,
      time: undefined,
    }
    const event = windowsEvent(record, { evidence: 'e' as never, record: 1, offset: 0 })
    expect(event).toMatchObject({ product, host: 'ws1.example', series: `evtx|ws1.example|${channel.toLowerCase()}` })
  })
})

describe('event XML', () => {
  const read = (xml: string) => {
    const fields = new EventFieldsBuilder()
    readEventXml(xml, fields)
    return { ...fields.finish() }
  }

  test.each<[string, string, object]>([
    [
      'system and named data',
      `<Event xmlns='x'><System><Provider Name='P' Guid="{g}"/><EventID Qualifiers="0">7</EventID><Correlation/><Security UserID='S'/></System><EventData><Data Name='A b'>&lt;x&gt; &#65;&#x42;</Data><Data Name='C'/></EventData></Event>`,
      { Provider_Name: 'P', Provider_Guid: '{g}', EventID_Qualifiers: '0', EventID: '7', UserID: 'S', Ab: '<x> AB', C: '' },
    ],
    ['unnamed data', '<EventData><Data>x</Data><Data></Data></EventData>', { Data1: 'x', Data2: '' }],
    [
      'user data',
      '<Event><UserData><L xmlns="y"><User>nora</User><Channel>Setup</Channel></L></UserData></Event>',
      { User: 'nora', UserData_Channel: 'Setup' },
    ],
    ['parameters of Azure', '<Param>a</Param><Param>b</Param>', { Data1: 'a', Data2: 'b' }],
    ['cut in the middle', '<Event><System><EventID>7</EventID><Channel>Sec', { EventID: '7' }],
    ['no XML', '< > a < b', {}],
  ])('%s', (_name, xml, expected) => {
    expect(read(xml)).toEqual(expected)
  })

  test('long hostile text takes linear time', () => {
    const begun = performance.now()
    for (const text of [
      '<a '.repeat(200_000),
      '<'.repeat(500_000),
      `<a ${'b="c" '.repeat(100_000)}`,
      '<a>'.repeat(200_000),
      `<a ${'b'.repeat(500_000)}`,
    ])
      read(text)
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})

test('a name that comes again and again fills no memory', () => {
  const fields = new EventFieldsBuilder()
  for (let index = 0; index < 10_000; index++) fields.set('Data', 'x')
  expect(Object.keys(fields.finish())).toHaveLength(4096)
})
