import { contentHash, type EventFields, isAddress, type SecurityEvent, type SourceRef } from '../../model/index.ts'
import { type JsonFields, ownField, plainText } from '../carriers/json-value.ts'
import { originalOfFields } from '../meanings/windows-names.ts'
import type { EventTimes } from './times.ts'

// Tables that Azure Monitor exports beside Windows events: learn.microsoft.com/azure/azure-monitor/reference/tables/{syslog,vmconnection}

const TABLES = new Set(['Syslog', 'VMConnection', 'VMBoundPort', 'VMProcess', 'Heartbeat'])

/** Is it a row of a table of Azure Monitor that holds no Windows event? */
export function isAzureRow(row: JsonFields): boolean {
  return TABLES.has(text(row, 'Type')) && (text(row, 'TimeGenerated') !== '' || text(row, 'Computer') !== '')
}

const text = (row: JsonFields, name: string) => plainText(ownField(row, name)) ?? ''
const number = (row: JsonFields, name: string): number | undefined => {
  const value = text(row, name)
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** A row as a typed event. */
export function azureEvent(
  row: JsonFields,
  fields: Readonly<Record<string, string>>,
  times: EventTimes,
  source: SourceRef,
  hostIfUnsaid = '',
): SecurityEvent {
  const host = text(row, 'Computer').toLowerCase() || hostIfUnsaid.toLowerCase()
  const table = text(row, 'Type').toLowerCase()
  const original = originalOfFields(fields)
  return {
    source,
    time: times.time,
    ...(times.alsoRecorded ? { alsoRecorded: times.alsoRecorded } : {}),
    host,
    series: `azure|${host}|${table}`,
    identity: contentHash(original.text()),
    ...meaning(row),
    original,
  } as SecurityEvent
}

type Meaning = { readonly product: string; readonly code: string } & EventFields

function meaning(row: JsonFields): Meaning {
  const table = text(row, 'Type')
  if (table === 'VMConnection') return connection(row)
  const message = text(row, 'SyslogMessage')
  const audit = /^type=AUOMS_EXECVE .*?: (.*)$/s.exec(message)?.[1]
  if (audit !== undefined) return execution(audit)
  const program = text(row, 'ProcessName')
  return {
    product: table === 'Syslog' ? 'syslog' : 'azure',
    code: '',
    kind: 'other_activity',
    message: message || table,
    image: program,
  }
}

/** Azure counts a connection from the side that opened it. Records are sums of a minute: the flow is finished or goes on. */
function connection(row: JsonFields): Meaning {
  const sent = number(row, 'BytesSent')
  const received = number(row, 'BytesReceived')
  // Sent and received are the machine's; of an incoming connection the other side is the initiator.
  const [bytesOut, bytesIn] = text(row, 'Direction') === 'inbound' ? [received, sent] : [sent, received]
  const srcIp = text(row, 'SourceIp')
  const dstIp = text(row, 'DestinationIp')
  return {
    product: 'azure',
    code: 'VMConnection',
    kind: 'network_activity',
    action: 'flow',
    protocol: text(row, 'Protocol').toLowerCase(),
    srcIp: isAddress(srcIp) ? srcIp : '',
    dstIp: isAddress(dstIp) ? dstIp : '',
    dstPort: number(row, 'DestinationPort'),
    bytesOut,
    bytesIn,
    initiatorKnown: true,
    image: text(row, 'ProcessName'),
  }
}

/** Program starts as the auditd plug-in of the Azure agent writes them: key=value, strings quoted where they hold spaces. */
function execution(pairs: string): Meaning {
  const value = (name: string) => {
    const match = new RegExp(`(?:^| )${name}=("?)`).exec(pairs)
    if (!match) return ''
    const start = match.index + match[0].length
    // A quoted value may hold quotes itself; it ends where the next name begins.
    const end = match[1] ? pairs.slice(start).search(/"(?= [a-z_]\w*=|$)/) : pairs.slice(start).search(/ (?=[a-z_]\w*=)|$/)
    return end < 0 ? pairs.slice(start) : pairs.slice(start, start + end)
  }
  const common = { product: 'auditd', code: 'EXECVE' }
  const commandLine = value('cmdline') || value('proctitle')
  if (value('success') === 'no')
    return {
      ...common,
      kind: 'other_activity',
      message: `could not start ${value('name')}`,
      user: value('user'),
      image: value('exe'),
    }
  return {
    ...common,
    kind: 'process_activity',
    action: 'start',
    image: value('exe'),
    commandLine,
    pid: Number(value('pid')) || undefined,
    parentPid: Number(value('ppid')) || undefined,
    user: value('effective_user') || value('user'),
    currentDirectory: value('cwd'),
  }
}
