import { fileNameOf, type RecordDetector, shortCommand } from '../../model/index.ts'

/** -EncodedCommand in every abbreviation powershell.exe takes, followed by base64 of at least twelve characters. */
const ENCODED = /\s[-/\u2013\u2014]{1,2}e(?:nc?|nco\w*|c)?\s+["']?([a-z0-9+/=]{12,})/i
const HIDDEN = /\s[-/]w(?:indowstyle|i|in\w*)?\s+(?:hidden|1|h)\b|\s[-/]nop\w*\b/i
/** Programs that manage fleets start PowerShell with encoded commands every day (Ansible, SCCM, Azure guest agents, Chef, Intune). */
const MANAGEMENT =
  /^(?:wsmprovhost|winrshost|ccmexec|monitoringhost|windowsazureguestagent|waappagent|gc_worker|intunewindowsagent|agentexecutor|chef-client|ruby|puppet|salt-minion|healthservice|sensendr|sensecm)\.exe$/
/** What a decoded command does when it fetches, hides or loads code. */
const TELLING =
  /downloadstring|downloadfile|invoke-webrequest|frombase64string|reflection\.assembly|virtualalloc|net\.sockets|iex\b|invoke-expression|-bxor|amsiutils|comsvcs|gzipstream/i

/** A PowerShell command handed over as base64. */
export const encodedPowershell: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'living-off-land/encoded-powershell',
  title: 'PowerShell command hidden in base64',
  reads: 'process_activity',
  techniques: ['T1059.001', 'T1027.010'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Encoding hides a command from whoever reads the command line; what it decodes to decides how bad it is.',
  innocent: 'management software hands its scripts over this way to escape quoting',
  detect(process) {
    if (process.action !== 'start') return undefined
    const line = process.commandLine ?? ''
    if (!/power|pwsh/i.test(line) && !/^(?:powershell|pwsh)/.test(fileNameOf(process.image ?? ''))) return undefined
    const encoded = ENCODED.exec(line)?.[1]
    if (encoded === undefined) return undefined
    const text = decoded(encoded)
    if (text === undefined) return undefined
    const managed = MANAGEMENT.test(fileNameOf(process.parentImage ?? ''))
    const telling = TELLING.test(text)
    return {
      title: `Encoded PowerShell: ${shortCommand(text)}`,
      object: `encoded ${text.slice(0, 80)}`,
      severity: telling ? (managed ? 'medium' : 'high') : managed ? 'informational' : HIDDEN.test(line) ? 'medium' : 'low',
    }
  },
}

/** Longest base64 looked at: enough to see what a command does. */
const MAX_ENCODED = 8192

/** Base64 of UTF-16LE text; undefined when it does not decode to readable characters. */
function decoded(base64: string): string | undefined {
  const whole = base64.slice(0, MAX_ENCODED - (MAX_ENCODED % 4)).replace(/=+$/, '')
  const bytes = atob(whole.length % 4 === 1 ? whole.slice(0, -1) : whole)
  let text = ''
  for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes.charCodeAt(i) | (bytes.charCodeAt(i + 1) << 8))
  const readable = text.replace(/[^\x20-\x7e\s]/g, '').length
  return text.length >= 4 && readable >= text.length * 0.9 ? text : undefined
}
