export { Case, openCase, type Snapshot } from './case.ts'
export * from './case-error.ts'
export type { CaseItem, FinishedTask, ItemState, ItemTotals } from './case-manifest.ts'
export { CaseQueries, columnsDigest, type Period, type QueriedItem, type QueriedSegment } from './duckdb/case-queries.ts'
export { duckDbDialect, literal } from './duckdb/dialect.ts'
export { Engine, type EngineLimits } from './duckdb/engine.ts'
export {
  type Segment,
  type SegmentFeed,
  type SegmentHit,
  type SegmentKind,
  SegmentWriter,
  segmentKinds,
  syncPath,
  type WrittenTask,
} from './segments/segment-writer.ts'
