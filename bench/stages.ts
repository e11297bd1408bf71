// Where the processor time of a hunt goes: microseconds an event of each stage of reading in one thread, then of hashing, judging and writing.
// Run: node bench/stages.ts EVIDENCE [RULES]...; for instance a corpus of bench/event-log-corpus.ts with the rules of a SigmaHQ checkout.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { detectors } from '../src/detect/registry.ts'
import { filesUnder, type PartPlan, sampleOf } from '../src/evidence/index.ts'
import type { EvidenceId, Reader, RuleMatcher } from '../src/model/index.ts'
import type { EventKeeper, Watchers } from '../src/pipeline/event-batch.ts'
import { hunt, silentListener } from '../src/pipeline/index.ts'
import { recognise } from '../src/pipeline/look.ts'
import { readPart, watchersOf } from '../src/pipeline/read-part.ts'
import { compilePrepared } from '../src/pipeline/rule-cache.ts'
import { loadRules } from '../src/pipeline/rule-files.ts'
import { readers } from '../src/readers/registry.ts'
import { SegmentWriter } from '../src/store/index.ts'
import { processorSeconds } from './measured-run.ts'

/** Of each file so much is read: enough for some hundred thousand events, and the least of some turns is no matter of luck. */
const MOST_BYTES = 24 << 20
const TURNS = 5

interface Piece {
  readonly file: string
  readonly reader: Reader
  readonly plan: PartPlan
}

const NOTHING: EventKeeper = { appendAll: () => undefined, hit: () => undefined, feed: () => undefined }
const NOBODY: Watchers = watchersOf([], undefined)

const [evidence, ...rules] = process.argv.slice(2)
if (evidence === undefined) throw new Error('node bench/stages.ts EVIDENCE [RULES]...')
const directory = mkdtempSync(join(tmpdir(), 'barograph-stages-'))
try {
  await reading(piecesOf(evidence))
  await whole()
  console.log(`load ${loadavg().map(Math.round).join(', ')}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function piecesOf(path: string): readonly Piece[] {
  const pieces: Piece[] = []
  for (const found of filesUnder([path])) {
    if ('item' in found) continue
    const { path: shown, file } = found
    const sample = sampleOf(shown, file)
    const reader = recognise(sample, readers)
    if (!reader) continue
    const plan: PartPlan = {
      evidence: `piece${pieces.length}` as EvidenceId,
      path: shown,
      part: 0,
      start: 0,
      end: MOST_BYTES,
      firstLine: 1,
      headerLines: [],
      facts: {},
      encoding: sample.encoding ?? 'latin1',
    }
    pieces.push({ file, reader, plan })
  }
  return pieces
}

/** Each stage is the difference to the one before, which does the same without it. */
async function reading(pieces: readonly Piece[]): Promise<void> {
  const matcher = matcherOf()
  const steps: readonly { readonly name: string; readonly watchers: Watchers; readonly keeps: boolean }[] = [
    { name: 'decode and map', watchers: NOBODY, keeps: false },
    { name: 'detectors of single records', watchers: watchersOf(detectors, undefined), keeps: false },
    { name: 'rules', watchers: watchersOf(detectors, matcher), keeps: false },
    { name: 'keep every event', watchers: watchersOf(detectors, matcher), keeps: true },
  ]
  const least = steps.map(() => Number.POSITIVE_INFINITY)
  let events = 0
  for (let turn = 0; turn < TURNS; turn++)
    for (const [step, { watchers, keeps }] of steps.entries()) {
      events = 0
      const begun = processorSeconds()
      for (const { file, reader, plan } of pieces) {
        const writer = keeps ? new SegmentWriter(directory, `${plan.evidence}-${turn}`) : undefined
        const keeper = writer ?? NOTHING
        const count: EventKeeper = {
          appendAll: some => {
            events += some.length
            keeper.appendAll(some)
          },
          hit: hit => keeper.hit(hit),
          feed: hit => keeper.feed(hit),
        }
        readPart(file, plan, reader, watchers, count)
        await writer?.finish()
      }
      least[step] = Math.min(least[step] ?? Number.POSITIVE_INFINITY, processorSeconds() - begun)
    }
  console.log(
    `${pieces.length} files, ${events.toLocaleString('en')} events; microseconds of processor time an event, least of ${TURNS} turns`,
  )
  let before = 0
  for (const [step, { name }] of steps.entries()) {
    const now = least[step] ?? 0
    console.log(`${name.padEnd(30)}${(((now - before) * 1e6) / events).toFixed(1).padStart(8)}`)
    before = now
  }
  console.log(`${'reading in all'.padEnd(30)}${((before * 1e6) / events).toFixed(1).padStart(8)}`)
}

function matcherOf(): RuleMatcher {
  const loaded = loadRules(rules)
  console.log(`${loaded.loaded} rules`)
  return compilePrepared(loaded.prepared).matcher
}

async function whole(): Promise<void> {
  const marks: { readonly phase: string; readonly at: number }[] = []
  const started = processorSeconds()
  const { report } = await hunt(
    {
      evidence: [evidence ?? ''],
      caseDirectory: join(directory, 'case'),
      rules,
      assets: undefined,
      sources: [],
      since: undefined,
      until: undefined,
      jobs: 2,
      command: 'bench',
    },
    { ...silentListener, phase: phase => marks.push({ phase, at: processorSeconds() }) },
  )
  const end = processorSeconds()
  const events = report?.coverage.events ?? 0
  console.log(`a whole hunt, 2 jobs, ${events.toLocaleString('en')} events:`)
  for (const [index, { phase, at }] of marks.entries())
    console.log(`${phase.padEnd(30)}${((((marks[index + 1]?.at ?? end) - at) * 1e6) / events).toFixed(1).padStart(8)}`)
  console.log(`${'in all'.padEnd(30)}${(((end - started) * 1e6) / events).toFixed(1).padStart(8)}`)
}
