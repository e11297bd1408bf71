import { asLogged, knownViews } from './as-logged.ts'
import type { EventKey } from './event-key.ts'
import type { FieldView } from './field-view.ts'
import { type Admission, admits, type Gate, gateOfAdmissions, type LogSource } from './gate.ts'
import { auditdStart, clamFinding, sudoCommand } from './views-linux.ts'
import { combinedRequest, dnsLookup, firewallTraffic, netflow, webRequest } from './views-network.ts'
import { defenderAsAntivirus, rpcFirewallLog, sysmonCategory, windowsCategory, windowsGate } from './windows.ts'

const kinds = (...names: readonly (NonNullable<Admission['kinds']> extends ReadonlySet<infer Kind> ? Kind : never)[]) =>
  new Set(names)

// --- Linux

const PROCESS = kinds('process_activity')
/** Products of messages that the syslog reader gives; which file they came in does not matter. */
const SYSLOG_PRODUCTS = ['sshd', 'sudo', 'su', 'cron', 'syslog'] as const

const syslogOf = (...programs: readonly string[]): Admission => ({
  what: `syslog messages of ${programs.join(', ')}`,
  product: 'syslog',
  variants: new Set(programs),
})
const whole = (product: string, what = `${product} messages`): Admission => ({ what, product })
const ALL_SYSLOG: readonly Admission[] = SYSLOG_PRODUCTS.map(product => whole(product))
const AUDITD = whole('auditd', 'auditd records')

const CLAM = syslogOf('clamd', 'clamscan', 'clamdscan', 'clamonacc', 'clamav', 'clamav-daemon', 'freshclam')

/** Programs whose messages go to auth.log or secure. */
const AUTH_PROGRAMS = [
  ...[
    'login',
    'systemd-logind',
    'polkitd',
    'pkexec',
    'doas',
    'passwd',
    'chpasswd',
    'chage',
    'chsh',
    'chfn',
    'useradd',
    'usermod',
    'userdel',
  ],
  ...[
    'groupadd',
    'groupmod',
    'groupdel',
    'newusers',
    'gdm-password',
    'lightdm',
    'sssd',
    'sssd_be',
    'unix_chkpwd',
    'runuser',
    'vsftpd',
    'xrdp-sesman',
  ],
]

const LINUX_SERVICES: Readonly<Record<string, readonly Admission[]>> = {
  auditd: [AUDITD],
  auth: [whole('sshd'), whole('sudo'), whole('su'), whole('cron'), syslogOf(...AUTH_PROGRAMS)],
  clamav: [CLAM],
  cron: [whole('cron')],
  guacamole: [syslogOf('guacd', 'guacamole', 'tomcat', 'tomcat8', 'tomcat9', 'tomcat10')],
  sshd: [whole('sshd')],
  su: [whole('su')],
  sudo: [whole('sudo')],
  syslog: ALL_SYSLOG,
  vsftpd: [syslogOf('vsftpd')],
}

const ALL_LINUX: readonly Admission[] = [
  ...ALL_SYSLOG,
  AUDITD,
  { what: 'Sysmon for Linux', product: 'sysmon', channels: ['linux-sysmon/operational'] },
  whole('shell-history', 'shell histories'),
]

function linuxCategory(category: string): readonly Admission[] {
  const own: readonly Admission[] =
    category === 'process_creation'
      ? [
          { what: 'auditd program starts', product: 'auditd', kinds: PROCESS, view: auditdStart },
          { what: 'commands run by sudo', product: 'sudo', kinds: PROCESS, view: sudoCommand },
        ]
      : category === 'antivirus'
        ? [{ ...CLAM, view: clamFinding }]
        : []
  return [...sysmonCategory('linux', category), ...own]
}

function linuxGate(category: string | undefined, service: string | undefined): Gate | undefined {
  if (category === undefined && service === undefined) return gateOfAdmissions(ALL_LINUX)
  const byService = service !== undefined && Object.hasOwn(LINUX_SERVICES, service) ? LINUX_SERVICES[service] : undefined
  if (service !== undefined && byService === undefined) return undefined
  if (category === undefined) return byService && gateOfAdmissions(byService)
  const admissions = linuxCategory(category).filter(({ product }) => !byService || byService.some(own => own.product === product))
  return admissions.length > 0 ? gateOfAdmissions(admissions) : undefined
}

// --- Web, names, network: any product

const HTTP = kinds('http_activity')
const DNS = kinds('dns_activity')
const FLOW = kinds('network_activity')

const SERVERS: readonly Admission[] = [
  { what: 'requests in IIS logs', product: 'iis', kinds: HTTP, view: webRequest },
  { what: 'requests in access logs', product: 'access-log', kinds: HTTP, view: combinedRequest },
  { what: 'requests in Tomcat logs', product: 'tomcat', kinds: HTTP, view: combinedRequest },
]
/** A sensor sees the same requests on the wire, to servers and through proxies. */
const SENSORS: readonly Admission[] = [
  { what: 'requests Zeek saw', product: 'zeek', kinds: HTTP, view: webRequest },
  { what: 'requests Suricata saw', product: 'suricata', kinds: HTTP, view: webRequest },
  { what: 'requests in packet captures', product: 'pcap', kinds: HTTP, view: webRequest },
]
const PROXIES: readonly Admission[] = [
  { what: 'requests in proxy logs', product: 'proxy', kinds: HTTP, view: webRequest },
  { what: 'requests in Squid logs', product: 'squid', kinds: HTTP, view: webRequest },
  { what: 'requests through FortiGate', product: 'fortigate', kinds: HTTP, view: webRequest },
  ...SERVERS.map(server => ({
    ...server,
    what: `${server.what} that went through the server as a proxy`,
    variants: new Set(['proxied']),
    view: webRequest,
  })),
]
const FIREWALLS: readonly Admission[] = ['fortigate', 'asa'].map(product => ({
  what: `traffic of ${product === 'asa' ? 'Cisco ASA' : 'FortiGate'}`,
  product,
  kinds: FLOW,
  view: firewallTraffic,
}))
const LOOKUPS: readonly Admission[] = [{ what: 'lookups of any log', kinds: DNS, view: dnsLookup }]
const FLOWS: readonly Admission[] = [
  { what: 'connections Zeek saw', product: 'zeek', codes: new Set(['conn']), view: netflow },
  { what: 'flows Suricata saw', product: 'suricata', kinds: FLOW, view: netflow },
  { what: 'flows in packet captures', product: 'pcap', codes: new Set(['conn']), view: netflow },
  { what: 'flows routers exported', product: 'netflow', kinds: FLOW, view: netflow },
  { what: 'flows Argus saw', product: 'argus', kinds: FLOW, view: netflow },
  { what: 'connections Azure counted', product: 'azure', kinds: FLOW, view: netflow },
]

const webServices: Readonly<Record<string, readonly Admission[]>> = {
  apache: [{ what: 'access logs', product: 'access-log' }, syslogOf('apache', 'apache2', 'httpd')],
  nginx: [{ what: 'access logs', product: 'access-log' }, syslogOf('nginx')],
  iis: [{ what: 'IIS logs', product: 'iis', view: webRequest }],
  tomcat: [
    { what: 'Tomcat logs', product: 'tomcat', view: combinedRequest },
    { what: 'access logs', product: 'access-log', view: combinedRequest },
  ],
  netflow: FLOWS,
}

/** Categories that no product is needed for. */
const CATEGORIES: Readonly<Record<string, readonly Admission[]>> = {
  webserver: [...SERVERS, ...SENSORS],
  proxy: [...PROXIES, ...SENSORS],
  dns: LOOKUPS,
  firewall: FIREWALLS,
  antivirus: [defenderAsAntivirus, { ...CLAM, view: clamFinding }],
}

// --- Devices

const IOS: Admission = { what: 'messages of Cisco IOS', product: 'cisco-ios' }

const CISCO: Readonly<Record<string, readonly Admission[]>> = {
  aaa: [IOS],
  bgp: [IOS],
  ldp: [IOS],
  syslog: [IOS, whole('asa', 'messages of Cisco ASA')],
  asa: [whole('asa', 'messages of Cisco ASA')],
}

const fortigateOf = (...types: readonly string[]): Admission => ({
  what: `FortiGate records of type ${types.join(', ')}`,
  product: 'fortigate',
  variants: new Set(types),
})

/** FortiOS writes into one log what its types tell apart. */
const FORTIGATE: Readonly<Record<string, readonly Admission[]>> = {
  event: [fortigateOf('event')],
  traffic: [fortigateOf('traffic')],
  utm: [fortigateOf('utm', 'ips', 'virus', 'webfilter', 'dns', 'anomaly')],
  sslvpnd: [fortigateOf('event')],
}

const DEVICES: Readonly<
  Record<string, { readonly all: readonly Admission[]; readonly services: Readonly<Record<string, readonly Admission[]>> }>
> = {
  cisco: { all: [IOS, whole('asa', 'messages of Cisco ASA')], services: CISCO },
  fortigate: { all: [whole('fortigate', 'FortiGate records')], services: FORTIGATE },
  fortios: { all: [whole('fortigate', 'FortiGate records')], services: FORTIGATE },
  fortinet: { all: [whole('fortigate', 'FortiGate records')], services: FORTIGATE },
  juniper: { all: [syslogOf('rpd', 'mgd', 'sshd', 'login')], services: { bgp: [syslogOf('rpd')] } },
  huawei: { all: [syslogOf('huawei')], services: { bgp: [syslogOf('huawei')] } },
  suricata: { all: [whole('suricata', 'Suricata records')], services: {} },
  apache: { all: webServices['apache'] ?? [], services: {} },
  nginx: { all: webServices['nginx'] ?? [], services: {} },
}

/** Log sources of published rules that no reader gives: their rules are loaded, apply to nothing, and the report says so. */
const WITHOUT_READER = {
  products: new Set([
    ...[
      'aws',
      'azure',
      'gcp',
      'google_workspace',
      'm365',
      'github',
      'gitlab',
      'bitbucket',
      'okta',
      'onelogin',
      'kubernetes',
      'macos',
    ],
    ...[
      'paloalto',
      'qualys',
      'opencanary',
      'django',
      'jvm',
      'nodejs',
      'python',
      'ruby_on_rails',
      'spring',
      'sql',
      'velocity',
      'modsecurity',
    ],
    ...['checkpoint', 'sonicwall', 'sophos', 'vmware', 'crowdstrike', 'sap', 'docker', 'modbus', 'dns'],
  ]),
  categories: new Set(['database', 'application', 'appliance', 'authentication', 'logfile']),
  /** Services of products we read that come in other logs. */
  services: new Set(['cisco duo']),
}

const gates = new Map<string, Gate>()

/** The gate of a log source: the same object for the same log source, so that what it answers is kept for all rules of it. */
export function gateOf({ category, product, service }: LogSource): Gate {
  const name = `${category ?? ''}\n${product ?? ''}\n${service ?? ''}`
  let gate = gates.get(name)
  if (!gate) {
    gate =
      gateFor(category, product, service) ??
      gateOfAdmissions([], isWithoutReader(category, product, service) ? 'no-reader' : 'unknown')
    gates.set(name, gate)
  }
  return gate
}

function isWithoutReader(category: string | undefined, product: string | undefined, service: string | undefined): boolean {
  if (product === undefined) return category !== undefined && WITHOUT_READER.categories.has(category)
  return WITHOUT_READER.products.has(product) || WITHOUT_READER.services.has(`${product} ${service ?? ''}`)
}

function gateFor(category: string | undefined, product: string | undefined, service: string | undefined): Gate | undefined {
  switch (product) {
    case undefined:
      return productless(category, service)
    case 'windows':
      return category !== undefined && Object.hasOwn(CATEGORIES, category) && category !== 'antivirus'
        ? productless(category, service)
        : windowsGate(category, service)
    case 'linux':
      return linuxGate(category, service)
    case 'zeek':
      return zeekGate(category, service)
    case 'rpc_firewall':
      return gateOfAdmissions([rpcFirewallLog])
    default:
      return deviceGate(product, category, service)
  }
}

/** Rules without product mean every product that has the category. */
function productless(category: string | undefined, service: string | undefined): Gate | undefined {
  if (category === undefined) {
    const own = service === undefined ? undefined : listed(webServices, service)
    return own && gateOfAdmissions(own)
  }
  const admissions = listed(CATEGORIES, category) ?? [...windowsCategory(category), ...linuxCategory(category)]
  const own = service === undefined ? undefined : listed(webServices, service)
  if (service !== undefined && !own) return undefined
  const narrowed = own ? admissions.filter(({ product }) => own.some(other => other.product === product)) : admissions
  return narrowed.length > 0 ? gateOfAdmissions(narrowed) : undefined
}

/** What the capture reader tells of protocols under the names of Zeek's logs. */
const CAPTURED: ReadonlySet<string> = new Set(['dnp3', 'dns', 'http', 'modbus', 'socks', 'ssh', 'ssl'])

function zeekGate(category: string | undefined, service: string | undefined): Gate | undefined {
  if (category !== undefined) {
    const admissions = (listed(CATEGORIES, category) ?? []).filter(({ product }) => product === undefined || product === 'zeek')
    return admissions.length > 0 ? gateOfAdmissions(admissions.map(admission => ({ ...admission, product: 'zeek' }))) : undefined
  }
  if (service === undefined) return gateOfAdmissions([whole('zeek', 'Zeek logs')])
  // Any word may be the log of a script of the site's own.
  const log: Admission = { what: `Zeek ${service}.log`, product: 'zeek', codes: new Set([service]) }
  if (!CAPTURED.has(service)) return gateOfAdmissions([log])
  return gateOfAdmissions([log, { what: `${service} in packet captures`, product: 'pcap', codes: new Set([service]) }])
}

function deviceGate(product: string, category: string | undefined, service: string | undefined): Gate | undefined {
  const device = Object.hasOwn(DEVICES, product) ? DEVICES[product] : undefined
  if (!device) return undefined
  if (category !== undefined) {
    const products = new Set(device.all.map(admission => admission.product))
    const admissions = (listed(CATEGORIES, category) ?? []).filter(
      admission => admission.product === undefined || products.has(admission.product),
    )
    return admissions.length > 0 ? gateOfAdmissions(admissions) : undefined
  }
  if (service === undefined) return gateOfAdmissions(device.all)
  const own = listed(device.services, service)
  return own && gateOfAdmissions(own)
}

function listed(table: Readonly<Record<string, readonly Admission[]>>, name: string): readonly Admission[] | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Every way records of a log source can be seen, as far as that is known without records. */
export function viewsOf(source: LogSource): readonly FieldView[] {
  return [...new Set(gateOf(source).admissions.flatMap(knownViews))]
}

/**
 * How a rule of a log source would see records of these keys, where only product, code, channel and kind are known of them: what
 * differs within a code (a key added or deleted) is taken as there.
 */
export function viewsAmong(source: LogSource, keys: readonly EventKey[]): readonly FieldView[] {
  const { admissions } = gateOf(source)
  const views = keys.flatMap(key => {
    const admission = admissions.find(({ variants: _, ...rest }) => admits(rest, key))
    return admission ? [admission.view ?? asLogged(key)] : []
  })
  return [...new Set(views)]
}
