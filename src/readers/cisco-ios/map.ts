import { canonicalAddress, type EventFields } from '../../model/index.ts'
import { protocolName } from '../meanings/flow.ts'

type Reading = (text: string, code: string) => readonly EventFields[] | undefined

/** What a message means; what nobody mapped, or is not worded as known, becomes other_activity with its text. */
export function meaningsOf(code: string, message: string): readonly EventFields[] {
  const text = message.slice(0, 8192)
  const read = READINGS.get(code) ?? FACILITIES.find(([pattern]) => pattern.test(code))?.[1]
  return read?.(text, code) ?? [{ kind: 'other_activity', message, srcIp: /\b(\d{1,3}(?:\.\d{1,3}){3})\b/.exec(text)?.[1] ?? '' }]
}

const bracketed = (text: string, name: string): string =>
  new RegExp(`\\[${name}: ?([^\\]]*)\\]`, 'i').exec(text)?.[1]?.trim() ?? ''
const address = (text: string | undefined): string => canonicalAddress(/^[0-9a-fA-F.:]+$/.test(text ?? '') ? (text ?? '') : '')

function command(text: string): readonly EventFields[] {
  const [, user = '', typed = ''] = /^User: ?(\S*)\s+logged command: ?(.*)$/s.exec(text) ?? []
  return [{ kind: 'device_config', action: 'command', user, command: typed || text }]
}

function configured(text: string): readonly EventFields[] {
  const [, how = '', user = '', from] = /^Configured from (\S+)(?: by (\S+))?(?: on \S+)?(?: \(([^)]+)\))?/.exec(text) ?? []
  return [{ kind: 'device_config', action: 'set', user, interface: how, srcIp: canonicalAddress(from ?? ''), command: text }]
}

/** login on-success log, login on-failure log: "Login Success [user: ora] [Source: 203.0.113.9] [localport: 22] at …". */
function login(text: string, code: string): readonly EventFields[] {
  const isFailure = code.endsWith('FAILED')
  const port = bracketed(text, 'localport')
  return [
    {
      kind: 'authentication',
      action: 'logon',
      outcome: isFailure ? 'failure' : 'success',
      user: bracketed(text, 'user'),
      srcIp: canonicalAddress(bracketed(text, 'Source')),
      reason: bracketed(text, 'Reason'),
      protocol: port === '22' ? 'ssh' : port === '23' ? 'telnet' : port === '80' || port === '443' ? 'web' : 'device',
    },
  ]
}

/** SSH-5-SSH2_USERAUTH: "User 'ora' authentication for SSH2 Session from 203.0.113.9 (tty = 0) using crypto cipher '…', hmac '…' Succeeded". */
function ssh(text: string): readonly EventFields[] | undefined {
  const [, user, from, outcome] =
    /^User '([^']*)' authentication for SSH2? Session from (\S+).*? (Succeeded|Failed)/.exec(text) ??
    /^User '([^']*)' authentication for SSH2? Session from (\S+).*?(Succeeded|Failed)?$/.exec(text) ??
    []
  if (user === undefined) return undefined
  return [
    {
      kind: 'authentication',
      // The log-in itself is SEC_LOGIN's, where it is switched on; without it this is all there is.
      action: 'validate',
      outcome: outcome === 'Failed' ? 'failure' : 'success',
      user,
      srcIp: address(from),
      protocol: 'ssh',
    },
  ]
}

function web(text: string, code: string): readonly EventFields[] | undefined {
  const [, user = '', from] =
    /[Uu]ser '?([^'\s]*)'? from host '?([0-9a-fA-F.:]+)/.exec(text) ??
    /for '?([^'\s]+)'? from '?([0-9a-fA-F.:]+)/.exec(text) ??
    []
  if (from === undefined) return undefined
  return [
    {
      kind: 'authentication',
      action: 'logon',
      outcome: /FAIL/.test(code) ? 'failure' : 'success',
      user,
      srcIp: address(from),
      protocol: 'web',
    },
  ]
}

function logout(text: string): readonly EventFields[] | undefined {
  const match = /^User (\S*) has exited tty session \d+\(([^)]*)\)/.exec(text)
  return match
    ? [
        {
          kind: 'authentication',
          action: 'logoff',
          outcome: 'success',
          user: match[1] ?? '',
          srcIp: address(match[2]),
          protocol: 'device',
        },
      ]
    : undefined
}

/** SYS-5-PRIV_AUTH_PASS, SYS-5-PRIV_AUTH_FAIL: "Privilege level set to 15 by ora on vty0 (203.0.113.9)". */
function privilege(text: string, code: string): readonly EventFields[] {
  const [, level = '', user = '', from] = /to (?:privilege level )?(\d+)?.*?\bby (\S+) on \S+(?: \(([^)]*)\))?/.exec(text) ?? []
  return [
    {
      kind: 'authentication',
      action: 'privileges',
      outcome: code.endsWith('FAIL') ? 'failure' : 'success',
      user,
      srcIp: address(from),
      reason: level === '' ? text.slice(0, 200) : `privilege level ${level}`,
    },
  ]
}

const ACCESS =
  /^list (\S+) (permitted|denied) (\S+) ([0-9a-fA-F.:]+)(?:\((\d+)\))?(?: \([^)]*\))?(?: \S+)? -> ([0-9a-fA-F.:]+)(?:\((\d+)\))?(?: \((\d+)\/(\d+)\))?, (\d+) packet/

/** SEC-6-IPACCESSLOGP, -DP, -NP, IPV6-6-ACCESSLOGP: the first packet of an access list's entry, then a count every five minutes. */
function access(text: string): readonly EventFields[] | undefined {
  const match = ACCESS.exec(text)
  if (!match) return undefined
  const [, rule = '', word, protocol = '', src = '', srcPort, dst = '', dstPort, , , packets] = match
  return [
    {
      kind: 'network_activity',
      action: word === 'denied' ? 'deny' : 'open',
      protocol: protocolName(protocol),
      srcIp: canonicalAddress(src),
      srcPort: portOf(srcPort),
      dstIp: canonicalAddress(dst),
      dstPort: portOf(dstPort),
      packetsOut: Number(packets),
      rule,
    },
  ]
}

/** SEC-6-IPACCESSLOGS: "list 10 denied 203.0.113.9 3 packets", as a list on the lines of administration writes. */
function standardAccess(text: string): readonly EventFields[] | undefined {
  const match = /^list (\S+) (permitted|denied) ([0-9a-fA-F.:]+) (\d+) packet/.exec(text)
  return match
    ? [
        {
          kind: 'network_activity',
          action: match[2] === 'denied' ? 'deny' : 'open',
          srcIp: canonicalAddress(match[3] ?? ''),
          packetsOut: Number(match[4]),
          rule: match[1] ?? '',
        },
      ]
    : undefined
}

const portOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

/** FW-6-SESS_AUDIT_TRAIL: "Stop tcp session: initiator (10.0.0.5:1234) sent 22 bytes -- responder (203.0.113.9:443) sent 68 bytes". */
function session(text: string): readonly EventFields[] | undefined {
  const match =
    /(?:(Start|Stop) )?(\S+) session:? initiator \(([0-9a-fA-F.:]+?):(\d+)\)(?: sent (\d+) bytes)? ?-- ?responder \(([0-9a-fA-F.:]+?):(\d+)\)(?: sent (\d+) bytes)?/.exec(
      text,
    )
  if (!match) return undefined
  const [, word, protocol = '', src = '', srcPort, sent, dst = '', dstPort, received] = match
  return [
    {
      kind: 'network_activity',
      action: word === 'Start' || sent === undefined ? 'open' : 'flow',
      protocol: protocolName(protocol),
      srcIp: src,
      srcPort: portOf(srcPort),
      dstIp: dst,
      dstPort: portOf(dstPort),
      bytesOut: sent === undefined ? undefined : Number(sent),
      bytesIn: received === undefined ? undefined : Number(received),
      initiatorKnown: true,
    },
  ]
}

/** IPNAT-6-CREATED, IPNAT-6-DELETED: "tcp 10.0.0.5:1234 192.0.2.1:1234 203.0.113.9:443 203.0.113.9:443" (inside local, inside global, outside local, outside global). */
function nat(text: string, code: string): readonly EventFields[] | undefined {
  const match =
    /^(\S+) ([0-9.]+):(\d+) ([0-9.]+):(\d+) ([0-9.]+):(\d+) ([0-9.]+):(\d+)/.exec(text) ??
    /(\S+) ([0-9.]+):(\d+) ([0-9.]+):(\d+) ([0-9.]+):(\d+) ([0-9.]+):(\d+)/.exec(text)
  if (!match) return undefined
  const [, protocol = '', inside = '', insidePort, global = '', globalPort, , , outside = '', outsidePort] = match
  return [
    {
      kind: 'network_activity',
      action: /CREATE/.test(code) ? 'open' : 'close',
      protocol: protocolName(protocol),
      srcIp: inside,
      srcPort: Number(insidePort),
      dstIp: outside,
      dstPort: Number(outsidePort),
      natSrcIp: global,
      natSrcPort: Number(globalPort),
      // The table names the inside first whoever opened the connection.
      initiatorKnown: false,
      service: 'nat',
    },
  ]
}

/** CRYPTO-5-SESSION_STATUS, CRYPTO-5-IKEV2_SESSION_STATUS: "Crypto tunnel is UP. Peer 203.0.113.9:500 Id: ora". */
function crypto(text: string): readonly EventFields[] | undefined {
  const match = /Crypto tunnel v?\d? ?is (UP|DOWN)\.\s+Peer ([0-9a-fA-F.:]+?)(?::\d+)?\s.*?(?:Id: ?(\S+))?/.exec(text)
  if (!match) return undefined
  const id = /\bId: ?(\S+)/.exec(text)?.[1] ?? ''
  return [
    {
      kind: 'tunnel_activity',
      action: match[1] === 'UP' ? 'up' : 'down',
      protocol: 'ipsec',
      srcIp: canonicalAddress(match[2] ?? ''),
      user: /^[0-9.:]+$/.test(id) ? '' : id,
      tunnelId: id,
    },
  ]
}

/** LINEPROTO-5-UPDOWN of a tunnel: "Line protocol on Interface Tunnel9, changed state to up". Other interfaces are other_activity. */
function line(text: string): readonly EventFields[] | undefined {
  const match = /Interface ((?:Tunnel|Virtual-Access|Virtual-Template|Dialer)\S*?),.* to (?:administratively )?(up|down)/.exec(
    text,
  )
  return match
    ? [{ kind: 'tunnel_activity', action: match[2] ?? '', protocol: 'interface', tunnelId: match[1] ?? '', reason: text }]
    : undefined
}

function logHost(text: string): readonly EventFields[] {
  const isStopped = /stopped|disabled|failed/i.test(text)
  return [{ kind: 'log_activity', action: isStopped ? 'stopped' : 'started', log: 'cisco-ios', detail: text.slice(0, 500) }]
}

function logCleared(text: string): readonly EventFields[] {
  return [
    {
      kind: 'log_activity',
      action: 'cleared',
      log: 'cisco-ios',
      user: /\bby (\S+)/.exec(text)?.[1] ?? '',
      detail: text.slice(0, 500),
    },
  ]
}

function restarted(text: string): readonly EventFields[] {
  const [, user = '', from] = /\bby (\S+) on \S+(?: \(([^)]+)\))?/.exec(text) ?? []
  return [{ kind: 'device_config', action: 'restart', object: 'system', user, srcIp: address(from), command: text }]
}

/** HA_EM-6-LOG: what a script of the event manager writes, "NAME: text". */
function script(text: string): readonly EventFields[] {
  return [{ kind: 'scheduled_job_activity', action: 'run', name: /^(\S+?):/.exec(text)?.[1] ?? '', command: text }]
}

/** Containers on the device: Guest Shell (VIRT_SERVICE, IOXCAF, IM). */
function container(text: string): readonly EventFields[] {
  const name = /(?:virtual service|App)\s+'?([\w.-]+)/i.exec(text)?.[1] ?? /\b(guestshell\+?)/i.exec(text)?.[1] ?? ''
  return [
    {
      kind: 'service_activity',
      action: /deactivat|stopp|uninstall/i.test(text) ? 'stop' : /install/i.test(text) ? 'install' : 'start',
      name,
      path: text.slice(0, 500),
    },
  ]
}

function refusedSnmp(text: string): readonly EventFields[] {
  return [
    {
      kind: 'authentication',
      action: 'logon',
      outcome: 'failure',
      srcIp: address(/from host ([0-9a-fA-F.:]+)/.exec(text)?.[1]),
      protocol: 'snmp',
      reason: text.slice(0, 200),
    },
  ]
}

const READINGS: ReadonlyMap<string, Reading> = new Map([
  ['PARSER-5-CFGLOG_LOGGEDCMD', command],
  ['SYS-5-CONFIG_I', configured],
  ['SEC_LOGIN-5-LOGIN_SUCCESS', login],
  ['SEC_LOGIN-4-LOGIN_FAILED', login],
  ['SSH-5-SSH_USERAUTH', ssh],
  ['SSH-5-SSH2_USERAUTH', ssh],
  ['WEBSERVER-5-LOGIN_PASSED', web],
  ['WEBSERVER-5-LOGIN_FAILED', web],
  ['WEBUI-6-LOGIN_PASSED', web],
  ['WEBUI-4-LOGIN_FAILED', web],
  ['SYS-6-LOGOUT', logout],
  ['SYS-5-PRIV_AUTH_PASS', privilege],
  ['SYS-3-PRIV_AUTH_FAIL', privilege],
  ['SYS-5-PRIV_AUTH_FAIL', privilege],
  ['SEC-6-IPACCESSLOGS', standardAccess],
  ['CRYPTO-5-SESSION_STATUS', crypto],
  ['CRYPTO-5-IKEV2_SESSION_STATUS', crypto],
  ['LINEPROTO-5-UPDOWN', line],
  ['SYS-6-LOGGINGHOST_STARTSTOP', logHost],
  ['SYS-3-LOGGINGHOST_FAIL', logHost],
  [
    'SYS-5-LOG_CONFIG_CHANGE',
    text => [{ kind: 'log_activity', action: 'policy-changed', log: 'cisco-ios', detail: text.slice(0, 500) }],
  ],
  ['SYS-6-LOGGER_CLEARED', logCleared],
  ['SYS-5-LOGGER_CLEARED', logCleared],
  ['SYS-5-RELOAD', restarted],
  ['SYS-5-RESTART', restarted],
  ['HA_EM-6-LOG', script],
  ['SNMP-3-AUTHFAIL', refusedSnmp],
  ['SNMP-4-NOTRAPIP', refusedSnmp],
])

/** Messages that differ by version in severity or ending. */
const FACILITIES: readonly (readonly [RegExp, Reading])[] = [
  [/^(?:SEC|IPV6|FMANFP|ACLLOG)-\d-(?:IP)?V?6?ACCESSLOG(?:P|DP|NP|RP|SP)?$/, access],
  [/^FW-\d-SESS_AUDIT_TRAIL(?:_START)?$/, session],
  [/^(?:IP)?NAT-\d-(?:NAT_)?(?:CREATED?|DELETED?|TRANSLATION_(?:CREATE|DELETE)D?)$/, nat],
  [/^(?:VIRT_SERVICE|IOXCAF|IOX|IM|IOX_MGR)-\d-/, container],
]
