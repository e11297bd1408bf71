import { fileNameOf, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

/** Public programs made for looking over a network or a domain, by file name; the name is the weakest sign, and often left as it is. */
const TOOLS: readonly (readonly [RegExp, string])[] = [
  [/^(?:seatbelt|winpeas\w*|sharpup|snaffler|watson|jaws-enum)(?:\.exe)?$/, 'T1082'],
  [
    /^(?:sharphound|bloodhound|adfind|adrecon|sharpview|powerview|pingcastle|adexplorer(?:64)?|ldapdomaindump)(?:\.exe)?$/,
    'T1087.002',
  ],
  [/^(?:rubeus|kerbrute|mimikatz|lazagne|sharpdpapi|secretsdump|nanodump|pypykatz|kekeo)(?:\.exe)?$/, 'T1003'],
  [
    /^(?:advanced_ip_scanner|netscan|softperfect\w*|nbtscan|fscan\w*|scanline|sl|nmap|masscan|angryip\w*|ipscan\w*|portscan)(?:\.exe)?$/,
    'T1046',
  ],
  [/^(?:crackmapexec|cme|netexec|nxc|wmiexec|smbexec|psexec_\w+|atexec|dcomexec|evil-winrm)(?:\.exe|\.py)?$/, 'T1021'],
]
const KEEPS_CREDENTIALS = 'T1003'

/** A public reconnaissance or intrusion tool under its own name. */
export const intruderTool: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'living-off-land/intruder-tool',
  title: 'Public reconnaissance or intrusion tool started',
  reads: 'process_activity',
  techniques: ['T1588.002'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'These programs exist to map a domain, scan a network or take credentials.',
  innocent: 'the own security team, a contracted test, or a network administrator with a scanner',
  detect(process) {
    if (process.action !== 'start') return undefined
    const name = fileNameOf(process.image ?? '')
    const original = (process.originalFileName ?? '').toLowerCase()
    const script = /^python\S*|^powershell/.test(name)
      ? (/(?<!\S)(\S+\.(?:py|ps1))\b/.exec(plainCommand(process.commandLine ?? ''))?.[1] ?? '')
      : ''
    const seen = TOOLS.find(
      ([pattern]) =>
        pattern.test(name) ||
        (original !== '' && pattern.test(original)) ||
        (script !== '' && pattern.test(fileNameOf(script).replace(/\.ps1$/, ''))),
    )
    if (seen === undefined) return undefined
    const scanner = seen[1] === 'T1046'
    return {
      title: `${name} started: ${shortCommand(process.commandLine || (process.image ?? ''))}`,
      object: name,
      techniques: [seen[1]],
      severity: seen[1] === KEEPS_CREDENTIALS ? 'high' : scanner ? 'low' : 'medium',
    }
  },
}
