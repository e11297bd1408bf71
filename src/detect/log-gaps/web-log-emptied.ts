import { draftOf, listOf, MICROS_PER_HOUR, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { logSlots, SLOT } from './log-slots.ts'

/** Hours without a single line; less is a restart or a slow hour. */
const SHORTEST_HOURS = 3
/** A silence of more than two days is a server that was not in use, or logs that were not copied. */
const LONGEST_HOURS = 48
/** The same hours of other days, of which two at least are needed to speak of a habit. */
const ENOUGH_DAYS = 2
/** Lines those hours had on every other day: a quiet site has nights without a visitor. */
const ENOUGH_USUAL = 20
const DAYS_LOOKED_AT = [-7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7]

/** A web log has no line for hours that are busy on every other day, while other logs of the same machine go on. */
export const webLogEmptied: SetDetector = {
  on: 'set',
  id: 'log-gaps/web-log-emptied',
  title: 'Web log without hours that other days have',
  reads: ['http_activity'],
  techniques: ['T1070', 'T1070.002'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'The lines of a web shell’s use are cut out of the log of its server, and the machine’s other logs show that it was running; the first line that is left is often that of the intruder.',
  innocent: 'the web service was stopped for maintenance while the machine ran, or its log of these hours was not copied',
  prepared: [logSlots],
  query: sql => `with web_hour as (
      select series, max(host) as "hostName", floor("time" / ${MICROS_PER_HOUR}) as hour, count(*) as lines, max("time") as newest, min("time") as oldest
      from http_activity where "time" is not null and series <> '' and host <> '' group by series, floor("time" / ${MICROS_PER_HOUR})
    ), span as (
      select series, min(hour) as opened, max(hour) as closed from web_hour group by series
    ), spaced as (
      select *, lag(hour, 1, hour) over (partition by series order by hour) as before, lag(newest, 1, newest) over (partition by series order by hour) as "silentFrom"
      from web_hour
    ), gap as (
      select series, "hostName", before as "fromHour", hour as "toHour", hour - before - 1 as missing, "silentFrom", oldest as "silentTo" from spaced
      where hour - before - 1 >= ${SHORTEST_HOURS} and hour - before - 1 <= ${LONGEST_HOURS}
    ), day as (
      ${DAYS_LOOKED_AT.map(day => `select ${day} * 24 as ahead`).join(' union all ')}
    ), other_day as (
      select g.series as series, g."fromHour" as "fromHour", d.ahead as ahead, sum(case when w.hour > g."fromHour" + d.ahead and w.hour < g."toHour" + d.ahead then w.lines else 0 end) as lines
      from gap g cross join day d join span s on g.series = s.series join web_hour w on g.series = w.series
      where g."fromHour" + d.ahead >= s.opened and g."toHour" + d.ahead <= s.closed
      group by g.series, g."fromHour", d.ahead
    ), usual as (
      select series, "fromHour", count(*) as days, min(lines) as least, avg(lines) as mean from other_day group by series, "fromHour"
    ), machine_hour as (
      select distinct host, series, floor(slot / ${MICROS_PER_HOUR / SLOT}) as hour from log_slot where host <> ''
    ), going_on as (
      select g.series as series, g."fromHour" as "fromHour", count(distinct m.hour) as hours, min(m.series) as "otherLog"
      from gap g join machine_hour m on g."hostName" = m.host
      where m.series <> g.series and m.hour > g."fromHour" and m.hour < g."toHour" group by g.series, g."fromHour"
    ), edge as (
      select g.series as series, g."hostName" as "hostName", g.missing as missing, g."silentFrom" as "silentFrom", g."silentTo" as "silentTo", u.days as days,
        u.mean as mean, o."otherLog" as "otherLog", e.evidence as evidence, e.record as record, e."byteOffset" as "byteOffset", e."time" as "time",
        e.method as method, e.path as path, e."clientIp" as client
      from gap g join usual u on g.series = u.series and g."fromHour" = u."fromHour" join going_on o on g.series = o.series and g."fromHour" = o."fromHour"
        join http_activity e on g.series = e.series
      where u.days >= ${ENOUGH_DAYS} and u.least >= ${ENOUGH_USUAL} and o.hours * 2 >= g.missing and (e."time" = g."silentFrom" or e."time" = g."silentTo")
    ), few as (
      select v.series as series, v.path as path from http_activity v join (select distinct series, path from edge) p on v.series = p.series and v.path = p.path
      group by v.series, v.path having count(distinct v."clientIp") <= 2
    )
    select e.series as series, e."hostName" as "hostName", e.missing as missing, e."silentFrom" as "silentFrom", e."silentTo" as "silentTo", e.days as days, e.mean as mean,
      e."otherLog" as "otherLog", count(*) as edges, ${sql.records(20)} as records,
      max(case when e."time" = e."silentTo" and e.method = 'POST' and f.path is not null then e.path else '' end) as "firstPost",
      max(case when e."time" = e."silentTo" and e.method = 'POST' and f.path is not null then e.client else '' end) as client
    from edge e left join few f on e.series = f.series and e.path = f.path
    group by e.series, e."hostName", e.missing, e."silentFrom", e."silentTo", e.days, e.mean, e."otherLog" order by series, "silentFrom"`,
  finding(row) {
    const series = textOf(row, 'series')
    const firstPost = textOf(row, 'firstPost')
    const client = textOf(row, 'client')
    const hours = numberOf(row, 'missing')
    return draftOf(webLogEmptied, {
      title: `${series.split('|').slice(2).join('|') || series} has no line for ${hours} hours that are busy on other days`,
      object: `hours missing in ${series}`,
      severity: firstPost === '' ? 'medium' : 'high',
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'edges'),
      firstTime: numberOf(row, 'silentFrom'),
      lastTime: numberOf(row, 'silentTo'),
      hosts: [textOf(row, 'hostName')],
      addresses: [client],
      why: `On each of ${numberOf(row, 'days')} other days these hours had lines, ${Math.round(numberOf(row, 'mean'))} on average, and ${textOf(row, 'otherLog').split('|').slice(2).join('|') || 'another log'} of the same machine goes on. ${firstPost === '' ? '' : `The first line after the silence is a post of ${client} to ${firstPost}, which hardly anybody else uses. `}${webLogEmptied.why}`,
    })
  },
}
