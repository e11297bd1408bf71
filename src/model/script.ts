/** Languages web servers run pages in. `asp` is the classic one (VBScript, JScript), `aspx` is ASP.NET (C#, VB.NET, JScript.NET). */
export type ScriptLanguage = 'php' | 'asp' | 'aspx' | 'jsp'

const ENDINGS: readonly (readonly [ScriptLanguage, RegExp])[] = [
  ['php', /\.(?:php\d?|phtml|phar|pht|phps|inc)$/i],
  ['asp', /\.(?:asp|asa|cer|cdx|idc)$/i],
  ['aspx', /\.(?:aspx|ashx|asmx|ascx|asax|master|cshtml|vbhtml|soap|svc)$/i],
  ['jsp', /\.(?:jspx?|jspf|jspa|jsw|jsv|jtml|jhtml|tagx?)$|_jsp\.java$/i],
]

/** The language the server would choose by the name alone. */
export function scriptLanguageOfName(path: string): ScriptLanguage | undefined {
  return ENDINGS.find(([, ending]) => ending.test(path))?.[0]
}

const PHP_TAG = /<\?(?:php\b|=)|<script[^>]{0,60}language\s*=\s*["']?php/i
/** `<?` alone opens PHP where short tags are on; XML declarations and binary noise look alike, so a variable must follow. */
const PHP_SHORT_TAG = /<\?\s[^?]{0,400}\$\w/
const JSP_MARK =
  /<%@\s*(?:page\s+(?:import|language\s*=\s*["']java|contenttype|pageencoding|session|errorpage|iserrorpage|trimdirective)|taglib|include\s+file)|<%!|<jsp:(?:root|scriptlet|declaration|expression|directive)|org\.apache\.jasper\.runtime/i
const ASPX_MARK =
  /<%@\s*(?:page|control|master|webhandler|webservice|application|import\s+namespace|assembly|servicehost|register)\b|<asp:\w|<script[^>]{0,120}runat\s*=\s*["']?server[^>]{0,60}language\s*=\s*["']?(?:c#|vb\b|jscript)|<script[^>]{0,60}language\s*=\s*["']?(?:c#|jscript\.net)/i
const ASP_MARK = /<%@\s*(?:language|codepage|enablesessionstate|transaction)\b|<script[^>]{0,120}runat\s*=\s*["']?server/i
/** Pixels and compiled programs hold the two letters by chance: code has no zero bytes. */
const BLOCK = /<%[^@!#\0-][^%\0]{0,2000}(?!\0)/i
const JAVA_WORDS =
  /\brequest\s*\.\s*get(?:Parameter|Header|InputStream|Reader|Attribute|Session)|\bout\s*\.\s*print|\bRuntime\s*\.\s*getRuntime|\bnew\s+(?:java\.|ProcessBuilder|String\s*\()|\bString\s+\w+\s*=/
const NET_WORDS =
  /\b(?:Request|Session|ViewState)\s*\[|\bRequest\s*\.\s*Item\s*\[|\bSystem\s*\.\s*\w+|\bResponse\s*\.\s*Write\s*\([^)]*\)\s*;/
const ASP_WORDS = /\b(?:request|response|server|session|execute(?:global)?|eval|dim|set|on\s+error|if\b.{0,80}\bthen)\b/i

/** The language of a page by what is written in it; the name decides only between look-alikes. Undefined when there is no server code. */
export function scriptLanguageOf(path: string, text: string): ScriptLanguage | undefined {
  const named = scriptLanguageOfName(path)
  if (PHP_TAG.test(text) || (named === 'php' && text.includes('<?')) || PHP_SHORT_TAG.test(text)) return 'php'
  // A page named .aspx may say what a .jsp says ("page contentType=…"), and the other way round.
  if (named === 'aspx' && (ASPX_MARK.test(text) || text.includes('<%'))) return 'aspx'
  if (named === 'jsp' && (JSP_MARK.test(text) || text.includes('<%'))) return 'jsp'
  if (JSP_MARK.test(text)) return 'jsp'
  if (ASPX_MARK.test(text)) return 'aspx'
  if (ASP_MARK.test(text)) return 'asp'
  const block = BLOCK.exec(text)?.[0]
  if (block === undefined) return undefined
  if (named === 'asp') return 'asp'
  if (JAVA_WORDS.test(block)) return 'jsp'
  if (NET_WORDS.test(block)) return 'aspx'
  return ASP_WORDS.test(block) ? 'asp' : undefined
}

/** Code of a web application that is no page by its tags: sources ASP.NET compiles, pages and components of ColdFusion, programs a server starts (CGI). */
export type ServerCode = 'csharp' | 'vb' | 'cfml' | 'cgi'

const CODE_ENDINGS: readonly (readonly [ServerCode, RegExp])[] = [
  ['csharp', /\.cs$/i],
  ['vb', /\.vb$/i],
  ['cfml', /\.cf(?:ml?|c)$/i],
  ['cgi', /\.(?:cgi|pl|plx|fcgi)$|[/\\]cgi-bin[/\\][^/\\.]{1,80}$/i],
]
/** Tags that only ColdFusion has (cfdocs.org), with what must follow for one to do anything. */
const CFML_TAG =
  /<cf(?:set\s+\w|output\b|execute\s|query\s|include\s+template|param\s+name|if\s|file\s+action|script\s*>|component\b|function\s+name|invoke\s|http\s|application\s|object\s)/i
/** Programs the server itself starts (RFC 3875): their first line names what runs them. */
const PROGRAM_LINE = /^(?:\xef\xbb\xbf)?\s{0,4}#!\s*\/?\S*\/?(?:env\s+)?(?:perl|python|ruby|bash|sh|ksh)[\w.-]*/

/** Which code that is no page by its tags a file holds: by its name alone when nothing is given of it. */
export function serverCodeOf(path: string, text?: string): ServerCode | undefined {
  const named = CODE_ENDINGS.find(([, ending]) => ending.test(path))?.[0]
  if (named !== undefined || text === undefined) return named
  if (CFML_TAG.test(text)) return 'cfml'
  return PROGRAM_LINE.test(text.slice(0, 200)) ? 'cgi' : undefined
}
