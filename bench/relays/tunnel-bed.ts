import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { multiplexedTunnel } from '../../src/detect/network/multiplexed-tunnel.ts'
import { chance } from '../../test/network-events.ts'
import { storeOf } from '../../test/set-detector.ts'
import { ended, Network } from './network.ts'
import { type PlannedSession, planOf, type Route } from './plan.ts'
import { eventsOf } from './seen.ts'
import { sshBetween } from './ssh.ts'
import type { TunnelFigures } from './tunnels.ts'

const TALK = join(import.meta.dirname, 'talk.ts')
const NODE = process.execPath
const CLIENT = '10.211.7.10'
const VIA = '10.211.7.20'
const PLACES = ['10.211.7.50', '10.211.7.51', '10.211.7.52', '10.211.7.53', '10.211.7.54']
/** Where the machine goes for its own reasons. */
const OWN_PLACE = '10.211.7.60'
const OWN_SERVICE = 8090
const SERVICE = 8080
/** The whole recording, and when somebody is logged in. */
const WATCHED = 165
const LOGGED_IN = [50, 125] as const

type Kind = 'one place' | 'five places' | 'the machine goes there as well' | 'somebody works on the machine' | 'no tunnel'

/** What is really tunnelled; else it only looks a little like it. */
const TUNNELLED: readonly Kind[] = ['one place', 'five places', 'the machine goes there as well']
const KINDS: readonly Kind[] = [...TUNNELLED, 'somebody works on the machine', 'no tunnel']

/**
 * Real ssh -L and -D in namespaces, open for a part of the recording, with all other traffic of the machine beside them; and the same sessions
 * made by the machine itself while somebody is logged in, and at any time. All kinds of one seed at the same moment: they mostly wait.
 */
export async function realTunnels(directory: string, seeds: number, first: number): Promise<readonly TunnelFigures[]> {
  const told = new Map(KINDS.map(kind => [kind, { found: 0, wrong: 0 }]))
  for (let seed = first; seed < first + seeds; seed++)
    await Promise.all(
      KINDS.map(async (kind, index) => {
        const place = join(directory, `tunnel-${seed}-${index}`)
        mkdirSync(place, { recursive: true })
        const events = (await eventsOf([await recordTunnel(place, kind, seed, index)], place)) ?? []
        const store = await storeOf(events)
        const found = await store.find(multiplexedTunnel)
        store.close()
        const figures = told.get(kind)
        const right = found.filter(({ addresses }) => TUNNELLED.includes(kind) && addresses.includes(CLIENT)).length
        if (figures) {
          figures.found += Math.min(1, right)
          figures.wrong += found.length - right
        }
      }),
    )
  return [...told].map(([kind, { found, wrong }]) => ({ name: `real ssh, ${kind}`, runs: seeds, found, wrong }))
}

/** Records one machine for some minutes; the path of the capture. */
async function recordTunnel(directory: string, kind: Kind, seed: number, index: number): Promise<string> {
  const network = new Network(`bt${process.pid % 1_000}${index}`)
  try {
    network.machine('a', [CLIENT])
    network.machine('r', [VIA])
    network.machine('s', [...PLACES, OWN_PLACE])
    const tap = join(directory, 'machine.pcap')
    const capture = network.start('net', 'tcpdump', '-i', 'p-r', '-s', '96', '-U', '-B', '16384', '-w', tap, 'tcp')
    network.start('s', NODE, TALK, 'serve', join(directory, 'served.log'), String(SERVICE))
    network.start('r', NODE, TALK, 'serve', join(directory, 'own.log'), String(OWN_SERVICE))
    const ssh = await sshBetween(network, directory, 'a', 'r', VIA)
    for (const [machine, port] of [
      ['s', SERVICE],
      ['r', OWN_SERVICE],
    ] as const)
      if (!(await network.listening(machine, port))) throw new Error(`nothing listens on port ${port} of ${machine}`)
    const random = chance(seed * 10 + index)
    const places = kind === 'one place' ? PLACES.slice(0, 1) : PLACES
    const sessions = 16 + Math.floor(random() * 24)
    const through =
      kind === 'one place' ? (['-N', '-L', `7100:${PLACES[0]}:${SERVICE}`] as const) : (['-N', '-D', '7100'] as const)
    const inside: readonly Route[] = places.map(host => {
      const count = Math.ceil(sessions / places.length)
      if (!TUNNELLED.includes(kind)) return { name: 'direct', host, port: SERVICE, sessions: count }
      return {
        name: 'tunnelled',
        host: '127.0.0.1',
        port: 7100,
        ...(kind === 'one place' ? {} : { socks: { host, port: SERVICE } }),
        sessions: count,
      }
    })
    const [from, until] = LOGGED_IN
    const room = until - from - 15
    const beside = (name: string, host: string, port: number, count: number): Route => ({ name, host, port, sessions: count })
    const own = [
      beside('own calls', OWN_PLACE, SERVICE, 120),
      ...(kind === 'the machine goes there as well' ? PLACES.map(host => beside('own calls', host, SERVICE, 10)) : []),
    ]
    const late = (plan: readonly PlannedSession[], by: number) => plan.map(session => ({ ...session, at: session.at + by }))
    const insidePlan = late(
      planOf(inside, kind === 'no tunnel' ? WATCHED - 20 : room, seed, 1),
      kind === 'no tunnel' ? 5 : from + 4,
    )
    const calls: readonly (readonly [string, readonly PlannedSession[]])[] = [
      ['a', planOf([beside('service', VIA, OWN_SERVICE, 120)], WATCHED - 15, seed + 500, 100_000)],
      ['r', planOf(own, WATCHED - 15, seed + 1_000, 200_000)],
      [TUNNELLED.includes(kind) ? 'a' : 'r', insidePlan],
    ]
    const begun = performance.now()
    const running = calls.map(([machine, plan], which) => {
      const file = join(directory, `${which}.plan.json`)
      writeFileSync(file, JSON.stringify(plan))
      return network.start(machine, NODE, TALK, 'call', file, join(directory, `${which}.called.log`))
    })
    const untilSecond = (second: number) => sleep(Math.max(0, second * 1000 - (performance.now() - begun)))
    await untilSecond(from)
    // Somebody who works there types, and reads what comes back.
    const login = TUNNELLED.includes(kind) ? ssh(...through) : ssh('for i in $(seq 1 60); do seq 1 400; sleep 1; done')
    await untilSecond(until)
    await ended(login)
    await untilSecond(WATCHED)
    for (const child of running) await ended(child)
    await ended(capture)
    return tap
  } finally {
    await network.close()
  }
}
