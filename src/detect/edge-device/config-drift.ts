import {
  compareSeverity,
  draftOf,
  isAddress,
  isOutsideAddress,
  isoFromMicros,
  listOf,
  MICROS_PER_DAY,
  type Micros,
  numberOf,
  type Row,
  type SetDetector,
  type SqlDialect,
  textOf,
} from '../../model/index.ts'
import { type ConfigRule, protectedBy, rulesOf, withoutSecrets } from './config-rules.ts'

/** Sections compared of one pair; two configurations that differ more are of two devices. */
const MAX_TEXTS = 400
/** Lines shown of each side. */
const SHOWN_LINES = 8

/** When a configuration was written: as it says itself, else the date in its file's name, else what the archive recorded. */
const momentOf = (name: string) =>
  `case when alsoRecorded like '%"${name}":%' then cast(regexp_replace(alsoRecorded, '^.*"${name}":([0-9]+).*$', '\\1') as bigint) end`

/** Neighbouring configurations of one device in order of time, the sections in which they differ, and when the device logged changes between them. */
function changes(sql: SqlDialect): string {
  return `
    device as (
      select d.evidence as evidence, d.host as host, d.code as code, d.user as changedBy, coalesce(d."time", ${momentOf('fileName')}, ${momentOf('modified')}) as moment,
        i.path as path
      from device_config d join evidence_item i on i.evidence = d.evidence
      where d.action = 'state' and d.attribute = 'device' and d.host <> ''),
    ordered as (
      select *, row_number() over (partition by host, code order by case when moment is null then 1 else 0 end, moment, path) as place from device),
    pair as (
      select b.host as host, b.code as code, b.evidence as earlier, a.evidence as later, b.path as earlierPath, a.path as laterPath, b.moment as earlierMoment,
        a.moment as laterMoment, a.changedBy as changedBy
      from ordered b join ordered a on a.host = b.host and a.code = b.code and a.place = b.place + 1),
    section as (
      select evidence, object, max(attribute) as path, ${sql.distinctList('command', MAX_TEXTS)} as texts, ${sql.records(20)} as refs
      from device_config where action = 'state' and attribute <> 'device' group by evidence, object),
    side as (
      select p.earlier as earlier, p.later as later, 'before' as side, s.object as object, s.path as path, s.texts as texts, s.refs as refs
      from pair p join section s on s.evidence = p.earlier
      union all
      select p.earlier as earlier, p.later as later, 'after' as side, s.object as object, s.path as path, s.texts as texts, s.refs as refs
      from pair p join section s on s.evidence = p.later),
    change as (
      select earlier, later, object, max(path) as path, max(case when side = 'before' then texts end) as beforeTexts, max(case when side = 'after' then texts end) as afterTexts,
        max(case when side = 'before' then refs end) as beforeRefs, max(case when side = 'after' then refs end) as afterRefs
      from side group by earlier, later, object
      having count(*) = 1 or min(texts) <> max(texts)),
    logged as (
      select p.earlier as earlier, p.later as later, min(d."time") as loggedFrom, max(d."time") as loggedTo
      from pair p join device_config d on d.host = p.host and d."time" > p.earlierMoment and d."time" <= p.laterMoment + case when p.laterMoment % ${MICROS_PER_DAY} = 0 then ${MICROS_PER_DAY} else 0 end
      where d.action not in ('state', 'download', 'restart', 'found') group by p.earlier, p.later)`
}

/** Lines that differ with every save without anybody's doing: clocks, encryption anew, identifiers. */
const VOLATILE =
  /^\s*(?:ntp clock-period|! |set uuid |set (?:password|passwd|psksecret|private-key|certificate|csr|key|secret) |.*\bENC \S|certificate |Cryptochecksum|set last-update|nvram_space|.*_(?:uptime|timestamp|lease|expires)\w*=)/i

interface Difference {
  readonly before: readonly string[]
  readonly after: readonly string[]
}

function differenceOf(row: Row): Difference {
  const lines = (column: string) => listOf(row, column).flatMap(text => text.split('\n'))
  const [before, after] = [lines('beforeTexts'), lines('afterTexts')]
  const [had, has] = [new Set(before), new Set(after)]
  const news = (all: readonly string[], known: ReadonlySet<string>) =>
    all.filter(line => !known.has(line) && !VOLATILE.test(line))
  return { before: news(before, has), after: news(after, had) }
}

const shown = (lines: readonly string[]) =>
  lines.length === 0
    ? 'nothing'
    : `"${lines
        .slice(0, SHOWN_LINES)
        .map(line => withoutSecrets(line.trim()).slice(0, 160))
        .join('; ')}"${lines.length > SHOWN_LINES ? ` and ${lines.length - SHOWN_LINES} more lines` : ''}`

const dayOf = (row: Row, column: string): string =>
  row[column] === null
    ? ''
    : isoFromMicros(numberOf(row, column) as Micros)
        .slice(0, 16)
        .replace('T', ' ')

/** When it was changed: a device that logs its changes made this one at one of them, else at any time between both configurations. */
function periodOf(row: Row): { readonly firstTime: number | null; readonly lastTime: number | null } {
  const moment = (column: string) => (row[column] === null || row[column] === undefined ? null : numberOf(row, column))
  return { firstTime: moment('loggedFrom') ?? moment('earlierMoment'), lastTime: moment('loggedTo') ?? moment('laterMoment') }
}

/** The peer of a tunnel or forward that came into a configuration, outside our own networks. */
function farEnds(lines: readonly string[]): readonly string[] {
  const named = lines.flatMap(line => [
    ...line.matchAll(
      /(?:destination|peer|remote(?:-gw|-address)?|dst-address|to-addresses|server)[ =]+(\d{1,3}(?:\.\d{1,3}){3})\b/g,
    ),
  ])
  return [...new Set(named.map(([, address = '']) => address).filter(address => isAddress(address) && isOutsideAddress(address)))]
}

function spanOf(row: Row): string {
  const [from, to] = [dayOf(row, 'earlierMoment'), dayOf(row, 'laterMoment')]
  return from === '' || to === ''
    ? `between ${textOf(row, 'earlierPath')} and ${textOf(row, 'laterPath')} (which is the later one is not known)`
    : `between ${from} and ${to}`
}

/** Something dangerous came into the configuration of a device, or a protection went out of it. */
export const configDrift: SetDetector = {
  id: 'edge-device/config-drift',
  title: 'Configuration of an edge device changed dangerously',
  on: 'set',
  reads: ['device_config'],
  techniques: ['T1601'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'An intruder on an edge device makes sure to come back, and the configuration keeps what the log lost.',
  innocent: 'planned work of the administrators; compare with the change ticket',
  query: sql => `
    with ${changes(sql)}
    select p.host as host, p.code as code, p.earlierPath as earlierPath, p.laterPath as laterPath, p.earlierMoment as earlierMoment, p.laterMoment as laterMoment,
      p.changedBy as changedBy, c.object as object, c.path as path, c.beforeTexts as beforeTexts, c.afterTexts as afterTexts, c.beforeRefs as beforeRefs, c.afterRefs as afterRefs,
      l.loggedFrom as loggedFrom, l.loggedTo as loggedTo
    from change c join pair p on p.earlier = c.earlier and p.later = c.later left join logged l on l.earlier = p.earlier and l.later = p.later
    order by p.host, p.laterMoment, p.laterPath, c.object`,
  finding(row) {
    const difference = differenceOf(row)
    if (difference.before.length + difference.after.length === 0) return undefined
    const dialect = textOf(row, 'code')
    const path = textOf(row, 'path')
    const held = new Set(
      listOf(row, 'beforeTexts')
        .flatMap(text => rulesOf({ dialect, path, text }))
        .map(({ id }) => id),
    )
    const before = new Set(listOf(row, 'beforeTexts'))
    const newTexts = listOf(row, 'afterTexts').filter(text => !before.has(text))
    // A rule that held before is news for a further entry of a list (an account, a forward), or when the very lines it is about changed.
    const isList = listOf(row, 'beforeTexts').length > 1 || listOf(row, 'afterTexts').length > 1
    const known = new Set([...before].flatMap(text => text.split('\n')))
    const came = newTexts.flatMap(text => {
      const [head = '', ...lines] = text.split('\n')
      const changed = [head, ...lines.filter(line => !known.has(line))].join('\n')
      const told = new Set(rulesOf({ dialect, path, text: changed }).map(({ id }) => id))
      return rulesOf({ dialect, path, text }).filter(
        rule => isList || !held.has(rule.id) || (lines.length > 0 && told.has(rule.id)),
      )
    })
    const went = listOf(row, 'afterTexts').length > 0 ? [] : protectedBy(dialect, listOf(row, 'beforeTexts').join('\n'))
    const rules = [...new Map<string, ConfigRule>([...came, ...went].map(rule => [rule.id, rule])).values()].toSorted((a, b) =>
      compareSeverity(b.added, a.added),
    )
    const [worst] = rules
    if (!worst) return undefined
    const host = textOf(row, 'host')
    return draftOf(this, {
      title: `${host}: ${rules.map(({ title }) => title).join(', ')}, new in its configuration (${withoutSecrets(textOf(row, 'object')).slice(0, 80)})`,
      object: `${host} ${textOf(row, 'object')}`,
      severity: worst.added,
      techniques: [...new Set(rules.map(({ technique }) => technique))],
      hosts: [host],
      accounts: [textOf(row, 'changedBy')],
      why: `${worst.why} Changed ${spanOf(row)}. Before: ${shown(difference.before)}. After: ${shown(difference.after)}.`,
      innocent: worst.innocent,
      ...periodOf(row),
      addresses: farEnds(difference.after),
      evidence: [...listOf(row, 'beforeRefs'), ...listOf(row, 'afterRefs')],
      evidenceTotal: listOf(row, 'beforeRefs').length + listOf(row, 'afterRefs').length,
    })
  },
}

/** All that differs between two configurations of a device, told once. */
export const configChanged: SetDetector = {
  id: 'edge-device/config-changed',
  title: 'Configuration of an edge device changed',
  on: 'set',
  reads: ['device_config'],
  techniques: ['T1601'],
  severity: 'informational',
  confidence: 'high',
  why: 'Every change should be explained by a ticket.',
  innocent: 'the everyday work of the administrators',
  query: sql => `
    with ${changes(sql)}
    select p.host as host, p.earlierPath as earlierPath, p.laterPath as laterPath, max(p.earlierMoment) as earlierMoment, max(p.laterMoment) as laterMoment,
      max(p.changedBy) as changedBy, max(l.loggedFrom) as loggedFrom, max(l.loggedTo) as loggedTo, count(*) as sections, ${sql.distinctList('c.object', 40)} as objects,
      max(c.afterRefs) as refs
    from change c join pair p on p.earlier = c.earlier and p.later = c.later left join logged l on l.earlier = p.earlier and l.later = p.later
    group by p.host, p.earlierPath, p.laterPath order by p.host, p.laterPath`,
  finding(row) {
    const host = textOf(row, 'host')
    const count = numberOf(row, 'sections')
    const objects = listOf(row, 'objects').map(object => withoutSecrets(object).slice(0, 60))
    return draftOf(this, {
      title: `${host}: ${count} section${count === 1 ? '' : 's'} of its configuration changed ${spanOf(row)}`,
      object: `${host} ${textOf(row, 'earlierPath')} ${textOf(row, 'laterPath')}`,
      hosts: [host],
      accounts: [textOf(row, 'changedBy')],
      why: `${this.why} Changed: ${objects.slice(0, 15).join(', ')}${objects.length > 15 ? ', …' : ''}.`,
      ...periodOf(row),
      evidence: listOf(row, 'refs'),
      evidenceTotal: count,
    })
  },
}
