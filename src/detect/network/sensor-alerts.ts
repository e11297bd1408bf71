import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'

/** Suricata's classes: 1 is the worst, 3 is information (suricata classification.config). */
const WORST = 1
/** Notices about the sensor or about ordinary certificates; they are about reading conditions, not about people. */
const HOUSEKEEPING = '^(?:CaptureLoss::|PacketFilter::|SSL::Invalid_Server_Cert|SSL::Certificate_|Weird::Activity|Stats::)'

/** What a network sensor alerted on, one finding per rule and inside source; what came from outside is folded per rule family. */
export const sensorAlerts: SetDetector = {
  id: 'network/sensor-alerts',
  title: 'Alerts of a network sensor',
  on: 'set',
  reads: ['detection_finding'],
  techniques: ['T1595'],
  severity: 'informational',
  confidence: 'low',
  why: "A rule of the sensor matched; the rule is its author's judgement, the count shows how ordinary it is here.",
  innocent: 'the background noise of the internet, or a rule that matches ordinary traffic',
  query: sql => `
    with alert as (
      select *, ${sql.isInternalAddress('srcIp')} as inside,
        -- block lists are split into numbered groups ("... group 89"): one family
        -- and a notice says in its message what differs each time: its name is the family
        case when product = 'zeek' then signature else regexp_replace(title, '(?i) group [0-9]+$', '') end as family
      from detection_finding
      where product in ('suricata', 'zeek') and not ${sql.matches('signature', HOUSEKEEPING)})
    select family, max(signature) as signature, case when inside then srcIp else '' end as source, inside,
      count(distinct srcIp) as sources, count(distinct dstIp) as targets, min(severity) as worst, max(category) as category,
      count(*) as total, min("time") as firstTime, max("time") as lastTime,
      ${sql.distinctList('srcIp', 50)} as sourceList, ${sql.distinctList('dstIp', 50)} as targetList, ${sql.records()} as refs
    from alert group by 1, 3, 4
    order by inside desc, total desc, family, source`,
  finding(row) {
    const inside = row['inside'] === true
    const sources = listOf(row, 'sourceList')
    const targets = listOf(row, 'targetList')
    const total = numberOf(row, 'total')
    const who = inside
      ? textOf(row, 'source')
      : numberOf(row, 'sources') === 1
        ? (sources[0] ?? '')
        : `${numberOf(row, 'sources')} outside addresses`
    return draftOf(this, {
      title: `Sensor alert "${textOf(row, 'family').slice(0, 120)}" from ${who || 'the sensor'}${total === 1 ? '' : `, ${total} times`}`,
      object: `${textOf(row, 'signature')} ${inside ? textOf(row, 'source') : 'outside'}`,
      severity: inside || row['worst'] === WORST ? 'low' : 'informational',
      techniques: inside ? [] : ['T1595'],
      hosts: inside ? sources : targets,
      addresses: [...sources, ...targets],
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: total,
    })
  },
}
