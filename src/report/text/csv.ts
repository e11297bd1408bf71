import { visible } from './visible.ts'

/** A cell of a CSV file: always quoted (RFC 4180), and inert for a spreadsheet that would run it as a formula (OWASP: CSV injection). */
export function csvCell(text: string): string {
  const shown = visible(text)
  const inert = /^\s*[=+\-@|%]/.test(shown) ? `'${shown}` : shown
  return `"${inert.replaceAll('"', '""')}"`
}
