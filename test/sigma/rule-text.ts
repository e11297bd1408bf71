import { readSigma } from '../../src/rules/sigma/document.ts'
import { evaluate } from '../../src/rules/sigma/evaluate.ts'
import type { Placeholders } from '../../src/rules/sigma/placeholders.ts'
import type { RuleRecord } from '../../src/rules/sigma/rule-record.ts'

/** Fields of a made-up record; a list is a field with several values. */
export type Fields = Readonly<Record<string, string | readonly string[]>>

/** A whole rule around a detection. */
export const ruleText = (detection: string, head = 'title: T'): string =>
  `${head}\nlogsource:\n  product: windows\ndetection:\n${detection.replace(/^/gm, '  ')}\n`

/** A record that has these fields and no others. */
export const recordOf = (fields: Fields): RuleRecord => ({
  get: field => (Object.hasOwn(fields, field) ? fields[field] : undefined),
  values: () => Object.values(fields).flat(),
})

/** Does the detection, written as YAML, hold for the fields? A rule that is refused is an error. */
export function holdsFor(detection: string, fields: Fields, placeholders?: Placeholders): boolean {
  const { rules, refused } = readSigma([{ path: 'r.yml', text: ruleText(detection) }], placeholders)
  const [rule] = rules
  if (rule === undefined) throw new Error(`refused: ${refused[0]?.reason}`)
  return evaluate(rule.detection, recordOf(fields))
}

/** Why the detection is refused, as "line:column reason"; line 1 is the first of the detection. */
export function refusalOf(detection: string, placeholders?: Placeholders): string {
  const { rules, refused } = readSigma([{ path: 'r.yml', text: ruleText(detection) }], placeholders)
  const [first] = refused
  return rules.length > 0 || first === undefined ? 'loaded' : `${first.line - 4}:${first.column - 2} ${first.reason}`
}

/** What is doubtful about it. */
export const notesOf = (detection: string): readonly string[] =>
  readSigma([{ path: 'r.yml', text: ruleText(detection) }]).notes.map(({ message }) => message)
