import { draftOf, listOf, MICROS_PER_DAY, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { DAY_OF, networkOf, VPN_PROTOCOLS } from './places.ts'

/** Two people share a household or an office at home. */
const LEAST_ACCOUNTS = 3
/** Days an account was seen elsewhere before: it has a home line already. */
const HABIT_DAYS = 2
/** Exits of relay networks change within about a month; people who move to one office come one after the other over longer. */
const WITHIN_DAYS = 31
/** So many accounts, or such a share of all, are a new office, a hotel or a provider that translates addresses. */
const CROWD = 10
const CROWD_SHARE = 0.3

/** Accounts that have nothing to do with each other log in to the VPN from one address. */
export const vpnSharedAddress: SetDetector = {
  id: 'edge-device/vpn-shared-address',
  title: 'VPN log-ins of several accounts from one address',
  on: 'set',
  reads: ['tunnel_activity', 'authentication'],
  techniques: ['T1133', 'T1078', 'T1090.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Several accounts that each had a line of their own suddenly come from one address: one person with several stolen passwords behind one relay looks like that.',
  innocent: 'people who met, a branch office, a hotel, or a provider that puts many customers behind one address',
  query: sql => `
    with attempt as (
      select evidence, record, "byteOffset", "time", host, lower(user) as account, srcIp from tunnel_activity
      where action in ('up', 'assigned') and user <> '' and "time" is not null
      union all
      select evidence, record, "byteOffset", "time", host, lower(user) as account, srcIp from authentication
      where action = 'logon' and outcome = 'success' and protocol in ${VPN_PROTOCOLS} and user <> '' and "time" is not null),
    login as (
      select *, ${networkOf('srcIp')} as network, ${DAY_OF} as day from attempt where srcIp <> '' and not ${sql.isInternalAddress('srcIp')}),
    everybody as (select count(distinct account) as accounts from login),
    fresh as (select account, srcIp, min(network) as network, min("time") as start from login group by account, srcIp),
    habit as (
      select f.account as account, f.srcIp as srcIp, f.start as start, count(distinct l.day) as days
      from fresh f join login l on l.account = f.account and l."time" < f.start and l.network <> f.network
      group by f.account, f.srcIp, f.start having count(distinct l.day) >= ${HABIT_DAYS}),
    shared as (
      select srcIp, count(distinct account) as accounts, min(start) as firstStart, max(start) as lastStart from habit
      group by srcIp having count(distinct account) >= ${LEAST_ACCOUNTS} and max(start) - min(start) <= ${WITHIN_DAYS * MICROS_PER_DAY})
    select s.srcIp as place, max(s.accounts) as accounts, max(e.accounts) as everybody, ${sql.distinctList('l.account', 12)} as names,
      ${sql.distinctList('l.host', 5)} as devices, count(*) as total, min(l."time") as firstTime, max(l."time") as lastTime, ${sql.records()} as refs
    from shared s join login l on l.srcIp = s.srcIp cross join everybody e
    group by s.srcIp order by firstTime, place`,
  finding(row) {
    const accounts = numberOf(row, 'accounts')
    const isCrowd = accounts >= CROWD || accounts / Math.max(1, numberOf(row, 'everybody')) >= CROWD_SHARE
    const names = listOf(row, 'names')
    const place = textOf(row, 'place')
    return draftOf(this, {
      title: `${accounts} accounts logged in to the VPN from ${place}, new for each of them: ${names.slice(0, 5).join(', ')}`,
      object: `vpn ${place}`,
      severity: isCrowd ? 'informational' : 'medium',
      confidence: isCrowd ? 'low' : 'moderate',
      hosts: listOf(row, 'devices'),
      accounts: names,
      addresses: [place],
      why: `${this.why} ${accounts} of ${numberOf(row, 'everybody')} accounts within ${WITHIN_DAYS} days${isCrowd ? ', so many that a common office or address translation is likelier' : ''}. What kind of line the address belongs to is told only where a list says it.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
