// Reads mutated event logs: nothing may throw, hang or stay in memory. Checksums are repaired, so that changes reach what lies behind them.
// Run: node --expose-gc bench/evtx-mutations.ts [COUNT=1000000] [SEED=1]; ends with 1 when a bound is broken, and prints the input that did.
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { EvidenceId, EvidencePart } from '../src/model/index.ts'
import { reader } from '../src/readers/evtx/reader.ts'
import { EvtxRecord as ReadRecord } from '../src/readers/evtx/record.ts'
import { type EvtxRecord, repairChecksums, writeEvtx } from '../test/evtx-writer/index.ts'
import { sharedData } from '../test/shared-data.ts'

const HEADER = 4096
const CHUNK = 65536
/** One input may take so long. */
const HANG_MILLISECONDS = 2000
/** Memory in use may differ so much between the first and the last tenth. */
const GROWTH_BYTES = 64 << 20
/** Records of a real log that are kept: short inputs make many. */
const SEED_BYTES = 5_000

/** A small repeatable source of numbers (xorshift32, G. Marsaglia 2003). */
class Numbers {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0 || 1
  }

  below(limit: number): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return (this.state >>> 0) % limit
  }
}

/** Logs of every form of value the writer knows. */
function writtenSeeds(): readonly Uint8Array[] {
  const record = (recordId: number, more: Partial<EvtxRecord>): EvtxRecord => ({
    provider: 'Example-Provider',
    channel: 'Example/Operational',
    computer: 'ws1.example',
    eventId: 1,
    recordId,
    time: Date.UTC(2024, 0, 1) * 1000 + recordId,
    ...more,
  })
  const leaf = (value: number, type: number) => ({ name: 'Data', content: [{ value, type, optional: true }] })
  return [
    writeEvtx(
      [1, 2, 3, 4, 5, 6].map(id =>
        record(id, {
          data: [
            ['Image', `C:\\p${id}.exe`],
            ['', ['a', 'b']],
            ['Id', { uint32: id }],
            ['Sid', { sid: 'S-1-5-18' }],
          ],
        }),
      ),
    ),
    writeEvtx(
      [1, 2, 3].map(id =>
        record(id, {
          body: [
            {
              template: { name: 'EventData', content: [leaf(0, 0x21), leaf(1, 0x81), leaf(2, 0x93)] },
              values: [
                { xml: [{ element: { name: 'X', content: [{ text: 'x' }] } }] },
                ['p', 'q'],
                { array: [{ sid: 'S-1-5-18' }] },
              ],
            },
            {
              element: {
                name: 'Bare',
                attributes: [['a', { text: 'b' }]],
                content: [{ cdata: 'c' }, { entity: 'amp' }, { instruction: 't', data: 'd' }],
              },
            },
          ],
        }),
      ),
    ),
    writeEvtx(
      [1, 2, 3].map(id =>
        record(id, {
          userData: {
            element: 'Own',
            fields: [
              ['A', { guid: '{5770385f-c22a-43e0-bf4c-06f5698ffbd9}' }],
              ['B', { time: 1 }],
            ],
          },
        }),
      ),
    ),
  ]
}

/** Beginnings of real logs beside the repository, cut behind a few records. */
function realSeeds(): readonly Uint8Array[] {
  const seeds: Uint8Array[] = []
  for (const folder of ['evtx-benign', 'evtx-mitre-cc0', 'sigma-regression']) {
    const path = sharedData(folder)
    if (!path) continue
    const logs = readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.evtx'))
      .sort()
    for (const name of logs.filter((_, index) => index % Math.ceil(logs.length / 8) === 0)) {
      const bytes = readFileSync(join(path, name)).subarray(0, HEADER + CHUNK)
      let end = 512
      for (
        let at = 512;
        at + 8 < CHUNK && bytes.readUInt32LE(HEADER + at) === 0x2a2a && (end === 512 || at < SEED_BYTES);
        at = end
      )
        end = at + Math.max(8, bytes.readUInt32LE(HEADER + at + 4))
      const seed = new Uint8Array(HEADER + CHUNK)
      seed.set(bytes.subarray(0, HEADER + Math.min(end, CHUNK)))
      new DataView(seed.buffer).setUint32(HEADER + 48, Math.min(end, CHUNK), true)
      seeds.push(seed)
    }
  }
  return seeds
}

const TELLING = [
  0, 1, 2, 4, 0xf, 0x21, 0x7f, 0x80, 0x81, 0xff, 0x200, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0,
  0xffffffff,
]
/** First bytes of tokens, and types of values. */
const TOKENS = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x41, 0x46, 0x81, 0x21,
]

/** Changes a copy of the seed in `bytes` between its records' first and last byte, seldom elsewhere. */
function mutate(bytes: Uint8Array, end: number, numbers: Numbers): number {
  const view = new DataView(bytes.buffer)
  const place = () => (numbers.below(20) === 0 ? numbers.below(bytes.length - 8) : HEADER + 512 + numbers.below(end - 512))
  for (let changes = 1 + numbers.below(6); changes > 0; changes--) {
    const at = place()
    switch (numbers.below(6)) {
      case 0:
        bytes[at] = numbers.below(256)
        break
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << numbers.below(8))
        break
      case 2:
        view.setUint16(at, TELLING[numbers.below(TELLING.length)] ?? 0, true)
        break
      case 3:
        view.setUint32(at, TELLING[numbers.below(TELLING.length)] ?? 0, true)
        break
      case 4:
        bytes[at] = TOKENS[numbers.below(TOKENS.length)] ?? 0
        break
      default: {
        const from = place()
        bytes.copyWithin(at, from, Math.min(from + numbers.below(400), bytes.length))
      }
    }
  }
  return numbers.below(30) === 0 ? HEADER + numbers.below(CHUNK) : bytes.length
}

interface Outcome {
  readonly decoded: boolean
  /** Texts of all events, and of what stopped a record. */
  readonly print: string
}

/** A part whose bytes are not copied once more: an input costs what the reader costs. */
function partOf(bytes: Uint8Array, carve: boolean): EvidencePart {
  return {
    evidence: 'mutated' as EvidenceId,
    path: 'mutated.evtx',
    part: 0,
    start: 0,
    end: bytes.length,
    facts: carve ? { carve } : {},
    encoding: 'latin1',
    bytes: { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) },
    headerLines: [],
    lines: () => [],
  }
}

/** Everything a hunt and a dump do with a log. */
function readAll(bytes: Uint8Array, carve: boolean): Outcome {
  let events = 0
  let print = ''
  reader.read(partOf(bytes, carve), {
    event: event => {
      events += 1
      const { original } = event
      print += original.text()
      for (const name of original.names()) original.get(name)
      if (original instanceof ReadRecord) original.xml()
    },
    diagnostic: ({ code, message }) => {
      if (code === 'evtx/unreadable-record') print += message
    },
  })
  return { decoded: events > 0 || print !== '', print: print.length < 1 << 20 ? print : String(print.length) }
}

const wanted = Number(process.argv[2] ?? 1_000_000)
const numbers = new Numbers(Number(process.argv[3] ?? 1))
const seeds = [...writtenSeeds(), ...realSeeds()].map(bytes => ({
  bytes: repairChecksums(bytes),
  end: new DataView(bytes.buffer, bytes.byteOffset).getUint32(HEADER + 48, true),
  prints: [readAll(bytes, false).print, readAll(bytes, true).print],
}))
const work = new Uint8Array(HEADER + CHUNK)
let decoded = 0
let changed = 0
/** Milliseconds: on a busy machine the clock goes on while others run. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

let slowest = 0
let early = 0
const begun = performance.now()
const memory = () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
for (let index = 0; index < wanted; index++) {
  const seed = seeds[index % seeds.length]
  if (!seed) throw new Error('no log to change')
  work.set(seed.bytes.subarray(0, work.length))
  const length = mutate(work, seed.end, numbers)
  repairChecksums(work)
  const carve = numbers.below(2) === 0
  const started = processorTime()
  const outcome = readAll(work.subarray(0, length), carve)
  const took = processorTime() - started
  if (took > slowest) slowest = took
  if (took > HANG_MILLISECONDS) {
    console.error(`input ${index} took ${took.toFixed(0)} ms:\n${Buffer.from(work.subarray(0, length)).toString('base64')}`)
    process.exitCode = 1
    break
  }
  if (outcome.decoded) decoded += 1
  if (outcome.print !== seed.prints[carve ? 1 : 0]) changed += 1
  if (index === Math.floor(wanted / 10)) early = memory()
  if ((index + 1) % 50_000 === 0)
    console.log(`${(index + 1).toLocaleString('en')} inputs, ${((performance.now() - begun) / 1000).toFixed(0)} s`)
}
const growth = memory() - early
const percent = (part: number) => `${((100 * part) / wanted).toFixed(1)} %`
console.log(`machine   ${cpus()[0]?.model.trim()}, one of ${cpus().length} cores, Node ${process.version}`)
console.log(
  `inputs    ${wanted.toLocaleString('en')} of ${seeds.length} logs, in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
)
console.log(`decoding  reached in ${percent(decoded)}; what was decoded is changed in ${percent(changed)}`)
console.log(`slowest   ${slowest.toFixed(0)} ms`)
console.log(`memory    ${(growth / 2 ** 20).toFixed(1)} MiB more at the end than after a tenth`)
if (growth > GROWTH_BYTES || changed * 2 < wanted) process.exitCode = 1
