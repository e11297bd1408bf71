import type { Action, BlindSpot, Report, ReportFinding, ServiceImpact, Severity } from '../../model/index.ts'
import { maskReport } from '../masked-report.ts'
import { actionWords } from '../plain/action-words.ts'
import { gathered, unnamed } from '../plain/one-page.ts'
import { visibleLine } from '../text/visible.ts'
import {
  bySeverity,
  bytes,
  clockMinutes,
  confidenceWords,
  listed,
  number,
  plural,
  strongestIncidents,
  verdictWords,
} from '../text/words.ts'
import { attackPath } from './attack-path.ts'
import { pad, wrap } from './cells.ts'
import { type Pen, penFor, severityTone, type TerminalOptions, type Tone } from './style.ts'

export type { TerminalOptions } from './style.ts'

/** A screen or two: what matters first, the rest is in the case. */
const MAX_FINDINGS = 12
const MAX_INCIDENTS = 3
const MAX_BLIND_SPOTS = 6
const MAX_ACTIONS = 8

const verdictTone: Readonly<Record<Report['verdict']['level'], Tone>> = {
  intrusion: 'loud',
  suspicious: 'yellow',
  'nothing-found': 'green',
  'insufficient-evidence': 'magenta',
}

/**
 * The report for a terminal: verdict, attack path, services, who it may be, strongest findings, blind spots, next steps, how much was understood.
 * Control characters and escapes from evidence are written out, never passed on.
 */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const pen = penFor(options)
  const safe = maskReport(report, MAX_FINDINGS, 1)
  return [
    ...verdictLines(safe, pen),
    ...incidentLines(safe, pen),
    ...serviceLines(safe, pen),
    ...whoLines(safe, pen),
    ...findingLines(safe, pen),
    ...blindSpotLines(safe, pen),
    ...actionLines(safe, pen),
    ...coverageLines(safe, pen),
  ].join('\n')
}

function heading(title: string, pen: Pen): string[] {
  return ['', pen.paint('bold', `${title} ${pen.glyphs.rule.repeat(Math.max(0, pen.width - title.length - 1))}`)]
}

/** Our or evidence text, made harmless, wrapped and indented. */
function paragraph(text: string, pen: Pen, indent = 0, tone?: Tone): string[] {
  return wrap(pen.plain(visibleLine(text)), pen.width - indent).map(
    line => ' '.repeat(indent) + (tone ? pen.paint(tone, line) : line),
  )
}

function verdictLines({ verdict }: Report, pen: Pen): string[] {
  const words = verdictWords[verdict.level].toUpperCase()
  return [
    `${pen.paint(verdictTone[verdict.level], ` ${words} `)} ${pen.paint('dim', confidenceWords[verdict.confidence])}`,
    ...paragraph(verdict.sentence, pen),
  ]
}

function incidentLines(report: Report, pen: Pen): string[] {
  const incidents = strongestIncidents(report)
  const lines = incidents
    .slice(0, MAX_INCIDENTS)
    .flatMap((incident, index) => [
      ...heading(incidents.length > 1 ? `Attack path ${index + 1} of ${incidents.length}` : 'Attack path', pen),
      ...paragraph(incident.title, pen, 0, 'bold'),
      '',
      ...attackPath(incident, pen),
    ])
  if (incidents.length > MAX_INCIDENTS)
    lines.push(pen.paint('dim', `and ${plural(incidents.length - MAX_INCIDENTS, 'more incident')} in report.html`))
  return lines
}

const MAX_SERVICES = 6
const STATES: readonly ServiceImpact['state'][] = ['did', 'could', 'not reached']
const stateTone: Readonly<Record<ServiceImpact['state'], Tone>> = { did: 'red', could: 'yellow', 'not reached': 'green' }
const stateWords: Readonly<Record<ServiceImpact['state'], string>> = {
  did: 'reached',
  could: 'could be',
  'not reached': 'not',
}

function serviceLines({ impact: { services } }: Report, pen: Pen): string[] {
  if (services.length === 0) return []
  const shown = services.toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state)).slice(0, MAX_SERVICES)
  const rest = services.length - shown.length
  return [
    ...heading('Services it reached or could reach', pen),
    ...shown.flatMap(({ name, state, why }) => {
      const [first = '', ...more] = wrap(pen.plain(visibleLine(`${name}. ${why}`)), pen.width - 9)
      return [
        `${pen.paint(stateTone[state], pad(stateWords[state], 8))} ${first}`,
        ...(state === 'not reached' ? [] : more.map(line => ' '.repeat(9) + line)),
      ]
    }),
    ...(rest > 0 ? [pen.paint('dim', `  and ${number(rest)} more in report.html`)] : []),
  ]
}

/** Who it may be is asked only where somebody was in. */
function whoLines(report: Report, pen: Pen): string[] {
  if (report.incidents.length === 0 || report.attribution.statement === '') return []
  return [...heading('Who it may be', pen), ...paragraph(report.attribution.statement, pen)]
}

function severityTag(severity: Severity, pen: Pen): string {
  return pen.paint(severityTone[severity], pad(severity === 'informational' ? 'info' : severity, 8))
}

function findingLines(report: Report, pen: Pen): string[] {
  if (report.findings.length === 0) return []
  const strongest = report.findings.toSorted(bySeverity)
  const shown = strongest.filter((finding, index) => index < MAX_FINDINGS && (finding.severity !== 'informational' || index < 3))
  const lines = shown.flatMap(finding => oneFinding(finding, pen))
  const rest = report.findings.length - shown.length
  return [
    ...heading('Findings, strongest first', pen),
    ...lines,
    ...(rest > 0 ? [pen.paint('dim', `  and ${number(rest)} more in report.html`)] : []),
  ]
}

function oneFinding(finding: ReportFinding, pen: Pen): string[] {
  const [first = '', ...more] = wrap(pen.plain(visibleLine(finding.title)), pen.width - 9)
  const seen = finding.firstTime
    ? `${clockMinutes(finding.firstTime)}${finding.count > 1 ? `, ${number(finding.count)} times` : ''}`
    : ''
  const record = finding.evidence[0]
  const where = record ? `${record.path} record ${record.record}${record.carved ? ', carved' : ''}` : ''
  return [
    `${severityTag(finding.severity, pen)} ${first}`,
    ...more.map(line => ' '.repeat(9) + line),
    ...paragraph([seen, listed(finding.techniques, 4)].filter(Boolean).join('  '), pen, 9, 'dim'),
    ...(where ? paragraph(where, pen, 9, 'dim').slice(0, 3) : []),
  ]
}

function blindSpotLines({ blindSpots }: Report, pen: Pen): string[] {
  if (blindSpots.length === 0) return []
  const lines = gathered(blindSpots.map(saidOnce))
  return [
    ...heading('What we could not see', pen),
    ...lines.slice(0, MAX_BLIND_SPOTS).flatMap(line => bulleted(line, pen)),
    ...(lines.length > MAX_BLIND_SPOTS ? [pen.paint('dim', `  and ${lines.length - MAX_BLIND_SPOTS} more in report.html`)] : []),
  ]
}

/** Neither what is missing nor where is said again when the sentence about it begins with the one and names the other. */
function saidOnce({ what, where, consequence }: BlindSpot): { readonly where: string; readonly what: string } {
  return unnamed(where, consequence.startsWith(what) ? consequence : `${what}. ${consequence}`)
}

function bulleted(text: string, pen: Pen): string[] {
  return paragraph(text, pen, 2).map((line, index) => (index === 0 ? `${pen.glyphs.bullet} ${line.slice(2)}` : line))
}

function actionLines({ actions }: Report, pen: Pen): string[] {
  if (actions.length === 0) return []
  const line = (action: Action) => {
    const label = pad(actionWords[action.kind].short, 9)
    const [first = '', ...more] = wrap(pen.plain(visibleLine(action.what)), pen.width - 13)
    return [
      `${String(action.order).padStart(2)}  ${pen.paint('bold', label)}${first}`,
      ...more.map(text => ' '.repeat(13) + text),
      ...(action.doNot ? paragraph(action.doNot, pen, 13, 'yellow') : []),
    ]
  }
  return [
    ...heading('What to do next, in this order', pen),
    ...actions.slice(0, MAX_ACTIONS).flatMap(line),
    ...(actions.length > MAX_ACTIONS ? [pen.paint('dim', `  and ${actions.length - MAX_ACTIONS} more in report.html`)] : []),
  ]
}

const SHOWN_COMPLAINTS = 6

/** What is amiss with items, alike ones together; the report has all of them, this is what nobody must overlook. */
function complaintLines({ generatedFrom: { evidence } }: Report, pen: Pen): string[] {
  const complaints = evidence.flatMap(item =>
    item.diagnostics.filter(({ level }) => level !== 'note').map(diagnostic => ({ path: item.path, ...diagnostic })),
  )
  const alike = [...Map.groupBy(complaints, ({ code }) => code).values()]
  const lines = alike.slice(0, SHOWN_COMPLAINTS).flatMap(([first, ...more]) => {
    if (!first) return []
    const others = more.length === 0 ? '' : ` and ${plural(more.length, 'more item')}`
    const hint = first.hint === undefined ? '' : ` Try: ${first.hint}`
    return bulleted(`${first.path}${others}: ${first.message}.${hint}`, pen)
  })
  const left = alike.length - SHOWN_COMPLAINTS
  return [...lines, ...(left > 0 ? paragraph(`  and ${left} more in report.html`, pen) : [])]
}

function coverageLines(report: Report, pen: Pen): string[] {
  const { coverage } = report
  const areas = Object.entries(coverage.areas)
  const missing = areas.filter(([, covered]) => !covered).map(([name]) => name)
  const unread = coverage.itemsNotRead + coverage.itemsUnknown
  return [
    ...heading('How much was understood', pen),
    ...paragraph(
      `${number(coverage.itemsRead)} of ${plural(coverage.items, 'item')} read (${bytes(coverage.bytesRead)} of ${bytes(coverage.bytes)}), ${plural(coverage.records, 'record')}, ${plural(coverage.events, 'event')}.${unread > 0 ? ` Not read: ${number(coverage.itemsNotRead)}, unknown: ${number(coverage.itemsUnknown)}.` : ''}`,
      pen,
    ),
    ...paragraph(
      missing.length > 0 ? `No evidence for: ${missing.join(', ')}.` : 'Log-ons, processes, web and network are all covered.',
      pen,
    ),
    ...complaintLines(report, pen),
    ...(coverage.baseline ? paragraph(coverage.baseline.sentence, pen) : []),
    ...(coverage.partial
      ? paragraph('This is a partial result: the hunt was ended before everything was read and judged.', pen, 0, 'yellow')
      : []),
    '',
  ]
}
