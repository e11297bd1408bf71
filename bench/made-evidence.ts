// Evidence of any size for benchmarks and for tests of resuming: ordinary traffic, always the same for the same arguments, with
// a few records a detector sees in each log, so that findings are part of what is compared.

import { once } from 'node:events'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EvtxRecord, writeEvtx } from '../test/evtx-writer/index.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/115.0.0.0 Safari/537.36'
const START = Date.UTC(2023, 7, 1)

/** A small repeatable source of numbers (linear congruential, Numerical Recipes). */
class Numbers {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * limit)
  }
}

/** Writes about `bytes` bytes: web logs of two servers (half), Zeek flows (a quarter), log-ins (a tenth), Windows event logs (the rest). */
export async function makeEvidence(directory: string, bytes: number, files = 1): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const share = (part: number) => (bytes * part) / files
  for (let index = 0; index < files; index++) {
    await textFile(join(directory, `web0${1 + (index % 2)}`, `access.log.${index}`), share(0.5), accessLines(index))
    await textFile(join(directory, 'sensor', `conn.${index}.log`), share(0.25), connLines(index))
    await textFile(join(directory, `jump0${1 + (index % 9)}`, `auth.log.${index}`), share(0.1), authLines(index))
    mkdirSync(join(directory, `dc0${1 + (index % 9)}`), { recursive: true })
    writeFileSync(
      join(directory, `dc0${1 + (index % 9)}`, `Security.${index}.evtx`),
      writeEvtx(windowsRecords(index, share(0.15))),
    )
  }
}

async function textFile(file: string, bytes: number, lines: Iterable<string>): Promise<void> {
  mkdirSync(join(file, '..'), { recursive: true })
  const out = createWriteStream(file)
  let written = 0
  let block = ''
  for (const line of lines) {
    block += `${line}\n`
    written += line.length + 1
    if (written >= bytes) break
    if (block.length < 1 << 20) continue
    if (!out.write(block)) await once(out, 'drain')
    block = ''
  }
  out.end(block)
  await once(out, 'close')
}

const two = (value: number) => String(value).padStart(2, '0')

function* accessLines(seed: number): Generator<string> {
  const numbers = new Numbers(seed + 1)
  for (let index = 0; ; index++) {
    const at = new Date(START + seed * 864e5 + index * 250)
    const clock = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}:${at.toISOString().slice(11, 19)} +0000`
    const shell = index % 20_000 === 1_000
    const request = shell
      ? 'POST /images/cache/help.php?cmd=whoami HTTP/1.1'
      : `GET /page/${numbers.below(5000)}.html?id=${numbers.below(100_000)} HTTP/1.1`
    const client = shell ? '203.0.113.77' : `198.51.100.${numbers.below(250)}`
    yield `${client} - - [${clock}] "${request}" 200 ${numbers.below(90_000)} "${shell ? '-' : `https://site.example/${numbers.below(500)}`}" "${AGENT}"`
  }
}

const CONN_FIELDS =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents'
const CONN_TYPES =
  'time string addr port addr port enum string interval count count string bool bool count string count count count count set[string]'

function* connLines(seed: number): Generator<string> {
  yield '#separator \\x09'
  yield '#set_separator\t,'
  yield '#empty_field\t(empty)'
  yield '#unset_field\t-'
  yield '#path\tconn'
  yield `#fields\t${CONN_FIELDS.replaceAll(' ', '\t')}`
  yield `#types\t${CONN_TYPES.replaceAll(' ', '\t')}`
  const numbers = new Numbers(seed + 1000)
  for (let index = 0; ; index++) {
    const time = ((START + seed * 864e5) / 1000 + index * 0.05).toFixed(6)
    const port = 1024 + numbers.below(60_000)
    const target = index % 3 === 0 ? `203.0.113.${numbers.below(250)}` : `10.0.${numbers.below(4)}.${numbers.below(250)}`
    yield [
      time,
      `C${seed}x${index.toString(36)}`,
      `10.0.${numbers.below(4)}.${numbers.below(250)}`,
      port,
      target,
      numbers.below(2) === 0 ? 443 : 53,
      numbers.below(2) === 0 ? 'tcp' : 'udp',
      numbers.below(2) === 0 ? 'ssl' : 'dns',
      (numbers.below(90_000) / 1000).toFixed(3),
      numbers.below(20_000),
      numbers.below(900_000),
      'SF',
      'T',
      'F',
      0,
      'ShADadFf',
      numbers.below(40),
      numbers.below(22_000),
      numbers.below(900),
      numbers.below(990_000),
      '-',
    ].join('\t')
  }
}

function* authLines(seed: number): Generator<string> {
  const numbers = new Numbers(seed + 2000)
  for (let index = 0; ; index++) {
    const time = new Date(START + seed * 864e5 + index * 2000).toISOString().replace('Z', '+00:00')
    const user = `user${numbers.below(40)}`
    const ok = index % 40_000 !== 20_000
    yield `${time} jump0${1 + (seed % 9)} sshd[${1000 + numbers.below(30_000)}]: ${ok ? 'Accepted publickey' : 'Failed password'} for ${user} from 10.0.1.${numbers.below(250)} port ${1024 + numbers.below(60_000)} ssh2`
  }
}

/** A record of this shape takes about so many bytes of a file. */
const RECORD_BYTES = 620

function* windowsRecords(seed: number, bytes: number): Generator<EvtxRecord> {
  const numbers = new Numbers(seed + 3000)
  const computer = `dc0${1 + (seed % 9)}.example`
  for (let index = 0; index * RECORD_BYTES < bytes; index++) {
    const theft = index % 20_000 === 50
    const image = theft ? 'C:\\Windows\\System32\\ntdsutil.exe' : `C:\\Program Files\\App${numbers.below(200)}\\worker.exe`
    yield {
      provider: 'Microsoft-Windows-Security-Auditing',
      guid: '54849625-5478-4994-a5ba-3e3b0328c30d',
      channel: 'Security',
      computer,
      eventId: 4688,
      recordId: seed * 10_000_000 + index + 1,
      time: (START + seed * 864e5 + index * 400) * 1000,
      data: [
        ['SubjectUserSid', { sid: 'S-1-5-21-1-2-3-1105' }],
        ['SubjectUserName', `user${numbers.below(40)}`],
        ['SubjectDomainName', 'EXAMPLE'],
        ['SubjectLogonId', { hex: 0x3e7a }],
        ['NewProcessId', { hex: 0x400 + numbers.below(4000) * 4 }],
        ['NewProcessName', image],
        ['ProcessId', { hex: 0x5a4 }],
        [
          'CommandLine',
          theft ? 'ntdsutil "ac i ntds" ifm "create full C:\\Temp\\x" q q' : `worker.exe --job ${numbers.below(100_000)}`,
        ],
        ['ParentProcessName', 'C:\\Windows\\System32\\services.exe'],
      ],
    }
  }
}
