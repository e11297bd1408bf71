import { type Finding, isOutsideAddress, type SourceRef } from '../../model/index.ts'
import { byStrength, type Member, type Shell, sameMachine } from './shells.ts'
import { type Answers, type Mapping, type Side, segmentsOf, sides } from './sides.ts'
import { type FileTrace, type Start, type Visit, visitDuring } from './traces.ts'

/** Everything that is known about one web shell. */
export interface Life {
  readonly machine: string
  readonly url: string
  readonly file: string
  /** Findings that are nothing but this web shell, strongest first. */
  readonly members: readonly Member[]
  /** Commands with an aim of their own (a relay, a cleared log): told here, and findings of their own as well. */
  readonly deeds: readonly Member[]
  /** Answered requests to the page, in order; refused ones apart. */
  readonly visits: readonly Visit[]
  readonly refused: readonly Visit[]
  readonly files: readonly FileTrace[]
  readonly starts: readonly Start[]
  /** Starts that lie within the answer of a request to the page. */
  readonly during: readonly { readonly start: Start; readonly visit: Visit }[]
  /** How file and address belong together, where both are known. */
  readonly mapping: Mapping | undefined
  /** Sides that agree. */
  readonly sides: readonly Side[]
}

/** A page that so many people use is the application's: signs of a web shell on another side are then about something else. */
const FEW_CLIENTS = 3

/** What the records say about the page of a group of findings, with the process starts that came by it. */
export function lifeOf(
  shell: Shell,
  processes: { readonly members: readonly Member[]; readonly deeds: readonly Member[]; readonly starts: readonly Start[] },
  visits: readonly Visit[],
  traces: readonly FileTrace[],
  answers: Answers,
): Life {
  const own = visits.filter(visit => isVisitTo(shell, visit, answers))
  const answered = own.filter(({ status }) => status < 400)
  const url = shell.url || (answered[0]?.page ?? '')
  const files = traces.filter(
    trace => sameMachine(trace.machine, shell.machine) && isFileOf({ ...shell, url }, trace.path, answers),
  )
  const during = processes.starts.flatMap(start => {
    const visit = visitDuring(start, answered)
    return visit ? [{ start, visit }] : []
  })
  const members = [...shell.members, ...processes.members].toSorted(byStrength)
  const file = shell.file || (files.find(({ action }) => action !== 'found')?.path ?? files[0]?.path ?? '')
  const life = {
    machine: shell.machine,
    url,
    file,
    mapping: file === '' || url === '' ? undefined : answers(shell.machine, file, url),
    members,
    deeds: processes.deeds,
    visits: answered,
    refused: own.filter(({ status }) => status >= 400),
    files,
    starts: processes.starts,
    during,
  }
  return { ...life, sides: sides.filter(side => agrees(life, side)) }
}

export function isVisitTo(shell: Pick<Shell, 'machine' | 'url' | 'file'>, visit: Visit, answers: Answers): boolean {
  if (!sameMachine(visit.machine, shell.machine)) return false
  return shell.url === '' ? answers(shell.machine, shell.file, visit.page) !== undefined : visit.page === shell.url
}

function isFileOf(shell: Pick<Shell, 'machine' | 'url' | 'file'>, path: string, answers: Answers): boolean {
  if (shell.url !== '') return answers(shell.machine, path, shell.url) !== undefined
  const [mine, theirs] = [segmentsOf(shell.file), segmentsOf(path)]
  return mine.length > 1 && mine.at(-1) === theirs.at(-1) && mine.at(-2) === theirs.at(-2)
}

/**
 * A side agrees when a finding of medium or more stands on it, or a weaker one beside a strong one of another side. Requests also agree
 * without a finding of their own, when few people made them: a page that is a shell by its content and was answered has been used.
 */
function agrees(life: Omit<Life, 'sides'>, side: Side): boolean {
  const levels = (member: Member) => ['medium', 'high', 'critical'].includes(member.entry.finding.severity)
  const strong = (member: Member) => ['high', 'critical'].includes(member.entry.finding.severity)
  const mine = [...life.members, ...life.deeds].filter(member => member.side === side)
  const others = life.members.filter(member => member.side !== side)
  if (mine.some(levels) || (mine.length > 0 && others.some(strong))) return true
  return side === 'requests' && life.visits.length > 0 && clientsOf(life).length <= FEW_CLIENTS && others.some(levels)
}

/** Who used the page, the busiest first. */
export function clientsOf({ visits }: Pick<Life, 'visits'>): readonly string[] {
  const counts = Map.groupBy(visits, visit => visit.client)
  return [...counts].toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1)).map(([client]) => client)
}

/** Records that prove the life beside those of its findings. */
export function recordsOf(life: Life): readonly SourceRef[] {
  const ends = life.files.filter(({ action }) => action === 'delete' || action === 'found')
  return [...life.visits.map(({ ref }) => ref), ...life.starts.map(({ ref }) => ref), ...ends.map(({ ref }) => ref)]
}

/** Other findings of the same client on the same machine: what he fetched, which console he used. */
export function alsoDone(life: Life, findings: readonly Finding[], machinesOf: (finding: Finding) => readonly string[]) {
  const mine = new Set([...life.members, ...life.deeds].map(({ entry }) => entry.finding.id))
  const clients = new Set(clientsOf(life).filter(client => isOutsideAddress(client) || life.visits.length > 0))
  return findings.filter(
    finding =>
      !mine.has(finding.id) &&
      ['medium', 'high', 'critical'].includes(finding.severity) &&
      finding.succeeded &&
      finding.addresses.some(address => clients.has(address)) &&
      machinesOf(finding).some(machine => sameMachine(machine, life.machine)),
  )
}
