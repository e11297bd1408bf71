import { draftOf, flagOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'

/** In a whole log numbers follow each other; an export by a filter leaves holes everywhere. */
const FILTERED_SHARE = 0.01
/** Records taken out by hand leave one or a few holes. */
const FEW_HOLES = 3
/** Below so many records nobody can tell an export from a log. */
const ENOUGH_RECORDS = 50
/** Somebody's extract of a few hundred records may have left out single ones by hand. */
const WHOLE_LOG = 500
/** An EVTX chunk has 64 KiB and begins after the file header of 4 KiB ([MS-EVEN6]; libyal documentation of EVTX). */
const CHUNK = 65_536
const FILE_HEADER = 4_096
/** More than a chunk holds: what lies beyond is a remnant of an older chunk in the same place. */
const MOST_IN_CHUNK = 1_000

const EVTX_ITEMS = "select evidence from evidence_item where format = 'evtx'"

/** Record numbers of an event log that should be there and are not. */
export const recordHoles: SetDetector = {
  on: 'set',
  id: 'log-gaps/record-holes',
  title: 'Records missing from an event log',
  reads: ['log_activity', 'process_activity', 'authentication', 'other_activity'],
  techniques: ['T1070.001'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Windows numbers the records of a log one after the other; numbers that are missing between two neighbours of one intact block were taken out.',
  innocent: 'a damaged copy of the file, or an export that was filtered',
  // Most logs are whole, and to see that is a count; only the others are put in order.
  query: sql => `with broken as (
      select series as "brokenSeries" from (${KINDS.map(kind => `select e.series as series, e.record as record from ${kind} e where e.evidence in (${EVTX_ITEMS})`).join(' union all ')}) every_record
      group by series having count(*) >= ${ENOUGH_RECORDS} and count(distinct record) <= max(record) - min(record)
    ), numbered as (
      ${KINDS.map(kind => `select e.evidence as evidence, e.record as record, e."byteOffset" as "byteOffset", e."time" as "time", e.host as host, e.series as series from ${kind} e where e.evidence in (${EVTX_ITEMS}) and e.series in (select "brokenSeries" from broken)`).join(' union all ')}
    ), followed as (
      select *, lag(record, 1, record) over (partition by series order by record, evidence, "byteOffset") as previous,
        lag("time", 1, "time") over (partition by series order by record, evidence, "byteOffset") as "previousTime",
        lag(record, 1, record) over (partition by evidence, series, floor(("byteOffset" - ${FILE_HEADER}) / ${CHUNK}) order by "byteOffset") as "aboveInChunk"
      from numbered
    ), hole as (
      select *, record - previous - 1 as missing,
        case when record - previous - 1 between 1 and ${MOST_IN_CHUNK} and "aboveInChunk" = previous and "time" >= "previousTime" then 1 else 0 end as intact
      from followed
    )
    select series, max(host) as "hostName", count(*) as lines, count(*) filter (where missing > 0) as holes, sum(case when missing > 0 then missing else 0 end) as lost,
      count(*) filter (where intact = 1) as "cutOut", min("time") as opened, max("time") as closed,
      min("previousTime") filter (where missing > 0) as "firstSeen", max("time") filter (where missing > 0) as "lastSeen",
      ${sql.records(1000, 'missing > 0')} as records, count(*) filter (where missing > 0) > ${FEW_HOLES} and count(*) filter (where missing > 0) > ${FILTERED_SHARE} * count(*) as filtered
    from hole group by series having count(*) >= ${ENOUGH_RECORDS} and count(*) filter (where missing > 0) > 0 order by series`,
  finding(row) {
    const log = textOf(row, 'series').split('|')[2] ?? textOf(row, 'series')
    const holes = numberOf(row, 'holes')
    const lost = numberOf(row, 'lost')
    const cutOut = numberOf(row, 'lines') >= WHOLE_LOG ? numberOf(row, 'cutOut') : 0
    const extract = numberOf(row, 'lines') < WHOLE_LOG
    const parts = {
      object: `record numbers of ${log}`,
      evidence: listOf(row, 'records'),
      evidenceTotal: holes,
      firstTime: numberOf(row, 'firstSeen') || null,
      lastTime: numberOf(row, 'lastSeen') || null,
      hosts: [textOf(row, 'hostName')],
    }
    if (flagOf(row, 'filtered'))
      return draftOf(recordHoles, {
        ...parts,
        title: `The export of ${log} is filtered: ${lost} record numbers are missing in ${holes} places`,
        severity: 'informational',
        techniques: [],
        why: 'What the filter left out cannot be judged; ask for the whole log.',
      })
    return draftOf(recordHoles, {
      ...parts,
      title: `${lost} record${lost === 1 ? ' is' : 's are'} missing from ${log} in ${holes} place${holes === 1 ? '' : 's'}`,
      severity: cutOut > 0 ? 'medium' : 'low',
      confidence: cutOut > 0 ? 'moderate' : 'low',
      why:
        cutOut > 0
          ? recordHoles.why
          : extract
            ? 'The log is short: it may be an extract that somebody made, then the missing numbers mean nothing.'
            : 'The numbers are missing between two blocks of the file: a block may have been damaged, or the copy was made while the log was written.',
    })
  },
}

const KINDS = [
  'process_activity',
  'authentication',
  'account_change',
  'network_activity',
  'dns_activity',
  'file_activity',
  'registry_activity',
  'service_activity',
  'scheduled_job_activity',
  'script_activity',
  'smb_activity',
  'rdp_activity',
  'log_activity',
  'detection_finding',
  'other_activity',
] as const
