import { z } from 'zod'
import { canonicalAddress, isAddress } from '../../model/index.ts'

const text = z.string('must be text').trim()
const id = text.min(1, 'must not be empty').max(200, 'is longer than 200 characters')
/** "a, b" and a list are the same. */
const list = z
  .union([z.array(text), text.transform(value => value.split(/[,;\s]+/))], 'must be text or a list of texts')
  .transform(values => values.filter(value => value !== ''))
  .default([])
const YES = new Set(['true', 'yes', 'y', '1', 'x'])
const NO = new Set(['false', 'no', 'n', '0', ''])
const flag = text
  .refine(value => YES.has(value.toLowerCase()) || NO.has(value.toLowerCase()), 'must be true or false')
  .transform(value => YES.has(value.toLowerCase()))
  .default(false)
const count = text
  .refine(value => /^\d+(?:\.\d+)?$/.test(value), 'must be a number')
  .transform(Number)
  .optional()
const port = text
  .refine(value => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535, 'must be a port, 1 to 65535')
  .transform(Number)
const optional = text.default('')
/** Purdue levels as people write them: "3", "3.5", "L3.5", "level 2". */
const level = text
  .transform(value => value.replace(/^(?:purdue )?l(?:evel)?[ -]?/i, ''))
  .refine(value => PURDUE_LEVELS.has(value), 'must be a Purdue level: 0, 1, 2, 3, 3.5, 4 or 5')
  .transform(Number)
  .optional()

/** Levels of the Purdue model (ISA-95, IEC 62443); 3.5 is the zone between plant and office. */
const PURDUE_LEVELS: ReadonlySet<string> = new Set(['0', '1', '2', '3', '3.5', '4', '5'])

function isNetwork(value: string): boolean {
  const [address = '', bits, more] = value.split('/')
  if (more !== undefined || !isAddress(address)) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (address.includes(':') ? 128 : 32))
}

export const siteSchema = z.object({ id, name: optional, place: optional })

export const zoneSchema = z.object({
  id,
  name: optional,
  kind: z.enum(['it', 'ot', 'dmz', 'edge', 'outside'], 'must be one of it, ot, dmz, edge, outside').default('it'),
  networks: list.refine(values => values.every(isNetwork), 'must be networks such as 10.20.5.0/24'),
  level,
})

export const assetSchema = z.object({
  id,
  names: list,
  addresses: list
    .refine(values => values.every(isAddress), 'must be IP addresses; names belong into "names"')
    .transform(values => values.map(canonicalAddress)),
  role: optional,
  site: optional,
  zone: optional,
  owner: optional,
  vendor: optional,
  model: optional,
  firmware: optional,
  neverCut: flag,
  open: z.array(text).optional(),
})

export const conduitSchema = z.object({
  from: id,
  to: id,
  ports: z.union([z.array(port), port.transform(one => [one])]).default([]),
  via: optional,
})

export const serviceSchema = z.object({
  id,
  name: optional,
  sector: optional,
  site: optional,
  needs: z.unknown(),
  fallbackHours: count,
  customers: count,
})

/** The 16 critical infrastructure sectors: cisa.gov/topics/critical-infrastructure-security-and-resilience/critical-infrastructure-sectors. */
export const SECTORS: readonly string[] = [
  'Chemical',
  'Commercial Facilities',
  'Communications',
  'Critical Manufacturing',
  'Dams',
  'Defense Industrial Base',
  'Emergency Services',
  'Energy',
  'Financial Services',
  'Food and Agriculture',
  'Government Services and Facilities',
  'Healthcare and Public Health',
  'Information Technology',
  'Nuclear Reactors, Materials, and Waste',
  'Transportation Systems',
  'Water and Wastewater Systems',
]

/** The usual spelling of a sector: "water", "Water and Wastewater Systems" and "energy sector" are found; undefined when it is none. */
export function sectorOf(value: string): string | undefined {
  const wanted = value
    .toLowerCase()
    .replace(/ sector$/, '')
    .replace(/&/g, 'and')
  return SECTORS.find(name => {
    const known = name.toLowerCase()
    return known === wanted || (wanted.length >= 4 && known.startsWith(wanted)) || wanted.startsWith(known)
  })
}
