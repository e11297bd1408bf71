import { Command, Option } from 'commander'
import type { AssetCheck, AssetRemark } from '../pipeline/asset-list.ts'
import { inertJson, visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { print } from './output.ts'

/** `assets init`, `assets check`. */
export function assetsCommand(ended: (code: ExitCode) => void): Command {
  return new Command('assets')
    .description('what you know about your own network: write a list to begin with, or say what is missing in one')
    .addCommand(initCommand(ended))
    .addCommand(checkCommand(ended))
}

function initCommand(ended: (code: ExitCode) => void): Command {
  return new Command('init')
    .description('write a commented asset list with examples: sites, zones, devices, services and what they need')
    .argument('[file]', 'where to; "-" writes to stdout. A file that is there is never overwritten', 'assets.yaml')
    .option('--from <case>', 'list the machines a case saw instead, with the roles their records suggest')
    .addHelpText(
      'after',
      '\nExamples:\n  barograph assets init\n  barograph assets init mine.yaml --from /cases/2023-08\n  barograph assets init - | less\n\nExit codes: 0 done, 2 wrong usage, or the file is already there.',
    )
    .action(async (file: string, { from }: { readonly from?: string }) => {
      const { assetsFromCase, assetTemplate, initAssets } = await import('../pipeline/asset-list.ts')
      const text = from === undefined ? assetTemplate() : await assetsFromCase(from)
      if (file === '-') await print(text)
      else {
        initAssets(file, text)
        await print(`${visible(file)} is written. Replace its examples, then:\n  barograph assets check ${visible(file)}\n`)
      }
      ended(exitCodes.done)
    })
}

function checkCommand(ended: (code: ExitCode) => void): Command {
  return new Command('check')
    .description('say what is wrong and what is missing in an asset list, with line numbers')
    .argument('<file>', 'asset list: YAML, CSV, or the XML of an nmap scan')
    .addOption(new Option('--format <format>', 'what stdout gets; json is one object').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  barograph assets check assets.yaml
  nmap -sV -O -oX scan.xml 10.20.0.0/16 && barograph assets check scan.xml

Exit codes: 0 every entry is used (what is missing is said), 1 an entry is wrong or left out, 2 wrong usage,
3 the file is not there or cannot be read.`,
    )
    .action(async (file: string, { format }: { readonly format: 'text' | 'json' }) => {
      const { checkAssets } = await import('../pipeline/asset-list.ts')
      const check = checkAssets(file)
      await print(format === 'json' ? `${inertJson(JSON.stringify(check, null, 2))}\n` : checkText(check))
      ended(check.wrong.length > 0 ? exitCodes.findings : exitCodes.done)
    })
}

function checkText({ path, used, wrong, missing }: AssetCheck): string {
  const remark =
    (word: string) =>
    ({ line, message, hint }: AssetRemark) =>
      `${visible(path)}:${line}  ${word}  ${visible(message)}\n    ${visible(hint)}`
  const counts = Object.entries(used).map(([what, count]) => `${count} ${what}`)
  const lines = [
    ...wrong.map(remark('wrong')),
    ...missing.filter(({ level }) => level !== 'note').map(remark('missing')),
    ...missing.filter(({ level }) => level === 'note').map(remark('could say more')),
    `${counts.join(', ')} used; ${wrong.length} wrong, ${missing.length} missing`,
  ]
  return `${lines.join('\n')}\n`
}
