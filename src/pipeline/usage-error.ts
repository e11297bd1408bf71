/** The command itself is wrong (exit code 2), or the path it names cannot be read (3). */
export class UsageError extends Error {
  readonly code: string
  readonly hint: string
  readonly exitCode: 2 | 3

  constructor(code: string, message: string, hint: string, exitCode: 2 | 3 = 2) {
    super(message)
    this.name = 'UsageError'
    this.code = code
    this.hint = hint
    this.exitCode = exitCode
  }
}
