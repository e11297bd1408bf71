import type { Detector, Diagnostic, FindingDraft, SetDetector } from '../model/index.ts'
import { fairShare } from '../report/masked-report.ts'
import type { CaseQueries } from '../store/index.ts'

/** What the set detectors found, in an order that depends on content only. */
export interface SetFindings {
  readonly drafts: readonly FindingDraft[]
  /** Detectors that failed: our bug, but not the end of the analysis. */
  readonly failures: readonly Diagnostic[]
}

/** Runs every set detector whose kinds of events are there; those whose turn comes when it `isOver` are named as not asked. */
export async function setFindings(
  detectors: readonly Detector[],
  queries: CaseQueries,
  isOver: () => boolean = () => false,
): Promise<SetFindings> {
  const present = await queries.kindsPresent()
  let drafts: readonly FindingDraft[] = []
  const failures: Diagnostic[] = []
  const hungry: string[] = []
  const asked = detectors.filter(detector => detector.on === 'set').filter(({ reads }) => reads.some(kind => present.has(kind)))
  for (const [index, detector] of asked.entries()) {
    if (isOver()) {
      failures.push(notAsked(asked.slice(index)))
      break
    }
    await queries.keepPrepared(asked.slice(index).flatMap(({ prepared = [] }) => prepared))
    const before = queries.ranAgain
    try {
      // At once: later lists only make the share smaller, and all of them together do not fit.
      drafts = withFewerRecords([...drafts, ...(await findingsOf(detector, queries))])
    } catch (error) {
      failures.push({
        kind: 'diagnostic',
        code: 'internal/detector-failed',
        level: 'error',
        message: `detector ${detector.id} failed, and what it looks for was not looked for: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
        hint: 'Please report it. With "Out of Memory" in the message: hunt on a machine with more memory.',
      })
    }
    if (queries.ranAgain > before) hungry.push(detector.id)
  }
  await queries.keepPrepared([])
  if (hungry.length > 0) failures.push(neededMemory(hungry))
  return {
    drafts: byContent(drafts),
    failures,
  }
}

/** Of a hunt that was stopped while it judged. */
export const JUDGING_STOPPED = 'hunt/judging-stopped'

function notAsked(detectors: readonly SetDetector[]): Diagnostic {
  return {
    kind: 'diagnostic',
    code: JUDGING_STOPPED,
    level: 'warning',
    message: `the hunt was stopped before these detectors were asked, and what they look for was not looked for: ${detectors.map(({ id }) => id).join(', ')}`,
    hint: 'The same command again goes on from there.',
  }
}

function neededMemory(hungry: readonly string[]): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'internal/more-memory',
    level: 'note',
    message: `${hungry.join(', ')}: asked again with more memory than a hunt should take; what was found is complete`,
    hint: 'Please report it with the kind and number of records. On a machine with little memory hunt a shorter period with --since and --until.',
  }
}

async function findingsOf(detector: SetDetector, queries: CaseQueries): Promise<readonly FindingDraft[]> {
  const rows = await queries.ask(detector)
  return rows.flatMap(row => detector.finding(row) ?? [])
}

/** References to records that all drafts together keep: about 60 MB. Longer lists are cut to the same length; their numbers stay. */
const MOST_REFERENCES = 1_000_000

function withFewerRecords(drafts: readonly FindingDraft[]): readonly FindingDraft[] {
  const share = fairShare(
    drafts.map(({ evidence }) => evidence.length),
    MOST_REFERENCES,
  )
  return drafts.map(draft => (draft.evidence.length > share ? { ...draft, evidence: draft.evidence.slice(0, share) } : draft))
}

/** In the order of their JSON, of which no more is made than it takes: the records of all drafts as text are more than all else together. */
function byContent(drafts: readonly FindingDraft[]): readonly FindingDraft[] {
  return drafts
    .map(draft => [beginning(draft), draft] as const)
    .toSorted(([a, one], [b, other]) => compareText(a, b) || compareText(JSON.stringify(one), JSON.stringify(other)))
    .map(([, draft]) => draft)
}

/** The JSON of a draft up to its records. */
function beginning(draft: FindingDraft): string {
  const fields = Object.entries(draft)
  const place = fields.findIndex(([name]) => name === 'evidence')
  return `${JSON.stringify(Object.fromEntries(fields.slice(0, place))).slice(0, -1)},"evidence":`
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
