import { PLANT_MOVES } from '../../knowledge/index.ts'
import {
  type Asset,
  type AssetModel,
  canonicalAddress,
  type Incident,
  machineKinds,
  type Step,
  type StepEnd,
  shortHostName,
} from '../../model/index.ts'
import { CutNetwork } from './vertex-cut.ts'

/** Prices of cutting something: a rule on a firewall is minutes of work, a server off the network is a day without it. */
const PRICE = { conduit: 1, gateway: 2, asset: 4, compromised: 6 } as const

/** A thing that can be cut: an asset taken off the network, or a connection between zones that is closed. */
export interface Cuttable {
  readonly node: number
  readonly kind: 'asset' | 'conduit'
  readonly asset: Asset | undefined
  readonly label: string
}

/** The operator's network as a graph: from every asset to what its zone and the allowed connections let it reach. */
export interface SiteModel {
  readonly network: CutNetwork
  readonly assetNode: ReadonlyMap<string, number>
  readonly cuttable: ReadonlyMap<number, Cuttable>
  /** Assets the intruder acted on, by id, with the step that shows it. */
  readonly compromised: ReadonlyMap<string, Step>
  /** Assets, by id, that were sent orders by which something in a plant may have moved. */
  readonly ordered: ReadonlySet<string>
}

/** Finds the asset that an end of a step is: by name, by short name, by address. */
export function assetFinder(assets: AssetModel): (end: StepEnd) => Asset | undefined {
  const byName = new Map<string, Asset>()
  const byAddress = new Map<string, Asset>()
  for (const asset of assets.assets) {
    for (const name of [asset.id, ...asset.names]) byName.set(name.toLowerCase(), asset)
    for (const address of asset.addresses) byAddress.set(canonicalAddress(address), asset)
  }
  return end => {
    const name = end.name.toLowerCase()
    return (
      byName.get(name) ??
      byName.get(shortHostName(name)) ??
      end.addresses.map(address => byAddress.get(canonicalAddress(address))).find(asset => asset !== undefined)
    )
  }
}

/** Builds the graph of an asset list; what the incidents observed is added as ways the intruder went. */
export function siteModel(assets: AssetModel, incidents: readonly Incident[]): SiteModel {
  const assetOf = assetFinder(assets)
  const compromised = new Map<string, Step>()
  const ordered = new Set<string>()
  const ways: { readonly from: Asset; readonly to: Asset }[] = []
  for (const incident of incidents)
    for (const step of incident.steps) {
      const from = machineKinds.includes(step.from.entity) ? assetOf(step.from) : undefined
      const to = machineKinds.includes(step.to.entity) ? assetOf(step.to) : undefined
      if (step.how === 'observed')
        for (const asset of [from, to]) if (asset && !compromised.has(asset.id)) compromised.set(asset.id, step)
      if (from && to && from !== to) ways.push({ from, to })
      if (to && step.how === 'observed' && PLANT_MOVES.test(step.technique)) ordered.add(to.id)
    }
  const network = new CutNetwork()
  const cuttable = new Map<number, Cuttable>()
  const gateways = new Set(assets.conduits.map(conduit => conduit.via).filter(via => via !== ''))
  const assetNode = new Map<string, number>()
  for (const asset of assets.assets) {
    const price = asset.neverCut
      ? Number.POSITIVE_INFINITY
      : compromised.has(asset.id)
        ? PRICE.compromised
        : gateways.has(asset.id)
          ? PRICE.gateway
          : PRICE.asset
    const node = network.node(price)
    assetNode.set(asset.id, node)
    cuttable.set(node, { node, kind: 'asset', asset, label: asset.names[0] ?? asset.id })
  }
  const zoneNode = new Map(assets.zones.map(zone => [zone.id, network.node(Number.POSITIVE_INFINITY)]))
  for (const asset of assets.assets) {
    const zone = zoneNode.get(asset.zone)
    const node = assetNode.get(asset.id)
    if (zone === undefined || node === undefined) continue
    network.edge(node, zone)
    network.edge(zone, node)
  }
  for (const conduit of assets.conduits) {
    const from = zoneNode.get(conduit.from)
    const to = zoneNode.get(conduit.to)
    if (from === undefined || to === undefined) continue
    const ports =
      conduit.ports.length === 0 ? 'all ports' : `port${conduit.ports.length === 1 ? '' : 's'} ${conduit.ports.join(', ')}`
    const opening = (label: string) => {
      const node = network.node(PRICE.conduit)
      cuttable.set(node, { node, kind: 'conduit', asset: undefined, label: `the connection ${label} (${ports})` })
      return node
    }
    const gateway = assets.assets.find(asset => asset.id === conduit.via)
    const via = assetNode.get(conduit.via)
    if (!gateway || via === undefined) {
      const node = opening(`${conduit.from} to ${conduit.to}`)
      network.edge(from, node)
      network.edge(node, to)
      continue
    }
    // The gateway stands in one of the zones: what can be closed is its connection with the other one.
    const through = `${conduit.from} to ${conduit.to} through ${conduit.via}`
    if (gateway.zone !== conduit.from) {
      const node = opening(gateway.zone === conduit.to ? through : `${conduit.from} to ${conduit.via}`)
      network.edge(from, node)
      network.edge(node, via)
    }
    if (gateway.zone !== conduit.to) {
      const node = opening(gateway.zone === conduit.from ? through : `${conduit.via} to ${conduit.to}`)
      network.edge(via, node)
      network.edge(node, to)
    }
  }
  for (const { from, to } of ways) {
    const a = assetNode.get(from.id)
    const b = assetNode.get(to.id)
    if (a !== undefined && b !== undefined) network.edge(a, b)
  }
  return { network, assetNode, cuttable, compromised, ordered }
}
