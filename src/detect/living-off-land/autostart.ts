import { isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const RUN_KEY =
  /\\(?:currentversion\\(?:run|runonce|runonceex|runservices|policies\\explorer\\run)|winlogon(?=\\(?:shell|userinit|notify)\b)|windows nt\\currentversion\\windows(?=\\(?:load|run)$)|active setup\\installed components)\b/i
const DEBUGGER = /\\image file execution options\\([^\\]+)(?:\\debugger)?$/i
/** Programs before the log-on screen: a shell behind their name answers to anybody (T1546.008). */
const ACCESSIBILITY = /^(?:sethc|utilman|osk|magnify|narrator|displayswitch|atbroker)\.exe$/i
const COMMAND = /\b(?:cmd|powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin)(?:\.exe)?\b/i
const SSP = /\\control\\lsa\\(?:osconfig\\)?(?:security packages|notification packages|authentication packages)$/i

/** A program is set to start by itself, from the registry. */
export const autostart: RecordDetector<'registry_activity' | 'process_activity'> = {
  on: 'record',
  id: 'living-off-land/autostart',
  title: 'Program set to start by itself',
  reads: ['registry_activity', 'process_activity'],
  techniques: ['T1547.001'],
  severity: 'low',
  confidence: 'moderate',
  why: 'What starts with the machine or with a log-on survives restarts and password changes.',
  innocent: 'the installation of a program with its updater or tray icon',
  detect(event) {
    return event.kind === 'registry_activity' ? valueSet(event) : event.action === 'start' ? commanded(event) : undefined
  },
}

function valueSet(set: EventOf<'registry_activity'>): Match | undefined {
  if (set.action !== 'set-value') return undefined
  const key =
    set.valueName === undefined || set.valueName === '' || (set.key ?? '').endsWith(`\\${set.valueName}`)
      ? (set.key ?? '')
      : `${set.key}\\${set.valueName}`
  const value = set.value ?? ''
  const accounts = set.user ? [set.user] : []
  const debugged = DEBUGGER.exec(key)?.[1]
  if (debugged !== undefined && /debugger$/i.test(key)) return { ...debuggerOf(debugged, value), accounts }
  if (SSP.test(key))
    return {
      title: `Security package list changed to ${shortCommand(value)}`,
      object: key,
      techniques: ['T1547.005'],
      severity: 'low',
      accounts,
    }
  if (!RUN_KEY.test(key)) return undefined
  const target = /^"?([^"]+?\.\w{2,4})\b/.exec(value)?.[1] ?? value
  const severity =
    COMMAND.test(value) && isUserWritablePath(fileArgument(value))
      ? 'medium'
      : isUserWritablePath(target) && writtenByTool(set.image ?? '')
        ? 'medium'
        : 'low'
  return { title: `${key} starts ${shortCommand(value)}`, object: key, severity, accounts }
}

/** Last word that looks like a path: what rundll32, wscript or a shell is made to run. */
function fileArgument(value: string): string {
  return /([a-z]:\\[^"']+)$/i.exec(value.replace(/["']\s*$/, ''))?.[1] ?? ''
}

/** A person or a script wrote the value, not the program's own set-up (Teams, OneDrive and browsers live in AppData). */
function writtenByTool(image: string): boolean {
  return /^(?:reg|cmd|powershell|pwsh|wmiprvse|wscript|cscript|regedit|rundll32)\.exe$/.test(fileNameOf(image))
}

function debuggerOf(program: string, value: string): Match {
  const backdoor = ACCESSIBILITY.test(program)
  return {
    title: `${program} is replaced by ${shortCommand(value)} when it starts`,
    object: `debugger of ${program}`,
    techniques: [backdoor ? 'T1546.008' : 'T1546.012'],
    severity: backdoor ? 'high' : COMMAND.test(value) ? 'medium' : 'low',
  }
}

function commanded(process: EventOf<'process_activity'>): Match | undefined {
  const line = process.commandLine ?? ''
  if (ACCESSIBILITY.test(fileNameOf(process.parentImage ?? '')) && COMMAND.test(fileNameOf(process.image ?? '')))
    return {
      title: `${fileNameOf(process.parentImage ?? '')} started ${shortCommand(line || (process.image ?? ''))}`,
      object: `debugger of ${fileNameOf(process.parentImage ?? '')}`,
      techniques: ['T1546.008'],
      severity: 'high',
    }
  if (
    fileNameOf(process.image ?? '') === 'cmd.exe' &&
    fileNameOf(process.parentImage ?? '') === 'winlogon.exe' &&
    ACCESSIBILITY.test(/(?:^|\s)"?(\w+\.exe)"?(?:\s+\d+)?\s*$/.exec(line)?.[1] ?? '')
  )
    return {
      title: `winlogon.exe started a shell in place of an accessibility program: ${shortCommand(line)}`,
      object: 'accessibility program',
      techniques: ['T1546.008'],
      severity: 'high',
    }
  const plain = plainCommand(line)
  if (!/\breg(?:\.exe)? add\b/.test(plain)) return undefined
  const key = /\breg(?:\.exe)? add (\S+)/.exec(plain)?.[1] ?? ''
  const debugged = DEBUGGER.exec(key)?.[1]
  if (debugged !== undefined && /\/v debugger/.test(plain))
    return debuggerOf(debugged, / \/d (.+?)(?: \/|$)/.exec(plain)?.[1] ?? '')
  if (!RUN_KEY.test(key)) return undefined
  return {
    title: `Start of a program set by command: ${shortCommand(line)}`,
    object: key,
    severity: isUserWritablePath(/ \/d (\S+)/.exec(plain)?.[1] ?? '') ? 'medium' : 'low',
  }
}
