import type { Report } from '../../model/index.ts'

/** Names for links inside the page: made from positions, so that nothing from evidence becomes an id. */
export interface Anchors {
  finding(id: string): string
  /** Position of the finding in report.json, from 1. */
  findingNumber(id: string): number
  step(incident: number, order: number): string
}

/** Anchors for the findings of the report. */
export function anchorsOf(report: Report): Anchors {
  const positions = new Map(report.findings.map((finding, index) => [finding.id, index + 1]))
  return {
    finding: id => `finding-${positions.get(id) ?? 0}`,
    findingNumber: id => positions.get(id) ?? 0,
    step: (incident, order) => `step-${incident}-${order}`,
  }
}
