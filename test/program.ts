import { join } from 'node:path'

/** The compiled program, as users run it; `test/threads/build-program.ts` has made it from the sources. */
export const PROGRAM = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js')
