import type { SqlDialect } from '../../model/index.ts'
import { COMMON_PORTS } from './traffic.ts'

const IP_LITERAL = '^\\[?(?:[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+)\\]?$'
/** A certificate name that claims to be a host of the public internet … */
const PUBLIC_NAME = '(?i)(?:^|[,/ ])CN ?= ?(?:[a-z0-9*-]+\\.)+[a-z]{2,}(?:$|[,/ ])'
/** … unless it ends in a suffix people use inside (RFC 2606, RFC 6762, RFC 8375 and habits). */
const INSIDE_NAME =
  '(?i)(?:^|[,/ ])CN ?= ?[^,/]*\\.(?:local|localdomain|lan|internal|intranet|corp|home|private|priv|ad|arpa|test|invalid|localhost|domain)(?:$|[,/ ])'

/** Is the text an address and no name? */
export function isAddressLiteral(sql: SqlDialect, expression: string): string {
  return sql.matches(expression, IP_LITERAL)
}

/**
 * What TLS says about the other side, one row per client, server and port: `selfSigned` (nobody vouches for it), `nameless` (asked for by
 * address), `oddPort`, and `falseName` (a self-signed certificate that claims a public name the client never asked for: the machine pretends
 * to be somebody). Each is 0 or 1. Certificates that are logged apart from their session (Zeek 5 and later) are joined by fingerprint.
 */
export function tlsPeers(sql: SqlDialect): string {
  return `
    certificate as (
      select fingerprint as print, max(subject) as certSubject, max(issuer) as certIssuer
      from tls_activity where srcIp = '' and fingerprint <> '' group by fingerprint),
    session as (
      select t.evidence as evidence, t.record as record, t."byteOffset" as "byteOffset", t."time" as "time", t.srcIp as srcIp, t.dstIp as dstIp,
        t.dstPort as dstPort, t.series as series, t.serverName as serverName, t.validation as validation,
        case when t.subject <> '' then t.subject else coalesce(certSubject, '') end as subject,
        case when t.issuer <> '' then t.issuer else coalesce(certIssuer, '') end as issuer
      from tls_activity t left join certificate on print = t.fingerprint
      where t.srcIp <> '' and coalesce(t.established, true)),
    judged as (
      select *, case when ${sql.matches('validation', '(?i)self[- ]signed')} or (subject <> '' and subject = issuer) then 1 else 0 end as selfSigned,
        case when serverName = '' or ${isAddressLiteral(sql, 'serverName')} then 1 else 0 end as nameless,
        case when dstPort not in ${COMMON_PORTS} then 1 else 0 end as oddPort,
        case when ${sql.matches('subject', PUBLIC_NAME)} and not ${sql.matches('subject', INSIDE_NAME)} then 1 else 0 end as publicName
      from session),
    weighed as (select *, selfSigned * nameless * publicName as falseName from judged)`
}
