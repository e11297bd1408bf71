import { canonicalAddress, type EventFields, type Reader } from '../../model/index.ts'
import { deviceReader } from '../carriers/device-log.ts'

type Fields = Readonly<Record<string, string>>

const ELEMENT = /<([A-Za-z][A-Za-z0-9-]{0,60})(?: data_type="\d+")?>([^<]{0,4000})<\/\1>/g
const IS_EVENT = /^<Event>.*<(?:Timestamp|Packet-Type|Computer-Name) data_type="\d+">/

/** Accounting files of Microsoft's Network Policy Server in the format "DTS compliant": one XML element a line (learn.microsoft.com, "NPS log files"). */
export const reader: Reader = deviceReader({
  format: 'nps',
  title: 'Network Policy Server log (RADIUS)',
  version: 1,
  product: 'nps',
  record: 'NPS event',
  certain: 95,
  about: {
    reads: "Files of Microsoft's Network Policy Server in the format DTS compliant.",
    exported: 'Copy `C:\\Windows\\System32\\LogFiles\\IN*.log`. The old comma format of IAS is not read.',
    shows: 'Log-ins and refusals, VPN sessions with the address inside and bytes.',
    cannotShow: 'The outside address when the VPN device does not send it.',
    clock: 'Host yes, zone no (give it), year yes. Milliseconds.',
    builtFrom: 'documentation',
    checkedOn: 'lines made after the documentation, not on the log of a real server.',
    page: 'radius',
  },
  isMine: line => IS_EVENT.test(line.slice(0, 4096)),
  parser: (_part, zone) => line => {
    if (!line.startsWith('<Event>')) return undefined
    const fields: Record<string, string> = {}
    for (const [, name = '', value = ''] of line.slice(0, 65_536).matchAll(ELEMENT)) fields[name] ??= unescaped(value)
    const match = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(fields['Timestamp'] ?? '')
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (match ?? []).slice(1, 7).map(Number)
    return {
      time: match
        ? zone.microsOf({ year, month, day, hour, minute, second }, Number((match[7] ?? '').padEnd(6, '0')))
        : undefined,
      host: fields['Computer-Name'] ?? '',
      code: fields['Packet-Type'] ?? '',
      fields,
      meanings: [meaningOf(fields)],
    }
  },
})

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
const unescaped = (text: string) => text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '')

/** RADIUS packet types (RFC 2865, section 4; RFC 2866): 1 request, 2 accept, 3 reject, 4 accounting, 11 challenge. */
function meaningOf(fields: Fields): EventFields {
  const type = fields['Packet-Type'] ?? ''
  const user = fields['SAM-Account-Name'] || fields['Fully-Qualifed-User-Name'] || fields['User-Name'] || ''
  const station = fields['Tunnel-Client-Endpt'] || fields['Calling-Station-Id'] || ''
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(station)
  const who = { user, srcIp: isAddress ? canonicalAddress(station) : '' }
  if (type === '2' || type === '3')
    return {
      kind: 'authentication',
      action: 'logon',
      outcome: type === '2' ? 'success' : 'failure',
      ...who,
      srcHost: isAddress ? '' : station.toLowerCase(),
      target: (fields['Client-Friendly-Name'] ?? '').toLowerCase(),
      protocol: 'radius',
      reason: fields['Reason-Code'] === '0' ? '' : (fields['Reason-Code'] ?? ''),
    }
  const status = fields['Acct-Status-Type'] ?? ''
  if (type === '4' && (status === '1' || status === '2' || status === '3'))
    return {
      kind: 'tunnel_activity',
      action: status === '1' ? 'up' : status === '2' ? 'down' : 'seen',
      protocol: 'radius',
      ...who,
      dstIp: canonicalAddress(fields['Client-IP-Address'] ?? ''),
      assignedIp: canonicalAddress(fields['Framed-IP-Address'] ?? ''),
      tunnelId: fields['Acct-Session-Id'] ?? '',
      bytesOut: numberOf(fields['Acct-Input-Octets']),
      bytesIn: numberOf(fields['Acct-Output-Octets']),
      duration: secondsOf(fields['Acct-Session-Time']),
      reason: fields['Acct-Terminate-Cause'] ?? '',
    }
  return { kind: 'other_activity', message: `RADIUS packet ${type} for ${user}`, user, srcIp: who.srcIp }
}

const numberOf = (text: string | undefined) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : undefined)
const secondsOf = (text: string | undefined) => {
  const seconds = numberOf(text)
  return seconds === undefined ? undefined : seconds * 1_000_000
}
