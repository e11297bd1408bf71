import { draftOf, flagOf, listOf, MICROS_PER_HOUR, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { siteHost, visitsAndScanners } from './visits.ts'

/** Less than a megabyte is a document; a packed database or share is more. */
const LARGE = 1_000_000
/** Archives, and the names archives are given to look harmless (AA23-144A: Lock.lic; Secureworks: .gif). */
const CARRIER = '(?i)\\.(?:zip|7z|rar|cab|tar|t?gz|bz2|xz|lic|tmp|dat|bak|bin|log|gif|ico|bmp|dmp|dit)$'
/** Share of the log that had passed before the file was first asked for. */
const LATE_SHARE = 0.1

/** A large file that nobody asked for before is fetched from the web server by one client: data carried out past the firewall. */
export const servedArchive: SetDetector = {
  on: 'set',
  id: 'web-shell/served-archive',
  title: 'Large file placed on the web server and fetched',
  reads: ['http_activity'],
  techniques: ['T1048', 'T1074'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Intruders put their archive into a published folder and fetch it like any visitor; the firewall sees an ordinary download.',
  innocent: 'a new download for one customer or partner',
  query: sql => `with ${visitsAndScanners(sql)}, site_log as (
      select site, min("time") as opened, max("time") as closed from visit group by site
    ), file as (
      select site, page, max(host) as "hostName", min("time") as "firstSeen", max("time") as "lastSeen", count(*) as hits, count(distinct client) as clients,
        max(bytes) as largest, ${sql.distinctList('client', 20)} as who, ${sql.records(1000)} as records
      from visit where status in (200, 206) and method = 'GET' and ${sql.matches('page', CARRIER)} group by site, page
      having count(distinct client) <= 2 and max(bytes) >= ${LARGE}
    ), poster as (
      select site, client, page, count(*) as posts from visit where method = 'POST' and status < 400 group by site, client, page having count(*) >= 3
    ), lone as (
      select site, page from visit where status < 400 group by site, page having count(distinct client) <= 2
    ), worker as (
      select distinct p.site as site, p.client as client from poster p join lone l on p.site = l.site and p.page = l.page
    )
    select f.*, l.opened as opened, l.closed as closed,
      (select count(*) from visit v where v.site = f.site and v.page = f.page and (v.site, v.client) in (select site, client from worker)) > 0 as worked
    from file f join site_log l on f.site = l.site order by f.site, f.page`,
  finding(row) {
    const opened = numberOf(row, 'opened')
    const span = numberOf(row, 'closed') - opened
    const before = numberOf(row, 'firstSeen') - opened
    if (span <= 0 || before < LATE_SHARE * span || before < MICROS_PER_HOUR) return undefined
    const page = textOf(row, 'page')
    const who = listOf(row, 'who')
    const worked = flagOf(row, 'worked')
    return draftOf(servedArchive, {
      title: `${who.join(' and ')} fetched ${page} (${(numberOf(row, 'largest') / 1e6).toFixed(1)} MB), which nobody asked for before`,
      object: page,
      severity: worked ? 'high' : 'low',
      confidence: worked ? 'moderate' : 'low',
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'hits'),
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: numberOf(row, 'lastSeen'),
      hosts: [siteHost(row)],
      addresses: who,
      succeeded: true,
      ...(worked ? { why: `${servedArchive.why} The same client posts to a page that hardly anybody else uses.` } : {}),
    })
  },
}
