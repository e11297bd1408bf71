// Zeek conn rows per second of processor time of the reader, against reading and hashing the same bytes.
// Run: node bench/zeek.ts [FILE]; without a file it makes 500,000 conn rows, always the same, in TSV and in JSON.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPart, surveyFile } from '../src/evidence/index.ts'
import type { EvidenceId } from '../src/model/index.ts'
import { reader } from '../src/readers/zeek/reader.ts'

const ROWS = 500_000
const FIELDS =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents'
const TYPES =
  'time string addr port addr port enum string interval count count string bool bool count string count count count count set[string]'
const QUOTED = new Set(['uid', 'id.orig_h', 'id.resp_h', 'proto', 'service', 'conn_state', 'history'])

function* madeRows(count: number): Generator<readonly string[]> {
  let seed = 1
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % below
  }
  for (let row = 0; row < count; row++) {
    const out = next(90_000)
    const back = next(900_000)
    yield [
      (1_704_067_200 + row / 50).toFixed(6),
      `C${next(8_000_000).toString(36)}${row.toString(36)}`,
      `10.${next(8)}.${next(250)}.${next(250)}`,
      String(1024 + next(60_000)),
      `203.0.113.${next(250)}`,
      ['443', '80', '53', '445'][next(4)] ?? '443',
      'tcp',
      'ssl',
      (next(100_000_000) / 1e6).toFixed(6),
      String(out),
      String(back),
      'SF',
      'T',
      'F',
      '0',
      'ShADadFf',
      String(4 + (out >> 10)),
      String(out + 400),
      String(4 + (back >> 10)),
      String(back + 400),
      '-',
    ]
  }
}

function asTsv(): string {
  const names = FIELDS.split(' ')
  const head = `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\t${names.join('\t')}\n#types\t${TYPES.split(' ').join('\t')}\n`
  return head + [...madeRows(ROWS)].map(cells => `${cells.join('\t')}\n`).join('')
}

function asJson(): string {
  const names = FIELDS.split(' ')
  const value = (name: string, cell: string): string =>
    QUOTED.has(name) ? `"${cell}"` : cell === 'T' ? 'true' : cell === 'F' ? 'false' : cell
  const line = (cells: readonly string[]): string =>
    names.flatMap((name, index) => (cells[index] === '-' ? [] : [`"${name}":${value(name, cells[index] ?? '')}`])).join(',')
  return [...madeRows(ROWS)].map(cells => `{${line(cells)}}\n`).join('')
}

const directory = mkdtempSync(join(tmpdir(), 'barograph-bench-'))
try {
  console.log(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, seconds of processor time`)
  const given = process.argv[2]
  if (given !== undefined) await measure(given)
  else
    for (const [name, text] of [
      ['conn.log', asTsv],
      ['conn.json', asJson],
    ] as const) {
      const file = join(directory, name)
      writeFileSync(file, text())
      await measure(file)
    }
} finally {
  rmSync(directory, { recursive: true })
}

async function measure(file: string): Promise<void> {
  const bytes = statSync(file).size
  const survey = await surveyFile(file, reader.split, 'utf-8')
  const hashing = await bestOf(async () => {
    await surveyFile(file, { by: 'nothing' }, 'utf-8')
  })
  let rows = 0
  const read = async (withOriginal: boolean): Promise<void> => {
    rows = 0
    for (const [part, range] of survey.parts.entries()) {
      const opened = openPart(file, { ...range, evidence: 'bench' as EvidenceId, path: file, part, facts: {}, encoding: 'utf-8' })
      reader.read(opened.part, {
        event: event => {
          rows++
          if (withOriginal) event.original.text()
        },
        diagnostic: ({ message }) => console.log(message),
      })
      opened.close()
    }
  }
  const reading = await bestOf(() => read(false))
  const storing = await bestOf(() => read(true))
  const rate = (seconds: number): string =>
    `${seconds.toFixed(2)} s, ${Math.round(rows / seconds).toLocaleString('en')} rows/s, ${(bytes / seconds / 1e6).toFixed(0)} MB/s`
  console.log(`${file.slice(file.lastIndexOf('/') + 1)}: ${rows.toLocaleString('en')} rows, ${(bytes / 1e6).toFixed(0)} MB`)
  console.log(`  read and hash:               ${rate(hashing)}`)
  console.log(`  reader:                      ${rate(reading)}, ${(reading / hashing).toFixed(1)} times reading and hashing`)
  console.log(`  reader and original as JSON: ${rate(storing)}`)
}

/** Best of three in seconds of processor time, so that other work on the machine does not count. */
async function bestOf(run: () => Promise<void>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1e6)
  }
  return Math.min(...times)
}
