/** What people notice when a service of the sector stops, for the 16 critical infrastructure sectors CISA names (cisa.gov, "Critical Infrastructure Sectors"). */
const NOTICED: Readonly<Record<string, string>> = {
  chemical: 'plants stop, deliveries of chemicals (for instance for drinking water) fail',
  'commercial facilities': 'shops, hotels and venues close or work on paper',
  communications: 'telephone, mobile data or internet fail, emergency calls included',
  'critical manufacturing': 'production stops, spare parts do not arrive',
  dams: 'water levels and flood gates cannot be steered from afar',
  'defense industrial base': 'military supplies and repairs are delayed',
  'emergency services': 'emergency calls are answered late or not at all',
  energy: 'the lights go out, or fuel does not arrive',
  'financial services': 'cards and cash machines do not work',
  'food and agriculture': 'shelves stay empty, cold stores warm up',
  'government services and facilities': 'offices and registers are closed',
  'healthcare and public health': 'treatments are put off, records cannot be read',
  'information technology': 'programs and data other services need are not there',
  'nuclear reactors, materials and waste': 'the plant goes into its safe state and gives no power',
  'transportation systems': 'ships, aircraft, trains or traffic lights stand still',
  'water and wastewater': 'no pressure at the tap, or water that must be boiled',
  'water and wastewater systems': 'no pressure at the tap, or water that must be boiled',
}

/** In plain words, what people would notice; '' for a sector we do not know. */
export function noticedWhenDown(sector: string): string {
  return NOTICED[sector.trim().toLowerCase()] ?? ''
}
