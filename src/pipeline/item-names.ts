import { type EvidenceId, type Reader, type SourceFacts, stableId } from '../model/index.ts'

/** The id of an item: its bytes, and how many items had the same bytes before it; its path where it has none. */
export function evidenceId(sha256: string, path: string, nth: number): EvidenceId {
  if (sha256 === '') return stableId('item without bytes', path) as EvidenceId
  return `${sha256.slice(0, 16)}${nth > 1 ? `~${nth}` : ''}` as EvidenceId
}

/** Part of every segment's name: whatever changes what is read changes the name, so that old and new never mix. */
export function readingOf(reader: Reader | undefined, facts: SourceFacts, watchersDigest: string): string {
  const { host = '', zone = '', year = '', carve, columns } = facts
  const more = [...(carve ? ['carve'] : []), ...(columns ? [JSON.stringify(columns)] : [])]
  return `${reader?.format}.${reader?.version}-${stableId(host, zone, String(year), watchersDigest, ...more).slice(0, 8)}`
}
