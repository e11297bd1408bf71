import type { FindingId, Incident } from '../model/index.ts'

/** An incident that points to the findings which took the place of others. */
export function withReplaced(incident: Incident, replaced: ReadonlyMap<FindingId, FindingId>): Incident {
  const now = (ids: readonly FindingId[]) => [...new Set(ids.map(id => replaced.get(id) ?? id))]
  if (!incident.findings.some(id => replaced.has(id))) return incident
  return {
    ...incident,
    findings: now(incident.findings),
    steps: incident.steps.map(step => ({ ...step, findings: now(step.findings) })),
  }
}
