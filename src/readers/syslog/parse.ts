/** A person's password attempts are repeated a few times; more copies than this of one line tell nothing and cost much. */
const MAX_REPEATS = 1000

/** "message repeated 5 times: [ text]" (rsyslog, names its message) or "last message repeated 5 times" (syslogd, means the line before). */
export interface Repeat {
  readonly times: number
  readonly message: string | undefined
}

/** How often a line stands for; undefined when it stands for itself. */
export function repeatOf(message: string): Repeat | undefined {
  const named = /^message repeated (\d{1,9}) times?: \[ ?(.*)\]$/s.exec(message)
  if (named) return { times: Math.min(Number(named[1]), MAX_REPEATS), message: named[2] ?? '' }
  const bare = /^(?:--- )?last message repeated (\d{1,9}) times?(?: ---)?$/.exec(message)
  return bare ? { times: Math.min(Number(bare[1]), MAX_REPEATS), message: undefined } : undefined
}

/** Does the message hold the header of a further record (a stream saved without line ends)? Read as one: a user name can hold such text too. */
export function isJoined(message: string): boolean {
  return message.includes('<') && /<\d{1,3}>(?:1 )?(?:\d{4}-\d\d-\d\dT\d\d:|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:)/.test(message)
}
