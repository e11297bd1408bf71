import type { RefusedRule, RuleFile } from '../../model/index.ts'
import { readSettings, wordsOf } from './settings-file.ts'

/** Values of placeholders by name, as the user's file gives them. */
export type Placeholders = ReadonlyMap<string, readonly string[]>

/** More texts than this from one value ("%a%%b%%c%") is a mistake. */
const MAX_EXPANSIONS = 10_000
const PLACEHOLDER = /\\%|%([\p{L}\p{N}_.-]+)%/gu

/** Why a value could not be expanded. */
export class PlaceholderError extends Error {}

/**
 * All texts a value with placeholders stands for (modifier expand): `%name%` is each of its values, which may hold wildcards; `\%` is a
 * percent sign. A placeholder without values is an error: a rule must not be used with a hole in it.
 */
export function expandPlaceholders(text: string, placeholders: Placeholders): readonly string[] {
  let forms = ['']
  let last = 0
  const append = (values: readonly string[]): void => {
    if (forms.length * values.length > MAX_EXPANSIONS)
      throw new PlaceholderError(`the placeholders make more than ${MAX_EXPANSIONS} values`)
    forms = forms.flatMap(form => values.map(value => form + value))
  }
  for (const match of text.matchAll(PLACEHOLDER)) {
    append([text.slice(last, match.index)])
    last = match.index + match[0].length
    const name = match[1]
    if (name === undefined) append(['%'])
    else {
      const values = placeholders.get(name)
      if (values === undefined || values.length === 0)
        throw new PlaceholderError(`placeholder %${name}% has no values; give them with --placeholders FILE`)
      append(values)
    }
  }
  append([text.slice(last)])
  return forms
}

/** Reads a file of placeholders: a YAML map, name to a value or a list of values; the name with or without its percent signs. */
export function readPlaceholders(file: RuleFile): {
  readonly placeholders: Placeholders
  readonly problems: readonly RefusedRule[]
} {
  const placeholders = new Map<string, readonly string[]>()
  const problems = readSettings(file, 'placeholders are a map: name to a value or a list of values', (map, _source, attempt) => {
    for (const entry of map.entries) attempt(() => placeholders.set(entry.key.replace(/^%(.+)%$/, '$1'), wordsOf(entry)))
  })
  return { placeholders, problems }
}
