import { type EventFields, MICROS_PER_SECOND, micros, type Reader } from '../../model/index.ts'
import { deviceReader } from '../carriers/device-log.ts'
import { protocolName } from '../meanings/flow.ts'
import { columnsOfHeader, DEFAULT_COLUMNS, isFlowHeader, isFlowLine } from './parse.ts'

/** AWS VPC flow logs, versions 2 to 5, with any order of fields: docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html. */
export const reader: Reader = deviceReader({
  format: 'aws-vpc-flow',
  title: 'AWS VPC flow log',
  version: 1,
  product: 'aws-vpc-flow',
  record: 'flow log record',
  certain: 93,
  headerPrefix: 'version ',
  about: {
    reads: 'Flow log records of versions 2 to 5 as text, with any order of fields.',
    exported: 'The files of the S3 bucket, or an export of the CloudWatch log group. Parquet files are not read.',
    shows: 'One direction of a flow within one to ten minutes: ends, bytes, packets, whether it was let through.',
    cannotShow:
      "Traffic to the provider's own DNS, DHCP and metadata services; anything of the content; times better than the interval.",
    clock: 'Host is the network interface; times are UTC, whole seconds.',
    builtFrom: 'documentation',
    checkedOn: "lines made after the provider's page, not on the log of a real account.",
  },
  isMine: isFlowLine,
  isHeader: isFlowHeader,
  parser: part => {
    let columns = DEFAULT_COLUMNS
    for (const header of part.headerLines) if (isFlowHeader(header)) columns = columnsOfHeader(header)
    return line => {
      if (isFlowHeader(line)) {
        columns = columnsOfHeader(line)
        return 'header'
      }
      // CloudWatch exports put the time of delivery in front.
      const words = line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '').split(' ')
      if (words.length !== columns.length) return undefined
      const fields: Record<string, string> = {}
      for (const [index, name] of columns.entries()) fields[name] = words[index] === '-' ? '' : (words[index] ?? '')
      const start = secondsOf(fields['start'])
      const end = secondsOf(fields['end'])
      if (start === undefined) return undefined
      return {
        time: start,
        also: { end },
        host: fields['interface-id'] ?? '',
        code: fields['log-status'] ?? '',
        fields,
        meanings: [meaningOf(fields, start, end)],
      }
    }
  },
})

function secondsOf(text: string | undefined) {
  return /^\d{9,11}$/.test(text ?? '') ? micros(Number(text) * MICROS_PER_SECOND) : undefined
}

/**
 * One row is one direction of a flow within an aggregation interval (one or ten minutes): the other direction is another row, and a long
 * flow is many rows. Who opened it is only known from SYN without ACK (tcp-flags 2) or, in version 5, from flow-direction and flags.
 */
function meaningOf(fields: Readonly<Record<string, string>>, start: number, end: number | undefined): EventFields {
  const number = (name: string) => (/^\d{1,15}$/.test(fields[name] ?? '') ? Number(fields[name]) : undefined)
  const status = fields['log-status'] ?? 'OK'
  if (status === 'SKIPDATA')
    return { kind: 'log_activity', action: 'dropped', log: 'aws-vpc-flow', detail: 'flow records were skipped in this interval' }
  if (status === 'NODATA') return { kind: 'other_activity', message: 'no traffic in this interval' }
  const flags = number('tcp-flags')
  return {
    kind: 'network_activity',
    action: fields['action'] === 'REJECT' ? 'deny' : 'flow',
    protocol: protocolName(fields['protocol'] ?? ''),
    srcIp: (fields['srcaddr'] ?? '').toLowerCase(),
    srcPort: number('srcport'),
    dstIp: (fields['dstaddr'] ?? '').toLowerCase(),
    dstPort: number('dstport'),
    natSrcIp: translated(fields['pkt-srcaddr'], fields['srcaddr']),
    natDstIp: translated(fields['pkt-dstaddr'], fields['dstaddr']),
    bytesOut: number('bytes'),
    packetsOut: number('packets'),
    duration: end === undefined ? undefined : end - start,
    state: [fields['action'], fields['flow-direction']]
      .filter(word => word !== undefined && word !== '')
      .join(' ')
      .toLowerCase(),
    // 2 is SYN, 18 SYN and ACK; several packets of one interval are joined by OR (3 is SYN and FIN of a short connection).
    initiatorKnown: flags === undefined ? undefined : (flags & 18) === 2,
    service: fields['pkt-dst-aws-service'] ?? '',
    rule: fields['reject-reason'] ?? '',
  }
}

/** The address inside the packet where it is another than that of the interface (behind a gateway that translates). */
function translated(inside: string | undefined, interfaceAddress: string | undefined): string {
  return inside === undefined || inside === interfaceAddress ? '' : inside.toLowerCase()
}
