import type { RefusedRule } from '../../../model/index.ts'
import type { SigmaCorrelation } from '../document.ts'
import type { CorrelationRule } from './definition.ts'
import { type LinkableRule, linkCorrelations } from './link.ts'
import { parseCorrelation } from './parse.ts'
import type { CorrelationPlan } from './plan.ts'

/** Reads correlation documents and joins them with the rules that were loaded; what cannot be used is refused where it stands. */
export function compileCorrelations(
  documents: readonly SigmaCorrelation[],
  rules: readonly LinkableRule[],
): { readonly plan: CorrelationPlan; readonly refused: readonly RefusedRule[] } {
  const correlations: CorrelationRule[] = []
  const refused: RefusedRule[] = []
  for (const document of documents) {
    const outcome = parseCorrelation(document)
    if (!('reason' in outcome)) correlations.push(outcome)
    else {
      const { line, column, reason } = outcome
      refused.push({ path: document.head.file, title: document.head.title, line, column, reason })
    }
  }
  const linked = linkCorrelations(rules, correlations)
  return { plan: linked.plan, refused: [...refused, ...linked.refused] }
}
