import groupsData from './data/groups.json' with { type: 'json' }
import softwareData from './data/software.json' with { type: 'json' }

/** What is published about one group: techniques and software with the number of independent reports that say so. */
export interface GroupProfile {
  readonly id: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly techniques: ReadonlyMap<string, number>
  readonly software: ReadonlyMap<string, number>
}

/** A tool or malware that groups are reported to use. */
export interface Software {
  readonly id: string
  readonly name: string
  readonly kind: 'tool' | 'malware'
  readonly aliases: readonly string[]
}

const listed = (text: string): readonly string[] => (text === '' ? [] : text.split('; '))

/** All groups of the bundled ATT&CK, ordered by id. */
export const groupProfiles: readonly GroupProfile[] = groupsData.rows.map(([id = '', name = '', aliases = '', uses = '']) => {
  const relations = (uses === '' ? [] : uses.split(' ')).map((use): [string, number] => {
    const colon = use.indexOf(':')
    return [use.slice(0, colon), Number(use.slice(colon + 1))]
  })
  return {
    id,
    name,
    aliases: listed(aliases),
    techniques: new Map(relations.filter(([object]) => object.startsWith('T'))),
    software: new Map(relations.filter(([object]) => object.startsWith('S'))),
  }
})

const software: ReadonlyMap<string, Software> = new Map(
  softwareData.rows.map(([id = '', name = '', kind, aliases = '']) => [
    id,
    { id, name, kind: kind === 'tool' ? 'tool' : 'malware', aliases: listed(aliases) },
  ]),
)

/** The software of an id ("S0029"); undefined when unknown. */
export function softwareOf(id: string): Software | undefined {
  return software.get(id)
}
