import {
  draftOf,
  eventKinds,
  flagOf,
  listOf,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  numberOf,
  type PreparedTable,
  type SetDetector,
  textOf,
} from '../../model/index.ts'
import { logSlots } from './log-slots.ts'

/** Shorter silences are lunch breaks and quiet nights of small sites. */
const SHORTEST = 2 * MICROS_PER_HOUR
/** The silence must stand out: so many times longer than the next longest one of the same log. */
const STANDS_OUT = 6
/** Records on either side of the silence, so that there is a volume to miss. */
const ENOUGH_RECORDS = 200
/** Records that the log's own pace would have put into the silence. */
const ENOUGH_MISSED = 100

/** `log_silence`: the one silence of each log that stands out. Usually none, and a query that knows so reads no lines to show. */
const logSilences: PreparedTable = {
  name: 'log_silence',
  query: () => `with slot as (
      select series, slot, min(p."first") as "first", max(p."last") as "last", sum(p.lines) as lines, max(p.host) as "hostName" from log_slot p group by series, slot
    ), spaced as (
      select *, "first" - lag("last", 1, "first") over (partition by series order by slot) as pause, lag("last", 1, "first") over (partition by series order by slot) as previous,
        sum(lines) over (partition by series order by slot rows between unbounded preceding and current row) as "soFar"
      from slot
    ), ranked as (
      select *, row_number() over (partition by series order by pause desc, slot) as rank from spaced
    ), log as (
      select series, sum(lines) as total, min("first") as opened, max("last") as closed, max(case when rank = 2 then pause else 0 end) as "nextPause" from ranked group by series
    )
      select r.series as series, r."hostName" as "hostName", r.previous as "silentFrom", r."first" as "silentTo", r.pause as pause, l.total as total, l."nextPause" as "nextPause"
      from ranked r join log l on r.series = l.series
      where r.rank = 1 and r.pause >= ${SHORTEST} and r.pause >= ${STANDS_OUT} * l."nextPause" and r."soFar" - r.lines >= ${ENOUGH_RECORDS}
        and l.total - r."soFar" + r.lines >= ${ENOUGH_RECORDS} and r.pause * 3 <= l.closed - l.opened
        and l.total * (r.pause / (l.closed - l.opened - r.pause)) >= ${ENOUGH_MISSED}`,
}

/** A log that is written all the time falls silent for hours and goes on as if nothing had been. */
export const silentHours: SetDetector = {
  on: 'set',
  id: 'log-gaps/silent-hours',
  title: 'Log silent for hours',
  reads: eventKinds,
  techniques: ['T1070'],
  severity: 'medium',
  confidence: 'low',
  why: 'A steady log with one hole was stopped, lost, or emptied of the hours in which something happened; the first line after the hole deserves a look.',
  innocent: 'a maintenance window, a stopped sensor, a rotated file that is missing from the evidence',
  prepared: [logSlots, logSilences],
  query: sql => `with halted as (
      select distinct s.series as series from log_silence s join log_activity h on h.host = s."hostName"
      where h.action = 'stopped' and h."time" >= s."silentFrom" - ${MICROS_PER_MINUTE * 5} and h."time" <= s."silentTo"
    )
    select s.series as series, s."hostName" as "hostName", s."silentFrom" as "silentFrom", s."silentTo" as "silentTo", s.pause as pause, s.total as total,
      s."nextPause" as "nextPause", s.series in (select series from halted) as halted, count(*) as edges, ${sql.records(20)} as records
    from log_silence s join (
      ${eventKinds.map(kind => `select evidence, record, "byteOffset", e."time" as "time", e.series as series from ${kind} e join log_silence q on e.series = q.series where e."time" = q."silentFrom" or e."time" = q."silentTo"`).join(' union all ')}
    ) as e on e.series = s.series
    group by s.series, s."hostName", s."silentFrom", s."silentTo", s.pause, s.total, s."nextPause" order by series`,
  finding(row) {
    const hours = Math.round((numberOf(row, 'pause') / MICROS_PER_HOUR) * 10) / 10
    const series = textOf(row, 'series')
    const stopped = flagOf(row, 'halted')
    return draftOf(silentHours, {
      title: `${series.split('|').slice(2).join('|') || series} is silent for ${hours} hours`,
      object: `silence of ${series}`,
      // a log service that says it stops is a restart or a machine switched off
      severity: stopped ? 'informational' : series.startsWith('evtx|') ? 'low' : 'medium',
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'edges'),
      firstTime: numberOf(row, 'silentFrom'),
      lastTime: numberOf(row, 'silentTo'),
      hosts: [textOf(row, 'hostName')],
      why: `${numberOf(row, 'total')} lines, the next longest silence is ${Math.round(numberOf(row, 'nextPause') / 60_000_000)} minutes. ${silentHours.why}`,
    })
  },
}
