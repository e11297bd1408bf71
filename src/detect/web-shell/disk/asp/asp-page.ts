import type { Page } from '../page/pieces.ts'
import type { Program, Statement } from '../program.ts'
import type { AspPage } from './asp-dialect.ts'
import { basicProgram } from './basic-program.ts'
import { type BasicToken, basicTokens } from './basic-tokens.ts'
import { jscriptProgram } from './jscript-program.ts'
import { type ScriptToken, scriptTokens } from './jscript-tokens.ts'

/** The code of a classic ASP page in the common form; markup between blocks is left out. */
export function aspProgram({ pieces }: Page, language: 'vbscript' | 'jscript'): Program {
  if (language === 'jscript') {
    const tokens: ScriptToken[] = []
    for (const { kind, text, line } of pieces)
      scriptTokens(kind === 'expression' ? `Response.Write(${text}\n)` : text, line, tokens)
    return jscriptProgram(tokens, language)
  }
  const tokens: BasicToken[] = []
  for (const { kind, text, line } of pieces) basicTokens(kind === 'expression' ? `response.write ${text}` : text, line, tokens)
  return basicProgram(tokens, language)
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
