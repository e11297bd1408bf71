import type { Page } from '../page/pieces.ts'
import { SourceText } from '../page/source.ts'
import { withoutUnicodeEscapes } from './unicode-escapes.ts'

/** The method a page's code runs in (Jakarta Server Pages 3.1 section 11). */
export const SERVICE_METHOD = '_jspService'
/** The class of the page itself. */
export const PAGE_CLASS = '_Page'
const HEAD = `class ${PAGE_CLASS} extends HttpJspBase {`
const SERVICE = `public void ${SERVICE_METHOD}(HttpServletRequest request, HttpServletResponse response) {`

/** The Java a server would make of a page: declarations become members of a class, the rest the body of its service method. */
export function javaOfPage({ pieces }: Page): SourceText {
  const source = new SourceText()
  source.add(HEAD, 1)
  for (const { kind, text, line } of pieces) if (kind === 'declaration') source.addRows(withoutUnicodeEscapes(text, line))
  source.add(SERVICE, 1)
  for (const { kind, text, line } of pieces) {
    if (kind === 'code') source.addRows(withoutUnicodeEscapes(text, line))
    else if (kind === 'expression') {
      const rows = withoutUnicodeEscapes(text, line)
      // A comment at the end of an expression must not swallow what closes it.
      source.addRows([{ text: 'out.print(', line }, ...rows, { text: ');', line: rows.at(-1)?.line ?? line }])
    }
  }
  source.add('}', 1)
  source.add('}', 1)
  return source
}

/** A source file of its own. */
export function javaOfUnit(text: string): SourceText {
  const source = new SourceText()
  source.addRows(withoutUnicodeEscapes(text, 1))
  return source
}
