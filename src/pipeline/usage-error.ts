/** The command itself is wrong: exit code 2. */
export class UsageError extends Error {
  readonly code: string
  readonly hint: string

  constructor(code: string, message: string, hint: string) {
    super(message)
    this.name = 'UsageError'
    this.code = code
    this.hint = hint
  }
}
