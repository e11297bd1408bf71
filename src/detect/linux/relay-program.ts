import { fileNameOf, isInternalAddress, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import { addressIn, isLinuxProcess, isServiceAccount } from './places.ts'

/** Programs of a Linux that pass connections on, by their arguments; ssh and the named relay programs are living-off-land/reverse-tunnel. */
const RELAYS: readonly (readonly [RegExp, string, 'medium' | 'high', readonly string[]])[] = [
  [
    /\bsocat\b.*\b(?:tcp\d?|udp\d?|openssl|sctp)-l(?:isten)?:\S+.*\b(?:tcp\d?|udp\d?|openssl|socks4a?)(?:-connect)?:\S+:\d+/,
    'socat passes connections on',
    'high',
    ['T1090'],
  ],
  [
    /\bsocat\b.*\b(?:tcp\d?|openssl)(?:-connect)?:\S+:\d+.*\b(?:tcp\d?|openssl)(?:-connect)?:\S+:\d+/,
    'socat joins two connections',
    'high',
    ['T1090', 'T1572'],
  ],
  [
    /\bmkfifo\b.*\b(?:nc|ncat)\b.*\b(?:nc|ncat)\b|\b(?:nc|ncat)\b [^|]*-\w*l\w*[^|]*\|\s*(?:nc|ncat)\b/,
    'netcat passes connections on',
    'high',
    ['T1090'],
  ],
  [/\bssh\b.* -[a-z]*w ?\d+:\d+|\bsshuttle\b.* (?:-r|--remote)\b/, 'a whole network is reached through SSH', 'medium', ['T1572']],
  [/\b(?:iodined?|dnscat2?|dns2tcp[cd]?)\b.*(?:\.[a-z]{2,}\b|-f\b)/, 'a tunnel in questions of DNS', 'high', ['T1572']],
  [/\b(?:ptunnel(?:-ng)?|hans|icmptunnel)\b .*(?:-p|-x|-c|\d)/, 'a tunnel in ICMP', 'high', ['T1572', 'T1095']],
  [/\b(?:proxychains4?|graftcp|tsocks)\b \S+/, 'a program is sent through a proxy', 'medium', ['T1090']],
  [
    /\biptables\b.* (?:-t nat|--table nat)\b.* -[ai] ?prerouting\b.* -j dnat\b|\bnft\b.*\bprerouting\b.*\bdnat to\b/,
    'connections are passed on by the packet filter',
    'medium',
    ['T1090'],
  ],
]
const HINT = /socat|nc|ssh|iodine|dns|ptunnel|hans|icmptunnel|proxychains|graftcp|tsocks|iptables|nft/

/** A program passes connections on. */
export const relayProgram: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'linux/relay-program',
  title: 'Connections passed on by a Linux machine',
  reads: 'process_activity',
  techniques: ['T1090', 'T1572'],
  severity: 'high',
  confidence: 'moderate',
  why: 'A machine that passes connections on hides where they come from, and opens networks that are closed to the outside.',
  innocent: 'an administrator who reaches a service for an hour, or a port that is published on purpose',
  detect(process) {
    const line = process.commandLine ?? ''
    if (process.action !== 'start' || !HINT.test(line) || !isLinuxProcess(process)) return undefined
    const plain = plainCommand(line)
    const seen = RELAYS.find(([pattern]) => pattern.test(plain))
    if (!seen) return undefined
    // Container runtimes publish ports by exactly such rules.
    if (
      /^(?:dockerd|containerd|kube-proxy|cni\S*|libvirtd|firewalld|ufw|podman|netavark)$/.test(
        fileNameOf(process.parentImage ?? ''),
      )
    )
      return undefined
    const address = addressIn(line)
    return {
      title: `${seen[1].replace(/^./, first => first.toUpperCase())}: ${shortCommand(line)}`,
      object: fileNameOf(process.image ?? '') || 'relay',
      severity: isServiceAccount(process.user ?? '') ? 'high' : seen[2],
      techniques: seen[3],
      addresses: address !== undefined && !isInternalAddress(address) ? [address] : [],
      accounts: process.user ? [process.user] : [],
    }
  },
}
