import { draftOf, flagOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { DAY_OF, EDGE_PRODUCTS, networkName, networkOf, VPN_PROTOCOLS } from './places.ts'

/** Log-ins from elsewhere on this many days make the place an administrator's. */
const HABIT_DAYS = 5
/** Before a device was administered on so many days from other places, no place is unusual. */
const HISTORY_DAYS = 2

/**
 * Somebody administers an edge device from outside, from a network nobody administered it from before, or, by its log, from the device's own
 * loopback address: nobody sits there, and log-ins that pass by the check of passwords are written down so.
 */
export const adminLoginOutside: SetDetector = {
  id: 'edge-device/admin-login-outside',
  title: 'Administrative log-in to an edge device from an unusual place',
  on: 'set',
  reads: ['authentication'],
  techniques: ['T1133', 'T1078'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Who administers the firewall owns what is behind it; administration from the internet is how edge devices are taken over.',
  innocent: 'a service provider or an administrator on call who manages the device from outside',
  query: sql => `
    with entry as (
      select *, ${networkOf('srcIp')} as network, ${DAY_OF} as day, not ${sql.isInternalAddress('srcIp')} as outside,
        (srcIp = '::1' or srcIp like '127.%') as loopback from authentication
      where action = 'logon' and outcome = 'success' and product in ${EDGE_PRODUCTS} and protocol not in ${VPN_PROTOCOLS}
        and protocol in ('web', 'ssh', 'telnet', 'api', 'https', 'http', 'aaa', 'winbox', 'device') and srcIp <> '' and "time" is not null),
    place as (select host, network, outside, min("time") as start, count(distinct day) as days from entry group by host, network, outside),
    history as (
      select p.host as host, p.network as network, count(distinct e.day) as earlierDays
      from place p left join entry e on e.host = p.host and e.network <> p.network and e."time" < p.start group by p.host, p.network)
    select host, network, outside, loopback, max(days) as days, max(earlierDays) as earlierDays, count(*) as total, min("time") as firstTime, max("time") as lastTime,
      ${sql.distinctList('user', 10)} as users, ${sql.distinctList('srcIp', 20)} as sources, ${sql.distinctList('protocol', 5)} as ways, ${sql.records()} as refs
    from entry join place using (host, network, outside) join history using (host, network)
    where outside or loopback or earlierDays >= ${HISTORY_DAYS}
    group by host, network, outside, loopback
    order by outside desc, firstTime, host, network`,
  finding(row) {
    const outside = row['outside'] === true
    const loopback = flagOf(row, 'loopback')
    const habit = numberOf(row, 'days') >= HABIT_DAYS
    const [source = ''] = listOf(row, 'sources')
    const from = loopback ? `the device itself (${source})` : outside ? source : networkName(textOf(row, 'network'))
    // A network used for days inside is simply where administrators sit now.
    if (!outside && habit) return undefined
    const users = listOf(row, 'users')
    return draftOf(this, {
      title: `${users.join(', ') || 'somebody'} administered ${textOf(row, 'host') || 'an edge device'} from ${from} by ${listOf(row, 'ways').join(', ')}`,
      object: `administration of ${textOf(row, 'host')} from ${textOf(row, 'network')}`,
      severity: (outside || loopback) && !habit ? 'medium' : 'low',
      hosts: [textOf(row, 'host')],
      accounts: users,
      addresses: listOf(row, 'sources'),
      why: outside
        ? this.why
        : loopback
          ? `${this.why} The log names no place outside the device that this log-in came from, so no administrator's computer can be asked about it.`
          : `${this.why} The device was administered from other networks on ${numberOf(row, 'earlierDays')} earlier days.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
