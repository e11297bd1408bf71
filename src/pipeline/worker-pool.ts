import type { Piscina } from 'piscina'
import type { LoadedRules } from './rule-files.ts'
import { threadPool } from './thread-pool.ts'
import type { ReadResult, ReadTask, SurveyResult, SurveyTask, WorkerStart } from './worker-task.ts'

/** Events are gone as soon as they are written: a large nursery only fills the memory (188 MB held for 32 MB in use, measured). */
const NURSERY_MEGABYTES = 16

/** Worker threads that survey and read. */
export class WorkerPool {
  readonly #pool: Piscina
  readonly jobs: number

  constructor(caseDirectory: string, jobs: number, { files, prepared }: Pick<LoadedRules, 'files' | 'prepared'>) {
    const start: WorkerStart = { caseDirectory, rules: files.length > 0 ? prepared : undefined }
    this.jobs = jobs
    const resourceLimits = { maxYoungGenerationSizeMb: NURSERY_MEGABYTES }
    this.#pool = threadPool({ directory: import.meta.dirname, name: 'read-worker', jobs, start, resourceLimits })
  }

  survey(task: SurveyTask): Promise<SurveyResult> {
    return this.#pool.run(task, { name: 'survey' }) as Promise<SurveyResult>
  }

  read(task: ReadTask): Promise<ReadResult> {
    return this.#pool.run(task, { name: 'read' }) as Promise<ReadResult>
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}

/**
 * Runs `work` over all items, at most `limit` at once, in order; stops giving out new ones when `signal` is aborted and waits for
 * those that run. The first error ends it the same way.
 */
export async function forEachBounded<Item>(
  items: Iterable<Item>,
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  let failed = false
  const lane = async () => {
    for (let next = iterator.next(); !next.done && !failed && !signal?.aborted; next = iterator.next()) {
      try {
        await work(next.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: limit }, lane))
  const broken = lanes.find(outcome => outcome.status === 'rejected')
  if (broken) throw broken.reason
}
