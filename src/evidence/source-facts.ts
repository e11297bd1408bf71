import type { SourceFacts } from '../model/index.ts'

/** Facts somebody stated for all paths that match a pattern. */
export interface DeclaredSource {
  readonly glob: string
  readonly facts: SourceFacts
}

/** A fact nobody stated, with what it was concluded from. */
export interface Guess<Value> {
  readonly value: Value
  readonly reason: string
}

/** Guessed facts of one item. */
export interface FactGuesses {
  readonly host?: Guess<string>
  readonly zone?: Guess<string>
  readonly year?: Guess<number>
  /** Where the item lay on its machine, as its collection keeps it: no guess, and nothing to correct. */
  readonly originalPath?: string
}

/** What is wrong with a stated fact, in words for the person who typed it. */
export interface SourceProblem {
  readonly problem: string
}

const EXAMPLE = "for instance --source 'logs/web*.log=host:web01,zone:Pacific/Guam,year:2023'"

/** Reads the value of `--source`: "GLOB=host:web01,zone:Pacific/Guam,year:2023". */
export function parseSourceOption(text: string): DeclaredSource | SourceProblem {
  // The last "=" that facts follow: a path may hold one too.
  const match = /^(.+)=([^=]*)$/s.exec(text)
  if (!match) return { problem: `--source "${text}" has no "=": write GLOB=FACTS, ${EXAMPLE}` }
  const [, glob = '', list = ''] = match
  const facts: { host?: string; zone?: string; year?: number } = {}
  for (const pair of list.split(',').map(part => part.trim())) {
    if (pair === '') continue
    const colon = pair.indexOf(':')
    if (colon < 0) return { problem: `--source fact "${pair}" has no ":": write host:NAME, zone:ZONE or year:YEAR, ${EXAMPLE}` }
    const fact = readFact(pair.slice(0, colon).trim(), pair.slice(colon + 1).trim())
    if ('problem' in fact) return { problem: `--source ${fact.problem}` }
    Object.assign(facts, fact)
  }
  if (Object.keys(facts).length === 0) return { problem: `--source "${text}" states nothing: add host, zone or year, ${EXAMPLE}` }
  return { glob: glob.trim(), facts }
}

/** One stated fact; the same rules for the command line and sources.yaml. */
export function readFact(name: string, value: string): SourceFacts | SourceProblem {
  switch (name) {
    case 'host':
      return /^[^\s,]{1,253}$/.test(value)
        ? { host: value.toLowerCase() }
        : { problem: `host "${value}" is not a name or address` }
    case 'zone': {
      const zone = knownZone(value)
      return zone === undefined
        ? { problem: `zone "${value}" is not known: write an IANA name such as Pacific/Guam, or an offset such as +10:00` }
        : { zone }
    }
    case 'year': {
      const year = Number(value)
      return /^\d{4}$/.test(value) && year >= 1970
        ? { year }
        : { problem: `year "${value}" is not a year: write the four digits of the year of the first record` }
    }
    default:
      return { problem: `fact "${name}" is not known: the facts are host, zone and year` }
  }
}

/** The zone as the rest of the program takes it ("Pacific/Guam", "+10:00", "UTC"); undefined when it is none. */
function knownZone(value: string): string | undefined {
  if (/^(?:utc|z|gmt)$/i.test(value)) return 'UTC'
  const offset = /^([+-])(\d{1,2}):?(\d\d)?$/.exec(value)
  if (offset) {
    const [, sign = '+', hours = '', minutes = '00'] = offset
    return Number(hours) <= 14 && Number(minutes) < 60 ? `${sign}${hours.padStart(2, '0')}:${minutes}` : undefined
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone
  } catch {
    return undefined // RangeError: no such zone
  }
}

/** The facts of a path: guesses, then every statement that matches it, later ones winning. */
export function factsFor(path: string, declared: readonly DeclaredSource[], guesses: FactGuesses): SourceFacts {
  const facts: {
    host?: string
    zone?: string
    year?: number
    originalPath?: string
    columns?: Readonly<Record<string, string>>
  } = {}
  if (guesses.originalPath !== undefined) facts.originalPath = guesses.originalPath
  if (guesses.host) facts.host = guesses.host.value
  if (guesses.zone) facts.zone = guesses.zone.value
  if (guesses.year) facts.year = guesses.year.value
  for (const { glob, facts: stated } of declared) if (matchesGlob(path, glob)) Object.assign(facts, stated)
  return facts
}

/**
 * Does a pattern mean this path? `*` and `?` stay within a name, `**` crosses folders, `[abc]` and `{a,b}` as in a shell. A pattern may
 * begin at any folder and may name a folder or an archive, which then means everything in it. Capital letters do not matter: evidence
 * of Windows machines is copied with either.
 */
export function matchesGlob(path: string, glob: string): boolean {
  const begin = glob.replace(/^(?:\.{0,2}\/)+/, '').replace(/\/+$/, '')
  if (begin === '') return false
  return new RegExp(`(?:^|/)(?:${globSource(begin)})(?:$|/|!/)`, 'is').test(path)
}

function globSource(glob: string): string {
  let source = ''
  let braces = 0
  for (let i = 0; i < glob.length; i++) {
    const char = glob.charAt(i)
    if (char === '*') {
      // Runs of stars say no more than two of them, and would only make the search slow.
      let stars = 1
      while (glob.charAt(i + 1) === '*') {
        stars++
        i++
      }
      source += stars > 1 ? '.*' : '[^/]*'
    } else if (char === '?') source += '[^/]'
    else if (char === '[' && glob.indexOf(']', i + 2) > 0) {
      const close = glob.indexOf(']', i + 2)
      source += classSource(glob.slice(i + 1, close))
      i = close
    } else if (char === '{' && glob.indexOf('}', i) > 0) {
      source += '(?:'
      braces++
    } else if (char === '}' && braces > 0) {
      source += ')'
      braces--
    } else if (char === ',' && braces > 0) source += '|'
    else source += char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  }
  return source + ')'.repeat(braces)
}

/** The characters of "[a-z]" or "[!a]"; a range that runs backwards is its three characters. */
function classSource(inside: string): string {
  const negated = inside.startsWith('!')
  const escaped = (char: string) => char.replace(/[\\\]^[-]/, '\\$&')
  const body = (negated ? inside.slice(1) : inside).replace(/(.)-(.)|./gs, (found, from?: string, to?: string) =>
    from === undefined || to === undefined || from > to ? [...found].map(escaped).join('') : `${escaped(from)}-${escaped(to)}`,
  )
  return `[${negated ? '^/' : ''}${body}]`
}
