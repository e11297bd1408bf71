import { Command, Option } from 'commander'
import type { Severity } from '../model/index.ts'
import type { RulesCheck } from '../pipeline/rules/check.ts'
import type { ListedRule, RuleFilter } from '../pipeline/rules/list.ts'
import { inertJson, visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { explanationText } from './explanation-text.ts'
import { print } from './output.ts'
import { columns } from './table.ts'
import { collected, severityOf } from './values.ts'

interface Format {
  readonly format: 'text' | 'json'
}

const PLACEHOLDERS = [
  '--placeholders <file>',
  'values of the placeholders in rules (%name% with modifier expand), YAML: name to values',
] as const

const TUNING = [
  '--tuning <file>',
  'rules to leave out, at another level, or not for some hosts and fields; YAML, docs/sigma.md',
] as const

interface Settings {
  readonly placeholders?: string
  readonly tuning?: string
}

const formatOption = (what: string) => new Option('--format <format>', what).choices(['text', 'json']).default('text')

/** `rules check`, `rules explain`, `rules list`. */
export function rulesCommand(ended: (code: ExitCode) => void): Command {
  const command = new Command('rules').description(
    'look at Sigma rules: check them, list them, ask one why it matched or did not',
  )
  for (const child of [checkCommand(ended), explainCommand(ended), listCommand(ended)]) command.addCommand(child)
  return command
}

function checkCommand(ended: (code: ExitCode) => void): Command {
  return new Command('check')
    .description('read rules and say what is wrong or odd about them, with line and column')
    .argument('[dir...]', 'rule files and folders; our own rules when none is named')
    .option(...PLACEHOLDERS)
    .option(...TUNING)
    .addOption(formatOption('what stdout gets; json is one object'))
    .addHelpText(
      'after',
      '\nExamples:\n  barograph rules check sigma/rules\n  barograph rules check my-rules --format json\n\nExit codes: 0 all rules are loaded, 1 a rule is refused, 2 wrong usage.',
    )
    .action(async (paths: readonly string[], { format, placeholders, tuning }: Format & Settings) => {
      const { checkRules } = await import('../pipeline/rules/check.ts')
      const check = checkRules(paths, { placeholders, tuning })
      await print(format === 'json' ? `${inertJson(JSON.stringify(check, null, 2))}\n` : checkText(check))
      ended(check.refused.length > 0 ? exitCodes.findings : exitCodes.done)
    })
}

function checkText({ files, loaded, excluded, refused, notes, unread, blind }: RulesCheck): string {
  const at = ({ path, line, column }: { readonly path: string; readonly line: number; readonly column: number }) =>
    `${visible(path)}:${line}:${column}`
  const number = (value: number) => value.toLocaleString('en')
  const lines = [
    ...refused.map(
      rule => `${at(rule)}  refused  ${visible(rule.reason)}${rule.title === '' ? '' : `  [${visible(rule.title)}]`}`,
    ),
    ...notes.map(item => `${at(item)}  ${item.code}  ${visible(item.message)}`),
  ]
  if (unread.length > 0) lines.push('', 'Loaded, but no reader gives their log source, so they apply to nothing:')
  for (const { logSource, rules } of unread) lines.push(`  ${number(rules).padStart(5)}  ${visible(logSource)}`)
  if (blind.length > 0)
    lines.push('', 'Rules that cannot see there what they look for, because the records never have the field:')
  for (const { view, fields, rules } of mostBlind(blind))
    lines.push(`  ${number(rules).padStart(5)}  ${view}: ${visible(fields.join(', '))}`)
  if (lines.length > 0) lines.push('')
  return `${lines.join('\n')}${lines.length > 0 ? '\n' : ''}${number(files)} file${files === 1 ? '' : 's'}:\n${loaded} loaded, ${refused.length} refused\n${excluded > 0 ? `${number(excluded)} left out by tuning\n` : ''}`
}

/** Sums by sort of record and field, the largest first; the rest is in the JSON form. */
const SHOWN_BLIND = 25

function mostBlind(blind: RulesCheck['blind']): RulesCheck['blind'] {
  return [...blind].sort((a, b) => b.rules - a.rules).slice(0, SHOWN_BLIND)
}

interface ListFlags extends Format {
  readonly technique?: string
  readonly level?: Severity
  readonly logSource?: string
}

function listCommand(ended: (code: ExitCode) => void): Command {
  return new Command('list')
    .description('rules by level and title: id, level, techniques, log source')
    .argument('[dir...]', 'rule files and folders; our own rules when none is named')
    .option('--technique <id>', 'only rules of this ATT&CK technique; T1003 means its sub-techniques too')
    .option('--level <level>', 'only rules of at least this level', severityOf)
    .option('--log-source <text>', 'only rules whose "category/product/service" holds this')
    .addOption(formatOption('what stdout gets; json is one object a line'))
    .addHelpText(
      'after',
      '\nExamples:\n  barograph rules list --technique T1003\n  barograph rules list sigma/rules --level high --log-source process_creation/windows --format json',
    )
    .action(async (paths: readonly string[], { format, ...filter }: ListFlags) => {
      const { listRules } = await import('../pipeline/rules/list.ts')
      const rules = listRules(paths, filter satisfies RuleFilter)
      await print(
        format === 'json'
          ? rules.map(rule => `${inertJson(JSON.stringify(rule))}\n`).join('')
          : rules.length > 0
            ? columns(rules.map(rowOf))
            : '',
      )
      process.stderr.write(`${rules.length.toLocaleString('en')} rules\n`)
      ended(exitCodes.done)
    })
}

function rowOf({ id, level, techniques, logSource, standing, title }: ListedRule): Readonly<Record<string, string>> {
  return {
    id,
    level,
    techniques: techniques.join(' '),
    'log source': `${logSource}${standing === 'read' ? '' : ` (${standing})`}`,
    title,
  }
}

interface ExplainFlags extends Format, Settings {
  readonly rules?: readonly string[]
  readonly source?: readonly string[]
}

function explainCommand(ended: (code: ExitCode) => void): Command {
  return new Command('explain')
    .description('why a rule matched a record, or which part of it failed, with the values it saw')
    .argument('<rule>', 'id, name or title of a rule, or its file')
    .argument('<evidence>', 'a file or folder, or FILE:RECORD for one record')
    .option('--rules <path>', 'where the rule is, when it is none of ours; may be given several times', collected)
    .option('--source <glob=facts>', "what a log cannot say itself: 'auth*.log=host:web01,year:2023'; several times", collected)
    .option(...PLACEHOLDERS)
    .option(...TUNING)
    .addOption(formatOption('what stdout gets'))
    .addHelpText(
      'after',
      '\nExamples:\n  barograph rules explain my-rule.yml Security.evtx:4711\n  barograph rules explain 5f0b2c1e-0000-4000-8000-000000000001 /evidence --rules sigma/rules\n\nWithout a record the first one that matches is explained, or the one that came nearest.\nExit codes: 0 it matched and tuning leaves a hit, 1 there is none, 2 wrong usage, 3 no such evidence.',
    )
    .action(async (rule: string, evidence: string, { format, rules = [], source = [], placeholders, tuning }: ExplainFlags) => {
      const { explainRule } = await import('../pipeline/rules/explain.ts')
      const explained = await explainRule({ rule, rules, evidence, sources: source, placeholders, tuning })
      await print(format === 'json' ? `${inertJson(JSON.stringify(explained, null, 2))}\n` : explanationText(explained))
      ended(explained.matched > explained.leftOut ? exitCodes.done : exitCodes.findings)
    })
}
