import { InvalidArgumentError } from 'commander'
import { MICROS_PER_DAY, type Micros, micros, microsFromIso, type Severity, severities } from '../model/index.ts'

const DATE = /^\d{4}-\d\d-\d\d$/

/** A date (its first moment, UTC) or a date-time. */
export function beginningOf(text: string): Micros {
  return momentOf(text)
}

/** A date (its last moment, UTC) or a date-time. */
export function endOf(text: string): Micros {
  return DATE.test(text) ? micros(momentOf(text) + MICROS_PER_DAY) : momentOf(text)
}

function momentOf(text: string): Micros {
  const moment = microsFromIso(DATE.test(text) ? `${text}T00:00:00Z` : text.replace(/^(\S{10}[T ]\d\d:\d\d)(?!:)/, '$1:00'))
  if (moment === undefined)
    throw new InvalidArgumentError('write a date or time such as 2023-08-15, 2023-08-15T14:30 or 2023-08-15T14:30:00+10:00.')
  return moment
}

/** From one moment to another. */
export interface Span {
  readonly from: Micros
  readonly to: Micros
}

/** "FROM..TO"; a date as end means its last moment. */
export function spanOf(text: string): Span {
  const [from = '', to = '', more] = text.split('..')
  if (from === '' || to === '' || more !== undefined)
    throw new InvalidArgumentError('write FROM..TO, such as 2023-01-01..2023-03-31.')
  const span = { from: beginningOf(from), to: endOf(to) }
  if (span.to <= span.from) throw new InvalidArgumentError('the end lies before the beginning.')
  return span
}

/** A severity in Sigma's words. */
export function severityOf(text: string): Severity {
  const severity = severities.find(word => word === text.toLowerCase())
  if (!severity) throw new InvalidArgumentError(`choose one of ${severities.join(', ')}.`)
  return severity
}

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > 1e9)
      throw new InvalidArgumentError(`write a whole number of at least ${least}.`)
    return value
  }
}

/** Options that may be given several times. */
export function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}
