// Apart from index.ts, because a command line that is wrong should be told so without loading an engine.
export { CaseError } from '../store/case-error.ts'
export { UsageError } from './usage-error.ts'
