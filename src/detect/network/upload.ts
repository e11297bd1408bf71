import { draftOf, listOf, numberOf, type Row, type SetDetector, textOf } from '../../model/index.ts'
import { isAddressLiteral } from './tls-peer.ts'
import { bestView, sizeOf, UNANSWERED } from './traffic.ts'

/** Archives, disk images, memory dumps and directory databases: what people pack things into before they carry them away. */
const PACKED = '(?i)\\.(?:7z|zip|rar|tar|t?gz|tgz|bz2|xz|zst|cab|arj|ace|iso|vhdx?|dmp|dit|pst|ost|bak)$'
const PACKED_TYPE = '(?i)(?:x-7z|zip|x-rar|vnd\\.rar|x-tar|gzip|x-bzip|x-xz|zstd|vnd\\.ms-cab)'
/** A form or an API call is smaller; ten megabytes are a file. */
const LARGE_BODY = 10_000_000
/** A server many machines send to is where the site keeps its files. */
const FEW_CLIENTS = 2

/** A machine sends an archive or a large body by PUT or POST to a server that is not one of the site's own. */
export const upload: SetDetector = {
  id: 'network/upload',
  title: 'File sent out over the web',
  on: 'set',
  reads: ['http_activity', 'network_activity'],
  techniques: ['T1048'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Stolen files are packed and sent out over a protocol that may leave; a person uploads to a service with a name, not to a bare address.',
  innocent: 'a backup or firmware upload to a storage box or appliance, or a file sent to a partner',
  query: sql => `
    with request as (
      select *, (method in ('PUT', 'POST', 'PATCH')) as sends,
        (${sql.matches('path', PACKED)} or (coalesce(requestBytes, 0) > 0 and ${sql.matches('mimeType', PACKED_TYPE)})) as packed,
        (coalesce(requestBytes, 0) >= ${LARGE_BODY}) as large, case when virtualHost = '' then serverIp else virtualHost end as site
      from http_activity
      where ${sql.isInternalAddress('clientIp')} and serverIp <> ''),
    popular as (select site as name, count(distinct clientIp) as clients from request group by site),
    sender as (select distinct clientIp as c, serverIp as s from request where sends and (packed or large)),
    call as (
      select srcIp, dstIp, dstPort, protocol, series, action, state, packetsIn, bytesIn, bytesOut, ${UNANSWERED} as silent
      from network_activity join sender on srcIp = c and dstIp = s where action in ('flow', 'close', 'deny')),
    seen as (${bestView('call', 'srcIp, dstIp, dstPort')}),
    exchanged as (
      select srcIp as xc, dstIp as xs, dstPort as xp, count(*) as connections, sum(coalesce(bytesIn, 0) + coalesce(bytesOut, 0)) as exchangedBytes
      from seen where not silent group by srcIp, dstIp, dstPort),
    refused as (
      select srcIp as rc, dstIp as rs, count(*) as refusals, ${sql.distinctList('cast(dstPort as varchar)', 5)} as doors
      from seen where silent group by srcIp, dstIp)
    select clientIp, serverIp, serverPort, site, max(coalesce(connections, 0)) as connections, max(coalesce(exchangedBytes, 0)) as exchangedBytes,
      max(coalesce(refusals, 0)) as refusals, any_value(doors) as doors, ${sql.isInternalAddress('serverIp')} as inside,
      max(case when ${isAddressLiteral(sql, 'site')} then 1 else 0 end) as byAddress,
      max(case when packed then 1 else 0 end) as packed, max(case when method = 'PUT' then 1 else 0 end) as put,
      max(case when ${sql.matches('userAgent', '(?i)webdav|davclnt|davfs|gvfs|cadaver|rclone')} then 1 else 0 end) as webdav,
      max(case when coalesce(status, 0) between 200 and 299 then 1 else 0 end) as accepted,
      ${sql.distinctList('path', 10)} as paths, ${sql.distinctList('user', 5)} as users, count(*) as total,
      sum(case when coalesce(status, 0) between 200 and 299 then coalesce(requestBytes, 0) else 0 end) as sent,
      min("time") as firstTime, max("time") as lastTime, ${sql.records()} as refs
    from request join popular on name = site
      left join exchanged on xc = clientIp and xs = serverIp and xp = serverPort
      left join refused on rc = clientIp and rs = serverIp
    where sends and (packed or large) and clients <= ${FEW_CLIENTS}
    group by clientIp, serverIp, serverPort, site
    order by sent desc, clientIp, serverIp, serverPort, site`,
  finding(row) {
    const client = textOf(row, 'clientIp')
    const server = `${textOf(row, 'site')}:${numberOf(row, 'serverPort')}`
    const [path = ''] = listOf(row, 'paths')
    const accepted = numberOf(row, 'accepted') === 1
    const packed = numberOf(row, 'packed') === 1
    const bare = numberOf(row, 'byAddress') === 1
    const how = numberOf(row, 'webdav') === 1 ? 'over WebDAV' : numberOf(row, 'put') === 1 ? 'by PUT' : 'by POST'
    return draftOf(this, {
      title: `${client} ${accepted ? 'sent' : 'tried to send'} ${path.slice(path.lastIndexOf('/') + 1) || 'a large body'} to ${server} ${how}`,
      object: `${client} > ${server}`,
      // Packed AND to a bare address, and taken: each alone is everyday business.
      severity: packed && bare && accepted ? 'medium' : 'low',
      techniques: bare ? ['T1048'] : ['T1567'],
      hosts: [client],
      accounts: listOf(row, 'users'),
      addresses: [client, textOf(row, 'serverIp')],
      why: [
        this.why,
        `At least ${sizeOf(numberOf(row, 'sent'))} were accepted (the sensor counts a body only as far as it saw it).`,
        ...exchangeOf(row),
      ].join(' '),
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
      succeeded: accepted,
    })
  },
}

/** What the connections themselves say about the server: how much went to and fro, and which doors were tried in vain. */
function exchangeOf(row: Row): readonly string[] {
  const connections = numberOf(row, 'connections')
  const refusals = numberOf(row, 'refusals')
  const doors = listOf(row, 'doors').toSorted((a, b) => Number(a) - Number(b))
  return [
    ...(connections > 0
      ? [
          `${connections === 1 ? 'The connection' : `The ${connections} connections`} with this server on port ${numberOf(row, 'serverPort')} carried ${sizeOf(numberOf(row, 'exchangedBytes'))}, both directions together.`,
        ]
      : []),
    ...(refusals > 0
      ? [
          `${textOf(row, 'clientIp')} also tried port${doors.length === 1 ? '' : 's'} ${doors.join(' and ')} of it, ${refusals} time${refusals === 1 ? '' : 's'} in vain.`,
        ]
      : []),
  ]
}
