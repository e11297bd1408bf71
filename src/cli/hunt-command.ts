import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { compareSeverity, type Micros, type Report, type Severity } from '../model/index.ts'
import type { HuntResult } from '../pipeline/index.ts'
import { visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { print, terminalOptions } from './output.ts'
import { ProgressLine } from './progress-line.ts'
import { stopOnSignal } from './stop-signal.ts'
import { beginningOf, collected, endOf, type Span, severityOf, spanOf, wholeNumber } from './values.ts'

/** Where a case is when nobody says otherwise. */
export const DEFAULT_CASE = 'barograph-case'
/** More threads than this do not help any machine we know. */
const MAX_JOBS = 256

interface HuntFlags {
  readonly rules?: readonly string[]
  readonly yara?: readonly string[]
  readonly placeholders?: string
  readonly tuning?: string
  readonly assets?: string
  readonly intel?: readonly string[]
  readonly source?: readonly string[]
  readonly out: string
  readonly since?: Micros
  readonly until?: Micros
  readonly baseline?: Span
  readonly peers?: readonly string[]
  readonly jobs: number
  readonly carve?: true
  readonly failOn?: Severity
  readonly format: 'text' | 'json'
  readonly quiet?: true
}

/** `hunt`: from evidence to one explained intrusion. */
export function huntCommand(typed: readonly string[], ended: (code: ExitCode) => void): Command {
  return new Command('hunt')
    .description('read evidence (files, folders, archives; formats are recognised by content), join it, judge it, write a case')
    .argument('<evidence...>', 'files, folders and archives in any mix')
    .option('--rules <path>', 'further Sigma rules, a file or a folder; may be given several times', collected)
    .option(
      '--yara <path>',
      "YARA rules for the victim's files (web roots), a file or a folder; may be given several times",
      collected,
    )
    .option('--placeholders <file>', 'values of the placeholders in rules (%name% with modifier expand), YAML: name to values')
    .option('--tuning <file>', 'rules to leave out, at another level, or not for some hosts and fields; YAML, docs/sigma.md')
    .option('--assets <file>', 'asset list (YAML or CSV): sites, zones, devices, services and what they need')
    .option(
      '--intel <file>',
      'indicators to look for (STIX 2.1 bundle, CSV, or one a line), a file or a folder; may be given several times',
      collected,
    )
    .option(
      '--source <glob=facts>',
      "what a log cannot say itself: 'web*.log=host:web01,zone:Pacific/Guam,year:2023'; several times",
      collected,
    )
    .option('--out <case>', 'case folder', DEFAULT_CASE)
    .option(
      '--since <time>',
      'judge only what happened from then on (UTC unless the time has a zone); everything is read',
      beginningOf,
    )
    .option('--until <time>', 'judge only what happened before; a date means its end', endOf)
    .option(
      '--baseline <from..to>',
      'a time known to be clean: what is usual is learned from it, not from all the evidence',
      spanOf,
    )
    .option('--peers <glob>', "machines to compare with, such as 'dc*'; may be given several times", collected)
    .option('--jobs <n>', 'worker threads', wholeNumber(1), availableParallelism())
    .option('--carve', 'look for records in unused space of event logs, too; they are marked "carved"')
    .option('--fail-on <severity>', 'end with 1 when a finding is at least that severe', severityOf)
    .addOption(new Option('--format <format>', 'what stdout gets').choices(['text', 'json']).default('text'))
    .option('--quiet', 'no progress, and on stdout only the verdict')
    .addHelpText(
      'after',
      `
Examples:
  barograph hunt /evidence/dc01 web01.zip fw.log
  barograph hunt logs --assets assets.yaml --out /cases/2023-08 --fail-on high
  barograph hunt logs --baseline 2023-01-01..2023-03-31 --peers 'dc*'
  barograph hunt auth.log --source 'auth.log=host:jump01,year:2023'

Run again with the same case and what is done is not done again. Exit codes: 0 done, 1 findings at or above --fail-on,
2 wrong usage, 3 a path or a recognised format could not be read (1 wins), 70 our bug, 74 disk full, 130 stopped with
Ctrl-C (the report then rests on what had been read, and says so).`,
    )
    .action(async (evidence: readonly string[], flags: HuntFlags) => {
      ended(await runHunt(evidence, flags, typed))
    })
}

async function runHunt(evidence: readonly string[], flags: HuntFlags, typed: readonly string[]): Promise<ExitCode> {
  const { hunt, silentListener } = await import('../pipeline/index.ts')
  const progress = flags.quiet !== true && process.stderr.isTTY === true ? new ProgressLine() : undefined
  const stop = stopOnSignal(() => sayStopped(progress))
  let result: HuntResult
  try {
    result = await hunt(
      {
        evidence,
        caseDirectory: flags.out,
        rules: flags.rules ?? [],
        yara: flags.yara ?? [],
        placeholders: flags.placeholders,
        tuning: flags.tuning,
        assets: flags.assets,
        intel: flags.intel ?? [],
        sources: flags.source ?? [],
        since: flags.since,
        until: flags.until,
        baseline: { from: flags.baseline?.from, to: flags.baseline?.to, peers: flags.peers ?? [] },
        jobs: Math.min(flags.jobs, MAX_JOBS),
        carve: flags.carve === true,
        command: ['barograph', ...typed].join(' '),
        signal: stop.signal,
      },
      progress ?? silentListener,
    )
  } finally {
    progress?.end()
    stop.end()
  }
  const { report, summary } = result
  for (const { message, stack } of summary.bugs) process.stderr.write(`internal/part-failed  ${visible(stack ?? message)}\n`)
  if (flags.quiet !== true) tellRefused(report)
  await print(await shown(report, flags))
  if (result.stopped) {
    process.stderr.write(stoppedText(result, flags.out))
    return exitCodes.interrupted
  }
  return exitCodeOf(result, report, flags.failOn)
}

function stoppedText({ parts: { done, all, itemsWaiting } }: HuntResult, out: string): string {
  const waiting = itemsWaiting === 0 ? '' : `, ${itemsWaiting} ${itemsWaiting === 1 ? 'item was' : 'items were'} not begun`
  const rests =
    done === all && itemsWaiting === 0
      ? 'the report rests on the detectors that were asked by then'
      : 'the report rests on these alone'
  return `stopped  ${done} of ${all} parts are done and kept in ${visible(out)}${waiting}; ${rests}, and says so\n  try: the same command again goes on from there\n`
}

/** Refused rules shown; the report and `rules check` have all. */
const SHOWN_REFUSED = 5

/** A rule that is not used is told at once, not only in the report: what it looks for was not looked for. */
function tellRefused({ generatedFrom: { diagnostics } }: Report): void {
  const refused = diagnostics.filter(
    ({ code }) => code === 'rules/refused' || code === 'yara/refused' || code === 'yara/not-available',
  )
  for (const { code, path, record, message } of refused.slice(0, SHOWN_REFUSED))
    process.stderr.write(`${code}  ${visible(path ?? '')}${record === undefined ? '' : `:${record}`}  ${visible(message)}\n`)
  if (refused.length > SHOWN_REFUSED)
    process.stderr.write(`… and ${refused.length - SHOWN_REFUSED} more; barograph rules check DIR tells all\n`)
}

async function shown(report: Report, { format, quiet, out }: HuntFlags): Promise<string> {
  const { renderJson, renderTerminal } = await import('../report/index.ts')
  if (format === 'json') return renderJson(report)
  if (quiet === true) return `${report.verdict.level}: ${visible(report.verdict.sentence)}\n`
  return `${renderTerminal(report, terminalOptions(process.stdout))}\n\nThe whole report: ${visible(out)}/report.html\n`
}

function exitCodeOf({ pathProblem, summary }: HuntResult, report: Report, failOn: Severity | undefined): ExitCode {
  if (summary.bugs.length > 0) return exitCodes.internal
  if (failOn !== undefined && report.findings.some(({ severity }) => compareSeverity(severity, failOn) >= 0))
    return exitCodes.findings
  return pathProblem || summary.unreadable > 0 ? exitCodes.unreadable : exitCodes.done
}

/** What was read when Ctrl-C came is judged; stopping at once costs no more than the report. */
function sayStopped(progress: ProgressLine | undefined): void {
  const message =
    'Reading ends; what was read is judged, and the report says when that is not all. Ctrl-C again stops at once, and that is safe too.'
  if (progress) progress.say(message)
  else process.stderr.write(`${message}\n`)
}
