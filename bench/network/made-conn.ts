import { closeSync, openSync, writeSync } from 'node:fs'

/** Zeek conn rows of a site of 2,000 machines: clients and their servers, servers among themselves, some of them on both sides. */
export function writeConn(file: string, rows: number): void {
  const descriptor = openSync(file, 'w')
  writeSync(
    descriptor,
    '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]\n',
  )
  let seed = 1
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % below
  }
  let lines: string[] = []
  for (let row = 0; row < rows; row++) {
    const out = 60 + next(9_000)
    const back = 100 + next(90_000)
    const server = `10.1.0.${1 + next(60)}`
    const kind = next(10)
    const [from, to, port] =
      kind < 6
        ? [`10.${2 + next(8)}.0.${1 + next(250)}`, `203.0.113.${next(250)}`, 443]
        : kind < 9
          ? [`10.${2 + next(8)}.0.${1 + next(250)}`, server, [445, 443, 1433][next(3)] ?? 443]
          : [server, `10.1.0.${61 + next(60)}`, 8443]
    const silent = next(30) === 0
    lines.push(
      `${(1_704_067_200 + (row * 86_400) / rows + next(1000) / 1e6).toFixed(6)}\tC${row.toString(36)}\t${from}\t${1024 + next(60_000)}\t${to}\t${port}\ttcp\t-\t${(next(20_000_000) / 1e6).toFixed(6)}\t${silent ? 0 : out}\t${silent ? 0 : back}\t${silent ? 'S0' : 'SF'}\tT\tF\t0\tShADadFf\t${4 + (out >> 10)}\t${out + 400}\t${silent ? 0 : 4 + (back >> 10)}\t${silent ? 0 : back + 400}\t-\n`,
    )
    if (lines.length === 50_000) {
      writeSync(descriptor, lines.join(''))
      lines = []
    }
  }
  writeSync(descriptor, lines.join(''))
  closeSync(descriptor)
}
