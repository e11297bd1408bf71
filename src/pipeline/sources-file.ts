import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type DeclaredSource,
  type FactGuesses,
  type FactHints,
  factsFor,
  guessCollections,
  guessFacts,
  parseSourceOption,
  readSourcesYaml,
  type SourceEntry,
  withCollection,
  writeSourcesYaml,
} from '../evidence/index.ts'
import type { Diagnostic, Reader, SourceFacts } from '../model/index.ts'
import type { FoundItem } from './look.ts'
import { UsageError } from './usage-error.ts'
import { writeAtomically } from './write-files.ts'

const FILE = 'sources.yaml'

/** Facts of every item, and what is wrong with the statements about them. */
export interface KnownFacts {
  of(path: string): SourceFacts
  readonly diagnostics: readonly Diagnostic[]
}

/** Facts from guesses, then sources.yaml of the case, then `--source`, the later winning; writes them all back for the user to correct. */
export function settleFacts(caseDirectory: string, options: readonly string[], items: readonly FoundItem[]): KnownFacts {
  const { entries, ...facts } = factsSoFar(caseDirectory, options, items)
  // A file that cannot be read as it stands is left as it stands: it is the user's work.
  if (facts.diagnostics.length === 0) writeAtomically(join(caseDirectory, FILE), writeSourcesYaml(entries()))
  return facts
}

/** The same without a word written: for items of which more may come. */
export function factsSoFar(
  caseDirectory: string,
  options: readonly string[],
  items: readonly FoundItem[],
): KnownFacts & { entries(): readonly SourceEntry[] } {
  const file = join(caseDirectory, FILE)
  const { declared, diagnostics } = existsSync(file)
    ? readSourcesYaml(readFileSync(file, 'utf8'), FILE)
    : { declared: [], diagnostics: [] }
  const stated = declaredBy(options)
  const all = [...declared.filter(({ glob }) => !stated.some(other => other.glob === glob)), ...merged(declared, stated)]
  const guesses = guessesOf(items)
  return {
    of: path => factsFor(path, all, guesses.get(path) ?? {}),
    diagnostics,
    entries: () => entriesOf(all, guesses),
  }
}

/** The same where there is no case to keep them in: guesses and `--source` alone. */
export function statedFacts(options: readonly string[], items: readonly FoundItem[]): Pick<KnownFacts, 'of'> {
  const stated = declaredBy(options)
  const guesses = guessesOf(items)
  return { of: path => factsFor(path, stated, guesses.get(path) ?? {}) }
}

/** Facts with the wish to look into unused space, where the format can. */
export function factsToRead(facts: SourceFacts, reader: Reader | undefined, carve: boolean): SourceFacts {
  return carve && reader?.carves ? { ...facts, carve: true } : facts
}

function declaredBy(options: readonly string[]): readonly DeclaredSource[] {
  return options.map(option => {
    const source = parseSourceOption(option)
    if ('problem' in source)
      throw new UsageError(
        'hunt/bad-source',
        source.problem,
        "write for instance --source 'logs/web*.log=host:web01,zone:Pacific/Guam'",
      )
    return source
  })
}

/** `--source` for a pattern that sources.yaml has already changes that entry. */
function merged(declared: readonly DeclaredSource[], stated: readonly DeclaredSource[]): readonly DeclaredSource[] {
  return stated.map(({ glob, facts }) => ({ glob, facts: { ...declared.find(other => other.glob === glob)?.facts, ...facts } }))
}

function guessesOf(items: readonly FoundItem[]): ReadonlyMap<string, FactGuesses> {
  const folders = Map.groupBy(items, ({ path }) => path.slice(0, path.lastIndexOf('/') + 1))
  const collections = guessCollections(items.map(item => item.hints))
  const guesses = new Map<string, FactGuesses>()
  for (const siblings of folders.values()) {
    const hints: FactHints[] = siblings.map(item => item.hints)
    for (const item of siblings)
      if (item.reader) guesses.set(item.path, withCollection(guessFacts(item.hints, hints), item.hints, collections))
  }
  return guesses
}

function entriesOf(declared: readonly DeclaredSource[], guesses: ReadonlyMap<string, FactGuesses>): readonly SourceEntry[] {
  const entries: SourceEntry[] = declared.map(({ glob, facts }) => ({ glob, declared: facts, guesses: guesses.get(glob) ?? {} }))
  const named = new Set(entries.map(({ glob }) => glob))
  for (const [path, guess] of [...guesses].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    if (!named.has(path) && (guess.host || guess.zone || guess.year)) entries.push({ glob: path, declared: {}, guesses: guess })
  return entries
}
