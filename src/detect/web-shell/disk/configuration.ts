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
  if (language === 'web-config') {
    handlersOfWebConfig(text, add)
    return reasons
  }
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

/** What turns a file into a program: learn.microsoft.com "IIS handlers <add>", "buildProviders Element". */
const RUNS_FILES =
  /\b(?:scriptProcessor\s*=\s*["'][^"']*(?:asp|php|aspnet_isapi|cmd|powershell|python|perl)|type\s*=\s*["'][^"']*(?:PageHandlerFactory|SimpleHandlerFactory|PageBuildProvider|WebHandlerBuildProvider|UserControlBuildProvider))/i

/** Handlers and build providers for files that are no pages by their name, and the lock of web.config taken off. */
function handlersOfWebConfig(text: string, add: Add): void {
  const plain = text.replace(/<!--[\s\S]*?-->/g, comment => comment.replace(/[^\n]+/g, ' '))
  let found = 0
  for (const { 0: element, index } of plain.matchAll(/<add\b[^>]{0,2000}>/gi)) {
    if (++found > MAX_ELEMENTS) return
    const line = plain.slice(0, index).split('\n').length
    const files = /\b(?:path|extension)\s*=\s*["']([^"']{1,200})["']/i.exec(element)?.[1]
    if (files !== undefined && RUNS_FILES.test(element) && (ODD.test(files) || /(?:^|[\\/*.])(?:web)?\.?config$/i.test(files)))
      add(line, `files named ${files.slice(0, 60)} are run as pages`, 75)
  }
  const unlocked = /<remove\s+segment\s*=\s*["']web\.config["']|<remove\s+fileExtension\s*=\s*["']\.config["']/i.exec(plain)
  if (unlocked) add(plain.slice(0, unlocked.index).split('\n').length, 'visitors may ask for web.config', 40)
}

/** A configuration has some hundred elements. */
const MAX_ELEMENTS = 5_000

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
