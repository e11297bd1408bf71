import { draftOf, isoFromMicros, listOf, micros, numberOf, type Row, type SetDetector, textOf } from '../../model/index.ts'
import { siteHost } from './visits.ts'
import { webTables } from './web-use.ts'

const CONSOLE = '(?i)^/(?:host-)?manager/(?:html|text|status|jmxproxy|deploy)|^/(?:jmx-console|admin-console|console/portal)'
const DEPLOY = '(?i)/manager/(?:html/upload|text/deploy|deploy)'

/** Uploads told with their times; a deployment tool makes hundreds. */
const SHOWN_UPLOADS = 12

/** "Uploads by 192.0.2.7 at 2024-01-01T10:00:00.000000Z; 192.0.2.8 used the same account without one." */
function uploadsOf(row: Row): string {
  const uploaders = listOf(row, 'uploaders')
  const others = listOf(row, 'who').filter(client => !uploaders.includes(client))
  const times = listOf(row, 'uploadTimes')
    .map(Number)
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b)
    .map(time => isoFromMicros(micros(time)))
  const more = numberOf(row, 'uploads') > times.length && times.length === SHOWN_UPLOADS ? ' and later' : ''
  const rest = others.length === 0 ? '' : `; ${others.join(' and ')} used the same account without one`
  return `Uploads by ${uploaders.join(' and ')} at ${times.join(', ')}${more}${rest}.`
}

/** Somebody signs in to the console of an application server; from there an archive becomes a program. */
export const managerLogin: SetDetector = {
  on: 'set',
  id: 'web-shell/manager-login',
  title: 'Sign-in to an application server console',
  reads: ['http_activity'],
  techniques: ['T1078'],
  severity: 'low',
  confidence: 'moderate',
  why: 'The manager application installs archives and so runs whatever its user uploads; its accounts are few and rarely changed.',
  innocent: 'the administrator of the application server',
  prepared: webTables,
  query: sql => `with console as (
      select site, page from web_page where served > 0 and ${sql.matches('page', CONSOLE)}
    )
    select v.site as site, v.account as account, max(host) as "hostName", ${sql.distinctList('client', 20)} as who, count(*) as requests, min("time") as "firstSeen",
      max("time") as "lastSeen", count(*) filter (where method = 'POST' and ${sql.matches('v.page', DEPLOY)}) as uploads,
      ${sql.distinctList(`case when method = 'POST' and ${sql.matches('v.page', DEPLOY)} then client else '' end`, 20)} as uploaders,
      ${sql.distinctList(`case when method = 'POST' and ${sql.matches('v.page', DEPLOY)} then cast("time" as varchar) else '' end`, SHOWN_UPLOADS)} as "uploadTimes",
      ${sql.records(1000)} as records
    from web_visit v join console c on v.site = c.site and v.page = c.page
    where status < 400 and account not in ('', '-') and (v.site, v.client) not in (select site, client from web_client where scans)
    group by v.site, v.account order by v.site, v.account`,
  finding(row) {
    const who = listOf(row, 'who')
    const account = textOf(row, 'account')
    const uploads = numberOf(row, 'uploads')
    return draftOf(managerLogin, {
      title: `${account} signed in to the application server console from ${who.join(' and ')}${uploads === 0 ? '' : ` and uploaded ${uploads} archive${uploads === 1 ? '' : 's'}`}`,
      object: `console ${account}`,
      // several places with one account and uploads: more than an administrator's ordinary visit
      severity: uploads > 0 && who.length > 1 ? 'medium' : 'low',
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'requests'),
      firstTime: numberOf(row, 'firstSeen') || null,
      lastTime: numberOf(row, 'lastSeen') || null,
      hosts: [siteHost(row)],
      accounts: [account],
      addresses: who,
      succeeded: true,
      why: uploads === 0 ? managerLogin.why : `${managerLogin.why} ${uploadsOf(row)}`,
    })
  },
}
