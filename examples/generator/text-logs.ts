import type { Connection, Evidence, FirewallEvent, WebRequest } from './evidence.ts'
import { MINUTE, SECOND, type World } from './world.ts'

const two = (value: number): string => String(value).padStart(2, '0')
const byTime = <T extends { readonly time: number }>(items: readonly T[]): T[] => items.toSorted((a, b) => a.time - b.time)

/** IIS W3C logs, one a day, times in UTC: name of the file to its text. */
export function iisLogs(world: World, evidence: Evidence): ReadonlyMap<string, string> {
  const files = new Map<string, string[]>()
  for (const request of byTime(evidence.web)) {
    const when = new Date(request.time).toISOString()
    const name = `u_ex${when.slice(2, 4)}${when.slice(5, 7)}${when.slice(8, 10)}.log`
    let lines = files.get(name)
    if (!lines) {
      lines = [
        '#Software: Microsoft Internet Information Services 10.0',
        '#Version: 1.0',
        `#Date: ${when.slice(0, 10)} ${when.slice(11, 19)}`,
        '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken',
      ]
      files.set(name, lines)
    }
    lines.push(iisLine(world, request, when))
  }
  return new Map([...files].map(([name, lines]) => [name, `${lines.join('\r\n')}\r\n`]))
}

function iisLine(world: World, request: WebRequest, when: string): string {
  const spaced = (text: string): string => text.replaceAll(' ', '+')
  return [
    when.slice(0, 10),
    when.slice(11, 19),
    world.machines.web.ip,
    request.method,
    request.path,
    request.query,
    443,
    request.user,
    request.client,
    spaced(request.agent),
    spaced(request.referrer),
    request.status,
    request.status === 404 ? 0 : 0,
    request.status === 404 ? 2 : 0,
    request.bytes,
    request.requestBytes,
    request.milliseconds,
  ].join(' ')
}

/** FortiGate syslog of the whole time: traffic that crosses the edge, VPN, administration. */
export function firewallLog(world: World, evidence: Evidence): string {
  const lines: { time: number; text: string }[] = []
  let session = 41_200
  for (const connection of byTime(evidence.connections)) {
    if (!connection.edge) continue
    session += world.random.int(1, 30)
    const end = connection.time + connection.seconds * SECOND
    lines.push({ time: end, text: firewallLine(world, end, trafficFields(world, connection, session)) })
  }
  for (const event of evidence.firewall) lines.push({ time: event.time, text: firewallLine(world, event.time, event.fields) })
  return `${byTime(lines)
    .map(line => line.text)
    .join('\n')}\n`
}

function trafficFields(world: World, connection: Connection, session: number): FirewallEvent['fields'] {
  const inward = connection.edge === 'in'
  const denied = connection.state === 'S0'
  const toWeb = connection.target === world.machines.web.ip
  return [
    ['logid', '0000000013'],
    ['type', 'traffic'],
    ['subtype', inward && !toWeb ? 'local' : 'forward'],
    ['level', 'notice'],
    ['vd', 'root'],
    ['srcip', connection.source],
    ['srcport', String(connection.sourcePort)],
    ['srcintf', inward ? 'wan1' : 'internal'],
    ['srcintfrole', inward ? 'wan' : 'lan'],
    ['dstip', inward ? world.web.publicIp : connection.target],
    ['dstport', String(connection.targetPort)],
    ['dstintf', inward ? (toWeb ? 'dmz' : 'root') : 'wan1'],
    ['sessionid', String(session)],
    ['proto', connection.protocol === 'tcp' ? '6' : '17'],
    ['action', denied ? 'deny' : 'close'],
    ['policyid', denied ? '0' : inward ? '4' : '1'],
    ['policytype', 'policy'],
    ['service', connection.targetPort === 443 ? 'HTTPS' : `tcp/${connection.targetPort}`],
    ...(inward
      ? toWeb
        ? ([
            ['trandisp', 'dnat'],
            ['tranip', world.machines.web.ip],
            ['tranport', String(connection.targetPort)],
          ] as const)
        : ([['trandisp', 'noop']] as const)
      : ([
          ['trandisp', 'snat'],
          ['transip', world.web.publicIp],
          ['transport', String(connection.sourcePort)],
        ] as const)),
    ['duration', String(Math.round(connection.seconds))],
    ['sentbyte', String(Math.round(connection.bytesOut))],
    ['rcvdbyte', String(Math.round(connection.bytesIn))],
    ['sentpkt', String(Math.ceil(connection.bytesOut / 900) + 2)],
    ['rcvdpkt', String(Math.ceil(connection.bytesIn / 1_100) + 2)],
  ]
}

const BARE = new Set([
  'srcip',
  'srcport',
  'dstip',
  'dstport',
  'sessionid',
  'proto',
  'policyid',
  'duration',
  'sentbyte',
  'rcvdbyte',
  'sentpkt',
  'rcvdpkt',
  'tranip',
  'tranport',
  'transip',
  'transport',
  'tunnelid',
  'remip',
  'tunnelip',
])

function firewallLine(world: World, time: number, fields: FirewallEvent['fields']): string {
  const local = new Date(time + world.zone.minutes * MINUTE).toISOString()
  const sign = world.zone.minutes < 0 ? '-' : '+'
  const zone = Math.abs(world.zone.minutes)
  const head: FirewallEvent['fields'] = [
    ['date', local.slice(0, 10)],
    ['time', local.slice(11, 19)],
    ['devname', world.machines.firewall.short],
    ['devid', 'FGT60F0000000001'],
    ['eventtime', `${Math.floor(time)}000000`],
    ['tz', `${sign}${two(Math.floor(zone / 60))}${two(zone % 60)}`],
  ]
  const pair = ([name, value]: readonly [string, string]): string =>
    BARE.has(name) || ['date', 'time', 'eventtime'].includes(name) ? `${name}=${value}` : `${name}="${value}"`
  return `<189>${[...head, ...fields].map(pair).join(' ')}`
}

/** The jump host's auth.log in rsyslog's ISO form. */
export function jumpHostLog(world: World, evidence: Evidence): string {
  return byTime(evidence.syslog)
    .map(line => {
      const local = new Date(line.time + world.zone.minutes * MINUTE).toISOString().slice(0, -1)
      const zone = Math.abs(world.zone.minutes)
      return `${local}000${world.zone.minutes < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}:${two(zone % 60)} ${line.host} ${line.program}: ${line.message}\n`
    })
    .join('')
}

const CONN_FIELDS = [
  'ts',
  'uid',
  'id.orig_h',
  'id.orig_p',
  'id.resp_h',
  'id.resp_p',
  'proto',
  'service',
  'duration',
  'orig_bytes',
  'resp_bytes',
  'conn_state',
  'local_orig',
  'local_resp',
  'missed_bytes',
  'history',
  'orig_pkts',
  'orig_ip_bytes',
  'resp_pkts',
  'resp_ip_bytes',
  'tunnel_parents',
]
const CONN_TYPES = [
  'time',
  'string',
  'addr',
  'port',
  'addr',
  'port',
  'enum',
  'string',
  'interval',
  'count',
  'count',
  'string',
  'bool',
  'bool',
  'count',
  'string',
  'count',
  'count',
  'count',
  'count',
  'set[string]',
]

const header = (path: string, fields: readonly string[], types: readonly string[]): string =>
  `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t${path}\n#fields\t${fields.join('\t')}\n#types\t${types.join('\t')}\n`

const seconds = (time: number): string => (time / 1000).toFixed(6)

/** The sensor's conn.log; it stands inside, so it sees addresses after translation and nothing that ends on the firewall itself. */
export function zeekConn(world: World, evidence: Evidence): string {
  const inside = (address: string): boolean => address.startsWith('10.')
  const rows = byTime(evidence.connections)
    .filter(connection => connection.target !== world.web.publicIp)
    .map(connection => {
      const packetsOut = Math.ceil(connection.bytesOut / 900) + 3
      const packetsIn = Math.ceil(connection.bytesIn / 1_100) + 3
      return [
        seconds(connection.time),
        connection.uid,
        connection.source,
        connection.sourcePort,
        connection.target,
        connection.targetPort,
        connection.protocol,
        connection.service,
        connection.seconds.toFixed(6),
        Math.round(connection.bytesOut),
        Math.round(connection.bytesIn),
        connection.state,
        inside(connection.source) ? 'T' : 'F',
        inside(connection.target) ? 'T' : 'F',
        0,
        connection.protocol === 'tcp' ? 'ShADadfF' : 'Dd',
        packetsOut,
        Math.round(connection.bytesOut) + packetsOut * 40,
        packetsIn,
        Math.round(connection.bytesIn) + packetsIn * 40,
        '-',
      ].join('\t')
    })
  return `${header('conn', CONN_FIELDS, CONN_TYPES)}${rows.join('\n')}\n`
}

/** The sensor's dns.log. */
export function zeekDns(evidence: Evidence): string {
  const fields = [
    'ts',
    'uid',
    'id.orig_h',
    'id.orig_p',
    'id.resp_h',
    'id.resp_p',
    'proto',
    'query',
    'qtype_name',
    'rcode_name',
    'answers',
    'TTLs',
  ]
  const types = [
    'time',
    'string',
    'addr',
    'port',
    'addr',
    'port',
    'enum',
    'string',
    'string',
    'string',
    'vector[string]',
    'vector[interval]',
  ]
  const rows = byTime(evidence.dns).map((query, index) =>
    [
      seconds(query.time),
      query.uid,
      query.client,
      49_152 + (index % 16_000),
      query.server,
      53,
      'udp',
      query.query,
      'A',
      'NOERROR',
      query.answer,
      '300.000000',
    ].join('\t'),
  )
  return `${header('dns', fields, types)}${rows.join('\n')}\n`
}
