import { MAX_ENTRIES, textOf, truthOf } from '../fold.ts'
import { OWN_UNPACKING } from '../own-text.ts'
import type { Expression, Statement } from '../program.ts'
import type { Value } from '../value.ts'
import { constant, either, fromSource, mixture, originsOf, UNKNOWN } from '../values.ts'
import { assignedIn } from './assigned.ts'
import { Calls } from './calls.ts'

/** Steps within one loop. */
const MAX_LOOP_STEPS = 120_000
/** Steps within one loop of a function nobody calls: without values there is nothing to unpack. */
export const LOOP_STEPS_FROM_OUTSIDE = 6_000
/** Steps within all loops: what is left is for the rest of the page, which is followed to its end. */
const MAX_LOOPS_STEPS = 180_000
/** Rounds of one loop whose condition is known. */
const MAX_ROUNDS = 20_000

/** How a statement ends. */
type Signal = 'on' | 'break' | 'continue' | 'return'

/** What statements do. */
export abstract class Statements extends Calls {
  /** Ways not taken that were looked at. */
  readonly #untaken = new Set<readonly Statement[]>()
  #loopSteps = 0
  protected loopLimit = MAX_LOOP_STEPS

  protected block(statements: readonly Statement[]): Signal {
    for (const statement of statements) {
      if (this.steps++ > this.limit) return 'return'
      const signal = this.statement(statement)
      if (signal !== 'on') return signal
    }
    return 'on'
  }

  protected statement(statement: Statement): Signal {
    switch (statement.do) {
      case 'expression':
        this.value(statement.value)
        return 'on'
      case 'declare': {
        const value = statement.value
          ? this.value(statement.value)
          : statement.type === undefined
            ? UNKNOWN
            : this.typed(statement.type)
        const typed =
          statement.type !== undefined && value.type === undefined && value.constant === undefined
            ? { ...value, type: statement.type }
            : value
        this.write(statement.name, typed, statement.line)
        return 'on'
      }
      case 'if':
        return this.if(statement.condition, statement.yes, statement.no)
      case 'loop':
        return this.loop(statement)
      case 'each':
        return this.each(statement)
      case 'switch':
        return this.switch(statement)
      case 'block':
        for (const part of statement.parts) {
          const signal = this.block(part)
          if (signal !== 'on') return signal
        }
        return 'on'
      case 'return': {
        const value = statement.value ? this.value(statement.value) : constant(null)
        this.frame.returned = this.frame.returned === undefined ? value : either(this.frame.returned, value)
        return this.frame === this.page ? 'on' : 'return'
      }
      case 'jump':
        // What follows `exit` is looked at all the same: whether it is reached depends on conditions not known here.
        return statement.kind === 'leave' ? 'on' : statement.kind
      case 'global':
        for (const name of statement.names) this.frame.globals.add(name)
        return 'on'
      default:
        return statement satisfies never
    }
  }

  protected if(condition: Expression, yes: readonly Statement[], no: readonly Statement[]): Signal {
    const value = this.value(condition)
    this.markChecked(condition, 0)
    if (value.constant !== undefined && value.origins.length === 0) {
      const [taken, other] = truthOf(value.constant) ? [yes, no] : [no, yes]
      // Dead code is looked at once: the condition may be known only because something else was not.
      if (this.loops === 0 && other.length > 0 && !this.#untaken.has(other)) {
        this.#untaken.add(other)
        this.uncertainly(() => this.block(other))
      }
      return this.block(taken)
    }
    const first = this.uncertainly(() => this.block(yes))
    const second = this.uncertainly(() => this.block(no))
    return first === second ? first : 'on'
  }

  protected loop(loop: Extract<Statement, { do: 'loop' }>): Signal {
    if (this.#loopSteps > MAX_LOOPS_STEPS) {
      if (loop.condition) this.value(loop.condition)
      return this.someRounds(loop.body, loop.step)
    }
    if (this.loops > 0) return this.rounds(loop)
    const before = this.steps
    const signal = this.rounds(loop)
    this.#loopSteps += this.steps - before
    return signal
  }

  protected rounds({ condition, after, body, step }: Extract<Statement, { do: 'loop' }>): Signal {
    this.loops++
    let signal: Signal = 'on'
    let round = 0
    const limit = Math.min(this.limit, this.steps + this.loopLimit)
    for (; round < MAX_ROUNDS && this.steps <= limit; round++) {
      if (!after || round > 0) {
        const value = condition ? this.value(condition) : constant(true)
        if (round === 0 && condition) this.markChecked(condition, 0)
        if (value.constant === undefined || value.origins.length > 0) {
          signal = this.someRounds(body, step)
          break
        }
        if (!truthOf(value.constant)) break
      }
      this.steps++
      const outcome = this.block(body)
      if (outcome === 'return') {
        signal = 'return'
        break
      }
      if (outcome === 'break') break
      for (const item of step ?? []) this.value(item)
      // An endless loop ends by a condition that is not known.
      if (condition === undefined && round > 64) break
    }
    this.loops--
    if (this.steps > limit || round >= MAX_ROUNDS) this.#giveUp(body)
    return signal === 'return' && this.uncertain === 0 ? 'return' : 'on'
  }

  /** A loop was left before its end: what it was putting together is not known, but it was put together. */
  #giveUp(body: readonly Statement[]): void {
    for (const name of assignedIn(body)) {
      const { variables } = this.scopeOf(name)
      const known = variables.get(name)
      if (typeof known?.constant === 'string') variables.set(name, fromSource('packed', OWN_UNPACKING, 0))
    }
  }

  /** A loop whose end is not known: twice, so that what one round leaves is seen by the next. */
  protected someRounds(body: readonly Statement[], step: readonly Expression[] | undefined): Signal {
    return this.uncertainly(() => {
      for (let i = 0; i < 2; i++) {
        this.block(body)
        for (const item of step ?? []) this.value(item)
      }
      return 'on' as const
    })
  }

  protected each({ list, key, value, body }: Extract<Statement, { do: 'each' }>): Signal {
    const walked = this.value(list)
    this.loops++
    const line = list.line
    if (walked.entries !== undefined && walked.origins.length === 0 && walked.entries.size > 0 && !walked.isObject) {
      for (const [name, entry] of [...walked.entries].slice(0, MAX_ENTRIES)) {
        if (this.steps++ > this.limit) break
        if (key) this.store(key, constant(name), line)
        if (value) this.store(value, entry, line)
        const signal = this.block(body)
        if (signal === 'break') break
        if (signal === 'return') {
          this.loops--
          return this.uncertain === 0 ? 'return' : 'on'
        }
      }
    } else {
      const mixed = mixture([walked])
      // What an upload consists of is an upload.
      const isUpload = walked.type !== undefined && originsOf(walked).some(({ kind }) => kind === 'upload')
      const inside: Value = isUpload ? { ...mixed, type: walked.type } : mixed
      this.uncertainly(() => {
        // Names of request parameters are chosen by the visitor like their values.
        if (key) this.store(key, originsOf(walked).length > 0 ? inside : UNKNOWN, line)
        if (value) this.store(value, inside, line)
        this.block(body)
        this.block(body)
      })
    }
    this.loops--
    return 'on'
  }

  protected switch({ value, cases }: Extract<Statement, { do: 'switch' }>): Signal {
    const chosen = this.value(value)
    const known = chosen.constant !== undefined && chosen.origins.length === 0
    if (known) {
      let running = false
      const labels = cases.map(({ test }) => (test ? this.value(test).constant : undefined))
      if (labels.every((label, index) => label !== undefined || cases[index]?.test === undefined)) {
        const start = labels.findIndex(label => label !== undefined && textOf(label) === textOf(chosen.constant))
        const from = start >= 0 ? start : cases.findIndex(({ test }) => test === undefined)
        for (const [index, { body }] of cases.entries()) {
          running ||= index === from
          if (!running) continue
          const signal = this.block(body)
          if (signal === 'break') return 'on'
          if (signal !== 'on') return signal
        }
        return 'on'
      }
    }
    for (const { test, body } of cases) {
      if (test) this.value(test)
      this.uncertainly(() => this.block(body))
    }
    return 'on'
  }
}
