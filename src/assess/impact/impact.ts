import { sectorOf } from '../../knowledge/index.ts'
import type { Assessment, AssetModel, CutPoint, Incident, Service, ServiceImpact } from '../../model/index.ts'
import { assetsBehind, lostServices } from './needs.ts'
import { type SiteModel, siteModel } from './site-model.ts'

const STATES: readonly ServiceImpact['state'][] = ['did', 'could', 'not reached']

/**
 * Which services the intruder had in hand, could get at, or did not reach, over the operator's own asset list, and the cheapest cut that
 * keeps the rest safe. "could" is what the allowed connections permit; nothing says it was done.
 */
export function impactOf(incidents: readonly Incident[], assets: AssetModel | undefined): Assessment['impact'] {
  if (!assets || assets.services.length === 0) return { services: [], cut: [] }
  const site = siteModel(assets, incidents)
  const sources = [...site.compromised.keys()].map(id => site.assetNode.get(id)).filter(node => node !== undefined)
  const nodes = site.network.reach(sources)
  const reached = new Set([...site.assetNode].filter(([, node]) => nodes.has(node)).map(([id]) => id))
  const had = lostServices(assets.services, new Set(site.compromised.keys()))
  const could = lostServices(assets.services, reached)
  const services = assets.services
    .map(service => impactOn(service, assets, site, { had, could, reached }))
    .toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const open = assets.services.filter(service => could.has(service.id) && !had.has(service.id))
  return { services, cut: cutFor(open, assets, site, sources) }
}

interface Reached {
  readonly had: ReadonlySet<string>
  readonly could: ReadonlySet<string>
  readonly reached: ReadonlySet<string>
}

function impactOn(service: Service, assets: AssetModel, site: SiteModel, { had, could, reached }: Reached): ServiceImpact {
  const behind = [...assetsBehind(service, assets.services)].sort()
  const nameOf = (id: string) => assets.assets.find(asset => asset.id === id)?.names[0] ?? id
  const touched = behind.filter(id => site.compromised.has(id))
  const near = behind.filter(id => reached.has(id) && !site.compromised.has(id))
  const sector = sectorOf(service.sector)
  const noticed = sector
    ? ` If it stopped: ${sector.noticed}${people(service)}.`
    : people(service) === ''
      ? ''
      : ` It serves${people(service).replace(' for about', ' about')}.`
  const fallback =
    service.fallbackHours === undefined
      ? ''
      : ` It can go on about ${service.fallbackHours} ${service.fallbackHours === 1 ? 'hour' : 'hours'} without what it needs.`
  const base = { name: service.name, sector: sector?.name ?? service.sector }
  if (had.has(service.id)) {
    const ordered = touched.filter(id => site.ordered.has(id))
    const disturbed =
      ordered.length === 0
        ? 'Nothing here shows that it was disturbed.'
        : `Orders that move something were sent to ${ordered.map(nameOf).join(', ')}; whether they were obeyed, and whether it was disturbed, only the plant can say: ask its operators at once.`
    const why = `The intruder was on ${touched.map(nameOf).join(', ')}, which it cannot run without. ${disturbed}`
    return { ...base, state: 'did', why: why + noticed + fallback }
  }
  if (could.has(service.id)) {
    const on = touched.length === 0 ? '' : `The intruder was on ${touched.map(nameOf).join(', ')}. `
    const why = `${on}From there the allowed connections lead to ${near.map(nameOf).join(', ') || 'what it needs'}; that this was done is not in the evidence.`
    return { ...base, state: 'could', why: why + noticed + fallback }
  }
  const partly = [...touched, ...near].map(nameOf)
  const why =
    partly.length === 0
      ? 'No allowed connection leads from the machines the intruder was on to what it needs.'
      : `It has a way around ${partly.join(', ')}, which ${touched.length > 0 ? 'the intruder was on or could reach' : 'the intruder could reach'}.`
  return { ...base, state: 'not reached', why }
}

const people = (service: Service) =>
  service.customers === undefined ? '' : ` for about ${service.customers.toLocaleString('en-US')} customers`

/** The cheapest things to cut so that nothing leads any more from the machines the intruder was on to what the open services need. */
function cutFor(open: readonly Service[], assets: AssetModel, site: SiteModel, sources: readonly number[]): readonly CutPoint[] {
  const wanted = new Set(
    open.flatMap(service => [...assetsBehind(service, assets.services)]).filter(id => !site.compromised.has(id)),
  )
  const targets = [...wanted].map(id => site.assetNode.get(id)).filter(node => node !== undefined)
  if (targets.length === 0 || sources.length === 0) return []
  const cut = site.network.minimumCut(sources, targets)
  if (!cut) return []
  const left = site.network.reach(sources, new Set(cut))
  const still = lostServices(assets.services, new Set([...site.assetNode].filter(([, node]) => left.has(node)).map(([id]) => id)))
  const protectedNames = open
    .filter(service => !still.has(service.id))
    .map(service => service.name)
    .sort()
  return cut
    .map(node => site.cuttable.get(node))
    .filter(entry => entry !== undefined)
    .map(entry => ({
      what: entry.kind === 'asset' ? `take ${entry.label} off the network` : `close ${entry.label}`,
      protects: protectedNames,
      cost: costOf(entry.asset?.id, assets),
    }))
    .toSorted((a, b) => (a.what < b.what ? -1 : a.what > b.what ? 1 : 0))
}

function costOf(asset: string | undefined, assets: AssetModel): string {
  if (asset === undefined) return 'ordinary work over this connection stops while it is closed'
  const users = assets.services.filter(service => lostServices([service], new Set([asset])).size > 0).map(service => service.name)
  const needed = assets.services.filter(service => assetsBehind(service, assets.services).has(asset)).map(service => service.name)
  if (users.length > 0) return `stops ${users.join(', ')} while it is off`
  return needed.length > 0 ? `${needed.join(', ')} loses one of the machines it can run on` : 'no listed service needs it'
}
