import type { ResourceLimits } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { threadFile } from './thread-file.ts'

/** A thread without work for so long gives its memory back. */
const IDLE_MILLISECONDS = 60_000

/** What a pool of threads is made of. */
export interface ThreadPoolOptions {
  /** Where the file of the threads lies, and its name without an ending. */
  readonly directory: string
  readonly name: string
  readonly jobs: number
  /** Given to every thread at its start. */
  readonly start?: unknown
  readonly resourceLimits?: ResourceLimits
}

/** Worker threads, started as there is work for them; they run from TypeScript sources and from the compiled program alike. */
export function threadPool({ directory, name, jobs, start, resourceLimits }: ThreadPoolOptions): Piscina {
  return new Piscina({
    filename: threadFile(directory, name),
    minThreads: 1,
    maxThreads: jobs,
    idleTimeout: IDLE_MILLISECONDS,
    ...(start !== undefined && { workerData: start }),
    ...(resourceLimits && { resourceLimits }),
  })
}
