// Relays: how many of the sessions they pass on are paired, how many pairs are wrong, and how many our own controls say are wrong; one
// table over all runs, and what must hold. Two kinds of runs:
// - real relays in network namespaces (socat, haproxy, microsocks, ssh -L and -D, iptables DNAT, chains of two and three); needs root,
//   iproute2 with namespaces, tcpdump and these programs, with nfdump (nfpcapd) and softflowd also NetFlow and IPFIX. What is missing is said, and what it would have shown is left out.
// - real ssh -L and -D that are open for a part of the recording, with the other traffic of the machine beside them (--tunnels runs of each kind).
// - days of a machine with made tunnels, what is told as consistent with coming out of one.
// - traffic made from the delays that were recorded there, with many loads and distances.
// Run: npm run bench:relays -- [--seeds 20] [--seconds 28] [--scale 0.6] [--from 1] [--made 100] [--tunnels 5] [--keep DIR]
//      npm run bench:relays -- --kept DIR                         judges again what --keep kept
//      npm run bench:relays -- --record test/recordings/relays    writes the small recordings that the tests read
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { relayPairs } from '../src/detect/network/relay-match.ts'
import { numberOf, type SecurityEvent, textOf } from '../src/model/index.ts'
import { storeOf } from '../test/set-detector.ts'
import { type Figures, judged, truthOf } from './relays/judge.ts'
import { type Delay, delaysOf, madeFigures } from './relays/made.ts'
import { netflowOf } from './relays/netflow.ts'
import { byClock, eventsOf, MILLISECOND } from './relays/seen.ts'
import { softflowdOf } from './relays/softflowd.ts'
import { checksOf, tableOf } from './relays/table.ts'
import { missingPrograms, type Recorded, record } from './relays/test-bed.ts'
import { realTunnels } from './relays/tunnel-bed.ts'
import { tunnelFigures } from './relays/tunnels.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '28' },
    keep: { type: 'string' },
    kept: { type: 'string' },
    from: { type: 'string', default: '1' },
    scale: { type: 'string', default: '0.6' },
    made: { type: 'string', default: '100' },
    tunnels: { type: 'string', default: '5' },
    record: { type: 'string' },
  },
})
const missing = missingPrograms()
const cannot =
  process.getuid?.() !== 0
    ? 'needs root for network namespaces'
    : missing.length > 0
      ? `not installed: ${missing.join(', ')}`
      : undefined
if (cannot !== undefined && values.kept === undefined) {
  console.log(`bench:relays SKIPPED: ${cannot}`)
  process.exit(0)
}
if (values.record !== undefined) {
  await recordFixtures(values.record)
  process.exit(0)
}

const all: Figures[] = []
const delays: Delay[] = []
let bridged = 0
if (values.kept !== undefined) {
  for (const name of readdirSync(values.kept).sort()) {
    const directory = join(values.kept, name)
    if (existsSync(join(directory, 'recorded.json')))
      await judge(keptRecording(directory), directory, name.startsWith('relays'), name)
  }
} else
  for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed++)
    for (const relaying of [true, false]) await recordAndJudge(seed, relaying)
const made = delays.length === 0 ? [] : await madeFigures(Number(values.made), 1, delays)
const lines = [
  '',
  `Real relays in network namespaces: ${new Set(all.map(({ source }) => source)).size} sources of flows; ${delays.length} delays of theirs in the made traffic.`,
  ...tableOf([...all, ...made]),
  `Sessions that may come out of a tunnel (ssh -L and -D are in each run with relays): ${all.filter(run => run.relaying && run.tunnels > 0).length} of ${all.filter(run => run.relaying).length} runs; without relays ${all.filter(run => !run.relaying && run.tunnels > 0).length}.`,
]
console.log(lines.join('\n'))
const bed = values.keep ?? mkdtempSync(join(tmpdir(), 'barograph-tunnels-'))
const tunnels = [
  ...(values.kept === undefined ? await realTunnels(bed, Number(values.tunnels), Number(values.from)) : []),
  ...(await tunnelFigures(Math.ceil(Number(values.made) / 3))),
]
if (values.keep === undefined) rmSync(bed, { recursive: true })
for (const { name, runs, found, wrong } of tunnels)
  console.log(`Sessions in tunnels, ${name}: found in ${found} of ${runs}, ${wrong} told wrongly`)
const checks = checksOf([...all, ...made], bridged)
for (const [what, good] of checks) console.log(`${good ? 'met    ' : 'NOT MET'} ${what}`)
process.exitCode = checks.every(([, good]) => good) ? 0 : 1

async function recordAndJudge(seed: number, relaying: boolean): Promise<void> {
  const name = `${relaying ? 'relays' : 'control'}-${seed}`
  const directory = values.keep ? join(values.keep, name) : mkdtempSync(join(tmpdir(), 'barograph-relays-'))
  mkdirSync(directory, { recursive: true })
  const recorded = await record({ directory, seed, seconds: Number(values.seconds), relaying, scale: Number(values.scale) })
  if (values.keep) keepTruth(recorded, directory)
  await judge(recorded, directory, relaying, name)
  if (!values.keep) rmSync(directory, { recursive: true })
}

/** What became what, beside the captures, so that they can be judged again. */
function keepTruth(recorded: Recorded, directory: string): void {
  const { truth, chained } = recorded
  writeFileSync(join(directory, 'recorded.json'), JSON.stringify({ ...recorded, truth: [...truth], chained: [...chained] }))
}

function keptRecording(directory: string): Recorded {
  const kept = JSON.parse(readFileSync(join(directory, 'recorded.json'), 'utf8'))
  return {
    ...kept,
    relayTap: join(directory, 'relay.pcap'),
    serverTap: join(directory, 'server.pcap'),
    truth: new Map(kept.truth),
    chained: new Map(kept.chained),
  }
}

/** What is found in one recording, by source of flows and clock. */
async function judge(recorded: Recorded, directory: string, relaying: boolean, name: string): Promise<void> {
  const truth = truthOf(recorded)
  const packets = (await eventsOf([recorded.relayTap], directory)) ?? []
  const netflow = netflowOf(recorded.relayTap, join(directory, 'netflow'))
  const [v9, ipfix] = [
    await softflowdOf(recorded.relayTap, '9', join(directory, 'softflowd-9.pcap')),
    await softflowdOf(recorded.relayTap, '10', join(directory, 'softflowd-10.pcap')),
  ]
  const sources: (readonly [source: string, events: readonly SecurityEvent[] | undefined, coarse: boolean])[] = [
    ['packets, microseconds', packets, false],
    ['packets, milliseconds', byClock(packets, MILLISECOND), false],
    ['packets, whole seconds', byClock(packets, 1000 * MILLISECOND), true],
    ['nfdump JSON, milliseconds', netflow && (await eventsOf([netflow.json], directory)), false],
    ['nfdump CSV, whole seconds', netflow && (await eventsOf([netflow.csv], directory)), true],
    ['softflowd, NetFlow 9', v9 === undefined ? undefined : await eventsOf([v9], directory), false],
    ['softflowd, IPFIX', ipfix === undefined ? undefined : await eventsOf([ipfix], directory), false],
  ]
  const told: string[] = []
  for (const [source, events, coarse] of sources) {
    if (!events || events.length === 0) {
      told.push(`${source}: not read`)
      continue
    }
    const { pairs, ...figures } = await judged(source, events, truth, { coarse, relaying })
    all.push(figures)
    if (events === packets && relaying) delays.push(...delaysOf(pairs, packets, truth))
    told.push(`${figures.matched} matched, ${figures.possible} possible`)
  }
  const chained = relaying ? await chains(recorded, directory) : ''
  console.log(`${name}: ${truth.sessions} relayed one to one, ${recorded.others} others; ${told.join('; ')}${chained}`)
}

/** Chains over two taps: the second hop is seen where both its legs are, and the hop nobody recorded is never bridged. */
async function chains(recorded: Recorded, directory: string): Promise<string> {
  const events = (await eventsOf([recorded.relayTap, recorded.serverTap], directory)) ?? []
  const store = await storeOf(events)
  const pairs = await store.ask(relayPairs)
  store.close()
  const at = (via: string, port: number) =>
    pairs.filter(pair => textOf(pair, 'via') === via && numberOf(pair, 'viaPort') === port).length
  const unseen = recorded.unmonitored.reduce((count, [via, port]) => count + at(via, port), 0)
  bridged += unseen
  return `; chains over two taps: ${at(recorded.first, 7010)} and ${at(recorded.second, 7010)}, of three ${at(recorded.first, 7020)}, over the hop that was not recorded ${unseen}`
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
    if (relaying) pack(await softflowdOf(recorded.relayTap, '9', join(directory, 'softflowd-9.pcap')), 'softflowd-9.pcap')
    if (relaying) pack(await softflowdOf(recorded.relayTap, '10', join(directory, 'softflowd-10.pcap')), 'softflowd-10.pcap')
    const { truth, chained, first, second, unmonitored } = recorded
    if (relaying)
      writeFileSync(
        join(target, 'truth.json'),
        `${JSON.stringify({ first, second, unmonitored, truth: [...truth], chained: [...chained] }, undefined, 1)}\n`,
      )
    rmSync(directory, { recursive: true })
  }
}
