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
import { SCRIPT_PAGE, STATIC_PAGE, siteHost, visitsAndScanners } from './visits.ts'

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

/** Commands as they stand in a query string. */
const COMMANDS =
  '(?i)(?:^|[=&+ ]|%20|%22|%27)(?:whoami|ipconfig|ifconfig|systeminfo|tasklist|netstat|quser|hostname|net1?(?:\\.exe)?(?:\\+|%20)(?:user|group|view|localgroup|use|start)|cat(?:\\+|%20)(?:/|%2f)etc|uname(?:\\+|%20)-|powershell(?:\\.exe)?(?:\\+|%20)|cmd(?:\\.exe)?(?:\\+|%20)(?:/|%2f)c)(?:$|[&+;|% ])'

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
  query: sql => `with ${visitsAndScanners(sql)}, site_log as (
      select site, min("time") as opened, max("time") as closed, count(*) as lines, count(distinct client) as people,
        count(*) filter (where referrer not in ('', '-')) as refs
      from visit group by site
    ), known as (
      select site, page, min("time") as "firstAny" from visit where status < 400 group by site, page
    ), hard_at_work as (
      select site, client, page from visit where method = 'POST' and status < 400 group by site, client, page having count(*) >= ${ENOUGH_POSTS_UNNAMED}
    ), page_use as (
      select v.site as site, v.page as page, max(v.host) as "hostName", count(*) as hits, count(distinct v.client) as clients,
        min(v."time") as "firstSeen", max(v."time") as "lastSeen",
        count(*) filter (where v.method = 'POST' and v.status < 400) as posts,
        count(*) filter (where v.status < 400 and ${sql.matches('v.query', COMMANDS)}) as commands,
        max(v.bytes) filter (where v.status < 400 and ${sql.matches('v.query', COMMANDS)}) as "largestCommand",
        min(v.bytes) filter (where v.status < 400 and ${sql.matches('v.query', COMMANDS)}) as "smallestCommand",
        max(v.bytes) filter (where v.status < 400 and not ${sql.matches('v.query', COMMANDS)}) as "largestPlain",
        min(v.bytes) filter (where v.status < 400 and not ${sql.matches('v.query', COMMANDS)}) as "smallestPlain",
        count(distinct v.bytes) filter (where v.status < 400) as sizes,
        min(v.bytes) filter (where v.status < 400) as smallest, max(v.bytes) filter (where v.status < 400) as largest,
        count(*) filter (where v.referrer not in ('', '-') and v.method <> 'POST') as linked,
        ${sql.matches('v.page', SCRIPT_PAGE)} as script, ${sql.matches('v.page', STATIC_PAGE)} as fixed,
        ${sql.distinctList('v.client', 20)} as who, ${sql.distinctList('v.account', 10)} as accounts, ${sql.records()} as records
      from visit v
      where (v.site, v.client) not in (select site, client from scanner)
        or (v.site, v.client, v.page) in (select site, client, page from hard_at_work)
      group by v.site, v.page
    )
    select p.*, l.opened as opened, l.closed as closed, l.lines as lines, l.people as people, l.refs as refs, k."firstAny" as "firstAny"
    from page_use p join site_log l on p.site = l.site join known k on p.site = k.site and p.page = k.page
    where p.clients <= ${FEW_CLIENTS} and (p.commands > 0
      or (p.script and p.posts >= ${ENOUGH_POSTS} and p.posts * 2 >= p.hits)
      or (p.posts >= ${ENOUGH_POSTS_UNNAMED} and p.posts * 2 >= p.hits))
    qualify row_number() over (partition by p.site order by p.commands desc, p.script desc, p.posts desc, p.page) <= ${PAGES_PER_SITE}
    order by p.site, p.page`,
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
  const unlinked = keepsReferrers && numberOf(row, 'linked') === 0
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
    keepsReferrers && !unlinked ? 'other pages link to it' : '',
  ]
  const said = (signs: readonly string[]) => signs.filter(sign => sign !== '')
  return {
    late,
    wide,
    unlinked,
    settled: !late && keepsReferrers && !unlinked,
    speaksFor: said(speaksFor),
    speaksAgainst: said(speaksAgainst),
  }
}

/** Each sign has innocent cases of its own; only together are they rare. */
function severityOf(row: Row, { late, wide, unlinked, settled }: Signs): Severity {
  const runs = flagOf(row, 'script') || flagOf(row, 'fixed')
  const crowd = numberOf(row, 'people') > numberOf(row, 'clients') + 1
  const signs = [late, wide, unlinked, crowd, flagOf(row, 'fixed')].filter(Boolean).length
  if (numberOf(row, 'commands') > 0) return numberOf(row, 'commands') >= ENOUGH_POSTS || late ? 'high' : 'medium'
  if (!runs || settled) return 'low'
  if (signs >= 3 && late && (wide || unlinked)) return 'high'
  return signs >= 2 && (late || wide) ? 'medium' : 'low'
}
