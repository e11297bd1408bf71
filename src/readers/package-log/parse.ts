import type { EventFields, Micros } from '../../model/index.ts'
import { civilMicros, leadingIso } from '../carriers/civil-time.ts'
import type { Zone } from '../carriers/clock.ts'

/** What a package manager did. */
export interface PackageRecord {
  readonly time: Micros | undefined
  readonly fields: EventFields
}

const done = (action: string, name: string, version: string): EventFields => ({
  kind: 'other_activity',
  message: `package ${action}: ${name}${version === '' ? '' : ` ${version}`}`,
})

const DPKG = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) (\w+) (.*)$/
const VERBS: Readonly<Record<string, string>> = { install: 'installed', upgrade: 'upgraded', remove: 'removed', purge: 'purged' }

/** dpkg(1), "--log": what is done to a package, and each state it passes. "states" are the lines that only repeat what was done. */
export function parseDpkgLine(line: string, zone: Zone): PackageRecord | 'state' | undefined {
  const match = DPKG.exec(line)
  if (!match) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', verb = '', rest = ''] = match
  if (/^(?:status|startup|trigproc|configure|conffile)$/.test(verb)) return 'state'
  const words = rest.split(' ')
  const [name = '', before = '', after = ''] = words
  if (!Object.hasOwn(VERBS, verb)) return undefined
  const version = verb === 'remove' || verb === 'purge' ? before : after
  return { time: civilMicros({ year, month, day, hour, minute, second }, zone), fields: done(VERBS[verb] ?? verb, name, version) }
}

const APT_STAMP = /^(Start|End)-Date: (\d{4})-(\d\d)-(\d\d) +(\d\d):(\d\d):(\d\d)$/m

/** One paragraph of apt's history.log: the command and what it changed. */
export function parseAptParagraph(text: string, zone: Zone): readonly PackageRecord[] | undefined {
  const stamp = APT_STAMP.exec(text)
  if (!stamp) return undefined
  const [, , year = '', month = '', day = '', hour = '', minute = '', second = ''] = stamp
  const time = civilMicros({ year, month, day, hour, minute, second }, zone)
  const member = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? ''
  const commandLine = member('Commandline')
  const user = member('Requested-By').replace(/ \(\d+\)$/, '')
  const records: PackageRecord[] = []
  if (commandLine !== '')
    records.push({
      time,
      fields: {
        kind: 'process_activity',
        action: 'start',
        image: /^\S+/.exec(commandLine)?.[0] ?? '',
        commandLine,
        user: user || 'root',
      },
    })
  for (const [name, action] of [
    ['Install', 'installed'],
    ['Upgrade', 'upgraded'],
    ['Remove', 'removed'],
    ['Purge', 'purged'],
    ['Downgrade', 'downgraded'],
  ] as const) {
    for (const [, packageName = '', versions = ''] of member(name).matchAll(/([\w.+:-]+) \(([^)]*)\)/g))
      if (!versions.includes('automatic') || name !== 'Install')
        records.push({ time, fields: done(action, packageName, versions) })
  }
  return records
}

const YUM = /^(\w{3}) (\d\d) (\d\d):(\d\d):(\d\d) (Installed|Updated|Erased|Dep-Installed|Obsoleted|Downgraded): (.*)$/
const DNF = /^[A-Z]{4,8} (?:-\w+- )?(Installed|Upgraded|Upgrade|Erase|Erased|Removed|Reinstalled|Downgraded|Obsoleted): (.*)$/

/** dnf.rpm.log tells some in the present tense. */
const DNF_VERBS: Readonly<Record<string, string>> = { erase: 'erased', upgrade: 'upgraded' }

/** yum.log: no year. */
export function parseYumLine(
  line: string,
  zone: Zone,
  yearOf: (month: string, day: number) => number,
): PackageRecord | undefined {
  const match = YUM.exec(line)
  if (!match) return undefined
  const [, month = '', day = '', hour = '', minute = '', second = '', verb = '', name = ''] = match
  const time = civilMicros({ year: yearOf(month, Number(day)), month, day, hour, minute, second }, zone)
  return { time, fields: done(verb.toLowerCase().replace('dep-', ''), name, '') }
}

/** dnf.log, dnf.rpm.log (dnf.readthedocs.io): other lines are the program's own talk, of which the command is kept. */
export function parseDnfLine(line: string, zone: Zone): PackageRecord | 'state' | undefined {
  const iso = leadingIso(line, zone)
  const rest = iso && line.slice(iso.length).trimStart()
  if (!iso || rest === undefined || !/^(?:CRITICAL|ERROR|WARNING|INFO|DEBUG|DDEBUG|SUBDEBUG|TRACE|ALL) /.test(rest))
    return undefined
  const packageLine = DNF.exec(rest)
  if (packageLine) {
    const verb = (packageLine[1] ?? '').toLowerCase()
    return { time: iso.time, fields: done(DNF_VERBS[verb] ?? verb, packageLine[2] ?? '', '') }
  }
  const commandLine = /^DDEBUG Command: (.*)$/.exec(rest)?.[1]?.trimEnd()
  if (commandLine !== undefined)
    return { time: iso.time, fields: { kind: 'process_activity', action: 'start', image: 'dnf', commandLine } }
  return 'state'
}
