import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { SCRIPT_PAGE, siteHost } from './visits.ts'
import { webTables } from './web-use.ts'

/** One or two posts can be somebody who tried a form. */
const ENOUGH_POSTS = 3
/** Pages of the site that the copy of its web root explains, so that a missing one says something. */
const ENOUGH_EXPLAINED = 5
/** A copy of a part of the web root leaves many pages without a file. */
const EXPLAINED_SHARE = 0.9

const lastPart = (expression: string) =>
  `reverse(substring(reverse(${expression}), 1, position('/' in reverse(${expression})) - 1))`

/** A page answers posts of one or two clients, and the copy of the web root, which has the other pages of the site, has no such file. */
export const pageWithoutFile: SetDetector = {
  on: 'set',
  id: 'web-shell/page-without-file',
  title: 'Page that answers without a file',
  reads: ['http_activity'],
  techniques: ['T1505.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'What answers under a script’s name without a file was deleted after use, or lives in the memory of the server alone: a filter, a module, an agent.',
  innocent: 'a page that an update removed between the requests and the copy, or an address that the application makes up',
  prepared: webTables,
  query: sql => `with page_use as (
      select u.site as site, max(u."hostName") as "hostName", lower(u.page) as page, count(distinct u.client) as clients, sum(u.posts) as posts
      from web_use u join web_client c on u.site = c.site and u.client = c.client
      where u.served > 0 and not c.scans and ${sql.matches('u.page', SCRIPT_PAGE)} group by u.site, lower(u.page)
    ), file as (
      select distinct host, ${lastPart(`'/' || lower(replace(replace(path, '\\', '/'), '!/', '/'))`)} as name from file_activity where action = 'found'
    ), explained as (
      select distinct p.site as site, p.page as page from page_use p join file f on ${lastPart('p.page')} = f.name
      where f.host = p."hostName" or f.host = '' or p."hostName" = ''
    ), site_share as (
      select p.site as site, count(*) as pages, count(e.page) as explained from page_use p left join explained e on p.site = e.site and p.page = e.page group by p.site
    ), alone as (
      select p.site as site, p.page as page, p.posts as posts, s.explained as explained
      from page_use p join site_share s on p.site = s.site left join explained e on p.site = e.site and p.page = e.page
      where e.page is null and p.clients <= 2 and p.posts >= ${ENOUGH_POSTS} and s.explained >= ${ENOUGH_EXPLAINED} and s.explained >= ${EXPLAINED_SHARE} * (s.pages - 1)
    )
    select a.site as site, a.page as page, a.posts as posts, a.explained as explained, max(v.host) as "hostName", count(*) as hits,
      min(v."time") as "firstSeen", max(v."time") as "lastSeen", ${sql.distinctList('v.client', 20)} as who, ${sql.records()} as records
    from web_visit v join alone a on v.site = a.site and lower(v.page) = a.page
    where v.status < 400 and (v.site, v.client) not in (select site, client from web_client where scans)
    group by a.site, a.page, a.posts, a.explained order by a.site, a.page`,
  finding(row) {
    const page = textOf(row, 'page')
    const who = listOf(row, 'who')
    return draftOf(pageWithoutFile, {
      title: `${page} answered ${numberOf(row, 'posts')} posts of ${who.join(' and ')}, and no file in the evidence is called so`,
      object: page,
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'hits'),
      firstTime: numberOf(row, 'firstSeen') || null,
      lastTime: numberOf(row, 'lastSeen') || null,
      hosts: [siteHost(row)],
      addresses: who,
      succeeded: true,
      why: `${numberOf(row, 'explained')} other pages of the site have their file among the evidence. ${pageWithoutFile.why}`,
    })
  },
}
