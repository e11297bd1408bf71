import { type Diagnostic, isoFromMicros } from '../../model/index.ts'
import { byTimeAndPlace, type CorrelationPlan, type FeedHit, type Firing, runCorrelations } from '../../rules/index.ts'
import { cutDiagnostic } from '../correlation-findings.ts'
import type { MatchedFeed } from './feed.ts'

/** Hits kept for correlations at most, about 400 bytes each: without a case there is no disk to keep them on. */
const MAX_HITS = 1_000_000

/** Gathers the hits of one run and correlates them when all are there, because evidence is not read in order of time. */
export class CorrelatedHits {
  readonly #plan: CorrelationPlan
  readonly #most: number
  readonly #hits: MatchedFeed[] = []
  readonly #texts = new Map<string, string>()
  readonly #leftOut = new Map<string, number>()

  constructor(plan: CorrelationPlan, most = MAX_HITS) {
    this.#plan = plan
    this.#most = most
  }

  /** Takes hits in any order. */
  add(hits: readonly MatchedFeed[]): void {
    for (const hit of hits)
      if (this.#hits.length >= this.#most) this.#leftOut.set(hit.rule, (this.#leftOut.get(hit.rule) ?? 0) + 1)
      else {
        const [rule, host] = [this.#shared(hit.rule), this.#shared(hit.host)]
        this.#hits.push({ ...hit, rule, host, evidence: this.#shared(hit.evidence) as FeedHit['evidence'] })
      }
  }

  /** Hits of correlations as lines, in order of time, and what is to be said about them. */
  async lines(signal?: AbortSignal): Promise<{
    readonly lines: readonly string[]
    readonly levels: readonly string[]
    readonly diagnostics: readonly Diagnostic[]
  }> {
    const sorted = withoutCopies(this.#hits.toSorted((a, b) => byTimeAndPlace(a, b) || (a.rule < b.rule ? -1 : 1)))
    const ofRules = (rules: readonly string[]) => {
      const wanted = new Set(rules)
      return [sorted.filter(({ rule }) => wanted.has(rule))]
    }
    const { firings, cuts } = await runCorrelations(this.#plan, ofRules, undefined, signal)
    return {
      lines: firings.map(lineOf),
      levels: firings.map(({ correlation }) => correlation.severity),
      diagnostics: [...cuts.map(cutDiagnostic), ...[...this.#leftOut].toSorted().map(([rule, count]) => tooMany(rule, count))],
    }
  }

  /** Every message between threads brings its own copy of the same few texts. */
  #shared(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    this.#texts.set(text, text)
    return text
  }
}

/** The same record in a copy of the log counts once; copies have the same time. */
function withoutCopies(sorted: readonly MatchedFeed[]): readonly MatchedFeed[] {
  let time = Number.NaN
  const seen = new Set<string>()
  return sorted.filter(hit => {
    if (hit.identity === undefined) return true
    if (hit.time !== time) {
      time = hit.time
      seen.clear()
    }
    const key = `${hit.rule} ${hit.identity}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

/** The fields of any hit, of the record that made it fire; then its group and the records it rests on. */
function lineOf(firing: Firing): string {
  const { correlation, group, evidence, record, time, offset, hits, total } = firing
  const at = hits.find(hit => hit.evidence === evidence && hit.record === record && hit.offset === offset)
  const records = new Map(hits.map(hit => [`${hit.evidence}:${hit.record}:${hit.offset}`, hit]))
  const line = {
    rule: correlation.key,
    ruleTitle: correlation.title,
    level: correlation.severity,
    evidence,
    record,
    time: isoFromMicros(time),
    host: at?.host ?? '',
    correlation: correlation.type,
    group: Object.fromEntries(correlation.groupBy.map((field, index) => [field, group[index] ?? ''])),
    firstTime: isoFromMicros(firing.firstTime),
    lastTime: isoFromMicros(firing.lastTime),
    count: total,
    records: [...records.values()].map(hit => ({ evidence: hit.evidence, record: hit.record })),
  }
  return `${JSON.stringify(line)}\n`
}

function tooMany(rule: string, count: number): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'rules/correlation-cut',
    level: 'warning',
    message: `${count} hits of rule ${rule} came after the first ${MAX_HITS} that correlations refer to; no correlation saw them`,
    hint: 'Hunt instead: a case keeps them all.',
  }
}
