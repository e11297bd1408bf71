import {
  draftOf,
  flagOf,
  isoFromMicros,
  listOf,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  micros,
  numberOf,
  type Row,
  type SetDetector,
  type Severity,
  type SqlDialect,
  textOf,
} from '../../model/index.ts'

/** Attempts of one source on one host, at most this far apart, are one attack; tools pause to stay below lock-outs. */
const PAUSE = 10 * MICROS_PER_MINUTE
/** Somebody who forgot his password gives up, or is locked out, before ten. */
export const ENOUGH_FAILURES = 10
/** Lock-outs end within the hour, and whoever guesses waits for that; who comes in later than this may as well be the owner. */
const LATER = MICROS_PER_HOUR
/** So many failures before a success are no forgotten password. */
const MANY_FAILURES = 30

/** Is the source an address of the internet? A mere computer name is somebody inside. */
export function comesFromOutside(sql: SqlDialect, source: string): string {
  return `(${sql.matches(source, '^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$|:')} and not ${sql.isInternalAddress(source)})`
}

/** Who tried, as far as the log says. */
const SOURCE = `case when "srcIp" <> '' then "srcIp" when "srcHost" <> '' then "srcHost" else '' end`
const FELL = `case when outcome = 'failure' then 1 else 0 end`

/** Password checks of persons; PAM says once more what sshd and login say themselves. */
const isAttempt = (sql: SqlDialect): string =>
  `action in ('logon', 'ticket', 'validate') and not (action = 'validate' and protocol in ('sshd', 'login', 'su', 'sudo')) and outcome in ('success', 'failure') and "user" <> '' and "time" is not null
      and not ${sql.matches('"user"', '\\$(?:@.*)?$')} and coalesce("logonType", 3) in (2, 3, 8, 10)`

/**
 * Common table expression `attempt`: password checks with `source` and `account`, `fell` 1 when refused, of those sources that meet `having`
 * (over `account` and `fell`) on a host: nearly all log-ons of a site are of others, and need not be sorted.
 */
export function attempts(sql: SqlDialect, having: string): string {
  return `suspect as (
    select host as "suspectHost", source as "suspectSource" from (
      select host, ${SOURCE} as source, lower("user") as account, ${FELL} as fell from authentication where ${isAttempt(sql)}) tried
    where source <> '' group by host, source having ${having}
  ), attempt as (
    select evidence, record, "byteOffset", "time", host, account, protocol, source, fell from (
      select evidence, record, "byteOffset", "time", host, lower("user") as account, protocol, ${SOURCE} as source, ${FELL} as fell
      from authentication where ${isAttempt(sql)}) checked
    join suspect on host = "suspectHost" and source = "suspectSource"
  )`
}

/** Query: all refused password checks. */
export function refusals(sql: SqlDialect): string {
  return `select evidence, record, "byteOffset", "time", host, lower("user") as account, ${SOURCE} as source
      from authentication where ${isAttempt(sql)} and outcome = 'failure'`
}

/**
 * Common table expressions: `attempt`, and `numbered` with `burst`, the number of the attack of this source on this host, and `before`,
 * refused attempts of this account in the burst so far.
 */
export function numberedAttempts(sql: SqlDialect, having: string): string {
  return `${attempts(sql, having)}, spaced as (
    select *, "time" - lag("time", 1, "time") over (partition by host, source order by "time", evidence, record, "byteOffset") as since from attempt
  ), bursts as (
    select *, sum(case when since > ${PAUSE} then 1 else 0 end) over (partition by host, source order by "time", evidence, record, "byteOffset"
      rows between unbounded preceding and current row) as burst from spaced
  ), numbered as (
    select *, sum(fell) over (partition by host, source, burst, account order by "time", evidence, record, "byteOffset"
      rows between unbounded preceding and current row) as before from bursts
  )`
}

/**
 * Common table expressions after `numberedAttempts`: `attack`, each burst of one source against one account of a host, with when a password
 * `fitted` in it; `later`, when one fitted within an hour after it though none of this source ever had before.
 */
export function attacks(sql: SqlDialect): string {
  return `attack as (
      select host, source, burst, account, sum(fell) as failures, min("time") as "firstSeen", max("time") as "lastSeen",
        min("time") filter (where fell = 0 and before >= ${ENOUGH_FAILURES}) as "fitted", ${sql.records(undefined, `fell = 1 or before >= ${ENOUGH_FAILURES}`)} as records,
        count(*) as tries
      from numbered group by host, source, burst, account having sum(fell) >= ${ENOUGH_FAILURES}
    ), later as (
      select a.host as host, a.source as source, a.account as account, a.burst as burst, min(t."time") as "fittedLater",
        ${sql.records(1)} as refs
      from attack a join attempt t on a.host = t.host and a.source = t.source and a.account = t.account
      where t.fell = 0 and t."time" > a."lastSeen" and t."time" <= a."lastSeen" + ${LATER} and a."fitted" is null
        and not exists (select 1 from attempt k where k.host = a.host and k.source = a.source and k.fell = 0 and k."time" <= a."lastSeen")
      group by a.host, a.source, a.account, a.burst
    )`
}

/** One source tries passwords until one fits, or in vain. */
export const bruteForce: SetDetector = {
  on: 'set',
  id: 'credentials/brute-force',
  title: 'Passwords tried',
  reads: ['authentication'],
  techniques: ['T1110.001'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Many refused passwords and then an accepted one from the same source is how an account is taken by guessing.',
  innocent: 'a script or a device with an old password that was corrected, or a shared address',
  query: sql => `with ${numberedAttempts(sql, `sum(fell) >= ${ENOUGH_FAILURES}`)}, ${attacks(sql)}, earlier as (
      select a.host as host, a.source as source, a.account as account, a.burst as burst, count(*) as known
      from attack a join attempt t on a.host = t.host and a.source = t.source and a.account = t.account
      where t.fell = 0 and t."time" < a."firstSeen" group by a.host, a.source, a.account, a.burst
    ), whole as (
      select a.host as host, a.source as source, a.account as account, a.burst as burst, sum(t.fell) as "allFailures",
        sum(t.fell) filter (where floor(t."time" / ${MICROS_PER_DAY}.0) = floor(a."firstSeen" / ${MICROS_PER_DAY}.0)) as "dayFailures",
        count(*) filter (where t.fell = 0 and t."time" < a."firstSeen") as "allKnown", count(distinct t.account) as accounts
      from attack a join attempt t on a.host = t.host and a.source = t.source group by a.host, a.source, a.account, a.burst
    )
    select a.host as host, a.source as source, a.account as account, a.failures as failures, a."firstSeen" as "firstSeen", a."lastSeen" as "lastSeen",
      coalesce(a."fitted", l."fittedLater") as "fitted", l."fittedLater" is not null as delayed, a.records as records, l.refs as "laterRecord", coalesce(e.known, 0) as known,
      w."allFailures" as "allFailures", w."dayFailures" as "dayFailures", w."allKnown" as "allKnown", w.accounts as accounts, ${comesFromOutside(sql, 'a.source')} as outside
    from attack a left join earlier e on a.host = e.host and a.source = e.source and a.account = e.account and a.burst = e.burst
      left join later l on a.host = l.host and a.source = l.source and a.account = l.account and a.burst = l.burst
      join whole w on a.host = w.host and a.source = w.source and a.account = w.account and a.burst = w.burst
    where a."fitted" > 0 or l."fittedLater" > 0 or not ${comesFromOutside(sql, 'a.source')}
    order by host, source, account, "firstSeen"`,
  finding(row) {
    const fitted = numberOf(row, 'fitted')
    const account = textOf(row, 'account')
    const source = textOf(row, 'source')
    const failures = numberOf(row, 'failures')
    const known = numberOf(row, 'known')
    const delayed = flagOf(row, 'delayed')
    return draftOf(bruteForce, {
      title:
        fitted > 0
          ? `${source} ${delayed ? 'got to know' : 'guessed'} the password of ${account}: accepted ${delayed ? `${Math.max(1, Math.round((fitted - numberOf(row, 'lastSeen')) / MICROS_PER_MINUTE))} minutes ` : ''}after ${failures} refusals`
          : `${source} tried ${failures} passwords for ${account} in vain`,
      object: `${source} ${account}`,
      severity: severityOf(row),
      confidence: known > 0 ? 'low' : 'moderate',
      techniques: fitted > 0 ? ['T1110.001', 'T1078'] : ['T1110.001'],
      evidence: [...listOf(row, 'records'), ...listOf(row, 'laterRecord')],
      evidenceTotal: listOf(row, 'records').length + listOf(row, 'laterRecord').length,
      count: failures,
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: fitted > 0 ? fitted : numberOf(row, 'lastSeen'),
      hosts: [textOf(row, 'host')],
      accounts: [account],
      addresses: [source],
      succeeded: fitted > 0,
      why: [bruteForce.why, ...circumstances(row)].join(' '),
    })
  },
}

/** What else the source did on the host: earlier accepted log-ons speak for an owner or a shared address, and the rest of its refusals belongs to the picture. */
function circumstances(row: Row): readonly string[] {
  const [known, allKnown] = [numberOf(row, 'known'), numberOf(row, 'allKnown')]
  const [failures, allFailures] = [numberOf(row, 'failures'), numberOf(row, 'allFailures')]
  const dayFailures = numberOf(row, 'dayFailures')
  const times = (count: number) => (count === 1 ? 'once' : `${count} times`)
  return [
    ...(allFailures > failures
      ? [
          `It was refused ${allFailures} times in all${dayFailures < allFailures ? ` (${dayFailures} on ${isoFromMicros(micros(numberOf(row, 'firstSeen'))).slice(0, 10)})` : ''}, with ${numberOf(row, 'accounts')} account names.`,
        ]
      : []),
    ...(known > 0 ? [`The same source had logged on as this account ${times(known)} before, which speaks for its owner.`] : []),
    ...(allKnown > known
      ? [
          `${known > 0 ? 'Counting all accounts it' : 'It'} had been accepted ${times(allKnown)} before: an address that several people share, or one whose owner is known here.`,
        ]
      : []),
  ]
}

function severityOf(row: Row): Severity {
  const many = numberOf(row, 'failures') >= MANY_FAILURES
  // After a pause it may also be the owner, whose password was set anew meanwhile.
  if (numberOf(row, 'fitted') > 0) return many && !flagOf(row, 'delayed') ? 'high' : 'medium'
  // inside, an old password in a service or a phone fails for hours
  return !flagOf(row, 'outside') && many ? 'low' : 'informational'
}
