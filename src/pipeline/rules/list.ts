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
  const { documents, correlations: plan } = compileSigma(ruleTexts(paths))
  const { rules, correlations } = documents
  const linked = new Map(plan.correlations.map(correlation => [correlation.key, correlation]))
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
    ...correlations.flatMap(({ head }) => {
      const { id, title, file: path, line } = head
      const used = linked.get(id || title)
      // Without a level of its own a correlation has that of its rules; one that is refused is none.
      return used
        ? [
            {
              id,
              level: used.severity,
              techniques: used.techniques,
              logSource: 'correlation',
              standing: 'read' as const,
              title,
              path,
              line,
            },
          ]
        : []
    }),
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
