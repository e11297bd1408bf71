import { kinds, listed, syslogOf, whole } from './admissions.ts'
import { type Admission, type Gate, gateOfAdmissions } from './gate.ts'
import { clamAsAntivirus } from './sources-linux.ts'
import {
  antivirusFinding,
  combinedRequest,
  connection,
  dnsLookup,
  firewallTraffic,
  netflow,
  networkLookup,
  packetFilter,
  webRequest,
} from './views-network.ts'
import { defenderAsAntivirus } from './windows.ts'

// Web, names, network: any product, and the devices.

const HTTP = kinds('http_activity')
const DNS = kinds('dns_activity')
const FLOW = kinds('network_activity')

const webOf = (product: string, where: string): Admission => ({
  what: `requests in ${where}`,
  product,
  kinds: HTTP,
  view: webRequest,
})

const SERVERS: readonly Admission[] = [
  { what: 'requests in IIS logs', product: 'iis', kinds: HTTP, view: webRequest },
  { what: 'requests in access logs', product: 'access-log', kinds: HTTP, view: combinedRequest },
  { what: 'requests in Tomcat logs', product: 'tomcat', kinds: HTTP, view: combinedRequest },
  webOf('exchange-log', 'logs of Exchange'),
  webOf('haproxy', 'logs of HAProxy'),
  webOf('aws-elb', 'logs of an AWS load balancer'),
  webOf('cloudfront', 'logs of CloudFront'),
  webOf('azure-front-door', 'logs of Azure Front Door'),
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
  { what: 'requests through PAN-OS', product: 'pan-os', kinds: HTTP, view: webRequest },
  ...SERVERS.map(server => ({
    ...server,
    what: `${server.what} that went through the server as a proxy`,
    variants: new Set(['proxied']),
    view: webRequest,
  })),
]
const firewallOf = (product: string, name: string, view = firewallTraffic): Admission => ({
  what: `traffic of ${name}`,
  product,
  kinds: FLOW,
  view,
})
const FIREWALLS: readonly Admission[] = [
  firewallOf('fortigate', 'FortiGate'),
  firewallOf('asa', 'Cisco ASA'),
  firewallOf('cisco-ios', 'access lists of Cisco IOS'),
  firewallOf('pan-os', 'PAN-OS'),
  firewallOf('filterlog', 'pfSense and OPNsense'),
  firewallOf('netfilter', 'iptables and nftables', packetFilter),
  firewallOf('mikrotik', 'MikroTik', packetFilter),
  firewallOf('windows-firewall', 'the Windows firewall'),
  firewallOf('aws-vpc-flow', 'AWS security groups'),
]
const LOOKUPS: readonly Admission[] = [{ what: 'lookups of any log', kinds: DNS, view: dnsLookup }]
const FLOWS: readonly Admission[] = [
  { what: 'connections Zeek saw', product: 'zeek', codes: new Set(['conn']), view: netflow },
  { what: 'flows Suricata saw', product: 'suricata', kinds: FLOW, view: netflow },
  { what: 'flows in packet captures', product: 'pcap', codes: new Set(['conn']), view: netflow },
  { what: 'flows routers exported', product: 'netflow', kinds: FLOW, view: netflow },
  { what: 'flows Argus saw', product: 'argus', kinds: FLOW, view: netflow },
  { what: 'connections Azure counted', product: 'azure', kinds: FLOW, view: netflow },
  { what: 'flows AWS counted', product: 'aws-vpc-flow', kinds: FLOW, view: netflow },
]
/** Connections as the taxonomy's category "network" means them: whatever watched the wire or stood in the way. */
const CONNECTIONS: readonly Admission[] = [...FLOWS, ...FIREWALLS].map(admission => ({ ...admission, view: connection }))
const NETWORK_LOOKUPS: readonly Admission[] = LOOKUPS.map(admission => ({ ...admission, view: networkLookup }))

const APACHE_ERRORS: readonly Admission[] = [
  whole('apache-error', 'error logs of Apache'),
  syslogOf('apache', 'apache2', 'httpd'),
]
const NGINX_ERRORS: readonly Admission[] = [whole('nginx-error', 'error logs of nginx'), syslogOf('nginx')]
const ACCESS: readonly Admission[] = [{ what: 'access logs', product: 'access-log' }]

/** Services that no product is needed for. */
export const networkServices: Readonly<Record<string, readonly Admission[]>> = {
  apache: [...ACCESS, ...APACHE_ERRORS],
  nginx: [...ACCESS, ...NGINX_ERRORS],
  iis: [{ what: 'IIS logs', product: 'iis', view: webRequest }],
  tomcat: [
    { what: 'Tomcat logs', product: 'tomcat', view: combinedRequest },
    { what: 'access logs', product: 'access-log', view: combinedRequest },
  ],
  netflow: FLOWS,
}

/** Services of the category "network" (taxonomy appendix of sigma-specification 2.1). */
const NETWORK: Readonly<Record<string, readonly Admission[]>> = { connection: CONNECTIONS, dns: NETWORK_LOOKUPS }

/** Categories that no product is needed for. */
export const networkCategories: Readonly<Record<string, readonly Admission[]>> = {
  webserver: [...SERVERS, ...SENSORS],
  proxy: [...PROXIES, ...SENSORS],
  dns: LOOKUPS,
  firewall: FIREWALLS,
  network: [...CONNECTIONS, ...NETWORK_LOOKUPS],
  antivirus: [
    defenderAsAntivirus,
    clamAsAntivirus,
    { what: 'findings of Symantec', product: 'symantec', kinds: kinds('detection_finding'), view: antivirusFinding },
  ],
}

/** What a category of the network holds that a service names. */
export function networkService(category: string, service: string): readonly Admission[] | undefined {
  return category === 'network' ? listed(NETWORK, service) : listed(networkServices, service)
}

const PAN_OS = whole('pan-os', 'PAN-OS records')
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
  paloalto: { all: [PAN_OS], services: {} },
  juniper: { all: [syslogOf('rpd', 'mgd', 'sshd', 'login')], services: { bgp: [syslogOf('rpd')], ldp: [syslogOf('rpd')] } },
  huawei: { all: [syslogOf('huawei')], services: { bgp: [syslogOf('huawei')], ldp: [syslogOf('huawei')] } },
  suricata: { all: [whole('suricata', 'Suricata records')], services: {} },
  apache: { all: [...ACCESS, ...APACHE_ERRORS], services: { access: ACCESS, error: APACHE_ERRORS } },
  nginx: { all: [...ACCESS, ...NGINX_ERRORS], services: { access: ACCESS, error: NGINX_ERRORS } },
  // ModSecurity writes into the error log of the server it stands in.
  modsecurity: { all: [...APACHE_ERRORS, ...NGINX_ERRORS], services: {} },
}

/** What the capture reader tells of protocols under the names of Zeek's logs. */
const CAPTURED: ReadonlySet<string> = new Set(['dnp3', 'dns', 'http', 'modbus', 'socks', 'ssh', 'ssl'])

/** Gate of a log source of product zeek. */
export function zeekGate(category: string | undefined, service: string | undefined): Gate | undefined {
  if (category !== undefined) {
    const admissions = (listed(networkCategories, category) ?? []).filter(
      ({ product }) => product === undefined || product === 'zeek',
    )
    return admissions.length > 0 ? gateOfAdmissions(admissions.map(admission => ({ ...admission, product: 'zeek' }))) : undefined
  }
  if (service === undefined) return gateOfAdmissions([whole('zeek', 'Zeek logs')])
  // Any word may be the log of a script of the site's own.
  const log: Admission = { what: `Zeek ${service}.log`, product: 'zeek', codes: new Set([service]) }
  if (!CAPTURED.has(service)) return gateOfAdmissions([log])
  return gateOfAdmissions([log, { what: `${service} in packet captures`, product: 'pcap', codes: new Set([service]) }])
}

/** Gate of a log source of a device or a web server; undefined when it is none we know. */
export function deviceGate(product: string, category: string | undefined, service: string | undefined): Gate | undefined {
  const device = listed(DEVICES, product)
  if (!device) return undefined
  if (category !== undefined) {
    const products = new Set(device.all.map(admission => admission.product))
    const admissions = (listed(networkCategories, category) ?? []).filter(
      admission => admission.product === undefined || products.has(admission.product),
    )
    return admissions.length > 0 ? gateOfAdmissions(admissions) : undefined
  }
  if (service === undefined) return gateOfAdmissions(device.all)
  const own = listed(device.services, service)
  return own && gateOfAdmissions(own)
}
