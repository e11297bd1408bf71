import type { PageKind } from './examine.ts'
import { isRazor } from './razor.ts'

const NAMED: readonly (readonly [PageKind, RegExp])[] = [
  ['jsp', /\.(?:jspx?|jspf|jsw|jsv|jtml|tagx?)$/i],
  ['aspx', /\.(?:aspx|ascx|ashx|asmx|asax|master|svc|soap|cshtml|vbhtml)$/i],
  ['asp', /\.(?:asp|asa|cer|cdx|htr|inc)$/i],
  ['java', /\.java$/i],
]
const JSP =
  /<%@\s*(?:page\s+(?:import|language\s*=\s*["']java(?!s)|contenttype|pageencoding|session|errorpage|iserrorpage|trimdirective)|taglib|include\s+file)|<%!|<[a-z]\w{0,20}:(?:root|scriptlet|declaration|directive\.\w+)\b|java\.sun\.com\/JSP\/Page|jakarta\.ee\/xml\/ns\/jakartaee\/server-pages/i
const ASPX =
  /<%@\s*(?:page|control|master|webhandler|webservice|application|import\s+namespace|assembly|servicehost|register)\b|<asp:\w|<script\b(?=[^>]{0,300}\brunat\s*=\s*["']?server)[^>]{0,300}\blanguage\s*=\s*["']?\s*(?:c#|cs\b|vb\b|jscript)|<msxsl:script\b/i
const ASP = /<%@\s*(?:language|codepage|enablesessionstate|transaction)\b|<script\b[^>]{0,300}\brunat\s*=\s*["']?server/i
const JAVA_WORDS =
  /\brequest\s*\.\s*get(?:Parameter|Header|InputStream|Reader|Attribute|Session)|\bout\s*\.\s*print|\bRuntime\s*\.\s*getRuntime|\bnew\s+(?:java\.|ProcessBuilder|String\s*\()|\bString\s+\w+\s*=/
const NET_WORDS =
  /\b(?:Request|Session|ViewState)\s*\[|\bRequest\s*\.\s*Item\s*\[|\bSystem\s*\.\s*\w+|\bResponse\s*\.\s*Write\s*\([^)]*\)\s*;/
const ASP_WORDS = /\b(?:request|response|server|session|execute(?:global)?|eval|dim|set|on\s+error|if\b.{0,80}\bthen)\b/i
/** Tags may be taken apart so that nothing runs them where the page is shown. */
const CODE = /<\s?%[^@!#-][^%]{0,2000}/i

/** What any page of these servers holds. */
const MAY_BE_PAGE = /<\s?%|[$#]\{|\brunat\b|:(?:root|scriptlet|declaration|directive\.)|<asp:|<msxsl:|JSP\/Page|server-pages/i

/** The servers that would run something of this file: what is written in it decides, the name only between look-alikes. */
export function pageKindsOf(path: string, text: string): PageKind[] {
  const named = NAMED.find(([, ending]) => ending.test(path))?.[0]
  if (named === 'java') return ['java']
  if (isRazor(path, text)) return ['aspx']
  if (!MAY_BE_PAGE.test(text)) return []
  const kinds = new Set<PageKind>()
  const code = CODE.exec(text)?.[0]
  const says: readonly (readonly [PageKind, boolean])[] = [
    ['jsp', JSP.test(text)],
    ['aspx', ASPX.test(text)],
    ['asp', ASP.test(text)],
  ]
  // A page named .aspx may say what a .jsp says ("page contentType=…"), and the other way round.
  if (named !== undefined && (code !== undefined || says.some(([, said]) => said) || (named === 'jsp' && /[$#]\{/.test(text))))
    return [named]
  const [said] = says.find(([, found]) => found) ?? []
  if (said !== undefined) kinds.add(said)
  else if (code !== undefined && JAVA_WORDS.test(code)) kinds.add('jsp')
  else if (code !== undefined && NET_WORDS.test(code)) kinds.add('aspx')
  else if (code !== undefined && ASP_WORDS.test(code)) kinds.add('asp')
  return [...kinds]
}
