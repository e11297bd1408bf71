import { draftOf, listOf, MICROS_PER_HOUR, MICROS_PER_MINUTE, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { networkOf } from './places.ts'

/** A laptop that goes from the house line to the telephone leaves the old session to time out; most gateways do so within minutes. */
const LEAST_OVERLAP = 10 * MICROS_PER_MINUTE
/** One session that overlaps for long is a machine somebody forgot; it is told once. */
const LONGEST_SESSION = 24 * MICROS_PER_HOUR

/** One account has VPN sessions from two networks at the same time. */
export const vpnTwoPlaces: SetDetector = {
  id: 'edge-device/vpn-two-places',
  title: 'VPN sessions of one account from two networks at once',
  on: 'set',
  reads: ['tunnel_activity'],
  techniques: ['T1133', 'T1078'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Nobody works from two places at once: the second session may be somebody who has the password and comes through a home router near the site.',
  innocent:
    'one person with two machines, a laptop that changed its line while the old session timed out, or an account that several people share',
  query: sql => `
    with opened as (
      select evidence, record, "byteOffset", "time", host, lower(user) as account, srcIp, ${networkOf('srcIp')} as network, client
      from tunnel_activity
      where action = 'up' and user <> '' and srcIp <> '' and "time" is not null and not ${sql.isInternalAddress('srcIp')}),
    closed as (select lower(user) as account, srcIp, "time" as ended from tunnel_activity where action = 'down' and user <> '' and "time" is not null),
    session as (
      select o.evidence as evidence, o.record as record, o."byteOffset" as "byteOffset", o."time" as "time", o.host as host, o.account as account, o.srcIp as srcIp,
        o.network as network, o.client as client, min(c.ended) as finish
      from opened o join closed c on c.account = o.account and c.srcIp = o.srcIp and c.ended >= o."time" and c.ended <= o."time" + ${LONGEST_SESSION}
      group by o.evidence, o.record, o."byteOffset", o."time", o.host, o.account, o.srcIp, o.network, o.client),
    overlap as (
      select a.account as account, a.srcIp as one, b.srcIp as other, least(a.finish, b.finish) - b."time" as together, b."time" as since,
        case when a.client <> '' and b.client <> '' and a.client <> b.client then 1 else 0 end as clients, a.client as oneClient, b.client as otherClient
      from session a join session b on b.account = a.account and b.network <> a.network and b."time" >= a."time" and b."time" < a.finish
      where least(a.finish, b.finish) - b."time" >= ${LEAST_OVERLAP}),
    told as (
      select account, count(*) as times, max(together) as together, max(clients) as clients, min(since) as firstTime, max(since) as lastTime,
        min(one) as one, min(other) as other, max(oneClient) as oneClient, max(otherClient) as otherClient from overlap group by account)
    select t.account as account, max(t.times) as times, max(t.together) as together, max(t.clients) as clients, max(t.firstTime) as firstTime, max(t.lastTime) as lastTime,
      max(t.oneClient) as oneClient, max(t.otherClient) as otherClient,
      ${sql.distinctList('s.srcIp', 10)} as places, ${sql.distinctList('s.host', 5)} as devices, count(*) as total, ${sql.records()} as refs
    from told t join session s on s.account = t.account and s.srcIp in (select one from overlap union all select other from overlap)
    group by t.account order by t.account`,
  finding(row) {
    const account = textOf(row, 'account')
    const places = listOf(row, 'places')
    const minutes = Math.round(numberOf(row, 'together') / MICROS_PER_MINUTE)
    const differ = numberOf(row, 'clients') === 1
    return draftOf(this, {
      title: `${account} had VPN sessions from ${places.slice(0, 4).join(' and ')} at the same time${differ ? ', with different clients' : ''}`,
      object: `${account} two places`,
      severity: differ ? 'medium' : 'low',
      hosts: listOf(row, 'devices'),
      accounts: [account],
      addresses: places,
      why: `${this.why} Together for ${minutes} minutes at most, ${numberOf(row, 'times')} time${numberOf(row, 'times') === 1 ? '' : 's'}.${differ ? ` Clients: "${textOf(row, 'oneClient').slice(0, 60)}" and "${textOf(row, 'otherClient').slice(0, 60)}".` : ''} What kind of line an address belongs to is told only where a list says it.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
