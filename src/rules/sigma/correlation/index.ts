export { compileCorrelations } from './compile.ts'
export { conditionText } from './condition-text.ts'
export { byTimeAndPlace, type FeedHit, type FeedValue, withFeed } from './feed.ts'
export type { Firing } from './firing.ts'
export { type CorrelationPlan, emptyPlan, type LinkedCorrelation } from './plan.ts'
export {
  type CorrelationCut,
  type CorrelationLimits,
  type CorrelationOutcome,
  defaultCorrelationLimits,
  type FeedSource,
  runCorrelations,
} from './run.ts'
