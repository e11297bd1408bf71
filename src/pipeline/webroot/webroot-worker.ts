import { judgeFile } from './judge-batch.ts'
import { type BatchTask, clockNow, type FileOutcome } from './judged-file.ts'

/** Judges a batch, and says at which file of it it is, so that a file that takes too long can be told from the others. */
export function judge({ files, progress }: BatchTask): readonly FileOutcome[] {
  const at = new Int32Array(progress)
  return files.map((task, index) => {
    Atomics.store(at, 1, clockNow())
    Atomics.store(at, 0, index + 1)
    return judgeFile(task)
  })
}
