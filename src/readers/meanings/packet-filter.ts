import { canonicalAddress, type EventFields } from '../../model/index.ts'
import { protocolName } from './flow.ts'

type Flow = EventFields<'network_activity'>

/**
 * A line of pf's filterlog on pfSense and OPNsense (docs.netgate.com, "Raw Filter Log Format"): the first packet of a connection only, so
 * no bytes and no end. A connection that is let through may be written twice, coming in and going out.
 */
export function filterlogMessage(text: string): Flow | undefined {
  const cells = text.slice(0, 2048).split(',')
  const [rule = '', , , tracker = '', interfaceName = '', reason = '', action = '', direction = '', version] = cells
  if (!/^\d*$/.test(rule) || !/^(?:in|out)$/.test(direction) || (version !== '4' && version !== '6')) return undefined
  const at = version === '4' ? 16 : 12
  // IPv4: …,protocol id,protocol,length,source,destination; IPv6 has the name before the number.
  const name = version === '4' ? cells[16] : cells[12]
  const [srcIp, dstIp] = version === '4' ? [cells[18], cells[19]] : [cells[15], cells[16]]
  if (name === undefined || srcIp === undefined || dstIp === undefined || !/^[0-9a-fA-F.:%]+$/.test(srcIp)) return undefined
  const protocol = protocolName(name)
  const hasPorts = protocol === 'tcp' || protocol === 'udp'
  const ports = version === '4' ? 20 : 17
  const flags = protocol === 'tcp' ? (cells[ports + 3] ?? '') : ''
  return {
    kind: 'network_activity',
    action: action === 'pass' ? 'open' : action === 'block' || action === 'reject' ? 'deny' : 'open',
    protocol,
    srcIp: canonicalAddress(srcIp),
    srcPort: hasPorts ? portOf(cells[ports]) : undefined,
    dstIp: canonicalAddress(dstIp),
    dstPort: hasPorts ? portOf(cells[ports + 1]) : undefined,
    state: [action, direction, interfaceName, flags].filter(word => word !== '').join(' '),
    // SYN alone opens; anything else was under way already when the filter saw it.
    initiatorKnown: protocol === 'tcp' ? flags === 'S' || flags === 'SEC' : undefined,
    rule: tracker === '' || tracker === '0' ? rule : tracker,
    service: at > 0 && reason !== 'match' ? reason : '',
  }
}

function portOf(text: string | undefined): number | undefined {
  return /^\d{1,5}$/.test(text ?? '') ? Number(text) : undefined
}

const REFUSING = /\b(?:block|blocked|drop|dropped|drp|deny|denied|reject|rejected|refuse|refused|invalid|bad)\b|_drop\b|\bdrop_/i

/**
 * A packet the Linux kernel logged for iptables, nftables or UFW (netfilter's LOG target): "PREFIX IN=eth0 OUT= SRC=… DST=… PROTO=TCP
 * SPT=… DPT=… SYN". What happened to the packet is only in the prefix somebody chose.
 */
export function netfilterMessage(text: string): Flow | undefined {
  const start = /(?:^|[\s\]:])IN=/.exec(text.slice(0, 512))
  if (!start) return undefined
  const said = text.slice(0, 4096)
  const value = (name: string): string => new RegExp(`(?:^|\\s)${name}=(\\S*)`).exec(said)?.[1] ?? ''
  const [srcIp, dstIp, protocol] = [value('SRC'), value('DST'), protocolName(value('PROTO'))]
  if (srcIp === '' || dstIp === '' || protocol === '') return undefined
  const prefix = said
    .slice(0, start.index)
    .replace(/^\[\s*\d+\.\d+\]\s*/, '')
    .trim()
  const flags = ['SYN', 'ACK', 'FIN', 'RST', 'PSH', 'URG'].filter(flag => new RegExp(`\\s${flag}(?:\\s|$)`).test(said))
  return {
    kind: 'network_activity',
    action: REFUSING.test(prefix.replaceAll('_', ' ').replaceAll('-', ' ')) ? 'deny' : 'open',
    protocol,
    srcIp: canonicalAddress(srcIp),
    srcPort: portOf(value('SPT')),
    dstIp: canonicalAddress(dstIp),
    dstPort: portOf(value('DPT')),
    state: [value('IN') === '' ? '' : `in ${value('IN')}`, value('OUT') === '' ? '' : `out ${value('OUT')}`, flags.join(' ')]
      .filter(word => word !== '')
      .join(' '),
    initiatorKnown: protocol === 'tcp' ? flags.includes('SYN') && !flags.includes('ACK') : undefined,
    rule: prefix,
  }
}
