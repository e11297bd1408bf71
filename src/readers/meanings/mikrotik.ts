import { canonicalAddress, type EventFields, MICROS_PER_SECOND } from '../../model/index.ts'
import { protocolName } from './flow.ts'

/** Topics RouterOS puts before a message (help.mikrotik.com, "Log"): "firewall,info", "system,info,account". */
const TOPICS =
  /^((?:account|bridge|caps|certificate|critical|debug|dhcp|dns|e-mail|error|event|firewall|hotspot|ike|info|interface|ipsec|l2tp|manager|ntp|ovpn|packet|ppp|pppoe|pptp|radius|raw|route|script|snmp|sstp|system|tftp|upnp|warning|web-proxy|wireguard|wireless)(?:,[a-z!-]+)+)(?::| ) ?/

/** Topics and text of a RouterOS message; undefined when it does not begin with topics. */
export function routerOsMessage(text: string): { readonly topics: readonly string[]; readonly text: string } | undefined {
  const match = TOPICS.exec(text.slice(0, 200))
  return match ? { topics: (match[1] ?? '').split(','), text: text.slice(match[0].length) } : undefined
}

/** What a RouterOS message means; undefined for what is no more than its text. */
export function mikrotikMessage(message: string): readonly EventFields[] | undefined {
  const parsed = routerOsMessage(message)
  if (!parsed) return undefined
  const { topics } = parsed
  const text = parsed.text.slice(0, 4096)
  const meaning =
    (topics.includes('firewall') ? packet(text) : undefined) ??
    login(text) ??
    tunnel(topics, text) ??
    lease(topics, text) ??
    change(text) ??
    restart(text)
  return [meaning ?? { kind: 'other_activity', message, image: topics.join(',') }]
}

const PACKET =
  /^(?:(.*?) )?(input|output|forward|prerouting|postrouting|srcnat|dstnat|[\w.-]+): in:([^\s,(]+)(?:\([^)]*\))? out:([^,(]*)(?:\([^)]*\))?,(.*)$/
const ENDS =
  /(?:^|[\s,])proto (\S+?)(?: \(([^)]*)\))?, (\[?[0-9a-fA-F.:]+?\]?)(?::(\d+))?->(\[?[0-9a-fA-F.:]+?\]?)(?::(\d+))?(?:,|$)/
/** "NAT 203.0.113.9:5022->(192.0.2.1:443->10.0.0.5:443)" or "NAT (10.0.0.5:1234->192.0.2.1:1234)->203.0.113.9:443". */
const NAT_DST = /\bNAT \S+->\([^()]*->([0-9a-fA-F.]+):(\d+)\)/
const NAT_SRC = /\bNAT \([^()]*->([0-9a-fA-F.]+):(\d+)\)->/

/** A packet a firewall rule logged; whether it was dropped is only in the prefix the administrator chose. */
function packet(text: string): EventFields | undefined {
  const match = PACKET.exec(text)
  const ends = match && ENDS.exec(match[5] ?? '')
  if (!match || !ends) return undefined
  const [, prefix = '', chain = '', incoming = '', outgoing = ''] = match
  const [, protocolText = '', flags = '', src = '', srcPort, dst = '', dstPort] = ends
  const protocol = protocolName(protocolText)
  const [natDst, natSrc] = [NAT_DST.exec(match[5] ?? ''), NAT_SRC.exec(match[5] ?? '')]
  return {
    kind: 'network_activity',
    action: /drop|deny|block|reject/i.test(prefix) ? 'deny' : 'open',
    protocol,
    srcIp: canonicalAddress(src.replace(/[[\]]/g, '')),
    srcPort: srcPort === undefined ? undefined : Number(srcPort),
    dstIp: canonicalAddress(dst.replace(/[[\]]/g, '')),
    dstPort: dstPort === undefined ? undefined : Number(dstPort),
    natDstIp: natDst?.[1] ?? '',
    natDstPort: natDst ? Number(natDst[2]) : undefined,
    natSrcIp: natSrc?.[1] ?? '',
    natSrcPort: natSrc ? Number(natSrc[2]) : undefined,
    state: [chain, incoming, outgoing, flags].filter(Boolean).join(' '),
    initiatorKnown: protocol === 'tcp' ? flags === 'SYN' : /connection-state:new\b/.test(text) || undefined,
    rule: prefix,
  }
}

const WAYS: Readonly<Record<string, string>> = { local: 'console', 'rest-api': 'api', webfig: 'web' }

function login(text: string): EventFields | undefined {
  const match = /^user (.{1,200}?) logged (in|out)(?: from (\S+))?(?: via (\S+))?$/.exec(text)
  const failed = match ? null : /^login failure for user (.{0,200}?)(?: from (\S+))?(?: via (\S+))?$/.exec(text)
  const [user, from, via] = match ? [match[1], match[3], match[4]] : [failed?.[1], failed?.[2], failed?.[3]]
  if (!match && !failed) return undefined
  return {
    kind: 'authentication',
    action: match?.[2] === 'out' ? 'logoff' : 'logon',
    outcome: failed ? 'failure' : 'success',
    user: user ?? '',
    srcIp: canonicalAddress(from ?? ''),
    protocol: WAYS[via ?? ''] ?? via ?? '',
  }
}

const TUNNELS = ['l2tp', 'pptp', 'sstp', 'ovpn', 'pppoe', 'ike', 'ipsec', 'wireguard', 'ppp'] as const

function tunnel(topics: readonly string[], text: string): EventFields | undefined {
  const protocol = TUNNELS.find(topic => topics.includes(topic))
  if (protocol === undefined) return undefined
  const came = /^(\S+) logged in, ([0-9a-fA-F.:]+)(?: from ([0-9a-fA-F.:]+))?/.exec(text)
  if (came)
    return {
      kind: 'tunnel_activity',
      action: 'up',
      protocol,
      user: came[1] ?? '',
      assignedIp: canonicalAddress(came[2] ?? ''),
      srcIp: canonicalAddress(came[3] ?? ''),
    }
  // "logged out, seconds, bytes in, bytes out, packets in, packets out".
  const left = /^(\S+) logged out, (\d{1,12}) (\d{1,15}) (\d{1,15}) \d+ \d+(?: from ([0-9a-fA-F.:]+))?/.exec(text)
  if (left)
    return {
      kind: 'tunnel_activity',
      action: 'down',
      protocol,
      user: left[1] ?? '',
      duration: Number(left[2]) * MICROS_PER_SECOND,
      bytesOut: Number(left[3]),
      bytesIn: Number(left[4]),
      srcIp: canonicalAddress(left[5] ?? ''),
    }
  const state = /^<?([^>:]{1,120})>?: (connected|disconnected|terminating\.\.\..*|authenticated|authentication failed.*)$/.exec(
    text,
  )
  if (!state) return undefined
  const word = state[2] ?? ''
  return {
    kind: 'tunnel_activity',
    action:
      word === 'connected' ? 'up' : word === 'authenticated' ? 'seen' : word.startsWith('authentication') ? 'failure' : 'down',
    protocol,
    tunnelId: state[1] ?? '',
    user: /^(?:l2tp|pptp|sstp|ovpn|pppoe)-(.+)$/.exec(state[1] ?? '')?.[1] ?? '',
    reason: word,
  }
}

function lease(topics: readonly string[], text: string): EventFields | undefined {
  if (!topics.includes('dhcp')) return undefined
  const match = /^\S+ assigned ([0-9.]+) (?:for|to) ([0-9A-Fa-f:]{17})(?: (\S+))?/.exec(text)
  return match
    ? { kind: 'dhcp_activity', assignedIp: match[1] ?? '', mac: (match[2] ?? '').toLowerCase(), clientName: match[3] ?? '' }
    : undefined
}

const ACTIONS: Readonly<Record<string, string>> = {
  added: 'add',
  removed: 'delete',
  changed: 'set',
  moved: 'set',
  enabled: 'set',
  disabled: 'set',
  renamed: 'set',
}

/** "nat rule added by admin"; RouterOS 7 adds the program, the address and the command: "… by winbox-3.40/tcp-msg(winbox):admin@10.0.0.5 (/ip …)". */
function change(text: string): EventFields | undefined {
  const match =
    /^(.{1,200}?) (added|removed|changed|moved|enabled|disabled|renamed) by (?:(\S+?):)?([^\s@(]+)(?:@([0-9a-fA-F.:]+))?(?: \((.*)\))?$/s.exec(
      text,
    )
  if (!match) return undefined
  const [, object = '', action = '', way = '', user = '', from = '', command = ''] = match
  return {
    kind: 'device_config',
    action: ACTIONS[action] ?? 'set',
    user,
    srcIp: canonicalAddress(from),
    interface: way,
    object,
    attribute: action,
    command: command || text,
  }
}

function restart(text: string): EventFields | undefined {
  return /^router (?:was )?rebooted|^system (?:shutdown|rebooted)/i.test(text)
    ? { kind: 'device_config', action: 'restart', object: 'system', user: /by (\S+)$/.exec(text)?.[1] ?? '', command: text }
    : undefined
}
