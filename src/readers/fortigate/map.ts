import type { EventFields } from '../../model/index.ts'
import { adminEvent } from './admin.ts'
import { addressOf, durationOf, type Fields, numberOf, said, word } from './fields.ts'
import { vpnEvent } from './vpn.ts'

/** What one line means: mostly one event, two where it is a log-in and a tunnel at once. */
export function meaningsOf(fields: Fields): readonly EventFields[] {
  const subtype = word(fields, 'subtype')
  switch (word(fields, 'type')) {
    case 'traffic':
      return [trafficEvent(fields)]
    case 'event':
      return (subtype === 'vpn' ? vpnEvent(fields) : adminEvent(fields)) ?? [otherActivity(fields)]
    case 'utm':
    case 'anomaly':
    case 'ips':
    case 'virus':
    case 'dns':
      return [utmEvent(fields, subtype)]
    default:
      return [otherActivity(fields)]
  }
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmp6',
  89: 'ospf',
  132: 'sctp',
}

/** Log id 20 of the traffic category repeats a session that is still open, with its counts so far. */
const STILL_OPEN = /^\d{5}00020$|^0*20$/

function trafficEvent(fields: Fields): EventFields {
  const action = word(fields, 'action')
  const proto = said(fields, 'proto')
  const isOpen = action === 'start' || STILL_OPEN.test(fields['logid'] ?? '')
  return {
    kind: 'network_activity',
    action: /^(?:deny|block|blocked|dropped)$/.test(action) ? 'deny' : isOpen ? 'open' : 'flow',
    protocol: PROTOCOLS[proto] ?? proto,
    srcIp: addressOf(fields, 'srcip'),
    srcPort: numberOf(fields, 'srcport'),
    dstIp: addressOf(fields, 'dstip'),
    dstPort: numberOf(fields, 'dstport'),
    // Source NAT writes transip and transport, destination NAT tranip and tranport.
    natSrcIp: addressOf(fields, 'transip'),
    natSrcPort: numberOf(fields, 'transport'),
    natDstIp: addressOf(fields, 'tranip'),
    natDstPort: numberOf(fields, 'tranport'),
    srcHost: word(fields, 'srcname'),
    dstHost: word(fields, 'dstname') || word(fields, 'hostname'),
    bytesOut: numberOf(fields, 'sentbyte'),
    bytesIn: numberOf(fields, 'rcvdbyte'),
    packetsOut: numberOf(fields, 'sentpkt'),
    packetsIn: numberOf(fields, 'rcvdpkt'),
    duration: durationOf(fields),
    state: action,
    service: said(fields, 'service') || said(fields, 'app'),
    uid: said(fields, 'sessionid'),
    sensor: word(fields, 'devname'),
    initiatorKnown: true,
    user: said(fields, 'user') || said(fields, 'unauthuser'),
    rule: said(fields, 'policyid'),
  }
}

const BLOCKED = /^(?:block|blocked|deny|dropped|reset|reset_client|reset_server|clear_session|quarantine)/
const SEVERITIES: Readonly<Record<string, number>> = { critical: 1, high: 1, medium: 2, low: 3, info: 4 }

/** What an inspection profile saw. Web requests and lookups that were let through are no alerts. */
function utmEvent(fields: Fields, subtype: string): EventFields {
  const isBlocked = BLOCKED.test(word(fields, 'action'))
  if (subtype === 'dns' && !isBlocked)
    return {
      kind: 'dns_activity',
      srcIp: addressOf(fields, 'srcip'),
      serverIp: addressOf(fields, 'dstip'),
      query: word(fields, 'qname'),
      queryType: said(fields, 'qtype'),
      answers: said(fields, 'ipaddr'),
    }
  if (subtype === 'webfilter' && !isBlocked) return webRequest(fields)
  if ((subtype === 'app-ctrl' || subtype === 'ssl' || subtype === 'voip') && !isBlocked) return otherActivity(fields)
  const severity = word(fields, 'severity') || word(fields, 'crlevel') || word(fields, 'apprisk')
  return {
    kind: 'detection_finding',
    title:
      said(fields, 'attack') || said(fields, 'virus') || said(fields, 'msg') || said(fields, 'logdesc') || `FortiGate ${subtype}`,
    signature: said(fields, 'attackid') || said(fields, 'virusid') || said(fields, 'eventtype'),
    // 1 is the worst, as in Suricata.
    severity: SEVERITIES[severity],
    category: subtype,
    srcIp: addressOf(fields, 'srcip'),
    srcPort: numberOf(fields, 'srcport'),
    dstIp: addressOf(fields, 'dstip'),
    dstPort: numberOf(fields, 'dstport'),
    verdict: word(fields, 'action'),
    uid: said(fields, 'sessionid'),
    user: said(fields, 'user'),
    path: said(fields, 'filename') || said(fields, 'url'),
  }
}

function webRequest(fields: Fields): EventFields {
  const url = said(fields, 'url').replace(/^https?:\/\/[^/]*/i, '')
  const mark = url.indexOf('?')
  return {
    kind: 'http_activity',
    clientIp: addressOf(fields, 'srcip'),
    method: said(fields, 'httpmethod') || said(fields, 'reqtype'),
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    virtualHost: word(fields, 'hostname'),
    serverIp: addressOf(fields, 'dstip'),
    serverPort: numberOf(fields, 'dstport'),
    userAgent: said(fields, 'agent'),
    user: said(fields, 'user'),
    referrer: said(fields, 'referralurl'),
    uid: said(fields, 'sessionid'),
  }
}

/** Any other record with its text. */
export function otherActivity(fields: Fields): EventFields {
  return {
    kind: 'other_activity',
    message:
      [said(fields, 'logdesc'), said(fields, 'msg')].filter(text => text !== '').join(': ') ||
      `${word(fields, 'type')}/${word(fields, 'subtype')}`,
    user: said(fields, 'user'),
    srcIp: addressOf(fields, 'srcip') || addressOf(fields, 'remip'),
    dstIp: addressOf(fields, 'dstip'),
  }
}
