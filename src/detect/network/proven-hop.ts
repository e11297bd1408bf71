import {
  draftOf,
  type HopGrade,
  listOf,
  micros,
  numberOf,
  type RelayHop,
  type Row,
  type SetDetector,
  type Severity,
  type SqlDialect,
  textOf,
} from '../../model/index.ts'
import { isProxyRequest } from './explicit-proxy.ts'
import { ADMIN_PORTS } from './traffic.ts'

/** Fewer requests may be somebody who tries whether a server is an open proxy. */
const ENOUGH_REQUESTS = 3
/** Ways listed with one finding. */
const MOST_WAYS = 200
/** The same is written with every connection; the first ones show it. */
const SHOWN_RECORDS = 20
/** Behind an address that so many clients come to stands a published service. */
const MANY_CLIENTS = 5

/** Kinds of proof in which an address was exchanged for another. */
const TRANSLATED = ['nat', 'table']

/** What is said of each kind of proof: how it ends a sentence, and the innocent explanation. */
const KINDS: Readonly<Record<string, { readonly basis: string; readonly word: string; readonly innocent: string }>> = {
  nat: {
    basis: 'by its own translation log',
    word: 'forwarded',
    innocent: 'a published server: the operator forwards a port to it on purpose',
  },
  table: {
    basis: 'by its own table of connections',
    word: 'forwarded',
    innocent: 'a published server: the operator forwards a port to it on purpose',
  },
  socks: {
    basis: 'by the SOCKS request it was sent',
    word: 'was asked by SOCKS to carry',
    innocent: 'a proxy that the operator runs',
  },
  proxy: { basis: 'by the proxy requests it was sent', word: 'is a proxy and carried', innocent: 'the proxy of the office' },
  log: { basis: 'by its own proxy log', word: 'is a proxy and carried', innocent: 'the proxy of the office' },
  balancer: {
    basis: 'by its own log',
    word: 'passed',
    innocent: 'a load balancer or reverse proxy in front of the operator’s own servers',
  },
  portproxy: {
    basis: 'by its own port proxy setting alone',
    word: 'is set to forward',
    innocent: 'a forwarder that the operator has documented',
  },
}

/** A device's own record says that it passed a connection on, and where to. */
export const provenHop: SetDetector = {
  id: 'network/proven-hop',
  title: 'Passed on, by the device’s own record',
  on: 'set',
  reads: ['network_activity', 'http_activity', 'tunnel_activity', 'registry_activity'],
  techniques: ['T1090.001'],
  severity: 'informational',
  confidence: 'high',
  why: 'Whoever is seen behind this machine is not who began: the one before it is.',
  innocent: 'a proxy or a forwarded port that the operator set up',
  query: sql => `
    with hop as (
      -- a table that does not say who opened a connection does not say who was led where
      select case when product = 'nat-table' then 'table' else 'nat' end as kind, evidence, record, "byteOffset", "time", host, srcIp as client, dstIp as via, dstPort as viaPort, natDstIp as target, natDstPort as targetPort
      from network_activity
      where natDstIp <> '' and natDstIp <> dstIp and srcIp <> '' and action in ('flow', 'open', 'close') and (product <> 'nat-table' or coalesce(initiatorKnown, false))
      union all
      select 'socks' as kind, t.evidence, t.record, t."byteOffset", t."time", t.host, t.srcIp, t.dstIp, n.port, t.target, t.targetPort
      from tunnel_activity t left join (select uid as conn, max(dstPort) as port from network_activity where uid <> '' group by uid) n on n.conn = t.uid
      where t.target <> '' and t.dstIp <> '' and t.srcIp <> '' and t.protocol <> 'http-connect'
      union all
      select 'log' as kind, evidence, record, "byteOffset", "time", host, srcIp, host, cast(null as bigint), target, targetPort
      from tunnel_activity where protocol = 'http-connect' and action = 'seen' and host <> '' and srcIp <> ''
      union all
      select 'balancer' as kind, evidence, record, "byteOffset", "time", host, srcIp, host, cast(null as bigint), dstHost, cast(null as bigint)
      from network_activity where product = 'haproxy' and action = 'flow' and host <> '' and srcIp <> '' and dstHost <> ''
      union all
      select 'proxy' as kind, evidence, record, "byteOffset", "time", host, clientIp, serverIp, serverPort,
        case when position(':' in virtualHost) > 0 then substring(virtualHost, 1, position(':' in virtualHost) - 1) else virtualHost end as target,
        case when method = 'CONNECT' then 443 else 80 end as targetPort
      from http_activity where serverIp <> '' and clientIp <> '' and status between 200 and 399 and ${isProxyRequest(sql)}
      union all
      select 'portproxy' as kind, evidence, record, "byteOffset", "time", host, '' as client, host as via,
        ${portOf(sql, `case when valueName like '%/%' then valueName else key end`)} as viaPort,
        ${sql.replaceAll('value', '/[0-9]*$', '')} as target, ${portOf(sql, 'value')} as targetPort
      from registry_activity where action = 'set-value' and ${sql.matches('key', '(?i)\\\\services\\\\portproxy\\\\v[46]tov[46]\\\\tcp')} and value like '%/%'),
    passed as (
      select *, concat(case when client = '' then '-' else client end, ' ', target, ' ', coalesce(cast(targetPort as varchar), '')) as leads from hop where target <> '' and via <> ''),
    led as (select kind as ledKind, via as ledVia, viaPort as ledPort, leads, count(*) as passes from passed group by kind, via, viaPort, leads),
    lead_list as (
      select ledKind, ledVia, ledPort, ${sql.distinctList(`concat(leads, ' ', cast(passes as varchar))`, MOST_WAYS)} as ways from led group by ledKind, ledVia, ledPort)
    select kind, via, viaPort, count(*) as total, count(distinct client) as clients, min(client) as client, count(distinct target) as targets,
      min(target) as target, min(targetPort) as targetPort, max(case when targetPort in ${ADMIN_PORTS} then 1 else 0 end) as admin,
      max(case when client <> '' and not ${sql.isInternalAddress('client')} then 1 else 0 end) as fromOutside,
      max(case when ${sql.isInternalAddress('via')} then 1 else 0 end) as viaInside,
      max(case when ${sql.isInternalAddress('target')} then 0 else 1 end) as toOutside, max(host) as host,
      min("time") as firstTime, max("time") as lastTime, max(ways) as ways, ${sql.distinctList('client', 100)} as clientList, ${sql.records(SHOWN_RECORDS)} as refs
    from passed join lead_list on ledKind = kind and ledVia = via and (ledPort = viaPort or (ledPort is null and viaPort is null))
    group by kind, via, viaPort
    order by total desc, kind, via, viaPort`,
  finding(row) {
    const kind = KINDS[textOf(row, 'kind')]
    const total = numberOf(row, 'total')
    const isProxy = ['proxy', 'socks', 'log'].includes(textOf(row, 'kind'))
    if (!kind || (textOf(row, 'kind') === 'proxy' && total < ENOUGH_REQUESTS)) return undefined
    const via = textOf(row, 'via')
    const port = row['viaPort'] === null ? undefined : numberOf(row, 'viaPort')
    const place = port === undefined ? via : `${via}:${port}`
    const target =
      numberOf(row, 'targets') === 1
        ? `${textOf(row, 'target')}${row['targetPort'] === null ? '' : `:${numberOf(row, 'targetPort')}`}`
        : `${numberOf(row, 'targets')} places`
    const client = numberOf(row, 'clients') === 1 ? textOf(row, 'client') || 'anybody' : `${numberOf(row, 'clients')} addresses`
    const list = listOf(row, 'clientList')
    return draftOf(this, {
      title:
        textOf(row, 'kind') === 'portproxy'
          ? `Port ${port ?? '?'} of ${via} is forwarded to ${target}`
          : `${place} ${kind.word} ${total === 1 ? 'a connection' : `${total} connections`} of ${client} on to ${target}`,
      object: textOf(row, 'kind') === 'portproxy' ? `portproxy ${port ?? ''}` : place,
      severity: severityOf(row),
      hosts: [textOf(row, 'host') || via],
      addresses: [via, ...list, ...(TRANSLATED.includes(textOf(row, 'kind')) ? [textOf(row, 'target')] : [])].filter(address =>
        /^[\da-f.:]+$/i.test(address),
      ),
      why: `${this.why} Shown ${kind.basis}.${isProxy ? ` ${place} is not the one who is talked to: ${client} talked to ${target} through it.` : ''}`,
      innocent: kind.innocent,
      firstTime: numberOf(row, 'firstTime') || null,
      lastTime: numberOf(row, 'lastTime') || null,
      count: total,
      evidence: listOf(row, 'refs'),
      evidenceTotal: total,
      // A setting alone does not say that anybody went that way.
      hops: hopsOf(row, textOf(row, 'kind') === 'portproxy' ? 'consistent' : 'proven', kind.basis),
    })
  },
}

/** A SOCKS or web proxy open to the internet, or an administrative port forwarded for few, is somebody's way in; the rest is a fact to know. */
function severityOf(row: Row): Severity {
  const yes = (name: string) => numberOf(row, name) === 1
  const few = numberOf(row, 'clients') < MANY_CLIENTS
  const kind = textOf(row, 'kind')
  if (kind === 'portproxy') return 'informational'
  if (kind === 'balancer' || kind === 'log') return 'informational'
  if (TRANSLATED.includes(kind)) return yes('admin') && yes('fromOutside') && few ? 'low' : 'informational'
  if (yes('fromOutside') && yes('viaInside')) return 'high'
  // A proxy outside that a machine inside is told to use hides where it goes.
  return !yes('viaInside') && few ? 'low' : 'informational'
}

/** The number after the last slash of "address/port"; 0 when it is none. */
function portOf(sql: SqlDialect, text: string): string {
  const digits = `substring(${sql.replaceAll(sql.replaceAll(text, '^.*/', ''), '[^0-9]', '')}, 1, 5)`
  return `cast(case when ${digits} = '' then '0' else ${digits} end as bigint)`
}

function hopsOf(row: Row, grade: HopGrade, basis: string): readonly RelayHop[] {
  const moment = (name: string) => (row[name] === null ? undefined : micros(numberOf(row, name)))
  return listOf(row, 'ways')
    .map(way => way.split(' '))
    .map(([from = '', to = '', toPort = '', count = '1']) => ({
      via: textOf(row, 'via'),
      viaPort: row['viaPort'] === null ? undefined : numberOf(row, 'viaPort'),
      from: from === '-' ? '' : from,
      to,
      toPort: toPort === '' ? undefined : Number(toPort),
      grade,
      basis,
      count: Number(count),
      firstTime: moment('firstTime'),
      lastTime: moment('lastTime'),
    }))
}
