import type { SyntaxParsers } from '../../../../model/index.ts'
import type { Program } from '../program.ts'
import { lowerPhp } from './lower.ts'
import { lineFinder, parseable } from './text.ts'

/** A PHP file in the common form; undefined when the parser's limits were met. `text` is one character a byte. */
export function readPhp(text: string, parsers: SyntaxParsers): Program | undefined {
  const parsed = parsers.parse('php', parseable(text))
  return parsed && lowerPhp(parsed, text, lineFinder(text))
}

/** Code handed to `eval`: it begins in PHP, not in HTML. */
export function readPhpCode(code: string, line: number, firstFunction: number, parsers: SyntaxParsers): Program | undefined {
  const text = `<?php ${code}`
  const parsed = parsers.parse('php', parseable(text))
  return parsed && lowerPhp(parsed, text, () => line, firstFunction)
}
