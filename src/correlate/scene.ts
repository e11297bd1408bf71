import {
  type AssetModel,
  canonicalAddress,
  type EntityKind,
  edgeProducts,
  inNetwork,
  isAddress,
  type Micros,
} from '../model/index.ts'
import { addressOfMachine, isRemoteWork, machineOfAddress } from './case-finding.ts'
import type { ClockUnit } from './clocks/units.ts'
import type { HostBook, Sighting } from './entities/host-book.ts'
import { arrivalOf, type HopsTo, originOf } from './hops.ts'
import type { Scene } from './steps.ts'
import { sessionAt, type TunnelSession } from './tunnels.ts'

/** What the scene is made of. */
export interface SceneParts {
  readonly units: readonly ClockUnit[]
  readonly assets: AssetModel | undefined
  readonly hosts: HostBook
  readonly sessions: readonly TunnelSession[]
  readonly own: readonly Pick<Sighting, 'address'>[]
  readonly hops: HopsTo
}

const EDGE_ROLE = /firewall|vpn|gateway|router|edge|load balancer|proxy/i

/** Knows what kind of thing each machine is: from the asset list where there is one, else from the logs it wrote. */
export function sceneOf({ units, assets, hosts, sessions, own, hops }: SceneParts): Scene {
  const byMachine = new Map(sessions.map(session => [session.machine, session]))
  const gateways = new Set(sessions.map(session => hosts.hostOf(session.gateway, undefined)))
  const zones = assets?.zones ?? []
  const ownAddresses = new Set(own.map(entry => entry.address))
  const recording = new Set(units.filter(unit => unit.host !== '').map(unit => hosts.hostOf(unit.host, undefined)))
  const listed = new Set((assets?.assets ?? []).flatMap(asset => [asset.id, ...asset.names].map(name => name.toLowerCase())))
  return {
    kindOf(machine): EntityKind {
      const asset = assets?.assets.find(entry =>
        [entry.id, ...entry.names].some(name => name.toLowerCase() === machine.toLowerCase()),
      )
      const zone = zones.find(entry => entry.id === asset?.zone)
      if (asset && (zone?.kind === 'edge' || EDGE_ROLE.test(asset.role))) return 'edge-device'
      if (asset && zone?.kind === 'ot') return 'critical-service'
      const products = units.filter(unit => unit.host === machine).flatMap(unit => unit.products)
      return edgeProducts.some(product => products.includes(product)) || gateways.has(machine) ? 'edge-device' : 'host'
    },
    addressesOf(machine, moment) {
      const address = addressOfMachine(machine)
      return address === undefined
        ? hosts.addressesOf(machine, Number.isFinite(moment) ? (moment as Micros) : undefined)
        : [address]
    },
    isOurs(address, moment) {
      const known = canonicalAddress(address)
      if (ownAddresses.has(known)) return true
      // Anybody can call a machine what they like in a log-on; ours are those that record, are listed, or stand in the site's own domain.
      const holder = hosts.holderOf(known, Number.isFinite(moment) ? (moment as Micros) : undefined)?.host
      if (holder !== undefined && (recording.has(holder) || listed.has(holder) || hosts.isSiteName(holder))) return true
      return zones.some(zone => zone.kind !== 'outside' && zone.networks.some(network => inNetwork(known, network)))
    },
    sessionOf: machine => byMachine.get(machine),
    targetOf(entry) {
      if (!isRemoteWork(entry.finding)) return undefined
      const time = Number.isFinite(entry.from) ? (entry.from as Micros) : undefined
      const named = entry.finding.object
        .split(' ')
        .map(word => (isAddress(word) ? (hosts.holderOf(word, time)?.host ?? '') : hosts.hostOf(word, time)))
      return named.find(machine => recording.has(machine) && !entry.machines.includes(machine))
    },
    originOf: entry => originOf(entry, hops),
    arrivalOf: entry => arrivalOf(entry, hops),
    machineOf(text, moment) {
      const time = Number.isFinite(moment) ? (moment as Micros) : undefined
      if (!isAddress(text)) return hosts.hostOf(text, time)
      return (
        sessionAt(sessions, text, moment)?.machine ?? hosts.holderOf(text, time)?.host ?? machineOfAddress(canonicalAddress(text))
      )
    },
  }
}
