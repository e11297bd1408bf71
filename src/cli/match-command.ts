import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { compareSeverity, type Diagnostic, type Severity, severities } from '../model/index.ts'
import type { MatchSummary } from '../pipeline/index.ts'
import { inertJson, visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { print } from './output.ts'
import { stopOnSignal } from './stop-signal.ts'
import { collected, severityOf, wholeNumber } from './values.ts'

interface MatchFlags {
  readonly rules?: readonly string[]
  readonly placeholders?: string
  readonly tuning?: string
  readonly source?: readonly string[]
  readonly jobs: number
  readonly carve?: true
  readonly failOn?: Severity
  readonly quiet?: true
}

/** Refused rules and problems shown; `rules check` and `evtx check` show all. */
const SHOWN = 5
/** More threads than this do not help any machine we know. */
const MAX_JOBS = 256

/** `match`: rules against records, one line a hit, no case. */
export function matchCommand(ended: (code: ExitCode) => void): Command {
  return new Command('match')
    .description('match Sigma rules against evidence of any format: one JSON object a line for each hit, no case, bounded memory')
    .argument('<evidence...>', 'files, folders and archives in any mix')
    .option('--rules <path>', 'Sigma rules instead of our own, a file or a folder; may be given several times', collected)
    .option('--placeholders <file>', 'values of the placeholders in rules (%name% with modifier expand), YAML: name to values')
    .option('--tuning <file>', 'rules to leave out, at another level, or not for some hosts and fields; YAML, docs/sigma.md')
    .option('--source <glob=facts>', "what a log cannot say itself: 'auth*.log=host:web01,year:2023'; several times", collected)
    .option('--jobs <n>', 'worker threads', wholeNumber(1), availableParallelism())
    .option('--carve', 'look for records in unused space of event logs, too; they are marked "carved"')
    .option('--fail-on <level>', 'end with 1 when a rule of at least that level matched', severityOf)
    .option('--quiet', 'nothing on stderr but errors')
    .addHelpText(
      'after',
      `
Lines are {"rule","ruleTitle","level","evidence","record","time","host"} (and "carved"), in the order of the files' paths, of the records in
a file, and of the rules; the same for any number of workers. To have hits joined and explained, hunt.

Examples:
  barograph match --rules sigma/rules /evidence/Security.evtx > hits.ndjson
  barograph match --rules sigma/rules --jobs 2 /evidence | jq -r .ruleTitle | sort | uniq -c

Exit codes: 0 done, 1 a hit at or above --fail-on, 2 wrong usage, 3 a path or a recognised format could not be read (1 wins),
70 our bug, 130 stopped.`,
    )
    .action(async (evidence: readonly string[], flags: MatchFlags) => {
      ended(await runMatch(evidence, flags))
    })
}

async function runMatch(evidence: readonly string[], flags: MatchFlags): Promise<ExitCode> {
  const { match } = await import('../pipeline/index.ts')
  const stop = stopOnSignal()
  const say = (text: string) => {
    if (flags.quiet !== true) process.stderr.write(`${text}\n`)
  }
  const begun = performance.now()
  let summary: MatchSummary
  try {
    summary = await match(
      {
        evidence,
        rules: flags.rules ?? [],
        placeholders: flags.placeholders,
        tuning: flags.tuning,
        sources: flags.source ?? [],
        jobs: Math.min(flags.jobs, MAX_JOBS),
        carve: flags.carve === true,
        signal: stop.signal,
      },
      {
        lines: text => print(inertJson(text)),
        rules: (loaded, refused) => {
          say(`${loaded.toLocaleString('en')} rules loaded, ${refused.length} refused.`)
          tellSome(refused, 'barograph rules check DIR tells all', say)
        },
      },
    )
  } finally {
    stop.end()
  }
  tellSome(
    summary.diagnostics.filter(({ level }) => level !== 'note'),
    'a hunt tells all',
    say,
  )
  say(ending(summary, (performance.now() - begun) / 1000))
  return exitCodeOf(summary, flags.failOn)
}

function tellSome(diagnostics: readonly Diagnostic[], where: string, say: (text: string) => void): void {
  for (const { code, path, record, message } of diagnostics.slice(0, SHOWN))
    say(`  ${code}  ${visible(path ?? '')}${record === undefined ? '' : `:${record}`}  ${visible(message)}`)
  if (diagnostics.length > SHOWN) say(`  … and ${diagnostics.length - SHOWN} more; ${where}.`)
}

function ending({ items, records, hits, levels, interrupted }: MatchSummary, seconds: number): string {
  const byLevel = severities
    .filter(level => levels.has(level))
    .map(level => `${levels.get(level)?.toLocaleString('en')} ${level}`)
    .join(', ')
  const whole = interrupted ? 'Stopped: ' : ''
  return `${whole}${records.toLocaleString('en')} records of ${items} files, ${hits.toLocaleString('en')} hits${byLevel === '' ? '' : ` (${byLevel})`}, ${seconds.toFixed(1)} s.`
}

function exitCodeOf({ levels, unreadable, interrupted }: MatchSummary, failOn: Severity | undefined): ExitCode {
  if (interrupted) return exitCodes.interrupted
  if (failOn !== undefined && severities.some(level => levels.has(level) && compareSeverity(level, failOn) >= 0))
    return exitCodes.findings
  return unreadable > 0 ? exitCodes.unreadable : exitCodes.done
}
