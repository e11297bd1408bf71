import { draftOf, fileNameOf, listOf, MICROS_PER_HOUR, numberOf, type SetDetector, textOf } from '../../model/index.ts'

/** Folders every account may write to (RE2). */
const TEMPORARY = '^(?:/tmp|/var/tmp|/dev/shm|/run/shm)/'
/** Commands that bring a file (RE2, lower case). */
const FETCH = '(?:^|[ /;&|(])(?:curl|wget|fetch|scp|sftp|tftp|ftp|nc|ncat|base64|lwp-download|aria2c)(?: |$)'
/** Installers fetch and run at once; a person needs minutes; what lies there longer was mostly put there for something else. */
const WITHIN = 24 * MICROS_PER_HOUR
/** A name shorter than this ("/tmp/a") is found in too many command lines to say that the same file is meant. */
const SHORTEST_PATH = 7

/** A file is fetched into a folder everybody may write to, and then runs from there. */
export const fetchedThenRun: SetDetector = {
  on: 'set',
  id: 'linux/fetched-then-run',
  title: 'Program fetched into a temporary folder and started',
  reads: ['process_activity'],
  techniques: ['T1105'],
  severity: 'high',
  confidence: 'moderate',
  why: 'Packages install into system folders; what is fetched into a temporary folder and started there was brought by hand.',
  innocent: 'an installer that unpacks itself there, or a script of the operator that fetches a tool',
  query: sql => {
    const fetches = sql.matches('line', FETCH)
    const runs = sql.matches('program', TEMPORARY)
    return `with started as (
      select evidence, record, "byteOffset", "time", host, "user" as account, lower("commandLine") as line,
        case when ${sql.matches('lower(image)', TEMPORARY)} then lower(image)
          when ${sql.matches('lower("commandLine")', '^(?:/\\S*/)?(?:ba|da|z)?sh (?:/tmp|/var/tmp|/dev/shm)/')} then ${sql.replaceAll(sql.replaceAll('lower("commandLine")', '^\\S+ ', ''), ' .*$', '')}
          else '' end as program
      from process_activity where action = 'start' and "time" is not null
    ), fetched as (select * from started where ${fetches}),
    ran as (select * from started where program <> '' and ${runs} and length(program) >= ${SHORTEST_PATH}),
    told as (
      select r.host as host, r.program as program, r.evidence as evidence, r.record as record, r."byteOffset" as "byteOffset", r."time" as "time", r.account as account, f.line as brought
      from ran r join fetched f on f.host = r.host and r."time" >= f."time" and r."time" - f."time" <= ${WITHIN} and f.line <> r.line
        and (position(r.program in f.line) > 0)
      union
      select r.host as host, r.program as program, f.evidence as evidence, f.record as record, f."byteOffset" as "byteOffset", f."time" as "time", f.account as account, f.line as brought
      from ran r join fetched f on f.host = r.host and r."time" >= f."time" and r."time" - f."time" <= ${WITHIN} and f.line <> r.line
        and (position(r.program in f.line) > 0)
    )
    select host, program, min("time") as "firstSeen", max("time") as "lastSeen", count(*) as n, max(account) as account,
      ${sql.distinctList('brought', 3)} as commands, ${sql.records(500)} as records
    from told group by host, program order by host, program`
  },
  finding(row) {
    const program = textOf(row, 'program')
    const [brought = ''] = listOf(row, 'commands')
    const address = /(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])/.exec(brought)?.[1]
    return draftOf(fetchedThenRun, {
      title: `${fileNameOf(program)} was fetched into a temporary folder and started: ${brought.slice(0, 160)}`,
      object: program,
      techniques: ['T1105', 'T1059.004'],
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'n'),
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: numberOf(row, 'lastSeen'),
      hosts: [textOf(row, 'host')],
      accounts: [textOf(row, 'account')].filter(name => name !== ''),
      addresses: address === undefined ? [] : [address],
    })
  },
}
