import { Command, Option } from 'commander'
import { isoFromMicros, type Micros } from '../model/index.ts'
import type { LogCheck } from '../pipeline/evtx/check.ts'
import { inertJson, visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { print } from './output.ts'

interface DumpFlags {
  readonly format: 'ndjson' | 'xml'
  readonly carve?: true
}

/** `evtx`: event logs by themselves, without a hunt. */
export function evtxCommand(ended: (code: ExitCode) => void): Command {
  return new Command('evtx')
    .description('look into Windows event logs: write their records out, or say what is missing and damaged')
    .addCommand(dumpCommand(ended))
    .addCommand(checkCommand(ended))
}

function dumpCommand(ended: (code: ExitCode) => void): Command {
  return new Command('dump')
    .description('every record to stdout, as it is read, in the order of the file')
    .argument('<logs...>', 'event logs, folders and archives')
    .addOption(
      new Option('--format <format>', 'one JSON object a line, or XML as Windows writes it')
        .choices(['ndjson', 'xml'])
        .default('ndjson'),
    )
    .option('--carve', 'records in unused space, too, behind those of each log; they are marked')
    .addHelpText(
      'after',
      `
Lines are {"path","record","offset","written","event":{…}} (and "carved"), the event's fields named as Sigma rules name them.

Examples:
  barograph evtx dump Security.evtx | jq -r 'select(.event.EventID == "4624").event.TargetUserName'
  barograph evtx dump --format xml --carve System.evtx > system.xml

Exit codes: 0 done, 2 wrong usage, 3 something could not be read (stderr says what).`,
    )
    .action(async (logs: readonly string[], flags: DumpFlags) => {
      ended(await dump(logs, flags))
    })
}

async function dump(logs: readonly string[], { format, carve }: DumpFlags): Promise<ExitCode> {
  const { dumpLogs } = await import('../pipeline/evtx/dump.ts')
  let code: ExitCode = exitCodes.done
  for await (const piece of dumpLogs(logs, { format, carve: carve === true })) {
    if ('text' in piece) {
      if (!(await print(inert(piece.text, format)))) break
    } else {
      if (piece.lost) code = exitCodes.unreadable
      process.stderr.write(`${piece.code}  ${visible(piece.path)}  ${visible(piece.problem)}\n`)
    }
  }
  return code
}

/** What a log holds must not steer the terminal it is shown on; a file gets the text as it is. */
function inert(text: string, format: DumpFlags['format']): string {
  if (format === 'ndjson') return inertJson(text)
  return process.stdout.isTTY === true ? text.split('\n').map(visible).join('\n') : text
}

function checkCommand(ended: (code: ExitCode) => void): Command {
  return new Command('check')
    .description('records, holes in their numbers, clocks set back, damage with its place, and what could be carved')
    .argument('<logs...>', 'event logs, folders and archives')
    .addOption(
      new Option('--format <format>', 'what stdout gets; json is one object a log').choices(['text', 'json']).default('text'),
    )
    .addHelpText(
      'after',
      `
Examples:
  barograph evtx check C_Windows_System32_winevt_Logs.zip
  barograph evtx check Security.evtx --format json | jq '.numbering.ranges'

Exit codes: 0 every record was read, 2 wrong usage, 3 something is no event log or could not be read.`,
    )
    .action(async (logs: readonly string[], { format }: { readonly format: 'text' | 'json' }) => {
      const { checkLogs } = await import('../pipeline/evtx/check.ts')
      let code: ExitCode = exitCodes.done
      for await (const check of checkLogs(logs)) {
        if (check.lossy) code = exitCodes.unreadable
        if (!(await print(format === 'json' ? `${inertJson(JSON.stringify(check))}\n` : textOf(check)))) break
      }
      ended(code)
    })
}

/** Ranges and names shown; `--format json` has all. */
const SHOWN = 12

function textOf(check: LogCheck): string {
  const lines = [visible(check.path)]
  const say = (name: string, text: string) => lines.push(`  ${name.padEnd(10)} ${text}`)
  if (check.problem !== '') {
    say('problem', visible(check.problem))
    return `${lines.join('\n')}\n`
  }
  const { chunks, numbering, carvable } = check
  say('header', check.header === 'sound' ? 'sound' : `${check.header}; it states ${chunks.stated} chunks`)
  say('chunks', `${count(chunks.all)}, ${count(chunks.withRecords)} with records`)
  say(
    'records',
    `${count(check.records)}${check.firstTime === undefined ? '' : `, ${iso(check.firstTime)} to ${iso(check.lastTime)}`}`,
  )
  say('channel', some(check.channels))
  say('computer', some(check.computers))
  say('numbers', numbersOf(check))
  if (numbering.duplicates > 0) say('twice', `${count(numbering.duplicates)} records have the number of another one`)
  const step = numbering.largestStepBack
  if (step)
    say(
      'clock',
      `back ${count(numbering.stepsBack)} times from one record to the next, by ${(step.by / 1e6).toFixed(3)} s at most (record ${step.record})`,
    )
  for (const [code, times] of Object.entries(check.faults)) say('damage', `evtx/${code}: ${count(times)}`)
  for (const { message } of check.shown) lines.push(`    ${visible(message)}`)
  if (carvable.records + carvable.unreadable > 0)
    say(
      'unused',
      `${count(carvable.records)} records can be carved (${count(carvable.nameless)} without names of fields), ${count(carvable.unreadable)} cannot be read`,
    )
  return `${lines.join('\n')}\n`
}

function numbersOf({ numbering: { ranges } }: LogCheck): string {
  if (ranges.length === 0) return 'none'
  const missing = ranges.slice(1).reduce((sum, range, index) => sum + range.first - (ranges[index]?.last ?? 0) - 1, 0)
  const shown = ranges.slice(0, SHOWN).map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
  const holes = ranges.length > 1 ? `; ${count(missing)} missing in ${count(ranges.length - 1)} holes` : ', no hole'
  return `${shown.join(', ')}${ranges.length > SHOWN ? ', …' : ''}${holes}`
}

const count = (number: number) => number.toLocaleString('en')
const iso = (time: Micros | undefined) => (time === undefined ? '' : isoFromMicros(time))
const some = (names: readonly string[]) =>
  names.length === 0 ? 'none named' : `${names.slice(0, SHOWN).map(visible).join(', ')}${names.length > SHOWN ? ', …' : ''}`
