import type { TableDialect } from './dialect.ts'
import { changed, endOf, numberIn, PLAIN } from './translation.ts'

const HEAD = /^\s*\d+\s+(?:[A-Za-z]{1,10}\s+){0,6}protocol=\S+ /

/** RouterOS: `/ip firewall connection print detail` (or `terse`); long records go on in the next lines. */
export const routerOs: TableDialect = {
  name: 'routeros',
  begins: line => HEAD.test(line),
  belongs: line => /^Flags: /.test(line) || /^\s+[a-z-]{2,40}=/.test(line) || /^\s*[a-zA-Z] - /.test(line),
  read(lines) {
    const words: Record<string, string> = {}
    for (const line of lines)
      for (const [, name = '', value = ''] of line.matchAll(/(?:^|\s)([a-z-]+)=("[^"]*"|\S*)/g)) words[name] ??= value
    const [src, dst] = [endOf(words['src-address']), endOf(words['dst-address'])]
    if (!src || !dst) return undefined
    return {
      ...PLAIN,
      protocol: words['protocol'] ?? '',
      src,
      dst,
      natSrc: changed(src, endOf(words['reply-dst-address'])),
      natDst: changed(dst, endOf(words['reply-src-address'])),
      state: words['tcp-state'] ?? '',
      bytesOut: numberIn(words['orig-bytes']),
      bytesIn: numberIn(words['repl-bytes']),
      packetsOut: numberIn(words['orig-packets']),
      packetsIn: numberIn(words['repl-packets']),
    }
  },
}
