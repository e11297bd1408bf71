import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { shareOfLines } from '../carriers/sample-share.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { stampTimes } from '../carriers/stamp-times.ts'
import { meaningsOf } from './map.ts'
import { parseIosLine } from './parse.ts'

/** Messages of Cisco switches and routers, as the device or a collector writes them. */
export const reader: Reader = {
  format: 'cisco-ios',
  title: 'Cisco IOS log',
  version: 2,
  split: { by: 'lines' },
  about: {
    reads: 'Messages of IOS, IOS XE, IOS XR and NX-OS behind any header.',
    exported:
      "A collector's file, or `show logging` saved as text. Commands are logged with `archive` / `log config` / `logging enable` / `notify syslog`.",
    shows: 'Configuration commands, log-ins, access lists, translations, tunnels, ports and routing sessions.',
    cannotShow: 'Traffic that no access list logs; commands that only look.',
    clock: 'Host mostly, zone rarely, year sometimes.',
    builtFrom: 'documentation',
    checkedOn: "one recorded message of a switch; headers after Cisco's documentation.",
  },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  const share = shareOfLines(sample, line => parseIosLine(line) !== undefined)
  if (share >= 0.8) return 96
  // Other devices may write into the same collector file; the reader of syslog takes what is mostly theirs.
  return share >= 0.4 ? 87 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  const timeOf = stampTimes(part, sourceZone(part, diagnostics), diagnostics, 'cisco-ios')
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text === '') continue
    const parsed = parseIosLine(text)
    if (!parsed) {
      diagnostics.each(line, {
        code: 'cisco-ios/unreadable-line',
        level: 'warning',
        message: `no %FACILITY-SEVERITY-MNEMONIC message: ${excerptOf(text)}`,
      })
      continue
    }
    const time = parsed.stamp && timeOf(parsed.stamp, line)
    if (time === undefined) diagnostics.once(line, NO_TIME)
    const host = parsed.host.toLowerCase() || partHost
    const base = {
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time,
      host,
      series: `cisco-ios|${host}|${stem}`,
      identity: contentHash(text),
      product: 'cisco-ios',
      code: parsed.code,
      original: originalFields({ code: parsed.code, message: parsed.message }, text),
    }
    for (const meaning of meaningsOf(parsed.code, parsed.message))
      sink.event({ ...base, ...(meaning.kind === 'network_activity' ? { sensor: host } : {}), ...meaning })
  }
  diagnostics.finish()
}

const NO_TIME = {
  code: 'cisco-ios/bad-time',
  level: 'note',
  message: 'the line has no usable time; the record is kept without one',
  hint: 'switch on "service timestamps log datetime" on the device',
} as const
