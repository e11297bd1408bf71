import type { Comparison, Condition, Detection, Expression, ValueTest } from './ast.ts'
import { foldCase } from './fold-case.ts'
import { inNetwork } from './network.ts'
import { regexTest } from './regex.ts'
import type { RuleRecord } from './rule-record.ts'
import { timePartOf } from './time-part.ts'
import { anyPatternTest, patternTest } from './value-pattern.ts'

/** A part of a rule, ready to be asked about a record. */
type RecordTest = (record: RuleRecord) => boolean
/** A test of what the record has in a field; the record is there for references to other fields. */
type FieldTest = (value: string | readonly string[] | undefined, record: RuleRecord) => boolean
type TextTest = (text: string, record: RuleRecord) => boolean

const detectionTests = new WeakMap<Detection, RecordTest>()
const selectionTests = new WeakMap<Expression, RecordTest>()
const fieldTests = new WeakMap<ValueTest, FieldTest>()

/** Tests are made of what was parsed when they are first asked for, and live as long as it. */
function once<Part extends object, Test>(made: WeakMap<Part, Test>, part: Part, make: (part: Part) => Test): Test {
  let test = made.get(part)
  if (test === undefined) {
    test = make(part)
    made.set(part, test)
  }
  return test
}

/** The full scan: does the detection hold for the record, with no index and nothing remembered between records? */
export const evaluate = (detection: Detection, record: RuleRecord): boolean => detectionTest(detection)(record)

/** The same for one selection, or a part of one. */
export const selectionHolds = (expression: Expression, record: RuleRecord): boolean =>
  once(selectionTests, expression, selectionTest)(record)

/** Does a test hold for what the record has in a field? */
export const fieldHolds = (test: ValueTest, value: string | readonly string[] | undefined, record: RuleRecord): boolean =>
  once(fieldTests, test, fieldTest)(value, record)

/** What `evaluate` asks, for those who hold one detection against many records. */
export function detectionTest(detection: Detection): RecordTest {
  return once(detectionTests, detection, ({ condition, selections }) =>
    conditionTest(condition, name => {
      const selection = selections.get(name)
      return selection === undefined ? () => false : selectionTest(selection)
    }),
  )
}

/** A condition over tests of selections; selections are asked only when needed. */
export function conditionTest<Subject>(
  condition: Condition,
  selection: (name: string) => (subject: Subject) => boolean,
): (subject: Subject) => boolean {
  switch (condition.kind) {
    case 'selection':
      return selection(condition.name)
    case 'not': {
      const inner = conditionTest(condition.of, selection)
      return subject => !inner(subject)
    }
    case 'and':
    case 'or': {
      const parts = condition.of.map(part => conditionTest(part, selection))
      return condition.kind === 'and' ? every(parts) : some(parts)
    }
    default:
      return condition satisfies never
  }
}

/** Loops instead of closures made for every question: all rules are asked about every record. */
const every = <Subject>(tests: readonly ((subject: Subject) => boolean)[]) => {
  const [only] = tests
  if (tests.length === 1 && only) return only
  return (subject: Subject): boolean => {
    for (const test of tests) if (!test(subject)) return false
    return true
  }
}
const some = <Subject>(tests: readonly ((subject: Subject) => boolean)[]) => {
  const [only] = tests
  if (tests.length === 1 && only) return only
  return (subject: Subject): boolean => {
    for (const test of tests) if (test(subject)) return true
    return false
  }
}

function selectionTest(expression: Expression): RecordTest {
  switch (expression.kind) {
    case 'all':
      return every(expression.of.map(selectionTest))
    case 'any': {
      const keywords = expression.of.flatMap(part => (part.kind === 'keyword' ? part.test : []))
      return keywords.length === expression.of.length
        ? keywordTest({ kind: 'any', of: keywords })
        : some(expression.of.map(selectionTest))
    }
    case 'field': {
      const test = fieldTest(expression.test)
      const { field } = expression
      return record => test(record.get(field), record)
    }
    case 'keyword':
      return keywordTest(expression.test)
    default:
      return expression satisfies never
  }
}

/** One value of the record has to pass. */
function keywordTest(keyword: ValueTest): RecordTest {
  const test = fieldTest(keyword)
  return record => {
    for (const value of record.values()) if (test(value, record)) return true
    return false
  }
}

function fieldTest(test: ValueTest): FieldTest {
  switch (test.kind) {
    case 'all': {
      const parts = test.of.map(fieldTest)
      return (value, record) => {
        for (const part of parts) if (!part(value, record)) return false
        return true
      }
    }
    case 'any': {
      const patterns = test.of.flatMap(part => (part.kind === 'pattern' ? part.pattern : []))
      if (patterns.length === test.of.length) return textsTest(anyPatternTest(patterns), false)
      const parts = test.of.map(fieldTest)
      return (value, record) => {
        for (const part of parts) if (part(value, record)) return true
        return false
      }
    }
    case 'not': {
      const inner = fieldTest(test.of)
      return (value, record) => !inner(value, record)
    }
    case 'absent':
      return value => value === undefined
    case 'exists': {
      const { exists } = test
      return value => (value !== undefined) === exists
    }
    default:
      return textsTest(textTest(test), isDifference(test))
  }
}

/** A test of texts asked of a field: one of its values must pass, all of them where it is a difference. */
function textsTest(holds: TextTest, differs: boolean): FieldTest {
  return (value, record) => {
    if (value === undefined) return false
    if (typeof value === 'string') return holds(value, record)
    return differs ? value.every(text => holds(text, record)) : value.some(text => holds(text, record))
  }
}

type Leaf = Exclude<ValueTest, { readonly kind: 'all' | 'any' | 'not' | 'absent' | 'exists' }>

/** To differ, all values must. */
const isDifference = (test: Leaf): boolean =>
  (test.kind === 'fieldref' && test.differs) || (test.kind === 'time-part' && test.operator === 'neq')

function textTest(test: Leaf): TextTest {
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
