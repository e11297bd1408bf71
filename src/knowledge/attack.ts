import tacticsData from './data/tactics.json' with { type: 'json' }
import techniquesData from './data/techniques.json' with { type: 'json' }

/** One ATT&CK technique or sub-technique of the bundled version. */
export interface Technique {
  readonly id: string
  readonly name: string
  /** Short names of its tactics ("credential-access"). */
  readonly tactics: readonly string[]
  readonly domain: 'enterprise' | 'ics'
  /** The technique a sub-technique belongs to. */
  readonly parent: string | undefined
}

/** Where the technique table comes from, with MITRE's notice; to be printed wherever the data is shown. */
export const attackSource = { version: 'v18.1', source: techniquesData.source, notice: techniquesData.notice } as const

const techniques: ReadonlyMap<string, Technique> = new Map(
  techniquesData.rows.map(([id = '', name = '', tactics = '', domain]) => [
    id,
    {
      id,
      name,
      tactics: tactics === '' ? [] : tactics.split(' '),
      domain: domain === 'ics' ? 'ics' : 'enterprise',
      parent: id.includes('.') ? id.slice(0, id.indexOf('.')) : undefined,
    },
  ]),
)

const tacticNames: ReadonlyMap<string, string> = new Map(
  tacticsData.rows.map(([, shortName = '', name = '']) => [shortName, name]),
)

/** Tactics in the order in which an intrusion usually goes through them (attack.mitre.org/matrices/enterprise). */
export const tacticOrder = [
  'reconnaissance',
  'resource-development',
  'initial-access',
  'execution',
  'persistence',
  'privilege-escalation',
  'defense-evasion',
  'credential-access',
  'discovery',
  'lateral-movement',
  'collection',
  'command-and-control',
  'exfiltration',
  'impact',
] as const

/** The technique of an id of the bundled version; undefined when there is none. */
export function techniqueOf(id: string): Technique | undefined {
  return techniques.get(id)
}

/** All techniques, ordered by id within their domain. */
export function allTechniques(): readonly Technique[] {
  return [...techniques.values()]
}

/** "Credential Access: NTDS" style name: "OS Credential Dumping: NTDS" for a sub-technique, the plain name otherwise, the id when unknown. */
export function techniqueName(id: string): string {
  const technique = techniques.get(id)
  if (!technique) return id
  const parent = technique.parent === undefined ? undefined : techniques.get(technique.parent)
  return parent ? `${parent.name}: ${technique.name}` : technique.name
}

/** "Credential Access" for "credential-access"; the text itself when unknown. */
export function tacticName(shortName: string): string {
  return tacticNames.get(shortName) ?? shortName
}

/** Position of a technique's first tactic in the usual course of an intrusion; after the last when unknown. */
export function tacticRank(id: string): number {
  const order: readonly string[] = tacticOrder
  const ranks = (techniques.get(id)?.tactics ?? []).map(tactic => order.indexOf(tactic)).filter(rank => rank >= 0)
  return ranks.length === 0 ? tacticOrder.length : Math.min(...ranks)
}
