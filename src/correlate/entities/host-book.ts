import {
  type AssetModel,
  canonicalAddress,
  isAddress,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  type Micros,
  shortHostName,
} from '../../model/index.ts'
import { type Nearest, NearestSpans } from './nearest-spans.ts'

/** Somebody wrote down that a machine had an address, or that a machine of this name was there, in this stretch of (ordered) time. */
export interface Sighting {
  readonly name: string
  /** '' when only the name was seen. */
  readonly address: string
  readonly from: number
  readonly to: number
  readonly count: number
  /** "its own connections in Sysmon", "DHCP lease" … */
  readonly basis: string
}

/** Who was behind an address at a moment. */
export interface AddressHolder {
  readonly host: string
  readonly basis: string
}

/** Addresses change hands (DHCP, VPN pools): a sighting says nothing about more than a day before or after it. */
const REACH = MICROS_PER_DAY
/** Two machines seen with one address this close to each other cannot be told apart. */
const TOO_CLOSE = MICROS_PER_HOUR

/** Several machines were seen with an address, none of them much nearer to the moment. */
const SEVERAL = Symbol('several machines')

/** Names whose meaning is kept; findings may hold any number of words that look like one. */
const MOST_NAMES = 100_000

/** A name as far as it can be told without the moment: `host`, where it is not exactly one of `fullNames` at the moment. */
interface KnownName {
  readonly host: string
  readonly fullNames: ReadonlyMap<string, readonly Span[]> | undefined
}

/** From a moment to another. */
interface Span {
  readonly from: number
  readonly to: number
}

/** One name may be anybody's; a domain with two machines inside is the operator's. */
const SITE_ADDRESSES = 2

const domainOf = (name: string) => {
  const dot = name.indexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/**
 * Which machine a name or an address means at a moment. A short name is a full one only while exactly one full name with that label is
 * around; an address is a machine only while somebody saw it there; nothing is ever joined on an address alone.
 */
export class HostBook {
  readonly #byAddress = new Map<string, Sighting[]>()
  /** By label, then by full name, the stretches in which it was around. */
  readonly #fullNames = new Map<string, Map<string, Span[]>>()
  readonly #assetNames = new Map<string, string>()
  readonly #assetAddresses = new Map<string, string>()
  readonly #resolved = new Map<string, Sighting[]>()
  /** The sightings of an address by name and time, made when it is first asked for. */
  readonly #seen = new Map<string, ReadonlyMap<string, NearestSpans<Sighting>>>()
  /** What does not depend on the moment, for names that were asked for. */
  readonly #names = new Map<string, KnownName>()
  /** Addresses that can be a machine's at any moment, sorted. */
  #possible: ReadonlyMap<string, readonly string[]> | undefined
  /** What names mean at the moment that was asked about last. */
  #moment: Micros | undefined
  readonly #hostsAround = new Map<string, string>()

  /** `resolved` are names that name servers gave: asked only where nobody saw the machine itself, because an alias looks the same. */
  constructor(sightings: readonly Sighting[], assets: AssetModel | undefined, resolved: readonly Sighting[] = []) {
    for (const asset of assets?.assets ?? []) {
      const names = [...asset.names, asset.id].map(name => name.toLowerCase())
      const main = names.find(name => name.includes('.') && !isAddress(name)) ?? names[0] ?? asset.id
      for (const name of names) this.#assetNames.set(name, main)
      for (const address of asset.addresses) this.#assetAddresses.set(canonicalAddress(address), main)
    }
    for (const sighting of sightings) this.#add(sighting)
    for (const names of this.#fullNames.values()) for (const [name, spans] of names) names.set(name, united(spans))
    for (const sighting of resolved) {
      const address = canonicalAddress(sighting.address)
      const known = this.#resolved.get(address)
      if (known) known.push(sighting)
      else this.#resolved.set(address, [sighting])
    }
  }

  #add(sighting: Sighting): void {
    const name = sighting.name.toLowerCase()
    if (name.includes('.') && !isAddress(name)) {
      const label = shortHostName(name)
      const full = this.#fullNames.get(label) ?? new Map<string, Span[]>()
      const spans = full.get(name)
      if (spans) spans.push({ from: sighting.from, to: sighting.to })
      else full.set(name, [{ from: sighting.from, to: sighting.to }])
      this.#fullNames.set(label, full)
    }
    const address = canonicalAddress(sighting.address)
    if (address === '') return
    const list = this.#byAddress.get(address)
    if (list) list.push({ ...sighting, name, address })
    else this.#byAddress.set(address, [{ ...sighting, name, address }])
  }

  /** The machine that a host name means at a moment: its full name where exactly one is around, else the name itself. */
  hostOf(name: string, time: Micros | undefined): string {
    const { host, fullNames } = this.#knownName(name)
    if (!fullNames) return host
    let around: string | undefined
    for (const [full, spans] of fullNames) {
      if (!spans.some(span => within(span, time))) continue
      if (around !== undefined) return host
      around = full
    }
    return around ?? host
  }

  #knownName(name: string): KnownName {
    const known = this.#names.get(name)
    if (known) return known
    if (this.#names.size >= MOST_NAMES) this.#names.clear()
    const looked = this.#lookUp(bareName(name))
    this.#names.set(name, looked)
    return looked
  }

  #lookUp(lower: string): KnownName {
    const listed = this.#assetNames.get(lower) ?? this.#assetNames.get(shortHostName(lower))
    if (listed !== undefined && (listed === lower || !lower.includes('.') || this.#assetNames.has(lower)))
      return { host: listed, fullNames: undefined }
    const isWhole = lower.includes('.') || lower.includes(':')
    return { host: lower, fullNames: isWhole ? undefined : this.#fullNames.get(lower) }
  }

  /** The machine that had an address at a moment; undefined when nobody saw one, or several at once. */
  holderOf(address: string, time: Micros | undefined): AddressHolder | undefined {
    const known = canonicalAddress(address)
    const seen = this.#seenHolder(known, time)
    if (seen === SEVERAL) return undefined
    if (seen !== undefined) return { host: seen, basis: this.#basisOf(known, seen, time) }
    const listed = this.#assetAddresses.get(known)
    return listed === undefined ? this.#resolvedHolder(known, time) : { host: listed, basis: 'the asset list' }
  }

  /** The name alone. It is asked thousands of times for each of hundreds of addresses, and makes nothing on its way. */
  #holderName(known: string, time: Micros | undefined): string | undefined {
    const seen = this.#seenHolder(known, time)
    if (seen === SEVERAL) return undefined
    return seen ?? this.#assetAddresses.get(known) ?? this.#resolvedHolder(known, time)?.host
  }

  /** The machine that was seen with an address nearest to a moment; `SEVERAL` when another one was seen with it nearly as near. */
  #seenHolder(known: string, time: Micros | undefined): string | typeof SEVERAL | undefined {
    let holder: string | undefined
    let nearest = Number.POSITIVE_INFINITY
    let second = Number.POSITIVE_INFINITY
    for (const [name, spans] of this.#seenWith(known)) {
      const distance = spans.distance(time)
      if (distance > REACH) continue
      const host = this.#hostAround(name, time)
      if (host === holder) nearest = Math.min(nearest, distance)
      else if (distance < nearest) {
        second = nearest
        nearest = distance
        holder = host
      } else second = Math.min(second, distance)
    }
    return second - nearest < TOO_CLOSE ? SEVERAL : holder
  }

  /** How the nearest of those sightings came about. */
  #basisOf(known: string, host: string, time: Micros | undefined): string {
    let best: Nearest<Sighting> | undefined
    for (const [name, spans] of this.#seenWith(known)) {
      const nearest = this.#hostAround(name, time) === host ? spans.nearest(time) : undefined
      if (!nearest) continue
      if (!best || nearest.distance < best.distance || (nearest.distance === best.distance && nearest.place < best.place))
        best = nearest
    }
    return best?.item.basis ?? ''
  }

  /** `hostOf`, remembered as long as the same moment is asked about. */
  #hostAround(name: string, time: Micros | undefined): string {
    if (time !== this.#moment) {
      this.#moment = time
      this.#hostsAround.clear()
    }
    const known = this.#hostsAround.get(name)
    if (known !== undefined) return known
    const host = this.hostOf(name, time)
    this.#hostsAround.set(name, host)
    return host
  }

  /** Sightings of an address by name: a server has one for every hour of the case, and few names. */
  #seenWith(address: string): ReadonlyMap<string, NearestSpans<Sighting>> {
    const made = this.#seen.get(address)
    if (made) return made
    const byName = Map.groupBy((this.#byAddress.get(address) ?? []).entries(), ([, { name }]) => name)
    const seen = new Map([...byName].map(([name, placed]) => [name, new NearestSpans(placed)]))
    this.#seen.set(address, seen)
    return seen
  }

  /** The one machine a name server named for an address around the moment; with two names nobody knows which is the machine's own. */
  #resolvedHolder(address: string, time: Micros | undefined): AddressHolder | undefined {
    const around = (this.#resolved.get(address) ?? []).filter(sighting => within(sighting, time))
    const [host, other] = [...new Set(around.map(sighting => this.hostOf(sighting.name, time)))]
    return host === undefined || other !== undefined ? undefined : { host, basis: around[0]?.basis ?? '' }
  }

  /** Did name servers place several inside addresses in the domain of this name? Then it is the site's own, not one controller's. */
  isSiteName(name: string): boolean {
    const domain = domainOf(name)
    if (domain === '') return false
    let addresses = 0
    for (const sightings of this.#resolved.values())
      if (sightings.some(sighting => domainOf(sighting.name) === domain)) addresses++
    return addresses >= SITE_ADDRESSES
  }

  /** Addresses that a machine was seen with around a moment, sorted. */
  addressesOf(host: string, time: Micros | undefined): readonly string[] {
    this.#possible ??= this.#possibleAddresses()
    return (this.#possible.get(host) ?? []).filter(address => this.#holderName(address, time) === host)
  }

  /** All that `holderOf` may ever answer, turned round: asking every address of the case for every step took longer than the rest. */
  #possibleAddresses(): ReadonlyMap<string, readonly string[]> {
    const byHost = new Map<string, Set<string>>()
    const add = (host: string, address: string) => {
      const known = byHost.get(host)
      if (known) known.add(address)
      else byHost.set(host, new Set([address]))
    }
    for (const [address, host] of this.#assetAddresses) add(host, address)
    for (const sightings of [this.#byAddress, this.#resolved])
      for (const [address, seen] of sightings)
        for (const name of new Set(seen.map(sighting => sighting.name))) {
          // At some moment a short name means one of the full names with that label, or itself.
          for (const full of this.#fullNames.get(bareName(name))?.keys() ?? []) add(full, address)
          add(bareName(name), address)
          add(this.hostOf(name, undefined), address)
        }
    return new Map([...byHost].map(([host, addresses]) => [host, [...addresses].sort()]))
  }
}

/** A name as it is looked up; a computer account is its machine. */
const bareName = (name: string) => name.trim().toLowerCase().replace(/\$$/, '')

/** The same moments are `within` one of these stretches as are `within` one of those given; one without times is at no moment, but known. */
function united(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  const isTimed = ({ from, to }: Span) => !Number.isNaN(from) && !Number.isNaN(to)
  for (const span of spans.filter(isTimed).sort((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last && span.from - REACH <= last.to + REACH) all[all.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
    else all.push(span)
  }
  return [...all, ...spans.filter(span => !isTimed(span)).slice(0, 1)]
}

function within(span: Span, time: Micros | undefined): boolean {
  return time === undefined || (time >= span.from - REACH && time <= span.to + REACH)
}
