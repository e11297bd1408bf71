import { draftOf, listOf, MICROS_PER_HOUR, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { SCRIPT_PAGE, siteHost } from './visits.ts'
import { webTables } from './web-use.ts'

/** A few looks at a page are a visitor; a series is work, or a program. */
const ENOUGH_VISITS = 10
/** Answers of as many different lengths: a status page has two or three. */
const ENOUGH_SIZES = 5
/** Output of commands differs by its whole length, a page by what is new on it. */
const WIDE = 4
/** Share of the log that had passed before anybody asked for the page, and the least time that is. */
const LATE_SHARE = 0.1

/**
 * A page that one client asks for again and again with nothing in the address, and that answers something else each time: what it is told stands where access
 * logs do not look, in cookies or other headers.
 */
export const silentControl: SetDetector = {
  on: 'set',
  id: 'web-shell/silent-control',
  title: 'Page controlled by what the log does not show',
  reads: ['http_activity'],
  techniques: ['T1505.003', 'T1071.001'],
  severity: 'medium',
  confidence: 'low',
  why: 'Shells that are told their commands by cookies or headers leave nothing but equal requests; that the answers differ gives them away.',
  innocent: 'a list or feed that one person or machine reads, and that grows or changes by itself',
  prepared: webTables,
  query: sql => `with late as (
      select p.site as site, p.page as page, p."firstServed" - l.opened as before, l.people as people from web_page p join web_site l on p.site = l.site
      where l.linked > 0 and p.answers >= ${ENOUGH_VISITS}
        and p."firstServed" - l.opened >= ${MICROS_PER_HOUR} and p."firstServed" - l.opened >= ${LATE_SHARE} * (l.closed - l.opened)
    ), few as (
      select u.site as site, u.page as page from web_use u join late l on u.site = l.site and u.page = l.page
        join web_client c on u.site = c.site and u.client = c.client
      where u.answers > 0 and not c.scans group by u.site, u.page
      having count(*) <= 2 and sum(u.answers) >= ${ENOUGH_VISITS} and max(u.largest) >= ${WIDE} * min(u.smallest) and ${sql.matches('u.page', SCRIPT_PAGE)}
    ), page_use as (
      select v.site as site, v.page as page, max(host) as "hostName", count(*) as hits, count(distinct client) as clients, min("time") as "firstSeen",
        max("time") as "lastSeen", count(*) filter (where method <> 'GET' or query <> '') as speaking,
        count(*) filter (where v.linked) as linked, count(distinct bytes) as sizes, min(bytes) as smallest, max(bytes) as largest,
        ${sql.distinctList('client', 20)} as who, ${sql.records()} as records
      from web_visit v join few f on v.site = f.site and v.page = f.page
      where status = 200 and bytes > 0 and (v.site, v.client) not in (select site, client from web_client where scans)
      group by v.site, v.page
    )
    select p.*, l.people as people, l.before as before from page_use p join late l on p.site = l.site and p.page = l.page
    where p.speaking = 0 and p.linked = 0 and p.sizes >= ${ENOUGH_SIZES} and p.largest >= ${WIDE} * p.smallest and l.people > p.clients + 1
    order by p.site, p.page`,
  finding(row) {
    const page = textOf(row, 'page')
    const who = listOf(row, 'who')
    const hits = numberOf(row, 'hits')
    return draftOf(silentControl, {
      title: `${page} answers ${who.join(' and ')} differently though nothing is asked in the address (${hits} requests)`,
      object: page,
      evidence: listOf(row, 'records'),
      evidenceTotal: hits,
      firstTime: numberOf(row, 'firstSeen') || null,
      lastTime: numberOf(row, 'lastSeen') || null,
      hosts: [siteHost(row)],
      addresses: who,
      succeeded: true,
      why: `${hits} requests without query or body, answered with ${numberOf(row, 'smallest')} to ${numberOf(row, 'largest')} bytes in ${numberOf(row, 'sizes')} lengths; ${who.length} of ${numberOf(row, 'people')} clients asked for it, no page links to it, and the log had run ${Math.floor(numberOf(row, 'before') / MICROS_PER_HOUR)} hours before. ${silentControl.why}`,
    })
  },
}
