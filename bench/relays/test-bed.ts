import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, Network } from './network.ts'
import { type PlannedSession, planOf, type Route } from './plan.ts'
import { sshBetween } from './ssh.ts'

const TALK = join(import.meta.dirname, 'talk.ts')
const NODE = process.execPath
const CLIENT = '10.211.7.10'
const FIRST = '10.211.7.20'
const SECOND = '10.211.7.30'
const THIRD = '10.211.7.40'
const SERVER = '10.211.7.50'
/** Ports of the server: what is relayed goes to the same ones as what is not. */
const SERVICES = [8080, 8081, 8082]
/** A service of the relay machine itself. */
const OWN_SERVICE = 8090

/** What was recorded: captures, and which connection became which. */
export interface Recorded {
  /** Both sides of the first relay. */
  readonly relayTap: string
  /** In front of the server. */
  readonly serverTap: string
  /** "client:port > relay port" of a connection to the first relay, to "relay:port:server port" of the one it made of it. */
  readonly truth: ReadonlyMap<string, string>
  /** "client:port > relay port" of a connection into a chain, to the next relay's address and port. */
  readonly chained: ReadonlyMap<string, string>
  readonly others: number
  readonly first: string
  readonly second: string
  /** Relays (address, port) of which one side crosses no tap. */
  readonly unmonitored: readonly (readonly [string, number])[]
}

export interface RecordingOptions {
  readonly directory: string
  readonly seed: number
  readonly seconds: number
  /** Without, only what looks like it is there: services of the machine, and what it does itself. */
  readonly relaying: boolean
  /** Share of the usual number of sessions. */
  readonly scale?: number
}

export const installed = (program: string): boolean => {
  try {
    return (
      execFileSync('sh', ['-c', `command -v ${program}`], {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
      }) !== ''
    )
  } catch {
    // The shell ends with an error where there is no such program.
    return false
  }
}

/** What the test bed cannot do without. */
export function missingPrograms(): readonly string[] {
  return ['ip', 'ss', 'tcpdump', 'socat', 'haproxy', 'microsocks', 'sshd', 'ssh', 'ssh-keygen', 'iptables'].filter(
    program => !installed(program),
  )
}

/** Builds the network, lets the sessions happen, and takes it down again. */
export async function record({ directory, seed, seconds, relaying, scale = 1 }: RecordingOptions): Promise<Recorded> {
  const network = new Network(`bg${process.pid % 10_000}`)
  try {
    network.machine('a', [CLIENT])
    network.machine('r1', [FIRST])
    network.machine('r2', [SECOND])
    network.machine('r3', [THIRD])
    network.machine('s', [SERVER])
    const relayTap = join(directory, 'relay.pcap')
    const serverTap = join(directory, 'server.pcap')
    const taps = [
      ['p-r1', relayTap],
      ['p-s', serverTap],
    ].map(([port = '', file = '']) =>
      network.start('net', 'tcpdump', '-i', port, '-s', '96', '-U', '-B', '16384', '-w', file, 'tcp'),
    )
    const served = join(directory, 'served.log')
    writeFileSync(served, '')
    network.start('s', NODE, TALK, 'serve', served, ...SERVICES.map(String))
    network.start('r1', NODE, TALK, 'serve', join(directory, 'own.log'), String(OWN_SERVICE))
    await startRelays(network, directory)
    const { routes, own, chainPorts } = routesOf(relaying, scale)
    const inPlan = planOf(routes, seconds, seed, 1)
    const outPlan = planOf(own, seconds, seed + 1000, 1_000_000)
    const called = await callAll(network, directory, inPlan, outPlan)
    await sleep(1000)
    for (const tap of taps) await ended(tap)
    return {
      relayTap,
      serverTap,
      ...truthOf(inPlan, called, readPorts(served), chainPorts),
      others: outPlan.length + inPlan.length,
      first: FIRST,
      second: SECOND,
      unmonitored: [
        [SECOND, 7020],
        [THIRD, 7020],
      ],
    }
  } finally {
    await network.close()
  }
}

async function startRelays(network: Network, directory: string): Promise<void> {
  const socat = (machine: string, port: number, to: string) =>
    network.start(machine, 'socat', `TCP-LISTEN:${port},fork,reuseaddr,backlog=64`, `TCP:${to}`)
  socat('r1', 7001, `${SERVER}:8080`)
  socat('r1', 7010, `${SECOND}:7010`)
  socat('r2', 7010, `${SERVER}:8081`)
  socat('r1', 7020, `${SECOND}:7020`)
  socat('r2', 7020, `${THIRD}:7020`)
  socat('r3', 7020, `${SERVER}:8082`)
  network.start('r1', 'microsocks', '-i', '0.0.0.0', '-p', '7003')
  const haproxy = join(directory, 'haproxy.cfg')
  writeFileSync(
    haproxy,
    `defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\nlisten relay\n bind 0.0.0.0:7002\n server one ${SERVER}:8081\n`,
  )
  network.start('r1', 'haproxy', '-f', haproxy, '-db')
  network.run('r1', 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  network.run(
    'r1',
    'iptables',
    '-t',
    'nat',
    '-A',
    'PREROUTING',
    '-p',
    'tcp',
    '--dport',
    '7004',
    '-j',
    'DNAT',
    '--to-destination',
    `${SERVER}:8082`,
  )
  network.run('r1', 'iptables', '-t', 'nat', '-A', 'POSTROUTING', '-p', 'tcp', '-d', SERVER, '-j', 'MASQUERADE')
  const ssh = await sshBetween(network, directory, 'a', 'r1', FIRST)
  ssh('-N', '-L', `7100:${SERVER}:8080`)
  ssh('-N', '-D', '7101')
  for (const [machine, port] of [
    ['r1', 7001],
    ['r1', 7002],
    ['r1', 7003],
    ['r1', 7010],
    ['r1', 7020],
    ['r2', 7010],
    ['r2', 7020],
    ['r3', 7020],
    ['r1', OWN_SERVICE],
    ['s', 8080],
    ['a', 7101],
  ] as const)
    if (!(await network.listening(machine, port))) throw new Error(`nothing listens on port ${port} of ${machine}`)
}

function routesOf(
  relaying: boolean,
  scale: number,
): {
  readonly routes: readonly Route[]
  readonly own: readonly Route[]
  readonly chainPorts: ReadonlyMap<number, string>
} {
  const count = (sessions: number) => Math.ceil(sessions * scale)
  const relayed: readonly Route[] = [
    { name: 'socat', host: FIRST, port: 7001, sessions: count(40) },
    { name: 'haproxy', host: FIRST, port: 7002, sessions: count(40) },
    { name: 'socks', host: FIRST, port: 7003, socks: { host: SERVER, port: 8082 }, sessions: count(30) },
    { name: 'dnat', host: FIRST, port: 7004, sessions: count(30) },
    { name: 'chain of two', host: FIRST, port: 7010, sessions: count(15) },
    { name: 'chain of three', host: FIRST, port: 7020, sessions: count(15) },
    { name: 'ssh -L', host: '127.0.0.1', port: 7100, sessions: count(15) },
    { name: 'ssh -D', host: '127.0.0.1', port: 7101, socks: { host: SERVER, port: 8081 }, sessions: count(10) },
  ]
  return {
    routes: [
      ...(relaying ? relayed : []),
      { name: 'own service', host: FIRST, port: OWN_SERVICE, sessions: count(relaying ? 120 : 240) },
    ],
    own: SERVICES.map(port => ({ name: 'own calls', host: SERVER, port, sessions: count(relaying ? 40 : 80) })),
    chainPorts: new Map([
      [7010, `${SECOND}:7010`],
      [7020, `${SECOND}:7020`],
    ]),
  }
}

async function callAll(
  network: Network,
  directory: string,
  inPlan: readonly PlannedSession[],
  outPlan: readonly PlannedSession[],
): Promise<ReadonlyMap<number, string>> {
  const calls = (
    [
      ['a', inPlan],
      ['r1', outPlan],
    ] as const
  ).map(([machine, plan]) => {
    const file = join(directory, `${machine}.plan.json`)
    const log = join(directory, `${machine}.called.log`)
    writeFileSync(file, JSON.stringify(plan))
    writeFileSync(log, '')
    const child = network.start(machine, NODE, TALK, 'call', file, log)
    return { log, done: new Promise<void>(done => child.once('close', () => done())) }
  })
  await Promise.all(calls.map(({ done }) => done))
  return readPorts(calls[0]?.log ?? '')
}

/** "ID WORDS…" lines of a log: session to its words. */
function readPorts(log: string): ReadonlyMap<number, string> {
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map(line => [Number(line.split(' ')[0]), line.split(' ').slice(1).join(':')] as const))
}

/** Which connection to the relay became which from it, by the ports that client and server logged. */
function truthOf(
  plan: readonly PlannedSession[],
  called: ReadonlyMap<number, string>,
  served: ReadonlyMap<number, string>,
  chainPorts: ReadonlyMap<number, string>,
): Pick<Recorded, 'truth' | 'chained'> {
  const truth = new Map<string, string>()
  const chained = new Map<string, string>()
  for (const { id, host, port } of plan) {
    const local = called.get(id)
    const remote = served.get(id)
    if (local === undefined || remote === undefined || host !== FIRST) continue
    const next = chainPorts.get(port)
    if (next === undefined) truth.set(`${CLIENT}:${local} > ${port}`, remote)
    else chained.set(`${CLIENT}:${local} > ${port}`, next)
  }
  return { truth, chained }
}
