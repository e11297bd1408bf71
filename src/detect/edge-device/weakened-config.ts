import { draftOf, listOf, numberOf, type SetDetector, type SqlDialect, textOf } from '../../model/index.ts'
import { DAY_OF, networkOf, VPN_PROTOCOLS } from './places.ts'

/** One way to weaken a device: what it is, its technique, and how FortiOS (path, object, attribute) and ASA (command) say it. */
interface Weakness {
  readonly name: string
  readonly technique: string
  readonly pattern: string
  /** Words of `action` it needs; empty for any. */
  readonly actions: readonly string[]
}

/**
 * FortiOS log ids 0100044544 to 0100044547 (FortiOS log reference), ASA messages 111008 to 111010 (Cisco ASA syslog reference). The list of what
 * matters is that of the joint advisories on edge devices: new accounts, forwarded ports, silenced logs, opened management, captures.
 */
const WEAKNESSES: readonly Weakness[] = [
  { name: 'a new administrator', technique: 'T1136', pattern: '(?i)^system\\.(?:admin|api-user|sso-admin)\\b', actions: ['add'] },
  { name: 'a new local user', technique: 'T1136', pattern: '(?i)^user\\.local\\b', actions: ['add'] },
  {
    name: 'a new account',
    technique: 'T1136',
    pattern: '(?i)(?:^| )username \\S+ (?:password|privilege|nopassword|attributes)',
    actions: [],
  },
  { name: 'a forwarded port', technique: 'T1090', pattern: '(?i)^firewall\\.vip(?:6|grp)?\\b', actions: ['add'] },
  {
    name: 'a forwarded port',
    technique: 'T1090',
    pattern: '(?i)(?:^| )(?:nat \\(\\S+,\\S+\\).* static |static \\(\\S+,\\S+\\) (?:tcp|udp) )',
    actions: [],
  },
  { name: 'logging switched off', technique: 'T1562.001', pattern: '(?i)^log\\.\\S+.*status\\[[^\\]]*disable\\]', actions: [] },
  {
    name: 'logging switched off',
    technique: 'T1562.001',
    pattern: '(?i)(?:^| )(?:no logging (?:enable|host|trap|on)|clear logging)',
    actions: [],
  },
  { name: 'management opened', technique: 'T1133', pattern: '(?i)^system\\.interface\\b.*allowaccess\\[', actions: [] },
  { name: 'management opened', technique: 'T1133', pattern: '(?i)(?:^| )(?:ssh|http|telnet) \\S+ \\S+ outside\\b', actions: [] },
  {
    name: 'a rule that lets everything through',
    technique: 'T1562.004',
    pattern: '(?i)(?:^| )access-list \\S+ (?:line \\d+ )?extended permit ip any',
    actions: [],
  },
  { name: 'a new firewall rule', technique: 'T1562.004', pattern: '(?i)^firewall\\.policy6?\\b', actions: ['add'] },
  {
    name: 'a packet capture',
    technique: 'T1040',
    pattern: '(?i)(?:^| )capture \\S+ (?:interface|type)|^firewall\\.sniffer\\b',
    actions: [],
  },
  {
    name: 'the configuration erased',
    technique: 'T1485',
    pattern: '(?i)(?:^| )(?:write erase|clear configure all)',
    actions: [],
  },
]
/** Everyday work of a firewall's administrator; worth a line only from an unusual place. */
const EVERYDAY: ReadonlySet<string> = new Set(['a new firewall rule', 'a new local user', 'a forwarded port', 'a packet capture'])
/** Days on which a device was administered from a place before the place is the administrators'. */
const HABIT_DAYS = 2

function weaknessOf(sql: SqlDialect): string {
  const cases = WEAKNESSES.map(({ name, pattern, actions }) => {
    const action = actions.length === 0 ? '' : ` and action in (${actions.map(sql.literal).join(', ')})`
    return `when ${sql.matches("concat(object, ' ', attribute, ' ', command)", pattern)}${action} then ${sql.literal(name)}`
  })
  return `case ${cases.join(' ')} else '' end`
}

/** A change that makes an edge device weaker, weighed by where it came from. */
export const weakenedConfig: SetDetector = {
  id: 'edge-device/weakened-config',
  title: 'Edge device made weaker',
  on: 'set',
  reads: ['device_config', 'authentication'],
  techniques: ['T1601'],
  severity: 'low',
  confidence: 'moderate',
  why: 'An intruder on an edge device makes sure to come back: an account, a forwarded port, a log that says nothing.',
  innocent: 'planned work of the administrators; compare with the change ticket',
  query: sql => `
    with done as (
      select evidence, record, "byteOffset", "time", host, user, srcIp, ${networkOf('srcIp')} as network, ${DAY_OF} as day, ${weaknessOf(sql)} as weakness,
        concat(object, ' ', attribute, ' ', command) as said
      from device_config where "time" is not null),
    presence as (
      select host, network, "time", day from done where srcIp <> ''
      union all
      select host, ${networkOf('srcIp')} as network, "time", ${DAY_OF} as day from authentication
      where action = 'logon' and outcome = 'success' and srcIp <> '' and "time" is not null and protocol not in ${VPN_PROTOCOLS}
        and host in (select host from done)),
    weak as (select * from done where weakness <> ''),
    known as (
      select w.evidence as evidence, w.record as record, w."byteOffset" as "byteOffset",
        count(distinct case when p.network = w.network then p.day end) as daysHere, count(distinct case when p.network <> w.network then p.day end) as daysElsewhere
      from weak w left join presence p on p.host = w.host and p.day < w.day
      group by w.evidence, w.record, w."byteOffset"),
    judged as (
      select w.*, case when w.srcIp <> '' and not ${sql.isInternalAddress('w.srcIp')} then 'outside'
        when w.srcIp <> '' and daysHere = 0 and daysElsewhere >= ${HABIT_DAYS} then 'unusual' else 'usual' end as place
      from weak w join known k on k.evidence = w.evidence and k.record = w.record and k."byteOffset" = w."byteOffset")
    select host, user, srcIp, place, ${sql.distinctList('weakness')} as weaknesses, ${sql.distinctList('said', 6)} as changes,
      count(*) as total, min("time") as firstTime, max("time") as lastTime, ${sql.records()} as refs
    from judged group by host, user, srcIp, place, day
    order by firstTime, host, user, srcIp`,
  finding(row) {
    const weaknesses = listOf(row, 'weaknesses')
    const place = textOf(row, 'place')
    const everyday = weaknesses.every(name => EVERYDAY.has(name))
    const source = textOf(row, 'srcIp')
    return draftOf(this, {
      title: `${textOf(row, 'user') || 'somebody'} changed ${textOf(row, 'host') || 'an edge device'}${source === '' ? '' : ` from ${source}`}: ${weaknesses.join(', ')}`,
      object: `${textOf(row, 'host')} ${weaknesses.join(' ')}`,
      severity: place === 'usual' ? (everyday ? 'informational' : 'low') : place === 'outside' && !everyday ? 'high' : 'medium',
      techniques: [
        ...new Set(WEAKNESSES.filter(({ name }) => weaknesses.includes(name)).map(({ technique }) => technique)),
      ].toSorted(),
      hosts: [textOf(row, 'host')],
      accounts: [textOf(row, 'user')],
      addresses: [source],
      why: `${this.why} Changed: ${listOf(row, 'changes')
        .map(text => text.trim().slice(0, 120))
        .join('; ')}.${place === 'unusual' ? ' Nobody administered the device from that network before.' : ''}`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
