import type { Comparison, Condition, Detection, Expression, ValueTest } from './ast.ts'
import { foldCase } from './fold-case.ts'
import { inNetwork } from './network.ts'
import { regexTest } from './regex.ts'
import type { RuleRecord } from './rule-record.ts'
import { timePartOf } from './time-part.ts'
import { patternTest } from './value-pattern.ts'

/** A test of one text; the record is there for references to other fields. */
type TextTest = (text: string, record: RuleRecord) => boolean

/** What has been made out of a test, so that expressions are compiled once. */
const made = new WeakMap<ValueTest, TextTest>()

/** The full scan: does the detection hold for the record, with no index and nothing remembered between records? */
export function evaluate({ selections, condition }: Detection, record: RuleRecord): boolean {
  return holds(condition, name => {
    const selection = selections.get(name)
    return selection !== undefined && selectionHolds(selection, record)
  })
}

/** Does the condition hold, given which selections do? Selections are asked only when needed. */
export function holds(condition: Condition, selection: (name: string) => boolean): boolean {
  switch (condition.kind) {
    case 'selection':
      return selection(condition.name)
    case 'not':
      return !holds(condition.of, selection)
    case 'and':
      return condition.of.every(part => holds(part, selection))
    case 'or':
      return condition.of.some(part => holds(part, selection))
    default:
      return condition satisfies never
  }
}

/** Does one selection, or a part of one, hold for the record? */
export function selectionHolds(expression: Expression, record: RuleRecord): boolean {
  switch (expression.kind) {
    case 'all':
      return expression.of.every(part => selectionHolds(part, record))
    case 'any':
      return expression.of.some(part => selectionHolds(part, record))
    case 'field':
      return fieldHolds(expression.test, record.get(expression.field), record)
    case 'keyword':
      for (const value of record.values()) if (fieldHolds(expression.test, value, record)) return true
      return false
    default:
      return expression satisfies never
  }
}

/** Does a test hold for what the record has in a field? */
export function fieldHolds(test: ValueTest, value: string | readonly string[] | undefined, record: RuleRecord): boolean {
  switch (test.kind) {
    case 'all':
      return test.of.every(part => fieldHolds(part, value, record))
    case 'any':
      return test.of.some(part => fieldHolds(part, value, record))
    case 'not':
      return !fieldHolds(test.of, value, record)
    case 'absent':
      return value === undefined
    case 'exists':
      return (value !== undefined) === test.exists
    default: {
      if (value === undefined) return false
      const compiled = textTest(test)
      if (typeof value === 'string') return compiled(value, record)
      return isDifference(test) ? value.every(text => compiled(text, record)) : value.some(text => compiled(text, record))
    }
  }
}

type Leaf = Exclude<ValueTest, { readonly kind: 'all' | 'any' | 'not' | 'absent' | 'exists' }>

/** To differ, all values must. */
const isDifference = (test: Leaf): boolean =>
  (test.kind === 'fieldref' && test.differs) || (test.kind === 'time-part' && test.operator === 'neq')

function textTest(test: Leaf): TextTest {
  let compiled = made.get(test)
  if (compiled === undefined) {
    compiled = compile(test)
    made.set(test, compiled)
  }
  return compiled
}

function compile(test: Leaf): TextTest {
  switch (test.kind) {
    case 'pattern':
      return patternTest(test.pattern)
    case 'regex':
      return regexTest(test.source, test.flags)
    case 'network':
      return text => inNetwork(test.network, text)
    case 'empty':
      return text => text === ''
    case 'compare':
      return text => compare(numberIn(text), test.operator, test.value)
    case 'time-part':
      return text => {
        const found = timePartOf(text, test.part)
        if (found === undefined) return false
        if (test.operator === 'eq') return found === test.value
        if (test.operator === 'neq') return found !== test.value
        return compare(found, test.operator, test.value)
      }
    case 'fieldref':
      return referenceTest(test)
    default:
      return test satisfies never
  }
}

/** The other field's text is taken as it is: a "*" in a log is no wildcard. */
function referenceTest({ field, how, cased, differs }: Extract<ValueTest, { readonly kind: 'fieldref' }>): TextTest {
  const fold = cased ? (text: string) => text : foldCase
  const same = (text: string, other: string): boolean => {
    if (how === 'whole') return text === other
    // An empty value is part of every text and says nothing.
    if (other === '') return false
    switch (how) {
      case 'contains':
        return text.includes(other)
      case 'startswith':
        return text.startsWith(other)
      case 'endswith':
        return text.endsWith(other)
      default:
        return how satisfies never
    }
  }
  return (text, record) => {
    const value = record.get(field)
    if (value === undefined) return false
    // Folding leaves the length as it is.
    if (how === 'whole' && typeof value === 'string' && value.length !== text.length) return differs
    const folded = fold(text)
    const found = (typeof value === 'string' ? [value] : value).some(other => same(folded, fold(other)))
    return found !== differs
  }
}

/** Decimal or, as Windows writes them, hexadecimal with 0x; anything else is no number. */
function numberIn(text: string): number {
  const plain = text.trim()
  return /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?|0x[\da-f]+)$/i.test(plain) ? Number(plain) : Number.NaN
}

function compare(value: number, operator: Comparison, bound: number): boolean {
  switch (operator) {
    case 'gt':
      return value > bound
    case 'gte':
      return value >= bound
    case 'lt':
      return value < bound
    case 'lte':
      return value <= bound
    default:
      return operator satisfies never
  }
}
