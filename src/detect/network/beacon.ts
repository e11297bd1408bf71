import { draftOf, isAddress, listOf, numberOf, type SetDetector, type Severity, textOf } from '../../model/index.ts'
import { explicitProxies, proxiedRequests } from './explicit-proxy.ts'
import { ANSWERED_COLUMNS, bestGroups, flowGroups, flowsOf } from './flow-groups.ts'
import { isAddressLiteral, tlsPeers } from './tls-peer.ts'
import { COMMON_PORTS, HOUSEKEEPING_PORTS, isGroupAddress, lastingOf, UNANSWERED } from './traffic.ts'

/** Fewer gaps say nothing: among ten, chance alone is as regular as a timer with 40 % jitter. */
const ENOUGH_GAPS = 20
/** Something that calls every few hours needs days for as many; the threshold for chance is lower the fewer gaps there are. */
const ENOUGH_SLOW_GAPS = 12
const SLOW_SECONDS = 1_800
/** A pause this many times the usual gap ends an active session; work hours and sleep must not hide the rhythm. */
const PAUSE = 4
/**
 * Gaps of independent (Poisson) connections inside such sessions have a coefficient of variation near 0.82; of n gaps fewer than one series
 * in a thousand lies below 0.80 - 1.6/sqrt(n) (20,000 simulated series for each n from 10 to 1,000; simulated 0.1 % quantiles are
 * 0.29, 0.52, 0.69, 0.79 for n = 10, 25, 100, 1,000).
 */
const CHANCE = '0.80 - 1.6 / sqrt(gaps)'
/** Faster than this is a download, a stream or a page with many parts, unless the same is asked each time. */
const SLOWEST_BURST_SECONDS = 5
/** Faster still, a page that refreshes itself asks the same as well. */
const FASTEST_SECONDS = 2
/** Share of the mean by which what is sent may vary when each call asks the same: the check-in of one program. */
const SAME_QUESTION = 0.02
/** A service that many machines call is the site's own habit, however regular. */
const FEW_CLIENTS = 2
const SOME_CLIENTS = 4

/** Calls that are kept of one series: they are all alike, and a large site has hundreds of such series. */
const KEPT = 1_000

/** One machine calls another as a timer does, too regular for chance. */
export const beacon: SetDetector = {
  id: 'network/beacon',
  title: 'Regular connections',
  on: 'set',
  reads: ['network_activity', 'tls_activity', 'http_activity', 'dns_activity', 'tunnel_activity'],
  techniques: ['T1071'],
  severity: 'low',
  confidence: 'moderate',
  why: 'A program that waits for orders calls home on a timer; people and most programs do not.',
  innocent: 'an update service, monitoring, a mail client or a chat program: they are timers too',
  prepared: [flowGroups],
  query: sql => `
    with ${tlsPeers(sql)},
    proxied as (${proxiedRequests(sql)}),
    explicit as (${explicitProxies(sql)}),
    called as (
      select srcIp, dstIp, dstPort, protocol, series, action, flows - silent as flows
      from flow_group left join explicit on proxyIp = dstIp and proxyPort = dstPort
      where timed and action in ('flow', 'open') and protocol in ('tcp', 'udp') and known and silent < flows
        -- a site with public addresses: whoever asks for names in the evidence and calls elsewhere is a machine of the site
        and (fromInside or (srcIp in (select srcIp from dns_activity) and not toInside))
        and dstPort is not null and dstPort not in ${HOUSEKEEPING_PORTS}
        and not ${isGroupAddress(sql, 'dstIp')} and proxyIp is null
      union all
      -- whoever is behind a proxy is called, not the proxy
      select srcIp, target as dstIp, targetPort as dstPort, 'tcp' as protocol, series, 'proxied' as action, count(*) as flows
      from proxied where ${sql.isInternalAddress('srcIp')} group by srcIp, target, targetPort, series),
    popular as (select dstIp as host, dstPort as port, count(distinct srcIp) as clients from called group by dstIp, dstPort),
    best as (${bestGroups('called', 'srcIp, dstIp, dstPort, protocol')}),
    regular as (
      select srcIp, dstIp, dstPort, protocol, series, action from best join popular on host = dstIp and port = dstPort
      where clients <= ${SOME_CLIENTS} and seen > ${ENOUGH_SLOW_GAPS}),
    seen as (
      select evidence, record, "byteOffset", "time", srcIp, dstIp, dstPort, protocol, image, bytesOut, 0 as proxied
      from ${flowsOf('regular', `evidence, record, "byteOffset", "time", image, bytesOut, initiatorKnown, ${ANSWERED_COLUMNS}`)} flow
      where "time" is not null and coalesce(initiatorKnown, true) and not ${UNANSWERED}
      union all
      select p.evidence, p.record, p."byteOffset", p."time", p.srcIp, p.target, p.targetPort, 'tcp' as protocol, '' as image, bytesOut, 1 as proxied
      from proxied p join regular r on r.srcIp = p.srcIp and r.dstIp = p.target and r.dstPort = p.targetPort and r.series = p.series and r.action = 'proxied'),
    paced as (
      select *, "time" - lag("time", 1, "time") over (partition by srcIp, dstIp, dstPort, protocol order by "time", record) as gap,
        row_number() over (partition by srcIp, dstIp, dstPort, protocol order by "time", record) as place
      from seen),
    pair as (
      select srcIp as a, dstIp as b, dstPort as p, protocol as t, ${sql.quantile('gap', 0.5)} as usual
      from paced where place > 1 group by srcIp, dstIp, dstPort, protocol having count(*) >= ${ENOUGH_SLOW_GAPS}),
    rhythm as (
      select a, b, p, t, max(usual) as usual, count(*) as gaps, round(stddev_pop(gap) / avg(gap), 6) as variation
      from paced join pair on a = srcIp and b = dstIp and p = dstPort and t = protocol
      where place > 1 and gap <= ${PAUSE} * usual and usual >= ${FASTEST_SECONDS} * 1000000
      group by a, b, p, t
      having max(usual) >= ${SLOWEST_BURST_SECONDS} * 1000000
        or (min(bytesOut) > 0 and count(bytesOut) = count(*) and stddev_pop(bytesOut) <= ${SAME_QUESTION} * avg(bytesOut))),
    tls as (
      select srcIp as tlsClient, dstIp as tlsServer, dstPort as tlsPort, max(selfSigned) as selfSigned, max(nameless) as nameless, max(falseName) as falseName
      from weighed group by srcIp, dstIp, dstPort),
    web as (
      select clientIp as webClient, serverIp as webServer, serverPort as webPort, max(case when ${isAddressLiteral(sql, 'virtualHost')} then 1 else 0 end) as byAddress
      from http_activity where serverIp <> '' and clientIp <> '' group by clientIp, serverIp, serverPort),
    -- only of use where the machine's look-ups are in the evidence at all
    asked as (
      select a as asker, b as asked, max(case when concat(',', answers, ',') like concat('%,', b, ',%') then 1 else 0 end) as resolved
      from rhythm join dns_activity on srcIp = a where ${isAddressLiteral(sql, 'b')} group by a, b)
    select a as srcIp, b as dstIp, p as dstPort, t as protocol, ${sql.isInternalAddress('b')} as inside, max(clients) as clients,
      max(usual) as usual, max(gaps) as gaps, max(variation) as variation, count(*) as total,
      max(case when p not in ${COMMON_PORTS} then 1 else 0 end) as oddPort, max(coalesce(selfSigned, 0)) as selfSigned,
      max(case when coalesce(nameless, 0) = 1 or coalesce(byAddress, 0) = 1 then 1 else 0 end) as nameless, max(coalesce(falseName, 0)) as falseName, max(case when resolved = 0 then 1 else 0 end) as unresolved,
      max(proxied) as proxied, min("time") as firstTime, max("time") as lastTime, ${sql.distinctList('image', 5)} as images, ${sql.records(KEPT)} as refs
    from rhythm
    join seen on a = srcIp and b = dstIp and p = dstPort and t = protocol
    join popular on host = b and port = p
    left join tls on tlsClient = a and tlsServer = b and tlsPort = p
    left join web on webClient = a and webServer = b and webPort = p
    left join asked on asker = a and asked.asked = b
    where (gaps >= ${ENOUGH_GAPS} or (gaps >= ${ENOUGH_SLOW_GAPS} and usual >= ${SLOW_SECONDS} * 1000000)) and variation < ${CHANCE} and clients <= ${SOME_CLIENTS}
    group by a, b, p, t
    order by total desc, srcIp, dstIp, dstPort`,
  finding(row) {
    const signs = ['oddPort', 'selfSigned', 'nameless', 'falseName', 'unresolved'].filter(name => numberOf(row, name) === 1)
    const inside = row['inside'] === true
    // Inside, timers are how machines work (agents, monitoring, databases): without any other sign it is not worth a line.
    if (inside && signs.length < 2) return undefined
    const client = textOf(row, 'srcIp')
    const peer = `${textOf(row, 'dstIp')}:${numberOf(row, 'dstPort')}`
    const usual = lastingOf(numberOf(row, 'usual') / 1e6)
    const span = lastingOf((numberOf(row, 'lastTime') - numberOf(row, 'firstTime')) / 1e6)
    return draftOf(this, {
      title: `${client} called ${peer}${numberOf(row, 'proxied') === 1 ? ' through a proxy' : ''} every ${usual}, ${numberOf(row, 'total')} times in ${span}`,
      object: `${client} > ${peer}`,
      severity: severityOf(inside, signs, numberOf(row, 'clients') <= FEW_CLIENTS),
      techniques: signs.includes('oddPort') ? ['T1071', 'T1571'] : ['T1071'],
      hosts: [client],
      addresses: [client, textOf(row, 'dstIp')].filter(isAddress),
      why: `${this.why} The gaps vary by ${Math.round(numberOf(row, 'variation') * 100)} % of their mean over ${numberOf(row, 'gaps')} gaps; of connections at random times fewer than one series in a thousand is that even.${signsText(signs)}`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}

const SIGN_TEXTS: Readonly<Record<string, string>> = {
  oddPort: 'the port is not a usual one',
  selfSigned: 'the certificate is self-signed',
  nameless: 'it is asked for by address, not by name',
  unresolved: 'the machine never looked up a name for that address',
  falseName: 'the certificate claims a public name nobody asked for',
}

function signsText(signs: readonly string[]): string {
  return signs.length === 0 ? '' : ` Also: ${signs.map(sign => SIGN_TEXTS[sign] ?? sign).join('; ')}.`
}

/** One sign alone has ordinary reasons (a camera that reports to its maker on port 9765); two together have few. */
function severityOf(inside: boolean, signs: readonly string[], few: boolean): Severity {
  const forged = signs.includes('selfSigned') || signs.includes('falseName')
  if (!few || signs.length < 2) return !inside && few && forged ? 'medium' : 'low'
  if (inside) return signs.includes('falseName') || signs.length >= 3 ? 'medium' : 'low'
  return forged ? 'high' : 'medium'
}
