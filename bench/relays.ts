// Real relays in network namespaces: how many of the sessions they pass on are paired, how many pairs are wrong, and how many our own
// controls say are wrong. Needs root, iproute2 with namespaces, tcpdump, socat, haproxy, microsocks, sshd, iptables; with nfdump and
// softflowd also NetFlow. What is missing is said, and what it would have shown is left out.
// Run: npm run bench:relays -- [--seeds 3] [--seconds 25] [--from 1] [--scale 1] [--keep DIR]
//      npm run bench:relays -- --record test/recordings/relays    writes the small recordings that the tests read
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { relayPairs } from '../src/detect/network/relay-match.ts'
import { relayPairing } from '../src/detect/network/relay-pairing.ts'
import { numberOf, type Row, type SecurityEvent, textOf } from '../src/model/index.ts'
import { duckDbDialect } from '../src/store/index.ts'
import { storeOf } from '../test/set-detector.ts'
import { netflowOf } from './relays/netflow.ts'
import { byClock, eventsOf, MILLISECOND } from './relays/seen.ts'
import { missingPrograms, type Recorded, record } from './relays/test-bed.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '25' },
    keep: { type: 'string' },
    from: { type: 'string', default: '1' },
    scale: { type: 'string', default: '1' },
    record: { type: 'string' },
  },
})
const missing = missingPrograms()
if (process.getuid?.() !== 0 || missing.length > 0) {
  console.log(
    `bench:relays SKIPPED: ${process.getuid?.() === 0 ? `not installed: ${missing.join(', ')}` : 'needs root for network namespaces'}`,
  )
  process.exit(0)
}

interface Figures {
  readonly name: string
  readonly recall: number
  readonly wrong: number
  readonly estimated: number
  readonly claims: number
  readonly possible: number
}

if (values.record !== undefined) {
  await recordFixtures(values.record)
  process.exit(0)
}
const first = Number(values.from)
const all: Figures[] = []
const broken: string[] = []
for (let seed = first; seed < first + Number(values.seeds); seed++)
  for (const relaying of [true, false]) {
    const directory = values.keep
      ? join(values.keep, `${relaying ? 'relays' : 'control'}-${seed}`)
      : mkdtempSync(join(tmpdir(), 'barograph-relays-'))
    mkdirSync(directory, { recursive: true })
    const recorded = await record({ directory, seed, seconds: Number(values.seconds), relaying, scale: Number(values.scale) })
    if (values.keep) keepTruth(recorded, directory)
    console.log(
      `seed ${seed}${relaying ? '' : ', control without relays'}: ${recorded.truth.size} sessions relayed one to one, ${recorded.others} others`,
    )
    for (const figures of await judged(recorded, directory, relaying)) all.push(figures)
    if (relaying) broken.push(...(await chains(recorded, directory)))
    if (!values.keep) rmSync(directory, { recursive: true })
  }
summary()

/** What became what, beside the captures, so that they can be judged again. */
function keepTruth(recorded: Recorded, directory: string): void {
  const { truth, chained } = recorded
  writeFileSync(join(directory, 'recorded.json'), JSON.stringify({ ...recorded, truth: [...truth], chained: [...chained] }))
}

/** A quarter of the sessions as compressed captures and flows, with what became what. */
async function recordFixtures(target: string): Promise<void> {
  mkdirSync(target, { recursive: true })
  for (const relaying of [true, false]) {
    const directory = mkdtempSync(join(tmpdir(), 'barograph-relays-'))
    const recorded = await record({ directory, seed: 1, seconds: 20, relaying, scale: 0.25 })
    const netflow = netflowOf(recorded.relayTap, join(directory, 'netflow'))
    const name = relaying ? 'relays' : 'control'
    const pack = (file: string | undefined, as: string) =>
      file !== undefined && writeFileSync(join(target, `${name}.${as}.gz`), gzipSync(readFileSync(file), { level: 9 }))
    if (relaying) pack(recorded.relayTap, 'relay.pcap')
    if (relaying) pack(recorded.serverTap, 'server.pcap')
    pack(netflow?.json, 'nfdump.json')
    pack(netflow?.csv, 'nfdump.csv')
    const { truth, chained, first, second, unmonitored } = recorded
    if (relaying)
      writeFileSync(
        join(target, 'truth.json'),
        `${JSON.stringify({ first, second, unmonitored, truth: [...truth], chained: [...chained] }, undefined, 1)}\n`,
      )
    rmSync(directory, { recursive: true })
  }
}

/** What is found in one recording, by source of flows and clock. */
async function judged(recorded: Recorded, directory: string, relaying: boolean): Promise<readonly Figures[]> {
  const packets = (await eventsOf([recorded.relayTap], directory)) ?? []
  const netflow = netflowOf(recorded.relayTap, join(directory, 'netflow'))
  const sources: (readonly [string, readonly SecurityEvent[] | undefined])[] = [
    ['packets, microseconds', packets],
    ['packets, milliseconds', byClock(packets, MILLISECOND)],
    ['packets, whole seconds', byClock(packets, 1000 * MILLISECOND)],
    ['NetFlow 9 by softflowd, nfdump JSON (ms)', netflow && (await eventsOf([netflow.json], directory))],
    ['NetFlow 9 by softflowd, nfdump CSV (s)', netflow && (await eventsOf([netflow.csv], directory))],
  ]
  const figures: Figures[] = []
  for (const [name, events] of sources) {
    if (!events || events.length === 0) {
      console.log(`  ${name.padEnd(44)} not read`)
      continue
    }
    const store = await storeOf(events)
    const pairs = await store.rows(relayPairs(duckDbDialect))
    const found = await store.find(relayPairing)
    store.close()
    const matched = pairs.filter(pair => textOf(pair, 'level') === 'matched')
    const right = matched.filter(pair => isRight(pair, recorded))
    const rightAll = pairs.filter(pair => isRight(pair, recorded))
    const coarse = (name.includes('second') && name.includes('whole')) || name.includes('(s)')
    const judgedPairs = coarse ? pairs : matched
    const figure = {
      name: `${relaying ? '' : 'control: '}${name}`,
      recall:
        (coarse ? rightAll : right).filter(pair => recorded.truth.has(incomingOf(pair))).length /
        Math.max(1, recorded.truth.size),
      wrong: judgedPairs.length === 0 ? 0 : 1 - (coarse ? rightAll : right).length / judgedPairs.length,
      estimated: Math.max(0, ...judgedPairs.map(pair => numberOf(pair, coarse ? 'possibleRate' : 'matchedRate'))),
      claims: matched.length,
      possible: pairs.length - matched.length,
    }
    figures.push(figure)
    console.log(
      `  ${name.padEnd(44)} recall ${percent(figure.recall)}  wrong ${percent(figure.wrong)}  estimated ${percent(figure.estimated)}  matched ${figure.claims}, possible ${figure.possible}; findings ${found.filter(({ title }) => !title.includes('possibly')).length} passed on, ${found.filter(({ title }) => title.includes('possibly')).length} possibly`,
    )
  }
  return figures
}

function incomingOf(pair: Row): string {
  return `${textOf(pair, 'client')}:${numberOf(pair, 'clientPort')} > ${numberOf(pair, 'viaPort')}`
}

/** One to one by the ports both ends logged; of a chain only the next machine is known. */
function isRight(pair: Row, { truth, chained }: Recorded): boolean {
  const incoming = incomingOf(pair)
  const onward = chained.get(incoming)
  if (onward !== undefined) return onward === `${textOf(pair, 'peer')}:${numberOf(pair, 'peerPort')}`
  return truth.get(incoming) === `${textOf(pair, 'via')}:${numberOf(pair, 'outPort')}:${numberOf(pair, 'peerPort')}`
}

/** Chains over two taps: the second hop is seen where both its legs are, and the hop nobody recorded is never bridged. */
async function chains(recorded: Recorded, directory: string): Promise<readonly string[]> {
  const events = (await eventsOf([recorded.relayTap, recorded.serverTap], directory)) ?? []
  const store = await storeOf(events)
  const pairs = await store.rows(relayPairs(duckDbDialect))
  store.close()
  const at = (via: string, port: number) =>
    pairs.filter(pair => textOf(pair, 'via') === via && numberOf(pair, 'viaPort') === port)
  const unseen = pairs.filter(pair =>
    recorded.unmonitored.some(([via, port]) => textOf(pair, 'via') === via && numberOf(pair, 'viaPort') === port),
  )
  console.log(
    `  chains over two taps: first hop of two ${at(recorded.first, 7010).length}, second hop of two ${at(recorded.second, 7010).length}, first hop of three ${at(recorded.first, 7020).length}, over the hop that was not recorded ${unseen.length}`,
  )
  return unseen.map(pair => `${textOf(pair, 'via')} bridged`)
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`.padStart(7)
}

function summary(): void {
  const fine = all.filter(({ name }) => !name.startsWith('control') && /packets, m|\(ms\)/.test(name))
  const coarse = all.filter(({ name }) => /whole|\(s\)/.test(name))
  const controls = all.filter(({ name }) => name.startsWith('control'))
  const honest = fine.filter(({ estimated, wrong }) => estimated >= wrong).length
  const checks: (readonly [string, boolean])[] = [
    [
      `recall at least 0.95 with milliseconds from packets: worst ${Math.min(...fine.filter(f => f.name.startsWith('packets')).map(f => f.recall)).toFixed(3)}`,
      fine.filter(f => f.name.startsWith('packets')).every(({ recall }) => recall >= 0.95),
    ],
    [
      `at most 2 % of the matches wrong: worst ${percent(Math.max(...fine.map(f => f.wrong))).trim()}`,
      fine.every(({ wrong }) => wrong <= 0.02),
    ],
    [`estimated rate at least the true one: ${honest} of ${fine.length} runs`, honest >= 0.95 * fine.length],
    [
      `nothing called matched without relays: ${controls.reduce((sum, f) => sum + f.claims, 0)} matches`,
      controls.every(({ claims }) => claims === 0),
    ],
    [
      `whole seconds never matched: ${coarse.reduce((sum, f) => sum + f.claims, 0)} matches`,
      coarse.every(({ claims }) => claims === 0),
    ],
    [`the hop that was not recorded never bridged: ${broken.length} times`, broken.length === 0],
  ]
  for (const [what, good] of checks) console.log(`${good ? 'met    ' : 'NOT MET'} ${what}`)
  process.exitCode = checks.every(([, good]) => good) ? 0 : 1
}
