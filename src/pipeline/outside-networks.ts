import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import {
  kindWords,
  type NetworkKinds,
  type NetworkOwner,
  type NetworkTable,
  networkTable,
  ownerWords,
} from '../knowledge/index.ts'
import { type Correlation, type Diagnostic, type FindingDraft, isOutsideAddress } from '../model/index.ts'

const TABLE = join(import.meta.dirname, '..', '..', 'data', 'networks.bin')
/** Addresses of one finding that are described; the first ones show what it is about. */
const MOST_ADDRESSES = 3

let loaded: NetworkTable | undefined

/** The table of networks, unpacked when the first address is to be described; a diagnostic when the file is not there or cannot be read. */
export function outsideNetworks(file = TABLE): NetworkTable | Diagnostic {
  if (loaded && file === TABLE) return loaded
  if (!existsSync(file)) return noTable(`${file} is not there`)
  try {
    const table = networkTable(brotliDecompressSync(readFileSync(file)))
    if (file === TABLE) loaded = table
    return table
  } catch (error) {
    return noTable(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const noTable = (message: string): Diagnostic => ({
  kind: 'diagnostic',
  code: 'networks/no-table',
  level: 'note',
  message: `network and country of outside addresses are not told: ${message}`,
  hint: 'Install the program again, or pack a table with tools/networks.mjs.',
})

/** Do any of the drafts name an address that a table could describe? */
export function namesOutside(drafts: readonly FindingDraft[]): boolean {
  return drafts.some(draft => draft.addresses.some(isOutsideAddress))
}

/** Drafts that compare an address with earlier ones, with the fact whether its network is a new one. */
export function withHabits(drafts: readonly FindingDraft[], table: NetworkTable): readonly FindingDraft[] {
  return drafts.map(draft => {
    const { habit } = draft
    if (!habit) return draft
    const now = table.ownerOf(habit.address)
    if (now?.asn === undefined) return draft
    const before = unique(
      habit.earlier.map(address => table.ownerOf(address)).filter(owner => owner !== undefined && owner.asn !== undefined),
    )
    if (before.length === 0) return draft
    const same = before.some(owner => owner.asn === now.asn)
    const fact = same
      ? `${ownerWords(now)} is the network of earlier log-ins too: another line or number of the same provider`
      : `${ownerWords(now)} is new: earlier log-ins came from ${before.slice(0, MOST_ADDRESSES).map(ownerWords).join('; ')}${before.length > MOST_ADDRESSES ? ` and ${before.length - MOST_ADDRESSES} more` : ''}`
    return { ...draft, why: `${draft.why} ${fact} (table of ${table.date}).` }
  })
}

/**
 * Findings and ends of trails with what the table says of their outside addresses, and what kind of network a list of the user's (`kinds`) says
 * it is; what neither knows stays unsaid.
 */
export function withOwners(correlation: Correlation, table: NetworkTable, kinds?: NetworkKinds): Correlation {
  const kindOf = new Map(kinds?.kinds)
  const kindFor = (address: string): string => {
    const asn = table.ownerOf(address)?.asn
    return asn === undefined ? '' : kindWords(kindOf.get(asn), kinds?.date ?? '')
  }
  const words = (addresses: readonly string[]): string => {
    const known = addresses.flatMap(address => {
      const owner = table.ownerOf(address)
      const kind = owner ? kindFor(address) : ''
      return owner ? [`${address} is ${ownerWords(owner)}${kind === '' ? '' : `, ${kind}`}`] : []
    })
    if (known.length === 0) return ''
    const more = known.length > MOST_ADDRESSES ? ` and ${known.length - MOST_ADDRESSES} more` : ''
    return ` ${known.slice(0, MOST_ADDRESSES).join('; ')}${more}, by the table of ${table.date}: where the range is registered, not where its user is.`
  }
  return {
    ...correlation,
    findings: correlation.findings.map(finding => ({ ...finding, why: `${finding.why}${words(finding.addresses)}` })),
    incidents: correlation.incidents.map(incident => ({
      ...incident,
      trailEnds: incident.trailEnds.map(end => {
        const owner = words([end.at])
        return owner === ''
          ? end
          : {
              ...end,
              why: `${end.why}${owner} ${
                kindFor(end.at) === ''
                  ? 'Whether it is a home line, a hosting provider or a business is not known.'
                  : 'What this one line is the list does not say.'
              }`,
            }
      }),
    })),
  }
}

function unique(owners: readonly (NetworkOwner | undefined)[]): readonly NetworkOwner[] {
  const found = new Map<number, NetworkOwner>()
  for (const owner of owners) if (owner?.asn !== undefined && !found.has(owner.asn)) found.set(owner.asn, owner)
  return [...found.values()]
}
