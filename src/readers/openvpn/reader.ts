import { canonicalAddress, type EventFields, type Micros, micros, type Reader } from '../../model/index.ts'
import { monthOf, type Zone } from '../carriers/clock.ts'
import { deviceReader } from '../carriers/device-log.ts'
import { lineReader, scoreOfLines } from '../carriers/line-format.ts'
import { OpenVpnClients } from '../meanings/vpn-daemons.ts'

/** "2023-08-15 05:34:25 …" since OpenVPN 2.5, "Tue Aug 15 05:34:25 2023 …" before, with "us=123456" where verb is high. */
const LINE =
  /^(?:(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)|[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}))(?: us=(\d{1,6}))? (.*)$/s
/** Words only OpenVPN's log has; a time and a text alone are anybody's. */
const OURS =
  /\bMULTI(?:_sva)?:|\bTLS: |\bTLS (?:Auth )?Error|Peer Connection Initiated|\bpeer info: IV_|\bVERIFY (?:OK|ERROR)|PUSH: Received control message|OpenVPN \d|Control Channel:|Data Channel|SENT CONTROL|SIGUSR1\[|SIGTERM\[|\bOutgoing|Incoming|Initialization Sequence|library versions|UDPv[46] link|TUN\/TAP|TCPv[46]|AUTH_FAILED|client-instance/

/** OpenVPN's own log file (--log, --log-append); in syslog its lines are read by the reader of syslog. */
const log: Reader = deviceReader({
  format: 'openvpn',
  title: 'OpenVPN log',
  version: 2,
  product: 'openvpn',
  record: 'OpenVPN line',
  certain: 90,
  about: {
    reads: "OpenVPN's own log file; its messages in syslog are read as syslog.",
    exported: 'Copy the file that `log` or `log-append` names.',
    shows: 'Who connected from where, with which address inside; refused log-ins.',
    cannotShow: 'Bytes of a session and what went through it.',
    clock: 'Host no (give it), zone no (give it), year yes. Whole seconds.',
    builtFrom: 'recorded',
    checkedOn:
      'the log of an OpenVPN 2.6 of Debian with a right and a wrong password and a stranger; older forms on lines made after the source.',
  },
  isMine: line => {
    const match = LINE.exec(line)
    return match !== null && OURS.test(match[14] ?? '')
  },
  parser: (_part, zone) => {
    const clients = new OpenVpnClients()
    return line => {
      const match = LINE.exec(line)
      if (!match) return undefined
      const text = match[14] ?? ''
      return {
        time: timeOf(match, zone),
        host: '',
        code: '',
        fields: { message: text },
        meanings: clients.meaningsOf(text) ?? [other(text)],
      }
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

/** Status file, "status-version 2" and 3 (openvpn(8)): commas or tabs, sections named in the first column, a header for each. */
const CLIENT = /^CLIENT_LIST[,\t]/
const STATUS = /^(?:TITLE|TIME|HEADER|CLIENT_LIST|ROUTING_TABLE|GLOBAL_STATS)[,\t]|^END$/

const status: Reader = lineReader({
  format: 'openvpn-status',
  title: 'OpenVPN status file',
  version: 1,
  product: 'openvpn',
  headerPrefix: 'HEADER',
  about: {
    reads: "OpenVPN's status file in versions 2 and 3 (`status-version`), which the server rewrites every minute.",
    exported: 'Copy the file that `status` names, for instance `/var/log/openvpn/openvpn-status.log`, while the server runs.',
    shows: 'Who is connected from where since when, with which address inside, and how many bytes went through.',
    cannotShow: 'Who was connected before: that is in the log.',
    clock: 'Host no (give it); times are UTC, whole seconds.',
    builtFrom: 'recorded',
    checkedOn: 'the status of an OpenVPN 2.6 of Debian with one client.',
    page: 'openvpn',
  },
  recognise: sample =>
    /^TITLE[,\t]OpenVPN /.test(sample.lines[0] ?? '') ? 95 : scoreOfLines(sample, line => STATUS.test(line), 92),
  open: ({ part }) => {
    let columns = columnsOf(part.headerLines.findLast(line => /^HEADER[,\t]CLIENT_LIST/.test(line)) ?? '')
    return text => {
      if (/^HEADER[,\t]CLIENT_LIST/.test(text)) columns = columnsOf(text)
      if (!CLIENT.test(text)) return STATUS.test(text) ? 'passed over' : undefined
      const cells = text.split(text.charAt('CLIENT_LIST'.length)).slice(1)
      const cell = (name: string) => cells[columns.indexOf(name)] ?? ''
      const seconds = Number(cell('Connected Since (time_t)'))
      return {
        time: seconds > 0 && seconds < 1e11 ? micros(seconds * 1e6) : undefined,
        code: 'CLIENT_LIST',
        fields: {
          kind: 'tunnel_activity',
          action: 'seen',
          protocol: 'openvpn',
          user: cell('Common Name') || cell('Username'),
          srcIp: canonicalAddress(
            cell('Real Address')
              .replace(/:\d{1,5}$/, '')
              .replace(/[[\]]/g, ''),
          ),
          assignedIp: canonicalAddress(cell('Virtual Address')),
          bytesIn: Number(cell('Bytes Received')) || 0,
          bytesOut: Number(cell('Bytes Sent')) || 0,
        },
      }
    }
  },
})

const columnsOf = (header: string) => header.split(/[,\t]/).slice(2)

/** What an OpenVPN server writes. */
export const readers: readonly Reader[] = [log, status]
