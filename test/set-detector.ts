import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { EvidenceId, FindingDraft, Reader, Row, SecurityEvent, SetDetector } from '../src/model/index.ts'
import { CaseQueries, columnsDigest, SegmentWriter } from '../src/store/index.ts'
import { readText } from './text-part.ts'

/** A store in a temporary folder that holds the events of a test: the real segments, the real views, the real queries. */
export interface TestStore {
  rows(query: string): Promise<readonly Row[]>
  /** A query and the tables it needs. */
  ask(question: Pick<SetDetector, 'prepared' | 'query'>): Promise<readonly Row[]>
  readonly queries: CaseQueries
  /** What a detector finds, strongest statement of the query first as the query orders it. */
  find(detector: SetDetector): Promise<readonly FindingDraft[]>
  close(): void
}

/** What a test says about the items its events come from. */
export interface TestItem {
  readonly evidence: string
  readonly path: string
  readonly format: string
  readonly sha256: string
}

/** Writes events to a store. Close it after use. */
export async function storeOf(events: Iterable<SecurityEvent>, stated: readonly TestItem[] = []): Promise<TestStore> {
  const directory = mkdtempSync(join(tmpdir(), 'barograph-set-'))
  const limits = { threads: 1, memoryMegabytes: 512 }
  const writer = new SegmentWriter(directory, 'test')
  const evidence = new Map<string, number>()
  for (const event of events) {
    writer.append(event)
    evidence.set(event.source.evidence, (evidence.get(event.source.evidence) ?? 0) + 1)
  }
  const { segments } = await writer.finish()
  const unstated = [...evidence.keys()]
    .filter(id => !stated.some(item => item.evidence === id))
    .map(id => ({ evidence: id, path: `${id}.log`, format: 'test', sha256: id }))
  const items = [...stated, ...unstated].map(item => ({
    ...item,
    bytes: 0,
    records: evidence.get(item.evidence) ?? 0,
    events: evidence.get(item.evidence) ?? 0,
    firstTime: undefined,
    lastTime: undefined,
  }))
  const queried = segments.map(segment => ({ ...segment, columns: columnsDigest(segment.kind) }))
  const queries = await CaseQueries.open(directory, join(directory, 'scratch'), items, queried, limits)
  return {
    rows: query => queries.rows(query),
    ask: question => queries.ask(question),
    queries,
    async find(detector) {
      const rows = await queries.ask(detector)
      return rows.flatMap(row => detector.finding(row) ?? [])
    },
    close() {
      queries.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** What one detector finds in some events. */
export async function foundBy(
  detector: SetDetector,
  events: Iterable<SecurityEvent>,
  items: readonly TestItem[] = [],
): Promise<readonly FindingDraft[]> {
  const store = await storeOf(events, items)
  try {
    return await store.find(detector)
  } finally {
    store.close()
  }
}

/** Findings as tests compare them: "severity: title". */
export function saidIn(findings: readonly FindingDraft[]): readonly string[] {
  return findings.map(({ severity, title }) => `${severity}: ${title}`)
}

/** The events of text files of the shared collection, one evidence item a file, ".gz" inflated. */
export function eventsOfFiles(reader: Reader, paths: readonly string[]): readonly SecurityEvent[] {
  return paths.flatMap((path, index) => {
    const bytes = readFileSync(path)
    const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    const evidence = `file${index}` as EvidenceId
    return readText(reader, text, { path }).events.map(event => ({ ...event, source: { ...event.source, evidence } }))
  })
}
