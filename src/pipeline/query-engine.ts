import { totalmem } from 'node:os'
import type { Case, CaseQueries, Period } from '../store/index.ts'

/** Sorting and joining is done in half of the machine's memory and on disk beyond that; more than this hardly helps. */
const MAX_QUERY_MEGABYTES = 8_192

/** Opens queries that may use the machine for themselves. */
export function queriesOf(opened: Case, jobs: number, period?: Period): Promise<CaseQueries> {
  const memoryMegabytes = Math.min(MAX_QUERY_MEGABYTES, Math.floor(totalmem() / 2 / (1 << 20)))
  return opened.queries({ threads: jobs, memoryMegabytes }, period)
}
