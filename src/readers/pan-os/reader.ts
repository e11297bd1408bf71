import type { Reader } from '../../model/index.ts'
import { deviceReader } from '../carriers/device-log.ts'
import { meaningsOf } from './map.ts'
import { isPanHeader, panTime, parsePanLine } from './parse.ts'

/** Logs of Palo Alto firewalls: syslog in the default format, and CSV exports of the web interface. */
export const reader: Reader = deviceReader({
  format: 'pan-os',
  title: 'Palo Alto PAN-OS log',
  version: 1,
  product: 'pan-os',
  record: 'PAN-OS record',
  certain: 97,
  about: {
    reads:
      'Traffic, threat, GlobalProtect, config, system and authentication records of PAN-OS 9.1 to 11.1 in the default format, and CSV exports of the web interface.',
    exported: 'Syslog profile in the default format; or Monitor, Logs, the CSV button. Custom formats (CEF, LEEF) are not read.',
    shows:
      'Connections with bytes, translation, application and user; GlobalProtect sessions; log-ins of administrators and what they changed.',
    cannotShow: 'Sessions whose rule does not log; what was done in the shell of the device itself.',
    clock: 'Host yes, zone no (give it), year yes. Whole seconds.',
    builtFrom: 'documentation',
    checkedOn: 'lines made after the maker\'s "Syslog Field Descriptions", not on the log of a real device.',
  },
  isMine: line => isPanHeader(line) || parsePanLine(line) !== undefined,
  parser: (_part, zone) => line => {
    if (isPanHeader(line)) return 'header'
    const parsed = parsePanLine(line)
    if (!parsed) return undefined
    const { fields, header, headerHost } = parsed
    const time = panTime(fields['time_generated'], zone) ?? panTime(fields['receive_time'], zone)
    return {
      time,
      header,
      also: { start: panTime(fields['start'], zone) },
      host: fields['device_name'] || headerHost || fields['serial'] || '',
      code: `${fields['type'] ?? ''}/${fields['subtype'] ?? ''}`.toLowerCase(),
      fields,
      meanings: meaningsOf(fields),
    }
  },
})
