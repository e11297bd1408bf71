import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventQueries, EvidenceId, SecurityEvent } from '../../src/model/index.ts'
import { CaseQueries, columnsDigest, type SegmentHit, SegmentWriter } from '../../src/store/index.ts'

/** One item of a small store: its events and what was hit in them. */
export interface StoredItem {
  readonly path: string
  readonly format?: string
  readonly events: readonly SecurityEvent[]
  readonly hits?: readonly SegmentHit[]
}

/** A store of a test: real segments, real views. */
export interface EventStore extends EventQueries {
  close(): void
}

/** Writes events to segments, as a hunt does, and opens the queries over them. An item's evidence id is that of its first event. */
export async function storeItems(items: readonly StoredItem[]): Promise<EventStore> {
  const directory = mkdtempSync(join(tmpdir(), 'barograph-store-'))
  const limits = { threads: 1, memoryMegabytes: 512 }
  const scratch = join(directory, 'tmp')
  mkdirSync(scratch)
  const manifest: Parameters<typeof CaseQueries.open>[2][number][] = []
  const segments: Parameters<typeof CaseQueries.open>[3][number][] = []
  for (const [index, item] of items.entries()) {
    const evidence = item.events[0]?.source.evidence ?? (String(index).padStart(16, '0') as EvidenceId)
    const writer = new SegmentWriter(directory, evidence)
    for (const event of item.events) writer.append(event)
    for (const hit of item.hits ?? []) writer.hit(hit)
    const written = await writer.finish()
    segments.push(...written.segments.map(segment => ({ ...segment, columns: columnsDigest(segment.kind) })))
    const { path, format = 'test' } = item
    const { records, events, firstTime, lastTime } = written
    manifest.push({ evidence, path, format, sha256: evidence, bytes: 0, records, events, firstTime, lastTime })
  }
  const queries = await CaseQueries.open(directory, scratch, manifest, segments, limits)
  return {
    dialect: queries.dialect,
    rows: query => queries.rows(query),
    close: () => {
      queries.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** A store of one item. */
export function storeEvents(events: readonly SecurityEvent[]): Promise<EventStore> {
  return storeItems([{ path: 'evidence', events }])
}
