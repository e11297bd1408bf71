import { type Diagnostic, edgeProducts, numberOf, textOf } from '../model/index.ts'
import type { CaseQueries } from '../store/index.ts'

/** A machine and what its own records, or records about it, show it to be. */
export interface InferredRole {
  readonly machine: string
  readonly role: string
  /** What was seen; a clause behind the role. */
  readonly reason: string
}

interface Sign {
  readonly role: string
  readonly kind: 'authentication' | 'tunnel_activity' | 'http_activity' | 'network_activity' | 'device_config' | 'smb_activity'
  readonly machine: string
  readonly where: string
  /** Counted for the reason. */
  readonly count: string
  readonly least: number
  readonly says: (count: number) => string
}

/** Fewer askers could be a test, a scan or a shared folder at home. */
const SEVERAL = 3

/** In the order in which they win: a domain controller also serves files. */
const SIGNS: readonly Sign[] = [
  {
    role: 'domain controller',
    kind: 'authentication',
    machine: 'host',
    where: "host <> '' and product = 'security' and code in ('4768', '4769') and action = 'ticket'",
    count: 'count(*)',
    least: 1,
    says: count => `it issued ${count} Kerberos tickets`,
  },
  {
    role: 'VPN gateway',
    kind: 'tunnel_activity',
    machine: 'host',
    where: "host <> '' and action in ('up', 'assigned') and user <> ''",
    count: 'count(distinct user)',
    least: 1,
    says: count => `it opened VPN sessions for ${count} accounts`,
  },
  {
    role: 'edge firewall or router',
    kind: 'network_activity',
    machine: 'host',
    where: `host <> '' and product in (${[...edgeProducts, 'netfilter'].map(product => `'${product}'`).join(', ')})`,
    count: 'count(*)',
    least: 1,
    says: count => `it logged ${count} connections of others`,
  },
  {
    role: 'edge firewall or router',
    kind: 'device_config',
    machine: 'host',
    where: "host <> '' and action = 'state' and attribute = 'device'",
    count: 'count(*)',
    least: 1,
    says: () => 'its configuration is among the evidence',
  },
  {
    role: 'web server',
    kind: 'http_activity',
    machine: 'host',
    where: "host <> '' and product not in ('zeek', 'suricata', 'pcap', 'fortigate', 'pan-os')",
    count: 'count(*)',
    least: 1,
    says: count => `it wrote ${count} requests into its access log`,
  },
  {
    role: 'controller of a plant',
    kind: 'network_activity',
    machine: 'dstIp',
    // Modbus, DNP3, S7, EtherNet/IP, IEC 60870-5-104.
    where: "dstPort in (502, 20000, 102, 44818, 2404) and protocol = 'tcp' and action = 'flow' and bytesIn > 0",
    count: 'count(distinct srcIp)',
    least: 1,
    says: count => `it answered a control protocol to ${count} address${count === 1 ? '' : 'es'}`,
  },
  {
    role: 'file server',
    kind: 'smb_activity',
    machine: 'host',
    where:
      "host <> '' and product = 'security' and action in ('share', 'open') and share not like '%IPC$' and share not like '%ADMIN$' and share not like '%C$' and srcIp <> ''",
    count: 'count(distinct srcIp)',
    least: SEVERAL,
    says: count => `${count} addresses opened its shares`,
  },
]

/** Roles of machines by what they did, each machine once; for a case without an asset list. */
export async function inferredRoles(queries: Pick<CaseQueries, 'rows' | 'kindsPresent'>): Promise<readonly InferredRole[]> {
  const present = await queries.kindsPresent()
  const roles = new Map<string, InferredRole>()
  for (const { role, kind, machine, where, count, least, says } of SIGNS) {
    if (!present.has(kind)) continue
    const rows = await queries.rows(
      `select ${machine} as machine, ${count} as times from ${kind} where ${where} group by ${machine} having ${count} >= ${least} order by ${machine}`,
    )
    for (const row of rows) {
      const name = textOf(row, 'machine')
      if (!roles.has(name)) roles.set(name, { machine: name, role, reason: says(numberOf(row, 'times')) })
    }
  }
  return [...roles.values()].toSorted((a, b) => (a.machine < b.machine ? -1 : 1))
}

/** Machines named in the note; the rest is counted. */
const SHOWN = 20

/** Said where no asset list is given: what the machines are taken for, and that it is only taken. */
export function inferredNote(roles: readonly InferredRole[]): readonly Diagnostic[] {
  const named = roles.slice(0, SHOWN).map(({ machine, role, reason }) => `${machine} (${role}: ${reason})`)
  const more = roles.length > SHOWN ? ` and ${roles.length - SHOWN} more` : ''
  const known =
    roles.length === 0
      ? 'No role of a machine could be inferred either.'
      : `Roles are inferred from what machines did, and may be wrong: ${named.join('; ')}${more}.`
  return [
    {
      kind: 'diagnostic',
      code: 'assets/inferred',
      level: 'note',
      message: `There is no asset list, so nothing is said about services. ${known}`,
      hint: 'Write one: barograph assets init --from CASE, correct it, and hunt again with --assets.',
    },
  ]
}
