import type { Weighed } from './score.ts'
import type { CodeLanguage } from './verdict.ts'

/** Configuration of a web server or of PHP that a directory carries, by its name. */
export function configurationOf(path: string): Extract<CodeLanguage, 'htaccess' | 'user-ini' | 'web-config'> | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase()
  if (/^\.?htaccess(?:$|[.~_-])|\.htaccess$/.test(name)) return 'htaccess'
  if (name === '.user.ini' || name === 'php.ini') return 'user-ini'
  return name === 'web.config' ? 'web-config' : undefined
}

/** What a server would not hand to an interpreter by itself. */
const ODD =
  /\.(?:jpe?g|png|gif|bmp|ico|webp|txt|log|css|js|pdf|zip|rar|xml|dat|html?|svg|woff2?|htaccess|\w{0,3}test|abc|x{2,3})\b|\.htaccess/i

/**
 * Directives that make ordinary files run as code: httpd.apache.org/docs/2.4/mod/mod_mime.html#addhandler,
 * php.net/manual/ini.core#ini.auto-prepend-file.
 */
export function judgeConfiguration(language: 'htaccess' | 'user-ini' | 'web-config', text: string): Weighed[] {
  const reasons: Weighed[] = []
  const add = (line: number, what: string, weight: number) =>
    reasons.push({ what, line, weight, speaks: 'web-shell', group: what.slice(0, 12), does: 'makes ordinary files run as code' })
  if (language === 'web-config') return reasons
  let within = ''
  for (const [index, raw] of text.split('\n', 5_000).entries()) {
    const line = raw.trim().slice(0, 400)
    if (line.startsWith('#') || line.startsWith(';')) continue
    const opened = /^<(?:Files(?:Match)?)\s+(.+?)>/i.exec(line)?.[1]
    if (opened !== undefined) within = opened
    if (/^<\/Files/i.test(line)) within = ''
    handler(line, within, index + 1, add)
    prepend(line, index + 1, add)
  }
  return reasons
}

type Add = (line: number, what: string, weight: number) => void

function handler(line: string, within: string, at: number, add: Add): void {
  const adds = /^(?:AddHandler|AddType)\s+(\S*(?:php|cgi-script|server-parsed)\S*)\s+(.+)$/i.exec(line)
  if (adds && ODD.test(` ${adds[2]}`)) add(at, `${adds[1]} runs files of the kinds ${adds[2]?.slice(0, 60)}`, 70)
  const sets = /^(?:SetHandler|ForceType)\s+["']?(\S*(?:php|cgi-script)\S*)/i.exec(line)
  if (!sets) return
  // For all files of a folder it is how servers are set up; for named pictures or texts it is not.
  if (within !== '' && (ODD.test(within.replaceAll('\\', '')) || !/php|phtml|phar|\.cgi|\.pl/i.test(within)))
    add(at, `${sets[1]} runs files named ${within.slice(0, 60)}`, 70)
  else if (within === '') add(at, `${sets[1]} runs every file of the folder`, 35)
}

function prepend(line: string, at: number, add: Add): void {
  const found = /^(?:php_(?:admin_)?value\s+["']?)?(auto_(?:prepend|append)_file)["']?\s*[\s=]\s*["']?([^"'\s]+)/i.exec(line)
  const file = found?.[2]
  if (found && file !== undefined && !/^(?:none|off)$/i.test(file)) {
    if (/^(?:php:\/\/|data:|https?:|ftp:)/i.test(file)) add(at, `${found[1]} runs ${file.slice(0, 80)} with every page`, 90)
    else if (ODD.test(file)) add(at, `${found[1]} runs ${file.slice(0, 80)}, which is no script by its name, with every page`, 75)
    else add(at, `${found[1]} runs ${file.slice(0, 80)} with every page`, 15)
  }
  if (/^(?:php_(?:admin_)?(?:flag|value)\s+)?allow_url_include\s*[\s=]\s*["']?(?:on|1)/i.test(line))
    add(at, 'code of other servers may be included', 35)
}
