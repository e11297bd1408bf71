/** One of the sixteen critical-infrastructure sectors (Presidential Policy Directive 21, kept by NSM-22), with what people would notice. */
export interface Sector {
  readonly name: string
  /** What the sector does, in words for a person who is not from it. */
  readonly plain: string
  /** What people would notice if its services stopped. */
  readonly noticed: string
}

/** The sixteen sectors in alphabetical order, spelled as CISA spells them. */
export const sectors: readonly Sector[] = [
  { name: 'Chemical', plain: 'chemical plants and stores', noticed: 'plants stop, or have to be brought down safely' },
  {
    name: 'Commercial Facilities',
    plain: 'shops, hotels, arenas and offices',
    noticed: 'buildings close or lose doors, lifts and payment',
  },
  {
    name: 'Communications',
    plain: 'telephone, internet, radio and satellite',
    noticed: 'calls, messages and internet fail, emergency calls included',
  },
  {
    name: 'Critical Manufacturing',
    plain: 'metals, machines, vehicles and electrical equipment',
    noticed: 'production stops and spare parts run short',
  },
  { name: 'Dams', plain: 'dams, locks and levees', noticed: 'water is not held back or released as planned' },
  { name: 'Defense Industrial Base', plain: 'makers of military equipment', noticed: 'deliveries to the armed forces stop' },
  { name: 'Emergency Services', plain: 'police, fire, ambulance and dispatch', noticed: 'help comes late or cannot be called' },
  { name: 'Energy', plain: 'electricity, oil and gas', noticed: 'the lights go out, pumps and heating stop' },
  { name: 'Financial Services', plain: 'banks, payments and insurance', noticed: 'cards and transfers fail' },
  { name: 'Food and Agriculture', plain: 'farms, food plants and their transport', noticed: 'food is delayed or spoils' },
  {
    name: 'Government Services and Facilities',
    plain: 'public offices, schools and elections',
    noticed: 'offices and their services are closed',
  },
  {
    name: 'Healthcare and Public Health',
    plain: 'hospitals, laboratories and medicine',
    noticed: 'treatments are put off and patients moved',
  },
  {
    name: 'Information Technology',
    plain: 'hardware, software, hosting and name services',
    noticed: 'programs and sites that others depend on stop',
  },
  {
    name: 'Nuclear Reactors, Materials, and Waste',
    plain: 'reactors, fuel and radiation sources',
    noticed: 'reactors are shut down for safety',
  },
  {
    name: 'Transportation Systems',
    plain: 'air, rail, road, ports and pipelines',
    noticed: 'ships, trains, aircraft and goods stand still',
  },
  { name: 'Water and Wastewater Systems', plain: 'drinking water and sewage', noticed: 'taps run dry or water must be boiled' },
]

const SHORT: Readonly<Record<string, string>> = {
  water: 'Water and Wastewater Systems',
  'water and wastewater': 'Water and Wastewater Systems',
  electricity: 'Energy',
  power: 'Energy',
  gas: 'Energy',
  telecom: 'Communications',
  telecommunications: 'Communications',
  transport: 'Transportation Systems',
  transportation: 'Transportation Systems',
  port: 'Transportation Systems',
  maritime: 'Transportation Systems',
  health: 'Healthcare and Public Health',
  government: 'Government Services and Facilities',
  nuclear: 'Nuclear Reactors, Materials, and Waste',
  it: 'Information Technology',
}

/** The sector of a name as people write it ("water", "Energy"); undefined when it is none of the sixteen. */
export function sectorOf(name: string): Sector | undefined {
  const wanted = name.trim().toLowerCase()
  const official = SHORT[wanted] ?? wanted
  return sectors.find(sector => sector.name.toLowerCase() === official.toLowerCase())
}
