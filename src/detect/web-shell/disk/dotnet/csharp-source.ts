import type { Piece } from '../page/pieces.ts'
import { SourceText } from '../page/source.ts'

/** The class of the page itself, and the method its code blocks run in. */
export const PAGE_CLASS = '_Page'
export const RENDER_METHOD = '__Render'

/** The C# a server would make of a page: server scripts become members of a class, blocks and expressions the body of one method. */
export function csharpOfPage(pieces: readonly Piece[]): SourceText {
  const source = new SourceText()
  const unit = pieces.find(({ kind }) => kind === 'unit')
  if (unit) {
    source.add(unit.text, unit.line)
    return source
  }
  source.add(`class ${PAGE_CLASS} : Page {`, 1)
  for (const { kind, text, line } of pieces) if (kind === 'declaration') source.add(text, line)
  source.add(`void ${RENDER_METHOD}() {`, 1)
  for (const { kind, text, line } of pieces) {
    if (kind === 'code') source.add(text, line)
    else if (kind === 'expression') {
      source.add('Response.Write(', line)
      source.add(text, line)
      source.add(');', line)
    }
  }
  source.add('}', 1)
  source.add('}', 1)
  return source
}
