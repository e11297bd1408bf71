import type { RefusedRule } from '../../model/index.ts'
import { compileSigma, type LintReport, lint } from '../../rules/index.ts'
import { ruleTexts } from '../rule-files.ts'
import { type RuleSettings, readRuleSettings } from '../rule-settings.ts'

/** What `rules check` found. */
export interface RulesCheck extends LintReport {
  readonly files: number
  readonly loaded: number
  /** Rules and correlations that tuning leaves out for every record. */
  readonly excluded: number
  readonly refused: readonly RefusedRule[]
}

/** Reads rules and says everything there is to say about them; our own without paths. */
export function checkRules(paths: readonly string[], settings: RuleSettings): RulesCheck {
  const files = ruleTexts(paths)
  const { documents, loaded, excluded, refused } = compileSigma(files, readRuleSettings(settings))
  return { files: files.length, loaded, excluded, refused, ...lint(documents) }
}
