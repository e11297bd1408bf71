import { lineAt } from './follow-words.ts'
import type { Weighed } from './score.ts'

/** httpd.apache.org/docs/2.4/mod/mod_include.html "The exec Element"; IIS runs it in .shtm, .shtml and .stm. */
const EXEC = /<!--\s*#exec\s+cmd\s*=\s*(?:"([^"]{0,1000})"|'([^']{0,1000})')/gi
/** Variables of the server that hold the visitor's words. */
const SENT = /\$\{?(?:QUERY_STRING(?:_UNESCAPED)?|REQUEST_URI|PATH_INFO|PATH_TRANSLATED|THE_REQUEST|HTTP_(?!HOST\b)\w+)\b/i
const INTRUDERS =
  /\/dev\/tcp\/|\bnc\b.{0,60}\s-e\b|\bmkfifo\b|(?:wget|curl)\b[^|]{0,200}\|\s*(?:ba)?sh\b|\b(?:ba)?sh\s+-i\b|\bbase64\s+(?:-d|--decode)\b/i
const MAX_FOUND = 200

/** Whether a file has commands in its server-side includes. */
export function hasServerCommands(text: string): boolean {
  return text.includes('#exec')
}

/** What commands in server-side includes say. */
export function serverIncludeSigns(text: string): Weighed[] {
  const signs: Weighed[] = []
  for (const { 1: a, 2: b, index } of text.matchAll(EXEC)) {
    if (signs.length >= MAX_FOUND) break
    const command = a ?? b ?? ''
    const sent = SENT.exec(command)?.[0]
    const weight = sent === undefined ? (INTRUDERS.test(command) ? 65 : 0) : 80
    if (weight > 0)
      signs.push({
        what: `a server-side include runs ${sent === undefined ? '' : `${sent}, which a visitor sends: `}"${command.slice(0, 60)}"`,
        line: lineAt(text, index),
        weight,
        speaks: 'web-shell',
        group: 'command',
        does: sent === undefined ? 'runs commands of an intruder' : 'runs commands of the request',
        techniques: ['T1059'],
      })
  }
  return signs
}
