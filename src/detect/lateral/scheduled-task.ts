import { isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, isMachineAccount, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import { sharePlace } from './share-place.ts'

const REMOTE = /\bschtasks(?:\.exe)? .*\/s (\S+)/
const ACTION = /\bschtasks(?:\.exe)? .*\/(create|change|run)\b/
const AT = /\bat(?:\.exe)? \\\\(\S+) /
const RUNS_SHELL = /\b(?:cmd|powershell|pwsh|mshta|rundll32|wscript|cscript|regsvr32|certutil|bitsadmin)(?:\.exe)?\b/
/** Windows' own tasks live here; updates register them as SYSTEM, persons do not. */
const OWN_FOLDER = /^\\microsoft\\(?:windows|office|visualstudio|edge)/i

/** A scheduled task is made: on another machine, or by a person under a name of Windows. */
export const scheduledTask: RecordDetector<'process_activity' | 'scheduled_job_activity' | 'smb_activity'> = {
  on: 'record',
  id: 'lateral/scheduled-task',
  title: 'Scheduled task made or run on another machine, or in disguise',
  reads: ['process_activity', 'scheduled_job_activity', 'smb_activity'],
  techniques: ['T1053.005'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A task runs a command at a chosen time as SYSTEM, here or on another machine, and stays.',
  innocent: 'software distribution or an administrator who schedules a job',
  detect(event) {
    switch (event.kind) {
      case 'process_activity':
        return event.action === 'start' ? commanded(event.commandLine ?? '') : undefined
      case 'scheduled_job_activity':
        return registered(event)
      case 'smb_activity':
        return overShare(event)
    }
  },
}

/** atexec keeps the output of its task in ADMIN$\\Temp under eight random letters and fetches it (Impacket). */
const TASK_OUTPUT = /(?:^|\\)temp\\([a-z]{8})\.tmp$/i

function overShare(share: EventOf<'smb_activity'>): Match | undefined {
  const path = share.path ?? ''
  const who = share.user || 'an account'
  const name = /(?:admin|c)\$$/i.test(share.share ?? '') ? TASK_OUTPUT.exec(path)?.[1] : undefined
  if (name !== undefined && /[a-z][A-Z]/.test(name))
    return {
      title: `${who} from ${share.srcIp || 'another host'} opened ${path} over ${share.share}: output of a remote task`,
      object: 'remote task output',
      severity: 'high',
      ...sharePlace(share),
    }
  if (!/(?:^|\\)atsvc$/i.test(path) || !share.srcIp || isMachineAccount(share.user ?? '')) return undefined
  return {
    title: `${who} from ${share.srcIp} opened the task scheduler's pipe`,
    object: 'atsvc',
    severity: 'low',
    ...sharePlace(share),
  }
}

function commanded(line: string): Match | undefined {
  if (!/schtasks|\bat(?:\.exe)?\s/i.test(line)) return undefined
  const plain = plainCommand(line)
  const at = AT.exec(plain)?.[1]
  const verb = at !== undefined ? 'create' : ACTION.exec(plain)?.[1]
  if (verb === undefined) return undefined
  const host = at ?? REMOTE.exec(plain)?.[1]
  const remote = host !== undefined && !/^(?:localhost|127\.0\.0\.1|\.)$/.test(host)
  const name = / \/tn (\S+)/.exec(plain)?.[1] ?? ''
  return {
    title: `Scheduled task ${name || '(unnamed)'} ${verb === 'create' ? 'made' : verb === 'run' ? 'run' : 'changed'}${remote ? ` on ${host}` : ''}: ${shortCommand(line)}`,
    object: `task ${name}`,
    severity: remote
      ? 'medium'
      : OWN_FOLDER.test(name) || (RUNS_SHELL.test(/ \/tr (.*)/.exec(plain)?.[1] ?? '') && verb === 'create')
        ? 'medium'
        : 'low',
    techniques: remote ? ['T1053.005', 'T1021'] : ['T1053.005'],
  }
}

function registered(job: EventOf<'scheduled_job_activity'>): Match | undefined {
  // cron and systemd timers run by the thousand; a Windows task is reported when it is made or changed by a person
  if (job.product === 'cron' || job.product === 'wmi' || (job.action !== 'register' && job.action !== 'update')) return undefined
  if (isMachineAccount(job.user ?? '')) return undefined
  const name = job.name ?? ''
  const run = job.command ?? ''
  const disguised = OWN_FOLDER.test(name) && job.action === 'register' && job.product === 'security'
  const shell = RUNS_SHELL.test(run.toLowerCase()) || isUserWritablePath(run)
  return {
    title: `Task ${name} ${job.action === 'register' ? 'made' : 'changed'} by ${job.user}${run === '' ? '' : `: ${shortCommand(run)}`}`,
    object: `task ${name.toLowerCase()}`,
    severity: disguised && shell ? 'high' : disguised ? 'medium' : shell ? 'low' : 'informational',
    accounts: [job.user ?? '', job.account ?? ''].filter(account => account !== ''),
  }
}
