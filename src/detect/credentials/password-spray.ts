import { draftOf, flagOf, listOf, MICROS_PER_MINUTE, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { attempts, comesFromOutside } from './brute-force.ts'

/** Accounts refused from one source within minutes; a shared terminal server in the morning has two or three at once. */
const ENOUGH_ACCOUNTS = 6
/** A spray is quick for each source even where it pauses between rounds. */
const WITHIN = 15 * MICROS_PER_MINUTE
/** Few tries for each account, so that nobody is locked out. */
const MOST_PER_ACCOUNT = 5

/** One password, many accounts: one source is refused for several accounts within minutes, with few tries each. */
export const passwordSpray: SetDetector = {
  on: 'set',
  id: 'credentials/password-spray',
  title: 'Password spray',
  reads: ['authentication'],
  techniques: ['T1110.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Trying one likely password on many accounts stays below every lock-out and finds the one weak account.',
  innocent: 'a terminal server or a mail gateway behind which many people mistype, or an application with a list of old accounts',
  query: sql => `with ${attempts(sql, `count(distinct case when fell = 1 then account end) >= ${ENOUGH_ACCOUNTS}`)}, windowed as (
      select *, floor("time" / ${WITHIN}) as span from attempt
    ), missed as (
      select distinct host, source, span, account from windowed where fell = 1
    )
    select w.host as host, w.source as source, w.span as span, count(distinct case when w.fell = 1 then w.account end) as accounts, sum(w.fell) as failures,
      count(*) as tries, min(w."time") as "firstSeen", max(w."time") as "lastSeen",
      count(distinct case when w.fell = 0 and m.account is null then w.account end) as hits,
      ${sql.distinctList(`case when w.fell = 0 then w.account else '' end`, 20)} as accepted,
      ${sql.distinctList('w.account', 50)} as names, ${comesFromOutside(sql, 'w.source')} as outside, ${sql.records(2000)} as records
    from windowed w left join missed m on w.host = m.host and w.source = m.source and w.span = m.span and w.account = m.account
    group by w.host, w.source, w.span
    having count(distinct case when w.fell = 1 then w.account end) >= ${ENOUGH_ACCOUNTS} and sum(w.fell) * 2 >= count(*)
      and sum(w.fell) <= ${MOST_PER_ACCOUNT} * count(distinct case when w.fell = 1 then w.account end)
    order by host, source, span`,
  finding(row) {
    const accepted = listOf(row, 'accepted')
    const source = textOf(row, 'source')
    const accounts = numberOf(row, 'accounts')
    const hit = accepted.length > 0
    return draftOf(passwordSpray, {
      title: `${source} was refused for ${accounts} accounts within minutes${hit ? `, and accepted for ${accepted.slice(0, 3).join(', ')}` : ''}`,
      object: `spray by ${source}`,
      // from the internet and in vain it is the noise of the day
      severity: hit ? 'high' : flagOf(row, 'outside') ? 'low' : 'medium',
      techniques: hit ? ['T1110.003', 'T1078'] : ['T1110.003'],
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'tries'),
      count: numberOf(row, 'failures'),
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: numberOf(row, 'lastSeen'),
      hosts: [textOf(row, 'host')],
      accounts: hit ? accepted : listOf(row, 'names'),
      addresses: [source],
      succeeded: hit,
    })
  },
}
