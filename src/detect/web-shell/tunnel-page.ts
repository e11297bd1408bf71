import { draftOf, listOf, MICROS_PER_HOUR, MICROS_PER_MINUTE, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { siteHost } from './visits.ts'
import { webTables } from './web-use.ts'

/** A person with a browser, and a page that asks for news, stay below one request a second for whole minutes; a tunnel polls for every packet. */
const BUSY_MINUTE = 90
/** One busy minute can be a retry that went wild. */
const BUSY_MINUTES = 3
/** Packets of other people's protocols have all lengths; an answer "nothing new" has one. */
const MANY_SIZES = 12
/** Nearly everything its user asks for is this one page: browsers also fetch pictures and styles. */
const NOTHING_ELSE = 0.9
/** Share of the log that had passed before anybody asked for the page. */
const LATE_SHARE = 0.1

/** Words of the tunnel pages that are published (reGeorg and its descendants): one request opens, others send, read and close. */
const TUNNEL_WORDS = '(?i)(?:^|[&?])(?:cmd|action|mode|op)=(?:connect|read|forward|disconnect|resume)(?:&|$)'

/** A page carries somebody's connections: many small requests a second by one client, always the same in shape, with answers of all lengths. */
export const tunnelPage: SetDetector = {
  on: 'set',
  id: 'web-shell/tunnel-page',
  title: 'Page used as a tunnel into the network',
  reads: ['http_activity'],
  techniques: ['T1572', 'T1505.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A tunnel page opens connections from the server on behalf of its client: remote desktop and file shares behind the firewall are then reached through web requests.',
  innocent: 'one machine that feeds an interface record by record, or an application that asks for news all the time',
  prepared: webTables,
  query: sql => `with steady as (
      select u.site as site, u.page as page, u.client as client, p.users as clients, p."firstServed" as "firstSeen", c.served as "allHits"
      from web_use u join web_page p on u.site = p.site and u.page = p.page join web_client c on u.site = c.site and u.client = c.client
      where u.served >= ${BUSY_MINUTE * BUSY_MINUTES} and p.users <= 2 and u.served >= ${NOTHING_ELSE} * c.served
    ), busy as (
      select site, page, client, count(*) as minutes, max(n) as peak from (
        select v.site as site, v.page as page, v.client as client, cast(floor(v."time" / ${MICROS_PER_MINUTE}) as bigint) as minute, count(*) as n
        from web_visit v join steady s on v.site = s.site and v.page = s.page and v.client = s.client where v.status < 400
        group by v.site, v.page, v.client, cast(floor(v."time" / ${MICROS_PER_MINUTE}) as bigint)
      ) as per_minute where n >= ${BUSY_MINUTE} group by site, page, client having count(*) >= ${BUSY_MINUTES}
    ), known as (
      select v.site as site, v.page as page, count(*) filter (where v.linked) as linked
      from web_visit v join (select distinct site, page from busy) b on v.site = b.site and v.page = b.page where v.status < 400 group by v.site, v.page
    ), used as (
      select v.site as site, v.page as page, v.client as client, max(v.host) as "hostName", count(*) as hits, min(v."time") as "firstTime",
        max(v."time") as "lastTime", count(distinct v.bytes) as sizes, max(v.bytes) as largest,
        count(distinct ${sql.replaceAll('v.query', '=[^&]*', '=')}) as shapes, count(*) filter (where ${sql.matches('v.query', TUNNEL_WORDS)}) as words,
        ${sql.distinctList('v.agent', 3)} as agents, ${sql.records()} as records
      from web_visit v join busy b on v.site = b.site and v.page = b.page and v.client = b.client
      where v.status < 400 group by v.site, v.page, v.client
    )
    select u.*, b.minutes as minutes, b.peak as peak, k.linked as linked, s.clients as clients, s."firstSeen" as "firstSeen", s."allHits" as "allHits",
      l.opened as opened, l.closed as closed
    from used u join busy b on u.site = b.site and u.page = b.page and u.client = b.client join known k on u.site = k.site and u.page = k.page
      join steady s on u.site = s.site and u.page = s.page and u.client = s.client join web_site l on u.site = l.site order by u.site, u.page, u.client`,
  finding(row) {
    const words = numberOf(row, 'words')
    const before = numberOf(row, 'firstSeen') - numberOf(row, 'opened')
    const late = before >= MICROS_PER_HOUR && before >= LATE_SHARE * (numberOf(row, 'closed') - numberOf(row, 'opened'))
    const sizes = numberOf(row, 'sizes')
    const hits = numberOf(row, 'hits')
    // A feeding machine was there before and gets the same few answers; a client of an application is led there by its pages.
    if (words * 2 < hits && !(late && sizes >= MANY_SIZES && numberOf(row, 'linked') === 0 && numberOf(row, 'shapes') <= 6))
      return undefined
    const page = textOf(row, 'page')
    const client = textOf(row, 'client')
    return draftOf(tunnelPage, {
      title: `${client} used ${page} as a tunnel: ${hits} requests, up to ${numberOf(row, 'peak')} a minute`,
      object: page,
      severity: words * 2 >= hits ? 'high' : 'medium',
      evidence: listOf(row, 'records'),
      evidenceTotal: hits,
      firstTime: numberOf(row, 'firstTime') || null,
      lastTime: numberOf(row, 'lastTime') || null,
      hosts: [siteHost(row)],
      addresses: [client],
      succeeded: true,
      why: `${numberOf(row, 'minutes')} minutes with ${BUSY_MINUTE} requests and more, ${numberOf(row, 'shapes')} kind${numberOf(row, 'shapes') === 1 ? '' : 's'} of query, answers of ${sizes} different lengths${words > 0 ? `, ${words} requests with the words of tunnel pages (connect, read, forward)` : ''}${late ? ', a page nobody asked for before' : ''}. ${tunnelPage.why}`,
    })
  },
}
