import { readFileSync } from 'node:fs'
import { type Diagnostic, isoFromMicros, type Micros, type RefusedRule, type RuleFile } from '../model/index.ts'
import { expiredEntries, readPlaceholders, readTuning, type SigmaOptions, type TuningEntry } from '../rules/index.ts'
import { UsageError } from './usage-error.ts'

/** Files a person gives beside the rules. */
export interface RuleSettings {
  /** Values of placeholders in rules (modifier expand). */
  readonly placeholders?: string | undefined
  /** What the site decided about rules: left out, another level, exceptions. */
  readonly tuning?: string | undefined
}

/** Reads the files beside the rules; a fault in one is a wrong command, since what it should do would silently not be done. */
export function readRuleSettings({ placeholders, tuning }: RuleSettings): SigmaOptions {
  const values = placeholders === undefined ? undefined : readPlaceholders(settingsFile('--placeholders', placeholders))
  if (values) check('--placeholders', values.problems)
  const tuned = tuning === undefined ? undefined : readTuning(settingsFile('--tuning', tuning), values?.placeholders)
  if (tuned) check('--tuning', tuned.problems)
  return { ...(values ? { placeholders: values.placeholders } : {}), ...(tuned ? { tuning: tuned.tuning } : {}) }
}

function settingsFile(option: string, path: string): RuleFile {
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new UsageError('rules/settings-file', `${option} ${path}: it cannot be read (${why})`, 'name a YAML file')
  }
}

function check(option: string, problems: readonly RefusedRule[]): void {
  if (problems.length === 0) return
  const lines = problems.map(({ path, line, column, reason }) => `${path}:${line}:${column} ${reason}`)
  throw new UsageError(
    'rules/settings-file',
    `${option}: ${lines.join('; ')}`,
    'mend the file; docs/sigma.md shows how it is written',
  )
}

/** What the report says about tuning: what it took away and until when, and which decisions are over by now. */
export function tuningDiagnostics({ tuning }: SigmaOptions, latest: Micros | undefined): readonly Diagnostic[] {
  if (tuning === undefined) return []
  const over = new Set(expiredEntries(tuning, latest))
  const judged = tuning.asOf ?? latest
  return tuning.entries.map((entry): Diagnostic => {
    const common = { kind: 'diagnostic', path: entry.path, record: entry.line } as const
    if (!over.has(entry))
      return {
        ...common,
        code: 'rules/tuned',
        level: 'note',
        message: `${effectInWords(entry)}${untilInWords(entry)}: ${entry.reason}`,
      }
    const rest =
      tuning.asOf === undefined
        ? `records from then on (the latest is of ${judged === undefined ? '' : isoFromMicros(judged).slice(0, 10)}) are judged without it`
        : `the file says it is ${isoFromMicros(tuning.asOf).slice(0, 10)}, so it was not used`
    return {
      ...common,
      code: 'rules/tuning-expired',
      level: 'warning',
      message: `${effectInWords(entry)}${untilInWords(entry)}, which is over: ${rest}. Its reason was: ${entry.reason}`,
      hint: 'look at the hits, then give the entry a new date or delete it',
    }
  })
}

function effectInWords({ rules, effect }: TuningEntry): string {
  const which = rules.length === 1 ? `rule ${rules[0]}` : `rules ${rules.join(', ')}`
  switch (effect.kind) {
    case 'exclude':
      return `${which} left out`
    case 'level':
      return `${which} at level ${effect.level}`
    case 'except':
      return `${which} with an exception${effect.hosts.length > 0 ? ' for some hosts' : ''}`
    default:
      return effect satisfies never
  }
}

const MICROS_A_DAY = 86_400_000_000

const untilInWords = ({ until }: TuningEntry): string =>
  until === undefined ? '' : ` until ${isoFromMicros((until - MICROS_A_DAY) as Micros).slice(0, 10)}`
