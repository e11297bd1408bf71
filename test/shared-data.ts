import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const DATA = process.env['BAROGRAPH_DATA'] ?? resolve(import.meta.dirname, '..', '..', 'shared', 'data')

/**
 * Path of a file or folder of the shared evidence collection, which lies beside the repository and is never part of it;
 * undefined where it is absent, so that a test can say it was skipped. BAROGRAPH_DATA names another place.
 */
export function sharedData(...parts: readonly string[]): string | undefined {
  const path = join(DATA, ...parts)
  return existsSync(path) ? path : undefined
}
