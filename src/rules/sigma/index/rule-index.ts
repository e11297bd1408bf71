import type { OriginalRecord, TextSpan } from '../../../model/index.ts'
import type { Detection } from '../ast.ts'
import { fieldHolds } from '../evaluate.ts'
import {
  type EventKey,
  type FieldValue,
  type FieldView,
  fieldValue,
  keywordTexts,
  type Gate as LogSourceGate,
} from '../log-source/index.ts'
import type { RuleRecord } from '../rule-record.ts'
import { type Atom, AtomTable, circuitOf, KEYWORDS, type TestAtom } from './circuit.ts'
import { type Frequency, guessedFrequency } from './clauses.ts'
import type { Finder } from './finder.ts'
import { Finders } from './finders.ts'
import type { Gate } from './gates.ts'
import { ABSENT, ANY_WAY, CHOICE_GROWTH, GroupPlan, type IndexedRule, type KnownFields, LAST_CHOICE } from './group-plan.ts'
import { marksOf } from './marks.ts'
import type { SeenEvent } from './seen-event.ts'

/** A rule to be put into the index. */
export interface RuleToIndex {
  readonly detection: Detection
  readonly gate: LogSourceGate
}

/** What the index has done, for benchmarks. */
export interface IndexCounts {
  events: number
  /** Events of a log source that a rule is for. */
  admitted: number
  /** Events for which a rule was evaluated. */
  evaluatedEvents: number
  evaluations: number
}

/** What all events of one key, event id and channel share. */
interface EventPlan {
  readonly channel: string | undefined
  readonly groups: readonly GroupPlan[]
}

/** More sorts of events than any evidence has; hostile evidence makes the plans anew instead of filling the memory. */
const MAX_PLANS = 4_000

/**
 * Which rules hold for an event, without asking each. The log source is answered once for each sort of event; then every field that
 * matters goes once through an automaton of all literals rules look for in it; a rule is evaluated only when one of the literals it
 * cannot do without was seen, and then most of its tests are answered already. The answer is that of `evaluate` for every rule.
 */
export class RuleIndex {
  readonly counts: IndexCounts = { events: 0, admitted: 0, evaluatedEvents: 0, evaluations: 0 }
  /** Nanoseconds spent on each rule's evaluation; filled only when somebody gives it. */
  times: Float64Array | undefined
  readonly #rules: readonly (IndexedRule & Pick<RuleToIndex, 'gate'>)[]
  readonly #atoms: readonly Atom[]
  readonly #finders: Finders
  /** Number of the event in which an atom held last; of an atom that is a test, in which it was asked last. */
  readonly #stamps: Float64Array
  readonly #answers: Uint8Array
  /** In how many events an atom has held. */
  readonly #held: Float64Array
  readonly #literals: Int32Array
  readonly #candidates: Float64Array
  #seen = 0
  #now = 0
  #total = 0
  #plans = new Map<EventKey, Map<string, EventPlan>>()
  #planCount = 0
  readonly #record = new CurrentRecord()
  readonly #span: TextSpan = { bytes: new Uint8Array(0), at: 0, length: 0 }

  constructor(rules: readonly RuleToIndex[]) {
    const table = new AtomTable()
    this.#rules = rules.map(({ detection, gate }, number) => ({ number, gate, node: circuitOf(detection, table) }))
    this.#atoms = table.atoms
    this.#finders = new Finders(table.atoms)
    this.#stamps = new Float64Array(table.atoms.length)
    this.#answers = new Uint8Array(table.atoms.length)
    this.#held = new Float64Array(table.atoms.length)
    this.#literals = new Int32Array(table.atoms.length)
    this.#candidates = new Float64Array(rules.length)
  }

  /** Bytes of the finders' tables made so far. */
  get tableBytes(): number {
    return this.#finders.size
  }

  /** Numbers of the rules that hold, in order; the list is the index's own until the next call. */
  match(seen: SeenEvent): readonly number[] {
    this.counts.events++
    const groups = this.#groupsOf(seen)
    if (groups.length === 0) return NONE
    this.counts.admitted++
    const hits: number[] = []
    const before = this.counts.evaluations
    for (const group of groups) this.#matchGroup(group, seen, hits)
    if (this.counts.evaluations > before) this.counts.evaluatedEvents++
    return groups.length > 1 && hits.length > 1 ? hits.sort((a, b) => a - b) : hits
  }

  #groupsOf({ key, original }: SeenEvent): readonly GroupPlan[] {
    const isWindows = key.channel !== '' || key.provider !== ''
    const eventId = isWindows ? original.get('EventID') : undefined
    const channel = isWindows ? original.get('Channel') : undefined
    let byId = this.#plans.get(key)
    if (!byId) {
      if (this.#plans.size >= MAX_PLANS) this.#plans.clear()
      byId = new Map()
      this.#plans.set(key, byId)
    }
    const known = byId.get(eventId ?? '')
    if (known && known.channel === channel) return known.groups
    // The key has the channel in lower case, or guessed: other ways to write it are rare, and plans of their own.
    const name = known ? `${eventId ?? ''}\0${channel ?? ''}` : (eventId ?? '')
    let plan = byId.get(name)
    if (!plan) {
      if (++this.#planCount > MAX_PLANS) {
        this.#planCount = 0
        this.#plans.clear()
        byId.clear()
        this.#plans.set(key, byId)
      }
      plan = { channel, groups: this.#plan(key, { EventID: eventId, Channel: channel }) }
      byId.set(name, plan)
    }
    return plan.groups
  }

  #plan(key: EventKey, known: KnownFields): readonly GroupPlan[] {
    const byView = new Map<FieldView, IndexedRule[]>()
    for (const rule of this.#rules) {
      const view = rule.gate.viewOf(key)
      if (!view) continue
      const rules = byView.get(view)
      if (rules) rules.push(rule)
      else byView.set(view, [rule])
    }
    const frequency = this.#frequency()
    return [...byView]
      .map(([view, rules]) => new GroupPlan(key, view, known, rules, this.#atoms, this.#finders, frequency))
      .filter(({ rules }) => rules.length > 0)
  }

  /** What has been seen, with the guess as if it came from a few events more. */
  #frequency(): Frequency {
    const guess = guessedFrequency(this.#atoms)
    const events = this.#total
    return atom => ((this.#held[atom] ?? 0) + guess(atom) * GUESS_WEIGHT) / (events + GUESS_WEIGHT)
  }

  #matchGroup(group: GroupPlan, seen: SeenEvent, hits: number[]): void {
    this.#now++
    this.#total++
    this.#seen = 0
    this.#record.set(seen, group.view)
    this.#scanFields(group, seen.original)
    if (group.keywords) this.#scanKeywords(group.keywords, group.keywordsInNumbers, seen.original)
    const first = hits.length
    const { starts, rulesOf } = group
    for (let index = 0; index < this.#seen; index++) {
      const atom = this.#literals[index] as number
      const end = starts[atom + 1] as number
      for (let at = starts[atom] as number; at < end; at++) this.#candidate(group, rulesOf[at] as number, hits)
    }
    for (const rule of group.always) this.#candidate(group, rule, hits)
    if (hits.length - first > 1) hits.sort((a, b) => a - b)
    if (++group.events === group.nextChoice && group.events < LAST_CHOICE) {
      group.nextChoice *= CHOICE_GROWTH
      group.choose(this.#frequency())
    }
  }

  #candidate(group: GroupPlan, index: number, hits: number[]): void {
    const rule = group.rules[index]
    if (!rule || this.#candidates[rule.number] === this.#now) return
    this.#candidates[rule.number] = this.#now
    this.counts.evaluations++
    if (this.times) {
      const begun = performance.now()
      if (this.#holds(rule.gate)) hits.push(rule.number)
      this.times[rule.number] = (this.times[rule.number] ?? 0) + (performance.now() - begun) * 1e6
    } else if (this.#holds(rule.gate)) hits.push(rule.number)
  }

  #holds(gate: Gate): boolean {
    const stamps = this.#stamps
    const now = this.#now
    switch (gate.op) {
      case 'and': {
        const { literals, rest } = gate
        for (let index = 0; index < literals.length; index++) if (stamps[literals[index] as number] !== now) return false
        for (let index = 0; index < rest.length; index++) if (!this.#holds(rest[index] as Gate)) return false
        return true
      }
      case 'or': {
        const { literals, rest } = gate
        for (let index = 0; index < literals.length; index++) if (stamps[literals[index] as number] === now) return true
        for (let index = 0; index < rest.length; index++) if (this.#holds(rest[index] as Gate)) return true
        return false
      }
      case 'not':
        return !this.#holds(gate.of)
      case 'test':
        return this.#test(gate.atom)
      case 'constant':
        return gate.value
      default:
        return gate satisfies never
    }
  }

  #test(atom: number): boolean {
    if (this.#stamps[atom] !== this.#now) {
      this.#stamps[atom] = this.#now
      this.#answers[atom] = this.#answer(this.#atoms[atom] as TestAtom) ? 1 : 0
    }
    return this.#answers[atom] === 1
  }

  #answer({ field, test, needs, marks }: TestAtom): boolean {
    for (const clause of needs) if (!clause.some(literal => this.#stamps[literal] === this.#now)) return false
    if (marks !== 0 && field !== KEYWORDS && (this.#record.marks(field) & marks) !== marks) return false
    if (field !== KEYWORDS) return fieldHolds(test, this.#record.get(field), this.#record)
    return this.#record.values().some(text => fieldHolds(test, text, this.#record))
  }

  /** Called by the finders. */
  hit(atom: number): void {
    if (this.#stamps[atom] === this.#now) return
    this.#stamps[atom] = this.#now
    this.#held[atom] = (this.#held[atom] as number) + 1
    this.#literals[this.#seen++] = atom
  }

  #scanFields(group: GroupPlan, original: OriginalRecord): void {
    const { scanned } = group
    const { shape } = original
    const positions = shape && group.positions(shape)
    for (let index = 0; index < scanned.length; index++) {
      const { field, finder } = scanned[index] as GroupPlan['scanned'][number]
      const position = positions === undefined ? ANY_WAY : (positions[index] as number)
      if (position === ABSENT) continue
      if (position === ANY_WAY) {
        const value = this.#record.get(field)
        if (typeof value === 'string') finder.scanText(value, this)
        else if (value) for (const text of value) finder.scanText(text, this)
      } else this.#scanAt(original, position, finder)
    }
  }

  #scanAt(original: OriginalRecord, position: number, finder: Finder): void {
    const span = this.#span
    if (original.spanAt?.(position, span) === true && finder.scanBytes(span.bytes, span.at, span.length, this)) return
    const text = original.at?.(position)
    if (text !== undefined) finder.scanText(text, this)
  }

  /** The values are those of `values()`; where they can be read where they lie, no text is made of them. */
  #scanKeywords(finder: Finder, inNumbers: boolean, original: OriginalRecord): void {
    const { shape } = original
    if (!shape || !original.spanAt) {
      for (const text of this.#record.values()) finder.scanText(text, this)
      return
    }
    const span = this.#span
    for (let position = 0; position < shape.names.length; position++) {
      if (original.spanAt(position, span) && finder.scanBytes(span.bytes, span.at, span.length, this)) continue
      if (!inNumbers && original.isFormattedAt?.(position) === true) continue
      const text = original.at?.(position)
      if (text !== undefined) finder.scanText(text, this)
    }
  }
}

const NONE: readonly number[] = []
/** The guess counts as much as so many events. */
const GUESS_WEIGHT = 16

/** The event in hand as rules see it; values asked for are kept until the next one. */
class CurrentRecord implements RuleRecord {
  #seen: SeenEvent | undefined
  #view: FieldView | undefined
  readonly #values = new Map<string, FieldValue>()
  readonly #marks = new Map<string, number>()
  #texts: readonly string[] | undefined

  set(seen: SeenEvent, view: FieldView): void {
    this.#seen = seen
    this.#view = view
    this.#texts = undefined
    if (this.#values.size > 0) this.#values.clear()
    if (this.#marks.size > 0) this.#marks.clear()
  }

  get(field: string): FieldValue {
    let value = this.#values.get(field)
    if (value === undefined && !this.#values.has(field) && this.#seen && this.#view) {
      value = sourceValue(this.#view, field, this.#seen)
      this.#values.set(field, value)
    }
    return value
  }

  /** Marks of all values of a field together. */
  marks(field: string): number {
    let marks = this.#marks.get(field)
    if (marks === undefined) {
      const value = this.get(field)
      marks = 0
      if (typeof value === 'string') marks = marksOf(value)
      else if (value) for (const text of value) marks |= marksOf(text)
      this.#marks.set(field, marks)
    }
    return marks
  }

  values(): readonly string[] {
    this.#texts ??= this.#seen ? keywordTexts(this.#seen.event()) : []
    return this.#texts
  }
}

function sourceValue(view: FieldView, field: string, seen: SeenEvent): FieldValue {
  const source = view.sourceOf(field)
  if ('column' in source) return fieldValue(source, seen.event())
  const { original } = seen
  if ('from' in source) return source.from(name => original.get(name))
  for (const name of source.names) {
    const value = original.get(name)
    if (value !== undefined) return value
  }
  return undefined
}
