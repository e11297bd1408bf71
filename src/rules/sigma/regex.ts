import { RE2JS } from 're2js'
import type { RegexFlags } from './ast.ts'
import { plainRegex } from './plain-regex.ts'

/** Longer than any expression a person writes; the automaton of RE2 grows with it. */
const MAX_EXPRESSION = 10_000
/** Steps of RE2's program: where its automaton cannot be used, each character costs at most one visit of each (2 s for 32,000 letters). */
const MAX_PROGRAM = 2_000

/**
 * Checks a regular expression; a text says why it cannot be used. Matching is done by RE2 (github.com/google/re2/wiki/Syntax), whose
 * time grows with the text and not with its powers, so no expression can hold up a hunt; the plainest ones, which cannot either, are
 * given to the faster engine of JavaScript.
 */
export function regexOf(source: string, flags: RegexFlags): { readonly source: string; readonly flags: RegexFlags } | string {
  if (source === '') return 'an empty regular expression matches everything'
  if (source.length > MAX_EXPRESSION) return `a regular expression of more than ${MAX_EXPRESSION} characters`
  const beyond = beyondRe2(source)
  if (beyond !== undefined) return `regular expression: ${beyond}`
  try {
    const size = compileRegex(source, flags).programSize()
    return size > MAX_PROGRAM
      ? `regular expression: its counted repetitions make ${size} steps, ${MAX_PROGRAM} are allowed`
      : { source, flags }
  } catch (error) {
    return `regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** A search anywhere in a text; minds case unless flag `i` is set. */
export function regexTest(source: string, flags: RegexFlags): (text: string) => boolean {
  const plain = plainRegex(source, flags)
  return plain ? text => plain.test(text) : re2Test(source, flags)
}

/** The same by RE2, whatever the expression. */
export function re2Test(source: string, flags: RegexFlags): (text: string) => boolean {
  const expression = compileRegex(source, flags)
  return text => expression.test(text)
}

function compileRegex(source: string, flags: RegexFlags): RE2JS {
  return RE2JS.compile(
    endingAsPcre(source, flags),
    (flags.i ? RE2JS.CASE_INSENSITIVE : 0) | (flags.m ? RE2JS.MULTILINE : 0) | (flags.s ? RE2JS.DOTALL : 0),
  )
}

/** A letter behind a backslash, text between \\Q and \\E, or a class: where "$" is a letter. */
const LETTERS = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]/gs

/** In PCRE, which Sigma names, "$" also stands before a line end that is the last character of the text; in RE2 only behind it. */
function endingAsPcre(source: string, flags: RegexFlags): string {
  if (!source.includes('$') || flags.m || /\(\?[a-z]*m/i.test(source)) return source
  let ending = ''
  let at = 0
  const marks = (text: string) => text.replaceAll('$', () => '(?:\\n?\\z)')
  for (const { 0: letters, index } of source.matchAll(LETTERS)) {
    ending += marks(source.slice(at, index)) + letters
    at = index + letters.length
  }
  return ending + marks(source.slice(at))
}

/** What only a backtracking engine can do, in words. */
function beyondRe2(source: string): string | undefined {
  const bare = source.replace(/\\[^1-9kg]/gs, 'x').replace(/\[\^?\]?[^\]]*\]/gs, 'x')
  if (/\(\?<?[=!]/.test(bare)) return 'looking ahead or behind ("(?=", "(?!", "(?<=", "(?<!") is not part of Sigma'
  if (/\\[1-9kg]/.test(bare)) return 'a back-reference ("\\1") is not part of Sigma'
  if (/\(\?>|[*+?}]\+/.test(bare)) return 'a possessive quantifier or atomic group is not part of Sigma'
  return undefined
}
