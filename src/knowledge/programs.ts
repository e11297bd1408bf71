import { fileNameOf, plainCommand } from '../model/index.ts'

/**
 * Programs that intruders find on every machine, and what running them tells. Sources: MITRE ATT&CK v18.1 procedure examples,
 * the joint advisories AA23-144A and AA24-038A, the LOLBAS project's list of dual-use programs. As of November 2026.
 */
const SHELLS = new Set([
  'cmd.exe',
  'powershell.exe',
  'pwsh.exe',
  'powershell_ise.exe',
  'wscript.exe',
  'cscript.exe',
  'mshta.exe',
  'bash.exe',
  'wsl.exe',
  'sh',
  'bash',
  'dash',
  'zsh',
  'ksh',
  'ash',
  'busybox',
])

/** Does the program run commands or scripts somebody hands it? */
export function isShell(image: string): boolean {
  return SHELLS.has(fileNameOf(image))
}

const ARCHIVERS = /^(?:rar|winrar|7z|7za|7zr|7zg|makecab|zip|tar|bsdtar|gzip|compact)(?:\.exe)?$/

/** Does the program pack files? */
export function isArchiver(image: string): boolean {
  return ARCHIVERS.test(fileNameOf(image))
}

const FETCHERS = /^(?:certutil|bitsadmin|curl|wget|ftp|tftp|scp|sftp|desktopimgdownldr|finger)(?:\.exe)?$/

/** Can the program fetch a file from elsewhere? */
export function isFetcher(image: string): boolean {
  return FETCHERS.test(fileNameOf(image))
}

const CREDENTIAL_TOOLS =
  /^(?:ntdsutil|procdump|procdump64|vssadmin|diskshadow|esentutl|mimikatz|sqldumper|nanodump|rdrleakdiag)(?:\.exe)?$/

/** Programs that are first of all good for copying credential stores out. */
export function isCredentialTool(image: string): boolean {
  return CREDENTIAL_TOOLS.test(fileNameOf(image))
}

/** What one command tells about the machine or the domain. */
export interface DiscoveryCommand {
  /** Words a burst counts as one tool: "net group", "nltest". */
  readonly tool: string
  readonly technique: string
  /** True where the answer is about accounts, groups or the domain: rarely needed outside administration. */
  readonly domain: boolean
}

const LOOKS: readonly (readonly [RegExp, string, string, boolean])[] = [
  [/\bwhoami(?:\.exe)?(?:\s|$)/, 'whoami', 'T1033', false],
  [/\b(?:quser|qwinsta)(?:\.exe)?(?:\s|$)|\bquery(?:\.exe)? (?:user|session)/, 'query user', 'T1033', false],
  [/\bnet1?(?:\.exe)? group\b(?!.* \/(?:add|del))/, 'net group', 'T1069.002', true],
  [/\bnet1?(?:\.exe)? localgroup\b(?!.* \/(?:add|del))/, 'net localgroup', 'T1069.001', true],
  [
    /\bnet1?(?:\.exe)? users?\b(?!.* \/(?:add|del|active))(?! \S+ \S)|\bnet1?(?:\.exe)? users? .*\/dom/,
    'net user',
    'T1087',
    true,
  ],
  [/\bnet1?(?:\.exe)? accounts\b(?! \/\w+:)/, 'net accounts', 'T1201', true],
  [/\bnet1?(?:\.exe)? view\b/, 'net view', 'T1018', true],
  [/\bnet1?(?:\.exe)? (?:share|use)(?: *$| *[|>&])/, 'net share', 'T1135', false],
  [/\bnet1?(?:\.exe)? (?:start|config|session)(?: \w+)? *$/, 'net start', 'T1007', false],
  [/\bnltest(?:\.exe)?\b/, 'nltest', 'T1482', true],
  [/\bdsquery(?:\.exe)?\b|\bdsget(?:\.exe)?\b/, 'dsquery', 'T1087.002', true],
  [/\b(?:ldifde|csvde)(?:\.exe)?\b/, 'ldifde', 'T1087.002', true],
  [/\badfind(?:\.exe)?\b/, 'adfind', 'T1087.002', true],
  [/\bdnscmd(?:\.exe)?\b.*\/(?:enum|zoneexport)/, 'dnscmd', 'T1018', true],
  [/\bsetspn(?:\.exe)?\b.* -[tq]\b/, 'setspn', 'T1087.002', true],
  [/\bcmdkey(?:\.exe)? \/list/, 'cmdkey', 'T1555.004', true],
  [/\bsysteminfo(?:\.exe)?(?:\s|$)/, 'systeminfo', 'T1082', false],
  [/\bipconfig(?:\.exe)?(?:\s|$)|\bifconfig(?:\s|$)/, 'ipconfig', 'T1016', false],
  [/\bnetsh(?:\.exe)? .*\bshow\b/, 'netsh show', 'T1016', false],
  [/\b(?:arp(?:\.exe)? -|route(?:\.exe)? print|getmac(?:\.exe)?(?:\s|$)|nbtstat(?:\.exe)? -)/, 'arp', 'T1016', false],
  [/\bnetstat(?:\.exe)?(?:\s|$)|(?:^|\s)ss -[a-z]*[tpn]/, 'netstat', 'T1049', false],
  [/\btasklist(?:\.exe)?(?:\s|$)|(?:^|\s)ps (?:-ef|aux|-aux)/, 'tasklist', 'T1057', false],
  [/\bsc(?:\.exe)? query/, 'sc query', 'T1007', false],
  [
    /\bwmic(?:\.exe)? .*\b(?:win32_)?(?:logicaldisk|volume|baseboard|computersystem|bios|csproduct|os|diskdrive)\b/,
    'wmic system',
    'T1082',
    false,
  ],
  [
    /\bwmic(?:\.exe)? .*\b(?:process|service|product|startup|qfe|netlogin)\b.*\b(?:get|list|brief)\b/,
    'wmic list',
    'T1057',
    false,
  ],
  [/\bwmic(?:\.exe)? .*\b(?:useraccount|group|ntdomain)\b/, 'wmic accounts', 'T1087', true],
  [/\breg(?:\.exe)? query /, 'reg query', 'T1012', false],
  [/\bgpresult(?:\.exe)?(?:\s|$)/, 'gpresult', 'T1615', false],
  [/\bping(?:\.exe)? -n 1\b/, 'ping', 'T1018', false],
  [/\btracert(?:\.exe)?(?:\s|$)|\bnslookup(?:\.exe)?(?:\s|$)/, 'nslookup', 'T1018', false],
  [/\bfsutil(?:\.exe)? fsinfo drives|\bmountvol(?:\.exe)? *$/, 'fsutil', 'T1680', false],
  [/\bwevtutil(?:\.exe)? (?:qe|query-events)\b|\bget-eventlog\b/, 'event log reading', 'T1654', false],
  [/\bw32tm(?:\.exe)? \/(?:tz|query)|\bnet1?(?:\.exe)? time\b|\btzutil(?:\.exe)? \/g/, 'time zone', 'T1124', false],
  [
    /(?:^|\s)cat \/etc\/(?:passwd|shadow|group)|(?:^|\s)(?:id|uname(?: -\w+)?|hostname)(?:$|[;&|])/,
    'account file',
    'T1087.001',
    false,
  ],
]

/** What a command finds out, when it only looks; undefined for everything else. */
export function discoveryCommand(commandLine: string): DiscoveryCommand | undefined {
  const plain = plainCommand(commandLine)
  for (const [pattern, tool, technique, domain] of LOOKS) if (pattern.test(plain)) return { tool, technique, domain }
  return undefined
}

/** Folders every user may write to; programs and services that matter do not start from there. Lower case, with backslashes. */
const WRITABLE =
  /^(?:[a-z]:)?\\(?:users\\(?:public|[^\\]+\\(?:appdata|downloads|desktop|documents|music|pictures|videos))|windows\\(?:temp|debug|tasks|tracing|system32\\spool\\drivers\\color)|perflogs|programdata|temp|tmp|intel|\$recycle\.bin)\\|^\/(?:tmp|var\/tmp|dev\/shm)\//

/** Does the file lie in a folder ordinary users may write to, where installed programs do not live? */
export function isUserWritablePath(path: string): boolean {
  return WRITABLE.test(
    path
      .toLowerCase()
      .replace(/^"|^\\\?\?\\/g, '')
      .replaceAll(/(?<=\\)\\+/g, ''),
  )
}
