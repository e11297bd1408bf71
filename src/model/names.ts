/** Last part of a Windows or POSIX path, in lower case: "C:\Windows\System32\cmd.exe" gives "cmd.exe". */
export function fileNameOf(path: string): string {
  // A dozen detectors ask about the same few paths of one event, and the next event mostly has the same ones.
  const place = path.length & (RECENT - 1)
  if (recentPaths[place] !== path) {
    recentPaths[place] = path
    recentNames[place] = path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1).toLowerCase()
  }
  return recentNames[place] as string
}

const RECENT = 32
const recentPaths: string[] = Array.from({ length: RECENT }, () => '')
const recentNames: string[] = Array.from({ length: RECENT }, () => '')

/** First label of a host name in lower case: "DC01.pandalab.com" gives "dc01"; an address stays as it is. */
export function shortHostName(name: string): string {
  const lower = name.trim().toLowerCase().replace(/\$$/, '')
  return /^[\d.]+$/.test(lower) || lower.includes(':') ? lower : (lower.split('.')[0] ?? lower)
}

/** Account name without domain in lower case: "PANDALAB\nora" and "nora@pandalab.com" give "nora". */
export function bareAccountName(name: string): string {
  const lower = name.trim().toLowerCase()
  const afterDomain = lower.slice(lower.lastIndexOf('\\') + 1)
  const at = afterDomain.indexOf('@')
  return at > 0 ? afterDomain.slice(0, at) : afterDomain
}

/** Accounts of the machine itself: SYSTEM, service accounts, computer accounts ("DC01$"), window manager and font driver accounts, their SIDs, "-" and ''. */
export function isMachineAccount(name: string): boolean {
  const bare = bareAccountName(name)
  return (
    bare === '' ||
    bare === '-' ||
    bare.endsWith('$') ||
    /^(?:system|local service|network service|localsystem|dwm-\d+|umfd-\d+|anonymous logon|iusr)$/.test(bare) ||
    /^s-1-5-(?:18|19|20)$/.test(bare) ||
    /^(?:nt authority|nt service|window manager|font driver host)\\/.test(name.trim().toLowerCase())
  )
}

/** What logs write where a machine's name is not known, or every machine calls itself: such a name is nobody's. */
const NO_MACHINE =
  /^(?:|-+|null|\(null\)|nil|none|unknown|undefined|n\/a|localhost|localhost\.localdomain|ip6-localhost|workgroup|mshome|\*|\?)$/

/** Does the text name a machine? Fillers and names that every machine has for itself ("null", "-", "localhost", "WORKGROUP") do not. */
export function isMachineName(name: string): boolean {
  return !NO_MACHINE.test(name.trim().toLowerCase().replace(/^\\\\/, '').replace(/\$$/, ''))
}
