import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { openPart } from '../../src/evidence/index.ts'
import type { SecurityEvent } from '../../src/model/index.ts'
import { lookAround } from '../../src/pipeline/look.ts'
import { tasksOf } from '../../src/pipeline/match/match.ts'
import { silentListener } from '../../src/pipeline/progress.ts'
import { ruleFilesOf } from '../../src/pipeline/rule-files.ts'
import { readers } from '../../src/readers/registry.ts'
import { compileSigma } from '../../src/rules/index.ts'

/** Where the reviewed firings are kept: file, record and rule id, no rule text. */
export const BASELINE = join(import.meta.dirname, 'sigma-regression.tsv')

/** What rules say of evidence. */
export interface Firings {
  readonly loaded: number
  readonly refused: number
  /** "FILE<tab>RECORD<tab>RULE", sorted. */
  readonly pairs: readonly string[]
  /** The same without index. */
  readonly fullScan: readonly string[]
}

/** Matches rules against every record of a folder, once with the index and once without. */
export async function firings(rules: readonly string[], folder: string): Promise<Firings> {
  const { files } = ruleFilesOf(rules)
  const { matcher, loaded, refused } = compileSigma(files)
  const judge = compileSigma(files, { fullScan: true }).matcher
  const pairs: string[] = []
  const fullScan: string[] = []
  for await (const { event, path } of eventsOf(folder)) {
    const lineOf = ({ rule }: { readonly rule: string }) => `${relative(folder, path)}\t${event.source.record}\t${rule}`
    pairs.push(...matcher.match(event).map(lineOf))
    fullScan.push(...judge.match(event).map(lineOf))
  }
  return { loaded, refused: refused.length, pairs: pairs.sort(), fullScan: fullScan.sort() }
}

async function* eventsOf(folder: string): AsyncGenerator<{ readonly event: SecurityEvent; readonly path: string }> {
  const spillDirectory = mkdtempSync(join(tmpdir(), 'barograph-firings-'))
  try {
    const found = await lookAround(
      [folder],
      readers,
      { spillDirectory, caseDirectory: spillDirectory },
      silentListener,
      undefined,
    )
    const paths = new Map(found.map(item => [item.path, item.file]))
    for await (const { file, format, plan } of tasksOf(found, () => ({}))) {
      const events: SecurityEvent[] = []
      const opened = openPart(file, plan)
      readers
        .find(reader => reader.format === format)
        ?.read(opened.part, { event: event => events.push(event), diagnostic: () => undefined })
      for (const event of events) yield { event, path: paths.get(plan.path) ?? file }
      opened.close()
    }
  } finally {
    rmSync(spillDirectory, { recursive: true, force: true })
  }
}

/** The reviewed firings; comments and empty lines left out. */
export function baseline(): readonly string[] {
  return readFileSync(BASELINE, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
}

/** Files whose events are also there as JSON are told by the event log alone; the twin must say the same. */
export function withoutTwins(pairs: readonly string[]): readonly string[] {
  return pairs.filter(pair => !isTwin(pair))
}

const isTwin = (pair: string) => /^[^\t]*\.json\t/.test(pair)

/** "SET<tab>RULE" of event logs, and of their JSON twins. */
export function bySource(pairs: readonly string[]): { readonly evtx: readonly string[]; readonly json: readonly string[] } {
  const named = (some: readonly string[]) => some.map(pair => pair.replace(/\.(?:evtx|json)\t\d+/, '')).sort()
  return { evtx: named(pairs.filter(pair => /^[^\t]*\.evtx\t/.test(pair))), json: named(pairs.filter(isTwin)) }
}
