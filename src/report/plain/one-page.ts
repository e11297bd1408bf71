import type { Action, Report, ReportFinding, ReportIncident, ServiceImpact } from '../../model/index.ts'
import { shorten } from '../text/visible.ts'
import { day, listed, plural, secondsOf, sentence, span, strongestIncidents } from '../text/words.ts'
import { actionWords } from './action-words.ts'

/** How sure a claim is, in words for everybody. */
export interface Claims {
  /** A record shows it. */
  readonly proved: readonly string[]
  /** Several things point to it, no record shows it. */
  readonly likely: readonly string[]
  /** It cannot be ruled out. */
  readonly possible: readonly string[]
}

/** The page for the person in charge. */
export interface OnePage {
  readonly happened: string
  readonly story: string
  readonly safe: { readonly answer: 'Yes' | 'No' | 'At risk' | 'Not known' | 'Nothing seen'; readonly why: string }
  readonly services: readonly ServiceImpact[]
  readonly since: { readonly answer: string; readonly detail: string }
  readonly claims: Claims
  readonly who: { readonly answer: string; readonly detail: string; readonly others: readonly string[] }
  readonly day: readonly Action[]
  readonly week: readonly Action[]
  readonly unknown: readonly string[]
}

/** More lines than these are no summary. */
const MAX_CLAIMS = 5
const MAX_UNKNOWN = 5
const MAX_OTHERS = 3

/** One sentence stays one sentence. */
const MAX_SENTENCE = 400

/** The one page in plain words: everything is taken from the report, nothing is added but the words. */
export function onePage(report: Report): OnePage {
  const incidents = strongestIncidents(report)
  const ours = new Set(incidents.flatMap(incident => incident.findings))
  return {
    happened: shorten(report.verdict.sentence, MAX_SENTENCE),
    story: storyOf(incidents),
    safe: safety(report),
    services: report.impact.services.toSorted((a, b) => REACH.indexOf(a.state) - REACH.indexOf(b.state)),
    since: since(incidents, report),
    claims: claims(
      incidents,
      report.findings.filter(finding => ours.has(finding.id)),
      report.impact.services,
    ),
    who: who(report),
    day: report.actions.filter(action => actionWords[action.kind].due === '24 hours'),
    week: report.actions.filter(action => actionWords[action.kind].due === '7 days'),
    unknown: unknown(report, incidents),
  }
}

/** The strongest incident in its own words, and that there are others. */
function storyOf([first, ...others]: readonly ReportIncident[]): string {
  const story = shorten(first?.summary ?? '', 2 * MAX_SENTENCE)
  return others.length > 0
    ? `${story} ${others.length === 1 ? 'One further incident is' : `${others.length} further incidents are`} in this report.`
    : story
}

const REACH: readonly ServiceImpact['state'][] = ['did', 'could', 'not reached']

function safety({ impact: { services }, verdict, incidents }: Report): OnePage['safe'] {
  const named = (state: ServiceImpact['state']) =>
    services.filter(service => service.state === state).map(service => service.name)
  const reached = named('did')
  const within = named('could')
  if (reached.length > 0)
    return {
      answer: 'No',
      why: `The intruder reached ${listed(reached)}.${within.length > 0 ? ` From there ${listed(within)} could be reached.` : ''}`,
    }
  if (within.length > 0)
    return { answer: 'At risk', why: `Nothing shows that a service was touched, but ${listed(within)} could be reached.` }
  if (verdict.level === 'insufficient-evidence') return { answer: 'Not known', why: 'The evidence is too small to say.' }
  if (services.length === 0)
    return {
      answer: incidents.length > 0 || verdict.level !== 'nothing-found' ? 'Not known' : 'Nothing seen',
      why: 'No list of services was given, so it cannot be said which of them depend on the machines seen here. Give one with --assets.',
    }
  if (verdict.level === 'nothing-found')
    return { answer: 'Nothing seen', why: 'In the period and the sources covered, nothing touched a service.' }
  return { answer: 'Yes', why: 'As far as the evidence goes, no way leads from the touched machines to a service.' }
}

function since(
  incidents: readonly ReportIncident[],
  { verdict, findings, generatedFrom: { since: from, until } }: Report,
): OnePage['since'] {
  const times = incidents
    .flatMap(incident => incident.steps.map(step => step.orderedTime || step.time))
    .filter(Boolean)
    .toSorted()
  // A step is drawn where it begins; what it began may have gone on for days.
  const told = new Set(incidents.flatMap(incident => incident.findings))
  const ends = findings.filter(finding => told.has(finding.id)).map(finding => finding.lastTime)
  const [first] = times
  const last = [...times, ...ends].filter(Boolean).toSorted().at(-1)
  if (!first || !last) {
    const period = from || until ? `Asked for: ${from ? day(from) : 'the beginning'} to ${until ? day(until) : 'the end'}.` : ''
    return { answer: verdict.level === 'nothing-found' ? 'No sign of an intruder' : 'Not known', detail: period }
  }
  const seconds = (secondsOf(last) ?? 0) - (secondsOf(first) ?? 0)
  const detail = `Last seen ${day(last)}${seconds >= 3600 ? `, ${span(seconds)} later` : ''}. It may have begun earlier: these are the oldest records that show it.`
  return { answer: `At least ${day(first)}`, detail }
}

function claims(
  incidents: readonly ReportIncident[],
  findings: readonly ReportFinding[],
  services: readonly ServiceImpact[],
): Claims {
  const steps = incidents.flatMap(incident => incident.steps)
  const unique = (lines: readonly string[]) => [...new Set(lines)]
  const cut = (lines: readonly string[], what: string) =>
    lines.length <= MAX_CLAIMS ? lines : [...lines.slice(0, MAX_CLAIMS - 1), `and ${plural(lines.length - MAX_CLAIMS + 1, what)}`]
  const ofFinding = (confidence: ReportFinding['confidence']) =>
    findings
      .filter(finding => finding.confidence === confidence && finding.severity !== 'informational')
      .map(finding => finding.title)
  const inferred = steps.filter(step => step.how === 'inferred').map(step => step.title)
  const observed = steps.filter(step => step.how === 'observed').map(step => step.title)
  const proved = ofFinding('high')
  return {
    proved: cut(unique(proved.length > 0 ? proved : observed), 'more observation'),
    likely: cut(unique([...ofFinding('moderate'), ...inferred]), 'more inference'),
    possible: cut(
      unique([
        ...ofFinding('low'),
        ...services.filter(service => service.state === 'could').map(service => `${service.name} could be disrupted`),
      ]),
      'more possibility',
    ),
  }
}

function who({ attribution: { hypotheses, statement } }: Report): OnePage['who'] {
  const [first, ...others] = hypotheses
  if (!first) return { answer: 'Not assessed', detail: statement, others: [] }
  return {
    answer: `${sentence(first.likelihood)}: ${first.who}`,
    detail: statement,
    others: others.slice(0, MAX_OTHERS).map(other => `${other.who} (${other.likelihood})`),
  }
}

function unknown(report: Report, incidents: readonly ReportIncident[]): string[] {
  const ends = incidents.flatMap(incident => incident.trailEnds).map(({ at, why }) => unnamed(at, why))
  const spots = report.blindSpots.map(({ where, consequence }) => unnamed(where, consequence))
  // What stands among the blind spots too is one line.
  return [...new Set([...gathered(spots), ...gathered(ends)])].slice(0, MAX_UNKNOWN)
}

/** A sentence that names its place needs none before it. */
export function unnamed(where: string, what: string): { readonly where: string; readonly what: string } {
  const [first = ''] = what.split(/(?<=\.)\s/, 1)
  return { where: first.includes(where) ? '' : where, what }
}

/** The same thing unknown in several places is one line. */
export function gathered(items: readonly { readonly where: string; readonly what: string }[]): string[] {
  const places = new Map<string, string[]>()
  for (const { where, what } of items)
    places.set(what, [...(places.get(what) ?? []), ...(where && !places.get(what)?.includes(where) ? [where] : [])])
  return [...places].map(([what, where]) => (where.length > 0 ? `${listed(where, 4)}: ${what}` : what))
}
