import { draftOf, listOf, MICROS_PER_DAY, numberOf, type SetDetector, type Severity, textOf } from '../../model/index.ts'
import { sizeOf } from './traffic.ts'

/** Names asked under one domain in a day; people and programs that use a domain ask for a handful, content networks for dozens. */
const MANY_NAMES = 100
/** Data in names needs room: letters before the domain, on average. */
const LONG_PREFIX = 20
/** And hardly any name is asked twice, while a cache would answer a real one. */
const NEW_SHARE = 0.7
/** A domain that many machines ask for like this belongs to a product of the site (virus checks, telemetry). */
const FEW_CLIENTS = 2

/** Look-ups carry data: many different long names under one domain, each asked once. */
export const dnsTunnel: SetDetector = {
  id: 'network/dns-tunnel',
  title: 'Data in name look-ups',
  on: 'set',
  reads: ['dns_activity'],
  techniques: ['T1071.004'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Name look-ups leave almost every network; a program that hides data in the names needs no connection of its own.',
  innocent: 'virus and reputation checks by name, telemetry, or a content network with a name for each visitor',
  query: sql => `
    with asked as (
      select evidence, record, "byteOffset", "time", srcIp, answers, lower(query) as name,
        ${sql.replaceAll('lower(query)', '\\.?(?:[^.]+\\.(?:com?|net|org|gov|edu|ac|or|ne)\\.[a-z]{2}|[^.]+\\.[^.]+)\\.?$', '')} as prefix,
        cast(floor("time" / ${MICROS_PER_DAY}) as bigint) as day
      from dns_activity where srcIp <> '' and "time" is not null and length(query) > ${LONG_PREFIX} and not ${sql.matches('query', '(?i)(?:\\.arpa|\\.local|_tcp|_udp)')}),
    parted as (select *, substring(name, length(prefix) + 2) as domain from asked where prefix <> ''),
    busy as (
      select srcIp as who, domain as where_, day as "on", count(distinct prefix) as names, count(*) as questions, avg(length(prefix)) as letters, sum(length(prefix)) as carried
      from parted group by srcIp, domain, day
      having count(distinct prefix) >= ${MANY_NAMES} and count(distinct prefix) >= ${NEW_SHARE} * count(*) and avg(length(prefix)) >= ${LONG_PREFIX}),
    popular as (select where_ as common, count(distinct who) as clients from busy group by where_)
    select srcIp, domain, max(clients) as clients, count(distinct prefix) as names, sum(length(prefix)) as carried, round(avg(length(prefix)), 1) as letters, count(*) as total,
      min("time") as firstTime, max("time") as lastTime, ${sql.records(2000)} as refs
    from parted join busy on who = srcIp and where_ = domain and "on" = day join popular on common = domain
    group by srcIp, domain order by carried desc, srcIp, domain`,
  finding(row) {
    const client = textOf(row, 'srcIp')
    const severity: Severity = numberOf(row, 'clients') <= FEW_CLIENTS ? 'medium' : 'low'
    return draftOf(this, {
      title: `${client} asked for ${numberOf(row, 'names')} different names under ${textOf(row, 'domain')}`,
      object: `${client} > ${textOf(row, 'domain')}`,
      severity,
      hosts: [client],
      addresses: [client],
      why: `${this.why} The names are ${numberOf(row, 'letters')} letters long on average, ${sizeOf(numberOf(row, 'carried'))} in all, and hardly any was asked for twice.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
