import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { siteHost, siteName } from './visits.ts'
import { ENOUGH_MARKS, ENOUGH_MISSING_PATHS, webTables } from './web-use.ts'

/** Requests of a scan that are kept: they are all alike. */
const KEPT = 1000

/** Somebody tries many addresses of a web server to see what is there: noise that must not be taken for more, one finding a client. */
export const scanner: SetDetector = {
  on: 'set',
  id: 'web-shell/scanner',
  title: 'Web server scanned',
  reads: ['http_activity'],
  techniques: ['T1595.002'],
  severity: 'low',
  confidence: 'high',
  why: 'A scan tells what somebody looked for; it is an attack only where an answer led further.',
  innocent: 'the own vulnerability scanner, or the constant noise of the internet',
  prepared: webTables,
  query: sql => `with scan as (
      select u.site as site, u.client as client, count(*) filter (where u.missing > 0) as missing, sum(u.marks) as marks
      from web_use u join web_client c on u.site = c.site and u.client = c.client where c.scans group by u.site, u.client
    ), request as (
      select v.*, s.missing as missing, s.marks as marks
      from web_visit v join scan s on v.site = s.site and v.client = s.client
    )
    select site, client, max(host) as "hostName", count(*) as requests, min("time") as "firstSeen", max("time") as "lastSeen",
      missing, marks, ${sql.distinctList('agent', 5)} as agents, ${sql.records(KEPT)} as records
    from request group by site, client, missing, marks order by site, client`,
  finding(row) {
    const client = textOf(row, 'client')
    const agents = listOf(row, 'agents')
    const missing = numberOf(row, 'missing')
    const marks = numberOf(row, 'marks')
    const reasons = [
      missing >= ENOUGH_MISSING_PATHS ? `${missing} different paths that are not there` : '',
      marks >= ENOUGH_MARKS ? `${marks} requests with a scanner's mark` : '',
    ].filter(reason => reason !== '')
    return draftOf(scanner, {
      title: `${client} scanned the web server ${siteName(row)}`,
      object: `scan by ${client}`,
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'requests'),
      firstTime: numberOf(row, 'firstSeen') || null,
      lastTime: numberOf(row, 'lastSeen') || null,
      hosts: [siteHost(row)],
      addresses: [client],
      succeeded: false,
      why: `${reasons.join(', ')}${agents.length === 0 ? '' : `; calls itself ${agents.join(', ').slice(0, 120)}`}. ${scanner.why}`,
    })
  },
}
