import { isUserWritablePath } from '../../knowledge/programs.ts'
import {
  type EventOf,
  fileNameOf,
  type Match,
  plainCommand,
  type RecordDetector,
  type Severity,
  shortCommand,
} from '../../model/index.ts'

const CERTUTIL = /\bcertutil(?:\.exe)?\b.*[-/](?:urlcache|verifyctl|url)\b.*\b(?:https?|ftp):/
const DECODE = /\bcertutil(?:\.exe)?\b.*[-/](?:decode|decodehex)\b/
const BITS = /\bbitsadmin(?:\.exe)?\b.*\/(?:transfer|addfile)\b|\bstart-bitstransfer\b/
const POWERSHELL =
  /\b(?:downloadstring|downloadfile|downloaddata)\b|\b(?:invoke-webrequest|iwr|invoke-restmethod|irm|wget|curl)\b.*\bhttps?:/
const IN_MEMORY =
  /\b(?:iex|invoke-expression)\b.*\b(?:downloadstring|iwr|irm|invoke-webrequest|http)|\b(?:downloadstring|iwr|irm)\b.*\|\s*iex\b/
const OTHERS =
  /\b(?:curl|wget)(?:\.exe)?\b.*\bhttps?:|\bmshta(?:\.exe)? https?:|\bregsvr32(?:\.exe)?\b.*\/i:https?:|\bmsiexec(?:\.exe)?\b.*https?:|\bdesktopimgdownldr(?:\.exe)?\b.*http|\bwmic(?:\.exe)?\b.*\/format:\S*https?:|\bhh(?:\.exe)? https?:|\brundll32(?:\.exe)?\b.*\bhttps?:|\bexpand(?:\.exe)? \\\\|\bfinger(?:\.exe)? \S+@/
const RUNS_WHAT_IT_FETCHES = /\bmshta|\bregsvr32|\bwmic|\brundll32/

const HOST = /\b(?:https?|ftp):\/+(?:[^\s/@]+@)?(\[[0-9a-f:]+\]|[^\s/:"'),;|&<>]+)/i
const SCRIPT_OR_PROGRAM = /\.(?:exe|dll|ps1|bat|cmd|vbs|js|hta|msi|jar|scr|aspx?|jspx?|php|sh|elf)\b/

/** Windows' own programs are used to fetch something from outside. */
export const remoteDownload: RecordDetector<'process_activity' | 'script_activity'> = {
  on: 'record',
  id: 'living-off-land/remote-download',
  title: 'File fetched with a program of the operating system',
  reads: ['process_activity', 'script_activity'],
  techniques: ['T1105'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Intruders without own malware bring what they need with certutil, bitsadmin, PowerShell or curl.',
  innocent: 'an installation script of the operator or a developer fetching a package',
  detect(event) {
    if (event.kind === 'script_activity') return fetched(event.text ?? '', true)
    return event.action === 'start' ? started(event) : undefined
  },
}

const WORTH_A_LOOK = /http|ftp|transfer|decode|download|finger|expand/i

function started(process: EventOf<'process_activity'>): Match | undefined {
  return fetched(process.commandLine ?? '', false, fileNameOf(process.image ?? ''))
}

function fetched(line: string, script: boolean, image = ''): Match | undefined {
  if (!WORTH_A_LOOK.test(line)) return undefined
  const plain = plainCommand(line)
  // an uninstaller or a browser merely names an address
  if (!script && /^(?:chrome|msedge|firefox|iexplore|opera|brave|msedgewebview2|code|teams)\.exe$/.test(image)) return undefined
  const how = kindOf(plain, script)
  if (how === undefined) return undefined
  const host = HOST.exec(plain)?.[1] ?? ''
  const address = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)
  const from = host === '' ? '' : ` from ${host}`
  return {
    title: `${how.what}${from}: ${shortCommand(line)}`,
    object: host === '' ? how.what : host,
    techniques: how.techniques,
    severity: raised(how.severity, address, plain),
    addresses: address ? [host] : [],
  }
}

interface Kind {
  readonly what: string
  readonly severity: Severity
  readonly techniques: readonly string[]
}

function kindOf(plain: string, script: boolean): Kind | undefined {
  if (CERTUTIL.test(plain)) return { what: 'certutil fetched a file', severity: 'medium', techniques: ['T1105'] }
  if (DECODE.test(plain)) return { what: 'certutil decoded a file', severity: 'low', techniques: ['T1140'] }
  if (BITS.test(plain)) return { what: 'Background transfer started', severity: 'low', techniques: ['T1197', 'T1105'] }
  if (IN_MEMORY.test(plain))
    return {
      what: 'PowerShell fetched a script and ran it in memory',
      severity: script ? 'low' : 'medium',
      techniques: ['T1059.001', 'T1105'],
    }
  if (/powershell|pwsh/.test(plain) || script)
    return POWERSHELL.test(plain)
      ? { what: 'PowerShell fetched a file', severity: script ? 'informational' : 'low', techniques: ['T1059.001', 'T1105'] }
      : undefined
  if (!OTHERS.test(plain)) return undefined
  return RUNS_WHAT_IT_FETCHES.test(plain)
    ? {
        what: 'A signed program ran code from a web address',
        severity: 'medium',
        techniques: [/\bwmic/.test(plain) ? 'T1220' : 'T1218', 'T1105'],
      }
    : { what: 'File fetched by command', severity: 'informational', techniques: ['T1105'] }
}

/** A bare address instead of a name together with a program or script, put where anybody may write, is no package manager. */
function raised(severity: Severity, address: boolean, plain: string): Severity {
  const target = /\b[a-z]:\\[^\s,;|]+$/.exec(plain)?.[0] ?? ''
  const telling = [address, SCRIPT_OR_PROGRAM.test(plain), target !== '' && isUserWritablePath(target)].filter(Boolean).length
  if (telling === 3) return 'high'
  if (telling === 2 && address) return severity === 'high' ? severity : 'medium'
  return severity
}
