import { Command, Option } from 'commander'
import { isoFromMicros, type Micros, type Report } from '../model/index.ts'
import { UsageError } from '../pipeline/errors.ts'
import { visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { DEFAULT_CASE } from './hunt-command.ts'
import { print, terminalOptions } from './output.ts'
import { endOf } from './values.ts'

interface MarkFlags {
  readonly case: string
  readonly ours?: string
  readonly until?: Micros
  readonly remove?: true
  readonly list?: true
}

/** `mark`: a finding, host or account was the operator's own work. */
export function markCommand(typed: readonly string[], ended: (code: ExitCode) => void): Command {
  return new Command('mark')
    .description('say that a finding, host or account is ours; it is shown as such and does not raise the verdict')
    .argument('[what]', 'finding id, host or account; host:NAME or account:NAME where both exist')
    .option('--ours <reason>', 'why it is ours, for whoever reads the case later')
    .option('--until <date>', 'holds for what happened up to then; without it for good', endOf)
    .option('--remove', 'take the mark away')
    .option('--list', 'show the marks')
    .option('--case <dir>', 'case folder', DEFAULT_CASE)
    .addHelpText(
      'after',
      '\nExamples:\n  barograph mark jump01 --ours "patch week" --until 2023-08-20\n  barograph mark account:scanner --ours "monthly scan"\n  barograph mark --list',
    )
    .action(async (what: string | undefined, flags: MarkFlags) => {
      ended(flags.list === true ? await listMarks(flags.case) : await setMark(what, flags, typed))
    })
}

async function listMarks(directory: string): Promise<ExitCode> {
  const { marksOf } = await import('../pipeline/index.ts')
  for (const { kind, target, reason, until, findings, hasEnded } of marksOf(directory)) {
    const end = until === undefined ? 'for good, never ends' : `before ${isoFromMicros(until)}${hasEnded ? ', over' : ''}`
    const covers = findings === 0 ? 'covers nothing' : `covers ${findings} ${findings === 1 ? 'finding' : 'findings'}`
    await print(`${kind} ${visible(target)}  ${end}  ${covers}  ${visible(reason)}\n`)
  }
  return exitCodes.done
}

async function setMark(what: string | undefined, flags: MarkFlags, typed: readonly string[]): Promise<ExitCode> {
  const { ours, until, remove } = flags
  if (what === undefined || (ours === undefined && remove !== true))
    throw new UsageError(
      'mark/incomplete',
      'a mark needs what is marked and why',
      'barograph mark jump01 --ours "patch week" --until 2023-08-20',
    )
  const command = ['barograph', ...typed].join(' ')
  const request = { directory: flags.case, target: what, reason: ours ?? '', until, remove: remove === true, command }
  const { mark } = await import('../pipeline/index.ts')
  const { mark: made, report, unknown } = await mark(request)
  if (unknown)
    process.stderr.write(
      `mark/unknown-name: nothing in this case is called ${visible(made.target)}; the mark is kept and covers nothing yet${unknown.close.length > 0 ? `\n  did you mean ${unknown.close.map(name => `${made.kind}:${visible(name)}`).join(' or ')}? take this one away with --remove` : ''}\n`,
    )
  await print(`${made.kind} ${visible(made.target)} is ${remove === true ? 'no longer marked' : 'ours'}\n${verdictLine(report)}`)
  return exitCodes.done
}

function verdictLine({ verdict }: Report): string {
  return `verdict: ${verdict.level} (${verdict.confidence} confidence): ${visible(verdict.sentence)}\n`
}

/** `report`: judge the case again and write its files. */
export function reportCommand(typed: readonly string[], ended: (code: ExitCode) => void): Command {
  return new Command('report')
    .description(
      'judge the case again from what was read, and write report.html, report.json and indicators.csv; needs no evidence',
    )
    .option('--case <dir>', 'case folder', DEFAULT_CASE)
    .addOption(new Option('--format <format>', 'what stdout gets').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExamples:\n  barograph report\n  barograph report --case /cases/2023-08 --format json > report.json')
    .action(async (flags: { readonly case: string; readonly format: 'text' | 'json' }) => {
      const { reportAgain } = await import('../pipeline/index.ts')
      const { renderJson, renderTerminal } = await import('../report/index.ts')
      const report = await reportAgain(flags.case, ['barograph', ...typed].join(' '))
      await print(
        flags.format === 'json'
          ? renderJson(report)
          : `${renderTerminal(report, terminalOptions(process.stdout))}\n\nThe whole report: ${visible(flags.case)}/report.html\n`,
      )
      ended(exitCodes.done)
    })
}

/** `evidence verify`: are the files still the ones that were hunted? */
export function evidenceCommand(ended: (code: ExitCode) => void): Command {
  const verify = new Command('verify')
    .description('hash the evidence again, archives included, and compare it with the case')
    .option('--case <dir>', 'case folder', DEFAULT_CASE)
    .addHelpText(
      'after',
      '\nEnds with 3 when a file has changed or is missing.\nExample:\n  barograph evidence verify --case /cases/2023-08',
    )
    .action(async (flags: { readonly case: string }) => {
      ended(await runVerify(flags.case))
    })
  return new Command('evidence').description('the evidence behind a case').addCommand(verify)
}

async function runVerify(directory: string): Promise<ExitCode> {
  const { verifyEvidence } = await import('../pipeline/verify.ts')
  const counts = { same: 0, changed: 0, missing: 0, new: 0 }
  for await (const { path, sha256, state } of verifyEvidence(directory)) {
    counts[state] += 1
    await print(`${state.padEnd(7)}  ${sha256}  ${visible(path)}\n`)
  }
  await print(`${counts.same} the same, ${counts.changed} changed, ${counts.missing} missing, ${counts.new} new since the hunt\n`)
  return counts.changed + counts.missing > 0 ? exitCodes.unreadable : exitCodes.done
}
