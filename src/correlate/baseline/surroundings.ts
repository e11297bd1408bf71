import { tacticName, techniqueOf } from '../../knowledge/index.ts'
import { bareAccountName, type Finding, MICROS_PER_MINUTE } from '../../model/index.ts'
import type { Surroundings } from './judge.ts'

/** A burst is a quarter of an hour; its edges are fuzzy by as much. */
const NEAR_BURST = 15 * MICROS_PER_MINUTE
/** One working session of a person. */
const SESSION = 8 * 60 * MICROS_PER_MINUTE
/** Two steps one after the other are met in ordinary administration: a question and a copy. */
const ENOUGH_STAGES = 3

const BURST = 'living-off-land/discovery-burst'

/** The order in which an intruder with somebody's rights works; what stands in one place may come in any order. */
const STAGES: readonly (readonly string[])[] = [
  ['discovery'],
  ['credential-access'],
  ['lateral-movement', 'command-and-control', 'persistence'],
  ['collection', 'exfiltration'],
]
/** Removing traces comes last, whatever else the tactic holds. */
const TRACES = /^T1070/

const stageOf = (finding: Finding): number => {
  if (finding.techniques.some(id => TRACES.test(id))) return STAGES.length
  const tactics = techniqueOf(finding.techniques[0] ?? '')?.tactics ?? []
  return STAGES.findIndex(stage => stage.some(tactic => tactics.includes(tactic)))
}
const stageName = (stage: number): string => tacticName(STAGES[stage]?.[0] ?? '').toLowerCase() || 'removal of traces'

/** Is the finding part of a burst of questions, or of steps in the order of an intrusion, by one account on one machine? */
export function surroundingsOf(finding: Finding, neighbours: readonly Finding[]): Surroundings {
  const { firstTime: moment } = finding
  if (moment === undefined) return ''
  const near = neighbours.filter(other => sameHand(finding, other))
  const isBurst = (one: Finding) => one.witnesses.some(witness => witness.rule === BURST)
  const burst = near.find(
    other =>
      other !== finding &&
      isBurst(other) &&
      other.firstTime !== undefined &&
      moment >= other.firstTime - NEAR_BURST &&
      moment <= (other.lastTime ?? other.firstTime) + NEAR_BURST,
  )
  if (burst && !isBurst(finding)) return 'part of a burst of discovery commands'
  const stages = stagesInOrder(
    near.filter(other => other.firstTime !== undefined && Math.abs(other.firstTime - moment) <= SESSION),
  )
  const own = stageOf(finding)
  return stages.length >= ENOUGH_STAGES && stages.includes(own) ? `part of a sequence (${stages.map(stageName).join(', ')})` : ''
}

function sameHand(one: Finding, other: Finding): boolean {
  if (!one.hosts.some(host => other.hosts.includes(host))) return false
  const names = new Set(one.accounts.map(bareAccountName))
  return one === other || other.accounts.some(account => names.has(bareAccountName(account)))
}

/** The longest run of different stages that follow each other in time. */
function stagesInOrder(findings: readonly Finding[]): readonly number[] {
  const best: (readonly number[])[] = []
  const inTime = findings.toSorted((a, b) => (a.firstTime ?? 0) - (b.firstTime ?? 0))
  for (const stage of inTime.map(stageOf)) {
    if (stage < 0) continue
    // The longest chain that ends in a lower stage, with this one behind it; a repetition changes nothing.
    const before = best
      .slice(0, stage)
      .reduce<readonly number[]>((most, chain) => (chain && chain.length > most.length ? chain : most), [])
    const now = [...before, stage]
    if (now.length > (best[stage]?.length ?? 0)) best[stage] = now
  }
  return best.reduce<readonly number[]>((most, chain) => (chain && chain.length > most.length ? chain : most), [])
}
