import type { PatternToken, ValueTest } from './ast.ts'
import { base64Offsets, bytesAsText, encode, toBase64, windashForms } from './encodings.ts'
import type { ModifierPlan } from './modifiers.ts'
import { hasHostBits, parseNetwork } from './network.ts'
import { expandPlaceholders, PlaceholderError, type Placeholders } from './placeholders.ts'
import { regexOf } from './regex.ts'
import { anchored, parseTokens, patternOf } from './value-pattern.ts'
import { SigmaError, type YamlScalar } from './yaml-tree.ts'

/** What making tests out of values needs beside the values. */
export interface ValueContext {
  readonly placeholders: Placeholders
  /** Told what is legal and yet hardly meant. */
  note(offset: number, message: string): void
}

const TIME_LIMITS = { minute: [0, 59], hour: [0, 23], day: [1, 31], week: [1, 53], month: [1, 12], year: [1, 9999] } as const

/** The test one value of a rule stands for. */
export function testOfValue(value: YamlScalar, plan: ModifierPlan, context: ValueContext): ValueTest {
  if (value.value === null) return nullTest(value, plan)
  switch (plan.kind) {
    case 'text':
      return textTest(value, plan, context)
    case 'regex': {
      const regex = regexOf(value.text, plan.flags)
      if (typeof regex === 'string') throw new SigmaError(value.offset, regex)
      return { kind: 'regex', ...regex }
    }
    case 'network':
      return networkTest(value, plan, context)
    case 'exists':
      return { kind: 'exists', exists: truthOf(value) }
    case 'fieldref': {
      if (typeof value.value !== 'string' || value.value === '')
        throw new SigmaError(value.offset, '"fieldref" needs the name of a field')
      return { kind: 'fieldref', field: value.value, how: plan.anchor, cased: plan.cased, differs: plan.differs }
    }
    case 'compare':
      return { kind: 'compare', operator: plan.operator ?? 'gt', value: numberOf(value, plan.operator ?? 'gt') }
    case 'time-part': {
      const part = plan.timePart ?? 'hour'
      const wanted = numberOf(value, part)
      const [least, most] = TIME_LIMITS[part]
      if (!Number.isInteger(wanted) || wanted < least || wanted > most)
        throw new SigmaError(value.offset, `"${part}" is a whole number from ${least} to ${most}, not ${value.text}`)
      return { kind: 'time-part', part, operator: plan.operator ?? (plan.differs ? 'neq' : 'eq'), value: wanted }
    }
    default:
      return plan.kind satisfies never
  }
}

function nullTest({ offset }: YamlScalar, plan: ModifierPlan): ValueTest {
  if (
    plan.kind === 'text' &&
    plan.anchor === 'whole' &&
    !plan.expand &&
    !plan.windash &&
    plan.encoding === undefined &&
    plan.base64 === undefined
  )
    return { kind: 'absent' }
  throw new SigmaError(offset, 'null means that the field is not there, so only "neq" may stand with it')
}

function textTest(value: YamlScalar, plan: ModifierPlan, context: ValueContext): ValueTest {
  const texts = new Set(plan.expand ? expanded(value, context) : [value.text])
  // A number that is not written in decimal (0x10, 1.0) is meant either as written or as a number.
  if (typeof value.value === 'number' && !/^-?(?:0|[1-9]\d*)$/.test(value.text)) texts.add(String(value.value))
  return anyOf([...texts].flatMap(text => textTests(text, value, plan, context)))
}

function textTests(text: string, value: YamlScalar, plan: ModifierPlan, context: ValueContext): readonly ValueTest[] {
  if (text === '' && plan.anchor !== 'whole' && plan.base64 === undefined)
    context.note(value.offset, `an empty value with "${plan.anchor}" is found wherever the field is there`)
  else if (text === '') {
    if (plan.encoding !== undefined || plan.base64 !== undefined)
      throw new SigmaError(value.offset, 'an empty value cannot be encoded')
    return [{ kind: 'empty' }]
  }
  const forms = plan.windash ? windashForms(parseTokens(text)) : [parseTokens(text)]
  if (forms === undefined) throw new SigmaError(value.offset, 'more than four dashes to exchange in one value')
  return forms
    .flatMap((form): readonly (readonly PatternToken[])[] =>
      plan.encoding === undefined && plan.base64 === undefined ? [form] : encoded(form, value, plan),
    )
    .map(
      (tokens): ValueTest => ({
        kind: 'pattern',
        // Letters of Base64 that differ in case are other bytes.
        pattern: patternOf(anchored(tokens, plan.anchor), plan.cased || plan.base64 !== undefined),
      }),
    )
}

function encoded(form: readonly PatternToken[], value: YamlScalar, plan: ModifierPlan): readonly (readonly PatternToken[])[] {
  let text = ''
  for (const token of form) {
    if ('any' in token)
      throw new SigmaError(value.offset, 'a value with wildcards cannot be encoded; escape them with a backslash')
    text += token.literal
  }
  const bytes = encode(text, plan.encoding)
  if (plan.base64 === undefined) return [[{ literal: bytesAsText(bytes) }]]
  if (plan.base64 === 'whole') return [[{ literal: toBase64(bytes) }]]
  const offsets = base64Offsets(bytes)
  if (offsets.includes('')) throw new SigmaError(value.offset, 'the value is too short to be known inside Base64')
  return offsets.map(literal => [{ literal }])
}

function networkTest(value: YamlScalar, plan: ModifierPlan, context: ValueContext): ValueTest {
  const texts = plan.expand ? expanded(value, context) : [value.text]
  return anyOf(
    texts.map((text): ValueTest => {
      const network = parseNetwork(text)
      if (network === undefined) throw new SigmaError(value.offset, `"${text}" is not a network such as 10.0.0.0/8`)
      if (hasHostBits(network)) context.note(value.offset, `"${text}" has bits set behind its prefix; they are ignored`)
      return { kind: 'network', network }
    }),
  )
}

function expanded(value: YamlScalar, { placeholders }: ValueContext): readonly string[] {
  try {
    return expandPlaceholders(value.text, placeholders)
  } catch (error) {
    if (error instanceof PlaceholderError) throw new SigmaError(value.offset, error.message)
    throw error
  }
}

function truthOf({ value, text, offset }: YamlScalar): boolean {
  if (typeof value === 'boolean') return value
  if (/^(?:true|yes)$/i.test(text)) return true
  if (/^(?:false|no)$/i.test(text)) return false
  throw new SigmaError(offset, '"exists" needs true or false')
}

function numberOf({ value, text, offset }: YamlScalar, modifier: string): number {
  const number = typeof value === 'number' ? value : /^[+-]?(?:\d+(?:\.\d+)?|0x[\da-f]+)$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(number)) throw new SigmaError(offset, `"${modifier}" needs a number, not "${text}"`)
  return number
}

/** One test of several, without a needless group. */
export function anyOf(tests: readonly ValueTest[]): ValueTest {
  const [only] = tests
  return tests.length === 1 && only !== undefined ? only : { kind: 'any', of: tests }
}
