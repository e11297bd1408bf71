import { type EventOf, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const OFF =
  /\bnetsh(?:\.exe)? (?:adv\w* set \w+profiles? state off|firewall set opmode (?:mode=)?disable)|\bset-netfirewallprofile\b.*-enabled:? (?:\$?false|0)|\b(?:systemctl (?:stop|disable)|service) (?:firewalld|ufw|iptables|nftables)|\bufw disable\b|\biptables -f\b/
const OPEN =
  /\bnetsh(?:\.exe)? (?:adv\w* firewall add rule|firewall add (?:portopening|allowedprogram))\b|\bnew-netfirewallrule\b/
const REMOTE_GROUP = /\bset rule group=remote (?:desktop|event log|service|scheduled tasks|administration).* enable=yes/
const EVERYTHING =
  /\blocalport=any\b.*\bremoteip=any\b|\bprotocol=any\b|\baction=allow\b(?!.*(?:localport|program|remoteport|service)=)/

/** The host's own firewall is opened or switched off by a command. */
export const firewallChange: RecordDetector<'process_activity' | 'script_activity'> = {
  on: 'record',
  id: 'living-off-land/firewall-change',
  title: 'Host firewall opened or switched off',
  reads: ['process_activity', 'script_activity'],
  techniques: ['T1562.004'],
  severity: 'low',
  confidence: 'moderate',
  why: 'A port proxy, a relay or a web listener needs an open port; intruders add the rule themselves.',
  innocent: 'the installation of a server program, or an administrator in search of a fault',
  detect(event) {
    const line = event.kind === 'process_activity' ? (event.action === 'start' ? event.commandLine : undefined) : event.text
    if (line === undefined || !/firewall|iptables|ufw|nftables/i.test(line)) return undefined
    const plain = plainCommand(line)
    if (OFF.test(plain))
      return { title: `Firewall switched off: ${shortCommand(line)}`, object: 'host firewall', severity: 'medium' }
    if (REMOTE_GROUP.test(plain))
      return {
        title: `Remote administration let through the firewall: ${shortCommand(line)}`,
        object: 'host firewall',
        severity: 'low',
      }
    if (!OPEN.test(plain)) return undefined
    return {
      title: `Firewall rule added: ${shortCommand(line)}`,
      object: ruleOf(plain, event),
      severity: EVERYTHING.test(plain) ? 'medium' : 'low',
    }
  },
}

function ruleOf(plain: string, event: EventOf<'process_activity' | 'script_activity'>): string {
  return /\b(?:name=|-displayname )(.+?)(?= \w+=| -\w+|$)/.exec(plain)?.[1]?.trim() || event.kind
}
