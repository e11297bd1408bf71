import { canonicalAddress, isAddress, originalFields } from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { type JsonFields, ownField, plainText } from '../carriers/json-value.ts'
import { protocolName } from '../meanings/flow.ts'
import { flagsOf } from '../meanings/flow-join.ts'
import type { NfRecord } from '../meanings/netflow-record.ts'
import { actionOf, timeOf } from './csv.ts'

/** Is it a record of `nfdump -o json` or `-o ndjson`? */
export function isNfdumpObject(fields: JsonFields): boolean {
  const has = (name: string): boolean => Object.hasOwn(fields, name)
  return has('proto') && (has('src4_addr') || has('src6_addr')) && (has('in_packets') || has('first') || has('type'))
}

/** One record of `-o json`; undefined when it has no two addresses. */
export function jsonRecord(
  fields: JsonFields,
  zone: Zone,
  place: { readonly record: number; readonly offset: number },
): NfRecord | undefined {
  const text = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = plainText(ownField(fields, name))
      if (value !== undefined && value !== '') return value
    }
    return ''
  }
  const number = (...names: readonly string[]): number | undefined => {
    const value = text(...names)
    return value !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined
  }
  const address = (...names: readonly string[]): string => {
    const value = canonicalAddress(text(...names))
    return isAddress(value) && value !== '0.0.0.0' && value !== '::' ? value : ''
  }
  const srcIp = canonicalAddress(text('src4_addr', 'src6_addr'))
  const dstIp = canonicalAddress(text('dst4_addr', 'dst6_addr'))
  if (!isAddress(srcIp) || !isAddress(dstIp)) return undefined
  const protocol = protocolName(text('proto'))
  const isIcmp = protocol === 'icmp' || protocol === 'icmp6'
  const start = timeOf(text('first'), zone)
  const flags = flagsOf(text('tcp_flags'))
  const packetsBack = number('out_packets')
  const isTwoWay = (packetsBack ?? 0) > 0
  return {
    protocol,
    srcIp,
    srcPort: isIcmp ? number('icmp_type') : number('src_port'),
    dstIp,
    dstPort: isIcmp ? number('icmp_code') : number('dst_port'),
    start: start.time,
    end: timeOf(text('last'), zone).time,
    bytes: number('in_bytes'),
    packets: number('in_packets'),
    bytesBack: isTwoWay ? number('out_bytes') : undefined,
    packetsBack: isTwoWay ? packetsBack : undefined,
    flags: protocol === 'tcp' && flags !== 0 ? flags : undefined,
    sensor: address('ip4_router', 'ip6_router') || text('export_sysid'),
    precision: start.precision,
    ...place,
    original: originalFields(
      Object.fromEntries(
        Object.entries(fields).flatMap(([name, value]): [string, string][] => {
          const plain = plainText(value)
          return plain === undefined ? [] : [[name, plain]]
        }),
      ),
    ),
    action: text('type') === 'EVENT' ? actionOf(text('event', 'nat_event', 'fw_event', 'event_id')) : 'flow',
    natSrcIp: address('src4_xlt_ip', 'src6_xlt_ip', 'src_xlt_ip'),
    natSrcPort: number('src_xlt_port'),
    natDstIp: address('dst4_xlt_ip', 'dst6_xlt_ip', 'dst_xlt_ip'),
    natDstPort: number('dst_xlt_port'),
    user: text('user_name', 'username') === '<empty>' ? '' : text('user_name', 'username'),
    received: timeOf(text('received'), zone).time,
    isSampled: number('sampled') === 1,
    sampling: undefined,
    ttl: number('ip_ttl', 'min_ttl'),
  }
}
