import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

/** `reg save` or `reg export` of a whole hive; a key further down is ordinary administration. */
const REG_SAVE = /\breg(?:\.exe)? (?:save|sa\w*|export) \S*?hk(?:lm|ey_local_machine)\\(sam|system|security)(?=\\?(?:\s|$))/
const HIVE_FILE = /[\\/]system32[\\/]config[\\/](?:regback[\\/])?(sam|system|security)(?=\s|$)/
const COPY =
  /\b(?:copy|xcopy|robocopy|esentutl|print|copy-item|rawcopy\w*|invoke-ninjacopy|7z|rar|makecab)\b|globalroot|harddiskvolumeshadowcopy/
const BACKUP_WRITER =
  /^(?:system|registry|svchost\.exe|services\.exe|lsass\.exe|ntoskrnl\.exe|poqexec\.exe|tiworker\.exe|setup\w*\.exe|wbengine\.exe|vssvc\.exe|dismhost\.exe|dism\.exe|systempropertiesprotection\.exe|srtasks\.exe|taskhostw\.exe)$/

/** The hives with the local password hashes (SAM), the key to them (SYSTEM) and cached secrets (SECURITY) are copied. */
export const samHiveSave: RecordDetector<'process_activity' | 'file_activity' | 'smb_activity' | 'script_activity'> = {
  on: 'record',
  id: 'credentials/sam-hive-save',
  title: 'Copy of the local account database (SAM, SYSTEM, SECURITY)',
  reads: ['process_activity', 'file_activity', 'smb_activity', 'script_activity'],
  techniques: ['T1003.002'],
  severity: 'high',
  confidence: 'high',
  why: 'The SAM and SECURITY hives with the key in SYSTEM give the hashes of local accounts and cached log-ons.',
  innocent: 'a backup script that saves registry hives, run by the backup account to a backup volume',
  detect(event) {
    switch (event.kind) {
      case 'process_activity':
        return event.action === 'start' ? commanded(event.commandLine ?? '') : undefined
      case 'script_activity':
        return commanded(event.text ?? '')
      case 'file_activity':
        return written(event)
      case 'smb_activity':
        return fetchedRemotely(event)
    }
  },
}

function commanded(line: string): Match | undefined {
  if (!/\b(?:sam|system|security)\b/i.test(line)) return undefined
  const plain = plainCommand(line)
  const saved = REG_SAVE.exec(plain)?.[1]
  if (saved) return copyOf(saved, `Registry hive ${saved.toUpperCase()} saved: ${shortCommand(line)}`)
  const file = HIVE_FILE.exec(plain)?.[1]
  if (file && COPY.test(plain)) return copyOf(file, `Hive file ${file.toUpperCase()} copied: ${shortCommand(line)}`)
  return undefined
}

// SYSTEM alone holds no account; it is the key to the other two, and the one that support asks for
function copyOf(hive: string, title: string): Match {
  return hive === 'system'
    ? { title, object: 'registry hives', severity: 'medium', confidence: 'moderate' }
    : { title, object: 'registry hives' }
}

function written(file: EventOf<'file_activity'>): Match | undefined {
  if (file.action !== 'create' && file.action !== 'rename') return undefined
  const path = file.path ?? ''
  const name = fileNameOf(path)
  const image = fileNameOf(file.image ?? '')
  if (!/^(?:sam|security)(?:\.(?:hiv|hive|save|bak|dat|reg|old))?$/.test(name) || BACKUP_WRITER.test(image)) return undefined
  if (!/^(?:reg|esentutl|cmd|powershell|pwsh|diskshadow|ntdsutil|xcopy|robocopy|rawcopy\w*|wmic)\.exe$/.test(image))
    return undefined
  if (/[\\/](?:system32[\\/]config|windows\.old|\$windows\.~bt)[\\/]/i.test(path) || image === 'ntdsutil.exe') return undefined
  return { title: `${image} wrote ${path}`, object: 'registry hives' }
}

/**
 * A remote hive copy leaves a temporary file in System32 that is then read over ADMIN$ (Impacket secretsdump, AA23-144A).
 * Eight random letters is its naming; spoolers and agents do not read System32\*.tmp over the share.
 */
function fetchedRemotely(share: EventOf<'smb_activity'>): Match | undefined {
  if (!/(?:admin|c)\$$/i.test(share.share ?? '')) return undefined
  if (!/(?:^|\\)system32\\[a-z]{8}\.tmp$/i.test(share.path ?? '')) return undefined
  return {
    title: `${share.user || 'an account'} read ${share.path} from ${share.srcIp || 'another host'}: a hive copied remotely`,
    object: 'registry hives',
    techniques: ['T1003.002', 'T1021.002'],
    confidence: 'moderate',
    addresses: share.srcIp ? [share.srcIp] : [],
    // a network sensor sees the share of another host
    ...(share.host === '' && share.dstIp ? { hosts: [share.dstIp] } : {}),
  }
}
