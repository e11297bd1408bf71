import {
  compareSeverity,
  type Finding,
  fileNameOf,
  isMachineAccount,
  isoFromMicros,
  MICROS_PER_SECOND,
  micros,
  shortCommand,
} from '../../model/index.ts'
import { byCourse } from '../case-finding.ts'
import { nameOf } from '../links.ts'
import { clientsOf, type Life } from './life.ts'
import type { Member } from './shells.ts'
import { pageOf, type Side, sides } from './sides.ts'
import type { FileTrace, Visit } from './traces.ts'

const SHOWN_COMMANDS = 8
const SHOWN_CLIENTS = 5
/** The nearest second: clocks are compared to milliseconds, and "12:41:24.997" is what its log called 12:41:25. */
const second = (time: number) =>
  isoFromMicros(micros(Math.round(time / MICROS_PER_SECOND) * MICROS_PER_SECOND))
    .slice(0, 19)
    .replace('T', ' ')
const clock = (time: number) => (Number.isFinite(time) ? `${second(time)} UTC` : 'an unknown time')
/** "2023-02-14 12:42:14 to 16:41:09 UTC" */
function span(first: number, last: number): string {
  if (!Number.isFinite(first) || !Number.isFinite(last)) return 'at an unknown time'
  const [a, b] = [second(first), second(last)]
  if (a === b) return `at ${a} UTC`
  return `from ${a} to ${a.slice(0, 10) === b.slice(0, 10) ? b.slice(11) : b} UTC`
}
const plural = (count: number, one: string, many = `${one}s`) => `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
const listed = (names: readonly string[], most: number) =>
  names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ')
const sentence = (text: string) => (text === '' ? '' : `${text}.`)
const joined = (parts: readonly string[]) => parts.filter(part => part !== '').join(' ')

/** "Web shell /up/a.aspx on web01, used by 203.0.113.9 from … to …"; "possible" until two sides are strong, one is beyond doubt or all three agree. */
export function titleOf(life: Life): string {
  const strong = (member: Member) => compareSeverity(member.entry.finding.severity, 'high') >= 0
  const sure =
    life.sides.length === 3 ||
    life.members.some(({ entry }) => entry.finding.severity === 'critical') ||
    new Set(life.members.filter(strong).map(({ side }) => side)).size > 1
  const [first, last] = [life.visits[0], life.visits.at(-1)]
  const used =
    first && last
      ? `, used by ${listed(clientsOf(life), 3)} ${span(first.at, last.at)}`
      : life.starts.length > 0
        ? `, through which ${plural(life.starts.length, 'process', 'processes')} ran`
        : ''
  return `${sure ? 'Web shell' : 'Possible web shell'} ${life.url || life.file} on ${nameOf(life.machine) || 'an unnamed machine'}${used}`
}

/** What stands around a web shell: other deeds of its client, machines the story goes on to, and what the evidence could show. */
export interface Surroundings {
  readonly also: readonly Finding[]
  readonly hops: readonly string[]
  readonly seen: (side: Side) => boolean
  /** Machines where the same file lies. */
  readonly elsewhere: readonly string[]
}

/** The life of a web shell in the order it was lived, each part only where records tell it. */
export function lifeSentences(life: Life, around: Surroundings): string {
  return joined([
    sentence(whatItIs(life)),
    sentence(arrival(life)),
    ...usedAndLeft(life, around),
    sentence(agreement(life)),
    sentence(
      judgedClean(life)
        ? 'Against it: a file of this address is in the evidence, and nothing in its content speaks of a shell'
        : '',
    ),
    missing(life, around.seen),
    sentence(`Before touching it, collect: ${collect(life)}`),
  ])
}

const usedAndLeft = (life: Life, { also, hops, elsewhere }: Surroundings): readonly string[] => [
  sentence(use(life)),
  sentence(commands(life)),
  sentence(
    also.length === 0
      ? ''
      : `The same client also: ${listed(
          also.map(({ title }) => title),
          3,
        )}`,
  ),
  sentence(hops.length === 0 ? '' : `From the machine the story goes on to ${listed(hops, 5)}`),
  sentence(state(life)),
  sentence(elsewhere.length === 0 ? '' : `The same file lies on ${listed(elsewhere, 5)}`),
]

const membersOf = (life: Life, side: Side, rules: RegExp) =>
  life.members.filter(member => member.side === side && member.entry.finding.witnesses.some(({ rule }) => rules.test(rule)))

const ARRIVALS = /^web-shell\/(?:script-written|page-uploaded|upload-then-page|exploit-then-page)$/
const COMPILED = /^web-shell\/page-compiled$/

/** What a look at the file says: the lines that take the request and run it. */
function whatItIs(life: Life): string {
  const [judged] = life.members.filter(
    ({ side, entry }) =>
      side === 'file' && !entry.finding.witnesses.some(({ rule }) => ARRIVALS.test(rule) || COMPILED.test(rule)),
  )
  return judged ? `${judged.entry.finding.title}: ${judged.entry.finding.why.replace(/\.$/, '')}` : ''
}

function arrival(life: Life): string {
  const told = [
    ...membersOf(life, 'file', ARRIVALS),
    ...membersOf(life, 'requests', ARRIVALS),
    ...membersOf(life, 'file', COMPILED),
  ]
    .map(({ entry }) => entry)
    .toSorted(byCourse)
    .map(({ finding, from }) => `${finding.title} (${clock(from)})`)
  const written = life.files.filter(({ action }) => action === 'create' || action === 'write' || action === 'rename')
  if (told.length > 0) return `How it came: ${told.join('; ')}`
  const [first] = written
  return first
    ? `${first.image || 'An unnamed process'} wrote it at ${clock(first.at)}`
    : 'How it came there is not in the evidence'
}

function use(life: Life): string {
  const { visits, refused } = life
  const [first, last] = [visits[0], visits.at(-1)]
  if (!first || !last)
    return refused.length > 0
      ? `It was asked for ${plural(refused.length, 'time')} and never answered with success: attempts only`
      : ''
  const agents = [...new Set(visits.map(visit => visit.agent).filter(agent => agent !== '' && agent !== '-'))]
  const accounts = [...new Set(visits.map(visit => visit.account).filter(account => account !== '' && account !== '-'))]
  return [
    `Used: ${methodsOf(visits)} by ${listed(clientsOf(life), SHOWN_CLIENTS)} ${span(first.at, last.at)}`,
    sizesOf(visits),
    agents.length === 0
      ? ''
      : `calling ${agents.length === 1 ? 'itself' : 'themselves'} ${agents
          .slice(0, 2)
          .map(agent => `"${agent.slice(0, 90)}"`)
          .join(' and ')}${agents.length > 2 ? ` and ${agents.length - 2} more` : ''}`,
    accounts.length === 0 ? '' : `signed in as ${listed(accounts, 3)}`,
    refused.length === 0 ? '' : `${plural(refused.length, 'further request')} refused`,
  ]
    .filter(part => part !== '')
    .join(', ')
}

function methodsOf(visits: readonly Visit[]): string {
  const counts = [...Map.groupBy(visits, visit => visit.method)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `${counts.map(([method, list]) => `${list.length} ${method}`).join(' and ')} request${visits.length === 1 ? '' : 's'}`
}

function sizesOf(visits: readonly Visit[]): string {
  const sizes = visits.map(visit => visit.bytes).filter(bytes => bytes !== undefined)
  if (sizes.length === 0) return ''
  const smallest = sizes.reduce((a, b) => Math.min(a, b))
  const largest = sizes.reduce((a, b) => Math.max(a, b))
  return smallest === largest ? `each answered with ${smallest} bytes` : `answered with ${smallest} to ${largest} bytes`
}

function commands(life: Life): string {
  const { starts } = life
  if (starts.length === 0) return ''
  const users = [...new Set(starts.map(({ user }) => user).filter(user => user !== ''))].sort()
  const [first, last] = [starts[0], starts.at(-1)]
  return `What it did: ${plural(starts.length, 'record')} of processes${users.length === 0 ? '' : ` as ${listed(users, 3)}`} ${span(first?.at ?? Number.NaN, last?.at ?? Number.NaN)}: ${listed(commandsOf(life), SHOWN_COMMANDS)}`
}

/** Each command once: the shell's line says what the program it starts says again. */
function commandsOf({ starts }: Life): readonly string[] {
  const lines = [...new Set(starts.map(({ command }) => command.trim()))]
  const most = lines.slice(0, 200)
  return lines
    .filter(line => !most.some(other => other !== line && other.length > line.length && other.includes(line)))
    .map(line => shortCommand(line, 80))
}

/** Is it still there? A file of the evidence was there when it was copied; a deletion after it ends the life. */
function state(life: Life): string {
  const times = [...life.visits.map(({ at }) => at), ...life.starts.map(({ at }) => at)].filter(Number.isFinite)
  const last = times.length === 0 ? '' : `Last used ${clock(times.reduce((a, b) => Math.max(a, b)))}; `
  const changes = life.files.filter(({ at }) => Number.isFinite(at)).toSorted((a, b) => a.at - b.at)
  const gone = changes.findLast(({ action }) => action === 'delete')
  const again = changes.findLast(({ action }) => action === 'create' || action === 'write' || action === 'rename')
  const copy = life.files.find(({ action }) => action === 'found')
  if (gone && (!again || again.at < gone.at))
    return `${last}deleted by ${gone.image || 'an unnamed process'} at ${clock(gone.at)}${copy ? ', although a copy of it is in the evidence' : ''}`
  if (copy) return `${last}still there when the evidence was copied${hashOf(copy)}`
  const known = life.file === '' ? 'whether the file is still there, and which it is,' : 'whether it is still there'
  return `${last}${known} is not in the evidence: look for it before anything else`
}

const hashOf = ({ hashes }: FileTrace) => (hashes === '' ? '' : ` (${hashes.slice(0, 90)})`)

function agreement(life: Life): string {
  const words: Record<Side, string> = { file: 'the file', requests: 'the requests', process: 'the processes' }
  const names = life.sides.map(side => words[side])
  const reasons = [
    mappingText(life),
    life.starts.length > 0 && life.visits.length > 0
      ? `${life.during.length} of ${plural(life.starts.length, 'record')} of processes lie within 10 s of a request to the page`
      : '',
  ].filter(reason => reason !== '')
  const count = names.length === 3 ? 'Three sides' : 'Two sides'
  return `${count} agree (${names.join(', ')})${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`
}

function mappingText({ mapping, file, url }: Life): string {
  if (!mapping) return ''
  if (mapping.basis === 'configuration')
    return `${file} answers ${url}, as the server's configuration says (published folder ${mapping.root})`
  return `${file} answers ${url}, inferred from the common end of both paths${mapping.root === '' ? '' : ` (published folder ${mapping.root})`}`
}

/** What the side that is not seen would have to show, and which log would hold it. */
const WOULD_SHOW: Record<Side, (life: Life) => string> = {
  file: life =>
    `the file that answers ${life.url || 'the requests'}, in a copy of the web root, or its creation in Sysmon 11 or file auditing${life.visits[0] ? ` before ${clock(life.visits[0].at)}` : ''}`,
  requests: life =>
    `requests to ${life.url || fileNameOf(life.file) || 'one page'} in the access log of the web server${life.starts[0] ? ` at ${clock(life.starts[0].at)}` : ''}, with their client`,
  process: life =>
    `processes started by the web server${life.visits[0] ? ` from ${clock(life.visits[0].at)} on` : ''}, in Security 4688 with command lines, Sysmon 1 or auditd`,
}

function missing(life: Life, recorded: (side: Side) => boolean): string {
  return sides
    .filter(side => !life.sides.includes(side))
    .map(side =>
      recorded(side)
        ? `The evidence records this side of the machine and does not show ${WOULD_SHOW[side](life)}${side === 'process' ? '; a shell can read and write files without starting anything' : ''}.`
        : `Not seen: ${WOULD_SHOW[side](life)}.`,
    )
    .join(' ')
}

function collect(life: Life): string {
  return [
    `${life.file || 'the file that answers the page'} with all its times and its hash`,
    'its neighbours in the folder and in folders that other uploads land in',
    life.visits.length > 0
      ? `all requests of ${listed(clientsOf(life), 3)}, to any page`
      : 'the access logs of the web server, also rotated ones',
    'a memory image of the web server process, which holds what came with the requests',
    life.file.endsWith('.jsp') || life.file.endsWith('.jspx') ? 'the compiled page in work/Catalina' : '',
    /\.as[phm]/.test(life.file) ? 'what ASP.NET compiled of it (Temporary ASP.NET Files)' : '',
  ]
    .filter(item => item !== '')
    .join('; ')
}

/** The nearest innocent reading of all sides together, with what would confirm it. */
export function innocentReading(life: Life): string {
  const own = life.members[0]?.entry.finding.benignExplanation ?? ''
  const clients = clientsOf(life)
  const people = [...new Set(life.starts.map(({ user }) => user))].filter(user => user !== '' && !isMachineAccount(user))
  const asks = [
    clients.length === 0 ? '' : `${listed(clients, 3)} ${clients.length === 1 ? 'is' : 'are'} the operator's own`,
    'a change record names who put the page there',
    people.length === 0 ? '' : "its commands are the application's own",
  ].filter(text => text !== '')
  return `${own}; that holds only if ${asks.join(', and ')}`
}

/** What a finding that stands alone on its side adds to its own words: the rest of the life, and what the other sides would show. */
export function oneSideNote(life: Life, around: Surroundings): string {
  const words: Record<Side, string> = { file: 'the file', requests: 'the requests', process: 'the processes' }
  const side = life.sides[0] ?? life.members[0]?.side ?? 'file'
  return joined([
    ...usedAndLeft(life, around),
    `One side only, ${words[side]}.`,
    missing({ ...life, sides: [side] }, around.seen),
    sentence(`Before touching it, collect: ${collect(life)}`),
  ])
}

/** A page of the same name was found in the evidence and its content raised no suspicion. */
function judgedClean(life: Life): boolean {
  return (
    life.files.some(({ action }) => action === 'found') &&
    !life.members.some(({ side, entry }) => side === 'file' && !Number.isFinite(entry.from))
  )
}

/** Addresses and accounts of the whole life. */
export function actorsOf(life: Life, members: readonly Member[]) {
  return {
    addresses: [...new Set([...members.flatMap(({ entry }) => entry.finding.addresses), ...clientsOf(life)])].sort(),
    accounts: [...new Set([...members.flatMap(({ entry }) => entry.finding.accounts), ...life.starts.map(({ user }) => user)])]
      .filter(name => name !== '' && name !== '-')
      .sort(),
    page: life.url || pageOf({ object: life.file }),
  }
}
