import { fileNameOf, isMachineAccount, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const CREATE =
  /\bvssadmin(?:\.exe)? create shadow|\bwmic(?:\.exe)? .*shadowcopy call create|win32_shadowcopy.*\.create\(|\bdiskshadow(?:\.exe)?\b|mklink .*harddiskvolumeshadowcopy/
const SCRIPTED = /\bdiskshadow(?:\.exe)? [-/]s\b/
/** Backup programs make shadow copies every night. */
const BACKUP_PARENT =
  /veeam|acronis|commvault|backupexec|beremote|netbackup|bpbkar|arcserve|datto|altaro|wbengine|dpmra|sqlwriter|cobian|macrium|azurebackup/

/** A shadow copy is made by hand: locked files (ntds.dit, SAM) can be copied out of it. */
export const shadowCopy: RecordDetector<'process_activity' | 'script_activity'> = {
  on: 'record',
  id: 'credentials/shadow-copy',
  title: 'Shadow copy of a volume made by command',
  reads: ['process_activity', 'script_activity'],
  techniques: ['T1006'],
  severity: 'low',
  confidence: 'low',
  why: 'Files that are locked while Windows runs, ntds.dit and the registry hives above all, are stolen out of a shadow copy.',
  innocent: 'a backup, an update or an administrator saving a state before a change',
  detect(event) {
    const process = event.kind === 'process_activity'
    const line = process ? (event.action === 'start' ? event.commandLine : undefined) : event.text
    if (line === undefined || !/shadow/i.test(line)) return undefined
    const plain = plainCommand(line)
    if (!CREATE.test(plain)) return undefined
    const backup = process && BACKUP_PARENT.test(`${event.parentImage} ${event.image}`.toLowerCase())
    // a script file for diskshadow, run by a person, is the published way to ntds.dit; backups talk to the service instead
    const scripted = SCRIPTED.test(plain) && !(process && isMachineAccount(event.user ?? ''))
    return {
      title: `Shadow copy made: ${shortCommand(line)}`,
      object: process ? fileNameOf(event.image ?? '') || 'shadow copy' : 'shadow copy',
      severity: backup ? 'informational' : scripted ? 'medium' : 'low',
      ...(scripted ? { techniques: ['T1006', 'T1003.003'] } : {}),
    }
  },
}
