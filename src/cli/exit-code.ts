/** What the program ends with; the same for every verb. */
export const exitCodes = {
  done: 0,
  /** Findings at or above `--fail-on`; wins over `unreadable`. */
  findings: 1,
  usage: 2,
  /** A path, or a recognised format in it, could not be read. */
  unreadable: 3,
  /** Our bug. */
  internal: 70,
  /** Full disk and the like: EX_IOERR of sysexits.h. */
  caseProblem: 74,
  /** Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
