import { canonicalAddress, type EventFields, isAddress } from '../../model/index.ts'
import { protocolName } from '../meanings/flow.ts'
import { targetOf } from '../meanings/web.ts'
import { kindOfRow } from './kind-of-row.ts'
import type { Mapping } from './mapping.ts'
import type { Role } from './names.ts'

/** A row under the names of its columns. */
export type Row = Readonly<Record<string, string>>

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
    // "443 (https) / tcp" of Cisco's management center, "tcp 443".
    const digits = /^(?:\w{3,6} )?(\d{1,15})(?:\.0)?(?: \([\w-]+\))?(?: ?\/ ?[\w-]+)?$/.exec(of(role))?.[1]
    return digits === undefined ? undefined : Number(digits)
  }
  const address = (role: Role): string => {
    // Some exports write several addresses, or an address with a port.
    const text = of(role).split(/[,;\s]/)[0] ?? ''
    const bare =
      /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(text)?.[1] ?? /^\[([0-9a-fA-F:.]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? text
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
        outcome: /fail|denied/i.test(of('action')) ? 'failure' : outcomeOf(of('outcome') || of('action')),
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
