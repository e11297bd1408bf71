import {
  canonicalAddress,
  contentHash,
  type EventFields,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  isAddress,
  micros,
  originalFields,
  type Reader,
  type SecurityEvent,
} from '../../model/index.ts'
import { PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { isPossibleTime, LASTLOG_BYTES, parseLastlog, parseUtmp, UTMP_BYTES, type UtmpRecord } from './parse.ts'

const utmpReader: Reader = {
  format: 'utmp',
  title: 'Linux log-in records (wtmp, btmp, utmp)',
  version: 1,
  split: { by: 'blocks', headerBytes: 0, blockBytes: UTMP_BYTES },
  about: {
    reads: 'wtmp, btmp and utmp of 64-bit Linux (records of 384 bytes), rotated ones included.',
    exported: 'Copy `/var/log/wtmp*`, `/var/log/btmp*`, `/run/utmp`.',
    shows:
      'Log-ins with terminal and address, when they ended, restarts; in btmp those that failed; records that were overwritten with zeros, as tools that wipe traces leave them.',
    cannotShow: 'How somebody logged in, sessions without a terminal (`ssh HOST command`, scp), records that were cut out.',
    clock: 'Host never: give it. Times are UTC.',
    builtFrom: 'recorded',
    checkedOn: 'records that utmpdump of util-linux wrote.',
    page: 'login-records',
  },
  recognise: recogniseUtmp,
  read: readUtmp,
}

const isFailures = (path: string) => /(?:^|[/!._-])btmpx?(?:$|[._-])/i.test(path)

function recogniseUtmp({ path, size, head, encoding }: EvidenceSample): number {
  if (size < UTMP_BYTES || size % UTMP_BYTES !== 0 || encoding !== undefined) return 0
  let written = 0
  for (let at = 0; at + UTMP_BYTES <= Math.min(head.length, UTMP_BYTES * 16); at += UTMP_BYTES) {
    const record = parseUtmp(head.subarray(at))
    if (!record || (record.seconds !== 0 && !isPossibleTime(record.seconds))) return 0
    // The second half of the type field is padding, and the name of the line is text.
    if ((head[at + 2] ?? 0) !== 0 || (head[at + 3] ?? 0) !== 0 || !/^[\x20-\x7e]*$/.test(record.line)) return 0
    if (!record.isBlank) written++
  }
  if (written === 0) return 0
  return /(?:^|[/!._-])[wbu]tmpx?(?:$|[._-])/i.test(path) ? 97 : 85
}

function readUtmp(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const failures = isFailures(part.path)
  const place = placeOf(part, 'utmp')
  for (let at = part.start; at < part.end; at += UTMP_BYTES) {
    const number = at / UTMP_BYTES + 1
    const bytes = part.bytes.read(at, UTMP_BYTES).slice()
    const record = parseUtmp(bytes)
    if (!record) {
      diagnostics.each(
        { number, offset: at },
        { code: 'utmp/unreadable-record', level: 'warning', message: `record ${number} is cut or no log-in record` },
      )
      continue
    }
    const known = isPossibleTime(record.seconds)
    if (!known && !record.isBlank)
      diagnostics.once(
        { number, offset: at },
        { code: 'utmp/bad-time', level: 'note', message: 'a record has no time; it is kept without one' },
      )
    const fields = record.isBlank ? blankRecord(number) : meaningOf(record, failures)
    sink.event({
      ...fields,
      ...place,
      source: { evidence: part.evidence, record: number, offset: at },
      time: known ? micros(record.seconds * 1_000_000 + record.microseconds) : undefined,
      // Blank records are alike: where they stand tells them apart.
      identity: record.isBlank ? contentHash(`${part.path}|${number}`) : contentHash(String.fromCharCode(...bytes)),
      code: record.type,
      original: originalFields({
        type: record.type,
        pid: String(record.pid),
        line: record.line,
        user: record.user,
        host: record.host,
        address: record.address,
        session: String(record.session),
        seconds: String(record.seconds),
      }),
    } as SecurityEvent)
  }
  diagnostics.finish()
}

function placeOf(part: EvidencePart, format: string) {
  const host = part.facts.host?.toLowerCase() ?? ''
  return { host, series: `${format}|${host}|${rotationStem(part.path)}`, product: format }
}

/** utmp(5) never leaves a record of zeros behind written ones; tools that hide a log-in do. */
const blankRecord = (number: number): EventFields => ({
  kind: 'log_activity',
  action: 'blanked',
  log: 'wtmp',
  detail: `log-in record ${number} holds nothing but zeros`,
})

function meaningOf(record: UtmpRecord, failures: boolean): EventFields {
  const { type, user, line, host, address, pid } = record
  const named = isAddress(address) ? canonicalAddress(address) : isAddress(host) ? canonicalAddress(host) : ''
  const common = {
    user,
    srcIp: named === '0.0.0.0' ? '' : named,
    srcHost: isAddress(host) ? '' : host,
    protocol: line.startsWith('ssh') ? 'ssh' : /^(?:tty|:)/.test(line) ? 'console' : line.startsWith('pts') ? 'terminal' : line,
  }
  if (failures) return { kind: 'authentication', action: 'logon', outcome: 'failure', ...common }
  switch (type) {
    case 'USER_PROCESS':
      return { kind: 'authentication', action: 'session', outcome: 'success', ...common, logonId: `${line}/${pid}` }
    case 'DEAD_PROCESS':
      return { kind: 'authentication', action: 'logoff', outcome: 'success', ...common, logonId: `${line}/${pid}` }
    case 'BOOT_TIME':
      return { kind: 'other_activity', message: `the machine started (${host})` }
    case 'RUN_LVL':
      return {
        kind: 'other_activity',
        message: user === 'shutdown' ? `the machine was shut down (${host})` : `run level ${user} (${host})`,
      }
    default:
      return { kind: 'other_activity', message: `${type.toLowerCase()} ${line} ${user}`.trim(), user }
  }
}

const lastlogReader: Reader = {
  format: 'lastlog',
  title: 'last log-in of each account (lastlog)',
  version: 1,
  split: { by: 'blocks', headerBytes: 0, blockBytes: LASTLOG_BYTES },
  about: {
    reads:
      'lastlog of 64-bit Linux (records of 292 bytes at the place of the account number); the SQLite file of newer systems is named, not read.',
    exported: 'Copy `/var/log/lastlog` with its holes: `tar --sparse`.',
    shows: 'The last log-in of each account by number, with terminal and origin.',
    cannotShow: 'Names of accounts, and anything before the last log-in.',
    clock: 'Host never: give it. Times are UTC.',
    builtFrom: 'generated',
    checkedOn: 'records written by the tests after lastlog(8) and glibc.',
    page: 'login-records',
  },
  recognise({ path, size, head, encoding }) {
    if (encoding !== undefined || size < LASTLOG_BYTES || size % LASTLOG_BYTES !== 0) return 0
    if (!/(?:^|[/!])lastlog(?:$|[._-])/i.test(path)) return 0
    for (let at = 0; at + LASTLOG_BYTES <= head.length; at += LASTLOG_BYTES) {
      const record = parseLastlog(head.subarray(at))
      if (record && (!isPossibleTime(record.seconds) || !/^[\x20-\x7e]*$/.test(record.line))) return 0
    }
    return 96
  },
  read(part, sink) {
    const place = placeOf(part, 'lastlog')
    for (let at = part.start; at < part.end; at += LASTLOG_BYTES) {
      const bytes = part.bytes.read(at, LASTLOG_BYTES).slice()
      const record = parseLastlog(bytes)
      if (!record || !isPossibleTime(record.seconds)) continue
      const account = Math.floor(at / LASTLOG_BYTES)
      const { seconds, line, host } = record
      sink.event({
        kind: 'authentication',
        action: 'session',
        outcome: 'success',
        user: account === 0 ? 'root' : String(account),
        srcIp: isAddress(host) ? canonicalAddress(host) : '',
        srcHost: isAddress(host) ? '' : host,
        protocol: 'last log-in',
        ...place,
        source: { evidence: part.evidence, record: account + 1, offset: at },
        time: micros(seconds * 1_000_000),
        identity: contentHash(`${account}|${String.fromCharCode(...bytes)}`),
        code: '',
        original: originalFields({ uid: String(account), line, host, seconds: String(seconds) }),
      } as SecurityEvent)
    }
  },
}

/** Log-in records of Linux. */
export const readers: readonly Reader[] = [utmpReader, lastlogReader]
