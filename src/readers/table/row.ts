import { canonicalAddress, type EventFields, isAddress, type Micros, micros, microsFromIso } from '../../model/index.ts'
import { civilMicros, leadingIso } from '../carriers/civil-time.ts'
import type { Zone } from '../carriers/clock.ts'
import { clfClock } from '../carriers/clock.ts'
import { protocolName } from '../meanings/flow.ts'
import { targetOf } from '../meanings/web.ts'
import { kindOfRow } from './kind-of-row.ts'
import type { Mapping } from './mapping.ts'
import type { Role } from './names.ts'

/** A row under the names of its columns. */
export type Row = Readonly<Record<string, string>>

const US = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ?([AP]M))?$/i
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?$/
const NAMED = /^(?:\w{3},? )?(\w{3}) (\d{1,2}),? (\d{4}),?(?: @)? (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ?([AP]M))?$/i

/** What writings of a time a table has met: which of day and month comes first cannot be told from one value. */
export interface TimeReading {
  readonly time: Micros | undefined
  /** "08/09/2023": read as month first. */
  readonly isAmbiguous: boolean
  /** The text names its zone. */
  readonly hasZone: boolean
}

/** Time of a cell: ISO 8601, bracketed, seconds to nanoseconds since 1970, US and dotted dates, "Aug 15, 2023 @ 05:34:25.000". */
export function timeOfCell(text: string, zone: Zone): TimeReading {
  const plain = text.trim().replace(/^\[(.*)\]$/, '$1')
  if (/^\d{9,11}(?:\.\d{1,9})?$/.test(plain))
    return { time: micros(Math.round(Number(plain) * 1_000_000)), isAmbiguous: false, hasZone: true }
  if (/^\d{12,19}$/.test(plain)) {
    const scale = plain.length <= 14 ? 1000 : plain.length <= 17 ? 1 : 0.001
    return { time: micros(Math.round(Number(plain) * scale)), isAmbiguous: false, hasZone: true }
  }
  if (/^\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:?\d\d)$/.test(plain)) {
    const iso = microsFromIso(plain.replace(' ', 'T')) ?? leadingIso(plain, zone)?.time
    if (iso !== undefined) return { time: iso, isAmbiguous: false, hasZone: true }
  }
  const iso = leadingIso(plain, zone)
  if (iso) return { time: iso.time, isAmbiguous: false, hasZone: false }
  const us = US.exec(plain)
  if (us) {
    const [, first = '', second = '', year = '', hour = '', minute = '', seconds = '', fraction, half] = us
    const isDayFirst = Number(first) > 12
    const [month, day] = isDayFirst ? [second, first] : [first, second]
    return {
      time: civilMicros({ year, month, day, hour, minute, second: seconds, fraction, half }, zone),
      isAmbiguous: !isDayFirst && Number(second) <= 12 && first !== second,
      hasZone: false,
    }
  }
  const dotted = DOTTED.exec(plain)
  if (dotted) {
    const [, day = '', month = '', year = '', hour = '', minute = '', second = '', fraction] = dotted
    return { time: civilMicros({ year, month, day, hour, minute, second, fraction }, zone), isAmbiguous: false, hasZone: false }
  }
  const named = NAMED.exec(plain)
  if (named) {
    const [, month = '', day = '', year = '', hour = '', minute = '', second = '', fraction, half] = named
    return {
      time: civilMicros({ year, month, day, hour, minute, second, fraction, half }, zone),
      isAmbiguous: false,
      hasZone: false,
    }
  }
  return { time: clfClock(zone)(plain), isAmbiguous: false, hasZone: /[+-]\d{4}$/.test(plain) }
}

/** The columns of one row by the mapping of its table. */
export function fieldsOfRow(row: Row, mapping: Mapping): EventFields {
  const { columns } = mapping
  const kind = kindOfRow(row, mapping)
  const of = (role: Role): string => {
    const column = columns[role]
    const value = column === undefined ? '' : (row[column] ?? '').trim()
    return value === '-' || value === '(null)' || value === 'null' || value === 'N/A' ? '' : value
  }
  const number = (role: Role): number | undefined => {
    const digits = /^(?:\w{3,6} )?(\d{1,15})(?:\.0)?$/.exec(of(role))?.[1]
    return digits === undefined ? undefined : Number(digits)
  }
  const address = (role: Role): string => {
    // Some exports write several addresses, or an address with a port.
    const text = of(role).split(/[,;\s]/)[0] ?? ''
    const bare = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(text)?.[1] ?? text
    return isAddress(bare) ? canonicalAddress(bare) : ''
  }
  const image = of('image')
  // A machine's own record of a connection names the other end; only where the connection came in did that end come to it.
  const isRemoteEnd =
    columns.dstIp === undefined && /^remote/i.test(columns.srcIp ?? '') && !/inbound|accepted/i.test(of('action'))
  switch (kind) {
    case 'process_activity':
      return {
        kind,
        action: 'start',
        image: image || (/^"([^"]+)"|^(\S+)/.exec(of('commandLine'))?.slice(1).find(Boolean) ?? ''),
        commandLine: of('commandLine'),
        pid: number('pid'),
        parentImage: of('parentImage'),
        parentCommandLine: of('parentCommandLine'),
        user: of('user'),
        hashes: of('hashes'),
      }
    case 'http_activity': {
      const url = /^[a-z][a-z0-9+.-]{1,10}:\/\/([^/?#]*)([^#]*)/i.exec(of('url'))
      const target = targetOf(url ? url[2] || '/' : of('url') || of('path'))
      return {
        kind,
        clientIp: address('srcIp') || of('srcHost'),
        method: of('method').toUpperCase(),
        path: of('path') || target.path,
        query: of('query') || target.query,
        status: number('status'),
        bytes: number('bytesIn'),
        requestBytes: number('bytesOut'),
        referrer: of('referrer'),
        userAgent: of('userAgent'),
        user: of('user'),
        virtualHost: of('virtualHost') || (url?.[1] ?? ''),
        serverIp: address('dstIp'),
        serverPort: number('dstPort'),
      }
    }
    case 'dns_activity':
      return { kind, srcIp: address('srcIp'), serverIp: address('dstIp'), query: of('dnsQuery'), image }
    case 'network_activity':
      return {
        kind,
        action: /^(?:den(?:y|ied)|drop\w*|block\w*|reject\w*|refused?)$/i.test(of('action') || of('outcome')) ? 'deny' : 'flow',
        protocol: protocolName(of('protocol')),
        srcIp: isRemoteEnd ? '' : address('srcIp'),
        srcPort: number('srcPort'),
        dstIp: address(isRemoteEnd ? 'srcIp' : 'dstIp'),
        dstPort: number('dstPort'),
        srcHost: of('srcHost') || (isRemoteEnd ? of('host') : ''),
        dstHost: of('dstHost'),
        bytesOut: number('bytesOut'),
        bytesIn: number('bytesIn'),
        image,
        user: of('user'),
        // A table says source and destination; whether that is who opened the connection it does not.
        initiatorKnown: false,
      }
    case 'authentication':
      return {
        kind,
        action: /log(?:ged)?[ -]?o(?:ff|ut)/i.test(of('action')) ? 'logoff' : 'logon',
        outcome: outcomeOf(of('outcome') || of('action')),
        user: of('targetUser') || of('user'),
        subjectUser: of('targetUser') === '' ? '' : of('user'),
        srcIp: address('srcIp'),
        srcHost: of('srcHost'),
        logonType: number('logonType'),
        target: of('dstHost'),
        process: image,
        reason: of('reason'),
      }
    case 'file_activity':
      return {
        kind,
        action: fileAction(of('action')),
        path: of('filePath'),
        hashes: of('hashes'),
        image,
        user: of('user'),
        srcIp: address('srcIp'),
        dstIp: address('dstIp'),
      }
    case 'other_activity':
      return {
        kind,
        message: [of('action'), of('message')].filter(Boolean).join(': ').slice(0, 4096),
        user: of('user'),
        srcIp: address('srcIp'),
        dstIp: address('dstIp'),
        image,
      }
  }
}

/** Azure's sign-in logs give 0 or the number of an error, five to seven digits (learn.microsoft.com: AADSTS error codes). */
const SIGN_IN_ERROR = /^[1-9]\d{4,6}$/

function outcomeOf(text: string): string {
  if (SIGN_IN_ERROR.test(text)) return 'failure'
  if (/fail|den(?:y|ied)|invalid|error|reject|wrong|locked|fehler|verweigert|abgelehnt|^(?:false|no|nein|0x[1-9a-f])/i.test(text))
    return 'failure'
  return /succe|allow|accept|permit|erfolg|ok$|^(?:true|yes|ja|0|0x0)$|logged on/i.test(text) ? 'success' : ''
}

function fileAction(text: string): string {
  if (/delet|remov/i.test(text)) return 'delete'
  if (/creat|writ|upload|add|new/i.test(text)) return 'create'
  if (/renam|mov/i.test(text)) return 'rename'
  return /read|open|access|download/i.test(text) ? 'read' : ''
}
