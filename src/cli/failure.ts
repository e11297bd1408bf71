import { CommanderError } from 'commander'
import { CaseError, UsageError } from '../pipeline/errors.ts'
import { visible } from '../report/text/visible.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'

/** Says what went wrong as "code  what" and "try:", and gives the exit code. */
export function tellFailure(error: unknown): ExitCode {
  if (error instanceof CommanderError) return tellUsage(error)
  if (error instanceof UsageError) {
    tell(error.code, error.message, error.hint)
    return error.exitCode
  }
  if (error instanceof CaseError) {
    tell(error.code, error.message, error.hint)
    return error.code === 'case/disk-full' || error.code === 'case/damaged' ? exitCodes.caseProblem : exitCodes.usage
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  tell('internal/bug', stack, 'report this with the lines above; the case keeps everything that was done')
  return exitCodes.internal
}

/** Help and version are no failures, and commander has already printed them. */
function tellUsage(error: CommanderError): ExitCode {
  if (error.exitCode === 0) return exitCodes.done
  if (error.code === 'commander.help') return exitCodes.usage
  const what = error.message.replace(/^error: /, '')
  tell(
    `usage/${error.code.replace(/^commander\./, '').replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`,
    what,
    'barograph --help, or barograph VERB --help',
  )
  return exitCodes.usage
}

function tell(code: string, what: string, hint: string): void {
  const lines = what.split('\n').map(visible).join('\n  ')
  process.stderr.write(`${code}  ${lines}\n  try: ${visible(hint)}\n`)
}
