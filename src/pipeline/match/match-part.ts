import { openPart, type PartPlan } from '../../evidence/index.ts'
import {
  isoFromMicros,
  type Reader,
  type RuleHit,
  type RuleMatcher,
  type SecurityEvent,
  type UnmappedRecord,
} from '../../model/index.ts'
import { DiagnosticFolder } from '../fold-diagnostics.ts'
import { feedOfHit, type MatchedFeed } from './feed.ts'
import type { MatchedPart } from './match-task.ts'

/** Reads one part and writes a line for every rule that holds for a record; nothing else of the evidence is kept. */
export function matchPart(file: string, plan: PartPlan, reader: Reader, matcher: RuleMatcher): MatchedPart {
  const diagnostics = new DiagnosticFolder()
  const levels: Record<string, number> = {}
  const feed: MatchedFeed[] = []
  let lines = ''
  let records = 0
  let hits = 0
  // Few records match: of the others no event is made.
  const wanted = (record: UnmappedRecord) => {
    if (matcher.mayMatch?.(record) !== false) return true
    records++
    return false
  }
  const opened = openPart(file, plan)
  try {
    reader.read(opened.part, {
      event: event => {
        records++
        for (const hit of matcher.match(event)) {
          const fed = feedOfHit(hit, event)
          if (fed) feed.push(fed)
          if (hit.correlated?.alone === false) continue
          hits++
          levels[hit.severity] = (levels[hit.severity] ?? 0) + 1
          lines += hitLine(hit, event, plan.path)
        }
      },
      diagnostic: diagnostic => diagnostics.add(diagnostic),
      ...(matcher.mayMatch ? { wants: record => wanted(record) } : {}),
      isPassing: true,
    })
  } finally {
    opened.close()
  }
  return { lines, records, hits, levels, feed, diagnostics: diagnostics.list() }
}

function hitLine(hit: RuleHit, { time, host, source, carved }: SecurityEvent, evidence: string): string {
  const line = {
    rule: hit.rule,
    ruleTitle: hit.ruleTitle,
    level: hit.severity,
    evidence,
    record: source.record,
    time: time === undefined ? null : isoFromMicros(time),
    host,
    ...(carved ? { carved } : {}),
  }
  return `${JSON.stringify(line)}\n`
}
