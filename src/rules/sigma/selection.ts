import { RE2JS } from 're2js'
import type { SecurityEvent } from '../../model/index.ts'
import { fieldOf } from './log-source.ts'
import { type Anchor, matcherOf, parseValue, windashForms } from './value-pattern.ts'

/** A compiled selection. */
export type Selection = (event: SecurityEvent) => boolean

/** Why a selection could not be compiled. */
export class SelectionError extends Error {}

const ANCHORS: readonly string[] = ['contains', 'startswith', 'endswith']
const MODIFIERS: readonly string[] = [
  ...ANCHORS,
  'all',
  're',
  'i',
  'm',
  's',
  'cased',
  'exists',
  'windash',
  'cidr',
  'gt',
  'gte',
  'lt',
  'lte',
  'neq',
  'fieldref',
]

/** Compiles what stands under one name of `detection`: a map (all fields), a list of maps (any), or keywords. */
export function compileSelection(value: unknown): Selection {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    if (items.every(item => typeof item === 'object' && item !== null)) {
      const maps = items.map(compileSelection)
      return event => maps.some(map => map(event))
    }
    return keywords(items)
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, wanted]) => compileField(key, wanted))
    return event => fields.every(field => field(event))
  }
  return keywords([value])
}

function keywords(values: readonly unknown[]): Selection {
  const tests = values.map(value => {
    if (typeof value !== 'string' && typeof value !== 'number') throw new SelectionError('a keyword must be text or a number')
    return matcherOf(parseValue(String(value)), 'contains', false)
  })
  return event => {
    const names = event.original.names()
    const texts = names.length === 0 ? [event.original.text()] : names.map(name => event.original.get(name) ?? '')
    return tests.some(test => texts.some(test))
  }
}

function compileField(key: string, wanted: unknown): Selection {
  const [field = '', ...modifiers] = key.split('|')
  for (const modifier of modifiers)
    if (!MODIFIERS.includes(modifier)) throw new SelectionError(`modifier "${modifier}" is not supported yet`)
  const anchors = modifiers.filter(modifier => ANCHORS.includes(modifier))
  if (anchors.length > 1) throw new SelectionError(`"${anchors.join('" and "')}" exclude each other`)
  for (const alone of ['re', 'cidr', 'exists', 'gt', 'gte', 'lt', 'lte'])
    if (modifiers.includes(alone) && anchors.length > 0)
      throw new SelectionError(`"${alone}" and "${anchors[0]}" exclude each other`)
  const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted]
  if (field === '') {
    if (!modifiers.includes('all')) return keywords(values)
    const each = values.map(value => keywords([value]))
    return event => each.every(test => test(event))
  }
  if (modifiers.includes('exists')) {
    const should = values[0] === true || values[0] === 'true' || values[0] === 'yes'
    return event => (fieldOf(event, field) !== undefined) === should
  }
  const tests = values.map(value => compileValue(value, modifiers))
  const all = modifiers.includes('all')
  const negated = modifiers.includes('neq')
  return event => {
    const text = fieldOf(event, field)
    const result = all ? tests.every(test => test(text, event)) : tests.some(test => test(text, event))
    return negated ? !result : result
  }
}

type ValueTest = (text: string | undefined, event: SecurityEvent) => boolean

function compileValue(value: unknown, modifiers: readonly string[]): ValueTest {
  if (value === null) return text => text === undefined
  if (value === '') return text => text === ''
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new SelectionError('a value must be text, a number, true, false or null')
  const plain = String(value)
  const anchor = (modifiers.find(modifier => ANCHORS.includes(modifier)) ?? 'whole') as Anchor
  if (modifiers.includes('re')) return regularExpression(plain, modifiers)
  if (modifiers.includes('cidr')) return network(plain)
  const comparison = modifiers.find(modifier => ['gt', 'gte', 'lt', 'lte'].includes(modifier))
  if (comparison !== undefined) return compareNumber(plain, comparison)
  if (modifiers.includes('fieldref'))
    return (text, event) => {
      const other = fieldOf(event, plain)
      return (
        text !== undefined && other !== undefined && matcherOf([{ literal: other }], anchor, modifiers.includes('cased'))(text)
      )
    }
  const forms = modifiers.includes('windash') ? windashForms(plain) : [plain]
  const tests = forms.map(form => matcherOf(parseValue(form), anchor, modifiers.includes('cased')))
  return text => text !== undefined && tests.some(test => test(text))
}

function regularExpression(pattern: string, modifiers: readonly string[]): ValueTest {
  let flags = 0
  if (modifiers.includes('i')) flags |= RE2JS.CASE_INSENSITIVE
  if (modifiers.includes('m')) flags |= RE2JS.MULTILINE
  if (modifiers.includes('s')) flags |= RE2JS.DOTALL
  try {
    const expression = RE2JS.compile(pattern, flags)
    return text => text !== undefined && expression.matcher(text).find()
  } catch (error) {
    throw new SelectionError(`regular expression ${pattern}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function compareNumber(plain: string, comparison: string): ValueTest {
  const bound = Number(plain)
  if (Number.isNaN(bound)) throw new SelectionError(`"${comparison}" needs a number, not "${plain}"`)
  return text => {
    const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
    switch (comparison) {
      case 'gt':
        return value > bound
      case 'gte':
        return value >= bound
      case 'lt':
        return value < bound
      default:
        return value <= bound
    }
  }
}

/** IPv4 and IPv6 networks; a value that is no address does not match. */
function network(range: string): ValueTest {
  const [base = '', length = ''] = range.split('/')
  const wanted = addressBits(base)
  const prefix = Number(length)
  if (!wanted || length === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > wanted.length)
    throw new SelectionError(`"${range}" is not a network such as 10.0.0.0/8`)
  const start = wanted.slice(0, prefix)
  return text => {
    const bits =
      text === undefined
        ? undefined
        : addressBits(text.toLowerCase().startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text)
    return bits !== undefined && bits.length === wanted.length && bits.startsWith(start)
  }
}

function addressBits(text: string): string | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) {
    const parts = text.split('.').map(Number)
    return parts.some(part => part > 255) ? undefined : parts.map(part => part.toString(2).padStart(8, '0')).join('')
  }
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(':')) return undefined
  const [left = '', right, more] = text.split('::')
  if (more !== undefined) return undefined
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const head = groups(left)
  const tail = right === undefined ? [] : groups(right)
  const fill = right === undefined ? 0 : 8 - head.length - tail.length
  const full = [...head, ...Array<string>(Math.max(fill, 0)).fill('0'), ...tail]
  return full.length === 8 && full.every(group => group.length >= 1 && group.length <= 4)
    ? full.map(group => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
    : undefined
}
