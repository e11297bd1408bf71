import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { attacks, comesFromOutside, ENOUGH_FAILURES, numberedAttempts, refusals } from './brute-force.ts'

/** Everything open to the internet is tried all day: one finding a host, so that it does not hide the rest. */
export const passwordNoise: SetDetector = {
  on: 'set',
  id: 'credentials/password-noise',
  title: 'Passwords tried from the internet in vain',
  reads: ['authentication'],
  techniques: ['T1110'],
  severity: 'low',
  confidence: 'high',
  why: 'A log-on that the internet can reach is tried by everybody; it matters as the crowd in which a real attempt hides.',
  innocent: 'the constant noise of the internet',
  query:
    sql => `with ${numberedAttempts(sql, `sum(fell) >= ${ENOUGH_FAILURES} and sum(1 - fell) > 0`)}, ${attacks(sql)}, fitted as (
      select distinct host, source from numbered where fell = 0 and before >= ${ENOUGH_FAILURES}
      union select host, source from later
    ), refused as (
      ${refusals(sql)}
    )
    select host, count(*) as failures, count(distinct source) as sources, count(distinct account) as names, min("time") as "firstSeen", max("time") as "lastSeen",
      ${sql.distinctList('source', 1000)} as who, ${sql.records(2000)} as records
    from refused where source <> '' and ${comesFromOutside(sql, 'source')} and (host, source) not in (select host, source from fitted)
    group by host having count(*) >= ${ENOUGH_FAILURES} order by host`,
  finding(row) {
    const sources = numberOf(row, 'sources')
    return draftOf(passwordNoise, {
      title: `${sources} outside address${sources === 1 ? '' : 'es'} tried ${numberOf(row, 'failures')} passwords for ${numberOf(row, 'names')} account names in vain`,
      object: 'log-on attempts from outside',
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'failures'),
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: numberOf(row, 'lastSeen'),
      hosts: [textOf(row, 'host')],
      addresses: listOf(row, 'who'),
      succeeded: false,
    })
  },
}
