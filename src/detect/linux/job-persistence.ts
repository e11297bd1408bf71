import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import {
  HIDDEN_IN_TEMPORARY,
  hostileCommand,
  isLinuxProcess,
  isMaintenance,
  isServiceAccount,
  isVendorInstaller,
  TEMPORARY,
} from './places.ts'

const TABLES =
  /^\/etc\/(?:crontab|anacrontab|cron\.(?:d|hourly|daily|weekly|monthly)\/[^/]+)$|^\/var\/spool\/(?:cron\/(?:crontabs\/)?[^/]+|at\/[^/]+)$/
/** Scripts that run at each start or log-in: init(8), bash(1), ld.so(8), motd. */
const START_FILES =
  /^\/etc\/(?:rc\.local|rc\d?\.d\/[^/]+|init\.d\/[^/]+|profile|profile\.d\/[^/]+|bash\.bashrc|bashrc|ld\.so\.preload|update-motd\.d\/[^/]+|xdg\/autostart\/[^/]+)$|\/\.(?:bashrc|bash_profile|bash_login|profile|zshrc|zprofile)$|\/\.config\/autostart\/[^/]+$/
const UNITS =
  /^(?:\/etc|\/usr\/lib|\/lib|\/run)\/systemd\/(?:system|user)\/(?:[^/]+\/)?[^/]+\.(?:service|timer|socket|path|conf)$|\/\.config\/systemd\/user\/[^/]+$/
const CRONTAB_PIPE = /\|\s*(?:sudo )?crontab\b(?: -u \S+)? -|\bcrontab\b(?: -u \S+)? (?:-|\/tmp\/\S+|\/dev\/shm\/\S+)$/
const TABLE_WRITE =
  /(?:>>?|\btee\b(?: -\w+)*|\b(?:cp|mv)\b \S+) *(?:\/etc\/cron\S*|\/var\/spool\/cron\S*|\/etc\/rc\.local|\/etc\/ld\.so\.preload|\/etc\/profile\.d\/\S+|\/(?:etc|lib|usr\/lib)\/systemd\/system\/\S+)/

/** Something is made to run again by itself: cron, systemd, start files. */
export const jobPersistence: RecordDetector<
  'process_activity' | 'file_activity' | 'scheduled_job_activity' | 'service_activity'
> = {
  on: 'record',
  id: 'linux/job-persistence',
  title: 'Program set to run again (cron, systemd, start files)',
  reads: ['process_activity', 'file_activity', 'scheduled_job_activity', 'service_activity'],
  techniques: ['T1053.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A job or a service survives restarts, and brings back what was removed.',
  innocent: 'an administrator or a package that adds a job of its own',
  detect(event) {
    switch (event.kind) {
      case 'file_activity':
        return written(event)
      case 'process_activity':
        return commanded(event)
      case 'scheduled_job_activity':
        return /^(?:found|run|register|update)$/.test(event.action ?? '')
          ? runs(event.command ?? '', event.account ?? '', `the job ${event.name || 'of cron'}`, ['T1053.003'])
          : undefined
      case 'service_activity':
        return event.action === 'found'
          ? runs(event.path ?? '', event.account ?? '', `the unit ${event.name ?? ''}`, ['T1543.002'])
          : undefined
    }
  },
}

function techniqueOf(path: string): string | undefined {
  if (TABLES.test(path)) return 'T1053.003'
  if (UNITS.test(path)) return 'T1543.002'
  if (!START_FILES.test(path)) return undefined
  if (path.endsWith('/ld.so.preload')) return 'T1574.006'
  return /^\/etc\/(?:rc|init)/.test(path) ? 'T1037.004' : 'T1546.004'
}

function written(file: EventOf<'file_activity'>): Match | undefined {
  const path = file.path ?? ''
  if (!/^(?:create|write|rename)$/.test(file.action ?? '')) return undefined
  const technique = techniqueOf(path)
  const image = file.image ?? ''
  if (technique === undefined || isMaintenance(image)) return undefined
  const service = isServiceAccount(file.user ?? '')
  // Editors and crontab(1) are how administrators do it.
  const byHand = /^(?:crontab|vim?|nano|emacs|ed|joe)$/.test(fileNameOf(image))
  const preload = technique === 'T1574.006'
  return {
    title: `${path} was written by ${fileNameOf(image) || 'a program'}`,
    object: path,
    techniques: [technique],
    severity: service || preload ? 'high' : byHand ? 'informational' : 'low',
    accounts: file.user ? [file.user] : [],
  }
}

function commanded(process: EventOf<'process_activity'>): Match | undefined {
  const line = process.commandLine ?? ''
  if (process.action !== 'start' || !/cron|rc\.local|ld\.so\.preload|profile\.d|systemd/.test(line) || !isLinuxProcess(process))
    return undefined
  if (isMaintenance(process.parentImage ?? '')) return undefined
  const plain = plainCommand(line)
  const target = TABLE_WRITE.exec(plain)?.[0] ?? ''
  if (target === '' && !CRONTAB_PIPE.test(plain)) return undefined
  const technique = target.includes('systemd')
    ? 'T1543.002'
    : target.includes('preload')
      ? 'T1574.006'
      : target.includes('profile')
        ? 'T1546.004'
        : target.includes('rc.local')
          ? 'T1037.004'
          : 'T1053.003'
  const hostile = hostileCommand(line)
  return {
    title: `A job is added by command: ${shortCommand(line)}`,
    object: /\/\S+$/.exec(target)?.[0] ?? 'crontab',
    techniques: [technique],
    severity: hostile || isServiceAccount(process.user ?? '') || technique === 'T1574.006' ? 'high' : 'medium',
    accounts: process.user ? [process.user] : [],
  }
}

const STARTED =
  /(?:^|[;&|(]\s*|\b(?:sh|bash|dash|zsh|python[\d.]*|perl|php\d*|nohup|exec|setsid|sudo|env|nice)\s+(?:-\S+\s+)*)(\/(?:tmp|var\/tmp|dev\/shm)\/[^\s;&|>)]+)/

/** A job or unit whose command no work needs. */
function runs(command: string, account: string, what: string, techniques: readonly string[]): Match | undefined {
  if (command === '') return undefined
  const hostile = isVendorInstaller(command) ? undefined : hostileCommand(command)
  // What runs, not what is written to or touched: in the place of the command, or handed to an interpreter.
  const program = STARTED.exec(command)?.[1] ?? ''
  const place = HIDDEN_IN_TEMPORARY.test(program)
    ? 'a hidden file in a temporary folder'
    : TEMPORARY.test(program)
      ? 'a file in a temporary folder'
      : ''
  if (!hostile && place === '') return undefined
  return {
    title: `${what.replace(/^./, first => first.toUpperCase())} runs ${hostile ? hostile.what : place}: ${shortCommand(command)}`,
    object: program || what,
    techniques: [...techniques, ...(hostile?.techniques ?? [])],
    severity: hostile || place.startsWith('a hidden') ? 'high' : 'medium',
    accounts: account === '' ? [] : [account],
  }
}
