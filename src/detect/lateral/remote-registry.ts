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

const REMOTE = /\breg(?:\.exe)? (add|save|query|export|delete|copy) \\\\([^\\\s]+)\\/

/** The registry of another machine is read or changed. */
export const remoteRegistry: RecordDetector<'process_activity' | 'smb_activity' | 'registry_activity'> = {
  on: 'record',
  id: 'lateral/remote-registry',
  title: 'Registry of another machine read or changed',
  reads: ['process_activity', 'smb_activity', 'registry_activity'],
  techniques: ['T1112', 'T1021'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Through the remote registry an intruder switches protections off, reads secrets and sets autostarts without a program on the target.',
  innocent: 'inventory and software distribution read remote registries; single administrators change values',
  detect(event) {
    switch (event.kind) {
      case 'process_activity': {
        if (event.action !== 'start' || !event.commandLine?.includes('\\\\')) return undefined
        const [, verb, host] = REMOTE.exec(plainCommand(event.commandLine)) ?? []
        if (host === undefined) return undefined
        return {
          title: `Registry of ${host} (${verb}): ${shortCommand(event.commandLine)}`,
          object: `registry of ${host}`,
          severity: verb === 'query' ? 'low' : 'medium',
        }
      }
      case 'registry_activity':
        return changedByService(event)
      case 'smb_activity':
        return fileNameOf(event.path ?? '') === 'winreg' && event.srcIp && !isMachineAccount(event.user ?? '')
          ? {
              title: `${event.user} from ${event.srcIp} opened the remote registry pipe`,
              object: 'winreg',
              severity: 'low',
              ...sharePlace(event),
            }
          : undefined
    }
  },
}

/** Values whose change weakens a machine or starts a program; an ordinary remote change is not worth a word. */
const TELLING =
  /\\(?:image file execution options|currentversion\\run(?:once)?|control\\lsa|winlogon|terminal server|windows defender|securityproviders\\wdigest|portproxy|policies\\system)\b/i

const STARTS = /\\(?:currentversion\\run(?:once)?|image file execution options\\[^\\]+\\debugger)$/i

/** The host process of the Remote Registry service (svchost -k localService -s RemoteRegistry) is the writer; Sysmon shows only svchost under LOCAL SERVICE. */
function changedByService(set: EventOf<'registry_activity'>): Match | undefined {
  if (set.action !== 'set-value' || fileNameOf(set.image ?? '') !== 'svchost.exe') return undefined
  const key = `${set.key ?? ''}`
  // older sensors do not name the account: then only keys count that no service host writes for itself
  const user = set.user ?? ''
  if (user === '' ? !STARTS.test(key) : !TELLING.test(key) || !/^nt authority\\local service$/i.test(user)) return undefined
  return { title: `${key} changed through the remote registry service`, object: key, confidence: 'low' }
}
