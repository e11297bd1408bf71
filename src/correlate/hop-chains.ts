import {
  bareAccountName,
  type HopChain,
  type HopGrade,
  hopGrades,
  isMachineAccount,
  isOutsideAddress,
  MICROS_PER_DAY,
  type RelayHop,
  type Step,
  type StepEnd,
  type StepHop,
  weakerGrade,
} from '../model/index.ts'

/** Longer chains than this are not told: ORB networks use three or four hops, and a search must end. */
const DEEPEST = 8
/** Ways listed with one incident. */
const MOST_CHAINS = 5
/** Within a day of coming in somebody who goes on without an account to tell may be the same. */
const SAME_VISIT = MICROS_PER_DAY

const isMachine = (end: StepEnd) => end.entity !== 'outside-address' && end.entity !== 'relay'
const isWay = (step: Step) => step.from.name !== step.to.name

/** Does an end of a step go by this name or address? */
const isCalled = (end: StepEnd, name: string) =>
  name !== '' && (end.name.toLowerCase() === name.toLowerCase() || end.addresses.includes(name))

/**
 * The steps with, for each one that leaves a machine somebody had come to, how well it is shown that it is the same somebody: a record of
 * the machine itself, both sides matched, the same account, or only the time.
 */
export function gradedSteps(steps: readonly Step[], hops: readonly RelayHop[]): readonly Step[] {
  return steps.map((step, index) => {
    if (step.hop !== undefined || !isWay(step) || !isMachine(step.from)) return step
    const before = steps.slice(0, index).filter(other => isWay(other) && other.to.name === step.from.name)
    const hop = hopOf(step, before, hops)
    return hop === undefined ? step : { ...step, hop }
  })
}

function hopOf(step: Step, before: readonly Step[], hops: readonly RelayHop[]): StepHop | undefined {
  const shown = hops
    .filter(
      hop =>
        isCalled(step.from, hop.via) &&
        isCalled(step.to, hop.to) &&
        (hop.from === '' || before.length === 0 || before.some(other => isCalled(other.from, hop.from))),
    )
    .toSorted((a, b) => hopGrades.indexOf(a.grade) - hopGrades.indexOf(b.grade))[0]
  const account = bareAccountName(step.account)
  const sameAccount = before.findLast(
    other => account !== '' && !isMachineAccount(step.account) && bareAccountName(other.account) === account,
  )
  if (shown && (shown.grade === 'proven' || !sameAccount)) {
    const cameFrom = before.find(other => isCalled(other.from, shown.from))?.from.name
    return { grade: shown.grade, why: shown.basis, ...(cameFrom === undefined ? {} : { cameFrom }) }
  }
  if (sameAccount)
    return {
      grade: 'matched',
      why: `by the account: ${step.account} had come in there from ${sameAccount.from.name} before`,
      cameFrom: sameAccount.from.name,
    }
  const near = before.findLast(other => (step.orderedTime ?? 0) - (other.orderedTime ?? 0) <= SAME_VISIT)
  return near && { grade: 'consistent', why: `by the time only: somebody had come in there from ${near.from.name} before` }
}

/**
 * The ways from outside into the network along graded steps, longest first. A way is never carried over a machine when no step shows it
 * going on, and it is as good as its weakest hop.
 */
export function hopChains(steps: readonly Step[]): readonly HopChain[] {
  const ways = steps.filter(isWay)
  const entries = ways.filter(step => !isMachine(step.from) && isMachine(step.to))
  const found = new Map<string, { readonly taken: readonly Step[]; readonly grade: HopGrade }>()
  const walk = (taken: readonly Step[], grade: HopGrade): void => {
    const last = taken.at(-1)
    if (!last) return
    const visited = new Set(taken.flatMap(step => [step.from.name, step.to.name]))
    const onward = ways.filter(
      step =>
        step.hop !== undefined &&
        step.from.name === last.to.name &&
        (step.hop.cameFrom === undefined || isCalled(last.from, step.hop.cameFrom)) &&
        isMachine(step.to) &&
        !visited.has(step.to.name) &&
        (step.orderedTime ?? 0) >= (last.orderedTime ?? 0),
    )
    if (taken.length > 1) keep(taken, grade)
    if (taken.length < DEEPEST)
      for (const step of firstPerTarget(onward)) walk([...taken, step], weakerGrade(grade, step.hop?.grade ?? 'behaves'))
  }
  const keep = (taken: readonly Step[], grade: HopGrade) => {
    const key = `${taken[0]?.from.name}\n${taken.at(-1)?.to.name}`
    const known = found.get(key)
    const better =
      !known ||
      hopGrades.indexOf(grade) < hopGrades.indexOf(known.grade) ||
      (grade === known.grade && taken.length < known.taken.length)
    if (better) found.set(key, { taken, grade })
  }
  // The first coming of each source to each machine begins all its ways.
  for (const entry of firstPerTarget(entries.toSorted((a, b) => a.order - b.order))) walk([entry], 'proven')
  const chains = [...found.values()].map(({ taken, grade }) => chainOf(taken, grade))
  // What is the beginning of a longer way with the same steps is told there.
  return chains
    .filter(
      chain =>
        !chains.some(
          other =>
            other !== chain &&
            other.steps.length > chain.steps.length &&
            chain.steps.every((order, at) => other.steps[at] === order),
        ),
    )
    .toSorted((a, b) => b.path.length - a.path.length || (a.steps.join() < b.steps.join() ? -1 : 1))
    .slice(0, MOST_CHAINS)
}

/** Of the steps between the same ends the best shown, then the earliest. */
function firstPerTarget(steps: readonly Step[]): readonly Step[] {
  const byEnds = new Map<string, Step>()
  for (const step of steps) {
    const key = `${step.from.name}\n${step.to.name}`
    const known = byEnds.get(key)
    if (!known || gradeRank(step) < gradeRank(known)) byEnds.set(key, step)
  }
  return [...byEnds.values()]
}

const gradeRank = (step: Step) => (step.hop === undefined ? hopGrades.length : hopGrades.indexOf(step.hop.grade))

function chainOf(taken: readonly Step[], grade: HopGrade): HopChain {
  const path = [taken[0]?.from.name ?? '', ...taken.map(step => step.to.name)]
  const parts = taken.slice(1).map(step => `${step.from.name} went on to ${step.to.name} (${step.hop?.grade}: ${step.hop?.why})`)
  return {
    path,
    steps: taken.map(step => step.order),
    grade,
    sentence: `From ${path[0]} to ${path[1]}; ${parts.join('; ')}. The way is as good as its weakest hop: ${grade}. Before ${path[0]} nothing is recorded.`,
  }
}

/**
 * Outside addresses that came in as clients and answered machines of ours as servers: somebody's own computer does one, a device that
 * passes connections on does both. A behaviour, no proof.
 */
export function relayLike(steps: readonly Step[]): ReadonlySet<string> {
  const cameIn = new Set(steps.filter(step => isMachine(step.to) && isOutsideAddress(step.from.name)).map(step => step.from.name))
  return new Set(steps.filter(step => isMachine(step.from) && isWay(step) && cameIn.has(step.to.name)).map(step => step.to.name))
}

/** The steps with relay-like outside addresses named as what they are. */
export function withRelays(steps: readonly Step[], relays: ReadonlySet<string>): readonly Step[] {
  const end = (one: StepEnd): StepEnd =>
    relays.has(one.name) && one.entity === 'outside-address' ? { ...one, entity: 'relay' } : one
  return steps.map(step => ({ ...step, from: end(step.from), to: end(step.to) }))
}
