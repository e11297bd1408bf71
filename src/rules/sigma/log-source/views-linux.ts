import type { EventOf, SecurityEvent } from '../../../model/index.ts'
import { type FieldSource, type FieldValue, tableView } from './field-view.ts'

type Process = EventOf<'process_activity'>

const process = (read: (event: Process) => FieldValue): FieldSource => ({
  names: [],
  column: event => (event.kind === 'process_activity' ? read(event) : undefined),
})
/** Columns say '' where the record does not; a rule's field is then not there. */
const told = (text: string | undefined) => (text === '' ? undefined : text)
const number = (value: number | undefined) => (value === undefined ? undefined : String(value))

const STARTED: Readonly<Record<string, FieldSource>> = {
  Image: process(e => told(e.image)),
  CommandLine: process(e => told(e.commandLine)),
  ProcessId: process(e => number(e.pid)),
  User: process(e => told(e.user)),
  CurrentDirectory: process(e => told(e.currentDirectory)),
}

/** A command that sudo ran: the program, its arguments and who asked. */
export const sudoCommand = tableView(
  'sudo as process_creation',
  { ...STARTED, ParentImage: process(e => told(e.parentImage)) },
  new Set(['program', 'message', 'host', 'pid']),
)

/** A program start that auditd recorded, its records already joined by the reader. */
export const auditdStart = tableView(
  'auditd as process_creation',
  {
    ...STARTED,
    CommandLine: {
      names: [],
      column: event => (event.kind === 'process_activity' && event.commandLine ? event.commandLine : argumentsOf(event)),
    },
    ParentImage: process(e => told(e.parentImage)),
    ParentProcessId: process(e => number(e.parentPid)),
  },
  new Set(['type', 'comm', 'exe', 'key', 'cwd', 'auid', 'uid', 'euid', 'tty', 'ses']),
)

/** The most arguments that are joined; the kernel cuts long lists into records of about this many. */
const MAX_ARGUMENTS = 256

function argumentsOf({ original }: SecurityEvent): string | undefined {
  const list: string[] = []
  for (let index = 0; index < MAX_ARGUMENTS; index++) {
    const argument = original.get(`a${index}`)
    if (argument === undefined) break
    list.push(argument)
  }
  return list.length === 0 ? undefined : list.join(' ')
}

/** ClamAV's sentence "PATH: SIGNATURE FOUND" as an antivirus finding. */
const FOUND = /^(.{1,4096}): (\S{1,512}) FOUND$/

const clam = (group: 1 | 2): FieldSource => ({
  names: ['message'],
  from: get => FOUND.exec((get('message') ?? '').trim())?.[group],
})

export const clamFinding = tableView(
  'clamav as antivirus',
  { Filename: clam(1), Signature: clam(2) },
  new Set(['program', 'message', 'host', 'pid']),
)
