import { type EventOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const DEFENDER_OFF =
  /\b(?:set|add)-mppreference\b.*-(?:disable\w+ \$?(?:true|1)|exclusion\w+|puaprotection (?:0|disable\w*)|\w*(?:defaultaction) (?:6|allow)|submitsamplesconsent 2|maps\w+ (?:0|disable))|\bmpcmdrun(?:\.exe)?\b.*-removedefinitions|\bsc(?:\.exe)? (?:stop|delete|config) (?:windefend|wdnissvc|sense|wscsvc|mpssvc|sysmon\w*)\b|\bnet1? stop (?:windefend|sense|sysmon\w*)\b|\buninstall-windowsfeature\b.*defender|\bfltmc(?:\.exe)? unload sysmondrv|\bsysmon(?:64)?(?:\.exe)? -u\b/
const EXCLUSION = /exclusion/
const DEFENDER_KEY =
  /\\(?:windows defender(?:\\real-time protection|\\spynet|\\exclusions\\\w+)?|services\\(?:windefend|wdnissvc|sense|wdfilter|wdboot|mpssvc))\\(disable\w+|start|.*exclusions.*)$/i
const OTHER_KEYS: readonly (readonly [RegExp, string, string])[] = [
  [/\\deviceguard\\(?:enablevirtualizationbasedsecurity|lsacfgflags|hypervisorenforcedcodeintegrity)/i, 'Credential Guard', '0'],
  [/\\control\\lsa\\(?:lsacfgflags|runasppl)$/i, 'protection of lsass.exe', '0'],
  [/\\securityproviders\\wdigest\\uselogoncredential$/i, 'the ban on clear-text passwords in memory', '1'],
]

/** Antivirus, Credential Guard or sensor are switched off. */
export const defencesDisabled: RecordDetector<'process_activity' | 'script_activity' | 'registry_activity' | 'log_activity'> = {
  on: 'record',
  id: 'living-off-land/defences-disabled',
  title: 'Security software or protection switched off',
  reads: ['process_activity', 'script_activity', 'registry_activity', 'log_activity'],
  techniques: ['T1562.001'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'What follows is not seen any more.',
  innocent: 'another security product takes over, or an administrator excludes a database folder from scanning',
  detect(event) {
    if (event.kind === 'registry_activity') return valueSet(event)
    if (event.kind === 'log_activity') return protectionStopped(event)
    const line = event.kind === 'process_activity' ? (event.action === 'start' ? event.commandLine : undefined) : event.text
    if (line === undefined || !/mppreference|mpcmdrun|windefend|wdnissvc|\bsense\b|wscsvc|mpssvc|sysmon|defender/i.test(line))
      return undefined
    const plain = plainCommand(line)
    if (!DEFENDER_OFF.test(plain)) return undefined
    // the cmdlet's own module is logged as a script block whenever it is loaded
    if (event.kind === 'script_activity' && /\bfunction (?:set|add)-mppreference\b|cmdletization/.test(plain)) return undefined
    const excluded = EXCLUSION.test(plain)
    return {
      title: `${excluded ? 'Exclusion from scanning' : 'Security software switched off'}: ${shortCommand(line)}`,
      object: excluded ? 'defender exclusion' : 'security software',
      severity: excluded ? 'low' : 'medium',
    }
  },
}

/** Defender 5001, 5010, 5012: it says itself that it was switched off. */
function protectionStopped(event: EventOf<'log_activity'>): Match | undefined {
  if (event.action !== 'stopped' || !/defender/i.test(event.log ?? '')) return undefined
  return {
    title: `${event.log}: ${event.detail || 'protection stopped'}`,
    object: 'security software',
    accounts: event.user ? [event.user] : [],
  }
}

function valueSet(set: EventOf<'registry_activity'>): Match | undefined {
  if (set.action !== 'set-value') return undefined
  const key =
    set.valueName === undefined || set.valueName === '' || (set.key ?? '').endsWith(`\\${set.valueName}`)
      ? (set.key ?? '')
      : `${set.key}\\${set.valueName}`
  const number = dwordOf(set.value ?? '')
  const accounts = set.user ? [set.user] : []
  for (const [pattern, what, bad] of OTHER_KEYS)
    if (pattern.test(key) && number === bad) return { title: `${key}: ${what} switched off`, object: key, accounts }
  const what = DEFENDER_KEY.exec(key)?.[1]?.toLowerCase()
  if (what === undefined) return undefined
  const off = what === 'start' ? number === '4' : what.startsWith('disable') ? number === '1' : true
  return off
    ? {
        title: `${key} set to ${shortCommand(set.value ?? '', 60)}`,
        object: key,
        severity: what.includes('exclusion') ? 'low' : 'medium',
        accounts,
      }
    : undefined
}

/** "DWORD (0x00000004)" as Sysmon writes it, or a plain number. */
function dwordOf(value: string): string {
  const hex = /0x([0-9a-f]+)/i.exec(value)?.[1]
  return hex === undefined ? value.trim() : String(Number.parseInt(hex, 16))
}
