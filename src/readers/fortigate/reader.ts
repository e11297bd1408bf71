import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Micros,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { isUnsetClock } from '../carriers/clock.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { shareOfDatedLines } from '../carriers/sample-share.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { timeOfStampNear } from '../carriers/yearless.ts'
import { meaningsOf } from './map.ts'
import { type FortigateTimes, fortigateTimes, parseFortigateLine } from './parse.ts'

/** FortiGate logs in key=value form, with or without a syslog header. */
export const reader: Reader = {
  format: 'fortigate',
  title: 'FortiGate log',
  version: 2,
  split: { by: 'lines' },
  about: {
    reads: 'FortiOS 5 to 7: traffic, VPN, system, user and UTM lines, plain or behind a syslog header.',
    exported:
      'The file of the syslog collector, or "Log & Report, Download" on the device, or a FortiAnalyzer export as text; traffic and event logs both.',
    shows:
      'Connections with bytes, translation and user, SSL-VPN and IPsec sessions, log-ins of administrators, changes of the configuration.',
    cannotShow:
      'Sessions that were not logged ("log allowed traffic" off), and implants in the device itself. The device is what an intruder of this kind enters by: a log that ends, or was deleted, is itself a finding.',
    clock: 'Host yes; zone mostly (`eventtime`, `tz`); year yes.',
    builtFrom: 'documentation',
    checkedOn: "lines made after Fortinet's log reference, not on the log of a real device.",
  },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  const share = shareOfDatedLines(sample, line => parseFortigateLine(line) !== undefined)
  if (share >= 0.8) return 97
  // Other devices may write into the same collector file; the reader of syslog takes what is mostly theirs.
  return share >= 0.4 ? 89 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const zone = sourceZone(part, diagnostics)
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text === '') continue
    const parsed = parseFortigateLine(text)
    if (!parsed) {
      diagnostics.each(line, {
        code: 'fortigate/unreadable-line',
        level: 'warning',
        message: `not a FortiGate record: ${excerptOf(text)}`,
      })
      continue
    }
    const { fields, header } = parsed
    const host =
      (fields['devname'] ?? '').toLowerCase() ||
      partHost ||
      (header?.host ?? '').toLowerCase() ||
      (fields['devid'] ?? '').toLowerCase()
    const times = fortigateTimes(parsed, zone)
    const time = usable(times.event) ?? usable(times.device)
    if (time === undefined)
      diagnostics.once(line, { code: 'fortigate/bad-time', level: 'note', message: `no usable time in: ${excerptOf(text)}` })
    const headerTime = header && timeOfStampNear(header.stamp, zone, time)
    const base = {
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time,
      ...alsoRecorded(times, headerTime),
      host,
      series: `fortigate|${host}|${stem}`,
      identity: contentHash(text),
      product: 'fortigate',
      code: fields['logid'] ?? fields['log_id'] ?? '',
      original: originalFields(fields, text),
    }
    for (const meaning of meaningsOf(fields)) sink.event({ ...base, ...meaning })
  }
  diagnostics.finish()
}

function usable(time: Micros | undefined): Micros | undefined {
  return time === undefined || isUnsetClock(time) ? undefined : time
}

/** The times that did not become `time`. */
function alsoRecorded(
  times: FortigateTimes,
  header: Micros | undefined,
): { readonly alsoRecorded?: Readonly<Record<string, Micros>> } {
  const others: Record<string, Micros> = {}
  if (usable(times.event) !== undefined && times.device !== undefined) others['device'] = times.device
  if (header !== undefined) others['header'] = header
  return Object.keys(others).length === 0 ? {} : { alsoRecorded: others }
}
