import {
  type AssetModel,
  type Baseline,
  type BaselineChoice,
  compareSeverity,
  type EventQueries,
  type Finding,
  isoFromMicros,
  micros,
  shortHostName,
} from '../../model/index.ts'
import { type Comparison, ENOUGH_DAYS, judge, moved } from './judge.ts'
import { originOf, originsOf } from './origins.ts'
import { surroundingsOf } from './surroundings.ts'
import { type HostHistory, hostHistories, runsOf, usesOf } from './usage.ts'

/** Findings weighed against what is usual here, and what that rests on. */
export interface Weighed {
  readonly findings: readonly Finding[]
  readonly baseline: Baseline
}

/**
 * Administrators run the same commands as an intruder who brings none. Each finding that rests on started processes is compared with how
 * often, where and by whom the same commands were run: it says so in words, and its severity moves by one step at most.
 */
export async function againstBaseline(
  queries: EventQueries,
  findings: readonly Finding[],
  choice: BaselineChoice | undefined,
  assets: AssetModel | undefined,
): Promise<Weighed> {
  const histories = await hostHistories(queries)
  const signs = findings.flatMap(({ severity, firstTime }) =>
    compareSeverity(severity, 'high') >= 0 && firstTime !== undefined ? [firstTime] : [],
  )
  const firstSign = signs.length > 0 ? Math.min(...signs) : undefined
  const baseline = baselineOf(histories, choice, firstSign)
  if (baseline.basis === 'none') return { findings, baseline }
  const runs = await runsOf(queries, findings)
  const uses = await usesOf(queries, runs.values())
  const origins = await originsOf(queries, runs.values())
  const given = givenOf(histories, choice)
  const weighed = findings.map(finding => {
    const own = runs.get(finding.id) ?? []
    const [run] = own
    if (!run) return finding
    const comparison: Comparison = { ...peersOf(run.host, histories, choice, assets), given, firstSign }
    const origin = originOf(run, finding.firstTime ?? 0, comparison, origins)
    const judgement = judge(finding, own, uses, comparison, surroundingsOf(finding, findings), origin.isNew)
    if (!judgement) return finding
    const why = [finding.why, judgement.sentence, origin.sentence].filter(text => text !== '').join(' ')
    return { ...finding, severity: moved(finding.severity, judgement.step), why }
  })
  return { findings: weighed, baseline }
}

function givenOf(histories: readonly HostHistory[], choice: BaselineChoice | undefined): Comparison['given'] {
  if (choice === undefined || (choice.from === undefined && choice.to === undefined && choice.peers.length === 0))
    return undefined
  const first = Math.min(...histories.map(history => history.firstTime))
  const last = Math.max(...histories.map(history => history.lastTime))
  return { from: choice.from ?? first, to: choice.to ?? last + 1, byPeers: choice.peers.length > 0 }
}

/** "web*" as an expression over the whole name. */
function nameTest(pattern: string): (host: string) => boolean {
  const parts = pattern
    .toLowerCase()
    .split(/([*?])/)
    .map(part => (part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  const expression = new RegExp(`^${parts.join('')}$`)
  return host => expression.test(host) || expression.test(shortHostName(host))
}

/** The machines named by the user; else those of the same role; else all, when no other has the role. */
function peersOf(
  host: string,
  histories: readonly HostHistory[],
  choice: BaselineChoice | undefined,
  assets: AssetModel | undefined,
): Pick<Comparison, 'peers' | 'peerWord'> {
  const patterns = (choice?.peers ?? []).map(nameTest)
  if (patterns.length > 0)
    return {
      peers: histories.filter(history => history.host === host || patterns.some(test => test(history.host))),
      peerWord: `machines compared (${choice?.peers.join(', ')})`,
    }
  const role = roleOf(host, assets)
  const alike = role === '' ? [] : histories.filter(history => roleOf(history.host, assets) === role)
  return alike.length > 1
    ? { peers: alike, peerWord: `machines with the role ${role}` }
    : { peers: histories, peerWord: histories.length === 1 ? 'machine' : 'machines' }
}

function roleOf(host: string, assets: AssetModel | undefined): string {
  const short = shortHostName(host)
  return assets?.assets.find(asset => [asset.id, ...asset.names].some(name => shortHostName(name) === short))?.role ?? ''
}

function baselineOf(
  histories: readonly HostHistory[],
  choice: BaselineChoice | undefined,
  firstSign: number | undefined,
): Baseline {
  const peers = choice?.peers ?? []
  const tests = peers.map(nameTest)
  const chosen = tests.length === 0 ? histories : histories.filter(history => tests.some(test => test(history.host)))
  const days = new Set(chosen.flatMap(history => history.days)).size
  const records = chosen.reduce((sum, history) => sum + history.records, 0)
  const given = givenOf(histories, choice)
  const nothing = { from: '', to: '', days, hosts: chosen.length, records, peers }
  if (chosen.length === 0)
    return {
      ...nothing,
      basis: 'none',
      sentence:
        peers.length > 0
          ? `No machine named ${peers.join(' or ')} has recorded started processes: nothing was compared.`
          : 'No started processes are recorded: what is usual here is not known.',
    }
  const from = given ? given.from : Math.min(...chosen.map(history => history.firstTime))
  const to = given ? given.to : Math.max(...chosen.map(history => history.lastTime))
  const span = { from: isoFromMicros(micros(from)), to: isoFromMicros(micros(to)) }
  const basis = `${plural(records, 'started process', 'started processes')} on ${plural(chosen.length, 'machine', 'machines')}, ${span.from.slice(0, 10)} to ${span.to.slice(0, 10)}`
  if (given) return { ...nothing, ...span, basis: 'given', sentence: `Usual and rare are judged by what you named: ${basis}.` }
  if (days <= ENOUGH_DAYS)
    return {
      ...nothing,
      ...span,
      basis: 'none',
      sentence: `${basis}: too short to say what is usual; nothing was raised or lowered by it.`,
    }
  const sign =
    firstSign === undefined
      ? ''
      : ` Only what lies before the first strong sign (${isoFromMicros(micros(firstSign)).slice(0, 10)}) counts as usual.`
  return {
    ...nothing,
    ...span,
    basis: 'learned',
    sentence: `Usual and rare are learned from this evidence: ${basis}. If somebody was inside all that time, his habits are among them.${sign} A time or machines known to be clean can be named with --baseline and --peers.`,
  }
}

const plural = (count: number, one: string, many: string) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`
