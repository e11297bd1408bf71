import type { Page } from '../page/pieces.ts'
import type { Program, Statement } from '../program.ts'
import type { AspPage } from './asp-dialect.ts'
import { basicProgram } from './basic-program.ts'
import { type BasicToken, basicTokens } from './basic-tokens.ts'
import { jscriptProgram } from './jscript-program.ts'
import { type ScriptToken, scriptTokens } from './jscript-tokens.ts'

/**
 * The code of a classic ASP page in the common form; markup between blocks is left out. A script element that names its own language is read in it
 * (learn.microsoft.com "@LANGUAGE": blocks are in the page's language, VBScript where it names none), and each can call the other.
 */
export function aspProgram({ pieces }: Page, language: 'vbscript' | 'jscript'): Program {
  const script: ScriptToken[] = []
  const basic: BasicToken[] = []
  for (const { kind, text, line, language: named } of pieces)
    if (aspLanguage(named, language) === 'jscript')
      scriptTokens(kind === 'expression' ? `Response.Write(${text}\n)` : text, line, script)
    else basicTokens(kind === 'expression' ? `response.write ${text}` : text, line, basic)
  if (basic.length === 0) return jscriptProgram(script, 'jscript')
  const own = basicProgram(basic, 'vbscript')
  if (script.length === 0) return own
  const other = jscriptProgram(script, 'jscript')
  // Functions of the script are numbered; those of Basic have names only.
  return {
    ...own,
    functions: [...other.functions, ...own.functions],
    classes: [...other.classes, ...own.classes],
    body: [...other.body, ...own.body],
    errors: own.errors + other.errors,
  }
}

/** The language of a block or an element; the page's where it names none. */
export function aspLanguage(named: string, otherwise: 'vbscript' | 'jscript'): 'vbscript' | 'jscript' {
  if (named === '') return otherwise
  return /^j(?:s|script|avascript)/i.test(named) ? 'jscript' : 'vbscript'
}

/** Text handed to Execute or eval; a lone expression is what it returns. */
export function aspCode(code: string, line: number, language: 'vbscript' | 'jscript'): Program {
  const program =
    language === 'jscript'
      ? jscriptProgram(onLine(scriptTokens(code, line), line), language)
      : basicProgram(onLine(basicTokens(code, line), line), language)
  const [only] = program.body
  if (program.body.length !== 1 || only?.do !== 'expression' || only.value.is === 'assign') return program
  const returned: Statement = { do: 'return', value: only.value, line }
  return { ...program, body: [returned] }
}

/** Everything in text that is run stands in the line that runs it. */
function onLine<Token extends { readonly line: number }>(tokens: readonly Token[], line: number): Token[] {
  return tokens.map(token => ({ ...token, line }))
}

/** Objects a page declares in its markup, and whether it takes in other files. */
export function aspPageOf(text: string): AspPage {
  const objects = new Map<string, string>()
  for (const [, attributes = ''] of text.matchAll(/<object\b([^>]{0,600})>/gi)) {
    if (!/runat\s*=\s*["']?server/i.test(attributes)) continue
    const id = /\bid\s*=\s*["']?([\w]+)/i.exec(attributes)?.[1]
    const named = /\b(?:progid|classid)\s*=\s*["']?(?:clsid:)?([\w.{}-]+)/i.exec(attributes)?.[1]
    if (id !== undefined && named !== undefined && objects.size < 100) objects.set(id.toLowerCase(), named)
  }
  return { objects, whole: !/<!--\s*#include\b/i.test(text) }
}
