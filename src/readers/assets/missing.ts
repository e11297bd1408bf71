import { type Asset, type AssetModel, type DiagnosticLevel, inNetwork, type Service } from '../../model/index.ts'
import { idsOf } from './needs.ts'
import type { AssetList, ListEntry } from './parse.ts'

/** Something the list does not say, and what the report cannot say because of it. */
export interface Missing {
  readonly code: string
  readonly level: DiagnosticLevel
  readonly line: number
  readonly message: string
  readonly hint: string
}

type Say = (
  code: string,
  entry: ListEntry | number,
  field: string,
  message: string,
  hint: string,
  level?: DiagnosticLevel,
) => void

/** What stands between an operator's network and others; their age and firmware decide how the intruder of this kind comes in. */
export const EDGE_ROLE =
  /\b(?:edge|firewall|router|gateway|vpn|load balancer|proxy|remote access|camera|modem|sd-?wan|access point|waf)\b/i

/** What an asset list leaves open, in plain words, in the order of its lines. Errors of single entries are said by `parseAssets`. */
export function whatIsMissing(list: AssetList): readonly Missing[] {
  const found: Missing[] = []
  const say: Say = (code, entry, field, message, hint, level = 'warning') =>
    found.push({
      code,
      level,
      line: typeof entry === 'number' ? entry : entry.lineOf(field === '' ? [] : [field]),
      message,
      hint,
    })
  const { model } = list
  const entryOf = entriesById(list)
  sections(model, say)
  for (const one of model.zones) zoneOf(entryOf('zones', one.id), one, model, say)
  for (const asset of model.assets) assetOf(entryOf('assets', asset.id), asset, model, say)
  for (const service of model.services) serviceOf(entryOf('services', service.id), service, model, say)
  addressesTwice(model, id => entryOf('assets', id), say)
  return found.toSorted((a, b) => a.line - b.line || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0))
}

const NO_ENTRY: ListEntry = { section: 'assets', line: 1, value: undefined, lineOf: () => 1 }

function entriesById({ entries }: AssetList): (section: ListEntry['section'], id: string) => ListEntry {
  const byId = new Map<string, ListEntry>()
  for (const entry of entries) {
    const key = `${entry.section} ${wordOf(entry.value, 'id')}`
    if (!byId.has(key)) byId.set(key, entry)
  }
  return (section, id) => byId.get(`${section} ${id}`) ?? NO_ENTRY
}

function wordOf(value: unknown, key: string): string {
  if (typeof value !== 'object' || value === null) return ''
  const found = new Map(Object.entries(value)).get(key)
  return typeof found === 'string' ? found.trim() : found === undefined ? '' : 'given'
}

function sections({ sites, zones, assets, conduits, services }: AssetModel, say: Say): void {
  if (assets.length === 0)
    say('assets/no-assets', 1, '', 'the list names no machine', 'begin with the ten machines that matter most', 'error')
  if (zones.length === 0)
    say(
      'assets/no-zones',
      1,
      '',
      'no zone is named: the report cannot say whether the plant was reached',
      'add zones with their networks',
    )
  if (sites.length === 0) say('assets/no-sites', 1, '', 'no site is named', 'add the places the machines stand at', 'note')
  if (services.length === 0)
    say(
      'assets/no-services',
      1,
      '',
      'no service is named: the report cannot say what could be disrupted',
      'add what people notice when it stops, and what it needs',
    )
  if (assets.length > 0 && !assets.some(({ role }) => EDGE_ROLE.test(role)))
    say(
      'assets/no-edge',
      1,
      '',
      'no machine has the role of a firewall, router, VPN gateway or other edge device',
      'add what stands between your network and the internet, with vendor, model and firmware',
    )
  if (zones.some(({ kind }) => kind === 'ot') && conduits.length === 0)
    say(
      'assets/no-conduits',
      1,
      '',
      'there is a control network, and nothing says who may go into it',
      'add conduits: from which zone to which, by which ports, through which machine',
    )
}

function zoneOf(entry: ListEntry, { id, kind, networks, level }: AssetModel['zones'][number], model: AssetModel, say: Say): void {
  if (networks.length === 0 && kind !== 'outside')
    say(
      'assets/zone-without-networks',
      entry,
      '',
      `zone "${id}" has no networks: addresses cannot be placed in it`,
      'add networks: [10.20.5.0/24]',
    )
  if (wordOf(entry.value, 'kind') === '')
    say(
      'assets/zone-without-kind',
      entry,
      '',
      `zone "${id}" does not say its kind, and is taken as "it"`,
      'add kind: it, ot, dmz, edge or outside',
    )
  if (level === undefined && kind !== 'outside' && kind !== 'edge')
    say(
      'assets/zone-without-level',
      entry,
      '',
      `zone "${id}" has no Purdue level`,
      'add level: 0 to 2 for control and supervision, 3 for plant operations, 3.5 between plant and office, 4 or 5 for the office',
      kind === 'ot' ? 'warning' : 'note',
    )
  if (level !== undefined && kind === 'ot' && level > 3.5)
    say(
      'assets/level-and-kind',
      entry,
      'level',
      `zone "${id}" is a control network (ot) on the office level ${level}`,
      'correct kind or level',
    )
  if (level !== undefined && kind === 'it' && level < 3)
    say(
      'assets/level-and-kind',
      entry,
      'level',
      `zone "${id}" is an office network (it) on the control level ${level}`,
      'correct kind or level',
    )
  if (!model.assets.some(asset => asset.zone === id) && kind !== 'outside')
    say('assets/zone-without-assets', entry, '', `no machine is in zone "${id}"`, 'name the machines that stand in it', 'note')
}

function assetOf(entry: ListEntry, asset: Asset, model: AssetModel, say: Say): void {
  const { id, role, zone: zoneId, site, addresses, vendor, model: device, firmware } = asset
  if (role === '')
    say('assets/without-role', entry, '', `"${id}" has no role`, 'add role: domain controller, web server, edge firewall …')
  if (zoneId === '' && model.zones.length > 0)
    say('assets/without-zone', entry, '', `"${id}" is in no zone`, 'add zone: one of the zones above')
  if (site === '' && model.sites.length > 1) say('assets/without-site', entry, '', `"${id}" is at no site`, 'add site:', 'note')
  if (addresses.length === 0)
    say(
      'assets/without-address',
      entry,
      '',
      `"${id}" has no address: what flows and firewalls say of it cannot be joined`,
      'add addresses: [10.20.5.10]',
    )
  const networks = model.zones.find(one => one.id === zoneId)?.networks ?? []
  // An edge device stands in several networks; any other machine belongs where its zone is.
  const strangers =
    networks.length === 0 || EDGE_ROLE.test(role)
      ? []
      : addresses.filter(address => !networks.some(network => inNetwork(address, network)))
  if (strangers.length > 0 && strangers.length === addresses.length)
    say(
      'assets/address-outside-zone',
      entry,
      'addresses',
      `"${id}" has ${strangers.join(', ')}, which is in none of the networks of zone "${zoneId}" (${networks.join(', ')})`,
      'correct the address or the zone',
    )
  if (!EDGE_ROLE.test(role)) return
  const absent = [vendor === '' ? 'vendor' : '', device === '' ? 'model' : '', firmware === '' ? 'firmware' : ''].filter(Boolean)
  if (absent.length > 0)
    say(
      'assets/edge-without-version',
      entry,
      '',
      `"${id}" is an edge device without ${absent.join(', ')}: whether it is past its support, or known to be exploited, cannot be said`,
      'add vendor, model and firmware as the device shows them',
    )
}

function serviceOf(entry: ListEntry, service: Service, model: AssetModel, say: Say): void {
  const { id, sector, site, fallbackHours, customers } = service
  if (sector === '')
    say(
      'assets/without-sector',
      entry,
      '',
      `service "${id}" has no sector`,
      'add sector: Energy, Communications, Water and Wastewater Systems …',
    )
  if (site === '' && model.sites.length > 0)
    say('assets/service-without-site', entry, '', `service "${id}" is at no site`, 'add site:', 'note')
  if (fallbackHours === undefined)
    say(
      'assets/without-fallback',
      entry,
      '',
      `service "${id}" does not say how long it goes on without what it needs`,
      'add fallbackHours: 0 when it stops at once',
      'note',
    )
  if (customers === undefined)
    say(
      'assets/without-customers',
      entry,
      '',
      `service "${id}" does not say how many people depend on it`,
      'add customers:',
      'note',
    )
  const circle = circleFrom(service, model.services)
  if (circle.length > 0)
    say(
      'assets/needs-itself',
      entry,
      'needs',
      `service "${id}" needs itself: ${circle.join(' needs ')}`,
      'take one of these needs out',
      'error',
    )
}

/** The way a service needs itself, as ids; empty when it does not. Iterative, because needs are written by hand and may be long. */
function circleFrom({ id }: Service, services: readonly Service[]): readonly string[] {
  const byId = new Map(services.map(service => [service.id, service]))
  const cameFrom = new Map<string, string>()
  const waiting = [id]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const one = byId.get(at)
    for (const next of one ? new Set(idsOf(one.needs)) : []) {
      if (next === id) {
        const way = [id]
        for (let step: string | undefined = at; step !== undefined && step !== id; step = cameFrom.get(step)) way.unshift(step)
        return [id, ...way]
      }
      if (cameFrom.has(next)) continue
      cameFrom.set(next, at)
      waiting.push(next)
    }
  }
  return []
}

function addressesTwice(model: AssetModel, entryOf: (id: string) => ListEntry, say: Say): void {
  const owner = new Map<string, string>()
  for (const { id, addresses } of model.assets)
    for (const address of addresses) {
      const first = owner.get(address)
      if (first !== undefined && first !== id)
        say(
          'assets/address-twice',
          entryOf(id),
          'addresses',
          `${address} belongs to "${first}" and to "${id}": what is recorded for it cannot be told apart`,
          'give the address to one of them',
        )
      owner.set(address, first ?? id)
    }
}
