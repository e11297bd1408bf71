import {
  draftOf,
  flagOf,
  isoFromMicros,
  listOf,
  MICROS_PER_MINUTE,
  micros,
  numberOf,
  type Row,
  type SetDetector,
  type SqlDialect,
  textOf,
} from '../../model/index.ts'
import { DEPLOY, SCRIPT_PAGE, siteHost, UPLOAD } from './visits.ts'
import { webTables } from './web-use.ts'

/** Whoever puts a page in place looks at once whether it answers. */
const SOON = 15 * MICROS_PER_MINUTE
/** The page must be new: the log has to be older than this when it is first asked for. */
const LOG_BEFORE = 30 * MICROS_PER_MINUTE
/** A developer looks at a new page; whoever posts to it again and again works with it. */
const ENOUGH_POSTS = 3

const UPLOAD_FOLDER =
  '(?i)/(?:uploads?|files?|images?|img|media|tmp|temp|cache|avatars?|attachments?|userfiles|custom_\\w+|error|aspnet_client|owa/auth)/'

/** Pages nobody asked for before, each with the last upload its first visitor made shortly before. */
const newPagesAfterUploads = (sql: SqlDialect): string => `with page_served as (
      select u.site as site, u.page as page, min(u."firstServed") as "firstServed" from web_use u join web_site l on u.site = l.site
      where u.served > 0 group by u.site, u.page, l.opened
      having count(*) <= 2 and min(u."firstServed") > l.opened + ${LOG_BEFORE} and ${sql.matches('u.page', SCRIPT_PAGE)}
    ), opening as (
      select p.site as site, p.page as page, u.client as client, p."firstServed" as "firstServed"
      from page_served p join web_use u on p.site = u.site and p.page = u.page and p."firstServed" = u."firstServed"
    ), form as (
      select site, page, ${sql.matches('page', DEPLOY)} as deploys from web_page
      where served > 0 and (${sql.matches('page', DEPLOY)} or ${sql.matches('page', UPLOAD)} or ${sql.matches('page', `${SCRIPT_PAGE}|/$|\\.war$`)})
    ), upload as (
      select v.site as site, v.client as client, v."time" as "uploadTime", v.page as "uploadPage", v.method as "uploadMethod",
        v.account as "uploadAccount", f.deploys as deploys, v.evidence || ':' || v.record || ':' || v."byteOffset" as "uploadRecord"
      from web_visit v join form f on v.site = f.site and v.page = f.page
      where v.status < 400 and v.method in ('POST', 'PUT', 'MOVE', 'COPY') and (v.site, v.client) in (select site, client from opening)
        and case when v.method = 'POST' then f.deploys or ${sql.matches('v.page', UPLOAD)} else ${sql.matches('v.page', `${SCRIPT_PAGE}|/$|\\.war$`)} end
    ), story as (
      select o.page as page, u.* from opening o join upload u on o.site = u.site and o.client = u.client
      where u."uploadTime" <= o."firstServed" and u."uploadTime" > o."firstServed" - ${SOON} and u."uploadPage" <> o.page
      qualify row_number() over (partition by o.site, o.page order by u."uploadTime" desc, u."uploadRecord") = 1
    )
    select s.site as site, s.page as page, min(v."time") as "firstSeen", max(v."time") as "lastSeen", count(*) as hits, count(distinct v.client) as clients,
      count(*) filter (where v.method = 'POST') as posts, min(v."time") filter (where v.method = 'POST') as "firstPost",
      max(v."time") filter (where v.method = 'POST') as "lastPost", count(*) filter (where v.method = 'GET') as gets,
      min(v.bytes) as smallest, max(v.bytes) as largest, max(v.host) as "hostName", ${sql.distinctList('v.client', 20)} as who, ${sql.records()} as records,
      s.client as client, s."uploadPage" as "uploadPage", s."uploadMethod" as "uploadMethod", s."uploadAccount" as "uploadAccount", s.deploys as deploys,
      s."uploadTime" as "uploadTime", s."uploadRecord" as "uploadRecord", ${sql.matches('s.page', UPLOAD_FOLDER)} as "inUploads"
    from web_visit v join story s on v.site = s.site and v.page = s.page where v.status < 400
    group by s.site, s.page, s.client, s."uploadPage", s."uploadMethod", s."uploadAccount", s.deploys, s."uploadTime", s."uploadRecord"
    order by s.site, s.page`

/** Does the upload speak for itself: a console that deploys, a folder that uploads land in, a method that writes files? */
const isTelling = (row: Row): boolean =>
  flagOf(row, 'deploys') || flagOf(row, 'inUploads') || textOf(row, 'uploadMethod') !== 'POST'

/** An upload through a form to a page that is then worked with; uploads through consoles are told by their log-ins. */
const isOwnDeed = (row: Row): boolean => !flagOf(row, 'deploys') && isTelling(row) && numberOf(row, 'posts') >= ENOUGH_POSTS

/** A client uploads something, and minutes later asks, as the first ever, for a script that was not there before. */
export const uploadThenPage: SetDetector = {
  on: 'set',
  id: 'web-shell/upload-then-page',
  title: 'Upload followed by a new page',
  reads: ['http_activity'],
  techniques: ['T1505.003', 'T1190'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'The order upload, first request to a page nobody ever asked for, by the same client, is how a web shell is put in place.',
  innocent: 'a developer deploys a new version and looks at it',
  prepared: webTables,
  query: newPagesAfterUploads,
  finding(row) {
    const page = textOf(row, 'page')
    const client = textOf(row, 'client')
    const telling = isTelling(row)
    const used = numberOf(row, 'posts') > 0
    // an editor's own pages are also asked for the first time one day
    if (!telling && !used) return undefined
    const seconds = Math.round((numberOf(row, 'firstSeen') - numberOf(row, 'uploadTime')) / 1_000_000)
    return draftOf(uploadThenPage, {
      title: `${client} uploaded through ${textOf(row, 'uploadPage')} and ${seconds} s later opened the new page ${page}`,
      object: page,
      severity: telling && used ? 'high' : telling ? 'medium' : 'low',
      confidence: telling && numberOf(row, 'posts') >= ENOUGH_POSTS ? 'high' : 'moderate',
      // An upload that `page-uploaded` tells as a deed of its own belongs there: two findings on one record would be one.
      evidence: [...(isOwnDeed(row) ? [] : [textOf(row, 'uploadRecord')]), ...listOf(row, 'records')],
      evidenceTotal: numberOf(row, 'hits') + (isOwnDeed(row) ? 0 : 1),
      // the shell is there when it is first asked; the upload is in the title and the first record
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: numberOf(row, 'lastSeen'),
      hosts: [siteHost(row)],
      addresses: listOf(row, 'who'),
      accounts: [textOf(row, 'uploadAccount')].filter(account => account !== '-'),
      succeeded: true,
      why: `${uploadThenPage.why} The upload was at ${isoFromMicros(micros(numberOf(row, 'uploadTime')))}; ${useOf(row)}.`,
    })
  },
}

/** The upload itself, as a deed of its own: how the page came to be there. Consoles that deploy are told by their log-ins. */
export const pageUploaded: SetDetector = {
  on: 'set',
  id: 'web-shell/page-uploaded',
  title: 'Page put in place through an upload form',
  reads: ['http_activity'],
  techniques: ['T1190', 'T1105'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A form that takes a script and a folder that runs it let anybody put a program on the server.',
  innocent: 'a developer or editor who uploads a page through the form made for it',
  prepared: webTables,
  query: newPagesAfterUploads,
  finding(row) {
    if (!isOwnDeed(row)) return undefined
    const client = textOf(row, 'client')
    const moment = numberOf(row, 'uploadTime')
    return draftOf(pageUploaded, {
      title: `${client} put the new page ${textOf(row, 'page')} in place through ${textOf(row, 'uploadPage')}`,
      object: textOf(row, 'uploadPage'),
      severity: 'high',
      evidence: [textOf(row, 'uploadRecord')],
      evidenceTotal: 1,
      firstTime: moment,
      lastTime: moment,
      hosts: [siteHost(row)],
      addresses: [client],
      accounts: [textOf(row, 'uploadAccount')].filter(account => account !== '-'),
      succeeded: true,
    })
  },
}

/** "5 GET and 16 POST requests to the page, all by 192.0.2.7, answered with 48 to 9000 bytes" */
function useOf(row: Row): string {
  const who = listOf(row, 'who')
  const largest = numberOf(row, 'largest')
  const answers = largest > 0 ? `, answered with ${numberOf(row, 'smallest')} to ${largest} bytes` : ''
  const [first, last] = [numberOf(row, 'firstPost'), numberOf(row, 'lastPost')]
  const minutes = Math.round((last - first) / MICROS_PER_MINUTE)
  const worked =
    numberOf(row, 'posts') >= ENOUGH_POSTS
      ? `; somebody worked with it by hand from ${isoFromMicros(micros(first)).slice(0, 16)} for ${minutes} minute${minutes === 1 ? '' : 's'} (the POSTs)`
      : ''
  return `${numberOf(row, 'gets')} GET and ${numberOf(row, 'posts')} POST requests to the page came${who.length === 1 ? ' only' : ''} from ${who.join(' and ')}${answers}${worked}`
}
