import { Command, Option } from 'commander'
import type { Micros } from '../model/index.ts'
import type { EventLineRow, ListLimits } from '../pipeline/index.ts'
import { csvCell } from '../report/text/csv.ts'
import { inertJson, visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { DEFAULT_CASE } from './hunt-command.ts'
import { print } from './output.ts'
import { columns, textOf } from './table.ts'
import { beginningOf, endOf, wholeNumber } from './values.ts'

interface ListFlags {
  readonly case: string
  readonly since?: Micros
  readonly until?: Micros
  readonly host?: string
  readonly limit: number
  readonly format: 'text' | 'json' | 'csv'
  readonly csv?: true
}

/** More than anybody reads on a screen; `--limit 0` gives all. */
const DEFAULT_LIMIT = 1_000

function listCommand(name: string, limit: number): Command {
  return new Command(name)
    .option('--case <dir>', 'case folder', DEFAULT_CASE)
    .option('--since <time>', 'only from then on', beginningOf)
    .option('--until <time>', 'only before; a date means its end', endOf)
    .option('--host <name>', 'only what this machine recorded')
    .option('--limit <n>', 'at most so many; 0 for all', wholeNumber(0), limit)
    .addOption(
      new Option('--format <format>', 'what stdout gets; json is one object a line')
        .choices(['text', 'json', 'csv'])
        .default('text'),
    )
}

/** `search`: every event of the case that holds a term. */
export function searchCommand(ended: (code: ExitCode) => void): Command {
  return listCommand('search', DEFAULT_LIMIT)
    .description('every event of the case that holds a term, with file and record')
    .argument('<term>', 'text, capital letters or not')
    .addHelpText('after', '\nExamples:\n  barograph search ntds.dit\n  barograph search 203.0.113.9 --host web01 --format json')
    .action(async (term: string, flags: ListFlags) => {
      const { search } = await import('../pipeline/case-verbs.ts')
      const shown = await printRows(
        search(flags.case, term, limitsOf(flags)),
        flags,
        row => `${header(row)}\n    ${visible(row.excerpt)}\n`,
      )
      if (shown === flags.limit) process.stderr.write(`only the first ${shown} are shown; --limit 0 shows all\n`)
      ended(exitCodes.done)
    })
}

/** `timeline`: all events in time order. */
export function timelineCommand(ended: (code: ExitCode) => void): Command {
  return listCommand('timeline', 0)
    .description('all events of the case in time order')
    .option('--csv', 'the same as --format csv')
    .addHelpText(
      'after',
      '\nExamples:\n  barograph timeline --csv > timeline.csv\n  barograph timeline --host dc01 --since 2023-08-15 --until 2023-08-16',
    )
    .action(async (flags: ListFlags) => {
      const chosen = flags.csv === true ? { ...flags, format: 'csv' as const } : flags
      const { timeline } = await import('../pipeline/case-verbs.ts')
      await printRows(timeline(flags.case, limitsOf(flags)), chosen, row => `${header(row)}\n`)
      ended(exitCodes.done)
    })
}

/** `sql`: free queries over the views. */
export function sqlCommand(ended: (code: ExitCode) => void): Command {
  return new Command('sql')
    .description(
      'DuckDB over the events of the case: one view a kind of event, each record once; also rule_hit and evidence_item',
    )
    .argument('<query>', 'one statement; it reaches nothing outside the case')
    .option('--case <dir>', 'case folder', DEFAULT_CASE)
    .addOption(
      new Option('--format <format>', 'what stdout gets; json is one object a line')
        .choices(['text', 'json', 'csv'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `
Examples:
  barograph sql "show tables"
  barograph sql "describe process_activity"
  barograph sql 'select host, count(*) as n from authentication where outcome = $$failure$$ group by host order by n desc' --format csv`,
    )
    .action(async (statement: string, flags: Pick<ListFlags, 'case' | 'format'>) => {
      const { query } = await import('../pipeline/case-verbs.ts')
      const rows = query(flags.case, statement)
      if (flags.format === 'text') await printTable(rows)
      else await printRows(rows, flags, () => '')
      ended(exitCodes.done)
    })
}

function limitsOf({ since, until, host, limit }: ListFlags): ListLimits {
  return { since, until, host, limit }
}

function header({ time, host, kind, action, account, address, object, path, record, carved }: EventLineRow): string {
  const what = [action, account, address, object].filter(text => text !== '').join('  ')
  const line = visible(`${time === '' ? 'no time                    ' : time}  ${host === '' ? '-' : host}  ${kind}  ${what}`)
  return `${line.length > 240 ? `${line.slice(0, 239)}…` : line}  [${visible(path)}:${record}${carved ? ', carved' : ''}]`
}

/** Rows as they come; stops when nobody reads any more. Returns how many were written. */
async function printRows<Shown extends object>(
  rows: AsyncIterable<Shown>,
  { format }: Pick<ListFlags, 'format'>,
  asText: (row: Shown) => string,
): Promise<number> {
  let shown = 0
  for await (const row of rows) {
    const head = shown === 0 && format === 'csv' ? `${Object.keys(row).map(csvCell).join(',')}\r\n` : ''
    const text =
      format === 'json'
        ? `${inertJson(JSON.stringify(row))}\n`
        : format === 'csv'
          ? `${Object.values(row).map(csvValue).join(',')}\r\n`
          : asText(row)
    if (!(await print(head + text))) break
    shown += 1
  }
  return shown
}

/** Numbers stay numbers; everything else, lists too, is text of the evidence. */
function csvValue(value: unknown): string {
  return typeof value === 'number' ? `"${value}"` : csvCell(textOf(value))
}

const TABLE_ROWS = 500

/** Columns need to know their widest cell: a long result is set in blocks. */
async function printTable(rows: AsyncIterable<Readonly<Record<string, unknown>>>): Promise<void> {
  let block: Readonly<Record<string, unknown>>[] = []
  for await (const row of rows) {
    block.push(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)])))
    if (block.length < TABLE_ROWS) continue
    if (!(await print(columns(block)))) return
    block = []
  }
  if (block.length > 0) await print(columns(block))
}
