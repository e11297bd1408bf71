import type { Confidence, EntityKind, Report, ReportIncident, Severity } from '../../model/index.ts'
import { MICROS_PER_SECOND, microsFromIso, severities } from '../../model/index.ts'

/** A text that is no time is never shown as one. */
const noTime = (text: string) => (text === '' ? '' : 'unknown time')

/** "2023-08-15 05:34:25" of an ISO time; '' stays ''. */
export function clock(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(iso)
  return match ? `${match[1]} ${match[2]}` : noTime(iso)
}

/** "2023-08-15 05:34", the short form where seconds say nothing. */
export function clockMinutes(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(iso)
  return match ? `${match[1]} ${match[2]}` : noTime(iso)
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** "15 August 2023", for people who do not read ISO dates. */
export function day(iso: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(iso)
  const month = MONTHS[Number(match?.[2]) - 1]
  return match && month ? `${Number(match[3])} ${month} ${match[1]}` : noTime(iso)
}

/** "15 Aug 05:34", for a diagram. */
export function dayAndClock(iso: string): string {
  const match = /^\d{4}-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(iso)
  const month = MONTHS[Number(match?.[1]) - 1]
  return match && month ? `${Number(match[2])} ${month.slice(0, 3)} ${match[3]}` : noTime(iso)
}

/** "3 days", "5 hours", "40 seconds": the largest whole unit of a span in seconds. */
export function span(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [31_557_600, 'year'],
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ]
  for (const [size, name] of units) {
    // Two years read better than 1 year for 23 months, so a unit is used from twice its size on, days and below from once.
    const enough = name === 'year' ? 2 * size : size
    if (seconds >= enough) return plural(Math.floor(seconds / size), name)
  }
  return 'less than a second'
}

/** Seconds since 1970 of an ISO time. */
export function secondsOf(iso: string): number | undefined {
  const time = microsFromIso(iso)
  return time === undefined ? undefined : time / MICROS_PER_SECOND
}

/** "1 host", "2 hosts", "3 entries". */
export function plural(
  count: number,
  noun: string,
  many = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`,
): string {
  return `${number(count)} ${count === 1 ? noun : many}`
}

/** "1,234,567": independent of the machine's locale. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+(?!\d))/g, ',')
}

/** "1.4 GB" in powers of 1000. */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']
  let rest = value
  let unit = 0
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000
    unit++
  }
  return `${unit === 0 || rest >= 99.5 ? Math.round(rest) : rest.toFixed(1)} ${units[unit]}`
}

/** "a, b and c", at most `limit` of them: "a, b and 4 more". */
export function listed(items: readonly string[], limit = 3): string {
  if (items.length <= 1) return items[0] ?? ''
  if (items.length <= limit) return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
  return `${items.slice(0, limit).join(', ')} and ${items.length - limit} more`
}

/** The first letter in upper case. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export const verdictWords: Readonly<Record<Report['verdict']['level'], string>> = {
  intrusion: 'Intrusion',
  suspicious: 'Suspicious',
  'nothing-found': 'Nothing found',
  'insufficient-evidence': 'Not enough evidence',
}

export const confidenceWords: Readonly<Record<Confidence, string>> = {
  low: 'low confidence',
  moderate: 'moderate confidence',
  high: 'high confidence',
}

export const entityWords: Readonly<Record<EntityKind, string>> = {
  'outside-address': 'outside address',
  relay: 'relay',
  'edge-device': 'edge device',
  host: 'host',
  account: 'account',
  file: 'file',
  'web-resource': 'web page',
  service: 'service',
  'critical-service': 'critical service',
}

/** Strongest first. */
export function bySeverity(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return severities.indexOf(b.severity) - severities.indexOf(a.severity)
}

/** Incidents strongest first; ties keep the order of the report. */
export function strongestIncidents(report: Report): readonly ReportIncident[] {
  return report.incidents.toSorted(bySeverity)
}
