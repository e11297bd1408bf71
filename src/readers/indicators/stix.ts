import { type Indicator, type Micros, microsFromIso } from '../../model/index.ts'
import type { Refuse } from './parse.ts'
import { readPattern } from './stix-pattern.ts'
import { typedAs } from './value.ts'

type Thing = Readonly<Record<string, unknown>>

/** Indicators of a STIX 2.1 bundle: docs.oasis-open.org/cti/stix/v2.1, section 4.7, with what relationships and sightings say of them. */
export function* stixIndicators(text: string, path: string, refuse: Refuse): Generator<Indicator> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    refuse('intel/bad-json', 1, `no JSON: ${error.message.slice(0, 200)}`, 'export the bundle again as JSON')
    return
  }
  const things = thingsOf(parsed)
  const byId = new Map(things.map(thing => [word(thing, 'id'), thing]))
  const context = contextOf(things, byId)
  for (const [index, thing] of things.entries()) {
    if (word(thing, 'type') !== 'indicator') continue
    const name = word(thing, 'name') || word(thing, 'id')
    const reason = unusable(thing)
    if (reason !== undefined) {
      refuse('intel/indicator-left-out', index + 1, `indicator "${name.slice(0, 80)}" is not used: ${reason}`)
      continue
    }
    const reading = readPattern(word(thing, 'pattern'))
    if ('refused' in reading) {
      refuse('intel/indicator-left-out', index + 1, `indicator "${name.slice(0, 80)}" is not used: ${reading.refused}`)
      continue
    }
    const { about = [], lastSeen, firstSeen } = context.get(word(thing, 'id')) ?? {}
    const label = [...new Set([word(thing, 'name'), ...about])].filter(part => part !== '').join(', ')
    const author = byId.get(word(thing, 'created_by_ref'))
    for (const { type, value } of reading.any) {
      const typed = typedAs(type, value)
      if (!typed) {
        refuse('intel/indicator-left-out', index + 1, `indicator "${name.slice(0, 80)}": "${value.slice(0, 60)}" is no ${type}`)
        continue
      }
      const from = firstSeen ?? timeOf(thing, 'valid_from')
      yield {
        ...typed,
        title: label.slice(0, 300),
        source: (author ? word(author, 'name') : '').slice(0, 300),
        firstSeen: from,
        // Without a sighting, nothing later than the day it was written down is known.
        lastSeen: lastSeen ?? timeOf(thing, 'valid_from') ?? timeOf(thing, 'modified'),
        validUntil: timeOf(thing, 'valid_until'),
        grade: gradeOf(thing),
        path,
        record: index + 1,
      }
    }
  }
}

function unusable(thing: Thing): string | undefined {
  if (thing['revoked'] === true) return 'its author took it back'
  const language = word(thing, 'pattern_type')
  return language === '' || language === 'stix'
    ? undefined
    : `its pattern is written in ${language}; give it with --rules or --yara`
}

function thingsOf(parsed: unknown): readonly Thing[] {
  const isThing = (value: unknown): value is Thing => typeof value === 'object' && value !== null && !Array.isArray(value)
  const list = Array.isArray(parsed) ? parsed : isThing(parsed) && Array.isArray(parsed['objects']) ? parsed['objects'] : [parsed]
  return list.filter(isThing)
}

function word(thing: Thing, key: string): string {
  const value = Object.hasOwn(thing, key) ? thing[key] : undefined
  return typeof value === 'string' ? value : ''
}

function timeOf(thing: Thing, key: string): Micros | undefined {
  return microsFromIso(word(thing, key))
}

function gradeOf(thing: Thing): number | undefined {
  const value = thing['confidence']
  return typeof value === 'number' && value >= 0 && value <= 100 ? value : undefined
}

interface Context {
  readonly about: string[]
  firstSeen: Micros | undefined
  lastSeen: Micros | undefined
}

/** What an indicator indicates, and when it was sighted. */
function contextOf(things: readonly Thing[], byId: ReadonlyMap<string, Thing>): ReadonlyMap<string, Context> {
  const contexts = new Map<string, Context>()
  const of = (id: string): Context => {
    const known = contexts.get(id) ?? { about: [], firstSeen: undefined, lastSeen: undefined }
    contexts.set(id, known)
    return known
  }
  for (const thing of things) {
    if (word(thing, 'type') === 'relationship' && word(thing, 'relationship_type') === 'indicates') {
      const name = word(byId.get(word(thing, 'target_ref')) ?? {}, 'name')
      if (name !== '') of(word(thing, 'source_ref')).about.push(name)
    }
    if (word(thing, 'type') !== 'sighting') continue
    const context = of(word(thing, 'sighting_of_ref'))
    const [first, last] = [timeOf(thing, 'first_seen'), timeOf(thing, 'last_seen') ?? timeOf(thing, 'first_seen')]
    if (first !== undefined && (context.firstSeen === undefined || first < context.firstSeen)) context.firstSeen = first
    if (last !== undefined && (context.lastSeen === undefined || last > context.lastSeen)) context.lastSeen = last
  }
  return contexts
}
