import type {
  EventSink,
  EvidencePart,
  EvidenceSample,
  Line,
  Micros,
  OriginalRecord,
  Reader,
  SecurityEvent,
} from '../../model/index.ts'
import { contentHash, micros, originalLine } from '../../model/index.ts'
import { type Complaint, excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { flowIdentity } from '../meanings/flow.ts'
import { type EveObject, eveObjectOf, isEveObject, objectAt, textAt, timeAt } from './json.ts'
import { fieldsOf } from './map.ts'

const NO_TIME: Complaint = {
  code: 'suricata/no-time',
  level: 'warning',
  message: 'a record has no "timestamp", or one that is not a time; it is kept without one',
}
const CUT_LINE: Complaint = {
  code: 'suricata/cut-line',
  level: 'warning',
  message: 'a line longer than we read was cut; it is kept as text only',
}

/** Suricata's EVE log: docs.suricata.io/en/latest/output/eve/eve-json-format.html. */
export const reader: Reader = {
  format: 'suricata',
  title: 'Suricata EVE log',
  version: 2,
  split: { by: 'lines' },
  about: {
    reads: 'Suricata `eve.json`: flows, alerts, http, dns, tls, ssh, smb, dcerpc, krb5, rdp, dhcp, files.',
    exported: 'Copy `eve.json` and its rotated files.',
    shows:
      "Flows and the protocols inside them as far as they are not encrypted, alerts of the sensor's rules, names and certificates of TLS.",
    cannotShow: 'What does not pass the sensor (mostly everything inside one network), contents of TLS, which process spoke.',
    clock:
      'Host sometimes; times carry their zone and year. Several sensors that saw one flow give one event when ends, start and bytes agree.',
    builtFrom: 'real sample',
    checkedOn: 'a real EVE log of a scanned host (every record counted) and one of an Ivanti exploit, which is one small file.',
  },
  recognise,
  read(part, sink) {
    const diagnostics = new PartDiagnostics(part, sink)
    for (const line of part.lines()) readLine(line, part, sink, diagnostics)
    diagnostics.finish()
  },
}

function isEve(record: EveObject | undefined): boolean {
  return (
    record !== undefined &&
    typeof record['event_type'] === 'string' &&
    typeof record['timestamp'] === 'string' &&
    (record['event_type'] === 'stats'
      ? isEveObject(record['stats'])
      : 'flow_id' in record || 'src_ip' in record || 'pcap_cnt' in record || isEveObject(record[record['event_type']]))
  )
}

function recognise(sample: EvidenceSample): number {
  const lines = sample.lines.slice(0, 20)
  const fit = lines.filter(line => isEve(eveObjectOf(line))).length
  if (fit === 0) return 0
  return fit === lines.length ? 97 : fit * 2 > lines.length ? 80 : 30
}

function readLine(line: Line, part: EvidencePart, sink: EventSink, diagnostics: PartDiagnostics): void {
  if (line.text.trim() === '') return
  const record = line.cut ? undefined : eveObjectOf(line.text)
  if (record === undefined) {
    diagnostics.once(
      line,
      line.cut
        ? CUT_LINE
        : {
            code: 'suricata/unreadable-line',
            level: 'warning',
            message: `a line is not a JSON object: "${excerptOf(line.text)}"; it is kept as text only`,
          },
    )
    sink.event(kept(line, part))
    return
  }
  const event = eventOf(record, line, part)
  if (event.time === undefined) diagnostics.once(line, NO_TIME)
  sink.event(event)
}

function eventOf(record: EveObject, line: Line, part: EvidencePart): SecurityEvent {
  const type = textAt(record, 'event_type').toLowerCase() || 'unknown'
  const host = part.facts.host ?? textAt(record, 'host').toLowerCase()
  const fields = fieldsOf(type, record)
  const written = timeAt(record, 'timestamp')
  // A flow is logged when it ends or times out; it happened from its start on.
  const start = fields.kind === 'network_activity' ? timeAt(objectAt(record, type), 'start') : undefined
  const time = start ?? written
  return {
    source: { evidence: part.evidence, record: line.number, offset: line.offset },
    host,
    series: `suricata|${host}|eve`,
    product: 'suricata',
    code: type,
    ...fields,
    time,
    ...(start !== undefined && written !== undefined ? { alsoRecorded: { written } } : {}),
    identity: identityOf(fields, time, line),
    original: eveOriginal(record, line.text),
  } as SecurityEvent
}

function identityOf(fields: ReturnType<typeof fieldsOf>, time: Micros | undefined, line: Line): number {
  if (fields.kind !== 'network_activity' || fields.action !== 'flow') return contentHash(line.text)
  return flowIdentity({
    protocol: fields.protocol ?? '',
    srcIp: fields.srcIp ?? '',
    srcPort: fields.srcPort,
    dstIp: fields.dstIp ?? '',
    dstPort: fields.dstPort,
    time: time === undefined ? undefined : micros(time),
    bytesOut: fields.bytesOut,
    bytesIn: fields.bytesIn,
  })
}

function kept(line: Line, part: EvidencePart): SecurityEvent {
  const host = part.facts.host ?? ''
  return {
    kind: 'other_activity',
    source: { evidence: part.evidence, record: line.number, offset: line.offset },
    time: undefined,
    host,
    series: `suricata|${host}|eve`,
    identity: contentHash(line.text),
    product: 'suricata',
    code: 'unreadable',
    original: originalLine(line.text),
    message: line.text.slice(0, 2_000),
  }
}

/** Fields answer to dotted names ("alert.signature", "http.hostname") as rules write them. */
function eveOriginal(record: EveObject, line: string): OriginalRecord {
  return {
    get(name) {
      let value: unknown = record
      for (const key of name.split('.')) {
        if (!isEveObject(value) || !Object.hasOwn(value, key)) return undefined
        value = value[key]
      }
      return value === null || value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value)
    },
    names: () => namesOf(record, ''),
    text: () => line,
  }
}

/** Deeper nesting than EVE has is somebody's trick. */
const MAX_DEPTH = 6

function namesOf(object: EveObject, prefix: string, depth = 0): readonly string[] {
  return Object.entries(object).flatMap(([name, value]) =>
    isEveObject(value) && depth < MAX_DEPTH ? namesOf(value, `${prefix}${name}.`, depth + 1) : [`${prefix}${name}`],
  )
}
