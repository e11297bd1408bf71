import { totalmem } from 'node:os'
import type { Case, CaseQueries, Period } from '../store/index.ts'

/**
 * Sorting and joining is done in this much memory and on disk beyond that, so that a hunt stays below a gigabyte however large the evidence
 * is. With 1,024 and 8,192 the same queries take hardly less time; each thread has buffers of its own.
 */
const QUERY_MEGABYTES = 384
const MEGABYTES_A_THREAD = 128
/** A query that fails for want of memory gets half of the machine's, and never more than this. */
const MOST_QUERY_MEGABYTES = 8_192

/**
 * A thread of its own is worth it for so many events: sharing the work of small queries takes a sixth of their processor time (72,000
 * events), and they are done at once anyway.
 */
const EVENTS_A_THREAD = 200_000

/** What queries of so many jobs may take of this machine's memory, with these threads. */
export function queryLimits(
  jobs: number,
  threads = jobs,
): { readonly threads: number; readonly memoryMegabytes: number; readonly mostMegabytes: number } {
  const half = Math.floor(totalmem() / 2 / (1 << 20))
  const memoryMegabytes = Math.min(half, Math.max(QUERY_MEGABYTES, MEGABYTES_A_THREAD * jobs))
  return { threads, memoryMegabytes, mostMegabytes: Math.min(MOST_QUERY_MEGABYTES, half) }
}

/** Opens queries that may use the machine's processors for themselves. */
export function queriesOf(opened: Case, jobs: number, period?: Period): Promise<CaseQueries> {
  const events = opened.manifest
    .totals()
    .values()
    .reduce((sum, total) => sum + total.events, 0)
  const threads = Math.min(jobs, 1 + Math.floor(events / EVENTS_A_THREAD))
  return opened.queries(queryLimits(jobs, threads), period)
}
