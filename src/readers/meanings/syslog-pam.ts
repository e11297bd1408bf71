import { canonicalAddress, type EventFields } from '../../model/index.ts'
import type { ProgramMessage } from './syslog-programs.ts'

/** "pam_unix(sshd:session): …"; the service before the colon is the program that asked. */
const HEAD = /^pam_\w{1,32}\(([^():]{1,64})(?::(\w{1,16}))?\): (.*)$/s
const SESSION = /^session (opened|closed) for user (.*?)(?:\(uid=\d+\))?(?: by (.*?)\s*\(uid=\d+\))?$/
const FAILURE = /^authentication failure;.* ruser=(.*?) rhost=(.*?)(?: {1,2}user=(.*))?$/
/** PAM services that act for a person asking for another account's rights. */
const PRIVILEGE_SERVICES = /^(?:sudo|sudo-i|su|su-l|polkit-1|runuser|runuser-l|pkexec)$/

/** What PAM modules say in any program's name: sessions, refused passwords, changed passwords (linux-pam modules/pam_unix). */
export function pamMessage({ text }: ProgramMessage): EventFields | undefined {
  const head = HEAD.exec(text.slice(0, 8192))
  if (!head) return undefined
  const [, service = '', , said = ''] = head
  const session = SESSION.exec(said)
  if (session) return sessionOf(service, session)
  const failure = FAILURE.exec(said)
  if (failure) {
    const [, asking = '', from = '', user = ''] = failure
    return {
      kind: 'authentication',
      action: 'validate',
      outcome: 'failure',
      user: user || (PRIVILEGE_SERVICES.test(service) ? asking : ''),
      subjectUser: asking,
      protocol: service,
      ...(/^[0-9a-fA-F.:]+$/.test(from) ? { srcIp: canonicalAddress(from) } : { srcHost: from.toLowerCase() }),
    }
  }
  const changed = /^password changed for (.+)$/.exec(said)
  if (changed) return { kind: 'account_change', action: 'password-reset', targetUser: changed[1] ?? '', process: service }
  return undefined
}

function sessionOf(service: string, [, what, user = '', by = '']: RegExpExecArray): EventFields {
  const isOpened = what === 'opened'
  return {
    kind: 'authentication',
    // A session of sudo or su is somebody else's rights taken; others follow a log-on that sshd or login wrote itself.
    action: isOpened ? (PRIVILEGE_SERVICES.test(service) ? 'privileges' : 'session') : 'logoff',
    outcome: 'success',
    user,
    subjectUser: by,
    protocol: service,
  }
}
