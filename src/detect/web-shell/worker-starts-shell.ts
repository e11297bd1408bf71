import { discoveryCommand, isArchiver, isCredentialTool, isFetcher, isShell } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, plainCommand, type RecordDetector, type Severity, shortCommand } from '../../model/index.ts'
import { applicationPoolOf, isServiceJava, poolOfAccount, webWorkerOf } from './workers.ts'

/** Converters and mailers that web applications call through a shell; documented by ImageMagick, Ghostscript, FFmpeg, wkhtmltopdf, sendmail. */
const APPLICATION_HELPERS =
  /\b(?:convert|magick|mogrify|identify|gs|ffmpeg|ffprobe|wkhtmltopdf|pdftotext|sendmail|msmtp|antiword|catdoc|git-http-backend|rrdtool|fping)\b/
/** ASP.NET compiles pages with these on first use (learn.microsoft.com: ASP.NET compilation). */
const PAGE_COMPILERS = /^(?:csc|vbc|jsc|cvtres|al|aspnet_compiler|vbcscompiler|conhost|werfault|dw20|w3wp)(?:\.exe)?$/

/** A web server worker that starts a shell is running somebody's commands. */
export const workerStartsShell: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'web-shell/worker-starts-shell',
  title: "Web server process starts a shell or an intruder's tool",
  reads: 'process_activity',
  techniques: ['T1505.003'],
  severity: 'high',
  confidence: 'high',
  why: 'Pages are answered by code inside the worker; a worker that starts a shell runs commands that came with a request.',
  innocent: 'a web application that calls a converter, a mailer or an administration script through a shell',
  detect(process) {
    if (process.action !== 'start') return undefined
    const known = webWorkerOf(process)
    const worker =
      known ??
      (isServiceJava(process) && looksAround(process) ? `${fileNameOf(process.parentImage ?? '')} (a service)` : undefined)
    const pool = applicationPoolOf(process)
    const image = process.image ?? ''
    if (worker === undefined && (pool === undefined || poolOfAccount(process.user ?? '') === undefined)) return undefined
    if (PAGE_COMPILERS.test(fileNameOf(image))) return undefined
    const seen = judge(process)
    if (seen === undefined) return undefined
    const starter = worker ?? `a process of application pool ${pool}`
    const place = worker !== undefined && pool !== undefined ? ` (application pool ${pool})` : ''
    return {
      title: `${starter}${place} started ${shortCommand(process.commandLine || fileNameOf(image))}`,
      object: worker ?? 'w3wp.exe',
      // What an unnamed Java service serves is not known; agents of management products also look around.
      severity: known === undefined && pool === undefined ? 'medium' : seen.severity,
      techniques: ['T1505.003', ...seen.techniques],
      accounts: process.user ? [process.user] : [],
    }
  },
}

/** Questions about accounts, groups or the domain: monitoring agents ask for memory and disks. */
function looksAround(process: EventOf<'process_activity'>): boolean {
  const look = discoveryCommand(process.commandLine ?? '')
  return look !== undefined && (look.domain || look.technique === 'T1033')
}

interface Judgement {
  readonly severity: Severity
  readonly techniques: readonly string[]
}

function judge(process: EventOf<'process_activity'>): Judgement | undefined {
  const image = process.image ?? ''
  const line = process.commandLine ?? ''
  const plain = plainCommand(line)
  const look = discoveryCommand(line === '' ? fileNameOf(image) : line)
  const shell = isShell(image) ? [shellTechnique(image)] : []
  if (look) return { severity: 'critical', techniques: [...shell, look.technique] }
  if (isCredentialTool(image)) return { severity: 'critical', techniques: [...shell, 'T1003'] }
  if (isFetcher(image) || /\b(?:certutil|bitsadmin|curl|wget|invoke-webrequest|downloadstring|downloadfile)\b/.test(plain))
    return { severity: 'critical', techniques: [...shell, 'T1105'] }
  // `sh -c "convert …"` is how PHP runs every external program
  if (shell.length > 0) return { severity: APPLICATION_HELPERS.test(plain) ? 'low' : 'high', techniques: shell }
  if (isArchiver(image)) return { severity: 'medium', techniques: ['T1560.001'] }
  if (
    /^(?:javac|gcc|cc|rundll32|regsvr32|schtasks|at|sc|reg|wmic|netsh|net|net1|psexec\d*|python[\d.]*|perl|nc|ncat|socat|ssh|plink)(?:\.exe)?$/.test(
      fileNameOf(image),
    )
  )
    return { severity: 'high', techniques: ['T1059'] }
  return undefined
}

function shellTechnique(image: string): string {
  const name = fileNameOf(image)
  if (/^(?:powershell|pwsh|powershell_ise)/.test(name)) return 'T1059.001'
  if (name === 'cmd.exe') return 'T1059.003'
  return /^(?:wscript|cscript|mshta)/.test(name) ? 'T1059.005' : 'T1059.004'
}
