import {
  compareSeverity,
  type Report,
  type ReportFinding,
  type ReportStep,
  type Severity,
  type StepEnd,
} from '../../src/model/index.ts'

/** What a finding must be; each given part must hold. Texts are regular expressions, any case. */
export interface ExpectedFinding {
  readonly technique?: string
  readonly host?: string
  readonly account?: string
  readonly address?: string
  readonly atLeast?: Severity
  readonly atMost?: Severity
  /** Matched against title, why and excerpts. */
  readonly text?: string
}

export interface ExpectedStep {
  readonly technique?: string
  readonly from?: string
  readonly to?: string
  readonly time?: string
  readonly account?: string
}

/** What the story of a set asks of the report. */
export interface Expectation {
  readonly story: string
  readonly evidence: readonly string[]
  readonly verdict?: readonly string[]
  readonly incidents?: number
  readonly findings?: readonly ExpectedFinding[]
  /** In this order among the steps of one incident, others may stand between. */
  readonly steps?: readonly ExpectedStep[]
  /** Further chains, each in its order within one incident, not necessarily the same. */
  readonly chains?: readonly (readonly ExpectedStep[])[]
  /** Findings of none of these techniques and addresses must stay at or below `atMost`. */
  readonly others?: { readonly techniques?: readonly string[]; readonly addresses?: readonly string[]; readonly atMost: Severity }
  readonly never?: readonly ExpectedFinding[]
  readonly neverText?: readonly string[]
  /** Regular expressions, any case, over "what: where: consequence" of some blind spot. */
  readonly blindSpots?: readonly string[]
  /** Techniques that one incident must show as findings together, wherever they stand in its steps. */
  readonly together?: readonly string[]
  /** Some clock offset within this many minutes of `about`, in absolute value, for a source that matches. */
  readonly clocks?: readonly { readonly source: string; readonly about: number }[]
}

const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'i').test(text)
/** "T1003|T1505.003": equal to one of them, or a sub-technique of it, or its parent. */
const sameTechnique = (wanted: string, technique: string): boolean =>
  wanted.split('|').some(one => one === technique || technique.startsWith(`${one}.`) || one.startsWith(`${technique}.`))

const endText = (end: StepEnd): string => [end.name, ...end.addresses].join(' ')

export function findingMatches(wanted: ExpectedFinding, finding: ReportFinding): boolean {
  const { technique, host, account, address, text, atLeast, atMost } = wanted
  return (
    (technique === undefined || finding.techniques.some(one => sameTechnique(technique, one))) &&
    (host === undefined || finding.hosts.some(one => matches(`^(?:${host})`, one))) &&
    (account === undefined || finding.accounts.some(one => matches(account, one))) &&
    (address === undefined || finding.addresses.includes(address) || finding.hosts.includes(address)) &&
    (text === undefined ||
      matches(text, [finding.title, finding.why, ...finding.evidence.map(record => record.excerpt)].join('\n'))) &&
    (atLeast === undefined || compareSeverity(finding.severity, atLeast) >= 0) &&
    (atMost === undefined || compareSeverity(finding.severity, atMost) <= 0)
  )
}

function stepMatches(wanted: ExpectedStep, step: ReportStep): boolean {
  return (
    (wanted.technique === undefined || sameTechnique(wanted.technique, step.technique)) &&
    (wanted.from === undefined || matches(wanted.from, endText(step.from))) &&
    (wanted.to === undefined || matches(wanted.to, `${endText(step.to)} ${step.title}`)) &&
    (wanted.account === undefined || matches(wanted.account, step.account)) &&
    (wanted.time === undefined || step.time.startsWith(wanted.time))
  )
}

/** Whether the wanted steps stand in this order in a list of steps. */
export function inOrder(wanted: readonly ExpectedStep[], steps: readonly ReportStep[]): boolean {
  let at = 0
  for (const step of steps) {
    const next = wanted[at]
    if (next && stepMatches(next, step)) at++
  }
  return at === wanted.length
}

function incidentShows(report: Report, ids: readonly string[], techniques: readonly string[]): boolean {
  const findings = report.findings.filter(finding => ids.includes(finding.id))
  return techniques.every(wanted => findings.some(finding => finding.techniques.some(one => sameTechnique(wanted, one))))
}

/** Everything in which a report differs from what its story asks; empty when nothing does. */
export function differences(report: Report, expected: Expectation): readonly string[] {
  const wrong: string[] = []
  const describe = (finding: ReportFinding): string =>
    `${finding.severity} ${finding.techniques.join(',')} "${finding.title}" [${finding.witnesses.map(one => one.rule).join(', ')}]`
  if (expected.verdict && !expected.verdict.includes(report.verdict.level))
    wrong.push(`verdict is ${report.verdict.level}: ${report.verdict.sentence}`)
  if (expected.incidents !== undefined && report.incidents.length !== expected.incidents)
    wrong.push(
      `${report.incidents.length} incidents instead of ${expected.incidents}: ${report.incidents.map(incident => incident.title).join(' / ')}`,
    )
  for (const wanted of expected.findings ?? [])
    if (!report.findings.some(finding => findingMatches(wanted, finding))) wrong.push(`no finding ${JSON.stringify(wanted)}`)
  for (const unwanted of expected.never ?? [])
    for (const finding of report.findings)
      if (findingMatches(unwanted, finding)) wrong.push(`must not be there: ${describe(finding)}`)
  for (const pattern of expected.neverText ?? [])
    for (const finding of report.findings)
      if (matches(pattern, `${finding.title} ${finding.why}`)) wrong.push(`invented: ${describe(finding)}`)
  if (expected.steps && !report.incidents.some(incident => inOrder(expected.steps ?? [], incident.steps)))
    wrong.push(
      `no incident with the steps ${JSON.stringify(expected.steps)}; there are:\n${report.incidents
        .flatMap(incident =>
          incident.steps.map(
            step =>
              `    ${step.order} ${step.time} ${step.technique} ${endText(step.from)} -> ${endText(step.to)}: ${step.title}`,
          ),
        )
        .join('\n')}`,
    )
  for (const chain of expected.chains ?? [])
    if (!report.incidents.some(incident => inOrder(chain, incident.steps)))
      wrong.push(`no incident with the chain ${JSON.stringify(chain)}`)
  if (expected.others) {
    const { techniques = [], addresses = [], atMost } = expected.others
    for (const finding of report.findings)
      if (
        compareSeverity(finding.severity, atMost) > 0 &&
        !finding.techniques.some(one => techniques.some(known => sameTechnique(known, one))) &&
        !finding.addresses.some(address => addresses.includes(address))
      )
        wrong.push(`above ${atMost} and not part of the story: ${describe(finding)}`)
  }
  for (const pattern of expected.blindSpots ?? [])
    if (!report.blindSpots.some(spot => matches(pattern, `${spot.what}: ${spot.where}: ${spot.consequence}`)))
      wrong.push(`no blind spot ${pattern}: ${report.blindSpots.map(spot => spot.what).join(' / ')}`)
  const together = expected.together ?? []
  if (together.length > 0 && !report.incidents.some(incident => incidentShows(report, incident.findings, together)))
    wrong.push(`no incident with all of ${together.join(', ')}`)
  for (const wanted of expected.clocks ?? [])
    if (
      !report.clocks.some(
        clock => matches(wanted.source, clock.source) && Math.abs(Math.abs(clock.offset) / 60 - wanted.about) < 2 * 60 * 24,
      )
    )
      wrong.push(`no clock offset for ${wanted.source}: ${JSON.stringify(report.clocks)}`)
  return wrong
}

/** Each incident as one text that does not depend on ids or on the folder that was hunted, to compare two reports. */
export function storiesOf(report: Report): readonly string[] {
  const bare = (text: string): string => text.replace(/[\w.-]+\//g, '')
  return report.incidents.map(incident =>
    [
      incident.severity,
      ...incident.steps.map(step =>
        bare(`${step.time} ${step.technique} ${step.from.name} -> ${step.to.name} ${step.account} ${step.how}: ${step.title}`),
      ),
    ].join('\n'),
  )
}
