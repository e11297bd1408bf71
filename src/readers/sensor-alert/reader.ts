import { canonicalAddress, type Reader } from '../../model/index.ts'
import { civilMicros } from '../carriers/civil-time.ts'
import { lineReader, scoreOfDatedLines } from '../carriers/line-format.ts'
import { protocolName } from '../meanings/flow.ts'

/** docs.suricata.io, "fast.log"; Snort's alert_fast: the same, with or without the year. */
const LINE =
  /^(?:(\d{2,4})\/)?(\d\d)\/(\d\d)(?:\/(\d\d|\d{4}))?-(\d\d):(\d\d):(\d\d)\.(\d{1,6})\s+(?:\[(\w{1,12})\] +)?\[\*\*\] \[(\d{1,10}:\d{1,10}:\d{1,10})\] "?(.{0,512}?)"? \[\*\*\] (?:\[Classification: ([^\]]{0,200})\] )?(?:\[Priority: (\d{1,3})\] )?(?:\[AppID: [^\]]{0,80}\] )?\{([^}]{1,20})\} (\S{2,60}) -> (\S{2,60})$/

/** Alerts of Suricata and Snort, one a line. */
export const reader: Reader = lineReader({
  format: 'sensor-alert',
  title: 'Suricata fast.log, Snort alert_fast',
  version: 1,
  about: {
    reads: 'fast.log of Suricata, alert_fast of Snort 2 and 3.',
    exported: 'Copy `fast.log` or `alert_fast.txt`; `eve.json` of Suricata tells much more.',
    shows: 'Which rule fired on which connection.',
    cannotShow: 'Anything no rule speaks of; what was in the packets.',
    clock: 'Host never: give the sensor. Zone never; the year only of Suricata and of Snort with `-y`.',
    builtFrom: 'real sample',
    checkedOn: 'logs of Suricata and Snort 3 of the plaso project.',
  },
  recognise: sample => scoreOfDatedLines(sample, line => LINE.test(line), 96),
  open:
    ({ zone, yearOf }) =>
    (text, line) => {
      const match = LINE.exec(text)
      if (!match) return undefined
      const [
        ,
        first = '',
        second = '',
        third = '',
        fourth = '',
        hour = '',
        minute = '',
        seconds = '',
        fraction,
        verdict = '',
        signature = '',
        title = '',
        category = '',
        priority = '',
        protocol = '',
        source = '',
        target = '',
      ] = match
      // "10/05/10" of old Suricata is month/day/year, "21/12/28" and "2021/12/28" begin with the year: what cannot be a month is none.
      const [year, month, day] =
        fourth !== ''
          ? [fourth, second, third]
          : first === ''
            ? ['', second, third]
            : Number(first) > 12 || first.length === 4
              ? [first, second, third]
              : [third, first, second]
      const civil = { month, day, hour, minute, second: seconds, fraction }
      const known =
        year === '' ? yearOf({ month: Number(month), day: Number(day) }, line) : year.length === 2 ? `20${year}` : year
      const [srcIp, srcPort] = endOf(source)
      const [dstIp, dstPort] = endOf(target)
      return {
        time: civilMicros({ ...civil, year: known }, zone),
        code: signature,
        fields: {
          kind: 'detection_finding',
          title,
          signature,
          severity: priority === '' ? undefined : Number(priority),
          category,
          srcIp,
          srcPort,
          dstIp,
          dstPort,
          verdict: [protocolName(protocol), verdict.toLowerCase()].filter(Boolean).join(' '),
        },
      }
    },
})

/** "192.0.2.1:80", "2001:db8::1:80" (the port behind the last colon of eight groups), an address alone. */
function endOf(text: string): readonly [address: string, port: number | undefined] {
  const four = /^(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?$/.exec(text)
  if (four) return [four[1] ?? '', four[2] === undefined ? undefined : Number(four[2])]
  const groups = text.split(':')
  if (groups.length === 9) return [canonicalAddress(groups.slice(0, 8).join(':')), Number(groups[8])]
  return [canonicalAddress(text), undefined]
}
