import { serviceSide } from '../meanings/flow-join.ts'
import type { TableDialect } from './dialect.ts'
import { changed, END, type End, endAt, endOf, numberIn, PLAIN, type TableRow } from './translation.ts'

const IOS_ROW = new RegExp(`^(tcp|udp|icmp|gre|---)\\s+(${END})\\s+(${END})\\s+(---|${END})\\s+(---|${END})\\s*$`)

/**
 * Cisco IOS: `show ip nat translations`. It does not say who opened a connection; a static row with the same inside end says that it was
 * somebody outside (`ledIn` joins them).
 */
export const ios: TableDialect = {
  name: 'ios',
  begins: line => IOS_ROW.test(line),
  belongs: line =>
    /^Pro\s+Inside global/.test(line) || /^\s+(?:create|use|timeout|flags|entry-id|Map-Id|left|extended|none)\b/.test(line),
  read([line = '']) {
    const [, protocol = '', ...columns] = IOS_ROW.exec(line) ?? []
    const [insideGlobal, insideLocal, outsideLocal, outsideGlobal] = columns.map(endOf)
    if (!insideGlobal || !insideLocal) return undefined
    if (!outsideLocal || !outsideGlobal)
      return { kind: 'static', protocol: protocol === '---' ? '' : protocol, seen: insideGlobal, real: insideLocal }
    return {
      ...PLAIN,
      protocol,
      src: insideLocal,
      natSrc: changed(insideLocal, insideGlobal),
      dst: outsideLocal,
      natDst: changed(outsideLocal, outsideGlobal),
      openerKnown: undefined,
    }
  },
}

const XLATE =
  /^(?:(TCP|UDP|ICMP) PAT|NAT) from \S+?:\s?([\d.]+)(?:\/(\d+)|\s+(\d+)-\d+)?(?:\s+\d+)? to \S+?:\s?([\d.]+)(?:\/(\d+)|\s+(\d+)-\d+)?/
const CONN = new RegExp(
  `^(TCP|UDP|ICMP|GRE|SCTP)\\s+\\S{1,60}\\s+(${END}),?\\s+\\S{1,60}\\s+(${END}),?(?:\\s+idle\\s+[\\dhms:]+,\\s+bytes\\s+(\\d+),?)?`,
)

/** ASA: `show xlate` and `show conn` (with `detail` too), one behind the other as they are mostly saved. */
export const asa: TableDialect = {
  name: 'asa',
  begins: line => XLATE.test(line) || CONN.test(line),
  belongs: line =>
    /^\s*(?:\d+ in use, \d+ most used|Flags: |[a-zA-Z] - |flags \S*|Inspect Snort|preserve-connection|enabled: |TCP Module|Initiator: |Connection lookup)/.test(
      line,
    ),
  read(lines) {
    const text = lines.join(' ')
    const flags = /\bflags\s+(\S+)/.exec(text)?.[1] ?? ''
    const xlate = XLATE.exec(text)
    if (xlate) {
      const [, protocol = '', real = '', realPort, realFirst, seen = '', seenPort, seenFirst] = xlate
      const [realEnd, seenEnd] = [endAt(real, realPort ?? realFirst), endAt(seen, seenPort ?? seenFirst)]
      // Others are made for one connection, which `show conn` tells, and go with it.
      if (!realEnd || !seenEnd || !flags.includes('s')) return undefined
      return { kind: 'static', protocol: protocol.toLowerCase(), seen: seenEnd, real: realEnd }
    }
    const [, protocol = '', one, other, idleBytes] = CONN.exec(text) ?? []
    const [outside, inside] = [endOf(one), endOf(other)]
    if (!outside || !inside) return undefined
    const bytes = numberIn(idleBytes ?? /\bbytes\s+(\d+)/.exec(text)?.[1])
    // "B: initial SYN from outside"; without a handshake the table does not say who began.
    const fromOutside = flags.includes('B')
    return {
      ...PLAIN,
      protocol: protocol.toLowerCase(),
      src: fromOutside ? outside : inside,
      dst: fromOutside ? inside : outside,
      openerKnown: protocol === 'TCP' ? true : undefined,
      state: `flags ${flags}`,
      bytesTotal: bytes,
    }
  },
}

/** Inside ends that static rows publish, by protocol and end. */
export type Published = ReadonlyMap<string, End>

export const publishedKey = (protocol: string, { address, port }: End): string => `${protocol}|${address}|${port ?? ''}`

/**
 * The connection as somebody outside opened it, where a static row publishes its inside end: that one answers, and does not begin. Where
 * only ports hint at it, it is turned and remains a guess.
 */
export function ledIn(row: TableRow, dialect: string, published: Published): TableRow {
  if (row.kind === 'static' || (dialect !== 'ios' && dialect !== 'asa')) return row
  const seenFor = (end: End) =>
    published.get(publishedKey(row.protocol, end)) ?? published.get(publishedKey('', { ...end, port: undefined }))
  if (dialect === 'asa') {
    const seen = row.openerKnown === true ? seenFor(row.dst) : undefined
    return seen === undefined ? row : { ...row, dst: { port: row.dst.port, ...withPort(seen) }, natDst: row.dst }
  }
  const exact = published.has(publishedKey(row.protocol, row.src))
  const side = serviceSide({ srcPort: row.src.port ?? 0, dstPort: row.dst.port ?? 0 })
  if (!exact && side !== 'src') return row
  return {
    ...row,
    src: row.natDst ?? row.dst,
    natSrc: row.natDst === undefined ? undefined : row.dst,
    dst: row.natSrc ?? row.src,
    natDst: row.natSrc === undefined ? undefined : row.src,
    openerKnown: exact ? true : undefined,
  }
}

/** A one-to-one translation keeps the port. */
const withPort = ({ address, port }: End): { readonly address: string; readonly port?: number } =>
  port === undefined ? { address } : { address, port }
