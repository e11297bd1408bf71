import type { SyntaxParsers } from '../../../../model/index.ts'
import { basicProgram } from '../asp/basic-program.ts'
import { type BasicToken, basicTokens } from '../asp/basic-tokens.ts'
import { jscriptProgram } from '../asp/jscript-program.ts'
import { type ScriptToken, scriptTokens } from '../asp/jscript-tokens.ts'
import type { Page } from '../page/pieces.ts'
import type { Program } from '../program.ts'
import { csharpProgram } from './csharp-program.ts'
import { csharpOfPage } from './csharp-source.ts'
import type { DotnetPage } from './dotnet-dialect.ts'

/** The language of a page's code: what a directive or script element names, else C#. */
export function dotnetLanguage({ language, pieces }: Page): DotnetPage['language'] {
  const named = (language || (pieces.find(piece => piece.language !== '')?.language ?? '')).toLowerCase()
  if (/^(?:vb|visualbasic)/.test(named)) return 'vb'
  if (/^j(?:s|script|avascript)/.test(named)) return 'jscript'
  if (named !== '') return 'csharp'
  // ASP.NET reads what names no language as Visual Basic; what looks like something else was meant for a server set up otherwise.
  const text = pieces.map(piece => piece.text).join('\n')
  if (/\beval\s*\(\s*Request\b/i.test(text)) return 'jscript'
  return BASIC.test(text) && !/;[ \t\r]*$/m.test(text) ? 'vb' : 'csharp'
}

/** Words at places where only Basic has them. */
const BASIC = /\bThen\b|^\s*(?:Dim|Sub|Function|Imports)\s|\bEnd\s+(?:If|Sub|Function)\b|\bCreateObject\s*\(/im

/** Controls the visitor fills, by id: `<asp:TextBox id="x">`, `<input id="x" runat="server">`. */
export function dotnetPageOf(text: string, page: Page): DotnetPage {
  const controls = new Map<string, string>()
  for (const [, tag = '', attributes = ''] of text.matchAll(/<(asp:\w+|input|textarea)\b([^>]{0,1000})>/gi)) {
    if (!tag.includes(':') && !/runat\s*=\s*["']?server/i.test(attributes)) continue
    const id = /\bid\s*=\s*["']?([\w]+)/i.exec(attributes)?.[1]
    const isFile = /\btype\s*=\s*["']?file/i.test(attributes)
    if (id !== undefined && controls.size < 2_000)
      controls.set(id.toLowerCase(), isFile ? 'input-file' : tag.toLowerCase().replace(/^asp:/, ''))
  }
  return {
    language: dotnetLanguage(page),
    controls,
    isService: page.directives.some(({ name }) => name === 'webservice' || name === 'servicehost'),
  }
}

/** The code of a page in the common form; undefined when the parser's limits were met. */
export function dotnetProgram({ pieces }: Page, language: DotnetPage['language'], grammars: SyntaxParsers): Program | undefined {
  if (language === 'vb') {
    const tokens: BasicToken[] = []
    for (const { kind, text, line } of pieces) basicTokens(kind === 'expression' ? `response.write ${text}` : text, line, tokens)
    return basicProgram(tokens, language)
  }
  if (language === 'jscript') {
    const tokens: ScriptToken[] = []
    for (const { kind, text, line } of pieces)
      scriptTokens(kind === 'expression' ? `Response.Write(${text}\n)` : text, line, tokens)
    return jscriptProgram(tokens, language)
  }
  const source = csharpOfPage(pieces)
  const parsed = grammars.parse('c-sharp', source.text)
  return parsed && csharpProgram(source, parsed)
}
