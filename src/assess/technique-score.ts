import { type GroupProfile, groupProfiles, techniqueOf } from '../knowledge/index.ts'

/** How well one group's published behaviour explains what was observed. */
export interface GroupScore {
  readonly group: GroupProfile
  /** Log-likelihood ratio against "whoever it was, an average published group". */
  readonly score: number
  /** Observed techniques that its profile holds, most telling first. */
  readonly shared: readonly string[]
}

/** Compares an observation with all groups. */
export interface GroupScorer {
  /** Best first. */
  scores(observed: readonly string[]): readonly GroupScore[]
  /** How many groups are published to use a technique; what is common says little. */
  groupsUsing(id: string): number
  readonly groups: number
}

/** The figures of the mixture; docs/attribution.md says how they were measured. */
export interface MixtureSettings {
  /** Share of a group's behaviour that follows its profile; the rest is what everybody does. */
  readonly lambda: number
  /** Observations a profile is shrunk by, so that a group with three known techniques does not win on one of them. */
  readonly shrinkage: number
}

const SETTINGS: MixtureSettings = { lambda: 0.6, shrinkage: 40 }

/** Tactics a victim never sees; a profile's share in them says nothing about a case. */
const UNSEEN = new Set(['reconnaissance', 'resource-development'])

/** Can a victim see the technique at all? */
export function isObservable(id: string): boolean {
  return techniqueOf(id)?.tactics.some(tactic => !UNSEEN.has(tactic)) ?? false
}

interface Profile {
  readonly group: GroupProfile
  readonly weights: ReadonlyMap<string, number>
  readonly total: number
}

/**
 * Σ over observed techniques of log[(λ·θ(t) + (1−λ)·b(t)) / b(t)]. θ is the group's share of a technique among all it is reported for
 * (the square root of independent reports, because the tenth report adds less than the first), shrunk towards the average group;
 * b is the average group's share. Common techniques cancel out by themselves.
 */
export function groupScorer(groups: readonly GroupProfile[], { lambda, shrinkage }: MixtureSettings = SETTINGS): GroupScorer {
  const profiles: readonly Profile[] = groups
    .map(group => {
      const weights = new Map(
        [...group.techniques].filter(([id]) => isObservable(id)).map(([id, reports]) => [id, Math.sqrt(reports)]),
      )
      return { group, weights, total: [...weights.values()].reduce((sum, weight) => sum + weight, 0) }
    })
    .filter(profile => profile.total > 0)
  const users = new Map<string, number>()
  for (const profile of profiles) for (const id of profile.weights.keys()) users.set(id, (users.get(id) ?? 0) + 1)
  // Who is published for a sub-technique uses the technique: a report that names only the parent must not make it look rare.
  const usersOfParents = new Map<string, number>()
  for (const { weights } of profiles)
    for (const parent of new Set([...weights.keys()].map(parentOf)))
      usersOfParents.set(parent, (usersOfParents.get(parent) ?? 0) + 1)
  for (const [parent, count] of usersOfParents) users.set(parent, count)
  const uses = [...users.values()].reduce((sum, count) => sum + count, 0)
  // A technique nobody is published to use is as rare as one that a single group uses.
  const background = (id: string) => (users.get(id) ?? 1) / uses
  const scoreOf = (profile: Profile, seen: readonly string[]): GroupScore => {
    const terms = seen.map(id => {
      const b = background(id)
      const own = weightOf(profile, id)
      const theta = (own + shrinkage * b) / (profile.total + shrinkage)
      return { id, gain: Math.log((lambda * theta + (1 - lambda) * b) / b), own: own > 0 }
    })
    const shared = terms.filter(term => term.own).toSorted((a, b) => b.gain - a.gain || (a.id < b.id ? -1 : 1))
    return { group: profile.group, score: terms.reduce((sum, term) => sum + term.gain, 0), shared: shared.map(term => term.id) }
  }
  return {
    scores(observed) {
      const all = new Set(observed)
      // A parent beside one of its sub-techniques is the same draw told twice.
      const seen = [...all].filter(id => isObservable(id) && ![...all].some(other => other !== id && parentOf(other) === id))
      return profiles
        .map(profile => scoreOf(profile, seen))
        .toSorted((a, b) => b.score - a.score || (a.group.id < b.group.id ? -1 : 1))
    },
    groupsUsing: id => users.get(id) ?? 0,
    groups: profiles.length,
  }
}

const parentOf = (id: string) => id.split('.')[0] ?? id

/** Weight of a technique in a profile; of a parent the best known of its sub-techniques. */
function weightOf(profile: Profile, id: string): number {
  const own = profile.weights.get(id) ?? 0
  if (id.includes('.')) return own
  return Math.max(own, ...[...profile.weights].filter(([other]) => parentOf(other) === id).map(([, weight]) => weight))
}

/** The scorer over the bundled groups. */
export const bundledScorer: GroupScorer = groupScorer(groupProfiles)
