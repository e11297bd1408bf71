import type { SecurityEvent } from '../../../model/index.ts'

/** What keywords are looked for in: the line of a text log as it is, the values of a record that has fields. */
export function keywordTexts({ original, series, product }: SecurityEvent): readonly string[] {
  // A text log's fields are pieces of its line, which keeps what stands between them.
  if (!series.startsWith('evtx|') && product !== 'zeek') {
    const text = original.text()
    if (!text.startsWith('{')) return [text]
  }
  const values: string[] = []
  for (const name of original.names()) {
    const value = original.get(name)
    if (value !== undefined) values.push(value)
  }
  return values.length > 0 ? values : [original.text()]
}
