import { draftOf, listOf, MICROS_PER_MINUTE, numberOf, type SetDetector, type SqlDialect, textOf } from '../../model/index.ts'

/** The window of the AA23-144A hunting rules: more than five kinds of reconnaissance on one host in fifteen minutes. */
const WINDOW = 15 * MICROS_PER_MINUTE
const ENOUGH_TOOLS = 5
/** Questions about accounts, groups and the domain; searching for a fault needs one or two, not three. */
const ENOUGH_DOMAIN_TOOLS = 3

/** Kinds of question by program and argument (RE2, lower case); the third is true where it is about accounts or the domain. */
const QUESTIONS: readonly (readonly [string, string, boolean])[] = [
  ['whoami', '\\bwhoami(?:\\.exe)?\\b', false],
  ['query user', '\\b(?:quser|qwinsta)(?:\\.exe)?\\b|\\bquery(?:\\.exe)? +(?:user|session)', false],
  ['net group', '\\bnet1?(?:\\.exe)?"? +group\\b', true],
  ['net localgroup', '\\bnet1?(?:\\.exe)?"? +localgroup\\b', true],
  ['net user', '\\bnet1?(?:\\.exe)?"? +users?\\b', true],
  ['net accounts', '\\bnet1?(?:\\.exe)?"? +accounts\\b', true],
  ['net view', '\\bnet1?(?:\\.exe)?"? +view\\b', true],
  ['net share', '\\bnet1?(?:\\.exe)?"? +(?:share|session)\\b', false],
  ['net start', '\\bnet1?(?:\\.exe)?"? +start *$', false],
  ['nltest', '\\bnltest(?:\\.exe)?\\b', true],
  ['dsquery', '\\bds(?:query|get)(?:\\.exe)?\\b|\\b(?:ldifde|csvde|adfind)(?:\\.exe)?\\b', true],
  ['dnscmd', '\\bdnscmd(?:\\.exe)?\\b', true],
  ['setspn', '\\bsetspn(?:\\.exe)?\\b', true],
  ['systeminfo', '\\bsysteminfo(?:\\.exe)?\\b', false],
  ['ipconfig', '\\bipconfig(?:\\.exe)?\\b|\\bifconfig\\b', false],
  ['netsh show', '\\bnetsh(?:\\.exe)?\\b.*\\bshow\\b', false],
  ['arp', '\\b(?:arp|route|nbtstat)(?:\\.exe)?"? +[-p]', false],
  ['netstat', '\\bnetstat(?:\\.exe)?\\b', false],
  ['tasklist', '\\btasklist(?:\\.exe)?\\b', false],
  ['sc query', '\\bsc(?:\\.exe)?"? +query', false],
  ['wmic', '\\bwmic(?:\\.exe)?"? .*\\b(?:get|list|brief)\\b', false],
  ['reg query', '\\breg(?:\\.exe)?"? +query', false],
  ['gpresult', '\\bgpresult(?:\\.exe)?\\b', false],
  ['event log reading', '\\bwevtutil(?:\\.exe)?"? +qe\\b|get-eventlog', true],
  ['nslookup', '\\bnslookup(?:\\.exe)?\\b', false],
]

/** All of them in one expression: most command lines ask nothing, and need not be tried with each. */
const ANY_QUESTION = QUESTIONS.map(([, pattern]) => `(?:${pattern})`).join('|')

/** Scripts of Windows that collect a state for support; their parents say so. */
const SUPPORT = 'gathernetworkinfo|msdt|sdiagnhost|msinfo32|ccmexec|monitoringhost|compattelrunner|healthservice|gpscript'

function caseOf(sql: SqlDialect, value: (question: readonly [string, string, boolean]) => string): string {
  return `case when not ${sql.matches('line', ANY_QUESTION)} then '' ${QUESTIONS.map(question => `when ${sql.matches('line', question[1])} then ${value(question)}`).join(' ')} else '' end`
}

/** Many different questions about machine, network and domain within minutes: somebody new looks around. */
export const discoveryBurst: SetDetector = {
  on: 'set',
  id: 'living-off-land/discovery-burst',
  title: 'Burst of discovery commands',
  reads: ['process_activity'],
  techniques: ['T1082', 'T1016', 'T1087'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Who knows the place does not ask for everything at once; an intruder with a new foothold does.',
  innocent: 'a support script, or a technician in search of a fault',
  query: sql => `with asked as (
      select evidence, record, "byteOffset", "time", host, lower("user") as account, lower(replace("commandLine", '^', '')) as line,
        lower("parentImage") as parent, lower("parentCommandLine") as "parentLine"
      from process_activity where action = 'start' and "commandLine" <> '' and "time" is not null
    ), question as (
      select *, ${caseOf(sql, ([tool]) => sql.literal(tool))} as tool, ${caseOf(sql, ([, , domain]) => (domain ? "'domain'" : "'machine'"))} as about
      from asked where not ${sql.matches(`parent || ' ' || "parentLine"`, SUPPORT)}
    ), windowed as (
      select q.*, floor(q."time" / ${WINDOW} + s.shift) as span, s.shift as shift
      from question q cross join (select 0.0 as shift union all select 0.25 as shift union all select 0.5 as shift union all select 0.75 as shift) s where q.tool <> ''
    ), burst as (
      select host, account, span, shift, count(distinct tool) as tools, count(distinct case when about = 'domain' then tool end) as domain,
        count(*) as commands, min("time") as "firstSeen", max("time") as "lastSeen", ${sql.distinctList('tool', 30)} as names,
        ${sql.distinctList('parent', 5)} as parents, ${sql.records(500)} as records
      from windowed group by host, account, span, shift having count(distinct tool) >= ${ENOUGH_TOOLS}
    )
    select * from burst qualify row_number() over (partition by host, account, floor("firstSeen" / ${4 * WINDOW}) order by tools desc, domain desc, "firstSeen") = 1
    order by host, account, "firstSeen"`,
  finding(row) {
    const tools = numberOf(row, 'tools')
    const domain = numberOf(row, 'domain')
    const account = textOf(row, 'account')
    return draftOf(discoveryBurst, {
      title: `${account || 'an account'} asked ${tools} kinds of questions within 15 minutes: ${listOf(row, 'names').join(', ')}`,
      object: `discovery by ${account}`,
      severity: domain >= ENOUGH_DOMAIN_TOOLS ? 'medium' : 'low',
      techniques: domain > 0 ? ['T1082', 'T1016', 'T1087', 'T1069'] : ['T1082', 'T1016'],
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'commands'),
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: numberOf(row, 'lastSeen'),
      hosts: [textOf(row, 'host')],
      accounts: [account],
      why: `${discoveryBurst.why} Started from ${listOf(row, 'parents').join(', ') || 'an unknown program'}; ${domain} of the questions are about accounts or the domain.`,
    })
  },
}
