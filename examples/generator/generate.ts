// Writes the example's evidence: node examples/generator/generate.ts [--seed N] [--without-intrusion] [--out DIR]
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { type EvtxRecord, writeEvtx } from '../../test/evtx-writer/index.ts'
import { assetList } from './assets.ts'
import { background } from './background.ts'
import { Evidence, type WindowsEvent } from './evidence.ts'
import { intrusion } from './intrusion.ts'
import { firewallLog, iisLogs, jumpHostLog, zeekConn, zeekDns } from './text-logs.ts'
import { webRoot } from './web-root.ts'
import { makeWorld, type World } from './world.ts'

/** All files of the example by their path in the folder. */
export async function generate(seed: number, withIntrusion: boolean): Promise<ReadonlyMap<string, Uint8Array>> {
  const world = makeWorld(seed)
  const evidence = new Evidence(world)
  background(world, evidence)
  if (withIntrusion) intrusion(world, evidence)

  const files = new Map<string, Uint8Array>()
  const text = (path: string, content: string): void => void files.set(path, Buffer.from(content))
  const packed = (path: string, content: string): void => void files.set(path, gzipSync(content, { level: 9 }))
  const { web, firewall, jump } = world.machines

  text('assets.yaml', assetList(world))
  packed(`${firewall.short}/${firewall.short}-traffic-and-events.log.gz`, firewallLog(world, evidence))
  for (const [name, content] of iisLogs(world, evidence)) packed(`${web.short}/W3SVC1/${name}.gz`, content)
  files.set(`${web.short}/wwwroot.tar.gz`, await tarball(toBytes(webRoot(world, withIntrusion)), world.start))
  text(`${jump.short}/auth.log`, jumpHostLog(world, evidence))
  packed('sensor/conn.log.gz', zeekConn(world, evidence))
  packed('sensor/dns.log.gz', zeekDns(evidence))
  for (const [host, logs] of eventLogs(evidence.windows))
    files.set(`${host}/${host}-event-logs.tar.gz`, await tarball(logs, world.start))
  return files
}

const toBytes = (files: ReadonlyMap<string, string>): ReadonlyMap<string, Uint8Array> =>
  new Map([...files].map(([path, content]) => [path, Buffer.from(content)]))

/** Event logs of each host as EVTX bytes, by the short name of the host. */
function eventLogs(events: readonly WindowsEvent[]): ReadonlyMap<string, ReadonlyMap<string, Uint8Array>> {
  const streams = new Map<string, WindowsEvent[]>()
  for (const event of events) {
    const key = `${event.host}\n${event.channel}`
    streams.set(key, [...(streams.get(key) ?? []), event])
  }
  const hosts = new Map<string, Map<string, Uint8Array>>()
  for (const [key, stream] of [...streams].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [host = '', channel = ''] = key.split('\n')
    const sorted = stream.toSorted((a, b) => a.time - b.time)
    const cleared = sorted.findLastIndex(event => event.userData !== undefined)
    const firstId = 40_000 + ((key.length * 997) % 20_000)
    const records = sorted.map((event, index) => toRecord(event, firstId + index)).slice(Math.max(cleared, 0))
    const short = host.split('.')[0] ?? host
    const logs = hosts.get(short) ?? new Map<string, Uint8Array>()
    logs.set(`${channel.replace('/', '%4')}.evtx`, writeEvtx(records))
    hosts.set(short, logs)
  }
  return hosts
}

const GUIDS: Readonly<Record<string, string>> = {
  'Microsoft-Windows-Security-Auditing': '{54849625-5478-4994-A5BA-3E3B0328C30D}',
  'Microsoft-Windows-Sysmon': '{5770385F-C22A-43E0-BF4C-06F5698FFBD9}',
  'Microsoft-Windows-Eventlog': '{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}',
}

function toRecord(event: WindowsEvent, recordId: number): EvtxRecord {
  const guid = GUIDS[event.provider]
  return {
    provider: event.provider,
    ...(guid === undefined ? {} : { guid }),
    channel: event.channel,
    computer: event.host,
    eventId: event.eventId,
    recordId,
    time: Math.round(event.time * 1000),
    ...(event.userSid === undefined ? {} : { userSid: event.userSid }),
    ...(event.userData === undefined ? { data: event.data } : { userData: { element: event.userData, fields: event.data } }),
  }
}

async function tarball(files: ReadonlyMap<string, Uint8Array>, time: number): Promise<Uint8Array> {
  const archive = pack()
  const chunks: Uint8Array[] = []
  const done = (async () => {
    for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  })()
  for (const [name, content] of files)
    archive.entry({ name, mtime: new Date(time), uid: 0, gid: 0, mode: 0o644 }, Buffer.from(content))
  archive.finalize()
  await done
  return gzipSync(Buffer.concat(chunks), { level: 9 })
}

/** Replaces the generated files of a folder; README.md and expected-report.json stay. */
export async function writeExample(directory: string, seed: number, withIntrusion: boolean): Promise<number> {
  const files = await generate(seed, withIntrusion)
  for (const top of new Set([...files.keys()].map(path => path.split('/')[0] ?? '')))
    rmSync(join(directory, top), { recursive: true, force: true })
  let bytes = 0
  for (const [path, content] of files) {
    const target = join(directory, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, content)
    bytes += content.length
  }
  return bytes
}

/** The story's world, for tests that check what was planted. */
export function worldOf(seed: number): World {
  return makeWorld(seed)
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      'without-intrusion': { type: 'boolean', default: false },
      out: { type: 'string', default: join(import.meta.dirname, '..', 'guam') },
    },
  })
  const seed = Number(values.seed)
  if (!Number.isInteger(seed) || seed < 0) {
    console.error(`--seed takes a whole number, not "${values.seed}"`)
    process.exitCode = 2
  } else {
    const directory = resolve(values.out)
    const bytes = await writeExample(directory, seed, !values['without-intrusion'])
    console.log(
      `${directory}: ${(bytes / 1e6).toFixed(2)} MB, seed ${seed}${values['without-intrusion'] ? ', without the intrusion' : ''}`,
    )
  }
}
