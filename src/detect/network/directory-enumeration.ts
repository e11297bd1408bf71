import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { HOUR_OF } from './traffic.ts'

/** Calls that list accounts, groups, shares or sessions of another machine: [MS-SAMR], [MS-LSAT], [MS-SRVS], [MS-WKST], [MS-DRSR]. */
const LISTING =
  '^(?:samr::Samr(?:Enumerate|QueryInformation|QueryDisplayInformation|GetGroups|GetMembers|GetAlias|LookupIds)\\w*|lsarpc::Lsar(?:Enumerate|LookupSids)\\w*|lsat::\\w+|srvsvc::Netr?(?:Share|Session|File|Connection)Enum\\w*|wkssvc::Netr?WkstaUserEnum|drsuapi::DRSCrackNames)$'
/** One or two belong to an ordinary log-on; four different ones within an hour are a question about the whole domain. */
const DIFFERENT_CALLS = 4
/** Where most machines ask so, it is how the site works. */
const MANY_SOURCES = 6

/** A machine asks a server for the accounts, groups or sessions of the domain. */
export const directoryEnumeration: SetDetector = {
  id: 'network/directory-enumeration',
  title: 'Accounts and groups listed over the network',
  on: 'set',
  reads: ['smb_activity'],
  techniques: ['T1087.002', 'T1069.002'],
  severity: 'low',
  confidence: 'low',
  why: 'Before the next step an intruder asks the domain who its administrators are.',
  innocent: 'an administration console, an inventory program, or group policy at log-on',
  query: sql => `
    with ask as (
      select *, ${HOUR_OF} as hour from smb_activity
      where "time" is not null and action = 'pipe' and srcIp <> '' and ${sql.matches('operation', LISTING)}),
    burst as (
      select srcIp as a, dstIp as b, hour as h from ask group by srcIp, dstIp, hour having count(distinct operation) >= ${DIFFERENT_CALLS}),
    spread as (select count(distinct a) as sources from burst)
    select srcIp, dstIp, max(sources) as sources, count(distinct operation) as kinds, ${sql.distinctList('operation', 12)} as operations,
      count(*) as total, min("time") as firstTime, max("time") as lastTime, ${sql.records()} as refs
    from ask join burst on a = srcIp and b = dstIp and h = hour cross join spread
    group by srcIp, dstIp
    order by firstTime, srcIp, dstIp`,
  finding(row) {
    const source = textOf(row, 'srcIp')
    const target = textOf(row, 'dstIp')
    return draftOf(this, {
      title: `${source} listed accounts and groups of ${target}`,
      object: `${source} > ${target}`,
      severity: numberOf(row, 'sources') >= MANY_SOURCES ? 'informational' : 'low',
      hosts: [source],
      addresses: [source, target],
      why: `${this.why} Calls: ${listOf(row, 'operations').slice(0, 8).join(', ')}.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
