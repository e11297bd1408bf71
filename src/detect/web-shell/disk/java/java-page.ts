import type { SyntaxParsers } from '../../../../model/index.ts'
import { jscriptProgram } from '../asp/jscript-program.ts'
import { scriptTokens } from '../asp/jscript-tokens.ts'
import type { Page } from '../page/pieces.ts'
import type { Program, Statement } from '../program.ts'
import { javaProgram } from './java-program.ts'
import { javaOfPage, javaOfUnit } from './java-source.ts'

/** A JSP in the common form; undefined when the parser's limits were met. */
export function javaPageProgram(page: Page, grammars: SyntaxParsers): Program | undefined {
  const source = javaOfPage(page)
  const parsed = grammars.parse('java', source.text)
  if (parsed === undefined) return undefined
  const program = javaProgram(source, parsed)
  const expressions = expressionLanguage(page)
  return expressions.length === 0 ? program : { ...program, body: [...program.body, ...expressions] }
}

/** A source file of Java in the common form. */
export function javaUnitProgram(text: string, grammars: SyntaxParsers): Program | undefined {
  const source = javaOfUnit(text)
  const parsed = grammars.parse('java', source.text)
  return parsed && javaProgram(source, parsed)
}

/** `${…}` of a page: its grammar (Jakarta Expression Language 5.0 chapter 1) is that of JScript's expressions as far as calls and members go. */
function expressionLanguage({ pieces }: Page): Statement[] {
  const statements: Statement[] = []
  for (const { kind, text, line } of pieces) {
    // A name or a chain of members shows a value and does nothing.
    if (kind !== 'el' || !text.includes('(')) continue
    statements.push(...jscriptProgram(scriptTokens(text, line), 'jscript').body)
  }
  return statements
}
