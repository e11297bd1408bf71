import {
  bareAccountName,
  type Confidence,
  compareSeverity,
  confidences,
  type Finding,
  type FindingDraft,
  type FindingId,
  isMachineAccount,
  isMachineName,
  MAX_EVIDENCE_REFERENCES,
  MICROS_PER_MINUTE,
  type Micros,
  type Severity,
  type SourceRef,
  severities,
  stableId,
  type Witness,
} from '../model/index.ts'
import { Groups } from './groups.ts'

/** Two witnesses of one behaviour on one host and object lie at most this far apart: logs of one action differ by seconds, sessions by hours. */
export const SAME_BEHAVIOUR = 10 * MICROS_PER_MINUTE

/** Names the machine behind a host name at a time, so that "DC01" and "dc01.example" merge. */
export type HostKey = (host: string, time: Micros | undefined) => string

/**
 * One behaviour is one finding: drafts that rest on the same records, or are about the same host, object and technique within
 * `SAME_BEHAVIOUR`, become one finding that names all its witnesses. A rule joins one behaviour of ours and never ties two of them
 * together: it knows its records, not what somebody did. The order of the drafts does not matter.
 */
export function mergeDrafts(drafts: readonly FindingDraft[], hostKey: HostKey): readonly Finding[] {
  const sorted = drafts.toSorted(byDraft)
  const ours = sorted.filter(draft => !isRule(draft.witness))
  const rules = sorted.filter(draft => isRule(draft.witness))
  const behaviours = joined(ours, hostKey)
  const alone = joinRules(behaviours, rules, hostKey)
  return [...behaviours, ...joined(alone, hostKey)].map(findingOf).toSorted(byFinding)
}

function joined(sorted: readonly FindingDraft[], hostKey: HostKey): FindingDraft[][] {
  const groups = new Groups(sorted.length)
  joinSameRecords(sorted, groups)
  joinSameObject(sorted, groups, hostKey)
  return groups.lists().map(members => members.map(member => sorted[member]).filter(draft => draft !== undefined))
}

/** Adds each rule to the behaviour it is another witness of, the one that shares most of its records; returns the rules that are left. */
function joinRules(behaviours: FindingDraft[][], rules: readonly FindingDraft[], hostKey: HostKey): readonly FindingDraft[] {
  const whole = behaviours.map(asOne)
  const byRecord = new Map<string, number[]>()
  const byObject = new Map<string, number[]>()
  const byAddress = new Map<string, number[]>()
  const add = (map: Map<string, number[]>, key: string, index: number) => {
    const list = map.get(key)
    if (!list) map.set(key, [index])
    else if (list.at(-1) !== index) list.push(index)
  }
  // Only records that some rule cites are asked for.
  const cited = new Set(rules.flatMap(rule => rule.evidence.slice(0, COMPARED_RECORDS).map(refKey)))
  for (const [index, members] of behaviours.entries())
    for (const draft of members) {
      if (cited.size > 0)
        for (const ref of draft.evidence.slice(0, COMPARED_RECORDS)) {
          const key = refKey(ref)
          if (cited.has(key)) add(byRecord, key, index)
        }
      if (draft.object !== '') add(byObject, objectKey(draft, hostKey), index)
      for (const address of draft.addresses) add(byAddress, address, index)
    }
  return rules.filter(rule => {
    const shared = new Map<number, number>()
    for (const ref of rule.evidence.slice(0, COMPARED_RECORDS))
      for (const index of byRecord.get(refKey(ref)) ?? []) shared.set(index, (shared.get(index) ?? 0) + 1)
    const [home] = [...shared]
      .filter(([index, count]) => {
        const one = whole[index]
        return one !== undefined && (restOnSame(rule, one, count) || sawMostly(rule, one, count))
      })
      .toSorted(([a, x], [b, y]) => y - x || compared(whole[a] ?? rule) - compared(whole[b] ?? rule) || a - b)
      .map(([index]) => index)
    const place =
      home ??
      sameObject(rule, behaviours, byObject.get(objectKey(rule, hostKey)) ?? []) ??
      sameEnds(rule, whole, byAddress.get(rule.addresses[0] ?? '') ?? [], hostKey)
    const one = place === undefined ? undefined : whole[place]
    if (place === undefined || !one) return true
    behaviours[place]?.push(home !== undefined && compareSeverity(rule.severity, one.severity) <= 0 ? within(rule, one) : rule)
    return false
  })
}

/** A weaker rule as a witness of the behaviour: what else it matched is no part of the behaviour and stays a hit of the rule in the case. */
function within(rule: FindingDraft, behaviour: FindingDraft): FindingDraft {
  const known = new Set(behaviour.evidence.map(refKey))
  const evidence = rule.evidence.filter(ref => known.has(refKey(ref)))
  return { ...rule, evidence, evidenceTotal: Math.min(rule.evidenceTotal, behaviour.evidenceTotal) }
}

/** Several drafts as the one behaviour they are, for comparing records, ends and strength. */
function asOne(members: readonly FindingDraft[]): FindingDraft {
  const [lead] = members
  if (!lead) throw new Error('a behaviour has at least one draft')
  if (members.length === 1) return lead
  return {
    ...lead,
    severity: strongest(members.map(draft => draft.severity)),
    techniques: union(members.map(draft => draft.techniques)),
    hosts: union(members.map(draft => draft.hosts)),
    accounts: union(members.map(draft => draft.accounts)),
    addresses: union(members.map(draft => draft.addresses)),
    ...spanOf(members),
    evidence: mergedEvidence(members),
  }
}

/** From the first to the last moment of drafts. */
function spanOf(drafts: readonly FindingDraft[]): Pick<FindingDraft, 'firstTime' | 'lastTime'> {
  const starts = drafts.map(draft => draft.firstTime).filter(value => value !== undefined)
  const ends = drafts.map(draft => draft.lastTime ?? draft.firstTime).filter(value => value !== undefined)
  return {
    firstTime: starts.length === 0 ? undefined : (Math.min(...starts) as Micros),
    lastTime: ends.length === 0 ? undefined : (Math.max(...ends) as Micros),
  }
}

function sameObject(rule: FindingDraft, behaviours: readonly FindingDraft[][], places: readonly number[]): number | undefined {
  if (rule.object === '') return undefined
  return places.find(place =>
    behaviours[place]?.some(
      draft =>
        draft.object === rule.object && shareTechnique(draft, rule) && (nearInTime(draft, rule) || nearInTime(rule, draft)),
    ),
  )
}

/**
 * The behaviour of ours that a weaker rule saw in another log: between the same addresses, by the same accounts, while it went on. A
 * firewall's line of a connection and the flow sensor's are two records of one.
 */
function sameEnds(
  rule: FindingDraft,
  behaviours: readonly FindingDraft[],
  places: readonly number[],
  hostKey: HostKey,
): number | undefined {
  if (rule.firstTime === undefined) return undefined
  const hosts = new Set(rule.hosts.filter(isMachineName).map(host => hostKey(host, rule.firstTime)))
  const accounts = new Set(rule.accounts.map(bareAccountName))
  return places.find(place => {
    const one = behaviours[place]
    return (
      one?.firstTime !== undefined &&
      rule.firstTime !== undefined &&
      rule.firstTime >= one.firstTime - SAME_BEHAVIOUR &&
      nearInTime(one, rule) &&
      compareSeverity(rule.severity, one.severity) <= 0 &&
      shareTechnique(rule, one) &&
      rule.addresses.every(address => one.addresses.includes(address)) &&
      meet(
        hosts,
        one.hosts.filter(isMachineName).map(host => hostKey(host, one.firstTime)),
      ) &&
      meet(accounts, one.accounts.map(bareAccountName))
    )
  })
}

/** Is there one in common, or does one side name none? */
function meet(some: ReadonlySet<string>, others: readonly string[]): boolean {
  return some.size === 0 || others.length === 0 || others.some(name => some.has(name))
}

function objectKey(draft: FindingDraft, hostKey: HostKey): string {
  const hosts = draft.hosts.map(host => hostKey(host, draft.firstTime)).toSorted()
  return `${hosts.join(',')}\n${draft.object}`
}

const time = (value: Micros | undefined) => value ?? Number.POSITIVE_INFINITY
const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Strongest first, then what our detectors say before a rule, then by time and text: the first draft of a group speaks for it. */
function byDraft(a: FindingDraft, b: FindingDraft): number {
  return (
    Number(isRule(a.witness)) - Number(isRule(b.witness)) ||
    compareSeverity(b.severity, a.severity) ||
    confidences.indexOf(b.confidence) - confidences.indexOf(a.confidence) ||
    time(a.firstTime) - time(b.firstTime) ||
    text(a.witness.rule, b.witness.rule) ||
    text(a.hosts.join(), b.hosts.join()) ||
    text(a.object, b.object) ||
    text(a.title, b.title) ||
    text(refKey(a.evidence[0]), refKey(b.evidence[0]))
  )
}

/** Order of findings everywhere: most severe first, then by time, title and id. */
export function byFinding(a: Finding, b: Finding): number {
  const byTime = time(a.firstTime) === time(b.firstTime) ? 0 : time(a.firstTime) - time(b.firstTime)
  return compareSeverity(b.severity, a.severity) || byTime || text(a.title, b.title) || text(a.id, b.id)
}

function isRule(witness: Witness): boolean {
  return witness.source !== 'barograph'
}

function refKey(ref: SourceRef | undefined): string {
  return ref ? `${ref.evidence}:${ref.record}:${ref.offset}` : ''
}

/** A draft of at most so many records is about those records themselves; larger ones describe a pattern over many. */
const FEW_RECORDS = 3
/** Only so many records of a draft are compared: a pattern over more of them is recognised by these. */
const COMPARED_RECORDS = 1_000
const compared = (draft: FindingDraft) => Math.min(draft.evidence.length, COMPARED_RECORDS)

/**
 * Drafts over the same records are one behaviour. A draft inside a larger one joins it only if they share a technique and it is not
 * the stronger of the two, so that a rule which matches everything cannot swallow the one record that matters.
 */
function joinSameRecords(drafts: readonly FindingDraft[], groups: Groups): void {
  const cited = drafts.reduce((sum, draft) => sum + compared(draft), 0)
  const turns = Math.ceil(cited / RECORDS_A_TURN)
  const shared = new Map<string, number>()
  for (let turn = 0; turn < turns; turn++) countShared(drafts, ref => ref.record % turns === turn, shared)
  for (const [key, count] of shared) {
    const [a = 0, b = 0] = key.split(':').map(Number)
    const one = drafts[a]
    const other = drafts[b]
    if (one && other && restOnSame(one, other, count)) groups.join(a, b)
  }
}

/** Records whose drafts are held at once: a large case cites millions, each of them once. */
const RECORDS_A_TURN = 200_000

/** Adds to `shared` how many records each two drafts ("place:place") have in common, of those that `isDue`. */
function countShared(drafts: readonly FindingDraft[], isDue: (ref: SourceRef) => boolean, shared: Map<string, number>): void {
  const users = new Map<string, number | number[]>()
  for (const [index, { evidence }] of drafts.entries())
    for (let place = 0; place < Math.min(evidence.length, COMPARED_RECORDS); place++) {
      const ref = evidence[place]
      if (!ref || !isDue(ref)) continue
      const key = refKey(ref)
      const known = users.get(key)
      if (known === undefined) users.set(key, index)
      else if (typeof known === 'number') users.set(key, [known, index])
      else known.push(index)
    }
  for (const list of users.values()) {
    // A record that hundreds of drafts cite says nothing about which of them belong together.
    if (typeof list === 'number' || list.length > 64) continue
    for (let i = 0; i < list.length; i++)
      for (let j = i + 1; j < list.length; j++) {
        const key = `${list[i]}:${list[j]}`
        shared.set(key, (shared.get(key) ?? 0) + 1)
      }
  }
}

function restOnSame(a: FindingDraft, b: FindingDraft, shared: number): boolean {
  const [small, large] = compared(a) <= compared(b) ? [a, b] : [b, a]
  if (shared === compared(large)) return true
  // One detector that names two things saw two acts: somebody who came in by one session went on to two machines.
  if (a.object !== b.object && a.witness.source === 'barograph' && a.witness.rule === b.witness.rule) return false
  if (compared(large) <= FEW_RECORDS) return shareTechnique(a, b)
  return shared * 2 >= compared(small) && shareTechnique(a, b) && compareSeverity(small.severity, large.severity) <= 0
}

/**
 * Is most of what a rule matched a stronger behaviour of ours? Its few other records do not make it a behaviour of its own. Where all of
 * it is, it tells a detail of the stronger, whatever technique it calls it.
 */
function sawMostly(rule: FindingDraft, behaviour: FindingDraft, shared: number): boolean {
  if (shared === compared(rule) && compareSeverity(rule.severity, behaviour.severity) < 0) return true
  return (
    shared * 2 >= compared(rule) && shareTechnique(rule, behaviour) && compareSeverity(rule.severity, behaviour.severity) <= 0
  )
}

/** Do two drafts name a technique in common, sub-techniques counting with their parent? */
function shareTechnique(a: Pick<FindingDraft, 'techniques'>, b: Pick<FindingDraft, 'techniques'>): boolean {
  const family = (id: string) => id.split('.')[0] ?? id
  const mine = new Set(a.techniques.map(family))
  return b.techniques.some(id => mine.has(family(id)))
}

function joinSameObject(drafts: readonly FindingDraft[], groups: Groups, hostKey: HostKey): void {
  const byKey = new Map<string, number[]>()
  drafts.forEach((draft, index) => {
    if (draft.object === '') return
    const key = objectKey(draft, hostKey)
    byKey.set(key, [...(byKey.get(key) ?? []), index])
  })
  for (const members of byKey.values()) {
    const inTime = members.toSorted((a, b) => time(drafts[a]?.firstTime) - time(drafts[b]?.firstTime) || a - b)
    for (let i = 0; i < inTime.length; i++)
      for (let j = i + 1; j < inTime.length; j++) {
        const one = drafts[inTime[i] ?? -1]
        const other = drafts[inTime[j] ?? -1]
        if (!one || !other || !nearInTime(one, other)) break
        if (shareTechnique(one, other)) groups.join(inTime[i] ?? 0, inTime[j] ?? 0)
      }
  }
}

/** `later` starts no later than `SAME_BEHAVIOUR` after `earlier` ended; behaviours without time are near each other and to nothing else. */
function nearInTime(earlier: FindingDraft, later: FindingDraft): boolean {
  if (earlier.firstTime === undefined || later.firstTime === undefined) return earlier.firstTime === later.firstTime
  return later.firstTime - (earlier.lastTime ?? earlier.firstTime) <= SAME_BEHAVIOUR
}

const union = (lists: readonly (readonly string[])[]) => [...new Set(lists.flat())].sort()
const strongest = (list: readonly Severity[]) =>
  severities[Math.max(...list.map(word => severities.indexOf(word)))] ?? 'informational'
const surest = (list: readonly Confidence[]) => confidences[Math.max(...list.map(word => confidences.indexOf(word)))] ?? 'low'

/**
 * Each account once, however its letters were written, in the spelling with most capitals (a log's own spelling; queries fold to lower
 * case). Accounts of the machine are left out beside a person: whoever acted was the person.
 */
export function actorsAmong(names: readonly string[]): readonly string[] {
  const capitals = (name: string) => name.replace(/[^A-Z]/g, '').length
  const spellings = new Map<string, string>()
  for (const name of names) {
    const known = spellings.get(name.toLowerCase())
    const more = known === undefined ? 1 : capitals(name) - capitals(known) || text(known, name)
    if (more > 0) spellings.set(name.toLowerCase(), name)
  }
  const all = [...spellings.values()].sort()
  const people = all.filter(name => !isMachineAccount(name))
  return people.length > 0 ? people : all
}

function findingOf(members: readonly FindingDraft[]): Finding {
  const lead = leadOf(members)
  const severity = strongest(members.map(draft => draft.severity))
  // Where our detectors tell the behaviour, a rule that also matched before and after does not stretch it.
  const tellers = isRule(lead.witness) ? members : members.filter(draft => !isRule(draft.witness))
  const evidence = mergedEvidence(members)
  const hosts = union(tellers.map(draft => draft.hosts)).filter(isMachineName)
  const known = members.reduce((most, draft) => Math.max(most, draft.evidenceTotal), 0)
  return {
    id: findingId(lead, hosts),
    title: lead.title,
    severity,
    confidence: surest(members.filter(draft => draft.severity === lead.severity).map(draft => draft.confidence)),
    // The lead's own come first: the first technique is the one a step is drawn with.
    techniques: [...new Set([...lead.techniques, ...union(members.map(draft => draft.techniques))])],
    hosts,
    accounts: actorsAmong(tellers.flatMap(draft => draft.accounts)),
    addresses: union(tellers.map(draft => draft.addresses)),
    object: lead.object,
    ...spanOf(tellers),
    count: Math.max(...tellers.map(draft => draft.count)),
    why: lead.why,
    benignExplanation: lead.benignExplanation || (members.find(draft => draft.benignExplanation !== '')?.benignExplanation ?? ''),
    evidence,
    evidenceTotal: Math.max(known, evidence.length),
    witnesses: mergedWitnesses(members.map(draft => draft.witness)),
    succeeded: members.some(draft => draft.succeeded !== false),
    ...(members.some(draft => draft.hops !== undefined) ? { hops: members.flatMap(draft => draft.hops ?? []) } : {}),
  }
}

/** Ours speak, unless a stronger rule saw the same and more: then it knows the whole of what ours are a part of. */
function leadOf(members: readonly FindingDraft[]): FindingDraft {
  const [first] = members
  if (!first) throw new Error('a finding has at least one draft')
  const ours = members.filter(draft => !isRule(draft.witness))
  const [rule] = members.filter(draft => isRule(draft.witness)).toSorted(byDraft)
  if (!rule || ours.length === 0) return first
  const known = new Set(ours.flatMap(draft => draft.evidence.map(refKey)))
  const sawMore = rule.evidence.some(ref => !known.has(refKey(ref)))
  return sawMore && compareSeverity(rule.severity, strongest(ours.map(draft => draft.severity))) > 0 ? rule : first
}

/**
 * The same finding has the same id however much other evidence is hunted along: it is made of what the finding is about, not of
 * numbers given on the way. Only a finding without time needs its first record to be told from another.
 */
function findingId(lead: FindingDraft, hosts: readonly string[]): FindingId {
  const when = lead.firstTime === undefined ? refKey(lead.evidence[0]) : String(lead.firstTime)
  // The lead's own hosts as well: of two behaviours that go both ways between two machines all hosts are the same.
  return stableId('finding', lead.witness.rule, lead.hosts.join(','), hosts.join(','), lead.object, lead.title, when) as FindingId
}

/** Records of several findings, each once, as many as one finding keeps. */
export function mergedEvidence(members: readonly Pick<FindingDraft, 'evidence'>[]): readonly SourceRef[] {
  const [only] = members
  if (members.length === 1 && only) return only.evidence.slice(0, MAX_EVIDENCE_REFERENCES)
  const seen = new Map<string, SourceRef>()
  for (const draft of members)
    for (const ref of draft.evidence) {
      if (seen.size >= MAX_EVIDENCE_REFERENCES) return [...seen.values()]
      const key = refKey(ref)
      if (!seen.has(key)) seen.set(key, ref)
    }
  return [...seen.values()]
}

/** Each rule once at its strongest level, in the order a finding names its witnesses. */
export function mergedWitnesses(witnesses: readonly Witness[]): readonly Witness[] {
  const byRule = new Map<string, Witness>()
  for (const witness of witnesses) {
    const key = `${witness.source}\n${witness.rule}`
    const known = byRule.get(key)
    if (!known || compareSeverity(witness.level, known.level) > 0) byRule.set(key, witness)
  }
  return [...byRule.values()].toSorted(
    (a, b) => text(a.source, b.source) || compareSeverity(b.level, a.level) || text(a.rule, b.rule),
  )
}
