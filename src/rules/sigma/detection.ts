import type { Expression, ValueTest } from './ast.ts'
import { type ModifierPlan, planOf } from './modifiers.ts'
import { anyOf, testOfValue, type ValueContext } from './value-test.ts'
import { SigmaError, type SourceText, type YamlEntry, type YamlNode, type YamlScalar } from './yaml-tree.ts'

/** What reading a selection needs. */
export interface DetectionContext extends ValueContext {
  readonly source: SourceText
}

const KEYWORD: ModifierPlan = {
  kind: 'text',
  anchor: 'contains',
  cased: false,
  all: false,
  differs: false,
  expand: false,
  windash: false,
  encoding: undefined,
  base64: undefined,
  flags: { i: false, m: false, s: false },
  operator: undefined,
  timePart: undefined,
}

/** Reads what stands under one name of `detection`: a map (all fields), a list of maps and keywords (any), or one keyword. */
export function readSelection(node: YamlNode, context: DetectionContext): Expression {
  switch (node.kind) {
    case 'map':
      if (node.entries.length === 0) throw new SigmaError(node.offset, 'the selection is empty')
      return group(
        'all',
        node.entries.map(entry => readField(entry, context)),
      )
    case 'list':
      if (node.items.length === 0) throw new SigmaError(node.offset, 'the selection is empty')
      return group(
        'any',
        node.items.map(item => {
          if (item.kind === 'list') throw new SigmaError(item.offset, 'a list inside a list means nothing in Sigma')
          return readSelection(item, context)
        }),
      )
    case 'scalar':
      return keyword(node, node.offset, KEYWORD, context)
    default:
      return node satisfies never
  }
}

/** Few combinations occur, and thousands of fields. */
const plans = new Map<string, ModifierPlan>()

function planned(words: readonly string[]): ModifierPlan | string {
  const key = words.join('|')
  const known = plans.get(key)
  if (known !== undefined) return known
  const plan = planOf(words)
  if (typeof plan !== 'string') plans.set(key, plan)
  return plan
}

function readField({ key, keyOffset, value }: YamlEntry, context: DetectionContext): Expression {
  const [field = '', ...words] = key.split('|')
  const plan = planned(words)
  if (typeof plan === 'string') throw new SigmaError(keyOffset, plan)
  const values = scalarsOf(value, key)
  if (values.length === 0) throw new SigmaError(value.offset, `"${key}" has no values`)
  if (plan.all && values.length < 2) throw new SigmaError(keyOffset, '"all" needs at least two values')
  if (plan.kind === 'exists' && values.length > 1) throw new SigmaError(keyOffset, '"exists" has one value, true or false')
  if (field.trim() === '') return keywords(values, plan, keyOffset, context)
  if (values.length > 1)
    for (const { value: content, offset } of values)
      if (content === null) throw new SigmaError(offset, 'null cannot stand in a list of values; give it a selection of its own')
  const tests = values.map(item => testOfValue(item, plan, context))
  return { kind: 'field', field, test: joined(tests, plan), ...context.source.position(keyOffset) }
}

/** Field references and time parts know by themselves that they are to differ, since both sides must be there. */
function joined(tests: readonly ValueTest[], plan: ModifierPlan): ValueTest {
  const [only] = tests
  if (plan.differs && (plan.kind === 'fieldref' || plan.kind === 'time-part'))
    return tests.length === 1 && only !== undefined ? only : { kind: 'all', of: tests }
  if (plan.all) return { kind: 'all', of: tests }
  return plan.differs ? { kind: 'not', of: anyOf(tests) } : anyOf(tests)
}

/** Keywords are looked for in every value of the record; without a modifier anywhere in it. */
function keywords(values: readonly YamlScalar[], plan: ModifierPlan, keyOffset: number, context: DetectionContext): Expression {
  if (plan.kind !== 'text' && plan.kind !== 'regex')
    throw new SigmaError(keyOffset, 'this modifier needs a field; keywords are text or regular expressions')
  if (plan.differs) throw new SigmaError(keyOffset, '"neq" needs a field; use "not" in the condition')
  const unanchored: ModifierPlan = plan.kind === 'text' && plan.anchor === 'whole' ? { ...plan, anchor: 'contains' } : plan
  return group(
    plan.all ? 'all' : 'any',
    values.map(value => keyword(value, value.offset, unanchored, context)),
  )
}

function keyword(value: YamlScalar, offset: number, plan: ModifierPlan, context: DetectionContext): Expression {
  if (value.value === null || value.text === '') throw new SigmaError(offset, 'an empty keyword is found in every record')
  return { kind: 'keyword', test: testOfValue(value, plan, context), ...context.source.position(offset) }
}

function scalarsOf(value: YamlNode, key: string): readonly YamlScalar[] {
  if (value.kind === 'scalar') return [value]
  if (value.kind === 'map') throw new SigmaError(value.offset, `"${key}" needs a value or a list of values, not a map`)
  return value.items.map(item => {
    if (item.kind !== 'scalar')
      throw new SigmaError(item.offset, `a value of "${key}" must be text, a number, true, false or null`)
    return item
  })
}

function group(kind: 'all' | 'any', of: readonly Expression[]): Expression {
  const [only] = of
  return of.length === 1 && only !== undefined ? only : { kind, of }
}
