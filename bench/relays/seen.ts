import { openPart, surveyFile, walkEvidence } from '../../src/evidence/index.ts'
import { type EvidenceId, MICROS_PER_SECOND, micros, type SecurityEvent } from '../../src/model/index.ts'
import { readers } from '../../src/readers/registry.ts'

/** Events of files as a hunt reads them; undefined when no reader knows a file. */
export async function eventsOf(paths: readonly string[], spillDirectory: string): Promise<readonly SecurityEvent[] | undefined> {
  const events: SecurityEvent[] = []
  let items = 0
  for await (const item of walkEvidence(paths, { spillDirectory })) {
    const reader = readers
      .map(candidate => ({ candidate, score: item.state === 'readable' ? candidate.recognise(item.sample) : 0 }))
      .toSorted((a, b) => b.score - a.score)[0]
    if (!reader || reader.score === 0) return undefined
    const encoding = item.sample.encoding ?? 'utf-8'
    const survey = await surveyFile(item.file, reader.candidate.split, encoding)
    const evidence = `file${items++}` as EvidenceId
    for (const [part, range] of survey.parts.entries()) {
      const opened = openPart(item.file, { ...range, evidence, path: item.path, part, facts: {}, encoding })
      reader.candidate.read(opened.part, { event: event => events.push(event), diagnostic: () => undefined })
      opened.close()
    }
  }
  return events
}

/** The same flows as a source with a coarser clock would tell them. */
export function byClock(events: readonly SecurityEvent[], tick: number): readonly SecurityEvent[] {
  return events.map(event => {
    if (event.kind !== 'network_activity' || event.time === undefined) return event
    const begun = Math.floor(event.time / tick) * tick
    const ended = Math.floor((event.time + (event.duration ?? 0)) / tick) * tick
    return { ...event, time: micros(begun), duration: ended - begun, timePrecision: tick }
  })
}

export const MILLISECOND = MICROS_PER_SECOND / 1000
