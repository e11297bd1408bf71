import { bareAccountName, compareSeverity, type Finding, MICROS_PER_DAY, type Severity, severities } from '../../model/index.ts'
import type { HostHistory, Run, Use } from './usage.ts'

/** A working week seen before: what runs weekly has run once, what runs daily five times. */
export const ENOUGH_DAYS = 7
/** Twice may be the same fault on two days; the third day makes a habit. */
export const HABIT_DAYS = 3
/** Of many machines a handful is still rare; of a few only one is. */
const RARE_SHARE = 0.1

/** What a finding is compared with. */
export interface Comparison {
  /** Machines to compare with, the finding's own among them. */
  readonly peers: readonly HostHistory[]
  /** Words for them: "machines", "machines with the role domain controller". */
  readonly peerWord: string
  /** A period or machines the user vouches for; nothing when learned from the evidence. */
  readonly given: { readonly from: number; readonly to: number; readonly byPeers: boolean } | undefined
  /** First strong sign of an intruder; what is learned after it may be his habit. */
  readonly firstSign: number | undefined
}

/** What else speaks for one hand: '' when nothing does. */
export type Surroundings = string

/** How far a finding's severity moves, and the sentence that says why. */
export interface Judgement {
  readonly step: -1 | 0 | 1
  readonly sentence: string
}

/** What is known of one command at the time of a finding. */
interface Standing {
  readonly run: Run
  readonly hosts: number
  readonly runs: number
  readonly days: number
  readonly firstSeen: number
  readonly accountBefore: boolean
  readonly hostBefore: boolean
  readonly rare: boolean
  readonly usual: boolean
}

/**
 * Rare, or from a new origin, and part of something bigger raises; usual lowers, unless from a new origin; nothing when there is too little past to
 * compare with.
 */
export function judge(
  finding: Finding,
  runs: readonly Run[],
  uses: ReadonlyMap<string, readonly Use[]>,
  comparison: Comparison,
  surroundings: Surroundings,
  /** What started it, or the address its session came from, is new. */
  isNewOrigin = false,
): Judgement | undefined {
  const moment = finding.firstTime
  if (moment === undefined || runs.length === 0) return undefined
  const standings = runs.map(run => standingOf(run, moment, uses.get(run.shape) ?? [], comparison))
  const past = hasPast(runs, moment, comparison)
  const rare = standings.filter(one => one.rare).length * 2 > standings.length && past
  const usual = standings.every(one => one.usual)
  if (!rare && !usual && !past) return undefined
  const said = [counts(standings, comparison)]
  const strange = isNewOrigin && past
  if ((rare || strange) && surroundings !== '') {
    const raises = mayRise(finding)
    const what = rare ? 'Rare here' : 'The command is not rare here, but where it came from is new'
    said.push(`${what}, and ${surroundings}${raises ? ': one step up' : ''}.`)
    return { step: raises ? 1 : 0, sentence: said.join(' ') }
  }
  if (rare) said.push('Rare here.')
  if (!usual || surroundings !== '') return { step: 0, sentence: said.join(' ') }
  // A habit is who runs it from where as well: the same command by another hand is not the habit.
  if (strange) return { step: 0, sentence: [...said, 'Usual here, but not from there: not lowered.'].join(' ') }
  if (!mayFall(finding)) return { step: 0, sentence: [...said, 'Usual here; what it does weighs more.'].join(' ') }
  if (isPoisoned(comparison))
    return {
      step: 0,
      sentence: [
        ...said,
        'Usual here, but learned while somebody may have been inside: not lowered. --baseline or --peers can name a time or machines known to be clean.',
      ].join(' '),
    }
  return { step: -1, sentence: [...said, 'Usual here: one step down.'].join(' ') }
}

/** The severity one step away; never critical, which is for what nobody does by accident. */
export function moved(severity: Severity, step: Judgement['step']): Severity {
  return severities[severities.indexOf(severity) + step] ?? severity
}

/** A witness of our own must stand behind a finding that rises; high is as far as rarity carries. */
function mayRise({ severity, witnesses }: Finding): boolean {
  return compareSeverity(severity, 'high') < 0 && witnesses.some(witness => witness.source === 'barograph')
}

/** What a record proves is not made smaller by its being done often: only judgements of low or moderate confidence are. */
function mayFall({ severity, confidence }: Finding): boolean {
  return (severity === 'low' || severity === 'medium') && confidence !== 'high'
}

/** Learned from the evidence with less than a week before the first strong sign: nothing of it is known to be clean. */
function isPoisoned({ given, firstSign, peers }: Comparison): boolean {
  if (given !== undefined || firstSign === undefined) return false
  const begun = Math.min(...peers.map(peer => peer.firstTime))
  return firstSign - begun < ENOUGH_DAYS * MICROS_PER_DAY
}

/** Were the machines recorded long enough before? One whose records begin with the deed has no past. */
function hasPast(runs: readonly Run[], moment: number, { peers, given }: Comparison): boolean {
  if (given !== undefined) return true
  const today = Math.floor(moment / MICROS_PER_DAY)
  return runs.every(
    run => (peers.find(peer => peer.host === run.host)?.days.filter(day => day < today).length ?? 0) >= ENOUGH_DAYS,
  )
}

function standingOf(run: Run, moment: number, uses: readonly Use[], comparison: Comparison): Standing {
  const { peers, given } = comparison
  const names = new Set(peers.map(peer => peer.host))
  const among = uses.filter(use => names.has(use.host))
  const within = pastOf(moment, comparison)
  const own = (use: Use) => use.host === run.host
  const same = (use: Use) => bareAccountName(use.account) === bareAccountName(run.account)
  const hostDays = new Set(among.filter(own).flatMap(use => use.days.filter(within))).size
  const accountBefore = among.some(use => same(use) && use.days.some(within))
  const hosts = new Set(among.map(use => use.host)).size
  const peersWithHabit = peers.filter(peer => {
    const days = among.filter(use => use.host === peer.host).flatMap(use => use.days.filter(within))
    return peer.host !== run.host && new Set(days).size > 0
  }).length
  const others = peers.filter(peer => peer.host !== run.host).length
  return {
    run,
    hosts,
    runs: among.reduce((sum, use) => sum + use.runs, 0),
    days: new Set(among.flatMap(use => use.days)).size,
    firstSeen: Math.min(moment, ...among.map(use => use.firstSeen)),
    accountBefore,
    hostBefore: hostDays > 0,
    rare: !accountBefore && hostDays === 0 && hosts <= Math.max(1, Math.floor(peers.length * RARE_SHARE)),
    usual: (hostDays >= HABIT_DAYS && accountBefore) || (given?.byPeers === true && others >= 2 && peersWithHabit * 2 > others),
  }
}

/** Which days count as past: those of the given period, else those before the finding and before the first strong sign. */
export function pastOf(moment: number, { given, firstSign }: Comparison): (day: number) => boolean {
  const end = Math.floor(Math.min(moment, given === undefined ? (firstSign ?? moment) : moment) / MICROS_PER_DAY)
  if (given === undefined) return day => day < end
  const [from, to] = [Math.floor(given.from / MICROS_PER_DAY), Math.ceil(given.to / MICROS_PER_DAY)]
  // Days of peers count whenever they are, but never the day of the deed itself.
  return day => day >= from && day < to && day !== Math.floor(moment / MICROS_PER_DAY)
}

const date = (time: number) => new Date(time / 1000).toISOString().slice(0, 10)
const times = (count: number) => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count.toLocaleString('en')} times`)

function counts(standings: readonly Standing[], { peers, peerWord }: Comparison): string {
  const all = new Set(peers.flatMap(peer => peer.days)).size
  const [one] = standings
  if (one && standings.length === 1) {
    const account = one.run.account === '' ? 'The account' : one.run.account
    const before = one.accountBefore
      ? `${account} ran it before`
      : one.hostBefore
        ? `${account} never ran it before, others did on this machine`
        : `${account} never ran it before, nor did anybody on this machine`
    return `Seen on ${one.hosts} of ${peers.length} ${peerWord}, first on ${date(one.firstSeen)}, ${times(one.runs)} on ${one.days} of ${all} days; ${before}.`
  }
  const never = standings.filter(each => !each.accountBefore).length
  const machine = standings.filter(each => !each.hostBefore).length
  const alone = standings.filter(each => each.hosts <= 1).length
  return `Of ${standings.length} different commands the account never ran ${never} before, ${machine} were never run on this machine, ${alone} are seen on no other of ${peers.length} ${peerWord} (${all} days).`
}
