import { canonicalAddress, isAddress, type Reader } from '../../model/index.ts'
import { leadingIso } from '../carriers/civil-time.ts'
import { lineReader, scoreOfLines } from '../carriers/line-format.ts'
import { protocolName } from '../meanings/flow.ts'

/** learn.microsoft.com: "Interpreting the Windows Firewall log": fixed fields, blanks between them. */
const LINE =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (ALLOW|DROP|OPEN|OPEN-INBOUND|CLOSE|INFO-EVENTS-LOST) (\S{1,12}) (\S{1,45}) (\S{1,45}) (\d{1,5}|-) (\d{1,5}|-) (\d{1,9}|-)(.*)$/

/** pfirewall.log of Windows. */
export const reader: Reader = lineReader({
  format: 'windows-firewall',
  title: 'Windows firewall log (pfirewall.log)',
  version: 1,
  hasHead: true,
  about: {
    reads: 'pfirewall.log of Windows XP to 11 and Server.',
    exported: 'Copy `%SystemRoot%\\System32\\LogFiles\\Firewall\\pfirewall.log*`; it is written only after it was switched on.',
    shows: 'Connections that were allowed and packets that were dropped, with direction, process number on newer Windows.',
    cannotShow: 'Bytes and duration, names of programs; the file is small (4 MB) and starts anew.',
    clock: 'Host never: give it. Local time of the machine without zone: give the zone.',
    builtFrom: 'documentation',
    checkedOn: "lines made after Microsoft's documentation.",
  },
  recognise: sample => {
    if (sample.lines.some(line => line.startsWith('#') && /^#Software: Microsoft Windows Firewall/i.test(line))) return 97
    // Comments alone are anybody's.
    return sample.lines.some(line => LINE.test(line))
      ? scoreOfLines(sample, line => LINE.test(line) || line.startsWith('#'), 93)
      : 0
  },
  open:
    ({ zone }) =>
    text => {
      if (text.startsWith('#')) return 'passed over'
      const match = LINE.exec(text)
      if (!match) return undefined
      const [, stamp = '', action = '', protocol = '', source = '', target = '', sport = '', dport = '', size = '', rest = ''] =
        match
      const time = leadingIso(stamp, zone)?.time
      if (action === 'INFO-EVENTS-LOST')
        return {
          time,
          code: action,
          fields: { kind: 'log_activity', action: 'dropped', log: 'windows-firewall', detail: 'events were lost' },
        }
      const words = rest.trim().split(' ')
      const path = words.find(word => /^(?:SEND|RECEIVE|FORWARD)$/.test(word)) ?? ''
      const pid = /^\d{1,10}$/.test(words.at(-1) ?? '') && path !== '' ? Number(words.at(-1)) : undefined
      return {
        time,
        code: action,
        fields: {
          kind: 'network_activity',
          action: action === 'DROP' ? 'deny' : action === 'CLOSE' ? 'close' : 'open',
          protocol: protocolName(protocol),
          srcIp: isAddress(source) ? canonicalAddress(source) : '',
          srcPort: sport === '-' ? undefined : Number(sport),
          dstIp: isAddress(target) ? canonicalAddress(target) : '',
          dstPort: dport === '-' ? undefined : Number(dport),
          ...(size === '-' || action !== 'DROP' ? {} : { bytesOut: Number(size) }),
          state: path.toLowerCase(),
          initiatorKnown: true,
          pid,
        },
      }
    },
})
