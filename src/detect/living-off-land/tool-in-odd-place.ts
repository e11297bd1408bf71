import { isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, type Match, type RecordDetector, shortCommand } from '../../model/index.ts'

/** Names of processes every Windows has, which live in System32 only; intruders borrow the name (T1036.005). */
const SYSTEM_NAMES =
  /^(?:svchost|lsass|csrss|services|smss|wininit|winlogon|spoolsv|taskhostw|taskhost|dllhost|conhost|wmiprvse|rundll32|explorer|lsm|dwm|sihost|searchindexer|vm3dservice)\.exe$/
const SYSTEM_PLACES =
  /^(?:\\\?\?\\|\\\\\?\\)?(?:[a-z]:)?(?:\\device\\harddiskvolume\d+)?\\(?:windows\\(?:system32|syswow64|winsxs|servicing|explorer\.exe$|softwaredistribution|uus|systemapps|ccm|sysmon)|\$windows\.~|program files(?: \(x86\))?\\(?:vmware|windowsapps|common files))|^\\systemroot\\|^%systemroot%/
/** One letter off a system name. */
const NEAR_MISS =
  /^(?:wmiprvsv|wmipresv|svch0st|scvhost|svhost|svchosts|lsas|lsasss|1sass|csrs|crss|explorar|expl0rer|rund1132|rundll|spoo1sv|taskhosts|winlogin|dl1host|conhosts)\.exe$/
/** Well-known tools by the name their version resource keeps; renaming them has one purpose (AA23-144A: ronf.exe). */
const TOOLS =
  /^(?:psexec\.c|psexesvc\.exe|procdump|rar\.exe|7z\.exe|7za\.exe|netcat|nc\.exe|plink|putty|certutil\.exe|powershell\.exe|cmd\.exe|rundll32\.exe|regsvr32\.exe|ntdsutil\.exe|wmic\.exe|bitsadmin\.exe|mimikatz\.exe|advanced_ip_scanner\.exe|scanline|adfind\.exe|cscript\.exe|wscript\.exe|mshta\.exe)$/

/** A system name in the wrong folder, or a known tool under another name. */
export const toolInOddPlace: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'living-off-land/tool-in-odd-place',
  title: 'Program in disguise',
  reads: 'process_activity',
  techniques: ['T1036.005'],
  severity: 'high',
  confidence: 'moderate',
  why: 'A program that borrows the name of a system process, or a renamed tool, is meant to be overlooked.',
  innocent: 'a product that ships its own copy of a system file, or a technician who renamed a tool',
  detect(process) {
    return process.action === 'start' ? misplaced(process) : undefined
  },
}

function misplaced(process: EventOf<'process_activity'>): Match | undefined {
  const image = process.image ?? ''
  const path = image.toLowerCase()
  const name = fileNameOf(image)
  if (name === '' || !path.includes('\\')) return undefined
  if (NEAR_MISS.test(name)) return { title: `${image} is named almost like a system process`, object: path }
  if (SYSTEM_NAMES.test(name) && !SYSTEM_PLACES.test(path)) {
    const writable = isUserWritablePath(image)
    return { title: `${name} started from ${image}`, object: path, severity: writable ? 'high' : 'medium' }
  }
  return renamed(process, name, path)
}

function renamed(process: EventOf<'process_activity'>, name: string, path: string): Match | undefined {
  const original = (process.originalFileName ?? '').toLowerCase()
  if (original === '' || original === '-' || original === '?' || !TOOLS.test(original)) return undefined
  const stem = original.replace(/\.(?:exe|c)$/, '')
  if (name.startsWith(stem.slice(0, 5)) || name.includes(stem)) return undefined
  const writable = isUserWritablePath(process.image ?? '')
  return {
    title: `${name} is ${original} under another name: ${shortCommand(process.commandLine || path)}`,
    object: path,
    techniques: ['T1036.003'],
    severity: writable ? 'high' : 'medium',
  }
}
