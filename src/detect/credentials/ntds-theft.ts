import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

/** ntdsutil takes every keyword shortened to what is still unambiguous: "ac i ntds" "ifm" "cr fu c:\x". */
const IFM_COPY = /\bntdsutil(?:\.exe)?\b.*\bi(?:f|fm)\b.*\bcr\w*\s+(?:fu\w*|ro\w*|sy\w*|se\w*)(?:\s+(?:no\w*\s+)?(\S+))?/
const SNAPSHOT = /\bntdsutil(?:\.exe)?\b.*\bsn(?:a\w*)?\b.*\b(?:cr\w*|mo\w*)\b/
/** A copying program, or a raw path into a shadow copy, beside the file's name. */
const COPY =
  /\b(?:copy|xcopy|robocopy|move|esentutl|print|cp|type|rawcopy\w*|invoke-ninjacopy|copy-item|copy-volumeshadow\w*|7z|rar|tar|makecab)\b|globalroot|harddiskvolumeshadowcopy/
const NAMES_IT = /\bntds\.dit\b|[\\/]ntds[\\/]?(?:\s|$|\*)/
const BACKUP = /\bwbadmin(?:\.exe)?\b.*\bntds\b/

/** Where the database lives: a folder named NTDS, the template Windows ships, the component store. */
const HOME = /[\\/]ntds[\\/]ntds\.dit$|[\\/]windows[\\/](?:system32|winsxs)[\\/]|[\\/]windows\.(?:old|~bt)[\\/]|\$windows\.~/i
/** A mounted snapshot is read by every backup; only a copy made elsewhere proves a theft. */
const SNAPSHOT_PATH = /\$snap_|harddiskvolumeshadowcopy|[\\/]windowsimagebackup[\\/]|system volume information/i

const card = {
  id: 'credentials/ntds-theft',
  title: 'Copy of the domain database (ntds.dit)',
  techniques: ['T1003.003'],
  severity: 'critical',
  confidence: 'high',
  why: 'ntds.dit with the SYSTEM hive holds the password hash of every account of the domain; whoever has the copy owns the domain.',
  innocent:
    'installation media for a new domain controller, or a backup, made on purpose: then there is a ticket, a backup volume and a backup account',
} as const

const OBJECT = 'ntds.dit'

/** The domain database is copied: by command, by file, or as the database engine itself reports it. */
export const ntdsTheft: RecordDetector<'process_activity' | 'file_activity' | 'script_activity'> = {
  ...card,
  on: 'record',
  reads: ['process_activity', 'file_activity', 'script_activity'],
  detect(event) {
    if (event.kind === 'file_activity') return fileWritten(event)
    const line = event.kind === 'process_activity' ? (event.action === 'start' ? event.commandLine : undefined) : event.text
    return line !== undefined && /n.{0,3}t.{0,3}d.{0,3}s/i.test(line) ? commanded(line) : undefined
  },
}

function commanded(line: string): Match | undefined {
  const plain = plainCommand(line)
  const copy = IFM_COPY.exec(plain)
  if (copy) {
    const into = copy[1] === undefined ? '' : ` into ${copy[1]}`
    return { title: `ntdsutil made installation media of the domain database${into}: ${shortCommand(line)}`, object: OBJECT }
  }
  if (NAMES_IT.test(plain) && plain.includes('ntds.dit') && COPY.test(plain))
    return { title: `ntds.dit is copied: ${shortCommand(line)}`, object: OBJECT, techniques: ['T1003.003', 'T1006'] }
  if (SNAPSHOT.test(plain))
    return {
      title: `ntdsutil took a snapshot of the domain database: ${shortCommand(line)}`,
      object: OBJECT,
      severity: 'high',
      confidence: 'moderate',
    }
  if (BACKUP.test(plain))
    return { title: `Backup of the NTDS folder: ${shortCommand(line)}`, object: OBJECT, severity: 'medium', confidence: 'low' }
  if (/\bntdsutil(?:\.exe)?\b/.test(plain))
    return {
      title: `ntdsutil used: ${shortCommand(line)}`,
      object: 'ntdsutil',
      severity: 'low',
      confidence: 'low',
      innocent: 'maintenance of the directory: restore-mode password, metadata clean-up, seizing roles',
    }
  return undefined
}

function fileWritten(file: EventOf<'file_activity'>): Match | undefined {
  const path = file.path ?? ''
  const name = fileNameOf(path)
  if (name !== 'ntds.dit' && name !== 'ntds.jfm') return hiveOfMedia(file, path, name)
  if (HOME.test(path)) return undefined
  if (file.product === 'esent') return engineReport(file.code, path)
  if (file.action !== 'create' && file.action !== 'rename' && file.action !== 'write') return undefined
  if (SNAPSHOT_PATH.test(path)) return undefined
  return { title: `${fileNameOf(file.image ?? '') || 'a process'} wrote ${path}`, object: OBJECT }
}

/**
 * ESENT 325 (created), 326 (attached), 327 (detached) name the database path even where no process is audited (AA23-144A).
 * 216 comes with every shadow copy and says nothing.
 */
function engineReport(code: string, path: string): Match | undefined {
  if (code === '216' || SNAPSHOT_PATH.test(path)) return undefined
  if (code === '325') return { title: `The database engine created a copy of the domain database at ${path}`, object: OBJECT }
  if (code !== '326' && code !== '327') return undefined
  return {
    title: `The database engine ${code === '326' ? 'attached' : 'detached'} a domain database at ${path}`,
    object: OBJECT,
    severity: 'high',
    confidence: 'moderate',
  }
}

/** "create full" writes the SYSTEM and SECURITY hives beside the database, which hold the key to it. */
function hiveOfMedia(file: EventOf<'file_activity'>, path: string, name: string): Match | undefined {
  if ((name !== 'system' && name !== 'security') || !/[\\/]registry[\\/](?:system|security)$/i.test(path)) return undefined
  if (fileNameOf(file.image ?? '') !== 'ntdsutil.exe') return undefined
  return { title: `ntdsutil.exe wrote the ${name.toUpperCase()} hive to ${path}`, object: OBJECT }
}
