import type { Reader } from '../../model/index.ts'
import { monthOf } from '../carriers/clock.ts'
import { deviceReader } from '../carriers/device-log.ts'
import { radiusMessage } from '../meanings/vpn-daemons.ts'

/** "Tue Aug 15 05:34:25 2023 : Auth: (12) Login OK: [ora] (from client vpn01 port 0 cli 203.0.113.9)" */
const LINE =
  /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) ?: (Auth|Info|Error|Warning|Debug|Proxy|Acct|Notice): ?(?:\(\d+\) *)?(.*)$/s

/** FreeRADIUS's radius.log (wiki.freeradius.org, radiusd.conf section "log"); in syslog its lines are read by the reader of syslog. */
export const reader: Reader = deviceReader({
  format: 'freeradius',
  title: 'FreeRADIUS log',
  version: 1,
  product: 'freeradius',
  record: 'radius.log line',
  certain: 94,
  about: {
    reads: "FreeRADIUS's radius.log; its messages in syslog are read as syslog.",
    exported: 'Copy `/var/log/radius/radius.log*`, with `auth = yes` in the section `log` of radiusd.conf.',
    shows: 'Log-ins and refusals with the calling station and the device that asked.',
    cannotShow: 'The outside address when the VPN device does not send it as calling station.',
    clock: 'Host no (give it), zone no (give it), year yes. Whole seconds.',
    builtFrom: 'recorded',
    checkedOn: 'the log of a FreeRADIUS 3.2 of Debian with log-ins, a wrong password and an unknown account.',
    page: 'radius',
  },
  isMine: line => LINE.test(line),
  parser: (_part, zone) => line => {
    const match = LINE.exec(line)
    if (!match) return undefined
    const [, month = '', day, hour, minute, second, year, kind = '', text = ''] = match
    const time = zone.microsOf({
      year: Number(year),
      month: monthOf(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
    })
    return {
      time,
      host: '',
      code: kind.toLowerCase(),
      fields: { message: text },
      meanings: radiusMessage(text) ?? [{ kind: 'other_activity', message: `${kind}: ${text}` }],
    }
  },
})
