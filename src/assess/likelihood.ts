import type { Likelihood } from '../model/index.ts'

/** Upper bounds of the ICD 203 words, weakest first (Intelligence Community Directive 203, one row of terms only). */
const WORDS: readonly (readonly [number, Likelihood])[] = [
  [0.05, 'almost no chance'],
  [0.2, 'very unlikely'],
  [0.45, 'unlikely'],
  [0.55, 'roughly even chance'],
  [0.8, 'likely'],
  [0.95, 'very likely'],
  [1, 'almost certain'],
]

/** The word for a probability, never stronger than `most`. */
export function likelihoodWord(probability: number, most: Likelihood = 'almost certain'): Likelihood {
  const word = WORDS.findIndex(([bound]) => probability <= bound)
  const cap = WORDS.findIndex(([, name]) => name === most)
  return WORDS[Math.min(word < 0 ? WORDS.length - 1 : word, cap < 0 ? WORDS.length - 1 : cap)]?.[1] ?? 'not assessed'
}
