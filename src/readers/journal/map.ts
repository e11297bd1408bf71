import {
  contentHash,
  type EvidencePart,
  type Micros,
  micros,
  originalFields,
  type SecurityEvent,
  type SourceRef,
} from '../../model/index.ts'
import type { Stamp, SyslogEnvelope } from '../carriers/syslog-envelope.ts'
import { meaningOf } from '../meanings/syslog-programs.ts'

/** Fields of a journal entry: systemd.journal-fields(7); of a field with several values the first. */
export type JournalFields = Readonly<Record<string, string>>

/** Seconds since 1970 with microseconds, as digits. */
function microsOf(digits: string | undefined): Micros | undefined {
  return digits !== undefined && /^\d{10,16}$/.test(digits) ? micros(Number(digits)) : undefined
}

const NO_STAMP: Stamp = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, microseconds: 0, zoneMinutes: 0 }

/** A journal entry as events, mostly one: the message means what it means in syslog. The same entry of another export has the same identity. */
export function journalEvents(fields: JournalFields, source: SourceRef, part: EvidencePart): readonly SecurityEvent[] {
  const received = microsOf(fields['__REALTIME_TIMESTAMP'])
  const sent = microsOf(fields['_SOURCE_REALTIME_TIMESTAMP'])
  const program = fields['SYSLOG_IDENTIFIER'] || fields['_COMM'] || (fields['_TRANSPORT'] === 'kernel' ? 'kernel' : '')
  const pid = fields['_PID'] ?? fields['SYSLOG_PID'] ?? ''
  const message = (fields['MESSAGE'] ?? '').trimStart()
  const envelope: SyslogEnvelope = {
    form: 'iso',
    priority: undefined,
    stamp: NO_STAMP,
    host: fields['_HOSTNAME'] ?? '',
    program,
    pid: /^\d{1,10}$/.test(pid) ? Number(pid) : undefined,
    structured: '',
    message,
  }
  const { product, fields: meanings } = meaningOf(envelope)
  const host = (fields['_HOSTNAME'] || part.facts.host || '').toLowerCase()
  const machine = fields['_MACHINE_ID'] ?? host
  const clocks = `${received ?? ''}|${fields['__MONOTONIC_TIMESTAMP'] ?? ''}`
  const original = originalFields({ ...fields, host: envelope.host, program, pid, message })
  return meanings.map((columns, index) => ({
    ...columns,
    source,
    time: sent ?? received,
    ...(sent !== undefined && received !== undefined && sent !== received ? { alsoRecorded: { received } } : {}),
    host,
    series: `journal|${host}|${fields['_MACHINE_ID'] ?? ''}`,
    identity: contentHash(`${machine}|${clocks}|${program}|${pid}|${message}`, index),
    product,
    code: '',
    original,
  }))
}
