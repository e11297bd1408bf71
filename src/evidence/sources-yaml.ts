import { parseDocument, stringify } from 'yaml'
import type { Diagnostic, SourceFacts } from '../model/index.ts'
import { type DeclaredSource, type FactGuesses, readFact } from './source-facts.ts'

/** One entry of sources.yaml: what is stated, and what was guessed with the reason. */
export interface SourceEntry {
  readonly glob: string
  readonly declared: SourceFacts
  readonly guesses: FactGuesses
}

const HEADER = `# Facts the evidence cannot carry itself, one entry for each path or pattern:
#   host  the machine whose log it is
#   zone  its time zone, an IANA name such as Pacific/Guam or an offset such as +10:00 (without one: UTC)
#   year  the year of the FIRST record of a log that writes no years
#   columns  for a table: what its columns mean, columns: { time: NAME, srcIp: NAME, user: NAME, kind: authentication },
#            and where day and month could change places: dates: day-first
# "guessed" repeats a guess with its reason. Correct a value above it, or add an entry: what differs from its guess counts
# as stated by you and wins. --source on the command line wins over this file. Comments of your own are not kept.
`

const FACTS = ['host', 'zone', 'year'] as const
/** A value and its reason in one line, so that a corrected value can be told from a guess that was left alone. */
const guessText = (value: string | number, reason: string) => `${value} (${reason})`

/** The text of sources.yaml. */
export function writeSourcesYaml(entries: readonly SourceEntry[]): string {
  const sources = entries.map(({ glob, declared, guesses }) => {
    const entry: Record<string, unknown> = { path: glob }
    const guessed: Record<string, string> = {}
    for (const fact of FACTS) {
      const guess = guesses[fact]
      const value = declared[fact] ?? guess?.value
      if (value !== undefined) entry[fact] = value
      if (guess) guessed[fact] = guessText(guess.value, guess.reason)
    }
    if (declared.columns) entry['columns'] = declared.columns
    return Object.keys(guessed).length > 0 ? { ...entry, guessed } : entry
  })
  return HEADER + stringify({ sources }, { lineWidth: 0 })
}

/** What a sources.yaml states; guesses left as they were are not statements, for the next hunt may know better. */
export function readSourcesYaml(
  text: string,
  path = 'sources.yaml',
): { readonly declared: readonly DeclaredSource[]; readonly diagnostics: readonly Diagnostic[] } {
  const document = parseDocument(text, { prettyErrors: true })
  const diagnostics: Diagnostic[] = []
  const problem = (message: string) =>
    diagnostics.push({
      kind: 'diagnostic',
      code: 'evidence/bad-sources-yaml',
      level: 'error',
      message,
      hint: 'Correct the entry, or delete the file: the next hunt writes it anew.',
      path,
    })
  if (document.errors.length > 0) {
    problem(`it is not YAML: ${document.errors[0]?.message ?? ''}`)
    return { declared: [], diagnostics }
  }
  const root: unknown = plain(document)
  const list = isObject(root) ? root['sources'] : root === null || root === undefined ? [] : undefined
  if (!Array.isArray(list)) {
    problem('it has no list "sources"')
    return { declared: [], diagnostics }
  }
  const declared: DeclaredSource[] = []
  for (const [index, entry] of list.entries()) {
    const glob = isObject(entry) && typeof entry['path'] === 'string' ? entry['path'] : ''
    if (!isObject(entry) || glob === '') {
      problem(`entry ${index + 1} of "sources" has no "path"`)
      continue
    }
    const guessed = isObject(entry['guessed']) ? entry['guessed'] : {}
    const facts: SourceFacts = {}
    for (const fact of FACTS) {
      const value = entry[fact]
      if (value === undefined || value === null || value === '') continue
      if (typeof guessed[fact] === 'string' && guessed[fact].startsWith(`${String(value)} (`)) continue
      const read = readFact(fact, String(value))
      if ('problem' in read) problem(`entry ${index + 1} (${glob}): ${read.problem}`)
      else Object.assign(facts, read)
    }
    const columns = columnsOf(entry['columns'])
    if (columns === undefined)
      problem(`entry ${index + 1} (${glob}): "columns" is no list of names, write columns: { time: NAME, srcIp: NAME }`)
    else if (Object.keys(columns).length > 0) Object.assign(facts, { columns })
    if (Object.keys(facts).length > 0) declared.push({ glob, facts })
  }
  return { declared, diagnostics }
}

/** What each column of a table means, as the user wrote it; undefined when it is no list of names. */
function columnsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) return undefined
  const pairs = Object.entries(value)
  return pairs.every(([, name]) => typeof name === 'string' || typeof name === 'number')
    ? Object.fromEntries(pairs.map(([role, name]) => [role, String(name)]))
    : undefined
}

function plain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    return error instanceof Error ? error.message : String(error) // too many aliases: then it has no list either
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
