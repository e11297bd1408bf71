import { draftOf, fileNameOf, listOf, MICROS_PER_DAY, numberOf, type SetDetector, textOf } from '../../model/index.ts'

/** Folders anybody may write to and nobody installs into (RE2, lower case). */
const TEMPORARY =
  '\\\\(?:windows\\\\(?:temp|tasks|debug)|users\\\\public|appdata\\\\local\\\\temp|\\$recycle\\.bin|perflogs)\\\\|^[a-z]:\\\\(?:temp|tmp|perflogs)\\\\|^/(?:tmp|var/tmp|dev/shm)/'
const SHELL = '[\\\\/](?:cmd\\.exe|powershell\\.exe|pwsh\\.exe|sh|bash|dash|zsh)$'
/** Questions about who and where one is: an installer knows that already (RE2, lower case command line). */
const QUESTIONS: readonly (readonly [string, string])[] = [
  ['\\bwhoami(?:\\.exe)?\\b|\\bid *$', 'T1033'],
  ['\\bsysteminfo(?:\\.exe)?\\b|\\buname\\b', 'T1082'],
  ['\\b(?:ipconfig|ifconfig)(?:\\.exe)?\\b', 'T1016'],
  ['\\bnet1?(?:\\.exe)?"? +(?:user|group|localgroup|accounts|view)', 'T1087'],
  ['\\b(?:quser|qwinsta|query)(?:\\.exe)?\\b', 'T1033'],
  ['\\b(?:nltest|dsquery|adfind)(?:\\.exe)?\\b', 'T1482'],
  ['\\b(?:tasklist)(?:\\.exe)?\\b', 'T1057'],
  ['\\b(?:netstat)(?:\\.exe)?\\b', 'T1049'],
]
/** One question may be a set-up program's; two different ones are a person's. */
const ENOUGH_QUESTIONS = 2
/** Process numbers are used again; a shell that somebody works in is rarely older. */
const LIFE = MICROS_PER_DAY

/** A program that runs out of a temporary folder opens a shell, and somebody looks around in it. */
export const temporaryProgramShell: SetDetector = {
  on: 'set',
  id: 'living-off-land/temporary-program-shell',
  title: 'Shell of a program in a temporary folder',
  reads: ['process_activity'],
  techniques: ['T1059'],
  severity: 'low',
  confidence: 'moderate',
  why: 'A program that was brought in and opens a shell gives it to whoever controls the program.',
  innocent: 'an installer that runs a script while it unpacks itself',
  query: sql => {
    const techniques = QUESTIONS.map(
      ([pattern, technique]) => `when ${sql.matches('line', pattern)} then ${sql.literal(technique)}`,
    ).join(' ')
    return `with started as (
      select evidence, record, "byteOffset", "time", host, "user" as account, lower(image) as program, lower(replace("commandLine", '^', '')) as line,
        lower("parentImage") as parent, "processGuid" as guid, pid, "parentGuid", "parentPid"
      from process_activity where action = 'start' and "time" is not null and lower(image) not like '%\\conhost.exe'
    ), shell as (
      select * from started where ${sql.matches('program', SHELL)} and ${sql.matches('parent', TEMPORARY)}
    ), told as (
      select host, parent, program, evidence, record, "byteOffset", "time", account, '' as said, '' as technique from shell
      union
      select s.host as host, s.parent as parent, s.program as program, c.evidence as evidence, c.record as record, c."byteOffset" as "byteOffset", c."time" as "time", c.account as account,
        c.line as said, case ${techniques.replaceAll('(line,', '(c.line,')} else '' end as technique
      from shell s join started c on c.host = s.host and c."time" >= s."time" and c."time" - s."time" <= ${LIFE}
        and ((c."parentGuid" <> '' and c."parentGuid" = s.guid) or (c."parentGuid" = '' and s.guid = '' and c."parentPid" = s.pid and c.parent = s.program))
    )
    select host, parent, max(program) as program, max(account) as account, min("time") as "firstSeen", max("time") as "lastSeen", count(*) as n,
      ${sql.distinctList('said', 12)} as commands, ${sql.distinctList('technique')} as asked, ${sql.records(500)} as records
    from told group by host, parent order by host, parent`
  },
  finding(row) {
    const asked = listOf(row, 'asked')
    const commands = listOf(row, 'commands').map(withoutFolder)
    const shell = fileNameOf(textOf(row, 'program'))
    const ran = commands.length === 0 ? '' : `, which ran ${[...new Set(commands)].join('; ').slice(0, 160)}`
    return draftOf(temporaryProgramShell, {
      title: `${fileNameOf(textOf(row, 'parent'))} in a temporary folder started ${shell}${ran}`,
      object: textOf(row, 'parent'),
      severity: asked.length >= ENOUGH_QUESTIONS ? 'medium' : 'low',
      techniques: [shellTechnique(shell), ...asked],
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'n'),
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: numberOf(row, 'lastSeen'),
      hosts: [textOf(row, 'host')],
      accounts: [textOf(row, 'account')],
    })
  },
}

/** "c:\\windows\\system32\\whoami.exe" /groups is told as whoami.exe /groups. */
function withoutFolder(line: string): string {
  return line.replace(/^"(?:[^"]*[\\/])?([^"\\/]+)"|^\S*\\(?=\S)/, '$1').trim()
}

function shellTechnique(shell: string): string {
  if (shell === 'cmd.exe') return 'T1059.003'
  return shell.endsWith('.exe') ? 'T1059.001' : 'T1059.004'
}
