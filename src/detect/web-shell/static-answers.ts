import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { siteHost } from './visits.ts'
import { webTables } from './web-use.ts'

/**
 * Pictures, fonts and styles: nothing in them depends on the request. Pages that end in .html, .xml or .txt are made by programs on many sites.
 */
const FIXED = '(?i)\\.(?:gif|jpe?g|png|ico|bmp|webp|css|woff2?|ttf|eot|mp4|lic)$'
/** One answer can be an error page of its own size; two posts with different answers are a program. */
const ENOUGH_POSTS = 2
/** A compressed and a plain copy of one file differ by less. */
const WIDE = 4
/** Command output in place of a picture: a picture that is posted to more often than this with answers this different is worked with. */
const WORK = 3

/** A path of a picture or style takes posts and answers each differently: a program stands behind it (a filter in a library, a mapped handler). */
export const staticAnswers: SetDetector = {
  on: 'set',
  id: 'web-shell/static-answers',
  title: 'Picture path that answers like a program',
  reads: ['http_activity'],
  techniques: ['T1505.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A picture gives the same bytes to everybody; a back door in a library or a handler answers under such a name because nobody looks there.',
  innocent:
    'a script that draws pictures from posted values (charts, signatures), or a store that takes uploads under their own name',
  prepared: webTables,
  query: sql => `with fixed as (
      select site, page from web_page where posts >= ${ENOUGH_POSTS} and ${sql.matches('page', FIXED)}
    )
    select v.site as site, v.page as page, max(host) as "hostName", count(*) as posts, count(distinct bytes) as sizes, min(bytes) as smallest,
      max(bytes) as largest, ${sql.distinctList('client', 20)} as who, count(distinct client) as clients, min("time") as "firstTime",
      max("time") as "lastTime", ${sql.records()} as records
    from web_visit v join fixed f on v.site = f.site and v.page = f.page
    where method = 'POST' and status = 200 and bytes > 0 and (v.site, v.client) not in (select site, client from web_client where scans)
    group by v.site, v.page having count(*) >= ${ENOUGH_POSTS} and count(distinct client) <= 2 and max(bytes) >= ${WIDE} * min(bytes)
    order by v.site, v.page`,
  finding(row) {
    const page = textOf(row, 'page')
    const who = listOf(row, 'who')
    const posts = numberOf(row, 'posts')
    const work = posts >= WORK && numberOf(row, 'sizes') >= WORK
    return draftOf(staticAnswers, {
      title: `${page} answers posts of ${who.join(' and ')} like a program (${posts} posts)`,
      object: page,
      severity: work ? 'high' : 'medium',
      evidence: listOf(row, 'records'),
      evidenceTotal: posts,
      firstTime: numberOf(row, 'firstTime') || null,
      lastTime: numberOf(row, 'lastTime') || null,
      hosts: [siteHost(row)],
      addresses: who,
      succeeded: true,
      why: `${posts} posts were answered with ${numberOf(row, 'smallest')} to ${numberOf(row, 'largest')} bytes, ${numberOf(row, 'sizes')} different lengths. ${staticAnswers.why}`,
    })
  },
}
