const MASK = '[masked]'

/** One value on a command line or in a header: quoted (also inside JSON text, where quotes are \"), else up to the next space or quote. */
const VALUE = String.raw`(?:\\"(?:(?!\\")[^"])*\\"|"[^"]*"|'[^']*'|(?:(?!\\")[^\s"'])+)`
/** The same, but ends where the next parameter of a query string, connection string or cookie begins. */
const PAIR_VALUE = String.raw`(?:\\"(?:(?!\\")[^"])*\\"|"[^"]*"|'[^']*'|(?:(?!\\")[^\s"'&;,)}\]])+)`
/** A quoted piece of a script; doubled quotes (a script inside a quoted command line), and a text that was cut before the closing quote. */
const QUOTED = String.raw`(?:\\"(?:(?!\\")[^"])*(?:\\"|$)|""[^"]*(?:""|$)|"[^"]*(?:"|$)|'[^']*(?:'|$))`
const SCRIPT_VALUE = String.raw`(?:${QUOTED}|(?:(?!\\")[^\s"')])+)`

interface Rule {
  /** Cheap test that keeps the rule away from text it cannot match. */
  readonly needs: RegExp
  readonly pattern: RegExp
  /** Groups `before` (kept), `value` (masked), `after` (kept). */
  readonly keep?: (value: string) => boolean
}

const rule = (needs: RegExp, source: string, keep?: (value: string) => boolean, flags = 'gi'): Rule => ({
  needs,
  pattern: new RegExp(source, flags),
  ...(keep ? { keep } : {}),
})

/** Variables, placeholders and prompts name a secret without holding it. */
const namesOnly = (value: string) =>
  /^\\?["']?(?:\$[\w:({]|%\w+%$|<[\w -]+>$|\*+["']?$|\{\{)/.test(value) || value.includes('[masked')

/** Words after "password:" in event texts and configuration that are states, not secrets. */
const isState = (value: string) =>
  namesOnly(value) ||
  /^\\?["']?(?:true|false|yes|no|null|none|nil|undefined|required|optional|prompt|expired|changed|not|is|was|must|never|-+|%%\d+)\\?["']?$/i.test(
    value,
  )

/** Programs whose `-p VALUE` is a password. In most others it is a port, a protocol, a path or a process. */
const DASH_P = String.raw`(?:psexec\w*|paexec|csexec|remcom|sshpass|smbexec|wmiexec|atexec|dcomexec|crackmapexec|cme|nxc|netexec|evil-winrm|impacket-\w+|secretsdump|xfreerdp|rdesktop|kerbrute|bloodhound-python|ldapdomaindump|htpasswd|useradd|usermod|docker login|ntdsdumpex)`

const SECRET_KEY = String.raw`(?:(?:[\w.-]*[_.-])?(?:password|passwd|passwort|passphrase|pwd|pass|secret|secret[_-]?key|client[_-]?secret|api[_-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?access[_-]?key|private[_-]?key|account[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|auth[_-]?token|csrf[_-]?token|session[_-]?token|bearer|token|sessionid|session[_-]?id|jsessionid|phpsessid|asp\.net_sessionid|aspsessionid\w*|svpncookie|connect\.sid|sharedaccesskey|sig)|(?:[a-z][\w]*)?(?:Password|Passwd|Secret|AccessKey|ApiKey|AuthToken|AccessToken))`

const rules: readonly Rule[] = [
  // /p:PW, /pass:PW, /password:PW, /pw=PW, /rp PW (schtasks), /pwd:PW
  rule(
    /\/(?:p|rp|rc4|ntlm|aes|sharedk)/i,
    String.raw`(?<before>(?:^|[\s"'])/(?:p|pw|pwd|pass|passwd|password|rp|jp|rc4|ntlm|aes(?:128|256)(?:_hmac)?)[:=]\s?)(?<value>${VALUE})`,
    namesOnly,
  ),
  rule(/\/r?p\s/i, String.raw`(?<before>\bschtasks(?:\.exe)?\b[^\n]*?\s/r?p\s+)(?<value>(?!/)${VALUE})`, namesOnly),
  // net use \\host\share PW /user:U and net user NAME PW /add; `*` asks, /delete and friends are switches
  rule(
    /\bnet1?(?:\.exe)?\\?"?\s/i,
    String.raw`(?<before>\bnet1?(?:\.exe)?\\?"?\s+use\s+(?:(?:[a-z]:|\*|/\S+)\s+)*\\\\[^\s"]+\\?"?\s+(?:/(?:u|user):\S+\s+|/persistent:\S+\s+)*)(?<value>(?!/|\*(?:\s|$))${VALUE})`,
  ),
  rule(
    /\bnet1?(?:\.exe)?\\?"?\s/i,
    String.raw`(?<before>\bnet1?(?:\.exe)?\\?"?\s+user\s+(?:\\?"[^"]+"|[^\s/"]+)\s+)(?<value>(?!/|\*(?:\s|$)|&|\||>|<|2>)${VALUE})`,
  ),
  // psexec -u U -p PW, sshpass -p PW …; also any `-u U -p PW`
  rule(
    /\s-p\s/i,
    String.raw`(?<before>\b${DASH_P}(?:\.exe|\.py)?\\?"?\s(?:[^\n|]*?\s)?-p\s+)(?<value>(?!-)${VALUE})`,
    namesOnly,
    'gi',
  ),
  rule(/\s-p\s/i, String.raw`(?<before>\s-u(?:ser(?:name)?)?\s+${VALUE}\s+-p\s+)(?<value>(?!-)${VALUE})`, namesOnly),
  rule(
    /\s-u\s/i,
    String.raw`(?<before>\s-p\s+)(?<value>(?!-|\d{1,5}(?:[:/]\d+)?\s|tcp\s|udp\s|/)${VALUE})(?<after>\s+-u\s)`,
    namesOnly,
  ),
  // mysql -pPW, 7z a -pPW, rar a -hpPW: the value hangs on the switch
  rule(
    /\s-h?p\S/i,
    String.raw`(?<before>\b(?:mysql\w*|mariadb|sqlcmd|7z\w*|7zip|rar|winrar|unrar|ronf)(?:\.exe)?\\?"?\s(?:[^\n|]*?\s)?-h?p)(?<value>(?!\s)${VALUE})`,
    namesOnly,
  ),
  // plink -pw PW, sqlcmd -P PW, ldapsearch -w PW, curl -u user:PW
  rule(
    /\s-p(?:w|ass|asswd|assword|wd)\b/i,
    String.raw`(?<before>\s--?p(?:w|ass|asswd|assword|wd|assphrase)[ =:]\s*)(?<value>(?!-)${VALUE})`,
    namesOnly,
  ),
  rule(
    /\s--(?:pass|token|secret|api|access|auth|client|private)/i,
    String.raw`(?<before>\s--(?:[\w-]*-)?(?:pass|passwd|password|passphrase|token|secret|api-?key|access-?key|secret-?key)(?:=|\s+))(?<value>(?!-)${VALUE})`,
    namesOnly,
  ),
  rule(
    /\s-P\s/,
    String.raw`(?<before>\b(?:sqlcmd|osql|bcp|isql)(?:\.exe)?\\?"?\s(?:[^\n|]*?\s)?-P\s+)(?<value>(?!-)${VALUE})`,
    namesOnly,
    'g',
  ),
  rule(
    /\bldap\w+/i,
    String.raw`(?<before>\bldap(?:search|modify|add|delete|passwd|whoami)\b[^\n|]*?\s-w\s+)(?<value>(?!-)${VALUE})`,
    namesOnly,
  ),
  rule(
    /\bcurl|\bwget|proxy-user/i,
    String.raw`(?<before>\s(?:-u|--user|--proxy-user|-U)[ =]\s*\\?["']?[^\s:"']+:)(?<value>[^\s"'\\]+)`,
    namesOnly,
  ),
  rule(/-hashes?\s/i, String.raw`(?<before>\s-hashes?\s+)(?<value>${VALUE})`, namesOnly),
  rule(
    /securestring/i,
    String.raw`(?<before>\bConvertTo-SecureString\s+(?:-(?:String:?|AsPlainText|Force)\s*)*)(?<value>(?!-)${SCRIPT_VALUE})`,
    namesOnly,
  ),
  rule(/securestring/i, String.raw`(?<value>${QUOTED})(?<after>\s*\|\s*ConvertTo-SecureString\b)`, namesOnly),
  // [PSCredential]::new('u', 'PW'), [NetworkCredential]::new("u","PW"), New-Object …NetworkCredential("u","PW")
  rule(
    /credential/i,
    String.raw`(?<before>\b(?:Network|PS)Credential\]?(?:::new)?\s*\(\s*(?:${QUOTED}|[^\s"',()]+)\s*,\s*)(?<value>${QUOTED})`,
    namesOnly,
  ),
  rule(
    /\|\s*sudo|chpasswd/i,
    String.raw`(?<before>\becho\s+(?:-n\s+)?)(?<value>${VALUE})(?<after>\s*\|\s*(?:sudo\s+(?:-\w+\s+)*-S|(?:sudo\s+)?chpasswd))`,
    namesOnly,
  ),
  // Device configuration: username u password 7 08…, enable secret 5 $1$…, set psksecret ENC …, snmp-server community X
  rule(
    /\b(?:password|secret|passwd|passphrase|psksecret|key-string|community)\s/i,
    String.raw`(?<before>\b(?:password|secret|passwd|passphrase|psksecret|key-string)\s+(?:(?:ENC|encrypted|[0-9])\s+))(?<value>${VALUE})`,
  ),
  rule(/snmp-server community/i, String.raw`(?<before>\bsnmp-server community\s+)(?<value>${VALUE})`),
  // Headers
  rule(
    /authorization|authenticate/i,
    String.raw`(?<before>\b(?:proxy-)?authorization\\?["']?\s*[:=]\s*\\?["']?(?:(?:basic|bearer|digest|negotiate|ntlm|token|aws4-hmac-sha256)\s+)?)(?<value>(?:(?!\\")[^\s"'])+)`,
    namesOnly,
  ),
  rule(
    /\bx-[\w-]{0,64}(?:key|token|auth|secret)/i,
    String.raw`(?<before>\bx-[\w-]{0,64}(?:key|token|auth|secret)[\w-]{0,64}\\?["']?\s*[:=]\s*\\?["']?)(?<value>(?:(?!\\")[^\s"',;])+)`,
    namesOnly,
  ),
  // name=value and "name": "value" with a name that says secret
  rule(
    /pass|pwd|secret|token|key|sess|sid|bearer|sig|svpncookie/i,
    String.raw`(?<before>(?<![\w-])\\?["']?${SECRET_KEY}\\?["']?\s*(?:=|:=|=>)\s*)(?<value>(?!=)${PAIR_VALUE})`,
    isState,
  ),
  rule(
    /pass|pwd|secret|token|key|sess/i,
    String.raw`(?<before>(?<![\w-/\\])\\?["']?${SECRET_KEY}\\?["']?\s*:\s*)(?<value>(?![/\\]{2})${PAIR_VALUE})`,
    isState,
  ),
  rule(/\/\//, String.raw`(?<before>\b[a-z][a-z0-9+.-]*://[^\s/:@"']+:)(?<value>[^\s/@"']+)(?<after>@)`, namesOnly),
  // Values that are secrets by their own form
  rule(/A[KS]IA/, String.raw`(?<before>\bA[KS]IA)(?<value>[0-9A-Z]{16})\b`, undefined, 'g'),
  rule(/eyJ/, String.raw`(?<before>\beyJ)(?<value>[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)`, undefined, 'g'),
  rule(
    /gh[opsru]_|github_pat_|glpat-|xox[abprs]-|AIza/,
    String.raw`(?<before>\b(?:gh[opsru]_|github_pat_|glpat-|xox[abprs]-|AIza))(?<value>[\w-]{16,})`,
    undefined,
    'g',
  ),
  rule(/:::/, String.raw`(?<before>:\d+:)(?<value>[0-9a-f]{32}:[0-9a-f]{32})(?<after>:::)`),
  rule(/\$(?:1|2[aby]|5|6|y|krb5\w+)\$/, String.raw`(?<before>\$(?:1|2[aby]|5|6|y|krb5\w+)\$)(?<value>[^\s:"',]{12,})`),
  rule(/PRIVATE KEY/, String.raw`(?<before>-----BEGIN [A-Z ]*PRIVATE KEY-----)(?<value>(?:(?!-----)[\s\S])+)`),
]

const COOKIE = /(\b(?:set-)?cookie\d?\\?["']?\s*[:=]\s*\\?["']?)((?:[\w.%-]+=[^;"'\s]*(?:;\s*)?)+)/gi
/** Attributes of Set-Cookie (RFC 6265 section 4.1.1) are not secrets. */
const COOKIE_ATTRIBUTE = /^(?:path|domain|expires|max-age|samesite|secure|httponly|priority|version)$/i

function maskCookies(text: string): string {
  return text.replace(COOKIE, (_all, before: string, pairs: string) => {
    const maskedPairs = pairs.replace(/([\w.%-]+)=([^;"'\s]*)/g, (pair, name: string) =>
      COOKIE_ATTRIBUTE.test(name) ? pair : `${name}=${MASK}`,
    )
    return `${before}${maskedPairs}`
  })
}

/** Nothing longer is searched: excerpts are far shorter, and the rules stay linear in practice only on bounded text. */
const MAX_LENGTH = 65_536

/**
 * Masks what would let a reader of the report log on: passwords on command lines, tokens, cookies, keys, hashes. Everything else,
 * the name of the option or header included, stays readable. Masking twice changes nothing.
 */
export function maskSecrets(text: string): string {
  if (text.length > MAX_KEPT_LENGTH) return masked(text)
  const known = kept.get(text)
  if (known !== undefined) return known
  const result = masked(text)
  // The oldest makes room: what repeats, repeats soon.
  if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value ?? '')
  kept.set(text, result)
  return result
}

/** Fields of records repeat (paths, accounts, levels), and every part of the report masks the same excerpts again. */
const kept = new Map<string, string>()
const MAX_KEPT = 1 << 14
const MAX_KEPT_LENGTH = 1_024

function masked(text: string): string {
  let result = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text
  if (/cookie/i.test(result)) result = maskCookies(result)
  for (const { needs, pattern, keep } of rules) {
    if (!needs.test(result)) continue
    result = result.replace(pattern, (...match) => {
      const { before = '', value = '', after = '' } = match.at(-1) as Record<string, string | undefined>
      if (value === '' || value.includes('[masked') || keep?.(value)) return match[0] as string
      return `${before}${maskedValue(value)}${after}`
    })
  }
  return result
}

/** Quotes stay, so that the text around still reads as before. */
function maskedValue(value: string): string {
  const quote = /^(?:\\"|"{1,2}(?!")|"|')/.exec(value)?.[0] ?? ''
  return quote && value.endsWith(quote) && value.length > quote.length ? `${quote}${MASK}${quote}` : MASK
}
