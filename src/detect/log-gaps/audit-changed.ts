import { type EventOf, isMachineAccount, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const CLEARED = /\bauditpol(?:\.exe)? \/(?:clear|remove)\b|\bauditpol(?:\.exe)? \/restore\b/
const DISABLED = /\bauditpol(?:\.exe)? \/set\b.*\/(?:success|failure):disable/
const LOG_OFF =
  /\bwevtutil(?:\.exe)? (?:sl|set-log) (\S+) .*\/e(?:nabled)?:(?:false|f)\b|\b(?:sc(?:\.exe)?|net1?(?:\.exe)?) (?:stop|config) (?:eventlog|sysmon\w*|auditd|rsyslog)\b|\blogman(?:\.exe)? stop eventlog-|\bsystemctl (?:stop|disable|mask) (?:--now )?(?:auditd|rsyslog|syslog|syslog-ng|systemd-journald|sysmon)\b|\bservice (?:auditd|rsyslog|syslog) stop\b|\b(?:pkill|killall) (?:-\S+ )*(?:auditd|rsyslogd|syslogd|sysmon)\b|\bauditctl -e ?0\b/
const COMMAND_LINES_OFF =
  /\bprocesscreationincludecmdline_enabled\b.*\/d 0\b|\b(?:enablescriptblocklogging|enablemodulelogging|enabletranscripting)\b.*\/d 0\b/
const KEYS =
  /\\(?:policies\\system\\audit\\processcreationincludecmdline_enabled|scriptblocklogging\\enablescriptblocklogging|modulelogging\\enablemodulelogging|transcription\\enabletranscripting|wmi\\autologger\\eventlog-\w+\\(?:start|enabled)|winevt\\channels\\[^\\]+\\enabled|minint|services\\eventlog\\start)$/i

/** Subcategories whose silence hides an intruder, by the identifiers of [MS-GPAC] 2.2.1.3: log-on, tickets, processes, accounts, policy, directory, shares. */
const TELLING =
  /0cce92(?:15|1b|3f|42|40|41|2b|2f|35|37|36|3b|3c|11|10|12|24|44|27|1e|28)-|logon|credential|process creation|account management|audit policy|directory service/i
/** %%8448 is "success removed", %%8450 "failure removed" in the message table of the Security log. */
const REMOVED = /%%84(?:48|50)\b|removed/i

/** Less is written to the logs from here on. */
export const auditChanged: RecordDetector<'log_activity' | 'process_activity' | 'script_activity' | 'registry_activity'> = {
  on: 'record',
  id: 'log-gaps/audit-changed',
  title: 'Audit policy or event logging switched off',
  reads: ['log_activity', 'process_activity', 'script_activity', 'registry_activity'],
  techniques: ['T1562.002'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Switching auditing off shortly before acting leaves no records of the act; the change itself is the last record.',
  innocent: 'a new audit policy is applied, mostly less noise from chatty categories',
  detect(event) {
    switch (event.kind) {
      case 'log_activity':
        return policyChanged(event)
      case 'process_activity':
        return event.action === 'start' ? commanded(event.commandLine ?? '') : undefined
      case 'script_activity':
        return commanded(event.text ?? '')
      case 'registry_activity':
        return valueSet(event)
    }
  },
}

const OBJECT = 'audit policy'

function policyChanged(change: EventOf<'log_activity'>): Match | undefined {
  if (change.action !== 'policy-changed' || !REMOVED.test(change.detail ?? '')) return undefined
  const system = isMachineAccount(change.user ?? '')
  return {
    title: `Auditing reduced${change.user ? ` by ${change.user}` : ''}: ${shortCommand(change.detail ?? '', 100)}`,
    object: OBJECT,
    // group policy works as the machine; a person who reduces auditing does it by hand
    severity: system ? 'informational' : TELLING.test(change.detail ?? '') ? 'medium' : 'low',
    accounts: change.user ? [change.user] : [],
  }
}

function commanded(line: string): Match | undefined {
  if (
    !/auditpol|wevtutil|eventlog|sysmon|logman|auditd|syslog|journald|auditctl|cmdline_enabled|logging|transcripting/i.test(line)
  )
    return undefined
  const plain = plainCommand(line)
  if (CLEARED.test(plain)) return { title: `Audit policy cleared: ${shortCommand(line)}`, object: OBJECT }
  if (DISABLED.test(plain)) return { title: `Auditing of a category switched off: ${shortCommand(line)}`, object: OBJECT }
  if (LOG_OFF.test(plain))
    return { title: `Logging switched off: ${shortCommand(line)}`, object: LOG_OFF.exec(plain)?.[1] ?? 'logging service' }
  // every reload of the rules begins with deleting them
  if (/\bauditctl -d\b/.test(plain))
    return {
      title: `Audit rules deleted: ${shortCommand(line)}`,
      object: 'audit rules',
      severity: 'low',
      techniques: ['T1562.012'],
    }
  return COMMAND_LINES_OFF.test(plain) && /\breg(?:\.exe)? add\b|set-itemproperty|new-itemproperty/.test(plain)
    ? {
        title: `Recording of command lines or scripts switched off: ${shortCommand(line)}`,
        object: 'command line recording',
        techniques: ['T1562.002', 'T1112'],
      }
    : undefined
}

function valueSet(set: EventOf<'registry_activity'>): Match | undefined {
  if (set.action !== 'set-value') return undefined
  const key =
    set.valueName === undefined || set.valueName === '' || (set.key ?? '').endsWith(`\\${set.valueName}`)
      ? (set.key ?? '')
      : `${set.key}\\${set.valueName}`
  if (!KEYS.test(key)) return undefined
  const value = /0x0*([0-9a-f]+)/i.exec(set.value ?? '')?.[1] ?? (set.value ?? '').trim()
  const off = /\\(?:minint)$/i.test(key) ? true : /\\eventlog\\start$/i.test(key) ? value === '4' : value === '0'
  if (!off) return undefined
  const channel = /\\winevt\\channels\\/i.test(key)
  // installers switch their own channels off and on
  if (channel && isMachineAccount(set.user ?? '')) return undefined
  return {
    title: `Logging switched off in the registry: ${key}`,
    object: key,
    techniques: ['T1562.002', 'T1112'],
    severity: channel ? 'low' : 'medium',
    accounts: set.user ? [set.user] : [],
  }
}
