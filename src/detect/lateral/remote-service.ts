import { isUserWritablePath } from '../../knowledge/programs.ts'
import {
  type EventOf,
  fileNameOf,
  isMachineAccount,
  type Match,
  plainCommand,
  type RecordDetector,
  shortCommand,
} from '../../model/index.ts'
import { sharePlace } from './share-place.ts'

const REMOTE_SC = /\bsc(?:\.exe)? \\\\(\S+) (create|config|start|stop|delete)\b/
const SHELL = /%comspec%|\b(?:cmd|powershell|pwsh|mshta|rundll32|regsvr32)(?:\.exe)?\b/i
/** Output through a share or a pipe is how smbexec and Metasploit read back what a service did. */
const SHELL_SERVICE =
  /\\\\[^\s\\]+\\(?:c\$|admin\$)\\|\\\\\.\\pipe\\|__output|execute\.bat|-encodedcommand|-enc?\s|frombase64string/i
/** smbexec writes each command to a batch file of this name and runs it (Impacket). */
const SHELL_BATCH = /\/c\s+\S*\\temp\\execute\.bat\b|\\__output\b/i
/** Service path straight in the Windows folder under a random name: the file was dropped over ADMIN$ (Impacket, Metasploit). */
const DROPPED = /^(?:%systemroot%|[a-z]:\\windows|\\\\127\.0\.0\.1\\admin\$)\\([a-z]{8})\.exe$/i

/** A service is made on another machine, or one that only a remote tool would make. */
export const remoteService: RecordDetector<'process_activity' | 'service_activity' | 'smb_activity' | 'registry_activity'> = {
  on: 'record',
  id: 'lateral/remote-service',
  title: 'Service used for execution on another machine',
  reads: ['process_activity', 'service_activity', 'smb_activity', 'registry_activity'],
  techniques: ['T1569.002', 'T1021.002'],
  severity: 'high',
  confidence: 'moderate',
  why: 'A short-lived service runs a command as SYSTEM on the other machine; the service path is the command.',
  innocent: 'software distribution that installs its agent remotely',
  detect(event) {
    switch (event.kind) {
      case 'process_activity':
        return event.action === 'start' ? commanded(event.commandLine ?? '') : undefined
      case 'service_activity':
        return event.action === 'install' ? installed(event.name ?? '', event.path ?? '', event.user ?? '') : undefined
      case 'registry_activity':
        return imagePathSet(event)
      case 'smb_activity':
        return managerPipe(event)
    }
  },
}

/** The service manager writes the path of a new service into the registry, which Sysmon sees where nobody audits services. */
function imagePathSet(set: EventOf<'registry_activity'>): Match | undefined {
  if (set.action !== 'set-value') return undefined
  const key = set.valueName && !(set.key ?? '').endsWith(`\\${set.valueName}`) ? `${set.key}\\${set.valueName}` : (set.key ?? '')
  const name = /\\services\\([^\\]+)\\imagepath$/i.exec(key)?.[1]
  return name === undefined ? undefined : installed(name, set.value ?? '', set.user ?? '')
}

function commanded(line: string): Match | undefined {
  if (SHELL_BATCH.test(line))
    return {
      title: `A service ran a remote shell's batch file: ${shortCommand(line)}`,
      object: 'remote shell service',
      techniques: ['T1569.002', 'T1021.002', 'T1059.003'],
    }
  if (!line.includes('\\\\') || !/\bsc(?:\.exe)?\b/i.test(line)) return undefined
  const [, host, verb] = REMOTE_SC.exec(plainCommand(line)) ?? []
  if (host === undefined || /^(?:127\.0\.0\.1|localhost|\.)$/.test(host)) return undefined
  const makes = verb === 'create' || verb === 'config'
  return {
    title: `Service on ${host} (${verb}): ${shortCommand(line)}`,
    object: `service on ${host}`,
    severity: makes ? 'medium' : 'low',
    confidence: 'moderate',
  }
}

function installed(name: string, path: string, user: string): Match | undefined {
  const accounts = isMachineAccount(user) ? [] : [user]
  const object = `service ${name}`.toLowerCase()
  const title = `Service ${name} installed: ${shortCommand(path)}`
  if (SHELL.test(path) && SHELL_SERVICE.test(path))
    return { title, object, accounts, techniques: ['T1569.002', 'T1021.002', 'T1059'] }
  if (SHELL.test(path) && !/\\rundll32\.exe"? [^,]+\\(?:system32|program files)/i.test(path))
    return { title, object, accounts, severity: 'medium', techniques: ['T1543.003', 'T1059'] }
  const dropped = DROPPED.exec(path.replace(/^"|"$/g, ''))?.[1]
  // remote tools draw two names; an agent's service is called like its program
  if (dropped !== undefined && !isWord(dropped) && dropped.toLowerCase() !== name.toLowerCase())
    return { title: `${title}, a random name`, object, accounts, severity: /[a-z][A-Z]/.test(dropped) ? 'high' : 'medium' }
  return isUserWritablePath(path) && isRandomName(name)
    ? { title: `${title}, a random name`, object, accounts, severity: 'medium' }
    : undefined
}

/** English-like words alternate vowels; eight random letters have a run of four consonants or no vowel at all far more often than not. */
function isWord(letters: string): boolean {
  return !/[^aeiouy]{4}/i.test(letters) && /[aeiouy]/i.test(letters) && !/[a-z][A-Z]/.test(letters)
}

function isRandomName(name: string): boolean {
  return /^[a-z]{4,16}$/i.test(name) && !isWord(name)
}

/** The service manager's pipe, opened by a person over the network; remote tools and inventory alike begin here. */
function managerPipe(share: EventOf<'smb_activity'>): Match | undefined {
  if (fileNameOf(share.path ?? '') !== 'svcctl' || !share.srcIp || isMachineAccount(share.user ?? '')) return undefined
  return {
    title: `${share.user} from ${share.srcIp} opened the service manager's pipe`,
    object: 'svcctl',
    severity: 'low',
    confidence: 'low',
    ...sharePlace(share),
  }
}
