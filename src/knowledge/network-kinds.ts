/** What networks say of themselves in PeeringDB, by the number of the autonomous system. */
export interface NetworkKinds {
  /** Newest change in the list, yyyy-mm-dd. */
  readonly date: string
  readonly kinds: readonly (readonly [asn: number, kind: string])[]
}

/** Words of PeeringDB (field `info_type` of a network, peeringdb.com/apidocs), and what they say of a line; others say nothing of it. */
const MEANINGS: Readonly<Record<string, string>> = {
  'Cable/DSL/ISP': 'lines of homes and offices',
  Enterprise: 'a business',
  Content: 'servers: content and hosting',
  NSP: 'a carrier with customers of all kinds',
  'Educational/Research': 'schools and research',
  Government: 'an authority',
}

/** Looks a text like what the interface of PeeringDB gives out, or a daily dump of it? */
export function isPeeringDb(text: string): boolean {
  const head = text.slice(0, 262_144)
  return /^\s*\{/.test(head) && /"info_types?"\s*:/.test(head) && /"asn"\s*:/.test(head)
}

/** Reads `/api/net` of PeeringDB, or a dump with all of its tables; undefined when it is none. */
export function peeringDbKinds(text: string): NetworkKinds | undefined {
  const rows = rowsOf(text)
  const kinds = new Map<number, string>()
  let date = ''
  for (const row of rows) {
    if (typeof row !== 'object' || row === null) continue
    const { asn, info_type: kind, updated } = row as Readonly<Record<string, unknown>>
    if (typeof asn !== 'number' || typeof kind !== 'string' || !Object.hasOwn(MEANINGS, kind)) continue
    kinds.set(asn, kind)
    if (typeof updated === 'string' && /^\d{4}-\d\d-\d\d/.test(updated) && updated.slice(0, 10) > date)
      date = updated.slice(0, 10)
  }
  return kinds.size === 0 ? undefined : { date, kinds: [...kinds].toSorted(([a], [b]) => a - b) }
}

function rowsOf(text: string): readonly unknown[] {
  try {
    const whole: unknown = JSON.parse(text)
    const tables = [whole, field(whole, 'net')].map(table => field(table, 'data'))
    return tables.find(Array.isArray) ?? []
  } catch (error) {
    // What is cut or is no JSON is no list of networks.
    if (error instanceof SyntaxError) return []
    throw error
  }
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

/** "listed as Cable/DSL/ISP (lines of homes and offices) in PeeringDB of 2026-01-02"; '' for a word that says nothing of a line. */
export function kindWords(kind: string | undefined, date: string): string {
  const meaning = kind === undefined || !Object.hasOwn(MEANINGS, kind) ? undefined : MEANINGS[kind]
  return meaning === undefined ? '' : `listed as ${kind} (${meaning}) in PeeringDB${date === '' ? '' : ` of ${date}`}`
}
