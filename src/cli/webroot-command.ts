import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import type { Diagnostic } from '../model/index.ts'
import type { FileVerdict, JudgedFile, WebrootSummary } from '../pipeline/webroot/index.ts'
import { inertJson, visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { hasColour, print } from './output.ts'
import { stopOnSignal } from './stop-signal.ts'
import { collected, wholeNumber } from './values.ts'
import { WorstFiles } from './webroot-text.ts'

/** Verdicts that --fail-on may name, weakest first. */
const FAIL_VERDICTS: readonly FileVerdict[] = ['modified', 'suspicious', 'dropper', 'uploader', 'web-shell']

interface WebrootFlags {
  readonly against?: readonly string[]
  readonly yara?: readonly string[]
  readonly format: 'text' | 'json'
  readonly jobs: number
  readonly failOn?: FileVerdict
  readonly quiet?: true
}

/** More threads than this do not help any machine we know. */
const MAX_JOBS = 256

/** `webroot`: web shells in folders and archives, for somebody with one server and ten minutes. */
export function webrootCommand(ended: (code: ExitCode) => void): Command {
  return new Command('webroot')
    .description('look for web shells in folders and archives by their content: no case, bounded memory, nothing is executed')
    .argument('<dir...>', 'folders, files and archives (zip, war, jar, tar, gz)')
    .option(
      '--against <known>',
      'a clean copy or an older backup (folder or archive), or a list of checksums; several times',
      collected,
    )
    .option('--yara <dir>', 'YARA rules as one more witness, a file or a folder; several times', collected)
    .addOption(
      new Option('--format <format>', 'json is one object a line for each file that is not clean, then a summary')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--jobs <n>', 'worker threads', wholeNumber(1), availableParallelism())
    .addOption(new Option('--fail-on <verdict>', 'end with 1 when a file has that verdict or a worse one').choices(FAIL_VERDICTS))
    .option('--quiet', 'nothing on stderr but errors')
    .addHelpText(
      'after',
      `
Verdicts: web-shell, uploader, dropper, suspicious, modified (it differs from the list or copy that knows it).
Checksums of Debian packages are used by themselves where the folder lies in an image or machine that has them.

Examples:
  barograph webroot /var/www
  barograph webroot htdocs --against backup-2023-01.tar.gz --yara signature-base/yara
  barograph webroot site.zip --format json | jq -r 'select(.verdict == "web-shell").path'

Exit codes: 0 done, 1 a file at or above --fail-on, 2 wrong usage, 3 something could not be read (1 wins), 70 our bug, 130 stopped.`,
    )
    .action(async (roots: readonly string[], flags: WebrootFlags) => {
      ended(await runWebroot(roots, flags))
    })
}

async function runWebroot(roots: readonly string[], flags: WebrootFlags): Promise<ExitCode> {
  const { webroot, reasonsOf } = await import('../pipeline/webroot/index.ts')
  const stop = stopOnSignal()
  const worst = new WorstFiles()
  let failed = false
  const file = async (judged: JudgedFile): Promise<boolean> => {
    failed ||= flags.failOn !== undefined && FAIL_VERDICTS.indexOf(flags.failOn) <= FAIL_VERDICTS.indexOf(judged.verdict)
    if (flags.format === 'text') {
      worst.add(judged)
      return true
    }
    const { path, verdict, score, judgement } = judged
    return await print(
      `${inertJson(JSON.stringify({ path, verdict, language: judgement.language, score, why: reasonsOf(judged) }))}\n`,
    )
  }
  let summary: WebrootSummary
  try {
    summary = await webroot(
      {
        roots,
        against: flags.against ?? [],
        yara: flags.yara ?? [],
        jobs: Math.min(flags.jobs, MAX_JOBS),
        signal: stop.signal,
      },
      { file, diagnostic: teller(flags.quiet === true), say: text => flags.quiet || process.stderr.write(`${visible(text)}\n`) },
    )
  } finally {
    stop.end()
  }
  const { files, bytes, seconds, prefiltered, parsed, notParsed, unreadable, interrupted, bugs } = summary
  if (flags.format === 'text') await print(worst.text(summary, hasColour(process.stdout)))
  else
    await print(
      `${JSON.stringify({ summary: { files, bytes, seconds: Math.round(seconds * 1000) / 1000, prefiltered, parsed, notParsed } })}\n`,
    )
  if (interrupted) return exitCodes.interrupted
  if (bugs > 0) return exitCodes.internal
  if (failed) return exitCodes.findings
  return unreadable > 0 ? exitCodes.unreadable : exitCodes.done
}

/** Of each kind of remark so many are shown; a tree of ten thousand links must not bury the findings. */
const SHOWN_OF_A_KIND = 10

function teller(quiet: boolean): (diagnostic: Diagnostic) => void {
  const times = new Map<string, number>()
  return ({ code, level, path, message }) => {
    if (quiet && level !== 'error') return
    const count = (times.get(code) ?? 0) + 1
    times.set(code, count)
    if (count <= SHOWN_OF_A_KIND) process.stderr.write(`${code}  ${visible(path ?? '')}  ${visible(message)}\n`)
    else if (count === SHOWN_OF_A_KIND + 1) process.stderr.write(`${code}  … and more of this kind\n`)
  }
}
