import type { SecurityEvent, Severity } from '../../model/index.ts'
import type { Condition, Detection, Expression, SigmaRule } from './ast.ts'
import { missingFields } from './blindness.ts'
import { hitOf } from './compile.ts'
import { describeTest } from './describe-test.ts'
import { fieldHolds } from './evaluate.ts'
import { type EventKey, eventKeyOf, type FieldValue, type FieldView, gateOf } from './log-source/index.ts'
import { SeenRecord } from './rule-record.ts'
import { type Tuning, tunerOf } from './tuning.ts'

/** One part of a rule against one record. */
export type Explained =
  | { readonly kind: 'and' | 'or' | 'not' | 'all' | 'any'; readonly holds: boolean; readonly of: readonly Explained[] }
  | { readonly kind: 'selection'; readonly name: string; readonly holds: boolean; readonly of: readonly Explained[] }
  | {
      readonly kind: 'field'
      readonly holds: boolean
      readonly line: number
      readonly field: string
      readonly test: string
      /** What the record has there; undefined when it is not there. */
      readonly value: FieldValue
      /** Fields of the record the value was read from, where they are called otherwise. */
      readonly from: readonly string[]
      /** The log source cannot have this field at all. */
      readonly cannotSee: boolean
    }
  | { readonly kind: 'keyword'; readonly holds: boolean; readonly line: number; readonly test: string; readonly value: string }

/** Why a rule holds for a record, or does not. */
export interface Explanation {
  readonly key: EventKey
  /** How the record's fields were seen; undefined when the record does not belong to the rule's log source. */
  readonly view: string | undefined
  readonly matched: boolean
  readonly condition: Explained | undefined
  /** Fields for want of which the rule can never hold for such records. */
  readonly missing: readonly string[]
}

/** Holds a rule against one record and keeps every step; by the same functions as the full scan. */
export function explain(rule: SigmaRule, event: SecurityEvent): Explanation {
  const key = eventKeyOf(event)
  const view = gateOf(rule.logSource).viewOf(key)
  if (!view) return { key, view: undefined, matched: false, condition: undefined, missing: [] }
  const record = new SeenRecord(event, view, key)
  const condition = explainCondition(rule.detection.condition, rule.detection, record, view)
  return { key, view: view.id, matched: condition.holds, condition, missing: missingFields(rule.detection, view) }
}

/** What tuning leaves of a hit: its level, or nothing. */
export type TunedHit = Severity | 'left out'

/** What tuning makes of the records a rule matches; undefined when nothing in it concerns the rule. */
export function tunedHits(rule: SigmaRule, tuning: Tuning): ((event: SecurityEvent) => TunedHit) | undefined {
  const tune = tunerOf(tuning, rule)
  if (tune === undefined) return undefined
  if (tune === 'excluded') return () => 'left out'
  return event => {
    const key = eventKeyOf(event)
    const view = gateOf(rule.logSource).viewOf(key)
    return (view && tune(hitOf(rule), event, new SeenRecord(event, view, key))?.severity) ?? 'left out'
  }
}

function explainCondition(condition: Condition, detection: Detection, record: SeenRecord, view: FieldView): Explained {
  switch (condition.kind) {
    case 'selection': {
      const selection = detection.selections.get(condition.name)
      const of = selection ? [explainExpression(selection, record, view)] : []
      return { kind: 'selection', name: condition.name, holds: of.some(({ holds }) => holds), of }
    }
    case 'not': {
      const inner = explainCondition(condition.of, detection, record, view)
      return { kind: 'not', holds: !inner.holds, of: [inner] }
    }
    case 'and':
    case 'or': {
      const of = condition.of.map(part => explainCondition(part, detection, record, view))
      return { kind: condition.kind, holds: condition.kind === 'and' ? of.every(isHeld) : of.some(isHeld), of }
    }
    default:
      return condition satisfies never
  }
}

const isHeld = ({ holds }: Explained) => holds

function explainExpression(expression: Expression, record: SeenRecord, view: FieldView): Explained {
  switch (expression.kind) {
    case 'all':
    case 'any': {
      const of = expression.of.map(part => explainExpression(part, record, view))
      return { kind: expression.kind, holds: expression.kind === 'all' ? of.every(isHeld) : of.some(isHeld), of }
    }
    case 'field': {
      const { field, test, line } = expression
      const value = record.get(field)
      const names: readonly string[] = view.sourceOf(field).names
      return {
        kind: 'field',
        holds: fieldHolds(test, value, record),
        line,
        field,
        test: describeTest(test),
        value,
        from: names.includes(field) ? [] : names,
        cannotSee: view.has(field) === false,
      }
    }
    case 'keyword': {
      const { test, line } = expression
      const found = record.values().find(value => fieldHolds(test, value, record))
      return { kind: 'keyword', holds: found !== undefined, line, test: describeTest(test), value: found ?? '' }
    }
    default:
      return expression satisfies never
  }
}
