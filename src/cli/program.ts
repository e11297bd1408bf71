import { Command } from 'commander'
import { programVersion } from '../pipeline/version.ts'
import { assetsCommand } from './assets-command.ts'
import { evidenceCommand, markCommand, reportCommand } from './case-commands.ts'
import { evtxCommand } from './evtx-command.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { tellFailure } from './failure.ts'
import { formatsCommand } from './formats-command.ts'
import { huntCommand } from './hunt-command.ts'
import { searchCommand, sqlCommand, timelineCommand } from './list-commands.ts'
import { matchCommand } from './match-command.ts'
import { watchOutput } from './output.ts'
import { rulesCommand } from './rules-command.ts'
import { webrootCommand } from './webroot-command.ts'

/** Runs one command line and returns the exit code. */
export async function main(typed: readonly string[]): Promise<ExitCode> {
  watchOutput()
  let code: ExitCode = exitCodes.done
  const ended = (outcome: ExitCode) => {
    code = outcome
  }
  const program = new Command('barograph')
    .description('Hand it the evidence you have: it joins it into one explained intrusion, and says what it could not see.')
    .version(programVersion)
    .addHelpText('after', '\nStart with:  barograph hunt EVIDENCE...\nEach verb has its own --help with examples.')
  for (const command of [
    huntCommand(typed, ended),
    matchCommand(ended),
    rulesCommand(ended),
    evtxCommand(ended),
    webrootCommand(ended),
    assetsCommand(ended),
    formatsCommand(ended),
    searchCommand(ended),
    timelineCommand(ended),
    sqlCommand(ended),
    markCommand(typed, ended),
    evidenceCommand(ended),
    reportCommand(typed, ended),
  ])
    program.addCommand(command)
  quiet(program)
  try {
    await program.parseAsync([...typed], { from: 'user' })
  } catch (error) {
    return tellFailure(error)
  }
  return code
}

/** Errors are thrown to `main`, which says them in our form; only help and version are printed by commander itself. */
function quiet(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} })
  for (const child of command.commands) quiet(child)
}
