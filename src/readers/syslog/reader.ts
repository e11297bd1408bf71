import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Line,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { stampTimes } from '../carriers/stamp-times.ts'
import { parseSyslogLine, type SyslogEnvelope } from '../carriers/syslog-envelope.ts'
import { routerOsMessage } from '../meanings/mikrotik.ts'
import { meaningOf } from '../meanings/syslog-programs.ts'
import { isJoined, repeatOf } from './parse.ts'
import { sysmonEvent } from './sysmon.ts'

/** Syslog files: RFC 3164, RFC 5424 and rsyslog's ISO 8601 lines. */
export const reader: Reader = {
  format: 'syslog',
  title: 'syslog (RFC 3164, RFC 5424, rsyslog)',
  version: 2,
  split: { by: 'lines' },
  about: {
    reads:
      'RFC 3164, RFC 5424 and the ISO form of rsyslog, of Linux, BSD, macOS and Chrome OS; sshd, sudo, su, cron, PAM and account tools are understood, and the events of Sysmon for Linux, which it writes as XML; so are pf (pfSense, OPNsense), iptables, nftables, UFW, MikroTik, OpenVPN and FreeRADIUS, made after their documentation.',
    exported:
      "Copy `/var/log/auth.log*`, `/var/log/secure*`, `/var/log/messages*`, `/var/log/syslog*`, rotated ones included (the years of undated lines follow from them); a collector's files by host.",
    shows: 'Log-ons over SSH and their failures, sudo and its commands, su, cron, accounts made and changed, services.',
    cannotShow:
      'What somebody did in a shell without sudo, processes, network connections; nothing after a root user edited the file, except by gaps.',
    clock:
      'Host mostly; zone and year only in the ISO and RFC 5424 forms, else from the source facts, the file name or the archive.',
    builtFrom: 'real sample',
    checkedOn:
      'a real `auth.log` of a server on the internet (failed and successful log-ons counted), and samples of the plaso project (RFC 3164, RFC 5424, rsyslog, Chrome OS, macOS).',
  },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  if (sample.encoding === undefined || sample.lines.length === 0) return 0
  let headed = 0
  let tagged = 0
  for (const line of sample.lines) {
    const envelope = parseSyslogLine(line.slice(0, 16_384))
    if (!envelope) continue
    headed++
    // The ISO form alone proves little: many programs begin their lines with a time. A tag or a priority does.
    const isNamed = envelope.program !== '' || routerOsMessage(envelope.message) !== undefined
    if (envelope.priority !== undefined || envelope.form === 'rfc5424' || isNamed) tagged++
  }
  const share = headed / sample.lines.length
  const tags = tagged / sample.lines.length
  if (tags >= 0.8) return 88
  if (tags >= 0.5) return 80
  if (share >= 0.5 && tags >= 0.2) return 55
  return tags >= 0.2 ? 30 : 0
}

/** A line and the lines that continue it, which begin with white space. */
interface Pending {
  readonly line: Line
  readonly text: string
  readonly envelope: SyslogEnvelope
  more: string
}

/** A stack trace or a dumped structure fits; what is longer is not continued. */
const MAX_CONTINUATION = 65_536

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const emit = emitter(part, sink, diagnostics)
  let pending: Pending | undefined
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text === '') continue
    const envelope = parseSyslogLine(text)
    if (envelope) {
      if (pending) emit(pending)
      pending = { line, text, envelope, more: '' }
    } else if (pending && /^\s/.test(text) && pending.more.length + text.length < MAX_CONTINUATION) pending.more += `\n${text}`
    else
      diagnostics.each(line, {
        code: 'syslog/unreadable-line',
        level: 'warning',
        message: `no syslog header: ${excerptOf(text)}`,
      })
  }
  if (pending) emit(pending)
  diagnostics.finish()
}

function emitter(part: EvidencePart, sink: EventSink, diagnostics: PartDiagnostics): (pending: Pending) => void {
  const zone = sourceZone(part, diagnostics)
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  const timeOf = stampTimes(part, zone, diagnostics, 'syslog')
  let last: ReturnType<typeof meaningOf> | undefined
  return ({ line, text, envelope, more }) => {
    const source = { evidence: part.evidence, record: line.number, offset: line.offset }
    const sysmon = sysmonEvent(envelope.message, source, envelope.host || partHost)
    if (sysmon) {
      sink.event(sysmon)
      return
    }
    if (isJoined(envelope.message)) diagnostics.each(line, JOINED)
    const repeat = repeatOf(envelope.message)
    const said = repeat?.message === undefined ? envelope : { ...envelope, message: repeat.message }
    const whole = more === '' ? said : { ...said, message: said.message + more }
    const meaning = repeat && repeat.message === undefined && last ? last : meaningOf(whole)
    last = meaning
    if (meaning.isSensor) diagnostics.once(line, FROM_DOCUMENTATION)
    const time = timeOf(envelope.stamp, line)
    if (time === undefined)
      diagnostics.once(line, {
        code: 'syslog/bad-time',
        level: 'note',
        message: `no time in "${excerptOf(text)}"; the record is kept without one`,
      })
    const host = envelope.host.toLowerCase() || partHost
    const original = originalFields(fieldsOf(whole), more === '' ? text : text + more)
    const base = {
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time,
      host,
      series: `syslog|${host}|${stem}`,
      product: meaning.product,
      code: '',
      original,
    }
    for (let copy = 0; copy < (repeat?.times ?? 1); copy++)
      for (const fields of meaning.fields)
        sink.event({
          ...base,
          ...(meaning.isSensor && fields.kind === 'network_activity' ? { sensor: host } : {}),
          ...fields,
          identity: contentHash(text, copy),
        })
  }
}

const FROM_DOCUMENTATION = {
  code: 'syslog/device-from-documentation',
  level: 'note',
  message:
    'lines of a firewall, router or VPN server are read as its maker documents them; they were not checked on those of a real device',
} as const

const JOINED = {
  code: 'syslog/joined-records',
  level: 'warning',
  message: 'the line holds several records without line ends between them; it is read as one',
  hint: 'write the log with a file template that ends each record with a line feed (rsyslog: RSYSLOG_FileFormat)',
} as const

/** Field names of RFC 5424, for rules that ask for fields. */
function fieldsOf(envelope: SyslogEnvelope): Readonly<Record<string, string>> {
  return {
    host: envelope.host,
    program: envelope.program,
    pid: envelope.pid === undefined ? '' : String(envelope.pid),
    message: envelope.message,
  }
}
