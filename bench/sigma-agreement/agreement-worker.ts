import { workerData } from 'piscina'
import type { MatchTask } from '../../src/pipeline/match/match-task.ts'
import { compilePrepared, type PreparedRules } from '../../src/pipeline/rule-cache.ts'
import { type ComparedPart, Comparison } from './compare-part.ts'

/** What every worker is started with. */
export interface AgreementStart {
  readonly rules: PreparedRules
  readonly every: number
}

const { rules, every } = workerData as AgreementStart
const comparison = new Comparison(compilePrepared(rules), every)

export const compare = ({ task, share }: { readonly task: MatchTask; readonly share: number }): ComparedPart =>
  comparison.compare(task, share)
