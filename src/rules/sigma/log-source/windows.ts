import type { FieldView } from './field-view.ts'
import { type Admission, type Gate, gateOfAdmissions } from './gate.ts'
import {
  defenderFinding,
  dnsClientQuery,
  rpcFirewall,
  securityConnection,
  securityFile,
  securityPipe,
  securityProcessAccess,
  securityProcessEnd,
  securityProcessStart,
  securityRegistry,
  securityShareFile,
} from './views-windows.ts'

const SYSMON_CHANNELS = { windows: ['microsoft-windows-sysmon/operational'], linux: ['linux-sysmon/operational'] } as const
const AUDITING = new Set(['microsoft-windows-security-auditing'])

/** Sysmon events of one system. Sysmon for Linux has a channel of its own. */
export function sysmon(system: 'windows' | 'linux', codes: readonly string[], variant?: string): Admission {
  return {
    what: `${system === 'linux' ? 'Sysmon for Linux' : 'Sysmon'} event ${codes.join(', ')}${variant === undefined ? '' : ` (${variant})`}`,
    product: 'sysmon',
    channels: SYSMON_CHANNELS[system],
    codes: new Set(codes),
    ...(variant === undefined ? {} : { variants: new Set([variant]) }),
  }
}

function security(code: string, view: FieldView, ...variants: readonly string[]): Admission {
  return {
    what: `Security event ${code}${variants.length === 0 ? '' : ` (${variants.join(', ')})`}`,
    product: 'security',
    codes: new Set([code]),
    providers: AUDITING,
    view,
    ...(variants.length === 0 ? {} : { variants: new Set(variants) }),
  }
}

const POWERSHELL = ['microsoft-windows-powershell/operational', 'powershellcore/operational']

const powershell = (code: string): Admission => ({
  what: `PowerShell event ${code}`,
  channels: POWERSHELL,
  codes: new Set([code]),
})
const classic = (code: string): Admission => ({
  what: `Windows PowerShell event ${code}`,
  channels: ['windows powershell'],
  codes: new Set([code]),
})
/** Records of the kernel's file provider, where somebody collected them (Microsoft-Windows-Kernel-File manifest). */
const kernelFile = (what: string, ...codes: readonly string[]): Admission => ({
  what: `Kernel-File ${what}`,
  channels: ['microsoft-windows-kernel-file/'],
  codes: new Set(codes),
})

/** Events of Sysmon by category, the same on Windows and Linux (taxonomy appendix of sigma-specification 2.1). */
const SYSMON_CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  process_creation: ['1'],
  file_change: ['2'],
  network_connection: ['3'],
  sysmon_status: ['4', '16'],
  process_termination: ['5'],
  driver_load: ['6'],
  image_load: ['7'],
  create_remote_thread: ['8'],
  raw_access_thread: ['9'],
  process_access: ['10'],
  file_event: ['11'],
  file_creation: ['11'],
  registry_event: ['12', '13', '14'],
  registry_set: ['13'],
  registry_rename: ['14'],
  create_stream_hash: ['15'],
  pipe_created: ['17', '18'],
  wmi_event: ['19', '20', '21'],
  dns_query: ['22'],
  // 26 is written instead of 23 where deleted files are not kept.
  file_delete: ['23', '26'],
  clipboard_capture: ['24'],
  clipboard_change: ['24'],
  process_tampering: ['25'],
  file_delete_detected: ['26'],
  file_block_executable: ['27'],
  file_block_shredding: ['28'],
  file_executable_detected: ['29'],
  sysmon_error: ['255'],
}

/** The admissions of a category on a system that has Sysmon. */
export function sysmonCategory(system: 'windows' | 'linux', category: string): readonly Admission[] {
  if (category === 'registry_add') return [sysmon(system, ['12'], 'key-added')]
  if (category === 'registry_delete') return [sysmon(system, ['12'], 'deleted')]
  const codes = Object.hasOwn(SYSMON_CATEGORIES, category) ? SYSMON_CATEGORIES[category] : undefined
  return codes === undefined ? [] : [sysmon(system, codes)]
}

/** What else on Windows shows the same behaviour. */
const OTHER_CATEGORIES: Readonly<Record<string, readonly Admission[]>> = {
  process_creation: [security('4688', securityProcessStart)],
  process_termination: [security('4689', securityProcessEnd)],
  network_connection: [security('5156', securityConnection)],
  process_access: [security('4656', securityProcessAccess, 'process'), security('4663', securityProcessAccess, 'process')],
  file_event: [
    security('4663', securityFile, 'file-write'),
    security('5145', securityShareFile, 'file-write'),
    kernelFile('creation', '30'),
  ],
  file_access: [security('4663', securityFile, 'file', 'file-write'), kernelFile('access', '12')],
  file_rename: [kernelFile('rename', '19', '27')],
  registry_event: [security('4657', securityRegistry)],
  registry_set: [security('4657', securityRegistry, 'set')],
  registry_delete: [security('4657', securityRegistry, 'deleted')],
  pipe_created: [security('5145', securityPipe, 'pipe')],
  dns_query: [
    {
      what: 'DNS Client event 3008',
      channels: ['microsoft-windows-dns-client/operational', 'microsoft-windows-dns client events/operational'],
      codes: new Set(['3008']),
      view: dnsClientQuery,
    },
  ],
  ps_module: [powershell('4103')],
  ps_script: [powershell('4104')],
  ps_classic_start: [classic('400')],
  ps_classic_provider_start: [classic('600')],
  ps_classic_script: [classic('800')],
}

/** Events of Defender that name a threat or a path (Microsoft Learn, "Review event logs and error codes to troubleshoot issues with Microsoft Defender Antivirus"). */
export const defenderAsAntivirus: Admission = {
  what: 'Defender event 1006-1012, 1017-1019, 1115, 1116',
  channels: ['microsoft-windows-windows defender/operational'],
  codes: new Set(['1006', '1007', '1008', '1009', '1010', '1011', '1012', '1017', '1018', '1019', '1115', '1116']),
  view: defenderFinding,
}

/** Channels by service. A channel that ends in "/" stands for all of its provider. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  application: ['application'],
  'application-experience': [
    'microsoft-windows-application-experience/program-telemetry',
    'microsoft-windows-application-experience/program-compatibility-assistant',
  ],
  applocker: ['microsoft-windows-applocker/'],
  'appmodel-runtime': ['microsoft-windows-appmodel-runtime/admin'],
  'appxdeployment-server': [
    'microsoft-windows-appxdeploymentserver/operational',
    'microsoft-windows-appxdeployment-server/operational',
  ],
  'appxpackaging-om': ['microsoft-windows-appxpackaging/operational'],
  bitlocker: ['microsoft-windows-bitlocker/bitlocker management'],
  'bits-client': ['microsoft-windows-bits-client/operational'],
  capi2: ['microsoft-windows-capi2/operational'],
  'certificateservicesclient-lifecycle-system': ['microsoft-windows-certificateservicesclient-lifecycle-system/operational'],
  'codeintegrity-operational': ['microsoft-windows-codeintegrity/operational'],
  dhcp: ['microsoft-windows-dhcp-server/operational'],
  'diagnosis-scripted': ['microsoft-windows-diagnosis-scripted/operational', 'microsoft-windows-diagnosis-scripted/admin'],
  'dns-client': ['microsoft-windows-dns client events/operational', 'microsoft-windows-dns-client/operational'],
  'dns-server': ['dns server'],
  'dns-server-analytic': ['microsoft-windows-dns-server/analytical', 'microsoft-windows-dnsserver/analytical'],
  'dns-server-audit': ['microsoft-windows-dns-server/audit', 'microsoft-windows-dnsserver/audit'],
  'driver-framework': ['microsoft-windows-driverframeworks-usermode/operational'],
  'firewall-as': [
    'microsoft-windows-windows firewall with advanced security/firewall',
    'microsoft-windows-windows firewall with advanced security/firewalldiagnostics',
  ],
  'hyper-v-worker': [
    'microsoft-windows-hyper-v-worker',
    'microsoft-windows-hyper-v-worker-admin',
    'microsoft-windows-hyper-v-worker/',
  ],
  'iis-configuration': ['microsoft-iis-configuration/operational'],
  'kernel-event-tracing': ['microsoft-windows-kernel-eventtracing', 'microsoft-windows-kernel-eventtracing/'],
  'kernel-shimengine': ['microsoft-windows-kernel-shimengine/operational', 'microsoft-windows-kernel-shimengine/diagnostic'],
  ldap: ['microsoft-windows-ldap-client/debug'],
  ldap_debug: ['microsoft-windows-ldap-client/debug'],
  'lsa-server': ['microsoft-windows-lsa/operational'],
  'microsoft-servicebus-client': ['microsoft-servicebus-client/admin', 'microsoft-servicebus-client/operational'],
  'msexchange-management': ['msexchange management'],
  ntfs: ['microsoft-windows-ntfs/operational'],
  ntlm: ['microsoft-windows-ntlm/operational'],
  openssh: ['openssh/operational', 'openssh/admin'],
  powershell: POWERSHELL,
  'powershell-classic': ['windows powershell'],
  'printservice-admin': ['microsoft-windows-printservice/admin'],
  'printservice-operational': ['microsoft-windows-printservice/operational'],
  security: ['security'],
  'security-mitigations': [
    'microsoft-windows-security-mitigations/kernel mode',
    'microsoft-windows-security-mitigations/user mode',
  ],
  sense: ['microsoft-windows-sense/operational'],
  'servicebus-client': ['microsoft-servicebus-client/admin', 'microsoft-servicebus-client/operational'],
  'shell-core': ['microsoft-windows-shell-core/operational'],
  'smbclient-connectivity': ['microsoft-windows-smbclient/connectivity'],
  'smbclient-security': ['microsoft-windows-smbclient/security'],
  'smbserver-connectivity': ['microsoft-windows-smbserver/connectivity'],
  'smbserver-security': ['microsoft-windows-smbserver/security'],
  sysmon: ['microsoft-windows-sysmon/operational'],
  system: ['system'],
  taskscheduler: ['microsoft-windows-taskscheduler/operational'],
  'terminalservices-localsessionmanager': ['microsoft-windows-terminalservices-localsessionmanager/operational'],
  'terminalservices-remoteconnectionmanager': ['microsoft-windows-terminalservices-remoteconnectionmanager/operational'],
  vhdmp: ['microsoft-windows-vhdmp/operational', 'microsoft-windows-vhdmp-operational'],
  windefend: ['microsoft-windows-windows defender/operational'],
  wmi: ['microsoft-windows-wmi-activity/operational'],
}

/** The RPC Firewall's log. */
export const rpcFirewallLog: Admission = { what: 'RPC Firewall log', channels: ['rpcfw'], view: rpcFirewall }

/** Any Windows event: one that has a channel, and those of exports that left it out. */
const ANY_WINDOWS_EVENT: readonly Admission[] = [{ what: 'any Windows event', anyChannel: true }]

/** Gate of a log source of product windows; undefined when its category or service is none we know. */
export function windowsGate(category: string | undefined, service: string | undefined): Gate | undefined {
  const channels = service === undefined ? undefined : Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined
  if (service !== undefined && channels === undefined) return undefined
  if (category === undefined)
    return gateOfAdmissions(channels === undefined ? ANY_WINDOWS_EVENT : [{ what: `channel ${channels.join(', ')}`, channels }])
  const admissions = windowsCategory(category)
  if (admissions.length === 0) return undefined
  // A category with a service means the records of the category that the service holds: "process_creation" of "security" is 4688.
  const of =
    channels === undefined
      ? admissions
      : admissions.filter(({ product, channels: own }) =>
          (own ?? [product]).some(name => name !== undefined && channels.includes(name)),
        )
  return gateOfAdmissions(of)
}

/** The admissions of a category on Windows. */
export function windowsCategory(category: string): readonly Admission[] {
  const others = Object.hasOwn(OTHER_CATEGORIES, category) ? (OTHER_CATEGORIES[category] ?? []) : []
  return category === 'antivirus' ? [defenderAsAntivirus] : [...sysmonCategory('windows', category), ...others]
}
