import type { PageKind } from './examine.ts'
import { isRazor } from './razor.ts'

const NAMED: readonly (readonly [PageKind, RegExp])[] = [
  ['jsp', /\.(?:jspx?|jspf|jsw|jsv|jtml|tagx?)$/i],
  ['aspx', /\.(?:aspx|ascx|ashx|asmx|asax|master|svc|soap|cshtml|vbhtml|razor)$/i],
  ['asp', /\.(?:asp|asa|cer|cdx|htr|inc)$/i],
  ['java', /\.java$/i],
  ['csharp', /\.cs$/i],
  ['vb', /\.vb$/i],
]
const JSP =
  /[$#]\{[^}\n]{0,300}(?:java\.lang\.Runtime|java\.lang\.ProcessBuilder|ScriptEngineManager|getClassLoader\s*\()|<%\s?@\s*(?:page\s+(?:import|language\s*=\s*["']java(?!s)|contenttype|pageencoding|session|errorpage|iserrorpage|trimdirective)|taglib|include\s+file)|<%!|<[a-z]\w{0,20}:(?:root|scriptlet|declaration|directive\.\w+)\b|java\.sun\.com\/JSP\/Page|jakarta\.ee\/xml\/ns\/jakartaee\/server-pages/i
const ASPX =
  /<%\s?@\s*(?:page|control|master|webhandler|webservice|application|import\s+namespace|assembly|servicehost|register)\b|<asp:\w|<script\b(?=[^>]{0,300}\brunat\s*=\s*["']?server)[^>]{0,300}\blanguage\s*=\s*["']?\s*(?:c#|cs\b|vb\b|jscript)|<msxsl:script\b/i
const ASP = /<%\s?@\s*(?:language|codepage|enablesessionstate|transaction)\b|<script\b[^>]{0,300}\brunat\s*=\s*["']?server/i
const JAVA_WORDS =
  /\brequest\s*\.\s*get(?:Parameter|Header|InputStream|Reader|Attribute|Session)|\bout\s*\.\s*print|\bRuntime\s*\.\s*getRuntime|\bnew\s+(?:java\.|ProcessBuilder|String\s*\()|\bString\s+\w+\s*=/
const NET_WORDS =
  /\b(?:Request|Session|ViewState)\s*\[|\bRequest\s*\.\s*Item\s*\[|\bSystem\s*\.\s*\w+|\bResponse\s*\.\s*Write\s*\([^)]*\)\s*;/
const ASP_WORDS = /\b(?:request|response|server|session|execute(?:global)?|eval|dim|set|on\s+error|if\b.{0,80}\bthen)\b/i
/** Tags may be taken apart so that nothing runs them where the page is shown. */
const CODE = /<\s?%[^@!#-][^%]{0,2000}/gi
/** The code that is looked at to tell what it is written in; the first lines are often nothing but a comment. */
const MAX_CODE = 1 << 14

/** What any page of these servers holds. */
const MAY_BE_PAGE =
  /<\s?%|[$#]\{|\brunat\b|:(?:root|scriptlet|declaration|directive\.)|<asp:|<msxsl:|JSP\/Page|server-pages|<!--\s*#include\s/i

/**
 * The servers that would run something of this file: what is written in it decides. A name and a text that disagree are read both ways, and so is
 * what nothing tells: each server reads its own, and the worst counts.
 */
export function pageKindsOf(path: string, text: string): PageKind[] {
  const named = NAMED.find(([, ending]) => ending.test(path))?.[0]
  if (named === 'java' || named === 'csharp' || named === 'vb') return [named]
  if (isRazor(path, text)) return ['aspx']
  if (!MAY_BE_PAGE.test(text)) return []
  const code = codeOf(text)
  const said = SAYS.filter(([, pattern]) => pattern.test(text)).map(([kind]) => kind)
  const kinds = new Set<PageKind>(said)
  // A page named .aspx may say what a .jsp says ("page contentType=…"), and the other way round.
  if (
    named !== undefined &&
    (code !== '' ||
      said.length > 0 ||
      (named === 'jsp' && /[$#]\{/.test(text)) ||
      (named === 'asp' && /<!--\s*#include\s/i.test(text)))
  ) {
    if (said.includes(named)) return [named]
    kinds.add(named)
  }
  // Text without a name or a directive of a page is one only when it holds whole blocks with something a page says: books, templates and pixels hold the mark too.
  if (named === undefined && said.length === 0 && !WHOLE_BLOCK.test(text)) return []
  if (said.length === 0) for (const [kind, pattern] of WORDS) if (pattern.test(code)) kinds.add(kind)
  // Code that begins with nothing well known: `<%=CreateObject(…)…%>`.
  if (kinds.size === 0 && code !== '' && !text.includes('\0')) kinds.add('asp')
  // Without a directive .NET and classic ASP look alike.
  if (named === undefined && said.length === 0 && kinds.has('asp')) kinds.add('aspx')
  return [...kinds]
}

/** A block that is closed, without zero bytes, with an object of the server, a command to run text, or an order of Java in it. */
const WHOLE_BLOCK =
  /<\s?%(?![@#-])(?:(?!%>)[^\0]){0,4000}?(?:\b(?:request|response|server|session|application|out|system|runtime|process\w*|class)\s*[.([]|\b(?:execute(?:global)?|eval)[\s(]|\bcreateobject\s*\(|\bnew\s+[\w.]+\s*\(|\bset\s+\w+\s*=|\bdim\s+\w)(?:(?!%>)[^\0]){0,20000}?%>/i

const SAYS: readonly (readonly [PageKind, RegExp])[] = [
  ['jsp', JSP],
  ['aspx', ASPX],
  ['asp', ASP],
]
const WORDS: readonly (readonly [PageKind, RegExp])[] = [
  ['jsp', JAVA_WORDS],
  ['aspx', NET_WORDS],
  ['asp', ASP_WORDS],
]

function codeOf(text: string): string {
  let code = ''
  for (const [piece] of text.matchAll(CODE)) {
    // Pixels and compiled programs hold the two letters by chance.
    if (piece.includes('\0')) continue
    code += `${piece}\n`
    if (code.length > MAX_CODE) break
  }
  return code
}
