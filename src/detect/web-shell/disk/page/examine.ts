import type { SyntaxParsers } from '../../../../model/index.ts'
import { aspDialect } from '../asp/asp-dialect.ts'
import { aspCode, aspLanguage, aspPageOf, aspProgram } from '../asp/asp-page.ts'
import { decodeScript } from '../asp/script-encoder.ts'
import type { Dialect } from '../dialect.ts'
import { dotnetDialect } from '../dotnet/dotnet-dialect.ts'
import { dotnetPageOf, dotnetProgram } from '../dotnet/dotnet-page.ts'
import { dotnetSourceOf } from '../dotnet/dotnet-source.ts'
import { type Observed, observe, type ReadCode } from '../flow.ts'
import { javaDialect } from '../java/java-dialect.ts'
import { javaPageProgram, javaUnitProgram } from '../java/java-page.ts'
import type { Program } from '../program.ts'
import type { PageContext, Weighed } from '../score.ts'
import type { CodeLanguage } from '../verdict.ts'
import { decodeChinese, decodeEbcdic, decodeUtf7, isUtf7 } from './charsets.ts'
import { type Page, takeApart } from './pieces.ts'
import { isRazor, takeApartRazor } from './razor.ts'
import { pageReasons } from './reasons.ts'
import { pageSigns } from './signs.ts'

/** What kind of server runs a page. */
export type PageKind = 'jsp' | 'java' | 'aspx' | 'asp' | 'csharp' | 'vb'

/** What was found out about one page. */
export interface Examined {
  readonly language: CodeLanguage
  /** Undefined when the page could not be parsed. */
  readonly observed: Observed | undefined
  readonly signs: readonly Weighed[]
  readonly page: PageContext
  readonly whyNotParsed?: string
}

export interface PageFile {
  readonly path: string
  readonly text: string
  readonly bytes: Uint8Array
}

/** Reads and follows a page that is no PHP. */
export function examinePage(kind: PageKind, { path, text, bytes }: PageFile, grammars: SyntaxParsers): Examined {
  const plain = readable(kind, text, bytes)
  const { signs, hidden } = pageSigns(text === plain || text.length + plain.length > MAX_SIGNS ? plain : `${text}\n${plain}`)
  const { language, program, dialect, readCode } = programOf(kind, path, plain, grammars)
  const page = {
    size: text.length,
    partOfApplication: isSource(kind) || PART_OF_APPLICATION.test(plain) || isLibrary(program),
    hidden,
    hasField: FIELD.test(plain),
  }
  if (program === undefined)
    return { language, observed: undefined, signs, page, whyNotParsed: grammars.whyNone ?? 'the parser met its limits' }
  const observed = observe(program, dialect, readCode)
  const whyNotParsed =
    program.cut ??
    (program.errors > 0 && program.body.length === 0 && program.functions.length === 0
      ? 'nothing in it could be read'
      : undefined)
  return {
    language,
    observed,
    signs: [...signs, ...pageReasons(observed, page)],
    page,
    ...(whyNotParsed === undefined ? {} : { whyNotParsed }),
  }
}

/** Compiled together with others. */
const isSource = (kind: PageKind) => kind === 'csharp' || kind === 'vb'

const FIELD =
  /<textarea\b|<input\b(?![^>]{0,300}\btype\s*=\s*["']?(?:hidden|button|submit|checkbox|radio|image|reset|password)\b)/i

/** Classic ASP: classes for the pages that include them, and no word that runs by itself. */
function isLibrary(program: Program | undefined): boolean {
  return program !== undefined && program.language === 'vbscript' && program.classes.length > 0 && program.body.length === 0
}

/** Takes in other files of its own, has its code elsewhere, or is made of tags of a framework. */
const PART_OF_APPLICATION =
  /<!--\s*#include\b|<%@\s*include\b|<jsp:include\b|<%@\s*register\b|<%@\s*assembly\s+(?:name|src)\s*=\s*["']?(?!system\b|microsoft\b|mscorlib\b)|\b(?:inherits|codebehind|codefile|masterpagefile)\s*=|<%@\s*taglib\b/i

/** Signs are searched in what is written and in what it spells, as long as that is not too much. */
const MAX_SIGNS = 1 << 20

/** Other spellings of the same page: encodings a server reads and a search does not. */
function readable(kind: PageKind, text: string, bytes: Uint8Array): string {
  const other = kind === 'jsp' ? decodeEbcdic(bytes) : undefined
  if (other !== undefined) return other
  if (kind === 'java' || isSource(kind)) return text
  if (kind === 'jsp') return withTags(text)
  // Where no other reading is found a text is one byte a character.
  const wide = ONE_BYTE_EACH.test(text) ? decodeChinese(bytes) : undefined
  return withTags(decodeScript(isUtf7(text) ? decodeUtf7(text) : (wide ?? text)))
}

const ONE_BYTE_EACH = /^[\x00-\xff]*[\x80-\xff][\x00-\xff]*$/

/** Tags that were taken apart (`< %`) so that nothing runs the page where it was shown: it is the page all the same. */
function withTags(page: string): string {
  // Quotes of a word processor in a directive: the page was copied out of an article, and so was the rest of it.
  const text =
    /<\s?%@[^%>]{0,200}=\s*[\u201c\u201d]/.test(page) || (/<\s%/.test(page) && !page.includes('<%')) || isTypeset(page)
      ? page.replace(/[\u201c\u201d]/g, '"').replace(/[\u2018\u2019]/g, "'")
      : page
  return (text.includes('<%') && !/<\s%@/.test(text)) || !/<\s%/.test(text)
    ? text
    : text.replace(/<\s%(\s[@!=])?/g, (_, sign = '') => `<%${sign.trim()}`).replace(/%\s>/g, '%>')
}

/** So many quotes of a word processor in code, and hardly one of a keyboard. */
const TYPESET_FROM = 8

function isTypeset(page: string): boolean {
  if (!/[\u201c\u201d]/.test(page)) return false
  const code = (page.match(/<\s?%[^%]{0,4000}/g) ?? []).join('')
  const typeset = code.match(/[\u201c\u201d]/g)?.length ?? 0
  return typeset >= TYPESET_FROM && typeset > 4 * (code.match(/"/g)?.length ?? 0)
}

interface Read {
  readonly language: CodeLanguage
  readonly program: Program | undefined
  readonly dialect: Dialect
  readonly readCode: ReadCode
}

const NO_CODE: ReadCode = () => undefined

function programOf(kind: PageKind, path: string, text: string, grammars: SyntaxParsers): Read {
  if (kind === 'java')
    return { language: 'java', program: javaUnitProgram(text, grammars), dialect: javaDialect(), readCode: NO_CODE }
  if (kind === 'csharp' || kind === 'vb') return source(kind, path, text, grammars)
  const page = kind === 'aspx' && isRazor(path, text) ? takeApartRazor(path, text) : takeApart(text, { java: kind === 'jsp' })
  if (kind === 'jsp')
    return { language: 'jsp', program: javaPageProgram(page, grammars), dialect: javaDialect(), readCode: NO_CODE }
  return kind === 'asp' && !isDotnet(page) ? asp(page, text) : dotnet(page, text, grammars)
}

/** A page in a language classic ASP does not have. */
function isDotnet({ language }: Page): boolean {
  return /^(?:c#|cs|csharp|vb$|vb\.net)/.test(language)
}

function asp(page: Page, text: string): Read {
  const named = page.language || (page.pieces.every(piece => piece.language !== '') ? (page.pieces[0]?.language ?? '') : '')
  const language = aspLanguage(named, 'vbscript')
  const program = aspProgram(page, language)
  // Code in both languages ignores case as far as one of them does.
  const spoken = program.language === 'jscript' ? 'jscript' : 'vbscript'
  return {
    language: spoken,
    program,
    dialect: aspDialect(spoken, aspPageOf(text)),
    readCode: (code, line) => aspCode(code, line, language),
  }
}

/** A source ASP.NET compiles: App_Code, the code behind a page or an application. */
function source(language: 'csharp' | 'vb', path: string, text: string, grammars: SyntaxParsers): Read {
  const about = dotnetSourceOf(path, text, language)
  const unit: Page = { pieces: [{ kind: 'unit', text, line: 1, language: '' }], directives: [], language: '' }
  return { language, program: dotnetProgram(unit, language, grammars), dialect: dotnetDialect(about), readCode: NO_CODE }
}

function dotnet(page: Page, text: string, grammars: SyntaxParsers): Read {
  const about = dotnetPageOf(text, page)
  return {
    language: about.language,
    program: dotnetProgram(page, about.language, grammars),
    dialect: dotnetDialect(about),
    readCode: about.language === 'jscript' ? (code, line) => aspCode(code, line, 'jscript') : NO_CODE,
  }
}
