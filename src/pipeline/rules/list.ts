import { compareSeverity, type Severity } from '../../model/index.ts'
import { compileSigma, gateOf, logSourceText } from '../../rules/index.ts'
import { ruleTexts } from '../rule-files.ts'

/** Which rules are wanted. */
export interface RuleFilter {
  /** "T1003" means its sub-techniques too. */
  readonly technique?: string | undefined
  /** That level or above. */
  readonly level?: Severity | undefined
  /** Any part of "category/product/service". */
  readonly logSource?: string | undefined
}

/** One rule in a list. */
export interface ListedRule {
  readonly id: string
  readonly level: Severity
  readonly techniques: readonly string[]
  /** "category/product/service". */
  readonly logSource: string
  /** Whether Barograph reads that log source. */
  readonly standing: 'read' | 'no-reader' | 'unknown'
  readonly title: string
  readonly path: string
  readonly line: number
}

/** The rules under the paths that pass the filter, by level and title; our own without paths. */
export function listRules(paths: readonly string[], filter: RuleFilter): readonly ListedRule[] {
  const { rules, correlations } = compileSigma(ruleTexts(paths)).documents
  const listed: ListedRule[] = [
    ...rules.map(rule => ({
      id: rule.id,
      level: rule.level,
      techniques: rule.techniques,
      logSource: logSourceText(rule),
      standing: gateOf(rule.logSource).standing,
      title: rule.title,
      path: rule.file,
      line: rule.line,
    })),
    ...correlations.map(({ head }) => ({
      id: head.id,
      level: head.level,
      techniques: head.techniques,
      logSource: 'correlation',
      standing: 'read' as const,
      title: head.title,
      path: head.file,
      line: head.line,
    })),
  ]
  return listed
    .filter(rule => isWanted(rule, filter))
    .sort((a, b) => compareSeverity(b.level, a.level) || compare(a.title, b.title) || compare(a.path, b.path) || a.line - b.line)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function isWanted({ techniques, level, logSource }: ListedRule, wanted: RuleFilter): boolean {
  const technique = wanted.technique?.toUpperCase()
  return (
    (technique === undefined || techniques.some(own => own === technique || own.startsWith(`${technique}.`))) &&
    (wanted.level === undefined || compareSeverity(level, wanted.level) >= 0) &&
    (wanted.logSource === undefined || logSource.includes(wanted.logSource.toLowerCase()))
  )
}
