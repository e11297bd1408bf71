import { draftOf, flagOf, listOf, MICROS_PER_HOUR, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { siteHost } from './visits.ts'
import { webTables } from './web-use.ts'

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
  prepared: webTables,
  query: sql => `with carrier as (
      select site, page from web_page where largest >= ${LARGE} and ${sql.matches('page', CARRIER)}
    ), worker as (
      select distinct u.site as site, u.client as client from web_use u join web_page p on u.site = p.site and u.page = p.page
      where u.posts >= 3 and p.users <= 2
    ), file as (
      select v.site as site, v.page as page, max(host) as "hostName", min("time") as "firstSeen", max("time") as "lastSeen", count(*) as hits,
        count(distinct client) as clients, max(bytes) as largest, ${sql.distinctList('client', 20)} as who, ${sql.records(1000)} as records
      from web_visit v join carrier c on v.site = c.site and v.page = c.page where status in (200, 206) and method = 'GET' group by v.site, v.page
      having count(distinct client) <= 2 and max(bytes) >= ${LARGE}
    ), worked as (
      select distinct u.site as site, u.page as page from web_use u join carrier c on u.site = c.site and u.page = c.page
      where (u.site, u.client) in (select site, client from worker)
    )
    select f.*, l.opened as opened, l.closed as closed, (f.site, f.page) in (select site, page from worked) as worked
    from file f join web_site l on f.site = l.site order by f.site, f.page`,
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
