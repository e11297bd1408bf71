import { fileNameOf, type Match, plainCommand, type RecordDetector, type Severity, shortCommand } from '../../model/index.ts'

const WEVTUTIL = /\bwevtutil(?:\.exe)? (?:cl|clear-log) (\S+)/
const OTHER =
  /\bclear-eventlog\b.*?(?:-logname )?(\S+)$|\bwmic(?:\.exe)? nteventlog .*\bcleareventlog\b|\bremove-eventlog\b|\busn deletejournal\b|\[system\.diagnostics\.eventing\.reader\.eventlogsession\].*clearlog/
const UNIX =
  /(?:^|[;&|] ?|-c )(?:> ?|truncate \S+ \S+ |cat \/dev\/null > ?|rm (?:-\w+ )*|shred \S* ?)\/var\/log\/\S+|\bhistory -c\b|\b(?:rm|shred)\b.*\.bash_history/
/** A loop over every log there is. */
const ALL = /\bwevtutil(?:\.exe)? el\b.*\bwevtutil(?:\.exe)? cl\b|get-eventlog -list.*clear-eventlog|get-winevent -listlog.*clear/

/** The logs an investigation rests on. Operational logs are emptied by whoever tests a sensor or a driver. */
const PILLARS = /^(?:security|system)$/i

/** An event log is emptied: the record the system leaves itself, or the command. */
export const logCleared: RecordDetector<'log_activity' | 'process_activity' | 'script_activity'> = {
  on: 'record',
  id: 'log-gaps/log-cleared',
  title: 'Event log cleared',
  reads: ['log_activity', 'process_activity', 'script_activity'],
  techniques: ['T1070.001'],
  severity: 'medium',
  confidence: 'high',
  why: 'What happened before is gone from this machine; look for forwarded copies, shadow copies and backups of the log.',
  innocent: 'a new machine is prepared, a log agent is rolled out, or an administrator frees space',
  detect(event) {
    if (event.kind === 'log_activity') {
      if (event.action !== 'cleared') return undefined
      const log = event.log ?? ''
      const by = event.user ? ` by ${event.user}` : ''
      return {
        title: `The log ${log || '(unnamed)'} was cleared${by}`,
        object: log,
        severity: severityOf(log),
        accounts: event.user ? [event.user] : [],
      }
    }
    return commanded(
      event.kind === 'process_activity' ? (event.action === 'start' ? (event.commandLine ?? '') : '') : (event.text ?? ''),
      event.kind === 'process_activity' ? fileNameOf(event.image ?? '') : '',
    )
  },
}

function severityOf(log: string): Severity {
  return PILLARS.test(log) ? 'medium' : 'low'
}

function commanded(line: string, image: string): Match | undefined {
  if (!/wevtutil|eventlog|winevent|clearlog|deletejournal|\/var\/log|history/i.test(line)) return undefined
  const plain = plainCommand(line)
  if (ALL.test(plain)) return { title: `All event logs cleared: ${shortCommand(line)}`, object: 'all logs', severity: 'high' }
  const log = WEVTUTIL.exec(plain)?.[1]
  if (log !== undefined) return { title: `Log cleared by command: ${shortCommand(line)}`, object: log, severity: severityOf(log) }
  if (OTHER.test(plain))
    return {
      title: `Log cleared by command: ${shortCommand(line)}`,
      object: OTHER.exec(plain)?.[1] ?? 'event log',
      ...(plain.includes('usn') ? { techniques: ['T1070'] } : {}),
    }
  // rotation is done by programs with a name
  if (UNIX.test(plain) && !/^(?:logrotate|savelog|newsyslog)$/.test(image))
    return { title: `Log or history emptied: ${shortCommand(line)}`, object: 'unix logs', techniques: ['T1070.002'] }
  return undefined
}
