import {
  draftOf,
  flagOf,
  listOf,
  MICROS_PER_HOUR,
  numberOf,
  type Row,
  type SetDetector,
  type Severity,
  textOf,
} from '../../model/index.ts'
import { SCRIPT_PAGE, STATIC_PAGE, siteHost } from './visits.ts'
import { COMMANDS, webTables } from './web-use.ts'

/** One or two posts can be a form somebody tried once. */
const ENOUGH_POSTS = 3
/** A page without a script's name may be any application; it takes more use before it is worth a word. */
const ENOUGH_POSTS_UNNAMED = 5
/** NSA's guidance on web shells looks at pages of few clients; an intruder comes from one or two addresses at a time. */
const FEW_CLIENTS = 2
/** Answers of a form differ by a name or a number; output of commands differs by its whole length. */
const WIDE_ANSWERS = 4
/** Share of the log that had passed before anybody asked for the page. */
const LATE_SHARE = 0.1
/** At most so many pages of one site, the busiest first: an interface with thousands of addresses must not flood the report. */
const PAGES_PER_SITE = 20

/** A page that few clients use, mostly by POST, that nobody links to and that was not there before, behaves like a web shell. */
export const lonePage: SetDetector = {
  on: 'set',
  id: 'web-shell/lone-page',
  title: 'Page used like a web shell',
  reads: ['http_activity'],
  techniques: ['T1505.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A web shell is a page for one visitor: he posts commands to it and gets their output.',
  innocent: 'an administration page or an interface used by one person or one machine',
  prepared: webTables,
  query: sql => `with taken as (
      select u.site as site, u.page as page, u.client as client, u.requests as requests, u.posts as posts, u.commands as commands
      from web_use u join web_client c on u.site = c.site and u.client = c.client where not c.scans or u.posts >= ${ENOUGH_POSTS_UNNAMED}
    ), used as (
      select site, page, sum(posts) as posts, sum(commands) as commands, ${sql.matches('page', SCRIPT_PAGE)} as script
      from taken group by site, page
      having count(*) <= ${FEW_CLIENTS} and (sum(commands) > 0 or (sum(posts) >= ${ENOUGH_POSTS} and sum(posts) * 2 >= sum(requests)))
    ), suspect as (
      select u.site as site, u.page as page, u.script as script, p."firstServed" as "firstAny"
      from used u join web_page p on u.site = p.site and u.page = p.page
      where p.served > 0 and (u.commands > 0 or u.script or u.posts >= ${ENOUGH_POSTS_UNNAMED})
      qualify row_number() over (partition by u.site order by u.commands desc, u.script desc, u.posts desc, u.page) <= ${PAGES_PER_SITE}
    ), request as (
      select v.*, v.status < 400 as served, v.status < 400 and ${sql.matches('v.query', COMMANDS)} as command, s.script as script, s."firstAny" as "firstAny",
        f.page is not null as formed
      from web_visit v join suspect s on v.site = s.site and v.page = s.page
      left join web_use f on f.site = v.site and f.client = v.client and f.page = v.form and f.page <> v.page and f."firstServed" <= v."time"
      where (v.site, v.page, v.client) in (select site, page, client from taken)
    ), page_use as (
      select site, page, max(host) as "hostName", count(*) as hits, count(distinct client) as clients, min("time") as "firstSeen", max("time") as "lastSeen",
        count(*) filter (where method = 'POST' and served) as posts, count(*) filter (where command) as commands,
        max(bytes) filter (where command) as "largestCommand", min(bytes) filter (where command) as "smallestCommand",
        max(bytes) filter (where served and not command) as "largestPlain", min(bytes) filter (where served and not command) as "smallestPlain",
        count(distinct bytes) filter (where served) as sizes, min(bytes) filter (where served) as smallest, max(bytes) filter (where served) as largest,
        count(*) filter (where r.linked and method <> 'POST') as linked, count(*) filter (where r.formed and method = 'POST' and served) as formed,
        script, ${sql.matches('page', STATIC_PAGE)} as fixed, "firstAny",
        ${sql.distinctList('client', 20)} as who, ${sql.distinctList('account', 10)} as accounts, ${sql.records()} as records
      from request r group by site, page, script, "firstAny"
    )
    select p.*, l.opened as opened, l.closed as closed, l.requests as lines, l.people as people, l.linked as refs
    from page_use p join web_site l on p.site = l.site order by p.site, p.page`,
  finding(row) {
    const page = textOf(row, 'page')
    const signs = signsOf(row)
    const tried = commandsIgnored(row)
    const severity = tried ? 'low' : severityOf(row, signs)
    const clients = listOf(row, 'who')
    const posts = numberOf(row, 'posts')
    return draftOf(lonePage, {
      title: tried
        ? `${clients.join(' and ')} sent commands to ${page}, which answered as it always does`
        : `${page} is used like a web shell by ${clients.join(' and ')} (${posts} posts)`,
      object: page,
      severity,
      confidence: severity === 'high' ? 'moderate' : 'low',
      techniques: severity === 'low' ? ['T1505.003'] : ['T1505.003', 'T1059'],
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'hits'),
      firstTime: numberOf(row, 'firstSeen') || null,
      lastTime: numberOf(row, 'lastSeen') || null,
      hosts: [siteHost(row)],
      addresses: clients,
      accounts: listOf(row, 'accounts').filter(account => account !== '-'),
      succeeded: !tried,
      why: `${signs.speaksFor.join('; ')}.${signs.speaksAgainst.length === 0 ? '' : ` Against it: ${signs.speaksAgainst.join('; ')}.`}`,
    })
  },
}

/** An attempt: the page gave requests with commands the very answer it gives to those without. */
function commandsIgnored(row: Row): boolean {
  if (numberOf(row, 'commands') === 0 || numberOf(row, 'posts') > 0 || numberOf(row, 'largestPlain') === 0) return false
  const sizes = ['largestCommand', 'smallestCommand', 'largestPlain', 'smallestPlain'].map(name => numberOf(row, name))
  return new Set(sizes).size === 1
}

interface Signs {
  readonly late: boolean
  readonly wide: boolean
  readonly unlinked: boolean
  /** Pages led to it from the beginning of the log on: part of the application, however few use it. */
  readonly settled: boolean
  /** Most posts are forms of other pages that the client had been served: a program behind a form, whoever may use it. */
  readonly formed: boolean
  readonly speaksFor: readonly string[]
  readonly speaksAgainst: readonly string[]
}

function signsOf(row: Row): Signs {
  const opened = numberOf(row, 'opened')
  const span = numberOf(row, 'closed') - opened
  const before = numberOf(row, 'firstAny') - opened
  const late = span > 0 && before >= LATE_SHARE * span && before >= MICROS_PER_HOUR
  const smallest = numberOf(row, 'smallest')
  const largest = numberOf(row, 'largest')
  const wide = numberOf(row, 'sizes') >= ENOUGH_POSTS && largest >= WIDE_ANSWERS * Math.max(smallest, 1)
  const keepsReferrers = numberOf(row, 'refs') > 0
  const formed = numberOf(row, 'formed') > 0 && numberOf(row, 'formed') * 2 >= numberOf(row, 'posts')
  const unlinked = keepsReferrers && numberOf(row, 'linked') === 0 && !formed
  const clients = numberOf(row, 'clients')
  const speaksFor = [
    `${clients === 1 ? 'one client alone' : `${clients} clients`} of ${numberOf(row, 'people')} used it, ${numberOf(row, 'posts')} of ${numberOf(row, 'hits')} requests were posts`,
    late ? `the log had run ${Math.floor(before / MICROS_PER_HOUR)} hours before anybody asked for it` : '',
    wide ? `its answers have ${smallest} to ${largest} bytes` : '',
    unlinked ? 'no page links to it' : '',
    flagOf(row, 'fixed') ? 'a file of this kind answers no posts' : '',
    numberOf(row, 'commands') > 0 ? `${numberOf(row, 'commands')} requests carried commands in the address` : '',
  ]
  const speaksAgainst = [
    late ? '' : 'it was there when the log began',
    wide ? '' : 'its answers hardly differ in size',
    flagOf(row, 'script') || flagOf(row, 'fixed') ? '' : 'its name is not that of a script',
    formed ? 'its posts are sent by the form of another page' : keepsReferrers && !unlinked ? 'other pages link to it' : '',
  ]
  const said = (signs: readonly string[]) => signs.filter(sign => sign !== '')
  return {
    late,
    wide,
    unlinked,
    settled: !late && keepsReferrers && !unlinked,
    formed,
    speaksFor: said(speaksFor),
    speaksAgainst: said(speaksAgainst),
  }
}

/** Each sign has innocent cases of its own; only together are they rare. */
function severityOf(row: Row, { late, wide, unlinked, settled, formed }: Signs): Severity {
  const runs = flagOf(row, 'script') || flagOf(row, 'fixed')
  const crowd = numberOf(row, 'people') > numberOf(row, 'clients') + 1
  const signs = [late, wide, unlinked, crowd, flagOf(row, 'fixed')].filter(Boolean).length
  if (numberOf(row, 'commands') > 0) return numberOf(row, 'commands') >= ENOUGH_POSTS || late ? 'high' : 'medium'
  // A web shell shows what it did where it was asked to; what takes another page's form and answers always alike does one thing.
  if (!runs || settled || (formed && !wide)) return 'low'
  if (signs >= 3 && late && (wide || unlinked)) return 'high'
  return signs >= 2 && (late || wide) ? 'medium' : 'low'
}
