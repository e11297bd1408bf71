export { type CompiledRules, compileSigma } from './sigma/compile.ts'
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
