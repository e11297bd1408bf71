import { canonicalAddress, type EventFields } from '../../model/index.ts'
import type { SyslogEnvelope } from '../carriers/syslog-envelope.ts'
import { mikrotikMessage } from './mikrotik.ts'
import { filterlogMessage, netfilterMessage } from './packet-filter.ts'
import { accountChange } from './syslog-accounts.ts'
import { daemonMessage } from './syslog-daemons.ts'
import { pamMessage } from './syslog-pam.ts'
import { sshdMessage } from './syslog-sshd.ts'
import { sudoMessage, suMessage } from './syslog-sudo.ts'
import { firewallGuiMessage, openVpnMessage, radiusMessage } from './vpn-daemons.ts'

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
export function meaningOf(envelope: SyslogEnvelope): ProgramMeaning {
  const message = messageOf(envelope)
  const device = deviceMeaning(message)
  if (device) return device
  const product = PRODUCTS.get(message.program) ?? 'syslog'
  const fields = READERS.get(product)?.(message) ?? accountChange(message) ?? daemonMessage(message) ?? pamMessage(message)
  return { product, fields: [fields ?? otherActivity(message)] }
}

/** Product and events of one message: mostly one event, two where it is a log-in and a tunnel at once. */
export interface ProgramMeaning {
  readonly product: string
  readonly fields: readonly Meaning[]
  /** The recording machine is a firewall or router that saw a connection of others. */
  readonly isSensor?: true
}

const one = (fields: Meaning | undefined): readonly Meaning[] | undefined => fields && [fields]

/** Programs of firewalls, routers and VPN servers that write into the syslog of their system. */
const DEVICES: ReadonlyMap<string, readonly [product: string, read: (text: string) => readonly Meaning[] | undefined]> = new Map([
  ['filterlog', ['filterlog', text => one(filterlogMessage(text))]],
  ['kernel', ['netfilter', text => one(netfilterMessage(text))]],
  ['ulogd', ['netfilter', text => one(netfilterMessage(text))]],
  ['openvpn', ['openvpn', openVpnMessage]],
  ['ovpn-server', ['openvpn', openVpnMessage]],
  ['radiusd', ['freeradius', radiusMessage]],
  ['freeradius', ['freeradius', radiusMessage]],
  ['php-fpm', ['pfsense', firewallGuiMessage]],
  ['php', ['pfsense', firewallGuiMessage]],
  ['webgui', ['pfsense', firewallGuiMessage]],
  ['audit', ['opnsense', firewallGuiMessage]],
])

function deviceMeaning({ program, text }: ProgramMessage): ProgramMeaning | undefined {
  const device = DEVICES.get(program) ?? (program.startsWith('openvpn') ? DEVICES.get('openvpn') : undefined)
  const said = device?.[1](text)
  if (device && said) return { product: device[0], fields: said, isSensor: true }
  // RouterOS writes topics where others write a program; kernels write without any name on small devices.
  const topics =
    program === '' || program.includes(',') ? mikrotikMessage(program === '' ? text : `${program}: ${text}`) : undefined
  if (topics) return { product: 'mikrotik', fields: topics, isSensor: true }
  const packet = program === '' ? netfilterMessage(text) : undefined
  return packet && { product: 'netfilter', fields: [packet], isSensor: true }
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
