import { canonicalAddress, type EventFields } from '../../model/index.ts'
import type { SyslogEnvelope } from '../carriers/syslog-envelope.ts'
import { accountChange } from './accounts.ts'
import { daemonMessage } from './daemons.ts'
import { pamMessage } from './pam.ts'
import { sshdMessage } from './sshd.ts'
import { sudoMessage, suMessage } from './sudo.ts'

/** What a program's message means. */
export type Meaning = EventFields

/** A message of one program, cut from its envelope. */
export interface ProgramMessage {
  /** Base name in lower case: "sshd", "cron". */
  readonly program: string
  readonly pid: number | undefined
  readonly text: string
}

/** Program and meaning of a syslog message; what no program's grammar knows becomes other_activity with the message. */
export function meaningOf(envelope: SyslogEnvelope): { readonly product: string; readonly fields: Meaning } {
  const message = messageOf(envelope)
  const product = PRODUCTS.get(message.program) ?? 'syslog'
  const fields = READERS.get(product)?.(message) ?? accountChange(message) ?? daemonMessage(message) ?? pamMessage(message)
  return { product, fields: fields ?? otherActivity(message) }
}

const PRODUCTS: ReadonlyMap<string, string> = new Map([
  ['sshd', 'sshd'],
  ['sshd-session', 'sshd'],
  ['sshd-auth', 'sshd'],
  ['dropbear', 'sshd'],
  ['sudo', 'sudo'],
  ['su', 'su'],
  ['cron', 'cron'],
  ['crond', 'cron'],
  ['crontab', 'cron'],
  ['anacron', 'cron'],
])

const READERS: ReadonlyMap<string, (message: ProgramMessage) => Meaning | undefined> = new Map([
  ['sshd', sshdMessage],
  ['sudo', sudoMessage],
  ['su', suMessage],
])

function messageOf(envelope: SyslogEnvelope): ProgramMessage {
  // Red Hat's old PAM wrote "sshd(pam_unix)[123]: session opened …".
  const pam = /^(.+)\(pam_unix\)$/.exec(envelope.program)
  const program = (pam?.[1] ?? envelope.program).replace(/^.*\//, '').toLowerCase()
  return { program, pid: envelope.pid, text: pam ? `pam_unix(${program}): ${envelope.message}` : envelope.message }
}

/** Any message that has no meaning of its own here, with the first address it names behind "from", "rhost=" or "src=". */
function otherActivity({ program, text }: ProgramMessage): Meaning {
  const from = /(?:\bfrom |\brhost=|\bsrc=)\[?([0-9a-fA-F.:]{2,45})/.exec(text.slice(0, 4096))?.[1] ?? ''
  const srcIp = /^\d{1,3}(?:\.\d{1,3}){3}$|^(?=.*:.*:)[0-9a-fA-F:.]+$/.test(from) ? canonicalAddress(from) : ''
  return { kind: 'other_activity', message: text, image: program, srcIp }
}
