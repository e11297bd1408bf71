import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type Line,
  originalFields,
  type Reader,
  type SecurityEvent,
} from '../../model/index.ts'
import { zoneOf } from '../carriers/clock.ts'
import { scoreOfDatedLines } from '../carriers/line-format.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { type KnownPrograms, meaningOf, timeOfRecords } from './map.ts'
import { type AuditRecord, parseAuditLine } from './parse.ts'

/** Linux audit logs: records of one event are joined by their serial, hexadecimal values are decoded. */
export const reader: Reader = {
  format: 'auditd',
  title: 'Linux audit log',
  version: 1,
  split: { by: 'lines' },
  about: {
    reads:
      'audit.log of Linux, raw and enriched, with or without node names, also as audispd forwards it by syslog and as `ausearch -i` prints it.',
    exported: 'Copy `/var/log/audit/`, rotated files included; on a running machine `ausearch --raw > audit.raw`.',
    shows:
      'Log-ins and sessions, sudo commands, accounts and groups, services; with rules for `execve`, `connect` and files also every program with its words, connections and changed files; that auditing was switched off.',
    cannotShow:
      'What no rule asks for: most distributions log no program starts by default. The parent of a program is told only where an earlier record of the part shows it. Without enrichment accounts are numbers.',
    clock: 'Host only with `name_format` set (node=): give it. Times are UTC.',
    builtFrom: 'real sample',
    checkedOn:
      'audit logs of RHEL 6 and 7, Ubuntu 14 to 17 (Elastic go-libaudit, every record accounted for), enriched and SELinux samples of the plaso project.',
  },
  recognise: sample => scoreOfDatedLines(sample, line => parseAuditLine(line, UTC) !== undefined, 96),
  read,
}

const UTC = zoneOf(undefined)
/** Records of one event lie close together; after so many others an event is taken as complete. */
const OPEN_EVENTS = 256
/** Processes remembered for their children; a busy machine has some thousand at a time. */
const KNOWN_PROCESSES = 20_000
/** An event has a record a path and a word list; what goes on longer is no event. */
const MAX_RECORDS = 512

interface OpenEvent {
  readonly line: Line
  readonly records: AuditRecord[]
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const zone = sourceZone(part, diagnostics)
  const open = new Map<string, OpenEvent>()
  const emit = emitter(part, sink, diagnostics)
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text.trim() === '' || text === '----') continue
    const record = parseAuditLine(text, zone)
    if (!record) {
      diagnostics.each(line, {
        code: 'auditd/unreadable-line',
        level: 'warning',
        message: `not an audit record: ${excerptOf(text)}`,
      })
      continue
    }
    const key = record.serial === '' ? `line ${line.number}` : `${record.node}|${record.time}|${record.serial}`
    const event = open.get(key)
    if (event && event.records.length < MAX_RECORDS) event.records.push(record)
    else {
      if (event) emit(event)
      open.set(key, { line, records: [record] })
    }
    // The oldest first, whether its end was seen or not: a parent is told before its children.
    if (open.size > OPEN_EVENTS) settle(open, open.keys().next().value ?? '', emit)
  }
  for (const event of open.values()) emit(event)
  diagnostics.finish()
}

function settle(open: Map<string, OpenEvent>, key: string, emit: (event: OpenEvent) => void): void {
  const event = open.get(key)
  if (event) emit(event)
  open.delete(key)
}

function emitter(part: EvidencePart, sink: EventSink, diagnostics: PartDiagnostics): (event: OpenEvent) => void {
  const programs = knownPrograms()
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  return ({ line, records }) => {
    const time = timeOfRecords(records)
    if (time === undefined)
      diagnostics.once(line, {
        code: 'auditd/bad-time',
        level: 'note',
        message: `no time in "${excerptOf(line.text)}"; the record is kept without one`,
      })
    const host = (records[0]?.node ?? '').toLowerCase() || partHost
    const text = records.map(record => record.text).join('\n')
    for (const [index, { type, fields }] of meaningOf(records, programs).entries())
      sink.event({
        ...fields,
        source: { evidence: part.evidence, record: line.number, offset: line.offset },
        time,
        host,
        series: `auditd|${host}|${stem}`,
        identity: contentHash(text, index),
        product: 'auditd',
        code: type,
        original: originalFields(namesOf(records, type), text),
      } as SecurityEvent)
  }
}

/** Names of all records of an event, those of the one that carries the meaning first: rules ask for `type`, `a0`, `exe`, `name`. */
function namesOf(records: readonly AuditRecord[], type: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null)
  fields['type'] = type
  const ordered = [...records.filter(record => record.type === type), ...records.filter(record => record.type !== type)]
  for (const record of ordered) for (const [name, value] of Object.entries(record.fields)) fields[name] ??= value
  return fields
}

function knownPrograms(): KnownPrograms {
  const byPid = new Map<number, string>()
  return {
    programOf: pid => byPid.get(pid) ?? '',
    saw(pid, program) {
      byPid.delete(pid)
      byPid.set(pid, program)
      if (byPid.size > KNOWN_PROCESSES) for (const oldest of byPid.keys()) return void byPid.delete(oldest)
    },
  }
}
