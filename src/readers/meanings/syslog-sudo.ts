import type { EventFields } from '../../model/index.ts'
import { pamMessage } from './syslog-pam.ts'
import type { ProgramMessage } from './syslog-programs.ts'

/** "ora : TTY=pts/0 ; PWD=/home/ora ; USER=root ; COMMAND=/bin/ls -l": sudoers(5), LOG FORMAT. */
const SUDO = /^\s*(\S.*?) : (.*)$/s

/** Commands run through sudo, and refusals. */
export function sudoMessage(message: ProgramMessage): EventFields | undefined {
  const match = SUDO.exec(message.text.slice(0, 65_536))
  if (!match) return pamMessage(message)
  const [, user = '', rest = ''] = match
  const { reason, values } = sudoFields(rest)
  const command = values['COMMAND']
  if (reason === '' && command !== undefined)
    return {
      kind: 'process_activity',
      action: 'start',
      image: programOf(command),
      commandLine: command,
      parentImage: 'sudo',
      user,
      currentDirectory: values['PWD'] ?? '',
    }
  if (command === undefined && values['USER'] === undefined) return undefined
  return {
    kind: 'authentication',
    action: 'privileges',
    outcome: 'failure',
    user: values['USER'] ?? '',
    subjectUser: user,
    protocol: 'sudo',
    process: command ?? '',
    reason,
  }
}

/** Fields of a sudo line by name, for `original` and the mapping; COMMAND is the last one and may hold anything. */
function sudoFields(rest: string): { readonly reason: string; readonly values: Readonly<Record<string, string>> } {
  const values: Record<string, string> = {}
  const reasons: string[] = []
  let at = 0
  while (at < rest.length) {
    const pair = /^(TTY|PWD|USER|GROUP|HOST|CHROOT|LOGID|TSID|ENV|COMMAND)=/.exec(rest.slice(at, at + 16))
    const end = pair?.[1] === 'COMMAND' ? -1 : rest.indexOf(' ; ', at)
    const piece = rest.slice(at, end < 0 ? undefined : end)
    if (pair) values[pair[1] ?? ''] = piece.slice(pair[0].length)
    else reasons.push(piece.trim())
    if (end < 0) break
    at = end + 3
  }
  return { reason: reasons.join('; '), values }
}

function programOf(command: string): string {
  return /^"([^"]*)"|^(\S+)/.exec(command)?.slice(1).find(Boolean) ?? ''
}

const SU_OLD = /^(Successful|FAILED) su for (.*) by (.*)$/
const SU_LINUX = /^(FAILED SU )?\(to (.*)\) (.*) on (\S+)$/
const SU_BSD = /^(BAD SU )?(\S+) to (\S+) on (\S+)$/

/** Changes of account by su, in the words of shadow-utils, util-linux and BSD. */
export function suMessage(message: ProgramMessage): EventFields | undefined {
  const text = message.text.slice(0, 8192)
  const old = SU_OLD.exec(text)
  if (old) return suResult(old[1] === 'Successful', old[2], old[3])
  const linux = SU_LINUX.exec(text)
  if (linux) return suResult(linux[1] === undefined, linux[2], linux[3])
  const bsd = SU_BSD.exec(text)
  if (bsd) return suResult(bsd[1] === undefined, bsd[3], bsd[2])
  return pamMessage(message)
}

function suResult(isSuccess: boolean, user = '', by = ''): EventFields {
  return {
    kind: 'authentication',
    action: 'logon',
    outcome: isSuccess ? 'success' : 'failure',
    user,
    subjectUser: by,
    protocol: 'su',
    process: 'su',
  }
}
