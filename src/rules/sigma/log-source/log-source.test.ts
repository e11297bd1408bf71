import { describe, expect, test } from 'vitest'
import type { EvidenceId, Micros, SecurityEvent } from '../../../model/index.ts'
import { originalFields } from '../../../model/index.ts'
import { SeenRecord } from '../rule-record.ts'
import { eventKeyOf, gateOf, type LogSource } from './index.ts'

type Fields = Readonly<Record<string, string>>

const common = { source: { evidence: 'e' as EvidenceId, record: 1, offset: 0 }, time: 0 as Micros, host: 'pc01', identity: 1 }

const PRODUCTS: Readonly<Record<string, string>> = {
  Security: 'security',
  System: 'system',
  Application: 'application',
  'Microsoft-Windows-Sysmon/Operational': 'sysmon',
  'Linux-Sysmon/Operational': 'sysmon',
  'Windows PowerShell': 'powershell',
  'Microsoft-Windows-PowerShell/Operational': 'powershell',
  'PowerShellCore/Operational': 'powershell',
  'Microsoft-Windows-Windows Defender/Operational': 'defender',
}

/** A Windows event as the readers give it. */
function windows(channel: string, code: string, fields: Fields = {}, more: object = {}): SecurityEvent {
  return {
    ...common,
    kind: 'other_activity',
    series: `evtx|pc01|${channel.toLowerCase()}`,
    product: PRODUCTS[channel] ?? 'windows',
    code,
    original: originalFields({ EventID: code, Channel: channel, ...fields }),
    ...more,
  } as SecurityEvent
}

function other(product: string, code: string, fields: Fields, more: object = {}, line?: string): SecurityEvent {
  return {
    ...common,
    kind: 'other_activity',
    series: `${product}|pc01|x.log`,
    product,
    code,
    original: originalFields(fields, line),
    ...more,
  } as SecurityEvent
}

const sysmon = (code: string, fields: Fields = {}) => windows('Microsoft-Windows-Sysmon/Operational', code, fields)
const security = (code: string, fields: Fields = {}, more: object = {}) => windows('Security', code, fields, more)

/** "category/product/service", each part may be empty. */
function sourceOf(text: string): LogSource {
  const [category = '', product = '', service = ''] = text.split('/')
  return { ...(category && { category }), ...(product && { product }), ...(service && { service }) }
}

const admitted = (source: string, event: SecurityEvent) => gateOf(sourceOf(source)).viewOf(eventKeyOf(event)) !== undefined

function seen(source: string, event: SecurityEvent, field: string) {
  const view = gateOf(sourceOf(source)).viewOf(eventKeyOf(event))
  if (!view) throw new Error(`${source} does not admit the event`)
  return new SeenRecord(event, view).get(field)
}

describe('log sources of published rules', () => {
  test.each([
    ...['//apache', '//netflow', '//nginx', 'antivirus//', 'dns//', 'firewall//', 'proxy//', 'webserver//'],
    ...[
      '/cisco/aaa',
      '/cisco/bgp',
      '/cisco/ldp',
      '/cisco/syslog',
      '/fortigate/event',
      '/fortios/sslvpnd',
      '/huawei/bgp',
      '/juniper/bgp',
    ],
    ...[
      '/linux/',
      '/linux/auditd',
      '/linux/auth',
      '/linux/clamav',
      '/linux/cron',
      '/linux/guacamole',
      '/linux/sshd',
      '/linux/sudo',
    ],
    ...['/linux/syslog', '/linux/vsftpd', 'file_event/linux/', 'network_connection/linux/', 'process_creation/linux/'],
    ...['application/rpc_firewall/', '/windows/', '/windows/application', '/windows/applocker', '/windows/appmodel-runtime'],
    ...['/windows/appxdeployment-server', '/windows/appxpackaging-om', '/windows/bits-client', '/windows/capi2'],
    ...[
      '/windows/certificateservicesclient-lifecycle-system',
      '/windows/codeintegrity-operational',
      '/windows/diagnosis-scripted',
    ],
    ...[
      '/windows/dns-client',
      '/windows/dns-server',
      '/windows/dns-server-analytic',
      '/windows/driver-framework',
      '/windows/firewall-as',
    ],
    ...['/windows/iis-configuration', '/windows/ldap', '/windows/lsa-server', '/windows/microsoft-servicebus-client'],
    ...[
      '/windows/msexchange-management',
      '/windows/ntlm',
      '/windows/openssh',
      '/windows/powershell-classic',
      '/windows/powershell',
    ],
    ...['/windows/printservice-admin', '/windows/printservice-operational', '/windows/security', '/windows/security-mitigations'],
    ...[
      '/windows/shell-core',
      '/windows/smbclient-connectivity',
      '/windows/smbclient-security',
      '/windows/smbserver-connectivity',
    ],
    ...['/windows/sysmon', '/windows/system', '/windows/taskscheduler', '/windows/terminalservices-localsessionmanager'],
    ...[
      '/windows/windefend',
      '/windows/wmi',
      '/windows/bitlocker',
      '/windows/vhdmp',
      '/windows/sense',
      '/windows/hyper-v-worker',
    ],
    ...[
      '/windows/kernel-event-tracing',
      '/windows/kernel-shimengine',
      '/windows/ntfs',
      '/windows/dhcp',
      '/windows/application-experience',
    ],
    ...[
      'create_remote_thread/windows/',
      'create_stream_hash/windows/',
      'dns_query/windows/',
      'driver_load/windows/',
      'file_access/windows/',
    ],
    ...[
      'file_change/windows/',
      'file_delete/windows/',
      'file_event/windows/',
      'file_executable_detected/windows/',
      'file_rename/windows/',
    ],
    ...['image_load/windows/', 'network_connection/windows/', 'pipe_created/windows/', 'process_access/windows/'],
    ...[
      'process_creation/windows/',
      'process_tampering/windows/',
      'process_termination/windows/',
      'ps_classic_provider_start/windows/',
    ],
    ...[
      'ps_classic_start/windows/',
      'ps_classic_script/windows/',
      'ps_module/windows/',
      'ps_script/windows/',
      'raw_access_thread/windows/',
    ],
    ...[
      'registry_add/windows/',
      'registry_delete/windows/',
      'registry_event/windows/',
      'registry_rename/windows/',
      'registry_set/windows/',
    ],
    ...['sysmon_error/windows/', 'sysmon_status/windows/', 'wmi_event/windows/', 'file_block_executable/windows/'],
    ...['network//', 'network//connection', 'network//dns', '/apache/access', '/apache/error', '/modsecurity/', '/antivirus/'],
    ...['/paloalto/', '/juniper/ldp', '/huawei/ldp', 'application//', 'application/django/', 'application/jvm/'],
    ...['application/nodejs/', 'application/python/', 'application/ruby_on_rails/', 'application/spring/'],
    ...['application/sql/', 'application/velocity/'],
    ...['/zeek/dce_rpc', '/zeek/dns', '/zeek/http', '/zeek/kerberos', '/zeek/rdp', '/zeek/smb_files', '/zeek/x509'],
  ])('%s is read', source => {
    expect(gateOf(sourceOf(source)).standing).toBe('read')
  })

  test.each([
    ...['/aws/cloudtrail', '/azure/activitylogs', '/azure/signinlogs', '/bitbucket/audit', '/cisco/duo', '/gcp/gcp.audit'],
    ...['/github/audit', '/kubernetes/audit', 'application/kubernetes/audit', '/m365/audit', 'file_event/macos/'],
    ...['process_creation/macos/', '/okta/okta', '/onelogin/onelogin.events', 'application/opencanary/', '/qualys/'],
    ...['appliance/paloalto/globalprotect', 'file_event/paloalto/globalprotect', 'database//'],
  ])('%s has no reader', source => {
    expect(gateOf(sourceOf(source))).toMatchObject({ standing: 'no-reader', admissions: [] })
  })

  test.each([
    '/toaster/',
    'process_craetion/windows/',
    '/windows/securty',
    '/linux/sshdd',
    'baking//',
    '//toaster',
    'network//sshd',
    'application/jvm/audit',
  ])('%s is unknown', source => {
    expect(gateOf(sourceOf(source))).toMatchObject({ standing: 'unknown', admissions: [] })
  })

  test('the same log source has the same gate', () => {
    expect(gateOf(sourceOf('process_creation/windows/'))).toBe(gateOf({ product: 'windows', category: 'process_creation' }))
  })
})

/** Messages of applications: which technology a rule is for, the log, the message, and whether they belong together. */
function applications(): [string, SecurityEvent, boolean][] {
  const java = 'Cannot run program "id"\n\tat java.lang.ProcessBuilder.start(ProcessBuilder.java:1143)'
  const said = (product: string, line: string) => other(product, 'error', {}, {}, line)
  return [
    ['application/jvm/', said('tomcat-log', 'SEVERE anything'), true],
    ['application/jvm/', said('application-log', java), true],
    ['application/spring/', said('application-log', 'ERROR org.springframework.security.AccessDeniedException: denied'), true],
    ['application/jvm/', said('application-log', 'ERROR cannot run program'), false],
    [
      'application/python/',
      said('application-log', 'ERROR Traceback (most recent call last):\n  File "/srv/a.py", line 3'),
      true,
    ],
    ['application/django/', said('apache-error', 'django.security.DisallowedHost: Invalid HTTP_HOST header'), true],
    ['application/django/', said('application-log', java), false],
    ['application/nodejs/', said('container-log', 'Error: spawn id\n at node:child_process:420'), true],
    ['application/ruby_on_rails/', said('container-log', 'ActionController::BadRequest'), true],
    ['application/ruby_on_rails/', said('tomcat-log', 'ActionController::BadRequest'), false],
    ['application/sql/', said('php-error', 'You have an error in your SQL syntax'), true],
    ['application//', said('application-log', 'anything'), true],
  ]
}

describe('gates', () => {
  const start = sysmon('1')
  const audited = security('4688')
  const linuxStart = windows('Linux-Sysmon/Operational', '1')
  const sshd = other('sshd', '', { program: 'sshd' })
  const clam = other('syslog', '', { program: 'clamd', message: '/srv/a.php: Php.Webshell-1 FOUND' })
  const request = (product: string, more: object = {}) => other(product, '', {}, { kind: 'http_activity', path: '/a', ...more })

  test.each<readonly [string, SecurityEvent, boolean]>([
    ['process_creation/windows/', start, true],
    ['process_creation/windows/', audited, true],
    ['process_creation/windows/', linuxStart, false],
    ['process_creation/linux/', linuxStart, true],
    ['process_creation/linux/', start, false],
    ['process_creation//', linuxStart, true],
    ['process_creation//', audited, true],
    ['process_creation/windows/security', audited, true],
    ['process_creation/windows/security', start, false],
    ['process_creation/windows/sysmon', start, true],
    ['process_creation/windows/', security('4624'), false],
    ['process_creation/windows/', windows('Application', '1'), false],
    ['process_creation/windows/', security('4688', { Provider_Name: 'Example-Auditing' }), false],
    ['process_termination/windows/', security('4689'), true],
    ['file_delete/windows/', sysmon('26'), true],
    ['registry_add/windows/', sysmon('12', { EventType: 'CreateKey' }), true],
    ['registry_add/windows/', sysmon('12', { EventType: 'DeleteKey' }), false],
    ['registry_delete/windows/', sysmon('12', { EventType: 'DeleteValue' }), true],
    ['registry_delete/windows/', sysmon('12', { EventType: 'CreateKey' }), false],
    ['registry_set/windows/', security('4657', { OperationType: '%%1905' }), true],
    ['registry_set/windows/', security('4657', { OperationType: '%%1906' }), false],
    ['registry_delete/windows/', security('4657', { OperationType: '%%1906' }), true],
    ['process_access/windows/', security('4663', { ObjectType: 'Process' }), true],
    ['process_access/windows/', security('4656', { ObjectType: 'Process', Keywords: '0x8010000000000000' }), false],
    ['process_access/windows/', security('4663', { ObjectType: 'File' }), false],
    ['file_event/windows/', security('4663', { ObjectType: 'File', AccessMask: '0x2' }), true],
    ['file_event/windows/', security('4663', { ObjectType: 'File', AccessMask: '0x1' }), false],
    ['file_access/windows/', security('4663', { ObjectType: 'File', AccessMask: '0x1' }), true],
    ['pipe_created/windows/', security('5145', { ShareName: '\\\\*\\IPC$' }), true],
    ['pipe_created/windows/', security('5145', { ShareName: '\\\\*\\C$' }), false],
    ['network_connection/windows/', security('5156'), true],
    ['network_connection/windows/', security('5157'), false],
    ['ps_script/windows/', windows('Microsoft-Windows-PowerShell/Operational', '4104'), true],
    ['ps_script/windows/', windows('PowerShellCore/Operational', '4104'), true],
    ['ps_script/windows/', windows('Application', '4104'), false],
    ['ps_classic_start/windows/', windows('Windows PowerShell', '400'), true],
    ['ps_classic_start/windows/', windows('Microsoft-Windows-PowerShell/Operational', '400'), false],
    ['/windows/powershell', windows('PowerShellCore/Operational', '4100'), true],
    ['/windows/applocker', windows('Microsoft-Windows-AppLocker/EXE and DLL', '8004'), true],
    ['/windows/security', audited, true],
    ['/windows/security', start, false],
    ['/windows/', windows('Example/Operational', '5'), true],
    ['/windows/', linuxStart, false],
    ['/windows/', sshd, false],
    ['antivirus//', windows('Microsoft-Windows-Windows Defender/Operational', '1116'), true],
    ['antivirus//', windows('Microsoft-Windows-Windows Defender/Operational', '5001'), false],
    ['antivirus//', clam, true],
    ['application/rpc_firewall/', windows('RPCFW', '3'), true],
    ['/linux/', sshd, true],
    ['/linux/', linuxStart, true],
    ['/linux/', start, false],
    ['/linux/sshd', sshd, true],
    ['/linux/auth', sshd, true],
    ['/linux/auth', clam, false],
    ['/linux/auth', other('syslog', '', { program: 'useradd' }), true],
    ['/linux/syslog', sshd, true],
    ['/linux/cron', sshd, false],
    ['/linux/clamav', clam, true],
    ['/linux/vsftpd', other('syslog', '', { program: '/usr/sbin/vsftpd' }), true],
    ['/linux/vsftpd', other('vsftpd', '', {}), true],
    ['/linux/syslog', other('netfilter', '', {}, { kind: 'network_activity' }), true],
    ['/linux/guacamole', other('tomcat-log', '', {}), true],
    ['/linux/auditd', other('auditd', 'EXECVE', {}), true],
    ['webserver//', request('iis'), true],
    ['webserver//', request('access-log'), true],
    ['webserver//', request('zeek'), true],
    ['proxy//', request('access-log'), false],
    ['proxy//', request('access-log', { path: 'http://files.example/a' }), true],
    ['proxy//', request('iis', { method: 'CONNECT' }), true],
    ['proxy//', request('suricata'), true],
    ['//nginx', request('access-log'), true],
    ['//nginx', other('nginx-error', 'alert', {}), true],
    ['//apache', other('apache-error', 'notice', {}), true],
    ['/apache/error', other('apache-error', 'notice', {}), true],
    ['/apache/error', request('access-log'), false],
    ['/apache/access', request('access-log'), true],
    ['/modsecurity/', other('apache-error', 'error', {}), true],
    ['webserver//', request('haproxy'), true],
    ['webserver//', request('exchange-log'), true],
    ['webserver//', request('aws-elb'), true],
    ['webserver//', request('cloudfront'), true],
    ['webserver//', request('azure-front-door'), true],
    ['webserver//', request('pan-os'), false],
    ['proxy//', request('pan-os'), true],
    ['webserver//', other('haproxy', '', {}, { kind: 'network_activity' }), false],
    ['dns//', other('zeek', 'dns', {}, { kind: 'dns_activity' }), true],
    ['dns//', other('zeek', 'conn', {}, { kind: 'network_activity' }), false],
    ['firewall//', other('asa', '302014', {}, { kind: 'network_activity' }), true],
    ['firewall//', other('zeek', 'conn', {}, { kind: 'network_activity' }), false],
    ...['cisco-ios', 'pan-os', 'filterlog', 'netfilter', 'mikrotik', 'windows-firewall', 'aws-vpc-flow'].flatMap(
      (product): [string, SecurityEvent, boolean][] => [
        ['firewall//', other(product, '', {}, { kind: 'network_activity' }), true],
        ['network//connection', other(product, '', {}, { kind: 'network_activity' }), true],
        ['firewall//', other(product, '', {}, { kind: 'authentication' }), false],
      ],
    ),
    ['/paloalto/', other('pan-os', 'globalprotect/0', {}, { kind: 'authentication' }), true],
    ['network//connection', other('zeek', 'conn', {}, { kind: 'network_activity' }), true],
    ['network//connection', other('zeek', 'dns', {}, { kind: 'dns_activity' }), false],
    ['network//dns', other('zeek', 'dns', {}, { kind: 'dns_activity' }), true],
    ['network//dns', other('zeek', 'conn', {}, { kind: 'network_activity' }), false],
    ['network//', other('zeek', 'conn', {}, { kind: 'network_activity' }), true],
    ['network//', other('zeek', 'dns', {}, { kind: 'dns_activity' }), true],
    ['antivirus//', other('symantec', '5', {}, { kind: 'detection_finding' }), true],
    ['antivirus//', other('symantec', '2', {}), false],
    ...applications(),
    ['//netflow', other('zeek', 'conn', {}, { kind: 'network_activity' }), true],
    ['/zeek/smb_files', other('zeek', 'smb_files', {}), true],
    ['/zeek/smb_files', other('zeek', 'dns', {}), false],
    ['/fortigate/event', other('fortigate', '0100044546', { type: 'event' }), true],
    ['/fortigate/event', other('fortigate', '0000000013', { type: 'traffic' }), false],
    ['/cisco/aaa', other('cisco-ios', 'PARSER-5-CFGLOG_LOGGEDCMD', {}), true],
    ['/cisco/aaa', other('asa', '111008', {}), false],
    ['/cisco/syslog', other('asa', '111008', {}), true],
    ['/juniper/bgp', other('syslog', '', { program: 'rpd' }), true],
    ['/huawei/bgp', other('syslog', '', { program: '', message: '%%01BGP/3/BGP_AUTH_FAILED(l):' }), true],
  ])('%s, case %#', (source, event, expected) => {
    expect(admitted(source, event)).toBe(expected)
  })

  test('records of one file are judged one by one: a forwarded log holds many channels', () => {
    const mixed = [start, audited, windows('System', '7045'), linuxStart]
    expect(mixed.map(event => admitted('process_creation/windows/', event))).toEqual([true, true, false, false])
  })

  test('an export without channels is known by its provider', () => {
    const event = {
      ...windows('', '1', { Provider_Name: 'Microsoft-Windows-Sysmon', Image: 'C:\\a.exe' }),
      series: 'evtx|pc01|',
      product: 'windows',
    }
    expect(eventKeyOf(event)).toMatchObject({ product: 'sysmon', channel: 'microsoft-windows-sysmon/operational' })
    expect(admitted('process_creation/windows/', event)).toBe(true)
  })

  test('events that are alike share a key', () => {
    expect(eventKeyOf(sysmon('1', { Image: 'a' }))).toBe(eventKeyOf(sysmon('1', { Image: 'b' })))
  })
})

describe('fields', () => {
  const audited = security('4688', {
    SubjectUserName: 'jdoe',
    SubjectDomainName: 'CORP',
    SubjectLogonId: '0x3E7',
    TargetUserName: '-',
    TargetDomainName: '-',
    TargetLogonId: '0x0',
    NewProcessId: '0x1f4',
    NewProcessName: 'C:\\Windows\\System32\\cmd.exe',
    ProcessId: '0x10',
    ParentProcessName: 'C:\\Windows\\explorer.exe',
    CommandLine: 'cmd /c whoami',
    MandatoryLabel: 'S-1-16-12288',
  })
  const runas = security('4688', {
    SubjectUserName: 'PC01$',
    SubjectDomainName: 'CORP',
    SubjectLogonId: '0x3e7',
    TargetUserName: 'jdoe',
    TargetDomainName: 'CORP',
    TargetLogonId: '0xABC',
  })
  const connection = security(
    '5156',
    { Application: '\\device\\harddiskvolume3\\windows\\system32\\svchost.exe', ProcessID: '900', Direction: '%%14593' },
    { kind: 'network_activity', protocol: 'tcp', srcIp: '192.0.2.1', srcPort: 50000, dstIp: '192.0.2.9', dstPort: 445 },
  )
  const set = security('4657', {
    ObjectName: '\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Services\\x',
    ObjectValueName: 'Start',
    OperationType: '%%1905',
    NewValueType: '%%1876',
    NewValue: '4',
    ProcessName: 'C:\\Windows\\regedit.exe',
    ProcessId: '0x20',
  })
  const access = security('4663', {
    ObjectType: 'Process',
    ObjectName: '\\Device\\HarddiskVolume2\\Windows\\System32\\lsass.exe',
    ProcessName: 'C:\\t\\dump.exe',
    AccessMask: '0x1F3FFF',
    SubjectUserName: 'jdoe',
    SubjectDomainName: 'CORP',
  })
  const file = security('4663', { ObjectType: 'File', ObjectName: 'C:\\a\\b.txt', AccessMask: '0x6', ProcessName: 'C:\\w.exe' })
  const share = security('5145', {
    ShareName: '\\\\*\\ADMIN$',
    ShareLocalPath: '\\??\\C:\\Windows',
    RelativeTargetName: 'Temp\\x.exe',
    AccessMask: '0x2',
  })
  const pipe = security('5145', { ShareName: '\\\\*\\IPC$', RelativeTargetName: 'svcctl', AccessMask: '0x3' })
  const digests = sysmon('1', { Hashes: 'SHA1=AA,MD5=BB,SHA256=CC,IMPHASH=DD' })
  const request = other(
    'access-log',
    '',
    {},
    {
      kind: 'http_activity',
      clientIp: '203.0.113.9',
      method: 'POST',
      path: '/up/a.aspx',
      query: 'x=1',
      status: 200,
      userAgent: 'curl/8',
      referrer: '',
      user: 'jdoe',
      virtualHost: 'web.example',
      serverPort: 8080,
    },
  )
  const zeekHttp = other('zeek', 'http', {
    'id.orig_h': '192.0.2.7',
    uri: '/x',
    user_agent: 'a b',
    resp_mime_types: '["text/html","image/png"]',
  })
  const zeekDns = other(
    'zeek',
    'dns',
    { query: 'a.example', answers: '192.0.2.1,192.0.2.2' },
    { kind: 'dns_activity', query: 'a.example', answers: '192.0.2.1, 192.0.2.2', queryType: 'A' },
  )
  const traffic = other(
    'fortigate',
    '13',
    { type: 'traffic', action: 'close', srcip: '192.0.2.4' },
    { kind: 'network_activity', action: 'flow', srcIp: '192.0.2.4', dstPort: 23 },
  )
  const denied = other('asa', '106023', {}, { kind: 'network_activity', action: 'deny', dstIp: '192.0.2.5', protocol: 'tcp' })
  const defender = windows('Microsoft-Windows-Windows Defender/Operational', '1116', {
    ThreatName: 'Trojan:X',
    Path: 'file:_C:\\x.exe',
  })
  const clam = other('syslog', '', { program: 'clamd', message: '/srv/up/a.php: Php.Webshell-1 FOUND' })
  const execve = other(
    'auditd',
    'EXECVE',
    { type: 'EXECVE', a0: 'cat', a1: '/etc/shadow' },
    { kind: 'process_activity', action: 'start', image: '/usr/bin/cat' },
  )
  const sudo = other(
    'sudo',
    '',
    { program: 'sudo' },
    {
      kind: 'process_activity',
      action: 'start',
      image: '/bin/bash',
      commandLine: '/bin/bash -i',
      user: 'jdoe',
      parentImage: 'sudo',
    },
  )
  const flow = other('zeek', 'conn', {}, { kind: 'network_activity', dstPort: 21, srcIp: '192.0.2.3' })
  const dropped = other('netfilter', '', {}, { kind: 'network_activity', action: 'deny', dstPort: 22 })
  const logged = other('netfilter', '', {}, { kind: 'network_activity', action: 'open', dstPort: 22 })
  const whole = other(
    'zeek',
    'conn',
    { community_id: '1:abc=', history: 'ShADadFf' },
    {
      ...{ kind: 'network_activity', action: 'flow', protocol: 'tcp', service: 'http', state: 'SF', duration: 1_500_000 },
      ...{ srcIp: '192.0.2.3', srcPort: 50001, dstIp: '198.51.100.9', dstPort: 80 },
      ...{ packetsOut: 4, packetsIn: 5, bytesOut: 600, bytesIn: 70_000 },
    },
  )
  const asked = other(
    'zeek',
    'dns',
    { 'id.orig_p': '5353', 'id.resp_p': '53', trans_id: '77', qclass_name: 'C_INTERNET', TTLs: '60.0,61.0' },
    {
      ...{ kind: 'dns_activity', srcIp: '192.0.2.7', serverIp: '192.0.2.53', query: 'a.example', queryType: 'A' },
      ...{ answers: '192.0.2.1, 192.0.2.2', responseCode: 'NOERROR' },
    },
  )
  const symantec = other(
    'symantec',
    '5',
    {},
    { kind: 'detection_finding', title: 'Trojan.X', signature: 'Trojan.X', path: 'C:\\x.exe', verdict: 'quarantined', user: '' },
  )
  const query = windows('Microsoft-Windows-DNS-Client/Operational', '3008', { QueryName: 'a.example', QueryStatus: '0' })
  const linux = windows('Linux-Sysmon/Operational', '3', { Image: '/usr/bin/nc', DestinationIp: '192.0.2.8' })

  test.each<readonly [string, SecurityEvent, string, string | readonly string[] | undefined]>([
    ['process_creation/windows/', audited, 'Image', 'C:\\Windows\\System32\\cmd.exe'],
    ['process_creation/windows/', audited, 'ParentImage', 'C:\\Windows\\explorer.exe'],
    ['process_creation/windows/', audited, 'ProcessId', '500'],
    ['process_creation/windows/', audited, 'ParentProcessId', '16'],
    ['process_creation/windows/', audited, 'CommandLine', 'cmd /c whoami'],
    ['process_creation/windows/', audited, 'User', 'CORP\\jdoe'],
    ['process_creation/windows/', audited, 'LogonId', '0x3e7'],
    ['process_creation/windows/', audited, 'IntegrityLevel', ['High', 'S-1-16-12288']],
    ['process_creation/windows/', audited, 'NewProcessName', 'C:\\Windows\\System32\\cmd.exe'],
    ['process_creation/windows/', audited, 'OriginalFileName', undefined],
    ['process_creation/windows/', runas, 'User', 'CORP\\jdoe'],
    ['process_creation/windows/', runas, 'ParentUser', 'CORP\\PC01$'],
    ['process_creation/windows/', runas, 'LogonId', '0xabc'],
    ['/windows/security', audited, 'ProcessId', '0x10'],
    ['/windows/security', audited, 'Image', undefined],
    ['process_termination/windows/', security('4689', { ProcessName: 'C:\\a.exe', ProcessId: '0xa' }), 'Image', 'C:\\a.exe'],
    ['process_termination/windows/', security('4689', { ProcessName: 'C:\\a.exe', ProcessId: '0xa' }), 'ProcessId', '10'],
    [
      'network_connection/windows/',
      connection,
      'Image',
      ['C:\\windows\\system32\\svchost.exe', '\\device\\harddiskvolume3\\windows\\system32\\svchost.exe'],
    ],
    ['network_connection/windows/', connection, 'Initiated', 'true'],
    ['network_connection/windows/', connection, 'DestinationIp', '192.0.2.9'],
    ['network_connection/windows/', connection, 'DestinationPort', '445'],
    ['network_connection/windows/', connection, 'SourceIp', '192.0.2.1'],
    ['network_connection/windows/', connection, 'SourcePort', '50000'],
    ['network_connection/windows/', connection, 'Protocol', 'tcp'],
    ['network_connection/windows/', connection, 'DestinationIsIpv6', 'false'],
    ['network_connection/windows/', connection, 'DestinationHostname', undefined],
    ['registry_set/windows/', set, 'TargetObject', 'HKLM\\System\\CurrentControlSet\\Services\\x\\Start'],
    ['registry_set/windows/', set, 'Details', 'DWORD (0x00000004)'],
    ['registry_set/windows/', set, 'EventType', 'SetValue'],
    ['registry_set/windows/', set, 'Image', 'C:\\Windows\\regedit.exe'],
    ['registry_set/windows/', set, 'ProcessId', '32'],
    [
      'registry_set/windows/',
      security('4657', { ObjectName: '\\REGISTRY\\USER\\S-1-5-21\\Run', NewValueType: '%%1883', NewValue: '4294967297' }),
      'Details',
      'QWORD (0x00000001-0x00000001)',
    ],
    [
      'registry_set/windows/',
      security('4657', { ObjectName: '\\REGISTRY\\USER\\S-1-5-21\\Run' }),
      'TargetObject',
      'HKU\\S-1-5-21\\Run',
    ],
    ['registry_set/windows/', security('4657', { NewValueType: '%%1873', NewValue: '12' }), 'Details', '12'],
    [
      'process_access/windows/',
      access,
      'TargetImage',
      ['C:\\Windows\\System32\\lsass.exe', '\\Device\\HarddiskVolume2\\Windows\\System32\\lsass.exe'],
    ],
    ['process_access/windows/', access, 'SourceImage', 'C:\\t\\dump.exe'],
    ['process_access/windows/', access, 'GrantedAccess', '0x1f3fff'],
    ['process_access/windows/', access, 'SourceUser', 'CORP\\jdoe'],
    ['file_event/windows/', file, 'TargetFilename', 'C:\\a\\b.txt'],
    ['file_access/windows/', file, 'FileName', 'C:\\a\\b.txt'],
    ['file_event/windows/', file, 'Image', 'C:\\w.exe'],
    ['file_event/windows/', share, 'TargetFilename', 'C:\\Windows\\Temp\\x.exe'],
    ['pipe_created/windows/', pipe, 'PipeName', '\\svcctl'],
    ['process_creation/windows/', digests, 'MD5', 'BB'],
    ['process_creation/windows/', digests, 'sha256', 'CC'],
    ['process_creation/windows/', digests, 'Imphash', 'DD'],
    ['process_creation/windows/', digests, 'SHA1', 'AA'],
    ['process_creation/windows/', digests, 'Hashes', 'SHA1=AA,MD5=BB,SHA256=CC,IMPHASH=DD'],
    ['create_stream_hash/windows/', sysmon('15', { Hash: 'MD5=EE' }), 'Hashes', 'MD5=EE'],
    [
      'process_creation/windows/',
      sysmon('1', { Provider_Name: 'Microsoft-Windows-Sysmon' }),
      'Provider_Name',
      'Microsoft-Windows-Sysmon',
    ],
    ['dns_query/windows/', query, 'QueryName', 'a.example'],
    ['network_connection/linux/', linux, 'Image', '/usr/bin/nc'],
    ['process_creation/linux/', execve, 'CommandLine', 'cat /etc/shadow'],
    ['process_creation/linux/', execve, 'Image', '/usr/bin/cat'],
    ['/linux/auditd', execve, 'a1', '/etc/shadow'],
    ['process_creation/linux/', sudo, 'Image', '/bin/bash'],
    ['process_creation/linux/', sudo, 'CommandLine', '/bin/bash -i'],
    ['process_creation/linux/', sudo, 'User', 'jdoe'],
    ['process_creation/linux/', sudo, 'ParentImage', 'sudo'],
    ['antivirus//', defender, 'Signature', 'Trojan:X'],
    ['antivirus//', defender, 'Filename', 'file:_C:\\x.exe'],
    ['antivirus//', clam, 'Signature', 'Php.Webshell-1'],
    ['antivirus//', clam, 'Filename', '/srv/up/a.php'],
    ['application/rpc_firewall/', windows('RPCFW', '3', { OpNum: '1' }), 'EventLog', 'RPCFW'],
    ['webserver//', request, 'cs-method', 'POST'],
    ['webserver//', request, 'cs-uri-stem', '/up/a.aspx'],
    ['webserver//', request, 'cs-uri-query', 'x=1'],
    ['webserver//', request, 'cs-uri', '/up/a.aspx?x=1'],
    ['webserver//', request, 'sc-status', '200'],
    ['webserver//', request, 'c-ip', '203.0.113.9'],
    ['webserver//', request, 'cs-user-agent', 'curl/8'],
    ['webserver//', request, 'cs-referer', ''],
    ['webserver//', request, 'cs-username', 'jdoe'],
    ['webserver//', request, 'cs-host', 'web.example'],
    [
      'proxy//',
      { ...request, product: 'squid' },
      'c-uri',
      ['/up/a.aspx?x=1', 'http://web.example/up/a.aspx?x=1', 'https://web.example/up/a.aspx?x=1'],
    ],
    ['proxy//', { ...request, product: 'squid' }, 'c-uri-extension', 'aspx'],
    ['proxy//', { ...request, product: 'squid' }, 'c-uri-query', 'x=1'],
    ['proxy//', { ...request, product: 'squid' }, 'c-useragent', 'curl/8'],
    ['proxy//', { ...request, product: 'squid' }, 'r-dns', 'web.example'],
    ['proxy//', { ...request, product: 'squid' }, 'dst_port', '8080'],
    ['/zeek/http', zeekHttp, 'id.orig_h', '192.0.2.7'],
    ['/zeek/http', zeekHttp, 'c-uri', '/x'],
    ['/zeek/http', zeekHttp, 'c-useragent', 'a b'],
    ['/zeek/http', zeekHttp, 'resp_mime_types', ['text/html', 'image/png']],
    ['/zeek/dns', zeekDns, 'answers', ['192.0.2.1', '192.0.2.2']],
    ['dns//', zeekDns, 'query', 'a.example'],
    ['dns//', zeekDns, 'answer', ['192.0.2.1', '192.0.2.2']],
    ['dns//', zeekDns, 'record_type', 'A'],
    ['firewall//', traffic, 'dst_port', '23'],
    ['firewall//', traffic, 'src_ip', '192.0.2.4'],
    ['firewall//', traffic, 'action', ['close', 'accept', 'allow', 'forward']],
    ['firewall//', traffic, 'blocked', 'false'],
    ['firewall//', denied, 'action', ['deny', 'block', 'drop']],
    ['firewall//', denied, 'blocked', 'true'],
    ['firewall//', denied, 'dst_ip', '192.0.2.5'],
    ['firewall//', dropped, 'action', ['deny', 'block', 'drop']],
    ['firewall//', dropped, 'blocked', 'true'],
    ['firewall//', logged, 'action', undefined],
    ['firewall//', logged, 'blocked', undefined],
    ['firewall//', logged, 'dst_port', '22'],
    ['network//connection', whole, 'event.duration', '1.5'],
    ['network//connection', whole, 'network.type', 'ipv4'],
    ['network//connection', whole, 'network.transport', 'tcp'],
    ['network//connection', whole, 'network.protocol', 'http'],
    ['network//connection', whole, 'source.ip', '192.0.2.3'],
    ['network//connection', whole, 'source.port', '50001'],
    ['network//connection', whole, 'destination.ip', '198.51.100.9'],
    ['network//connection', whole, 'destination.port', '80'],
    ['network//connection', whole, 'source.packets', '4'],
    ['network//connection', whole, 'destination.packets', '5'],
    ['network//connection', whole, 'source.bytes', '600'],
    ['network//connection', whole, 'destination.bytes', '70000'],
    ['network//connection', whole, 'network.community_id', '1:abc='],
    ['network//connection', whole, 'network.state', 'SF'],
    ['network//connection', whole, 'network.history', 'ShADadFf'],
    ['network//dns', asked, 'source.ip', '192.0.2.7'],
    ['network//dns', asked, 'source.port', '5353'],
    ['network//dns', asked, 'destination.ip', '192.0.2.53'],
    ['network//dns', asked, 'destination.port', '53'],
    ['network//dns', asked, 'dns.id', '77'],
    ['network//dns', asked, 'dns.question.name', 'a.example'],
    ['network//dns', asked, 'dns.question.type', 'A'],
    ['network//dns', asked, 'dns.question.class', 'C_INTERNET'],
    ['network//dns', asked, 'dns.answers.data', ['192.0.2.1', '192.0.2.2']],
    ['network//dns', asked, 'dns.answers.ttl', ['60.0', '61.0']],
    ['network//dns', asked, 'dns.response.code', 'NOERROR'],
    ['antivirus//', symantec, 'Signature', 'Trojan.X'],
    ['antivirus//', symantec, 'Filename', 'C:\\x.exe'],
    ['antivirus//', symantec, 'Action', 'quarantined'],
    ['antivirus//', symantec, 'User', undefined],
    ['//netflow', flow, 'destination.port', '21'],
    ['//netflow', flow, 'source.ip', '192.0.2.3'],
  ])('%s, case %#', (source, event, field, expected) => {
    expect(seen(source, event, field)).toEqual(expected)
  })

  test.each<readonly [string, SecurityEvent, string, boolean | undefined]>([
    ['process_creation/windows/', audited, 'OriginalFileName', false],
    ['process_creation/windows/', audited, 'ParentCommandLine', false],
    ['process_creation/windows/', audited, 'Image', true],
    ['process_creation/windows/', audited, 'CommandLine', true],
    ['process_creation/windows/', digests, 'OriginalFileName', true],
    ['process_creation/windows/', digests, 'GrandParentImage', false],
    ['file_event/windows/', sysmon('11'), 'CommandLine', false],
    ['network_connection/windows/', connection, 'DestinationHostname', false],
    ['process_access/windows/', access, 'CallTrace', false],
    ['webserver//', request, 'cs-cookie', false],
    ['webserver//', request, 'cs-uri-query', true],
    ['/windows/security', security('4799'), 'CallerProcessName', undefined],
    ['/zeek/dns', zeekDns, 'anything', undefined],
  ])('%s can have the field, case %#', (source, event, field, expected) => {
    expect(gateOf(sourceOf(source)).viewOf(eventKeyOf(event))?.has(field)).toBe(expected)
  })

  test('keywords are looked for in the line of a text log, and in the values of a record', () => {
    const line = 'Aug  1 10:00:00 pc01 sshd[1]: message'
    const text = other('sshd', '', { program: 'sshd', message: 'message' }, {}, line)
    const valuesOf = (source: string, event: SecurityEvent) => {
      const view = gateOf(sourceOf(source)).viewOf(eventKeyOf(event))
      return view && new SeenRecord(event, view).values()
    }
    expect(valuesOf('/linux/sshd', text)).toEqual([line])
    expect(valuesOf('/windows/system', windows('System', '1', { A: 'x' }))).toEqual(['1', 'System', 'x'])
  })
})
