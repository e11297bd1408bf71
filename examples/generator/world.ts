import { Random } from './random.ts'

/** One machine of the made-up operator. */
export interface Machine {
  readonly short: string
  readonly fqdn: string
  readonly ip: string
  readonly sidTail: number
}

/** A person with an account; `homeIp` is where VPN log-ins come from. */
export interface Person {
  readonly account: string
  readonly homeIp: string
  readonly admin: boolean
  readonly desk: Machine
  readonly sid: string
}

/** The made-up operator: everything that a seed renames. */
export interface World {
  readonly seed: number
  readonly random: Random
  readonly operator: string
  readonly domain: string
  readonly netbios: string
  /** Minutes east of UTC of the site, and the zone's name. */
  readonly zone: { readonly name: string; readonly minutes: number; readonly place: string }
  /** First local midnight of the fourteen days, milliseconds UTC. */
  readonly start: number
  readonly machines: Readonly<
    Record<'firewall' | 'web' | 'dc' | 'file' | 'jump' | 'engineering' | 'scada' | 'softswitch' | 'sensor', Machine>
  >
  readonly desks: readonly Machine[]
  readonly people: readonly [Person, ...Person[]]
  /** The IT administrator whose account is misused. */
  readonly stolen: Person
  readonly web: { readonly publicIp: string; readonly name: string }
  readonly vpnPool: string
  readonly networks: Readonly<Record<'dmz' | 'servers' | 'users' | 'vpn' | 'ot' | 'telephone', string>>
  /** Home routers the intruder comes through. */
  readonly relays: readonly [string, string]
  readonly scanner: string
  readonly visitors: readonly [string, ...string[]]
  readonly domainSid: string
}

export const DAYS = 14
export const DAY = 86_400_000
export const HOUR = 3_600_000
export const MINUTE = 60_000
export const SECOND = 1_000

const SITES = [
  { operator: 'Islas Power, Water and Telephone', label: 'islas', zone: { name: 'Pacific/Guam', minutes: 600, place: 'Guam' } },
  { operator: 'North Shore Utilities', label: 'northshore', zone: { name: 'America/Anchorage', minutes: -540, place: 'Alaska' } },
  {
    operator: 'Harbour and Grid Services',
    label: 'harbourgrid',
    zone: { name: 'Australia/Brisbane', minutes: 600, place: 'Queensland' },
  },
  {
    operator: 'Valley Water and Light',
    label: 'valleylight',
    zone: { name: 'America/Phoenix', minutes: -420, place: 'Arizona' },
  },
] as const

const NAMES = [
  'a.santos',
  'm.taitano',
  'j.cruz',
  'r.perez',
  'l.aguon',
  'k.flores',
  'd.quinata',
  'b.leon',
  's.okafor',
  'p.lindqvist',
  'e.marsh',
  'n.abara',
  'c.duarte',
  't.ishida',
  'v.rosen',
  'g.malik',
]

/** The operator of a seed. Seed 1 is the story told in the README; any other renames people, hosts, addresses and the time zone. */
export function makeWorld(seed: number): World {
  const random = new Random(seed * 7919)
  const site = seed === 1 ? SITES[0] : (SITES[1 + (seed % (SITES.length - 1))] ?? SITES[0])
  const second = seed === 1 ? 20 : random.int(21, 219)
  const prefix = seed === 1 ? '' : `${site.label.slice(0, 2)}-`
  const domain = `${site.label}.example`
  const names = seed === 1 ? NAMES.slice(0, 8) : random.sample(NAMES, 8)
  const networks = {
    dmz: `10.${second}.5`,
    servers: `10.${second}.10`,
    users: `10.${second}.30`,
    vpn: `10.${second}.200`,
    ot: `10.${second}.90`,
    telephone: `10.${second}.40`,
  }
  let sidTail = 1100
  const machine = (label: string, network: string, last: number): Machine => ({
    short: `${prefix}${label}`,
    fqdn: `${prefix}${label}.${domain}`,
    ip: `${network}.${last}`,
    sidTail: sidTail++,
  })
  const domainSid = `S-1-5-21-${random.int(1e9, 2e9)}-${random.int(1e9, 2e9)}-${random.int(1e9, 2e9)}`
  const desks = names.map((_, index) => machine(`ws${String(index + 11)}`, networks.users, 11 + index))
  const outside = [...Array(254).keys()].flatMap(last => [`203.0.113.${last + 1}`, `198.51.100.${last + 1}`])
  const shuffled = random.sample(outside, outside.length)
  const people = names.map((account, index) => ({
    account,
    homeIp: shuffled[index] ?? '203.0.113.1',
    admin: index < 2,
    desk: desks[index] ?? machine('ws10', networks.users, 10),
    sid: `${domainSid}-${1600 + index}`,
  }))
  const [first, second_] = people
  if (!first || !second_) throw new Error('a world needs people')
  return {
    seed,
    random,
    operator: site.operator,
    domain,
    netbios: site.label.toUpperCase().slice(0, 15),
    zone: site.zone,
    start: Date.UTC(2023, 1, 6) - site.zone.minutes * MINUTE,
    machines: {
      firewall: machine('fw01', networks.dmz, 1),
      web: machine('web01', networks.dmz, 10),
      dc: machine('dc01', networks.servers, 10),
      file: machine('file01', networks.servers, 20),
      jump: machine('jump01', networks.servers, 40),
      engineering: machine('eng01', networks.ot, 15),
      scada: machine('scada01', networks.ot, 10),
      softswitch: machine('softswitch01', networks.telephone, 5),
      sensor: machine('sensor01', networks.servers, 60),
    },
    desks,
    people: [first, ...people.slice(1)],
    stolen: second_,
    web: { publicIp: '192.0.2.10', name: `www.${domain}` },
    vpnPool: networks.vpn,
    networks,
    relays: [shuffled[10] ?? '203.0.113.77', shuffled[11] ?? '198.51.100.23'],
    scanner: shuffled[12] ?? '203.0.113.200',
    visitors: ['192.0.2.200', ...shuffled.slice(20)],
    domainSid,
  }
}

/** Milliseconds UTC of a local clock time on day `day` (0 is the first). */
export function at(world: World, day: number, clock: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number)
  return world.start + day * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND
}
