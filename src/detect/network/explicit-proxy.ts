import type { SqlDialect } from '../../model/index.ts'

/** Requests as they are sent to a proxy (RFC 9110 section 9.3.6, RFC 9112 section 3.2.2): CONNECT, or a target with its host. */
export function isProxyRequest(sql: SqlDialect): string {
  return `(method = 'CONNECT' or ${sql.matches('path', '^(?i)(?:https?|ftp)://')})`
}

/** Fewer requests may be somebody who tries whether a server is an open proxy. */
const ENOUGH_REQUESTS = 3

/** Query: addresses and ports (proxyIp, proxyPort) that clients ask, by name or address, to carry them on, and that do. */
export function explicitProxies(sql: SqlDialect): string {
  return `
    select proxyIp, proxyPort from (
      select serverIp as proxyIp, serverPort as proxyPort from http_activity
      where serverIp <> '' and serverPort is not null and status between 200 and 399 and ${isProxyRequest(sql)}
      union all
      select n.dstIp as proxyIp, n.dstPort as proxyPort from tunnel_activity t join network_activity n on n.uid = t.uid
      where t.target <> '' and t.uid <> '' and n.dstPort is not null) asked
    group by proxyIp, proxyPort having count(*) >= ${ENOUGH_REQUESTS}`
}

/** Query: what clients had carried by such proxies: source, target (address or name), targetPort and bytesOut, with the place of the record. */
export function proxiedRequests(sql: SqlDialect): string {
  const place = `evidence, record, "byteOffset", "time", series`
  const port = sql.captured('virtualHost', ':([0-9]{1,5})$')
  return `
    select ${place}, clientIp as srcIp, lower(${sql.replaceAll('virtualHost', ':[0-9]+$', '')}) as target,
      cast(case when ${port} <> '' then ${port} when method = 'CONNECT' then '443' else '80' end as bigint) as targetPort, requestBytes as bytesOut
    from http_activity where "time" is not null and clientIp <> '' and virtualHost <> '' and status between 200 and 399 and ${isProxyRequest(sql)}
    union all
    select ${place}, srcIp, lower(target) as target, targetPort, bytesOut
    from tunnel_activity where "time" is not null and srcIp <> '' and target <> '' and targetPort is not null and action = 'seen' and (protocol like 'socks%' or protocol = 'http-connect')`
}
