import { canonicalAddress, MICROS_PER_SECOND } from '../../model/index.ts'

export type Fields = Readonly<Record<string, string>>

/** A field in lower case; '' when absent or "N/A". */
export function word(fields: Fields, name: string): string {
  return said(fields, name).toLowerCase()
}

/** A field as logged; '' when absent or "N/A", which is how FortiOS writes nothing. */
export function said(fields: Fields, name: string): string {
  const value = fields[name] ?? ''
  return value === 'N/A' || value === '(null)' ? '' : value
}

/** A whole number; undefined when the field has none. */
export function numberOf(fields: Fields, name: string): number | undefined {
  const value = fields[name] ?? ''
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

export function addressOf(fields: Fields, name: string): string {
  return canonicalAddress(said(fields, name))
}

/** Seconds as microseconds. */
export function durationOf(fields: Fields): number | undefined {
  const seconds = numberOf(fields, 'duration')
  return seconds === undefined ? undefined : seconds * MICROS_PER_SECOND
}
