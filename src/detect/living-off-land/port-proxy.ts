import {
  type EventOf,
  isInternalAddress,
  isLoopback,
  type Match,
  plainCommand,
  type RecordDetector,
  shortCommand,
} from '../../model/index.ts'

/** netsh takes every word shortened ("netsh i p a v l=8001 connectp=3389"): four words that begin the long ones, then options. */
const NETSH = /\bnetsh(?:\.exe)? (i\w*) (p\w*) ([as]\w*) (v\w*)((?: \S+){1,8})/
const WORDS = ['interface', 'portproxy', /^(?:ad?d?|se?t?)$/, /^v(?:[46](?:t(?:o(?:v[46]?)?)?)?)?$/] as const
/** In netsh's own order, which decides what an ambiguous beginning means: "c" is connectaddress. */
const OPTIONS = ['listenport', 'connectaddress', 'connectport', 'listenaddress', 'protocol'] as const
const KEY = /\\services\\portproxy\\v[46]tov[46]\\tcp/i

/** WSL and Docker bridge ports of the machine to their own subnet (172.16/12); the published advice is this very command. */
const VIRTUAL_MACHINE_SUBNET = /^172\.(?:1[6-9]|2\d|3[01])\./
/** Ports that make a forwarder a door to the machine behind it: RDP, SMB, WinRM, SSH, SQL, and the ports AA23-144A names. */
const TELLING_PORTS = new Set(['3389', '445', '5985', '5986', '22', '1433', '3306', '135', '8443', '9999', '50100'])

/** Windows is told to forward a port: by `netsh interface portproxy`, or by the registry value alone. */
export const portProxy: RecordDetector<'process_activity' | 'registry_activity' | 'script_activity'> = {
  on: 'record',
  id: 'living-off-land/port-proxy',
  title: 'Port forwarding set up in Windows',
  reads: ['process_activity', 'registry_activity', 'script_activity'],
  techniques: ['T1090.001'],
  severity: 'high',
  confidence: 'moderate',
  why: 'A port proxy turns a server into a relay: traffic enters on a port nobody watches and leaves to a machine that is not reachable from outside.',
  innocent: 'a bridge to WSL, Docker or a virtual machine on the same computer, or a forwarder the operator has documented',
  detect(event) {
    if (event.kind === 'registry_activity') return valueSet(event)
    const line = event.kind === 'process_activity' ? (event.action === 'start' ? event.commandLine : undefined) : event.text
    if (line === undefined || !/netsh/i.test(line)) return undefined
    const options = addedOptions(plainCommand(line))
    if (options === undefined) return undefined
    const part = (name: (typeof OPTIONS)[number]) => options.get(name) ?? ''
    return forwarding(
      part('listenaddress'),
      part('listenport'),
      part('connectaddress'),
      part('connectport') || part('listenport'),
      shortCommand(line),
    )
  },
}

/** The options of `netsh interface portproxy add`, by their full names; undefined when the line is another command. */
function addedOptions(plain: string): ReadonlyMap<string, string> | undefined {
  const [, first = '', second = '', third = '', fourth = '', rest = ''] = NETSH.exec(plain) ?? []
  if (
    first === '' ||
    !WORDS[0].startsWith(first) ||
    !WORDS[1].startsWith(second) ||
    !WORDS[2].test(third) ||
    !WORDS[3].test(fourth)
  )
    return undefined
  const options = new Map<string, string>()
  for (const word of rest.trim().split(' ')) {
    const [name = '', value] = word.split('=', 2)
    const option = value === undefined ? undefined : OPTIONS.find(long => long.startsWith(name) && name !== '')
    if (option !== undefined && value !== undefined) options.set(option, value)
  }
  return options.size === 0 ? undefined : options
}

/** Value name "listenaddress/port", data "connectaddress/port"; `*` listens everywhere. */
function valueSet(set: EventOf<'registry_activity'>): Match | undefined {
  const key = `${set.key ?? ''}\\${set.valueName ?? ''}`
  if (set.action !== 'set-value' || !KEY.test(key)) return undefined
  const listen = /(?<![^\\/])([^\\/]*)\/(\d+)$/.exec(set.valueName || (set.key ?? ''))
  const connect = /^(.*)\/(\d+)$/.exec(set.value ?? '')
  const match = forwarding(
    listen?.[1] ?? '',
    listen?.[2] ?? '',
    connect?.[1] ?? '',
    connect?.[2] ?? '',
    'registry value of the port proxy',
  )
  return { ...match, techniques: ['T1090.001', 'T1112'] }
}

function forwarding(listenAt: string, listen: string, connectTo: string, connect: string, how: string): Match {
  const bridge =
    isLoopback(listenAt) || isLoopback(connectTo) || connectTo === 'localhost' || VIRTUAL_MACHINE_SUBNET.test(connectTo)
  const telling = TELLING_PORTS.has(connect) || TELLING_PORTS.has(listen)
  const target = connectTo === '' ? 'this machine' : connectTo
  return {
    title: `Port ${listen || '?'} is forwarded to ${target}:${connect || '?'} (${how})`,
    object: `portproxy ${listen}`,
    severity: bridge && !telling ? 'low' : bridge ? 'medium' : 'high',
    confidence: bridge && !telling ? 'low' : 'moderate',
    techniques: connect === '3389' || listen === '3389' ? ['T1090.001', 'T1572'] : ['T1090.001'],
    addresses: connectTo !== '' && !isInternalAddress(connectTo) && /^[\d.]+$/.test(connectTo) ? [connectTo] : [],
  }
}
