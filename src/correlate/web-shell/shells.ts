import { compareSeverity } from '../../model/index.ts'
import type { CaseFinding } from '../case-finding.ts'
import { type Answers, pageOf, type Side, segmentsOf, sideOf } from './sides.ts'

/** One finding as a side of a web shell. */
export interface Member {
  readonly entry: CaseFinding
  readonly side: Side
}

/** What findings say about one page on one machine. */
export interface Shell {
  /** The machine it is on; '' when nothing names it. */
  machine: string
  /** Address it is called by, '' when no finding about requests names it. */
  url: string
  /** File it is served from, '' when no finding about files names it. */
  file: string
  readonly members: Member[]
}

/** Machines without a name of their own may be any. */
const isNamed = (machine: string) => machine !== '' && !machine.startsWith('web server of ')
export const sameMachine = (a: string, b: string) => a === b || !isNamed(a) || !isNamed(b)

/** Findings about pages and files, one group a page and machine. Findings about processes name no page; they are added by time. */
export function shellsOf(
  entries: readonly CaseFinding[],
  answers: Answers,
): { readonly shells: Shell[]; readonly processes: readonly Member[] } {
  const members = entries.flatMap((entry): readonly Member[] => {
    const side = sideOf(entry)
    return side === undefined ? [] : [{ entry, side }]
  })
  const shells: Shell[] = []
  // Machines with names first, so that a log that names none joins the one page it fits and never two.
  const byName = (member: Member) => (isNamed(machineOf(member)) ? 0 : 1)
  const pages = members
    .filter(member => member.side !== 'process' && !isDeedOfPutting(member))
    .toSorted((a, b) => byName(a) - byName(b) || rankOf(a) - rankOf(b))
  for (const member of pages) {
    const fitting = shells.filter(shell => fits(shell, member, answers))
    const [only] = fitting
    if (only && fitting.length === 1) add(only, member)
    else shells.push(add({ machine: '', url: '', file: '', members: [] }, member))
  }
  for (const member of members.filter(isDeedOfPutting)) {
    const home = shells.find(
      shell =>
        shell.url !== '' && sameMachine(shell.machine, machineOf(member)) && namesPage(member.entry.finding.title, shell.url),
    )
    home?.members.push(member)
  }
  return { shells, processes: members.filter(({ side }) => side === 'process') }
}

/** The longest address first: its parts decide best which file it is. */
const rankOf = ({ entry, side }: Member) => (side === 'requests' ? 0 : 100) - segmentsOf(pageOf(entry.finding)).length

export const machineOf = ({ entry }: Member) => entry.machines[0] ?? ''

function isDeedOfPutting({ entry }: Member): boolean {
  return entry.finding.witnesses.some(({ rule }) => rule === 'web-shell/page-uploaded')
}

const namesPage = (title: string, url: string) => title.toLowerCase().split(' ').includes(url)

function fits(shell: Shell, { entry, side }: Member, answers: Answers): boolean {
  const machine = entry.machines[0] ?? ''
  if (!sameMachine(shell.machine, machine)) return false
  const place = isNamed(machine) ? machine : shell.machine
  const page = pageOf(entry.finding)
  if (side === 'requests') return shell.url === '' ? answers(place, shell.file, page) !== undefined : shell.url === page
  if (shell.file !== '' && sameFile(shell.file, page)) return true
  return shell.file === '' && answers(place, page, shell.url) !== undefined
}

/** The same file in an event and in a copy of the web root: folder and name are the same. Two paths of the machine itself must be equal. */
function sameFile(a: string, b: string): boolean {
  if (a === b) return true
  if (!isCopy(a) && !isCopy(b)) return false
  const [left, right] = [segmentsOf(a), segmentsOf(b)]
  let shared = 0
  while (shared < Math.min(left.length, right.length) && left.at(-1 - shared) === right.at(-1 - shared)) shared++
  return shared >= 2
}

function add(shell: Shell, member: Member): Shell {
  const page = pageOf(member.entry.finding)
  const machine = machineOf(member)
  if (!isNamed(shell.machine) && machine !== '') shell.machine = machine
  if (member.side === 'requests') shell.url ||= page
  // A path of the machine itself says more than one inside a copy.
  else if (shell.file === '' || (isCopy(shell.file) && !isCopy(page))) shell.file = page
  shell.members.push(member)
  return shell
}

const isCopy = (path: string) => !/^(?:[a-z]:\\|\/)/.test(path)

/** Strongest first. */
export const byStrength = (a: Member, b: Member) =>
  compareSeverity(b.entry.finding.severity, a.entry.finding.severity) || (a.entry.finding.id < b.entry.finding.id ? -1 : 1)
