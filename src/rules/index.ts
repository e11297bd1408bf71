export type { SigmaRule } from './sigma/ast.ts'
export { type CompiledRules, compileSigma, type SigmaOptions } from './sigma/compile.ts'
export {
  byTimeAndPlace,
  type CorrelationCut,
  type CorrelationOutcome,
  type CorrelationPlan,
  conditionText,
  emptyPlan,
  type FeedHit,
  type FeedSource,
  type FeedValue,
  type Firing,
  type LinkedCorrelation,
  runCorrelations,
} from './sigma/correlation/index.ts'
export { type BlindRules, type RuleCoverage, ruleCoverage } from './sigma/coverage.ts'
export { type Explained, type Explanation, explain, type TunedHit, tunedHits } from './sigma/explain.ts'
export { type BlindSource, type LintNote, type LintReport, lint, logSourceText, type UnreadSource } from './sigma/lint.ts'
export { type EventKey, gateOf } from './sigma/log-source/index.ts'
export { type ParsedRules, parseRules } from './sigma/parsed.ts'
export { readPlaceholders } from './sigma/placeholders.ts'
export { expiredEntries, readTuning, type Tuning, type TuningEntry } from './sigma/tuning.ts'
