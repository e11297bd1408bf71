import { openPart } from '../../src/evidence/index.ts'
import type { SecurityEvent, UnmappedRecord } from '../../src/model/index.ts'
import type { MatchTask } from '../../src/pipeline/match/match-task.ts'
import { readers } from '../../src/readers/registry.ts'
import type { CompiledRules } from '../../src/rules/index.ts'
import { detectionTest, evaluate } from '../../src/rules/sigma/evaluate.ts'
import { admits } from '../../src/rules/sigma/log-source/gate.ts'
import { type EventKey, eventKeyOf, gateOf, unmappedKeyOf } from '../../src/rules/sigma/log-source/index.ts'
import { SeenRecord } from '../../src/rules/sigma/rule-record.ts'

/** A record of which two ways say different things. */
export interface Difference {
  readonly where: string
  readonly ways: string
  readonly one: readonly string[]
  readonly other: readonly string[]
}

/** What came of one part. */
export interface ComparedPart {
  readonly records: number
  /** Hits of the plain evaluator. */
  readonly hits: number
  /** Records of which every rule was asked with nothing remembered. */
  readonly askedWhole: number
  readonly differences: readonly Difference[]
}

/** A record, and what the index says of it. */
interface Answered {
  readonly event: SecurityEvent
  readonly fast: string
  /** What was said before it was an event; undefined where the reader does not ask. */
  readonly asked: boolean | undefined
}

/** Records of one key held back, so that a rule is asked about all of them while it is at hand: ten times faster, and nothing is shared. */
const TOGETHER = 64
const CHUNK = 65_536

/** Compares the index with rules asked one by one, over parts of any format. */
export class Comparison {
  readonly #matcher: CompiledRules['matcher']
  readonly #rules: readonly (ReturnType<typeof gated> & { readonly number: number })[]
  readonly #every: number
  #seen = 0
  readonly #keysSeen = new Set<EventKey>()

  /** `every`: of so many records, of the first of each sort as well, all rules are asked with nothing remembered. */
  constructor({ matcher, documents }: CompiledRules, every: number) {
    this.#matcher = matcher
    this.#rules = documents.rules.map((rule, number) => ({ ...gated(rule), number }))
    this.#every = every
  }

  /** `share`: of an event log, so much of each part. */
  compare({ file, format, plan }: MatchTask, share: number): ComparedPart {
    const reader = readers.find(candidate => candidate.format === format)
    const cut = plan.start + Math.ceil(((plan.end - plan.start) / CHUNK) * share) * CHUNK
    const opened = openPart(file, { ...plan, end: format === 'evtx' ? Math.min(cut, plan.end) : plan.end })
    const waiting = new Map<EventKey, Answered[]>()
    const result = { records: 0, hits: 0, askedWhole: 0, differences: [] as Difference[] }
    let asked: { readonly answer: boolean; readonly key: EventKey } | undefined
    const differ = (event: SecurityEvent, ways: string, one: string, other: string) =>
      result.differences.push({
        where: `${plan.path}:${event.source.record}`,
        ways,
        one: one.split('\n'),
        other: other.split('\n'),
      })
    const flush = (key: EventKey, answered: Answered[]) => {
      const plain = this.#plainHits(key, answered)
      for (const [index, { event, fast, asked }] of answered.entries()) {
        const numbers = plain[index] ?? []
        result.hits += numbers.length
        const slow = this.#named(numbers)
        if (slow !== fast) differ(event, 'index, plain', fast, slow)
        if (asked !== undefined && asked !== numbers.length > 0) differ(event, 'asked before, plain', String(asked), slow)
        if (!this.#isInSample(key)) continue
        result.askedWhole++
        const whole = this.#named(this.#askedOneByOne(event, key))
        if (whole !== slow) differ(event, 'plain, every rule asked', slow, whole)
      }
      answered.length = 0
    }
    try {
      reader?.read(opened.part, {
        wants: (record: UnmappedRecord) => {
          asked = { answer: this.#matcher.mayMatch?.(record) ?? true, key: unmappedKeyOf(record) }
          return true
        },
        event: event => {
          result.records++
          const key = eventKeyOf(event)
          const views = asked && this.#viewsDiffering(asked.key, key)
          if (views) differ(event, 'gate of the record, gate of the event', views, '')
          const answered = waiting.get(key) ?? []
          waiting.set(key, answered)
          const fast = this.#matcher.match(event).map(({ rule }) => rule)
          answered.push({ event, fast: fast.join('\n'), asked: asked?.answer })
          asked = undefined
          if (answered.length >= TOGETHER) flush(key, answered)
        },
        diagnostic: () => undefined,
      })
      for (const [key, answered] of waiting) flush(key, answered)
    } finally {
      opened.close()
    }
    return result
  }

  /** Rules behind their gates, each by itself; numbers of those that hold for each of the records. */
  #plainHits(key: EventKey, answered: readonly Answered[]): readonly (readonly number[])[] {
    const hits: number[][] = answered.map(() => [])
    const byView = Map.groupBy(this.#rules, ({ gate }) => gate.viewOf(key))
    for (const [view, rules] of byView) {
      if (view === undefined) continue
      const records = answered.map(({ event }) => new SeenRecord(event, view, key))
      for (const { number, holds } of rules)
        for (const [index, record] of records.entries()) if (holds(record)) hits[index]?.push(number)
    }
    return hits.map(numbers => numbers.sort((a, b) => a - b))
  }

  /** Every rule: no answer of a gate is remembered, no value is kept, and the key is another object. */
  #askedOneByOne(event: SecurityEvent, known: EventKey): readonly number[] {
    const key = { ...known }
    return this.#rules.flatMap(({ number, gate, rule }) => {
      if (!gate.admissions.some(admission => admits(admission, key))) return []
      const view = gateOf(rule.logSource).viewOf(key)
      return view && evaluate(rule.detection, new SeenRecord(event, view, key)) ? number : []
    })
  }

  #isInSample(key: EventKey): boolean {
    const isFirst = !this.#keysSeen.has(key)
    if (isFirst) this.#keysSeen.add(key)
    return ++this.#seen % this.#every === 0 || isFirst
  }

  /** The rules that see a record otherwise before it is an event, by pairs of keys. */
  readonly #compared = new WeakMap<EventKey, WeakMap<EventKey, string>>()

  #viewsDiffering(before: EventKey, after: EventKey): string {
    const known = this.#compared.get(before) ?? new WeakMap<EventKey, string>()
    this.#compared.set(before, known)
    let differing = known.get(after)
    if (differing === undefined) {
      const numbers = this.#rules.filter(({ gate }) => gate.viewOf(before)?.id !== gate.viewOf(after)?.id)
      differing = this.#named(numbers.map(({ number }) => number))
      known.set(after, differing)
    }
    return differing
  }

  #named(numbers: readonly number[]): string {
    return numbers.map(number => this.#rules[number]?.id).join('\n')
  }
}

function gated(rule: CompiledRules['documents']['rules'][number]) {
  return { rule, id: rule.id || rule.title, gate: gateOf(rule.logSource), holds: detectionTest(rule.detection) }
}
