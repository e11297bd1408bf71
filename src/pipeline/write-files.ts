import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncPath, writeError } from '../store/index.ts'

/** Writes a file so that its name always leads to a complete one, the old or the new. */
export function writeAtomically(file: string, text: string): void {
  const unfinished = `${file}.unfinished`
  try {
    const descriptor = openSync(unfinished, 'w')
    try {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(unfinished, file)
    syncPath(dirname(file))
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw writeError(error, dirname(file))
  }
}
