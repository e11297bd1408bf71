import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic, RuleFile } from '../model/index.ts'
import type { CorrelationPlan, SigmaOptions, SigmaRule } from '../rules/index.ts'
import { compilePrepared, type PreparedRules, prepareRules } from './rule-cache.ts'
import { UsageError } from './usage-error.ts'

/** Our own rules, in the package beside the code. */
const OWN_RULES = join(import.meta.dirname, '..', '..', 'rules')
/** How their folder is shown. */
const OWN_NAME = 'barograph'
/** Test events of our own rules lie beside them. */
const isRuleFile = (name: string) => /\.ya?ml$/i.test(name) && !/\.events\.ya?ml$/i.test(name)

/** Rules to hunt with, and what is to be said about them. */
export interface LoadedRules {
  readonly files: readonly RuleFile[]
  /** For whoever compiles them. */
  readonly prepared: PreparedRules
  /** What was given beside the files. */
  readonly options: SigmaOptions
  readonly loaded: number
  readonly refused: number
  readonly correlations: CorrelationPlan
  readonly diagnostics: readonly Diagnostic[]
  /** Rules of the user alone: what they cannot see is told, ours have detectors beside them. */
  readonly users: readonly SigmaRule[]
}

/** Reads our own rules and those of the given files and folders; a rule that cannot be used is a diagnostic with its reason. */
export function loadRules(paths: readonly string[], options: SigmaOptions = {}): LoadedRules {
  return checked([...(existsSync(OWN_RULES) ? rulesIn(OWN_RULES, OWN_NAME) : []), ...filesIn(paths)], options)
}

/** The same without our own. */
export function ruleFilesOf(paths: readonly string[], options: SigmaOptions = {}): LoadedRules {
  return checked(filesIn(paths), options)
}

/** Texts of the rule files under paths; our own when there are none. */
export function ruleTexts(paths: readonly string[]): readonly RuleFile[] {
  return paths.length > 0 ? filesIn(paths) : rulesIn(OWN_RULES, OWN_NAME)
}

function filesIn(paths: readonly string[]): readonly RuleFile[] {
  return paths.flatMap(path => {
    if (!existsSync(path))
      throw new UsageError(
        'rules/missing-path',
        `rules at ${path}: no such file or folder`,
        'name a Sigma file or a folder of them',
      )
    return rulesIn(path, path)
  })
}

function checked(files: readonly RuleFile[], options: SigmaOptions): LoadedRules {
  const prepared = prepareRules(files, options)
  const { loaded, refused, notes, correlations, documents } = compilePrepared(prepared)
  const named = (title: string) => (title === '' ? 'a rule' : `rule "${title}"`)
  const diagnostics = [
    ...refused.map(
      ({ path, title, line, column, reason }): Diagnostic => ({
        kind: 'diagnostic',
        code: 'rules/refused',
        level: 'warning',
        path,
        ...(line > 0 ? { record: line } : {}),
        message: `${named(title)} is not used: ${reason}${line > 0 ? ` (line ${line}, column ${column})` : ''}`,
      }),
    ),
    ...notes.map(
      ({ path, title, line, column, message }): Diagnostic => ({
        kind: 'diagnostic',
        code: 'rules/doubtful',
        level: 'note',
        path,
        record: line,
        message: `${title === '' ? '' : `${named(title)}: `}${message} (line ${line}, column ${column})`,
      }),
    ),
  ]
  const users = documents.rules.filter(({ file }) => !file.startsWith(`${OWN_NAME}/`))
  return { files, prepared, options, loaded, refused: refused.length, correlations, diagnostics, users }
}

/** `shown` is the path the user sees: it must not depend on where the package is installed. */
function rulesIn(path: string, shown: string): RuleFile[] {
  if (statSync(path).isFile()) return [{ path: shown, text: readFileSync(path, 'utf8') }]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(name => isRuleFile(name) && statSync(join(path, name)).isFile())
    .sort()
    .map(name => ({ path: `${shown}/${name}`, text: readFileSync(join(path, name), 'utf8') }))
}
