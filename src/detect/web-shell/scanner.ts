import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { ENOUGH_MARKS, ENOUGH_MISSING_PATHS, siteHost, siteName, visitsAndScanners } from './visits.ts'

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
  query: sql => `with ${visitsAndScanners(sql)}
    select v.site as site, v.client as client, max(v.host) as "hostName", count(*) as requests, min(v."time") as "firstSeen", max(v."time") as "lastSeen",
      count(distinct v.page) filter (where v.status in (400, 403, 404, 405, 501)) as missing,
      count(*) filter (where v.marked) as marks, ${sql.distinctList('v.agent', 5)} as agents, ${sql.records(1000)} as records
    from visit v where (v.site, v.client) in (select site, client from scanner)
    group by v.site, v.client order by v.site, v.client`,
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
