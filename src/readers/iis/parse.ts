/** W3C extended log file format (w3.org/TR/WD-logfile.html) as Internet Information Services and HTTP.sys write it. */
export interface W3cLine {
  readonly layout: Layout
  /** Values in the order of the layout's fields, as logged. */
  readonly values: readonly string[]
}

/** What a "#Fields:" line says about the lines under it, worked out once. */
export interface Layout {
  readonly fields: readonly string[]
  readonly places: ReadonlyMap<string, number>
  readonly checks: readonly (readonly [place: number, shape: RegExp])[]
  /** Custom field with the forwarded client; '' when none. */
  readonly forwarded: string
}

/** Names under which administrators add the forwarded client. */
const FORWARDED = /^(?:x-forwarded-for|cs\(x-forwarded-for\)|originalip|x-real-ip|true-client-ip|cf-connecting-ip)$/i

/** The layout of a field list; the first field of a name counts. */
export function layoutOf(fields: readonly string[]): Layout {
  return {
    fields,
    places: new Map(fields.map((field, place): [string, number] => [field, place]).toReversed()),
    checks: fields.flatMap((field, place) => {
      const shape = SHAPES.get(field)
      return shape ? [[place, shape] as const] : []
    }),
    forwarded: fields.find(field => FORWARDED.test(field)) ?? '',
  }
}

/** Field names of a "#Fields:" line; undefined for any other line. */
export function fieldsDirective(line: string): readonly string[] | undefined {
  if (!/^#fields:/i.test(line)) return undefined
  return line
    .slice(8)
    .trim()
    .split(/\s+/)
    .filter(name => name !== '')
}

/** Date and time of a "#Date: 2013-07-30 00:00:00" line. */
export function dateDirective(line: string): { readonly date: string; readonly time: string } | undefined {
  const match = /^#date:\s*(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/i.exec(line)
  return match ? { date: match[1] ?? '', time: match[2] ?? '' } : undefined
}

const REQUEST_FIELDS = ['cs-method', 'cs-uri-stem', 'cs-uri', 'sc-status', 'c-ip', 's-ip']
/** Fields of other W3C logs with requests: proxies (Blue Coat, ISA) have their own meaning. */
const PROXY_FIELDS = /^(?:s-action|sc-filter-result|cs-uri-scheme|r-ip|r-host|s-hierarchy|cs-categories)$/

/** Is it the field list of a web server, and not of a proxy, a firewall or a mail server? */
export function isWebFields(fields: readonly string[]): boolean {
  if (fields.some(field => PROXY_FIELDS.test(field))) return false
  const known = REQUEST_FIELDS.filter(field => fields.includes(field)).length
  return known >= 3 && (fields.includes('cs-uri-stem') || fields.includes('cs-uri'))
}

/** What IIS 8.5 and later log when nobody changed it; for files whose head is lost. */
export const DEFAULT_FIELDS: readonly string[] = [
  'date',
  'time',
  's-ip',
  'cs-method',
  'cs-uri-stem',
  'cs-uri-query',
  's-port',
  'cs-username',
  'c-ip',
  'cs(User-Agent)',
  'cs(Referer)',
  'sc-status',
  'sc-substatus',
  'sc-win32-status',
  'time-taken',
]

/** A line in the default layout, strict enough to tell it from any other text. */
export function isDefaultLine(line: string): boolean {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [0-9a-fA-F.:%]+ [A-Z_]+ \S+ \S+ \d{1,5} \S+ [0-9a-fA-F.:%]+ \S+ \S+ \d{3} \d+ \d+ \d+$/.test(
    line,
  )
}

/** Values of one line; undefined when they do not fit the layout. */
export function parseW3cLine(line: string, layout: Layout): W3cLine | undefined {
  const { fields } = layout
  const words = line.split(' ')
  while (words.length > fields.length && words.at(-1) === '') words.pop()
  const values = words.length === fields.length ? words : words.length > fields.length ? repaired(words, fields) : undefined
  return values?.length === fields.length && layout.checks.every(([place, shape]) => shape.test(values[place] ?? ''))
    ? { layout, values }
    : undefined
}

/**
 * Lines with too many words are met in real logs: a user name logged as an empty word beside the real one, and text with spaces that an
 * application appended to the query (Response.AppendToLog).
 */
function repaired(words: readonly string[], fields: readonly string[]): readonly string[] | undefined {
  const filled = words.filter(word => word !== '')
  if (filled.length === fields.length) return filled
  const query = fields.indexOf('cs-uri-query')
  if (query < 0) return undefined
  const extra = words.length - fields.length
  return [...words.slice(0, query), words.slice(query, query + extra + 1).join(' '), ...words.slice(query + extra + 1)]
}

const SHAPES: ReadonlyMap<string, RegExp> = new Map([
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['time', /^\d\d:\d\d:\d\d(?:\.\d+)?$/],
  ['sc-status', /^(?:\d{3,4}|-)$/],
  ['s-port', /^(?:\d{1,5}|-)$/],
])

/** Value of a field by its logged name; '' when the log has no such field or the value is "-". */
export function fieldOf(line: W3cLine, field: string): string {
  const place = line.layout.places.get(field)
  const value = place === undefined ? undefined : line.values[place]
  return value === undefined || value === '-' ? '' : value
}
