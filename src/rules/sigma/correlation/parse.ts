import type { SigmaHead } from '../ast.ts'
import type { SigmaCorrelation } from '../document.ts'
import { someCountMeets } from './criteria.ts'
import {
  type Alias,
  type CorrelationCondition,
  type CorrelationFault,
  type CorrelationRule,
  type CorrelationType,
  type Criterion,
  correlationTypes,
  isTemporal,
  operators,
  type PositionOf,
  type Reference,
} from './definition.ts'
import { parseLegExpression } from './leg-expression.ts'
import { parseTimespan } from './timespan.ts'
import { offsetAt, plainOf } from './yaml-values.ts'

type Entries = Readonly<Record<string, unknown>>
type Path = readonly (string | number)[]

/** Legs of a temporal correlation are kept as bits of one number. */
const MAX_TEMPORAL_LEGS = 30
/** Which sets of legs came in order is kept for each group: 2 to the power of the legs. Without a condition of its own only one set counts. */
const MAX_CHOSEN_LEGS_IN_ORDER = 8
/** Rules that one correlation refers to: more than the largest public rule set has for one log source. */
const MAX_REFERENCES = 10_000
const MAX_FIELDS = 32

const KNOWN_KEYS = new Set(['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'])
const CONDITION_KEYS: ReadonlySet<string> = new Set([...operators, 'field', 'percentile'])

class Fault extends Error {
  readonly path: Path
  constructor(path: Path, reason: string) {
    super(reason)
    this.path = path
  }
}

/**
 * Reads a document with a `correlation` section: sigma-specification 2.1, correlation rules. What is not understood is refused, never
 * left out: a misspelt group-by would turn one group into all.
 */
export function parseCorrelation({ head, node, source }: SigmaCorrelation): CorrelationRule | CorrelationFault {
  const positionOf: PositionOf = path => source.position(offsetAt(node, path))
  try {
    return correlationOf(head, plainOf(node) as Entries, positionOf)
  } catch (error) {
    if (error instanceof Fault) return { ...positionOf(error.path), reason: error.message }
    throw error
  }
}

function correlationOf(head: SigmaHead, document: Entries, positionOf: PositionOf): CorrelationRule {
  const section = document['correlation']
  if (!isMap(section)) throw new Fault(['correlation'], 'correlation is not a map')
  for (const key of Object.keys(section)) if (!KNOWN_KEYS.has(key)) throw new Fault(['correlation', key], unknownKey(key))
  const type = typeOf(section['type'])
  const { rules, condition } = legsAndCondition(section, type, positionOf)
  const timespanText = textOf(section['timespan'])
  if (timespanText === '') throw new Fault(['correlation', 'timespan'], 'the correlation has no timespan')
  const timespan = parseTimespan(timespanText)
  if (typeof timespan === 'string') throw new Fault(['correlation', 'timespan'], timespan)
  const { id, name, title, techniques, description, innocent, file, line, column } = head
  return {
    id,
    name,
    title,
    level: textOf(document['level']) === '' ? undefined : head.level,
    techniques: [...new Set(techniques)],
    description,
    innocent: innocent.join('; '),
    file,
    line,
    column,
    type,
    rules,
    groupBy: groupByOf(section['group-by']),
    timespan,
    timespanText,
    condition,
    aliases: aliasesOf(section['aliases'], positionOf),
    generate: flagOf(section['generate'] ?? document['generate'], section),
  }
}

function unknownKey(key: string): string {
  const near = { group_by: 'group-by', groupby: 'group-by', timeframe: 'timespan', rule: 'rules', alias: 'aliases' } as const
  const meant = Object.hasOwn(near, key) ? near[key as keyof typeof near] : undefined
  return `"${key}" is not part of a correlation${meant === undefined ? '' : `; it is called ${meant}`}`
}

function typeOf(value: unknown): CorrelationType {
  const type = correlationTypes.find(known => known === value)
  if (type === undefined)
    throw new Fault(['correlation', 'type'], `correlation type "${textOf(value)}" is none of ${correlationTypes.join(', ')}`)
  return type
}

function legsAndCondition(
  section: Entries,
  type: CorrelationType,
  positionOf: PositionOf,
): { readonly rules: readonly Reference[]; readonly condition: CorrelationCondition } {
  const path = ['correlation', 'condition']
  const written = section['condition']
  const rules = rulesOf(section['rules'], type, positionOf)
  if (typeof written === 'string') {
    if (!isTemporal(type)) throw new Fault(path, `a condition over rules is for temporal correlations; ${type} compares a number`)
    const names = rules.map(rule => rule.text)
    const parsed = parseLegExpression(written, names)
    if ('reason' in parsed) throw new Fault(path, `condition: ${parsed.reason} (character ${parsed.at + 1})`)
    const added = parsed.references.slice(names.length)
    if (names.length > 0 && added.length > 0) throw new Fault(path, `"${added[0]}" of the condition is not listed under rules`)
    const unused = names.find(name => !parsed.used.has(name))
    if (unused !== undefined) throw new Fault(path, `rule "${unused}" is listed and not part of the condition`)
    const place = positionOf(path)
    const legs = [...rules, ...added.map(text => ({ text, ...place }))]
    checkLegs(legs, type, true)
    return { rules: legs, condition: { criteria: [], expression: parsed.expression, fields: [] } }
  }
  if (rules.length === 0) throw new Fault(['correlation', 'rules'], 'the correlation refers to no rules')
  if (isTemporal(type)) checkLegs(rules, type, written !== undefined)
  if (written === undefined) {
    if (!isTemporal(type)) throw new Fault(path, `${type} needs a condition`)
    return { rules, condition: { criteria: [{ operator: 'gte', value: rules.length }], fields: [] } }
  }
  if (!isMap(written)) throw new Fault(path, 'the condition is neither a map nor an expression')
  return { rules, condition: numericCondition(written, type, rules.length) }
}

function checkLegs(rules: readonly Reference[], type: CorrelationType, chosen: boolean): void {
  if (rules.length > MAX_TEMPORAL_LEGS)
    throw new Fault(['correlation', 'rules'], `a temporal correlation has ${MAX_TEMPORAL_LEGS} rules at most`)
  if (type === 'temporal_ordered' && chosen && rules.length > MAX_CHOSEN_LEGS_IN_ORDER)
    throw new Fault(
      ['correlation', 'rules'],
      `with a condition of its own, temporal_ordered has ${MAX_CHOSEN_LEGS_IN_ORDER} rules at most`,
    )
}

function rulesOf(value: unknown, type: CorrelationType, positionOf: PositionOf): readonly Reference[] {
  const path = ['correlation', 'rules']
  if (value === undefined || value === null) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > MAX_REFERENCES) throw new Fault(path, `more than ${MAX_REFERENCES} rules`)
  const seen = new Set<string>()
  return list.map((item, index) => {
    const place = Array.isArray(value) ? [...path, index] : path
    const text = textOf(item).trim()
    if (text === '') throw new Fault(place, 'a rule is referred to by its id or name')
    // In an ordered sequence the same behaviour may come twice; anywhere else the second mention could mean nothing.
    if (seen.has(text) && type !== 'temporal_ordered') throw new Fault(place, `rule "${text}" is listed twice`)
    seen.add(text)
    return { text, ...positionOf(place) }
  })
}

function numericCondition(written: Entries, type: CorrelationType, legs: number): CorrelationCondition {
  const path = ['correlation', 'condition']
  for (const key of Object.keys(written))
    if (!CONDITION_KEYS.has(key)) throw new Fault([...path, key], `"${key}" is not part of a condition`)
  const counts = type === 'event_count' || type === 'value_count' || isTemporal(type)
  const criteria = operators.flatMap((operator): readonly Criterion[] => {
    if (!Object.hasOwn(written, operator)) return []
    const value = numberOf(written[operator])
    if (value === undefined || (counts && !Number.isInteger(value)))
      throw new Fault([...path, operator], `${operator} needs a ${counts ? 'whole ' : ''}number`)
    return [{ operator, value }]
  })
  if (criteria.length === 0) throw new Fault(path, `the condition has none of ${operators.join(', ')}`)
  if (counts && !someCountMeets(criteria))
    throw new Fault(path, 'no number of events from 1 upwards meets the condition: what did not happen opens no window')
  if (isTemporal(type) && !criteria.every(({ operator, value }) => operator !== 'gte' || value <= legs))
    throw new Fault(path, `the condition asks for more rules than the ${legs} listed`)
  const fields = fieldsOf(written['field'], type)
  const percentile = percentileOf(written, type)
  return { criteria, fields, ...(percentile === undefined ? {} : { percentile }) }
}

function fieldsOf(value: unknown, type: CorrelationType): readonly string[] {
  const path = ['correlation', 'condition', 'field']
  if (type === 'event_count' || isTemporal(type)) {
    if (value !== undefined) throw new Fault(path, `${type} counts no values of a field`)
    return []
  }
  const fields = namesOf(value, path)
  if (fields.length === 0) throw new Fault(path, `${type} needs the field whose values it is about`)
  if (fields.length > 1 && type !== 'value_count') throw new Fault(path, `${type} is about one field`)
  return fields
}

function percentileOf(written: Entries, type: CorrelationType): number | undefined {
  if (!Object.hasOwn(written, 'percentile')) return undefined
  const path = ['correlation', 'condition', 'percentile']
  if (type !== 'value_percentile') throw new Fault(path, `percentile has no meaning for ${type}`)
  const value = numberOf(written['percentile'])
  if (value === undefined || value < 0 || value > 100) throw new Fault(path, 'percentile is a number from 0 to 100')
  return value
}

const groupByOf = (value: unknown): readonly string[] => namesOf(value, ['correlation', 'group-by'])

function namesOf(value: unknown, path: Path): readonly string[] {
  if (value === undefined || value === null) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > MAX_FIELDS) throw new Fault(path, `more than ${MAX_FIELDS} fields`)
  const names = list.map((item, index) => {
    const name = textOf(item).trim()
    if (name === '') throw new Fault([...path, index], 'a field is a name')
    return name
  })
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (twice >= 0) throw new Fault([...path, twice], `field "${names[twice]}" is listed twice`)
  return names
}

function aliasesOf(value: unknown, positionOf: PositionOf): readonly Alias[] {
  const path = ['correlation', 'aliases']
  if (value === undefined || value === null) return []
  if (!isMap(value)) throw new Fault(path, 'aliases is a map of names to maps of a rule to its field')
  return Object.entries(value).map(([name, mapping]) => {
    if (!isMap(mapping)) throw new Fault([...path, name], `alias "${name}" is not a map of rules to fields`)
    const fields = Object.entries(mapping).map(([rule, field]) => {
      const place = [...path, name, rule]
      if (typeof field !== 'string' || field.trim() === '')
        throw new Fault(place, `alias "${name}" names no field for rule "${rule}"`)
      return { text: rule, field: field.trim(), ...positionOf(place) }
    })
    return { name, fields }
  })
}

function flagOf(value: unknown, section: Entries): boolean {
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean')
    throw new Fault('generate' in section ? ['correlation', 'generate'] : ['generate'], 'generate is true or false')
  return value
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined
}

const isMap = (value: unknown): value is Entries => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '')
