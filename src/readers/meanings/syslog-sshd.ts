import { canonicalAddress, type EventFields, isAddress } from '../../model/index.ts'
import { pamMessage } from './syslog-pam.ts'
import type { ProgramMessage } from './syslog-programs.ts'

// OpenSSH's wording, auth.c auth_log() and packet.c sshpkt_vfatal(). A user name is what the client sent and may hold anything,
// also " from 192.0.2.1 port 1 ssh2": the greedy name takes all but the last address, which sshd itself wrote.
const RESULT =
  /^(Accepted|Failed|Postponed|Partial) (\S+) for (invalid user |illegal user )?(.*) from (\S+) port (\d{1,5})(?: ssh\d)?(?: ?: (.*)| \[preauth\])?\s*$/
const INVALID_USER = /^(?:Invalid|Illegal) user (.*) from (\S+?)(?: port (\d{1,5}))?\s*$/
const TOO_MANY = /^(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(.*) from (\S+) port (\d{1,5}).*$/
const OPENED = /^Connection from (\S+) port (\d{1,5})(?: on (\S+) port (\d{1,5}))?/
const CLOSED =
  /^(Connection closed|Connection reset|Disconnected|Connection timed out)(?: by| from|,)? ?(?:(?:authenticating |invalid )?user (.*) )?(\S+) port (\d{1,5})(?: \[preauth\])?$/
const LISTENING = /^Server listening on (\S+) port (\d{1,5})\.?$/
const STARTING = /^Starting session: (.+) for (.*) from (\S+) port (\d{1,5})/
const REFUSED_USER = /^User (.*) from (\S+) not allowed because (.*)$/
/** Forwarding (ssh -L, -D): serverloop.c server_request_direct_tcpip() at level DEBUG, channels.c and serverloop.c where it does not come about. */
const FORWARDS = /^(?:debug1: )?server_request_direct_tcpip: originator (\S+) port (\d{1,5}), target (\S+) port (\d{1,5})/
const NOT_FORWARDED =
  /^(?:error: )?(?:connect_to (\S+) port (\d{1,5}): (.*)|Received request to connect to host (\S+) port (\d{1,5}), but the request was denied\.)$/
/** Dropbear, the server of small routers: svr-authpasswd.c, svr-authpubkey.c, svr-session.c. */
const DROPBEAR_OK = /^(Password|Pubkey) auth succeeded for '(.*)'(?: with (?:\S+ )?key (\S+))? from (\S+):(\d{1,5})$/
const DROPBEAR_BAD =
  /^(?:Bad (password|PAM password) attempt for|Login attempt (?:for nonexistent user|with wrong user)(?: '')?) ?(?:'(.*)' )?from (\S+):(\d{1,5})$/
const DROPBEAR_EXIT = /^Exit(?: before auth)? \(?.*from <?([0-9a-fA-F.:]+):(\d{1,5})>?/
const DROPBEAR_CHILD = /^Child connection from (\S+):(\d{1,5})$/

/** Log-ons, refusals and connections of OpenSSH and Dropbear. */
export function sshdMessage(message: ProgramMessage): EventFields | undefined {
  const { pid } = message
  // sshd cuts its own messages at 1 KiB (MSGBUFSIZ); longer ones are not its.
  const text = message.text.slice(0, 8192)
  const logonId = pid === undefined ? '' : String(pid)
  const result = RESULT.exec(text)
  if (result) return resultOf(result, logonId)
  const invalid = INVALID_USER.exec(text)
  if (invalid) return refused(logonId, invalid[1], invalid[2], invalid[3], 'invalid user')
  const tooMany = TOO_MANY.exec(text)
  if (tooMany) return refused(logonId, tooMany[1], tooMany[2], tooMany[3], 'maximum authentication attempts exceeded')
  const notAllowed = REFUSED_USER.exec(text)
  if (notAllowed) return refused(logonId, notAllowed[1], notAllowed[2], undefined, notAllowed[3] ?? '')
  const started = STARTING.exec(text)
  if (started) {
    const [, what = '', user = '', from = '', port] = started
    return { ...logonFrom('session', 'success', logonId, user, from, port), reason: what }
  }
  return forwardingOf(text, logonId) ?? connectionOf(text) ?? dropbearMessage(text, logonId) ?? pamMessage(message)
}

function resultOf(match: RegExpExecArray, logonId: string): EventFields {
  const [, word, method = '', invalid, user = '', from = '', port, detail = ''] = match
  // "Postponed" asks the client for more, "Partial" for a second method; neither lets anybody in.
  const action = word === 'Accepted' || word === 'Failed' ? 'logon' : 'validate'
  const outcome = word === 'Accepted' || word === 'Partial' ? 'success' : word === 'Failed' ? 'failure' : ''
  const fields = logonFrom(action, outcome, logonId, user, from, port)
  return {
    ...fields,
    protocol: method.replace(/\/.*$/, ''),
    reason: invalid === undefined ? (word === 'Accepted' ? '' : detail) : 'invalid user',
  }
}

function refused(logonId: string, user = '', from = '', port: string | undefined, reason: string): EventFields {
  return { ...logonFrom('validate', 'failure', logonId, user, from, port), reason }
}

function logonFrom(
  action: string,
  outcome: string,
  logonId: string,
  user: string,
  from: string,
  port: string | undefined,
): EventFields<'authentication'> {
  return {
    kind: 'authentication',
    action,
    outcome,
    user,
    logonId,
    ...sourceOf(from),
    srcPort: port === undefined ? undefined : Number(port),
    protocol: 'ssh',
    process: 'sshd',
  }
}

/** With UseDNS the name stands in place of the address. */
function sourceOf(from: string): { readonly srcIp: string; readonly srcHost: string } {
  const isAddress = /^[0-9a-fA-F.:%]+$/.test(from) && /[.:]/.test(from)
  return isAddress ? { srcIp: canonicalAddress(from), srcHost: '' } : { srcIp: '', srcHost: from.toLowerCase() }
}

/** What a session asks the server to connect to; who asks is in the records of the log-on. */
function forwardingOf(text: string, tunnelId: string): EventFields | undefined {
  const common = { kind: 'tunnel_activity', protocol: 'ssh-forwarding', tunnelId } as const
  const done = FORWARDS.exec(text)
  if (done) return { ...common, action: 'seen', target: targetOf(done[3]), targetPort: Number(done[4]) }
  const failed = NOT_FORWARDED.exec(text)
  if (!failed) return undefined
  const [, host, port, reason = 'denied', deniedHost, deniedPort] = failed
  return { ...common, action: 'failure', target: targetOf(host ?? deniedHost), targetPort: Number(port ?? deniedPort), reason }
}

const targetOf = (name = '') => (isAddress(name) ? canonicalAddress(name) : name.toLowerCase())

function connectionOf(text: string): EventFields | undefined {
  const opened = OPENED.exec(text)
  if (opened)
    return {
      ...connection('open', opened[1], opened[2]),
      dstIp: canonicalAddress(opened[3] ?? ''),
      dstPort: opened[4] === undefined ? undefined : Number(opened[4]),
    }
  const closed = CLOSED.exec(text)
  if (closed)
    return { ...connection('close', closed[3], closed[4]), state: (closed[1] ?? '').toLowerCase(), user: closed[2] ?? '' }
  const listening = LISTENING.exec(text)
  if (listening)
    return {
      kind: 'network_activity',
      action: 'listen',
      protocol: 'tcp',
      dstIp: canonicalAddress(listening[1] ?? ''),
      dstPort: Number(listening[2]),
      service: 'ssh',
      image: 'sshd',
    }
  if (/^Received signal \d+; terminating/.test(text)) return { kind: 'service_activity', action: 'stop', name: 'sshd' }
  return undefined
}

function connection(action: string, from = '', port: string | undefined): EventFields<'network_activity'> {
  return {
    kind: 'network_activity',
    action,
    protocol: 'tcp',
    srcIp: canonicalAddress(from),
    srcPort: port === undefined ? undefined : Number(port),
    service: 'ssh',
    image: 'sshd',
    initiatorKnown: true,
  }
}

function dropbearMessage(text: string, logonId: string): EventFields | undefined {
  const accepted = DROPBEAR_OK.exec(text)
  if (accepted) {
    const [, method, user = '', , from = '', port] = accepted
    return {
      ...logonFrom('logon', 'success', logonId, user, from, port),
      protocol: method === 'Pubkey' ? 'publickey' : 'password',
    }
  }
  const bad = DROPBEAR_BAD.exec(text)
  if (bad) {
    const [, method, user = '', from = '', port] = bad
    return {
      ...logonFrom('logon', 'failure', logonId, user, from, port),
      protocol: 'password',
      reason: method ? '' : 'invalid user',
    }
  }
  const child = DROPBEAR_CHILD.exec(text)
  if (child) return connection('open', child[1], child[2])
  const exit = DROPBEAR_EXIT.exec(text)
  return exit ? connection('close', exit[1], exit[2]) : undefined
}
