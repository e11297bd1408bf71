import type { ParsedSyntax, SyntaxParsers } from '../../../../model/index.ts'
import { jscriptProgram } from '../asp/jscript-program.ts'
import { scriptTokens } from '../asp/jscript-tokens.ts'
import type { Page } from '../page/pieces.ts'
import type { Program, Statement } from '../program.ts'
import { javaProgram } from './java-program.ts'
import { javaOfPage, javaOfUnit } from './java-source.ts'

/** A JSP in the common form; undefined when the parser's limits were met. */
export function javaPageProgram(page: Page, grammars: SyntaxParsers): Program | undefined {
  const whole = javaOfPage(page)
  const tree = grammars.parse('java', whole.text)
  if (tree === undefined) return undefined
  const mended = tree.errors > 0 ? withoutLostEscape(page) : undefined
  const other = mended && javaOfPage(mended)
  const otherTree = other && grammars.parse('java', other.text)
  const program =
    other && otherTree && otherTree.errors < tree.errors
      ? javaProgram(other, otherTree)
      : (isBroken(tree) && codeAlone(page, grammars)) || javaProgram(whole, tree)
  const expressions = expressionLanguage(page)
  return expressions.length === 0 ? program : { ...program, body: [...program.body, ...expressions] }
}

/** `"\")`, where the text should end: a backslash of two was lost on the way. */
function withoutLostEscape(page: Page): Page | undefined {
  if (!page.pieces.some(({ text }) => text.includes('"\\")'))) return undefined
  return { ...page, pieces: page.pieces.map(piece => ({ ...piece, text: piece.text.replaceAll('"\\")', '"\\\\")') })) }
}

/** Nothing of the class around the page could be read. */
function isBroken({ root, errors }: ParsedSyntax): boolean {
  return errors > 0 && (root.type === 'ERROR' || root.children.some(({ type, start }) => type === 'ERROR' && start === 0))
}

/** The code of a page without its declarations, where those cannot be read and it can. */
function codeAlone(page: Page, grammars: SyntaxParsers): Program | undefined {
  const source = javaOfPage({ ...page, pieces: page.pieces.filter(({ kind }) => kind !== 'declaration') })
  const tree = grammars.parse('java', source.text)
  return tree && !isBroken(tree) ? { ...javaProgram(source, tree), errors: tree.errors + 1 } : undefined
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
