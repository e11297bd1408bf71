import { isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const SC = /\bsc(?:\.exe)? (?:\\\\\S+ )?(create|config|failure|sdset) (\S+)/
const SHELL = /\b(?:cmd|powershell|pwsh|mshta|rundll32|wscript|cscript|regsvr32|certutil)(?:\.exe)?\b|%comspec%/i

/** Agents update themselves in ProgramData, and installers and test runs unpack into folders of their own; a bare file in Temp is neither. */
const UNPACKED = /[\\/]programdata[\\/]|[\\/]temp[\\/][^\\/]+[\\/][^\\/]+[\\/]/i

/** A service is made or bent so that it runs something else. Installations by a remote caller are `lateral/remote-service`. */
export const serviceChange: RecordDetector<'process_activity' | 'service_activity'> = {
  on: 'record',
  id: 'living-off-land/service-change',
  title: 'Service made or changed to run something else',
  reads: ['process_activity', 'service_activity'],
  techniques: ['T1543.003'],
  severity: 'low',
  confidence: 'moderate',
  why: 'A service runs as SYSTEM and starts again after every restart; its path, failure command and rights are all ways to run code.',
  innocent: 'the installation of a program, or an administrator who repairs a service',
  detect(event) {
    return event.kind === 'process_activity' ? (event.action === 'start' ? commanded(event) : undefined) : installed(event)
  },
}

function commanded(process: EventOf<'process_activity'>): Match | undefined {
  const line = process.commandLine ?? ''
  if (!/\bsc(?:\.exe)?"?\s|new-service|set-service/i.test(line)) return undefined
  const plain = plainCommand(line)
  const [, verb = '', name = ''] = SC.exec(plain) ?? []
  if (verb === '') return undefined
  const path = /\bbinpath= ?(.+?)(?: \w+= |$)/.exec(plain)?.[1] ?? ''
  if (verb === 'config' && path === '') return undefined
  if (verb === 'failure' && !/\bcommand= ?\S/.test(plain)) return undefined
  const runs = verb === 'failure' ? plain : path
  const severity = verb === 'sdset' ? 'low' : SHELL.test(runs) || isUserWritablePath(path) ? 'medium' : 'low'
  return {
    title: `Service ${name} ${verb === 'create' ? 'made' : 'changed'}: ${shortCommand(line)}`,
    object: `service ${name}`,
    severity,
    ...(verb === 'sdset' ? { techniques: ['T1543.003', 'T1564'] } : {}),
  }
}

function installed(service: EventOf<'service_activity'>): Match | undefined {
  // In a registry hive it is not known when a service was put there; what it runs is.
  if (service.action !== 'install' && !(service.action === 'found' && service.product === 'registry')) return undefined
  const path = service.path ?? ''
  const bare = path.replace(/^"/, '')
  const where =
    isUserWritablePath(bare) && !/[\\/](?:programdata[\\/]microsoft[\\/]|softwaredistribution|windows defender)/i.test(bare)
  if (!where) return undefined
  return {
    title: `Service ${service.name || fileNameOf(path)} runs ${shortCommand(path)}`,
    object: `service ${service.name ?? ''}`.toLowerCase(),
    severity: UNPACKED.test(bare) ? 'low' : 'medium',
    accounts: service.user ? [service.user] : [],
  }
}
