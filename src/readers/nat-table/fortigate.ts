import type { TableDialect } from './dialect.ts'
import { changed, END, endOf, numberIn, PLAIN } from './translation.ts'

const ROW = new RegExp(`^([a-z]{2,8}|\\d{1,3})\\s+(\\d+)\\s+(${END})\\s+(-|${END})\\s+(${END})\\s+(-|${END})\\s*$`)

/** FortiOS: `get system session list`. */
export const fortigateList: TableDialect = {
  name: 'fortigate-list',
  begins: line => ROW.test(line),
  belongs: line => /^PROTO\s+EXPIRE\s+SOURCE/.test(line),
  read([line = '']) {
    const [, protocol = '', , source, sourceNat, destination, destinationNat] = ROW.exec(line) ?? []
    const [src, dst] = [endOf(source), endOf(destination)]
    if (!src || !dst) return undefined
    return { ...PLAIN, protocol, src, dst, natSrc: changed(src, endOf(sourceNat)), natDst: changed(dst, endOf(destinationNat)) }
  },
}

const HOOK = new RegExp(`^\\s*hook=\\w+ dir=org act=(snat|dnat|noop) (${END})->(${END})\\((${END})\\)`)
const STATISTIC = /^\s*statistic\([^)]*\): org=(\d+)\/(\d+)\/\d+ reply=(\d+)\/(\d+)\//

/** FortiOS: `diagnose sys session list`; the hooks of the direction that opened it say what is changed before and after routing. */
export const fortigateSessions: TableDialect = {
  name: 'fortigate-sessions',
  begins: line => /^\s*session info: proto=\d+ /.test(line),
  belongs: line =>
    /^\s*(?:hook=|statistic\(|state=|misc=|serial=|orgin->sink|origin->sink|[\w-]*shaper=|tx speed|pos\/|src_mac|class_id|ha_id|npu|ofld|total session|tunnel=|bandwidth=|per_ip|rpdb|no_ofld|vlifid|dd_type|npu_state|user=|sdwan)/.test(
      line,
    ),
  read(lines) {
    const hooks = lines.flatMap(line => {
      const [, act, from, to, made] = HOOK.exec(line) ?? []
      const [src, dst, nat] = [endOf(from), endOf(to), endOf(made)]
      return act !== undefined && src && dst ? [{ act, src, dst, nat }] : []
    })
    const [dnat, snat] = [hooks.find(({ act }) => act === 'dnat'), hooks.find(({ act }) => act === 'snat')]
    const first = dnat ?? snat ?? hooks[0]
    if (!first) return undefined
    const statistic = lines.map(line => STATISTIC.exec(line)).find(match => match !== null)
    const [head = ''] = lines
    return {
      ...PLAIN,
      protocol: /proto=(\d+)/.exec(head)?.[1] ?? '',
      src: first.src,
      dst: first.dst,
      natSrc: snat && changed(snat.src, snat.nat),
      natDst: dnat && changed(dnat.dst, dnat.nat),
      age: numberIn(/ duration=(\d+)/.exec(head)?.[1]),
      bytesOut: numberIn(statistic?.[1]),
      packetsOut: numberIn(statistic?.[2]),
      bytesIn: numberIn(statistic?.[3]),
      packetsIn: numberIn(statistic?.[4]),
    }
  },
}
