import type { SigmaRule } from './ast.ts'
import { missingFields } from './blindness.ts'
import { logSourceText } from './lint.ts'
import { type EventKey, viewsAmong } from './log-source/index.ts'

/** Rules that cannot see in any record of the evidence what they look for. */
export interface BlindRules {
  /** How the records are seen: "security-4688 as process_creation". */
  readonly view: string
  readonly fields: readonly string[]
  readonly rules: readonly Pick<SigmaRule, 'id' | 'title'>[]
}

/** What rules could do with evidence of these keys. */
export interface RuleCoverage {
  readonly rules: number
  /** Rules that had records of their log source, with the fields they need. */
  readonly applied: number
  readonly blind: readonly BlindRules[]
  /** Log sources of rules that the evidence has no record of, the most rules first. */
  readonly absent: readonly { readonly logSource: string; readonly rules: number }[]
}

/** Tells rules that were quiet from rules that could not have spoken. */
export function ruleCoverage(rules: readonly SigmaRule[], keys: readonly EventKey[]): RuleCoverage {
  const blind = new Map<string, { readonly view: string; readonly fields: readonly string[]; readonly rules: SigmaRule[] }>()
  const absent = new Map<string, number>()
  const views = new Map<string, ReturnType<typeof viewsAmong>>()
  let applied = 0
  for (const rule of rules) {
    const source = logSourceText(rule)
    const present = views.get(source) ?? viewsAmong(rule.logSource, keys)
    views.set(source, present)
    if (present.length === 0) {
      absent.set(source, (absent.get(source) ?? 0) + 1)
      continue
    }
    const missing = present.map(view => ({ view: view.id, fields: missingFields(rule.detection, view) }))
    if (missing.some(({ fields }) => fields.length === 0)) {
      applied += 1
      continue
    }
    for (const { view, fields } of missing) {
      const name = `${view}\n${fields.join(' ')}`
      const group = blind.get(name) ?? { view, fields, rules: [] }
      group.rules.push(rule)
      blind.set(name, group)
    }
  }
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return {
    rules: rules.length,
    applied,
    blind: [...blind.values()]
      .map(group => ({
        ...group,
        rules: group.rules
          .map(({ id, title }) => ({ id, title }))
          .sort((a, b) => compare(a.title, b.title) || compare(a.id, b.id)),
      }))
      .sort((a, b) => b.rules.length - a.rules.length || compare(a.view, b.view) || compare(a.fields.join(), b.fields.join())),
    absent: [...absent]
      .map(([logSource, count]) => ({ logSource, rules: count }))
      .sort((a, b) => b.rules - a.rules || compare(a.logSource, b.logSource)),
  }
}
