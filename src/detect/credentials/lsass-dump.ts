import { isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const OBJECT = 'lsass.exe'
/** comsvcs.dll exports MiniDump, also as ordinal 24; rundll32 calls either (LOLBAS: Comsvcs.dll). */
const MINIDUMP = /\bcomsvcs(?:\.dll)?\b.{0,60}(?:minidump|#\+?0*24\b)|#\+?0*24\b.{0,20}\bfull\b/
const DUMPERS =
  /\bprocdump(?:64|64a)?(?:\.exe)?\b.*\s[-/]m[apm]?\b.*\blsass|\bprocdump(?:64|64a)?(?:\.exe)?\b.*\blsass.*\s[-/]m[apm]?\b|\bsqldumper(?:\.exe)?\b.* 0x0*1100?\b|\brdrleakdiag(?:\.exe)?\b.*\/fullmemdmp|\btttracer(?:\.exe)?\b.*-dumpfull|\bcreatedump(?:\.exe)?\b.*-[fu]\b|\bwerfaultsecure(?:\.exe)?\b.*\/(?:encfile|pid)|\b(?:nanodump|handlekatz|safetydump|sharpdump|out-minidump|lsassy|pypykatz)\b/
const NAMED_TOOL = /\bsekurlsa::|\blsadump::|\bmimikatz\b|\binvoke-mimikatz\b|\bprivilege::debug\b/

/** PROCESS_VM_READ (learn.microsoft.com: Process Security and Access Rights); without it memory cannot be copied. */
const VM_READ = 0x10
/** Every right a caller can ask for: 0x1fffff since Vista, 0x1f0fff before; .NET asks 0x1f3fff whenever a Process.Handle is touched. */
const isFullAccess = (mask: number) => (mask & 0x1f0fff) === 0x1f0fff
/** Rights the known credential readers ask for: VM_READ with limited query, with write and operation (mimikatz, pypykatz, nanodump). */
const READER_MASKS = new Set([0x1010, 0x1018, 0x1038, 0x1438, 0x143a, 0x1410 | 0x40])

/** Programs of Windows and of security products whose work is to look into every process. */
const LOOKS_INTO_ALL =
  /[\\/]windows[\\/](?:sysmon(?:64)?\.exe|system32[\\/](?:csrss|wininit|services|svchost|lsass|lsm|smss|winlogon|werfault|werfaultsecure|wermgr|msiexec|vboxservice|wbem[\\/]wmiprvse|taskhostw|mrt|sgrmbroker)\.exe|syswow64[\\/]wbem[\\/]wmiprvse\.exe|ccm[\\/])|[\\/](?:windows defender|windows defender advanced threat protection|microsoft security client|microsoft monitoring agent|vmware|citrix|symantec|mcafee|trellix|trend micro|sophos|kaspersky lab|eset|bitdefender|malwarebytes|crowdstrike|sentinelone|cylance|carbonblack|cisco|fireeye|elastic|splunkuniversalforwarder|tanium|qualys|rapid7|nessus agent|avast software|avg|f-secure|withsecure|palo alto networks)[\\/]/i
/** Inspection tools of Sysinternals and System Informer unpack themselves into Temp and open every process with all rights. */
const INSPECTORS = /^(?:procmon|procmon64|procexp|procexp64|handle|handle64|vmmap|listdlls|systeminformer|processhacker)\.exe$/
/** The chain of calls ends in the library that writes a process to a file. */
const DUMP_LIBRARY = /\b(?:dbghelp|dbgcore|comsvcs|minidump)\.dll/i

/** The memory of lsass.exe is copied out: by command, by the rights asked for, or by the file that is left. */
export const lsassDump: RecordDetector<'process_activity' | 'file_activity' | 'script_activity'> = {
  on: 'record',
  id: 'credentials/lsass-dump',
  title: 'Memory of lsass.exe read or copied',
  reads: ['process_activity', 'file_activity', 'script_activity'],
  techniques: ['T1003.001'],
  severity: 'high',
  confidence: 'high',
  why: 'lsass.exe keeps passwords, hashes and tickets of everybody logged on; a copy of its memory is read elsewhere, unseen.',
  innocent:
    'a support engineer takes a dump on request of a vendor, or a security product that is not on our list looks into all processes',
  detect(event) {
    if (event.kind === 'file_activity') return dumpFile(event)
    if (event.kind === 'script_activity') return commanded(event.text ?? '')
    if (event.action === 'start') return commanded(event.commandLine ?? '')
    return event.action === 'access' ? opened(event) : undefined
  },
}

const WORTH_A_LOOK =
  /lsass|comsvcs|minidump|procdump|sqldumper|rdrleakdiag|tttracer|createdump|werfaultsecure|dump|sekurlsa|lsadump|katz|privilege::|#/i

function commanded(line: string): Match | undefined {
  if (!WORTH_A_LOOK.test(line)) return undefined
  const plain = plainCommand(line)
  if (MINIDUMP.test(plain) && /rundll32|comsvcs/.test(plain))
    return {
      title: `Memory dump with comsvcs.dll: ${shortCommand(line)}`,
      object: OBJECT,
      techniques: ['T1003.001', 'T1218.011'],
    }
  if (NAMED_TOOL.test(plain)) return { title: `Credential reader called: ${shortCommand(line)}`, object: OBJECT }
  if (DUMPERS.test(plain))
    return {
      title: `Process memory dumped: ${shortCommand(line)}`,
      object: OBJECT,
      ...(plain.includes('lsass') ? {} : { severity: 'medium' }),
    }
  return undefined
}

function opened(access: EventOf<'process_activity'>): Match | undefined {
  const target = access.targetImage ?? ''
  if (fileNameOf(target) !== OBJECT) return undefined
  const mask = Number.parseInt(access.grantedAccess ?? '', 16) || 0
  if ((mask & VM_READ) === 0) return undefined
  const image = access.image ?? ''
  const calls = access.original.get('CallTrace') ?? ''
  const name = fileNameOf(image) || 'a process'
  const title = `${name} opened lsass.exe with rights ${access.grantedAccess}`
  if (DUMP_LIBRARY.test(calls)) return { title: `${title}, through a memory-dump library`, object: OBJECT }
  if (LOOKS_INTO_ALL.test(image) || fileNameOf(image) === OBJECT) return undefined
  if (/^(?:procdump(?:64|64a)?|rundll32|sqldumper|rdrleakdiag|nanodump|mimikatz|dumpert|processdump)\.exe$/.test(name))
    return { title, object: OBJECT }
  if (INSPECTORS.test(name))
    return {
      title,
      object: OBJECT,
      severity: 'low',
      confidence: 'low',
      innocent: 'a technician looks at the processes of the machine',
    }
  const wants = isFullAccess(mask) || READER_MASKS.has(mask)
  // code that no module on disk holds asks for it: injected or reflectively loaded
  if (wants && /UNKNOWN\(/.test(calls) && !/\.ni\.dll|clr\.dll/i.test(calls))
    return { title: `${title}, from memory without a module`, object: OBJECT }
  if (wants && isUserWritablePath(image)) return { title, object: OBJECT }
  // .NET opens a process with all rights when a script lists it (Get-Process | select *), monitoring agents use 0x1410
  if (
    /^(?:powershell|pwsh|wsmprovhost|powershell_ise)\.exe$/.test(name) ||
    !wants ||
    /[\\/]program files(?: \(x86\))?[\\/]/i.test(image)
  )
    return { title, object: OBJECT, severity: 'low', confidence: 'low', innocent: 'a script or an agent that lists processes' }
  return { title, object: OBJECT, severity: 'medium', confidence: 'moderate' }
}

function dumpFile(file: EventOf<'file_activity'>): Match | undefined {
  if (file.action !== 'create' && file.action !== 'rename') return undefined
  const path = file.path ?? ''
  const name = fileNameOf(path)
  if (
    name === 'comsvcs.dll' &&
    !/[\\/]windows[\\/](?:system32|syswow64|winsxs|servicing|softwaredistribution|uus)[\\/]|\$windows\.~/i.test(path)
  )
    return {
      title: `comsvcs.dll placed at ${path}`,
      object: OBJECT,
      techniques: ['T1003.001', 'T1105'],
      confidence: 'moderate',
      why: 'An older comsvcs.dll outside System32 still dumps lsass where the current one refuses (AA24-038A).',
    }
  if (!/\.(?:dmp|mdmp|dump)$/.test(name) || !/lsass/.test(name)) return undefined
  // Windows error reporting names its own files lsass.exe.PID.dmp
  if (/[\\/](?:crashdumps|wer|localdumps|livekernelreports)[\\/]/i.test(path) || fileNameOf(file.image ?? '') === 'werfault.exe')
    return {
      title: `Crash dump of lsass.exe at ${path}`,
      object: OBJECT,
      severity: 'low',
      confidence: 'low',
      innocent: 'lsass.exe crashed',
    }
  return { title: `${fileNameOf(file.image ?? '') || 'a process'} wrote ${path}`, object: OBJECT }
}
