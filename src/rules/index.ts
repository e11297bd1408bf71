export { type CompiledRules, compileSigma, type SigmaOptions } from './sigma/compile.ts'
export {
  type CorrelationCut,
  type CorrelationOutcome,
  type CorrelationPlan,
  emptyPlan,
  type FeedHit,
  type FeedSource,
  type FeedValue,
  type Firing,
  type LinkedCorrelation,
  runCorrelations,
} from './sigma/correlation/index.ts'
export { readPlaceholders } from './sigma/placeholders.ts'
export { expiredEntries, readTuning, type Tuning, type TuningEntry } from './sigma/tuning.ts'
