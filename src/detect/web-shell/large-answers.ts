import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { SCRIPT_PAGE, siteHost } from './visits.ts'
import { webTables } from './web-use.ts'

/** What is ordinary for a page shows only where it was asked for often, by several people. */
const ENOUGH_REQUESTS = 30
const ENOUGH_CLIENTS = 3
/** Less is a long list; more than this and so many times the usual answer is something else than the page. */
const LARGE = 1_000_000
const TIMES_USUAL = 50
/** A page that is made for exports gives large answers again and again, to more than one person. */
const RARE_SHARE = 0.02

/** One client gets answers from a page of everybody that are far larger than the page gives: data read out through it. */
export const largeAnswers: SetDetector = {
  on: 'set',
  id: 'web-shell/large-answers',
  title: 'Answers far larger than the page gives',
  reads: ['http_activity'],
  techniques: ['T1041', 'T1505.003'],
  severity: 'low',
  confidence: 'low',
  why: 'A page of the application that was changed, or is abused, hands out files or tables through answers nobody else gets.',
  innocent: 'an export or report that one person asks for',
  prepared: webTables,
  query: sql => `with busy as (
      select u.site as site, u.page as page, sum(u.answers) as requests from web_use u where u.answers > 0 group by u.site, u.page
      having sum(u.answers) >= ${ENOUGH_REQUESTS} and count(*) >= ${ENOUGH_CLIENTS} and max(u.largest) >= ${LARGE} and ${sql.matches('u.page', SCRIPT_PAGE)}
    ), usual as (
      select v.site as site, v.page as page, max(b.requests) as requests, ${sql.quantile('v.bytes', 0.5)} as middle
      from web_visit v join busy b on v.site = b.site and v.page = b.page where v.status = 200 and v.bytes > 0 group by v.site, v.page
    )
    select v.site as site, v.page as page, max(v.host) as "hostName", max(u.middle) as middle, max(u.requests) as requests, count(*) as hits,
      max(v.bytes) as largest, count(*) filter (where v.method = 'POST') as posts, ${sql.distinctList('v.client', 5)} as who,
      min(v."time") as "firstTime", max(v."time") as "lastTime", ${sql.records()} as records
    from web_visit v join usual u on v.site = u.site and v.page = u.page
    where v.status = 200 and v.bytes >= ${LARGE} and v.bytes >= ${TIMES_USUAL} * u.middle
    group by v.site, v.page having count(distinct v.client) = 1 and count(*) <= ${RARE_SHARE} * max(u.requests)
    order by v.site, v.page`,
  finding(row) {
    const page = textOf(row, 'page')
    const who = listOf(row, 'who')
    const posts = numberOf(row, 'posts')
    const megabytes = (numberOf(row, 'largest') / 1e6).toFixed(1)
    return draftOf(largeAnswers, {
      title: `${who.join(' and ')} got ${megabytes} MB from ${page}, which usually answers with ${Math.round(numberOf(row, 'middle')).toLocaleString('en-US')} bytes`,
      object: page,
      techniques: ['T1041', 'T1505.003'],
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'hits'),
      firstTime: numberOf(row, 'firstTime') || null,
      lastTime: numberOf(row, 'lastTime') || null,
      hosts: [siteHost(row)],
      addresses: who,
      succeeded: true,
      why: `${numberOf(row, 'hits')} of ${numberOf(row, 'requests')} requests, ${posts} of them posts, all by this client. ${largeAnswers.why}`,
    })
  },
}
