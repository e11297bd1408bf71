import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import { sharePlace } from './share-place.ts'

const SERVICE = /^psexesvc(?:\.exe)?$|psexec|^paexec|^csexec|^remcom/i
/** PsExec's own pipe and those it makes for input and output: NAME-HOST-PID-stdin (Sysinternals); renamed copies keep the tail. */
const PIPE = /(?:^|\\)psexesvc$|^\\?(\S+?)-[^\\]+-\d+-(?:stdin|stdout|stderr)$|(?:^|\\)(?:remcom_\w+|paexec-\S+|csexecsvc)/i
/** Pipe names are shorter (CreateNamedPipe); a path that is not is another file's. */
const MAX_PIPE_NAME = 512
const pipeOf = (path = '') => (path.length <= MAX_PIPE_NAME ? PIPE.exec(path) : null)
const CLIENT = /\b(?:psexec|psexec64|paexec)(?:\.exe)?\b.*\\\\(?!\.\\)([^\s\\]+)/
const LOCAL_SYSTEM = /\bpsexec(?:64)?(?:\.exe)?\b.* [-/]s\b/

/** PsExec and its kin run commands on another machine through a service and named pipes. */
export const psexec: RecordDetector<
  'process_activity' | 'service_activity' | 'smb_activity' | 'file_activity' | 'registry_activity'
> = {
  on: 'record',
  id: 'lateral/psexec',
  title: 'Remote execution with PsExec or a copy of it',
  reads: ['process_activity', 'service_activity', 'smb_activity', 'file_activity', 'registry_activity'],
  techniques: ['T1569.002', 'T1021.002'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'One command with stolen credentials runs as SYSTEM on the other machine; small teams use it too, so who and from where decides.',
  innocent: 'administrators of small teams use PsExec daily: compare account, source and hour with theirs',
  detect(event) {
    switch (event.kind) {
      case 'process_activity':
        return event.action === 'start' ? started(event) : undefined
      case 'service_activity':
        return event.action === 'install' && (SERVICE.test(event.name ?? '') || SERVICE.test(fileNameOf(event.path ?? '')))
          ? {
              title: `Service ${event.name} installed: ${event.path}`,
              object: 'psexec service',
              accounts: event.user ? [event.user] : [],
            }
          : undefined
      case 'smb_activity':
        return piped(event)
      case 'file_activity':
        return pipeMade(event)
      case 'registry_activity':
        return /\\software\\sysinternals\\psexec(?:\\eulaaccepted)?$/i.test(event.key ?? '') && event.action === 'set-value'
          ? {
              title: 'PsExec used for the first time by this account (licence accepted)',
              object: 'psexec client',
              severity: 'low',
              accounts: event.user ? [event.user] : [],
            }
          : undefined
    }
  },
}

function started(process: EventOf<'process_activity'>): Match | undefined {
  const parent = fileNameOf(process.parentImage ?? '')
  const line = process.commandLine || (process.image ?? '')
  if (SERVICE.test(parent)) {
    if (/^conhost\.exe$/.test(fileNameOf(process.image ?? ''))) return undefined
    return { title: `${parent} ran ${shortCommand(line)}`, object: 'psexec service' }
  }
  if (!/psexec|paexec/i.test(line)) return undefined
  const plain = plainCommand(line)
  const target = CLIENT.exec(plain)?.[1]
  if (target !== undefined)
    return { title: `PsExec towards ${target}: ${shortCommand(line)}`, object: `psexec ${target}`, severity: 'medium' }
  return LOCAL_SYSTEM.test(plain)
    ? {
        title: `PsExec took SYSTEM rights on this machine: ${shortCommand(line)}`,
        object: 'psexec client',
        techniques: ['T1569.002'],
        severity: 'low',
      }
    : undefined
}

function piped(share: EventOf<'smb_activity'>): Match | undefined {
  if (!/ipc\$$/i.test(share.share ?? '')) return undefined
  const path = share.path ?? ''
  const found = pipeOf(path)
  if (!found) return undefined
  const renamed = found[1] !== undefined && !SERVICE.test(found[1])
  return {
    title: `${share.user || 'an account'} from ${share.srcIp || 'another host'} opened the pipe ${path}${renamed ? ', PsExec under another name' : ''}`,
    object: 'psexec service',
    severity: renamed ? 'high' : 'medium',
    techniques: renamed ? ['T1569.002', 'T1021.002', 'T1036'] : ['T1569.002', 'T1021.002'],
    ...sharePlace(share),
  }
}

function pipeMade(file: EventOf<'file_activity'>): Match | undefined {
  if (file.action === 'create' && fileNameOf(file.path ?? '') === 'psexesvc.exe')
    return {
      title: `${fileNameOf(file.image ?? '') || 'a process'} wrote ${file.path}`,
      object: 'psexec service',
      severity: 'low',
    }
  if (file.action !== 'pipe-create' && file.action !== 'pipe-connect') return undefined
  const found = pipeOf(file.path)
  if (!found) return undefined
  const renamed = found[1] !== undefined && !SERVICE.test(found[1])
  return {
    title: `${fileNameOf(file.image ?? '') || 'a process'} opened the pipe ${file.path}`,
    object: 'psexec service',
    severity: renamed ? 'high' : 'medium',
  }
}
