import type { SecurityEvent } from '../../model/index.ts'

/** The `logsource` of a rule. */
export interface LogSource {
  readonly category?: string
  readonly product?: string
  readonly service?: string
}

type Gate = (event: SecurityEvent) => boolean

const sysmon =
  (...codes: readonly string[]): Gate =>
  event =>
    event.product === 'sysmon' && codes.includes(event.code)
const security =
  (...codes: readonly string[]): Gate =>
  event =>
    event.product === 'security' && codes.includes(event.code)
const either =
  (...gates: readonly Gate[]): Gate =>
  event =>
    gates.some(gate => gate(event))
const powershell =
  (...codes: readonly string[]): Gate =>
  event =>
    event.product === 'powershell' && codes.includes(event.code)

/** Which events a category means, after the taxonomy appendix of sigma-specification 2.1. */
const WINDOWS_CATEGORIES: Readonly<Record<string, Gate>> = {
  process_creation: either(sysmon('1'), security('4688')),
  file_change: sysmon('2'),
  network_connection: sysmon('3'),
  process_termination: either(sysmon('5'), security('4689')),
  driver_load: sysmon('6'),
  image_load: sysmon('7'),
  create_remote_thread: sysmon('8'),
  raw_access_thread: sysmon('9'),
  process_access: sysmon('10'),
  file_event: sysmon('11'),
  registry_add: sysmon('12'),
  registry_delete: sysmon('12'),
  registry_set: sysmon('13'),
  registry_rename: sysmon('14'),
  registry_event: sysmon('12', '13', '14'),
  create_stream_hash: sysmon('15'),
  pipe_created: sysmon('17', '18'),
  wmi_event: sysmon('19', '20', '21'),
  dns_query: sysmon('22'),
  file_delete: sysmon('23', '26'),
  file_delete_detected: sysmon('26'),
  clipboard_capture: sysmon('24'),
  process_tampering: sysmon('25'),
  file_block_executable: sysmon('27'),
  ps_module: powershell('4103'),
  ps_script: powershell('4104'),
  ps_classic_start: powershell('400'),
  ps_classic_provider_start: powershell('600'),
  antivirus: event => event.kind === 'detection_finding' && event.product === 'defender',
}

const ANY_CATEGORIES: Readonly<Record<string, Gate>> = {
  webserver: event => event.kind === 'http_activity' && event.product !== 'zeek' && event.product !== 'suricata',
  proxy: event => event.kind === 'http_activity',
  dns: event => event.kind === 'dns_activity',
  firewall: event => event.kind === 'network_activity' && (event.product === 'fortigate' || event.product === 'asa'),
}

/** Beginning of the channel a Windows service means. */
const WINDOWS_SERVICES: Readonly<Record<string, string>> = {
  security: 'security',
  system: 'system',
  application: 'application',
  sysmon: 'microsoft-windows-sysmon/operational',
  powershell: 'microsoft-windows-powershell/operational',
  'powershell-classic': 'windows powershell',
  taskscheduler: 'microsoft-windows-taskscheduler/operational',
  wmi: 'microsoft-windows-wmi-activity/operational',
  windefend: 'microsoft-windows-windows defender/operational',
  'bits-client': 'microsoft-windows-bits-client/operational',
  'terminalservices-localsessionmanager': 'microsoft-windows-terminalservices-localsessionmanager/operational',
  'smbclient-security': 'microsoft-windows-smbclient/security',
  'smbserver-connectivity': 'microsoft-windows-smbserver/connectivity',
  'dns-server': 'dns server',
  'dns-client': 'microsoft-windows-dns client events/operational',
  ntlm: 'microsoft-windows-ntlm/operational',
  'codeintegrity-operational': 'microsoft-windows-codeintegrity/operational',
  'firewall-as': 'microsoft-windows-windows firewall with advanced security/firewall',
  'printservice-admin': 'microsoft-windows-printservice/admin',
  'printservice-operational': 'microsoft-windows-printservice/operational',
  applocker: 'microsoft-windows-applocker/',
  'msexchange-management': 'msexchange management',
}

const LINUX_SERVICES = new Set(['sshd', 'sudo', 'su', 'cron', 'syslog', 'auth', 'auditd'])

/** The gate of a log source; a text is the reason why it is not supported yet. */
export function gateOf(source: LogSource): Gate | string {
  const { category, product, service } = source
  if (category !== undefined && Object.hasOwn(ANY_CATEGORIES, category)) return ANY_CATEGORIES[category] ?? 'unknown category'
  if (product === 'windows') {
    if (category !== undefined) return WINDOWS_CATEGORIES[category] ?? `log source category "${category}" is not known`
    if (service === undefined) return event => event.series.startsWith('evtx|')
    const channel = WINDOWS_SERVICES[service]
    if (channel === undefined) return `log source service "${service}" is not known`
    return event => (event.original.get('Channel') ?? '').toLowerCase().startsWith(channel)
  }
  if (product === 'linux') {
    if (category === 'process_creation')
      return event => event.kind === 'process_activity' && event.product !== 'sysmon' && event.product !== 'security'
    if (service !== undefined && LINUX_SERVICES.has(service))
      return event =>
        event.product === service ||
        (service === 'auth' && ['sshd', 'sudo', 'su'].includes(event.product)) ||
        (service === 'syslog' && event.product === 'cron')
    return `log source linux/${category ?? ''}/${service ?? ''} is not known`
  }
  if (product === 'zeek') return event => event.product === 'zeek' && (service === undefined || event.code === service)
  if (product === 'fortigate' || product === 'fortios') return event => event.product === 'fortigate'
  if (product === 'cisco') return event => event.product === 'asa'
  if (category === 'process_creation') return event => event.kind === 'process_activity' && event.action === 'start'
  return `log source ${[category, product, service].filter(part => part !== undefined).join('/') || '(empty)'} is not known`
}

/** Names Sigma uses for Sysmon fields, as Security 4688 logs them. */
const FIELDS_4688: Readonly<Record<string, string>> = { Image: 'NewProcessName', ParentImage: 'ParentProcessName' }

/** The value of a rule's field in an event: as logged, then under the product's other name, then from the typed columns of a web log. */
export function fieldOf(event: SecurityEvent, name: string): string | undefined {
  const logged = event.original.get(name)
  if (logged !== undefined) return logged
  if (event.code === '4688' && event.product === 'security') {
    const other = FIELDS_4688[name]
    if (other !== undefined) return event.original.get(other)
    if (name === 'User') return event.kind === 'process_activity' ? event.user : undefined
  }
  if (event.kind === 'http_activity') return webField(event, name)
  return undefined
}

function webField(event: Extract<SecurityEvent, { kind: 'http_activity' }>, name: string): string | undefined {
  switch (name) {
    case 'cs-method':
      return event.method
    case 'cs-uri':
    case 'c-uri':
      return event.query ? `${event.path ?? ''}?${event.query}` : event.path
    case 'cs-uri-stem':
      return event.path
    case 'cs-uri-query':
    case 'c-uri-query':
      return event.query
    case 'sc-status':
      return event.status === undefined ? undefined : String(event.status)
    case 'c-ip':
    case 'client_ip':
      return event.clientIp
    case 'cs-user-agent':
    case 'c-useragent':
      return event.userAgent
    case 'cs-referer':
      return event.referrer
    case 'cs-username':
      return event.user
    default:
      return undefined
  }
}
