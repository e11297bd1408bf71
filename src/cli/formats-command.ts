import { Command, Option } from 'commander'
import type { DeclaredFormat } from '../pipeline/formats.ts'
import { inertJson } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { print } from './output.ts'
import { columns } from './table.ts'

/** `formats`: what is read, how people export it, what it can show and what not. */
export function formatsCommand(ended: (code: ExitCode) => void): Command {
  return new Command('formats')
    .description('the formats that are read: how people export them, what they can show, what they cannot')
    .argument('[name...]', 'everything about these; without names the list of all')
    .addOption(new Option('--format <format>', 'what stdout gets; json is one object').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExamples:\n  barograph formats\n  barograph formats auditd\n  barograph formats --format json')
    .action(async (names: readonly string[], { format }: { readonly format: 'text' | 'json' }) => {
      const { declarationRows, formats } = await import('../pipeline/formats.ts')
      const { UsageError } = await import('../pipeline/usage-error.ts')
      const all = formats()
      const unknown = names.find(name => !all.some(one => one.format === name))
      if (unknown !== undefined)
        throw new UsageError('usage/unknown-format', `no format is called "${unknown}"`, '`barograph formats` lists them all')
      const shown = names.length === 0 ? all : all.filter(one => names.includes(one.format))
      if (format === 'json') await print(`${inertJson(JSON.stringify({ formats: shown }, null, 2))}\n`)
      else if (names.length === 0) await print(listText(shown))
      else await print(shown.map(one => pageText(one, declarationRows(one))).join('\n'))
      ended(exitCodes.done)
    })
}

function listText(formats: readonly DeclaredFormat[]): string {
  const rows = formats.map(({ format, title, about }) => ({ format, what: title, 'built from': about.builtFrom }))
  const unproven = formats.filter(({ about }) => about.builtFrom === 'documentation').length
  return `${columns(rows)}\n${formats.length} formats, ${unproven} of them built from documentation without a real sample. Recognised by content, whatever the name.\nMore about one: barograph formats NAME\n`
}

const WIDTH = 100
const INDENT = ' '.repeat(19)

function pageText({ format, title }: DeclaredFormat, rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([what, text]) => `  ${what.padEnd(INDENT.length - 2)}${wrapped(text).join(`\n${INDENT}`)}`)
  return `${format}  ${title}\n${lines.join('\n')}\n`
}

/** Lines of at most `WIDTH` characters, cut at spaces. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
