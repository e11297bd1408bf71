import type { Condition, SigmaHead, SigmaRule } from './ast.ts'
import { missingFields } from './blindness.ts'
import type { RuleNote, SigmaDocuments } from './document.ts'
import { gateOf, viewsOf } from './log-source/index.ts'

/** What is said about a rule that is loaded all the same. */
export interface LintNote extends RuleNote {
  readonly code: string
}

/** Rules of a log source that no reader gives. */
export interface UnreadSource {
  readonly logSource: string
  readonly rules: number
}

/** What a log source cannot show, and which rules would need it. */
export interface BlindSource {
  readonly view: string
  readonly fields: readonly string[]
  readonly rules: number
}

/** Everything `rules check` says beside what is refused. */
export interface LintReport {
  readonly notes: readonly LintNote[]
  /** Log sources of loaded rules that Barograph does not read. */
  readonly unread: readonly UnreadSource[]
  /** Sorts of record that belong to the log source of rules, but lack the fields these need. */
  readonly blind: readonly BlindSource[]
}

/** "process_creation/windows/": category, product and service as a rule names them. */
export function logSourceText({ logSource: { category = '', product = '', service = '' } }: SigmaRule): string {
  return `${category}/${product}/${service}`
}

/** Looks at rules as a careful colleague would. */
export function lint(documents: SigmaDocuments): LintReport {
  const { rules, notes } = documents
  const unread = new Map<string, number>()
  const blind = new Map<string, { readonly view: string; readonly fields: readonly string[]; rules: number }>()
  const own: LintNote[] = notes.map(note => ({ ...note, code: 'rules/note' }))
  for (const rule of rules) {
    const { standing } = gateOf(rule.logSource)
    if (standing === 'no-reader') unread.set(logSourceText(rule), (unread.get(logSourceText(rule)) ?? 0) + 1)
    own.push(...notesOf(rule))
    const views = viewsOf(rule.logSource)
    const missing = views.map(view => missingFields(rule.detection, view))
    for (const [index, fields] of missing.entries()) {
      const view = views[index]
      if (!view || fields.length === 0) continue
      const name = `${view.id}\n${fields.join(' ')}`
      const entry = blind.get(name) ?? { view: view.id, fields, rules: 0 }
      entry.rules += 1
      blind.set(name, entry)
    }
    const [first = []] = missing
    if (missing.length > 0 && missing.every(fields => fields.length > 0))
      own.push(note(rule, 'rules/cannot-see', `no log of its log source has the field ${first.join(', ')}: it can never match`))
  }
  own.push(
    ...duplicates([...rules, ...documents.correlations.map(({ head }) => head), ...documents.filters.map(({ head }) => head)]),
  )
  return {
    notes: own.sort(byPlace),
    unread: [...unread]
      .map(([logSource, count]) => ({ logSource, rules: count }))
      .sort((a, b) => compare(a.logSource, b.logSource)),
    blind: [...blind.values()].sort(
      (a, b) => compare(a.view, b.view) || b.rules - a.rules || compare(a.fields.join(), b.fields.join()),
    ),
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function notesOf(rule: SigmaRule): readonly LintNote[] {
  const notes: LintNote[] = []
  if (rule.id === '') notes.push(note(rule, 'rules/no-id', 'the rule has no id; hits, tuning and correlations go by its title'))
  else if (!UUID.test(rule.id)) notes.push(note(rule, 'rules/odd-id', `the id "${rule.id}" is no UUID`))
  if (!rule.levelStated) notes.push(note(rule, 'rules/no-level', 'the rule has no level; "medium" is taken'))
  if (gateOf(rule.logSource).standing === 'unknown')
    notes.push(
      note(rule, 'rules/unknown-log-source', `nobody knows the log source ${logSourceText(rule)}: the rule applies to nothing`),
    )
  const used = new Set(namesIn(rule.detection.condition))
  for (const [name, expression] of rule.detection.selections) {
    if (used.has(name)) continue
    const place = placeOf(expression)
    notes.push({ ...note(rule, 'rules/unused-selection', `the selection "${name}" is not in the condition`), ...place })
  }
  return notes
}

function note({ file, title, line, column }: SigmaHead, code: string, message: string): LintNote {
  return { path: file, title, line, column, message, code }
}

function namesIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'selection':
      return [condition.name]
    case 'not':
      return namesIn(condition.of)
    case 'and':
    case 'or':
      return condition.of.flatMap(namesIn)
    default:
      return condition satisfies never
  }
}

/** Place of the first field or keyword of a selection. */
function placeOf(expression: SigmaRule['detection']['selections'] extends ReadonlyMap<string, infer Item> ? Item : never): {
  readonly line?: number
  readonly column?: number
} {
  if (expression.kind === 'field' || expression.kind === 'keyword') return { line: expression.line, column: expression.column }
  const [first] = expression.of
  return first ? placeOf(first) : {}
}

function duplicates(heads: readonly SigmaHead[]): readonly LintNote[] {
  const first = new Map<string, SigmaHead>()
  return heads.flatMap(head => {
    if (head.id === '') return []
    const before = first.get(head.id)
    if (!before) {
      first.set(head.id, head)
      return []
    }
    return [note(head, 'rules/duplicate-id', `the id ${head.id} is that of ${before.file}:${before.line} too`)]
  })
}

type Placed = Pick<RuleNote, 'path' | 'line' | 'column'>
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const byPlace = (a: Placed, b: Placed) => compare(a.path, b.path) || a.line - b.line || a.column - b.column
