import type { FormatAbout, Reader } from '../../model/index.ts'
import { monthOf, zoneOf } from '../carriers/clock.ts'
import { lineReader, scoreOfDatedLines, scoreOfLines } from '../carriers/line-format.ts'
import { parseAptParagraph, parseDnfLine, parseDpkgLine, parseYumLine } from './parse.ts'

const UTC = zoneOf(undefined)
const COMMON = {
  shows: 'Which programs were installed, changed and removed, when, and by which command.',
  cannotShow: 'Programs that came another way (a download, `pip`, `make install`).',
} as const satisfies Partial<FormatAbout>

const dpkg = lineReader({
  format: 'dpkg-log',
  title: 'Debian package log (dpkg)',
  version: 1,
  product: 'dpkg',
  about: {
    reads: 'dpkg.log: install, upgrade, remove and purge; lines that only repeat a state are passed over.',
    exported: 'Copy `/var/log/dpkg.log*`.',
    ...COMMON,
    clock: 'Host never, zone never: give both. Year always.',
    builtFrom: 'recorded',
    checkedOn: 'the log of a Debian 12 on which packages were installed.',
  },
  recognise: sample => scoreOfDatedLines(sample, line => parseDpkgLine(line, UTC) !== undefined, 94),
  open:
    ({ zone }) =>
    text => {
      const record = parseDpkgLine(text, zone)
      return record === 'state' ? 'passed over' : record
    },
})

const apt = lineReader({
  format: 'apt-history',
  title: 'apt history',
  version: 1,
  product: 'apt',
  about: {
    reads:
      "apt's history.log: the command, who asked for it, and each package that changed; packages pulled in automatically are left out.",
    exported: 'Copy `/var/log/apt/history.log*`.',
    ...COMMON,
    clock: 'Host never, zone never: give both. Year always.',
    builtFrom: 'recorded',
    checkedOn: 'the log of a Debian 12 on which packages were installed.',
  },
  recognise: sample =>
    /^Start-Date: \d{4}-\d\d-\d\d/m.test(sample.lines.slice(0, 3).join('\n'))
      ? 95
      : scoreOfLines(
          sample,
          line => /^(?:Start-Date|End-Date|Commandline|Requested-By|Install|Upgrade|Remove|Purge): /.test(line),
          80,
        ),
  // A paragraph is a record: it ends where the next begins.
  continues: text => !text.startsWith('Start-Date:'),
  open:
    ({ zone }) =>
    text =>
      parseAptParagraph(text, zone),
})

/** Lines of dnf and yum begin with a time. */
const BEGINS = /^(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2} \d\d )/

const dnf = lineReader({
  format: 'dnf-log',
  title: 'Red Hat package log (yum, dnf)',
  version: 2,
  product: 'dnf',
  about: {
    reads: 'yum.log, dnf.log and dnf.rpm.log: packages and the commands of dnf; other lines are passed over.',
    exported: 'Copy `/var/log/dnf*.log*` and `/var/log/yum.log*`.',
    ...COMMON,
    clock: 'Host never: give it. dnf writes zone and year, yum neither.',
    builtFrom: 'recorded',
    checkedOn: 'the logs of a dnf 4.14 that installed and removed a package; yum on lines made after its documentation.',
  },
  recognise: sample =>
    Math.max(
      scoreOfDatedLines(sample, line => parseYumLine(line, UTC, () => 2023) !== undefined, 93),
      /\b(?:SUBDEBUG|DDEBUG|--- logging initialized ---)/.test(sample.lines.join('\n'))
        ? scoreOfLines(sample, line => !BEGINS.test(line) || parseDnfLine(line, UTC) !== undefined, 93)
        : 0,
    ),
  // Tables of a transaction have no time of their own.
  continues: text => !BEGINS.test(text),
  open:
    ({ zone, yearOf }) =>
    (text, line) => {
      const record =
        parseDnfLine(text, zone) ?? parseYumLine(text, zone, (month, day) => yearOf({ month: monthOf(month), day }, line))
      return record === 'state' ? 'passed over' : record
    },
})

/** Logs of package managers. */
export const readers: readonly Reader[] = [dpkg, apt, dnf]
