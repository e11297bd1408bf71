import type { Piscina } from 'piscina'
import { nothingToJudge } from '../../detect/web-shell/disk/verdict.ts'
import { threadPool } from '../thread-pool.ts'
import { type BatchTask, cell, clockNow, type FileOutcome, type FileTask, processorTime } from './judged-file.ts'

/** Processor time a file may take: with the looks in between, 2 s on a machine that has nothing else to do. */
const FILE_MILLISECONDS = 1_800
/** Time on the clock, for a file that waits for something else than the processor, such as a failing disk. */
const CLOCK_MILLISECONDS = 30_000
/** How often that is looked at. */
const LOOK_MILLISECONDS = 100
/** Heap of one worker; two of them and the program itself stay below 1 GiB. */
const WORKER_MEGABYTES = 256
/**
 * Of these, new objects: with the engine's own choice a thread keeps 150 MB more after some ten thousand files, and is no faster (28,000 files: 430 MB
 * against 250 MB, 13 s of processor time each).
 */
const NEW_MEGABYTES = 24

/** Worker threads that judge files; a file that takes too much time or memory costs its worker, and is said to be not judged. */
export class JudgePool {
  readonly #pool: Piscina
  readonly #signal: AbortSignal | undefined

  constructor(jobs: number, signal: AbortSignal | undefined) {
    this.#signal = signal
    this.#pool = threadPool({
      directory: import.meta.dirname,
      name: 'webroot-worker',
      jobs,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEGABYTES, maxYoungGenerationSizeMb: NEW_MEGABYTES },
    })
  }

  /** One outcome a file, in their order; fewer only when the whole was stopped. */
  async judge(files: readonly FileTask[]): Promise<readonly FileOutcome[]> {
    if (files.length === 0 || this.#signal?.aborted) return []
    const progress = new SharedArrayBuffer(16)
    const cells = new Int32Array(progress)
    const watchdog = new AbortController()
    const timer = setInterval(() => {
      void this.#isOverdue(cells).then(overdue => overdue && watchdog.abort())
    }, LOOK_MILLISECONDS)
    try {
      const task: BatchTask = { files, progress }
      return (await this.#pool.run(task, { name: 'judge', signal: watchdog.signal })) as readonly FileOutcome[]
    } catch (error) {
      const position = Atomics.load(cells, cell.file)
      const why = watchdog.signal.aborted
        ? `it took more than ${FILE_MILLISECONDS / 1000} s of processor time`
        : outOfMemory(error)
      if (why === undefined || position === 0) throw error
      const before = await this.judge(files.slice(0, position - 1))
      const after = await this.judge(files.slice(position))
      return [...before, notJudged(why), ...after]
    } finally {
      clearInterval(timer)
    }
  }

  /** Processor time, not the clock: on a busy machine the same files must be judged as on a quiet one. */
  async #isOverdue(cells: Int32Array): Promise<boolean> {
    const file = Atomics.load(cells, cell.file)
    const onClock = clockNow() - Atomics.load(cells, cell.clock)
    if (file === 0 || onClock < FILE_MILLISECONDS) return false
    if (onClock > CLOCK_MILLISECONDS) return true
    const thread = this.#pool.threads.find(({ threadId }) => threadId === Atomics.load(cells, cell.thread))
    // A thread that has ended in the meantime is not overdue.
    const usage = await thread?.cpuUsage().catch(() => undefined)
    if (usage === undefined || Atomics.load(cells, cell.file) !== file) return false
    return processorTime(usage) - Atomics.load(cells, cell.processor) > FILE_MILLISECONDS
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}

function outOfMemory(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `it took more than ${WORKER_MEGABYTES} MB of memory`
    : undefined
}

/** What could not be judged is never clean: somebody has to look at it. */
function notJudged(why: string): FileOutcome {
  const reason = `not judged: ${why}`
  return {
    state: 'judged',
    bytes: 0,
    modifiedTime: 0,
    judgement: {
      ...nothingToJudge('none'),
      verdict: 'suspicious',
      does: 'took too long to read',
      reasons: [{ what: reason, line: 0, weight: 0 }],
      prefiltered: false,
      whyNotParsed: why,
    },
  }
}
