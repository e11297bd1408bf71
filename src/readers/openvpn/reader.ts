import { type EventFields, type Micros, micros, type Reader } from '../../model/index.ts'
import { monthOf, type Zone } from '../carriers/clock.ts'
import { deviceReader } from '../carriers/device-log.ts'
import { openVpnMessage } from '../meanings/vpn-daemons.ts'

/** "2023-08-15 05:34:25 …" since OpenVPN 2.5, "Tue Aug 15 05:34:25 2023 …" before, with "us=123456" where verb is high. */
const LINE =
  /^(?:(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)|[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}))(?: us=(\d{1,6}))? (.*)$/s
/** Words only OpenVPN's log has; a time and a text alone are anybody's. */
const OURS =
  /\bMULTI(?:_sva)?:|\bTLS: |\bTLS (?:Auth )?Error|Peer Connection Initiated|\bpeer info: IV_|\bVERIFY (?:OK|ERROR)|PUSH: Received control message|OpenVPN \d|Control Channel:|Data Channel|SENT CONTROL|SIGUSR1\[|SIGTERM\[|\bOutgoing|Incoming|Initialization Sequence|library versions|UDPv[46] link|TUN\/TAP|TCPv[46]|AUTH_FAILED|client-instance/

/** OpenVPN's own log file (--log, --log-append); in syslog its lines are read by the reader of syslog. */
export const reader: Reader = deviceReader({
  format: 'openvpn',
  title: 'OpenVPN log',
  version: 1,
  product: 'openvpn',
  record: 'OpenVPN line',
  certain: 90,
  about: {
    reads: "OpenVPN's own log file; its messages in syslog are read as syslog.",
    exported: 'Copy the file that `log` or `log-append` names.',
    shows: 'Who connected from where, with which address inside; refused log-ins.',
    cannotShow: 'Bytes of a session and what went through it.',
    clock: 'Host no (give it), zone no (give it), year yes. Whole seconds.',
    builtFrom: 'documentation',
    checkedOn: "lines made after OpenVPN's source, not on the log of a real server.",
  },
  isMine: line => {
    const match = LINE.exec(line)
    return match !== null && OURS.test(match[14] ?? '')
  },
  parser: (_part, zone) => line => {
    const match = LINE.exec(line)
    if (!match) return undefined
    const text = match[14] ?? ''
    return {
      time: timeOf(match, zone),
      host: '',
      code: '',
      fields: { message: text },
      meanings: openVpnMessage(text) ?? [other(text)],
    }
  },
})

function timeOf(match: RegExpExecArray, zone: Zone): Micros | undefined {
  const [, y1, mo1, d1, h1, mi1, s1, month, d2, h2, mi2, s2, y2, fraction = '0'] = match
  const civil = y1
    ? { year: Number(y1), month: Number(mo1), day: Number(d1), hour: Number(h1), minute: Number(mi1), second: Number(s1) }
    : {
        year: Number(y2),
        month: monthOf(month ?? ''),
        day: Number(d2),
        hour: Number(h2),
        minute: Number(mi2),
        second: Number(s2),
      }
  const time = zone.microsOf(civil)
  return time === undefined ? undefined : micros(time + Number(fraction))
}

function other(message: string): EventFields {
  return { kind: 'other_activity', message }
}
