/** Longest command line a detector looks at; Windows itself allows 32,767 characters, intruders hide nothing useful behind 8,192. */
export const MAX_COMMAND_LENGTH = 8192

/**
 * A command line as detectors compare it: lower case, without quotes and without the carets and back-ticks that shells drop
 * (cmd `^`, PowerShell `), runs of blanks as one blank, slashes of paths left as they are.
 */
export function plainCommand(commandLine: string): string {
  // A dozen detectors ask about the same event one after the other.
  if (commandLine !== lastCommand) {
    const line = commandLine.slice(0, MAX_COMMAND_LENGTH)
    const bare = line.toLowerCase().replace(/["'^`\u201c\u201d]/g, '')
    lastPlain = (/\s\s|[^\S ]/.test(bare) ? bare.replace(/\s+/g, ' ') : bare).trim()
    lastCommand = commandLine
  }
  return lastPlain
}

let lastCommand = ''
let lastPlain = ''

/** The command line in one readable line of at most `limit` characters, for titles and reasons. */
export function shortCommand(commandLine: string, limit = 160): string {
  const line = commandLine.replace(/\s+/g, ' ').trim()
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`
}
