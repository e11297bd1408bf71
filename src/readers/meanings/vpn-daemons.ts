import { canonicalAddress, type EventFields } from '../../model/index.ts'

/** "203.0.113.9:5022", "ora/203.0.113.9:5022", IPv6 in brackets or with "[AF_INET6]". */
const PEER = /^(?:([^/\s]{1,200})\/)?(\[?[0-9a-fA-F.:]{2,45}?\]?):(\d{1,5}) (.*)$/s

/** Clients that a server talks with at a time; a port scan of a VPN's port must not fill the memory. */
const MAX_CLIENTS = 4096

/**
 * The log of an OpenVPN server, line after line. A client with a wrong password still gets "Peer Connection Initiated" (the tunnel in which
 * it is told of its failure, OpenVPN 2.6), and two more lines say the same failure again: only what came before tells which is which.
 */
export class OpenVpnClients {
  /** Clients by address and port: the name in their certificate, and whether they were refused. */
  readonly #clients = new Map<string, { name: string; isRefused: boolean }>()

  meaningsOf(message: string): readonly EventFields[] | undefined {
    const peer = PEER.exec(message.slice(0, 4096))
    const rest = peer?.[4] ?? ''
    const client = peer ? this.#client(`${peer[2]}:${peer[3]}`) : { name: '', isRefused: false }
    const meanings = openVpnMessage(message)
    const name = /^VERIFY OK: depth=0, (?:.*?\b)?CN=([^,]{1,200})/.exec(rest)?.[1]
    if (name !== undefined) client.name = name
    if (/client-instance (?:exiting|restarting)/.test(rest)) this.#clients.delete(`${peer?.[2]}:${peer?.[3]}`)
    const isFailure = meanings?.some(meaning => meaning.kind === 'authentication' && meaning.outcome === 'failure')
    if (client.isRefused && (isFailure || rest.includes('Peer Connection Initiated'))) return undefined
    if (!isFailure) return meanings
    client.isRefused = true
    return meanings?.map(meaning =>
      meaning.kind === 'authentication' ? { ...meaning, user: meaning.user || client.name } : meaning,
    )
  }

  #client(key: string): { name: string; isRefused: boolean } {
    const known = this.#clients.get(key)
    if (known) return known
    if (this.#clients.size >= MAX_CLIENTS) this.#clients.delete(this.#clients.keys().next().value ?? '')
    const client = { name: '', isRefused: false }
    this.#clients.set(key, client)
    return client
  }
}

/** What OpenVPN's server says of its clients (openvpn.net, source multi.c and ssl_verify.c); undefined for everything else. */
export function openVpnMessage(message: string): readonly EventFields[] | undefined {
  const text = message.slice(0, 4096)
  const learned = /^MULTI: Learn: ([0-9a-fA-F.:]+) -> ([^/\s]+)\/(\S+?):\d+$/.exec(text)
  const peer = PEER.exec(text)
  const user = peer?.[1] ?? ''
  const srcIp = canonicalAddress((peer?.[2] ?? '').replace(/[[\]]/g, ''))
  const rest = peer?.[4] ?? text
  if (learned)
    return [
      tunnel('assigned', {
        user: learned[2] ?? '',
        assignedIp: canonicalAddress(learned[1] ?? ''),
        srcIp: canonicalAddress(learned[3] ?? ''),
      }),
    ]
  const initiated = /^\[([^\]]{0,200})\] Peer Connection Initiated with (?:\[AF_INET6?\])?(\S+?):\d+/.exec(rest)
  if (initiated) {
    const from = canonicalAddress((initiated[2] ?? '').replace(/[[\]]/g, '')) || srcIp
    const name = initiated[1] ?? ''
    return [
      { kind: 'authentication', action: 'logon', outcome: 'success', user: name, srcIp: from, protocol: 'ssl-vpn' },
      tunnel('up', { user: name, srcIp: from }),
    ]
  }
  if (!peer) return undefined
  if (/Auth Username\/Password verification failed|AUTH_FAILED|VERIFY ERROR|TLS Auth Error/.test(rest))
    return [
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'failure',
        user: user || (/username ['"]?([^'"\s]+)/.exec(rest)?.[1] ?? ''),
        srcIp,
        protocol: 'ssl-vpn',
        reason: rest.slice(0, 200),
      },
    ]
  const pool = /pool returned IPv4=([0-9.]+)/.exec(rest)
  if (pool) return [tunnel('assigned', { user, srcIp, assignedIp: pool[1] ?? '' })]
  if (
    /^(?:SIGTERM|SIGUSR1)\[.*client-instance (?:exiting|restarting)|^Connection reset, restarting|^\[.*\] Inactivity timeout/.test(
      rest,
    )
  )
    return [tunnel('down', { user, srcIp, reason: rest.slice(0, 200) })]
  const version = /^peer info: (IV_(?:VER|PLAT|GUI_VER)=\S+)/.exec(rest)
  return version ? [tunnel('seen', { user, srcIp, client: version[1] ?? '' })] : undefined
}

function tunnel(
  action: string,
  fields: {
    readonly user?: string
    readonly srcIp?: string
    readonly assignedIp?: string
    readonly reason?: string
    readonly client?: string
  },
): EventFields {
  return { kind: 'tunnel_activity', action, protocol: 'openvpn', ...fields }
}

const RADIUS =
  /\bLogin (OK|incorrect)(?: \(([^)]{0,300}(?:\)[^)[]{0,100})?)\))?: \[([^\]]{0,300})\] \(from client (\S+) port (\S+)(?: cli ([^)\s]+))?/

/** FreeRADIUS's "Login OK" and "Login incorrect" (log_auth of radiusd.conf). `cli` is the calling station: an address, a number, a MAC. */
export function radiusMessage(message: string): readonly EventFields[] | undefined {
  const match = RADIUS.exec(message.slice(0, 4096))
  if (!match) return undefined
  const [, word, reason = '', named = '', client = '', , station = ''] = match
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$|:.*:/.test(station) && !/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/.test(station)
  return [
    {
      kind: 'authentication',
      action: 'logon',
      outcome: word === 'OK' ? 'success' : 'failure',
      // "[ora/<via Auth-Type = mschap>]", and with log_auth_badpass "[ora/password]": what follows the slash is never kept as a name.
      user: named.replace(/\/.*$/s, ''),
      srcIp: isAddress ? canonicalAddress(station) : '',
      srcHost: isAddress ? '' : station.toLowerCase(),
      target: client.toLowerCase(),
      protocol: 'radius',
      reason,
    },
  ]
}

/** Web interfaces of pfSense (php-fpm, webgui) and OPNsense (audit): log-ins and changes. */
export function firewallGuiMessage(message: string): readonly EventFields[] | undefined {
  const text = message.slice(0, 4096)
  const good = /Successful login for user '([^']*)' from: ([0-9a-fA-F.:]+)/.exec(text)
  const bad = /(?:authentication error for user|Web GUI authentication error for) '([^']*)' from:? ([0-9a-fA-F.:]+)/.exec(text)
  const out = /User logged out for user '([^']*)' from: ([0-9a-fA-F.:]+)/.exec(text)
  const found = good ?? bad ?? out
  if (found)
    return [
      {
        kind: 'authentication',
        action: out ? 'logoff' : 'logon',
        outcome: bad ? 'failure' : 'success',
        user: found[1] ?? '',
        srcIp: canonicalAddress(found[2] ?? ''),
        protocol: 'web',
      },
    ]
  const changed = /^(\S+): Configuration Change: ([^@\s]+)@([0-9a-fA-F.:]+)(?: \([^)]*\))?: (.*)$/s.exec(text)
  return changed
    ? [
        {
          kind: 'device_config',
          action: 'set',
          user: changed[2] ?? '',
          srcIp: canonicalAddress(changed[3] ?? ''),
          interface: 'web',
          object: changed[1] ?? '',
          command: changed[4] ?? '',
        },
      ]
    : undefined
}
