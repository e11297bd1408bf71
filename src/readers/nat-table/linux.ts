import type { TableDialect } from './dialect.ts'
import { changed, endAt, numberIn, PLAIN } from './translation.ts'

const ROW =
  /^(?:\[(\d{9,11}(?:\.\d{1,6})?)\s*\]\s*)?(?:\[(NEW|UPDATE|DESTROY)\]\s*)?(?:ipv[46]\s+\d+\s+)?([a-z][a-z0-9-]{2,11})\s+(\d+)\s(?:\s*\d+\s)?(.*\bsrc=.*\bsrc=.*)$/
const WORD = /\b(src|dst|sport|dport|packets|bytes)=(\S+)/g

/** Connections of Linux' netfilter: `conntrack -L`, `conntrack -E -o timestamp`, /proc/net/nf_conntrack (conntrack-tools, nf_conntrack_standalone.c). */
export const conntrack: TableDialect = {
  name: 'conntrack',
  begins: line => ROW.test(line),
  belongs: line => /^conntrack v|flow entries have been shown/.test(line),
  read([line = '']) {
    const [, stamp, event, protocol = '', , rest = ''] = ROW.exec(line) ?? []
    // The first of each name is of the direction that opened it, the second of the answer.
    const sides: Record<string, string>[] = []
    for (const [, name = '', value = ''] of rest.matchAll(WORD)) {
      if (name === 'src') sides.push({})
      const side = sides.at(-1)
      if (side && side[name] === undefined) side[name] = value
    }
    const [out, back] = sides
    const src = endAt(out?.['src'] ?? '', out?.['sport'])
    const dst = endAt(out?.['dst'] ?? '', out?.['dport'])
    if (!src || !dst) return undefined
    return {
      ...PLAIN,
      protocol,
      src,
      dst,
      natSrc: changed(src, endAt(back?.['dst'] ?? '', back?.['dport'])),
      natDst: changed(dst, endAt(back?.['src'] ?? '', back?.['sport'])),
      state: rest.includes('[UNREPLIED]') ? 'UNREPLIED' : (/^\s*([A-Z][A-Z_]+)\b/.exec(rest)?.[1] ?? ''),
      bytesOut: numberIn(out?.['bytes']),
      bytesIn: numberIn(back?.['bytes']),
      packetsOut: numberIn(out?.['packets']),
      packetsIn: numberIn(back?.['packets']),
      stamp: stamp === undefined ? undefined : Number(stamp),
      ended: event === 'DESTROY',
    }
  },
}
