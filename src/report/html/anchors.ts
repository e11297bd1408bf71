import type { Report, ReportFinding } from '../../model/index.ts'

/** Names for links inside the page: made from positions, so that nothing from evidence becomes an id. */
export interface Anchors {
  /** Position in report.json, from 1, and link of the findings with these ids; ids that name no finding are left out. */
  findings(
    ids: readonly string[],
  ): readonly { readonly number: number; readonly anchor: string; readonly finding: ReportFinding }[]
  finding(finding: ReportFinding): string
  step(incident: number, order: number): string
}

/** Anchors for the findings of the report. */
export function anchorsOf(report: Report): Anchors {
  const numbers = new Map(report.findings.map((finding, index) => [finding, index + 1]))
  const byId = new Map(report.findings.map(finding => [finding.id, finding]))
  const finding = (item: ReportFinding) => `finding-${numbers.get(item) ?? 0}`
  return {
    findings: ids =>
      ids.flatMap(id => {
        const item = byId.get(id)
        return item ? [{ number: numbers.get(item) ?? 0, anchor: finding(item), finding: item }] : []
      }),
    finding,
    step: (incident, order) => `step-${incident}-${order}`,
  }
}
