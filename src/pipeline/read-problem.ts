import type { Diagnostic } from '../model/index.ts'

/** A recognised item that could not be read to its end, and what to do. */
export function readProblem(path: string, message: string, hint: string): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'evidence/read-error',
    level: 'error',
    path,
    message: `it could not be read to its end: ${message}`,
    hint,
  }
}
