import type { TableDialect } from './dialect.ts'
import { changed, END, endOf, numberIn, PLAIN } from './translation.ts'

const STATE = String.raw`\s+([A-Z0-9_]+):([A-Z0-9_]+)\s*$`
/** print_state of pfctl: where an end was changed, the other form of it stands in brackets. */
const ROW = new RegExp(`^\\S+ ([a-z0-9-]{2,12}) (${END})(?: \\((${END})\\))? (<-|->) (${END})(?: \\((${END})\\))?${STATE}`)
/** Before OpenBSD 4.7, and in pfSense of that time, three ends in a row. */
const OLD_ROW = new RegExp(`^\\S+ ([a-z0-9-]{2,12}) (${END}) (<-|->) (${END}) (<-|->) (${END})${STATE}`)
const DETAIL = /^\s+age ([\d:]+), expires in [\d:]+, (\d+):(\d+) pkts, (\d+):(\d+) bytes/

/** pf of OpenBSD, FreeBSD, pfSense and OPNsense: `pfctl -ss`, with `-v` age and sizes. */
export const pf: TableDialect = {
  name: 'pf',
  begins: line => ROW.test(line) || OLD_ROW.test(line),
  belongs: line => DETAIL.test(line) || /^\s+(?:id: |\[|age )|ALTQ/.test(line),
  read(lines) {
    const [head = ''] = lines
    const detail = lines.map(line => DETAIL.exec(line)).find(match => match !== null)
    const ends = endsOf(head)
    if (!ends) return undefined
    // The first numbers are of the direction that opened the state.
    return {
      ...PLAIN,
      ...ends,
      age: detail?.[1]?.split(':').reduce((sum, part) => sum * 60 + Number(part), 0),
      packetsOut: numberIn(detail?.[2]),
      packetsIn: numberIn(detail?.[3]),
      bytesOut: numberIn(detail?.[4]),
      bytesIn: numberIn(detail?.[5]),
    }
  },
}

function endsOf(line: string) {
  const old = OLD_ROW.exec(line)
  const match = ROW.exec(line)
  const [protocol = '', left, leftOther, arrow, right, rightOther, state = ''] = old
    ? [old[1], old[3] === '<-' ? old[2] : old[4], old[3] === '<-' ? old[4] : old[2], old[3], old[6], undefined, old[7]]
    : match
      ? match.slice(1)
      : []
  const [a, aOther, b, bOther] = [endOf(left), endOf(leftOther), endOf(right), endOf(rightOther)]
  if (!a || !b) return undefined
  return arrow === '<-'
    ? // what came in: where it is led to (where it was sent to) <- who sent it
      { protocol, state, src: bOther ?? b, natSrc: changed(bOther ?? b, b), dst: aOther ?? a, natDst: changed(aOther ?? a, a) }
    : // what goes out: as it is sent (who sent it) -> where to
      { protocol, state, src: aOther ?? a, natSrc: changed(aOther ?? a, a), dst: bOther ?? b, natDst: changed(bOther ?? b, b) }
}
