import { threadId } from 'node:worker_threads'
import { syntaxParsers } from '../syntax-parsers.ts'
import { judgeFile } from './judge-batch.ts'
import { type BatchTask, cell, clockNow, type FileOutcome, processorTime } from './judged-file.ts'

/** Judges a batch, and says at which file of it it is, so that a file that takes too long can be told from the others. */
export async function judge({ files, progress }: BatchTask): Promise<readonly FileOutcome[]> {
  const cells = new Int32Array(progress)
  Atomics.store(cells, cell.thread, threadId)
  const outcomes: FileOutcome[] = []
  for (const [index, task] of files.entries()) {
    const parsers = await syntaxParsers()
    Atomics.store(cells, cell.clock, clockNow())
    Atomics.store(cells, cell.processor, processorTime(process.threadCpuUsage()))
    Atomics.store(cells, cell.file, index + 1)
    outcomes.push(judgeFile(task, parsers))
  }
  return outcomes
}
