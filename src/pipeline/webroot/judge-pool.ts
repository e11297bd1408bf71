import { join } from 'node:path'
import { Piscina } from 'piscina'
import { type BatchTask, clockNow, type FileOutcome, type FileTask } from './judged-file.ts'

/** Longer than this no file is worked on. */
const FILE_MILLISECONDS = 2_000
/** How often that is looked at. */
const LOOK_MILLISECONDS = 100
/** Heap of one worker; two of them and the program itself stay below 1 GiB. */
const WORKER_MEGABYTES = 256

/** Worker threads that judge files; a file that takes too much time or memory costs its worker, and is said to be not judged. */
export class JudgePool {
  readonly #pool: Piscina
  readonly #signal: AbortSignal | undefined

  constructor(jobs: number, signal: AbortSignal | undefined) {
    const ending = import.meta.filename.endsWith('.ts') ? 'ts' : 'js'
    this.#signal = signal
    this.#pool = new Piscina({
      filename: join(import.meta.dirname, `webroot-worker.${ending}`),
      minThreads: 1,
      maxThreads: jobs,
      idleTimeout: 60_000,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEGABYTES },
    })
  }

  /** One outcome a file, in their order; fewer only when the whole was stopped. */
  async judge(files: readonly FileTask[]): Promise<readonly FileOutcome[]> {
    if (files.length === 0 || this.#signal?.aborted) return []
    const progress = new SharedArrayBuffer(8)
    const at = new Int32Array(progress)
    const watchdog = new AbortController()
    const timer = setInterval(() => {
      if (Atomics.load(at, 0) > 0 && clockNow() - Atomics.load(at, 1) > FILE_MILLISECONDS) watchdog.abort()
    }, LOOK_MILLISECONDS)
    try {
      const task: BatchTask = { files, progress }
      return (await this.#pool.run(task, { name: 'judge', signal: watchdog.signal })) as readonly FileOutcome[]
    } catch (error) {
      const position = Atomics.load(at, 0)
      const why = watchdog.signal.aborted ? `it took longer than ${FILE_MILLISECONDS / 1000} s` : outOfMemory(error)
      if (why === undefined || position === 0) throw error
      const before = await this.judge(files.slice(0, position - 1))
      const after = await this.judge(files.slice(position))
      return [...before, notJudged(why), ...after]
    } finally {
      clearInterval(timer)
    }
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
      verdict: 'suspicious',
      language: 'none',
      score: 0,
      reasons: [{ what: reason, line: 0, weight: 0 }],
      flow: [],
      decoded: [],
      parsed: false,
      prefiltered: false,
      whyNotParsed: why,
    },
  }
}
