import type { EventFields } from '../../model/index.ts'
import type { ProgramMessage } from './syslog-programs.ts'

/** Cron, systemd, log daemons: messages whose meaning is more than their text. */
export function daemonMessage({ program, text }: ProgramMessage): EventFields | undefined {
  const said = text.slice(0, 65_536)
  switch (program) {
    case 'cron':
    case 'crond':
    case 'crontab':
    case 'anacron':
      return cronMessage(said)
    case 'systemd':
      return systemdMessage(said)
    case 'systemd-logind':
      return logindMessage(said)
    case 'rsyslogd':
    case 'rsyslogd-pstats':
    case 'syslogd':
    case 'syslog-ng':
    case 'systemd-journald':
    case 'systemd-journal':
    case 'auditd':
      return logDaemonMessage(program, said)
    default:
      return undefined
  }
}

/** "(root) CMD (command)", and edits through crontab(1). */
function cronMessage(text: string): EventFields | undefined {
  const run = /^\((.*?)\) CMD \((.*)\)\)?$/s.exec(text)
  if (run)
    return { kind: 'scheduled_job_activity', action: 'run', command: (run[2] ?? '').trim(), account: run[1] ?? '', name: '' }
  const edit = /^\((.*?)\) (REPLACE|DELETE|RELOAD) \((.*)\)$/.exec(text)
  if (edit) {
    const [, user = '', what, name = ''] = edit
    return {
      kind: 'scheduled_job_activity',
      action: what === 'DELETE' ? 'delete' : 'update',
      name: `crontab ${name}`,
      user,
      account: name,
    }
  }
  const anacron = /^Job `(.+?)' started$/.exec(text)
  return anacron ? { kind: 'scheduled_job_activity', action: 'run', name: anacron[1] ?? '' } : undefined
}

/** systemd's job results (src/core/job.c) and unit failures. */
function systemdMessage(text: string): EventFields | undefined {
  const job = /^(Started|Stopped|Failed to start) (.+?)\.?$/.exec(text)
  if (job)
    return {
      kind: 'service_activity',
      action: job[1] === 'Started' ? 'start' : job[1] === 'Stopped' ? 'stop' : 'crash',
      name: unitOf(job[2] ?? ''),
    }
  const failed = /^(\S+\.service): (?:Failed with result '.*'|Main process exited, code=(?:killed|dumped).*)\.?$/.exec(text)
  return failed ? { kind: 'service_activity', action: 'crash', name: failed[1] ?? '' } : undefined
}

/** "ssh.service - OpenBSD Secure Shell server" since version 247, the description alone before. */
function unitOf(text: string): string {
  return /^(\S+\.\w+) - /.exec(text)?.[1] ?? text
}

function logindMessage(text: string): EventFields | undefined {
  const opened = /^New session '?(\S+?)'? of user '?(\S+?)'?(?: with class .*)?\.$/.exec(text)
  if (opened)
    return {
      kind: 'authentication',
      action: 'session',
      outcome: 'success',
      user: opened[2] ?? '',
      logonId: opened[1] ?? '',
      protocol: 'logind',
    }
  const removed = /^Removed session (\S+?)\.$/.exec(text)
  return removed
    ? { kind: 'authentication', action: 'logoff', outcome: 'success', logonId: removed[1] ?? '', protocol: 'logind' }
    : undefined
}

const LOG_SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/\bexiting on signal\b|^Journal stopped|syslog-ng shutting down|^The audit daemon is exiting|^Terminated$/, 'stopped'],
  [
    /\] start$|^syslogd .*(?:re)?start|^Journal started|syslog-ng starting up|^Started dispatcher|^Init complete, auditd/,
    'started',
  ],
  [
    /\bbegin to drop messages\b|\bmessages? lost\b|lost \d+ messages|^Suppressed \d+ messages|^Missed \d+ kernel messages/,
    'dropped',
  ],
  [
    /^Audit daemon rotating|^(?:Deleted|Vacuuming done).*archived journals|no space left|^Audit daemon is low on disk space/i,
    'full',
  ],
]

/** A silent log is evidence too: when the log daemons themselves say that they stopped or dropped. */
function logDaemonMessage(program: string, text: string): EventFields | undefined {
  const action = LOG_SENTENCES.find(([pattern]) => pattern.test(text.slice(0, 2000)))?.[1]
  return action === undefined ? undefined : { kind: 'log_activity', action, log: program, detail: text.slice(0, 500) }
}
