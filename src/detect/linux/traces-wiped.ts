import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import { isLinuxProcess, isMaintenance } from './places.ts'

/** Ways to leave no history: bash(1), HISTFILE, HISTSIZE, HISTCONTROL. */
const HISTORY =
  /\bunset (?:\S+ )*hist(?:file|size|filesize)\b|\bhist(?:size|filesize)=0\b|\bhistfile=(?:\/dev\/null)?(?:\s|;|$)|\bln -\w*s\w* \/dev\/null \S*_history\b|\bset \+o history\b|(?:^|[;&|] ?)> ?\S*\.(?:bash|zsh)_history\b|\btruncate\b.*_history\b|\bcat \/dev\/null ?> ?\S*_history\b/
const LOGIN_RECORDS =
  /\b(?:utmpdump (?:-r|--reverse)|wtmpclean|logtamper|hidemyass|mig-logcleaner)\b|> ?\/(?:var\/log|run)\/[wbu]tmp\b|\b(?:truncate|shred|rm)\b.*\/(?:var\/log|run)\/(?:[wbu]tmp|lastlog)\b/
const JOURNAL = /\bjournalctl\b.*--vacuum-(?:time=\d+s\b|size=\d{1,3}k?\b|files=1\b)|\brm -\w+ .*\/(?:var|run)\/log\/journal\b/
const LOG_FILES =
  /^\/var\/log\/(?:auth\.log|secure|messages|syslog|audit\/audit\.log|wtmp|btmp|lastlog|apache2\/|httpd\/|nginx\/)/
/** Programs that rotate, pack and write logs. */
const LOG_KEEPERS =
  /^(?:logrotate|savelog|newsyslog|gzip|xz|zstd|rsyslogd|syslogd|syslog-ng|systemd-journald|auditd|apache2|httpd|nginx|sshd|login|agetty)$/

/** Traces on a Linux machine are removed, or are kept from being written. Loggers that are stopped: log-gaps/audit-changed. */
export const tracesWiped: RecordDetector<'process_activity' | 'file_activity' | 'log_activity' | 'script_activity'> = {
  on: 'record',
  id: 'linux/traces-wiped',
  title: 'Traces on a Linux machine removed',
  reads: ['process_activity', 'file_activity', 'log_activity', 'script_activity'],
  techniques: ['T1070.002'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Who removes log-in records, history or logs wants not to be seen; what other machines recorded of the same time now matters most.',
  innocent: 'an image is prepared for cloning, or an administrator frees space',
  detect(event) {
    switch (event.kind) {
      case 'log_activity':
        return event.action === 'blanked'
          ? {
              title: `Log-in records were overwritten: ${event.detail ?? ''}`,
              object: event.log ?? 'wtmp',
              severity: 'high',
              confidence: 'high',
            }
          : undefined
      case 'file_activity':
        return deleted(event)
      case 'script_activity':
        return event.engine === 'tty' ? commanded(event.text ?? '', '', event.user ?? '') : undefined
      case 'process_activity':
        return event.action === 'start' && isLinuxProcess(event) && !LOG_KEEPERS.test(fileNameOf(event.image ?? ''))
          ? commanded(event.commandLine ?? '', event.parentImage ?? '', event.user ?? '')
          : undefined
    }
  },
}

const HINT = /hist|[wbu]tmp|lastlog|journal/i

function commanded(line: string, parent: string, user: string): Match | undefined {
  if (!HINT.test(line) || isMaintenance(parent)) return undefined
  const plain = plainCommand(line)
  const accounts = user === '' ? [] : [user]
  if (LOGIN_RECORDS.test(plain))
    return { title: `Log-in records changed: ${shortCommand(line)}`, object: 'log-in records', severity: 'high', accounts }
  if (JOURNAL.test(plain))
    return { title: `Journal emptied: ${shortCommand(line)}`, object: 'journal', severity: 'medium', accounts }
  if (HISTORY.test(plain))
    return {
      title: `History switched off or emptied: ${shortCommand(line)}`,
      object: 'shell history',
      techniques: ['T1070.003'],
      severity: 'medium',
      accounts,
    }
  return undefined
}

function deleted(file: EventOf<'file_activity'>): Match | undefined {
  const path = file.path ?? ''
  const image = fileNameOf(file.image ?? '')
  if (file.action !== 'delete' || !LOG_FILES.test(path) || image === '' || LOG_KEEPERS.test(image) || isMaintenance(image))
    return undefined
  // Rotated files are deleted by cleaning scripts; the log that is being written is not.
  if (/\.(?:gz|xz|zst|\d+|old)$|-\d{8}/.test(path)) return undefined
  return { title: `${path} was deleted by ${image}`, object: path, severity: 'medium', accounts: file.user ? [file.user] : [] }
}
