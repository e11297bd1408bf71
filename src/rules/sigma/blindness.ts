import type { Condition, Detection, Expression, ValueTest } from './ast.ts'
import { fieldHolds } from './evaluate.ts'
import type { FieldView } from './log-source/index.ts'
import type { RuleRecord } from './rule-record.ts'

/** What is known of a part of a rule before any record is seen, and the missing fields that decide it. */
interface Outlook {
  readonly can: 'never' | 'always' | 'maybe'
  readonly fields: ReadonlySet<string>
}

const NO_FIELDS: ReadonlySet<string> = new Set()
const MAYBE: Outlook = { can: 'maybe', fields: NO_FIELDS }
const NOTHING: RuleRecord = { get: () => undefined, values: () => [] }

/**
 * The fields for want of which a rule can never hold for records seen this way; empty when it can hold. Quiet then means nothing:
 * the log source cannot show what the rule looks for. Three-valued: a field that cannot be there decides its test, all others are open.
 */
export function missingFields({ condition, selections }: Detection, view: FieldView): readonly string[] {
  const outlook = ofCondition(condition, selections, view)
  return outlook.can === 'never' ? [...outlook.fields].sort() : []
}

function ofCondition(condition: Condition, selections: Detection['selections'], view: FieldView): Outlook {
  switch (condition.kind) {
    case 'selection': {
      const selection = selections.get(condition.name)
      return selection ? ofExpression(selection, view) : MAYBE
    }
    case 'not': {
      const { can, fields } = ofCondition(condition.of, selections, view)
      return { can: can === 'never' ? 'always' : can === 'always' ? 'never' : 'maybe', fields }
    }
    case 'and':
      return allOf(condition.of.map(part => ofCondition(part, selections, view)))
    case 'or':
      return anyOf(condition.of.map(part => ofCondition(part, selections, view)))
    default:
      return condition satisfies never
  }
}

function ofExpression(expression: Expression, view: FieldView): Outlook {
  switch (expression.kind) {
    case 'all':
      return allOf(expression.of.map(part => ofExpression(part, view)))
    case 'any':
      return anyOf(expression.of.map(part => ofExpression(part, view)))
    case 'keyword':
      return MAYBE
    case 'field':
      return ofField(expression.field, expression.test, view)
    default:
      return expression satisfies never
  }
}

function ofField(field: string, test: ValueTest, view: FieldView): Outlook {
  if (view.has(field) === false)
    return { can: fieldHolds(test, undefined, NOTHING) ? 'always' : 'never', fields: new Set([field]) }
  const other = test.kind === 'fieldref' ? test.field : undefined
  return other !== undefined && view.has(other) === false ? { can: 'never', fields: new Set([other]) } : MAYBE
}

function allOf(parts: readonly Outlook[]): Outlook {
  const never = parts.filter(({ can }) => can === 'never')
  if (never.length > 0) return { can: 'never', fields: union(never) }
  return parts.every(({ can }) => can === 'always') ? { can: 'always', fields: union(parts) } : MAYBE
}

function anyOf(parts: readonly Outlook[]): Outlook {
  const always = parts.filter(({ can }) => can === 'always')
  if (always.length > 0) return { can: 'always', fields: union(always) }
  return parts.every(({ can }) => can === 'never') ? { can: 'never', fields: union(parts) } : MAYBE
}

const union = (parts: readonly Outlook[]): ReadonlySet<string> => new Set(parts.flatMap(({ fields }) => [...fields]))
