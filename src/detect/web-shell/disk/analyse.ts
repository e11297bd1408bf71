import {
  type ScriptLanguage,
  type SyntaxParsers,
  scriptLanguageOf,
  scriptLanguageOfName,
  serverCodeOf,
  type VictimFile,
} from '../../../model/index.ts'
import { cfmlMayDoHarm, cfmlSigns } from './cfml.ts'
import { cgiLanguageOf, cgiMayDoHarm, cgiSigns } from './cgi.ts'
import { configurationOf, judgeConfiguration } from './configuration.ts'
import { isTold } from './dotnet/dotnet-source.ts'
import { latin1 } from './inflate.ts'
import { readClassFile } from './java/class-file.ts'
import { compiledSigns } from './java/compiled-class.ts'
import { examinePage, type PageKind } from './page/examine.ts'
import { pageKindsOf } from './page/kinds.ts'
import { pageMayDoHarm } from './page/prefilter.ts'
import { bytesOf } from './php/bytes.ts'
import { glanceAt } from './php/glance.ts'
import { judgePhp } from './php/judge.ts'
import { faceOf } from './php/repertoire.ts'
import { isWorthParsing } from './php/worth-parsing.ts'
import { mayDoHarm } from './prefilter.ts'
import { HIT, PAGE_HIT, verdictOf, type Weighed, weighed } from './score.ts'
import { hasServerCommands, serverIncludeSigns } from './server-include.ts'
import type { CodeLanguage, DecodedLayer, FlowStep, Judgement, Verdict } from './verdict.ts'
import { nothingToJudge } from './verdict.ts'
import { judgeByWords } from './words.ts'

/** What is needed of a file: its name only helps, its bytes decide. */
export type InspectedFile = Pick<VictimFile, 'path' | 'bytes' | 'text'> & {
  /** The bytes one character each, where whoever read the file has a quick way to it. */
  readonly oneByteEach?: string
}

/** Judges one file by its content. Without grammars, or where a file cannot be parsed, it is judged by its words, and that is said. */
export function analyse(file: InspectedFile, parsers?: SyntaxParsers): Judgement {
  const configuration = configurationOf(file.path)
  if (configuration && configuration !== 'web-config') {
    const reasons = judgeConfiguration(configuration, file.text)
    // Shell code may stand in the comments of the very file that makes it run.
    const code = reasons.length > 0 || /<\?/.test(file.text) ? php(file, parsers) : undefined
    return judgement(
      configuration,
      [...reasons, ...(code?.reasons.map(reason => ({ ...reason, speaks: 'web-shell' as const, group: 'code' })) ?? [])],
      {
        parsed: true,
        decoded: code?.decoded ?? [],
      },
    )
  }
  if (configuration === 'web-config') {
    const reasons = judgeConfiguration(configuration, file.text)
    if (reasons.length > 0) return judgement(configuration, reasons, { parsed: true, decoded: [] })
  }
  const compiled = readClassFile(file.bytes)
  if (compiled) return judgement('java', compiledSigns(compiled), { parsed: true, decoded: [] })
  const plain = plainText(file)
  const language = scriptLanguageOf(file.path, plain)
  const judged = language === 'php' ? [php(file, parsers)] : []
  const code = serverCodeOf(file.path, plain)
  if (code === 'cgi') judged.push(program(file.path, plain))
  if (code === 'cfml') judged.push(coldFusion(plain))
  if (hasServerCommands(plain)) judged.push(judgement('script', serverIncludeSigns(plain), { parsed: true, decoded: [] }))
  // A page of another server may hold text of PHP, and the other way round: each reads it in its own way.
  for (const kind of pageKindsOf(file.path, plain)) judged.push(page(file, kind, parsers))
  if (judged.length === 0 && code === undefined && file.bytes.length <= MAX_FRAGMENT) {
    const fragment = withTags(file.path, plain)
    if (fragment) return analyse(fragment, parsers)
  }
  if (judged.length === 0) return language === undefined ? (face(file) ?? nothingToJudge('none')) : byWords(file, language)
  return judged.reduce((worst, next) => (rankOf(next) > rankOf(worst) ? next : worst))
}

function face({ path, bytes }: InspectedFile): Judgement | undefined {
  if (scriptLanguageOfName(path) !== 'php') return undefined
  const { verdict, ...about } = judgement('php', faceOf(glanceAt(bytes)), { parsed: true, decoded: [] })
  return verdict === 'clean' ? undefined : { ...about, verdict }
}

/** Larger files without a tag are data. */
const MAX_FRAGMENT = 256 << 10

/** Code without the tags that make it run: a piece to be put into a page, or what a loader fetches. Named after a page, it is read like one. */
function withTags(path: string, text: string): InspectedFile | undefined {
  const [, ending = ''] = /\.(php\d?|phtml|inc|asp|asa|cer)$/i.exec(path) ?? []
  const language = /^(?:asp|asa|cer)$/i.test(ending) ? 'asp' : 'php'
  if (ending === '' || /<[?%]/.test(text) || !(language === 'php' ? PHP_ORDERS : ASP_ORDERS).test(text)) return undefined
  // A value that ends the text it is put into, and goes on with an order: `1":eval …`.
  const open = language === 'asp' && /^[^"\n]{0,200}"\s*:/.test(text) ? 'x="' : ''
  const whole = language === 'php' ? `<?php ${text}` : `<%${open}${text}%>`
  return { path, text: whole, bytes: bytesOf(whole) }
}

const PHP_ORDERS = /\$_(?:GET|POST|REQUEST|COOKIE|FILES)\b|base64_decode\s*\(|\b(?:eval|assert)\s*\(/i
const ASP_ORDERS = /\b(?:eval|execute(?:global)?)[\s(]{1,4}(?:request|session)\b/i

const RANKS: readonly Verdict[] = ['clean', 'suspicious', 'uploader', 'dropper', 'web-shell']

function rankOf({ verdict, score, prefiltered }: Judgement): number {
  return RANKS.indexOf(verdict) * 1_000 + score + (prefiltered ? 0 : 0.5)
}

/** A program the server starts: there is no grammar for these languages, so its words are followed, and that is said. */
function program(path: string, text: string): Judgement {
  if (!cgiMayDoHarm(text)) return nothingToJudge('script')
  const language = cgiLanguageOf(path, text)
  return judgement('script', cgiSigns(text), { parsed: false, decoded: [], whyNotParsed: noGrammar(language) })
}

function coldFusion(text: string): Judgement {
  if (!cfmlMayDoHarm(text)) return nothingToJudge('cfml')
  return judgement('cfml', cfmlSigns(text), { parsed: false, decoded: [], whyNotParsed: noGrammar('ColdFusion') })
}

const noGrammar = (language: string) => `judged by its words: there is no grammar for ${language}`

function page(file: InspectedFile, kind: PageKind, parsers: SyntaxParsers | undefined): Judgement {
  const isSource = kind === 'csharp' || kind === 'vb'
  const language = isSource ? kind : CODE_LANGUAGE[PAGE_LANGUAGE[kind]]
  if (!pageMayDoHarm(file.text, file.bytes) || (isSource && !isTold(file.path, file.text))) return nothingToJudge(language)
  const found = parsers && examinePage(kind, file, parsers)
  if (!found) return byWords(file, PAGE_LANGUAGE[kind], 'no grammar was loaded')
  const { observed, page: about, signs, whyNotParsed } = found
  const words = whyNotParsed === undefined ? [] : wordReasons(file)
  return judgement(found.language, [...(observed ? weighed(observed, about) : []), ...signs, ...words], {
    parsed: observed !== undefined,
    decoded: observed?.decoded ?? [],
    ...(whyNotParsed === undefined ? {} : { whyNotParsed }),
  })
}

const PAGE_LANGUAGE: Readonly<Record<PageKind, ScriptLanguage>> = {
  jsp: 'jsp',
  java: 'jsp',
  aspx: 'aspx',
  asp: 'asp',
  csharp: 'aspx',
  vb: 'aspx',
}

/** Lines may end with a carriage return alone, and comments with them. */
function withLines(text: string): string {
  return text.includes('\n') ? text : text.replaceAll('\r', '\n')
}

const oneByteEach = new TextDecoder('latin1')

/** The words of a file that matter are ASCII: only text of two bytes a character has to be decoded for them. */
function plainText(file: InspectedFile): string {
  return isWide(file) ? file.text : (file.oneByteEach ?? oneByteEach.decode(file.bytes))
}

/** UTF-16, by its mark. */
function isWide({ bytes: [first, second] }: InspectedFile): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

interface Basis {
  readonly parsed: boolean
  readonly decoded: readonly DecodedLayer[]
  readonly whyNotParsed?: string
}

function judgement(language: CodeLanguage, weighed: readonly Weighed[], basis: Basis): Judgement {
  const { verdict, score, reasons } = verdictOf(weighed, PAGE_LANGUAGES.has(language) ? PAGE_HIT : HIT)
  const flow: readonly FlowStep[] = reasons.find(reason => reason.flow)?.flow ?? []
  return {
    verdict,
    language,
    score,
    does: verdict === 'clean' ? '' : (reasons.find(({ does }) => does !== undefined)?.does ?? 'deserves a look'),
    techniques: [...new Set(['T1505.003', ...reasons.slice(0, 3).flatMap(({ techniques }) => techniques ?? [])])],
    reasons: reasons.slice(0, MAX_REASONS).map(({ what, line, weight }) => ({ what, line, weight })),
    flow,
    decoded: basis.decoded,
    parsed: basis.parsed,
    prefiltered: false,
    ...(basis.whyNotParsed === undefined ? {} : { whyNotParsed: basis.whyNotParsed }),
  }
}

const PAGE_LANGUAGES: ReadonlySet<CodeLanguage> = new Set(['jsp', 'csharp', 'vb', 'vbscript', 'jscript'])

/** The strongest reasons are enough to understand a judgement. */
const MAX_REASONS = 20

function php(file: InspectedFile, parsers: SyntaxParsers | undefined): Judgement {
  const plain = withLines(plainText(file))
  const glance = glanceAt(isWide(file) ? bytesOf(plain) : file.bytes)
  if (!mayDoHarm(plain, glance) || !isWorthParsing(plain, glance)) return nothingToJudge('php')
  const text = isWide(file) ? file.text : (file.oneByteEach ?? latin1(file.bytes))
  const found = parsers && judgePhp(text, parsers, glance)
  if (!found) return byWords(file, 'php', parsers ? (parsers.whyNone ?? 'the parser met its limits') : 'no grammar was loaded')
  const whole = found.errors === 0 && found.cut === undefined
  const words = whole ? [] : wordReasons(file, found.cut === undefined)
  return judgement('php', [...found.reasons, ...words], {
    parsed: found.cut === undefined,
    decoded: found.decoded,
    ...(found.cut === undefined ? {} : { whyNotParsed: found.cut }),
  })
}

const MAX_READ_TWICE = 128 << 10
const ENDS = 64 << 10

function endsOf({ path, bytes, text }: InspectedFile): InspectedFile {
  return { path, bytes, text: `${text.slice(0, ENDS)}\n${text.slice(-ENDS)}` }
}

const WEIGHT: Readonly<Record<string, number>> = { critical: 100, high: 70, medium: 35, low: 15 }

/** What the words alone say: source and sink near each other, without a syntax tree. */
function wordReasons(file: InspectedFile, parsed = false): Weighed[] {
  // Following words takes time with the length of a text: what a parser could read is not read again, and of the rest both ends count.
  if (parsed && file.bytes.length > MAX_READ_TWICE) return []
  const match = judgeByWords(file.bytes.length > MAX_READ_TWICE ? endsOf(file) : file)?.match
  if (match === undefined) return []
  const why = match.why ?? match.title
  return [
    {
      what: why,
      line: Number(/line (\d+)/.exec(why)?.[1] ?? 1),
      weight: WEIGHT[match.severity ?? 'critical'] ?? 0,
      speaks: /writes any file/.test(match.title) ? 'uploader' : 'web-shell',
      group: 'words',
    },
  ]
}

const CODE_LANGUAGE: Readonly<Record<ScriptLanguage, CodeLanguage>> = { php: 'php', jsp: 'jsp', aspx: 'csharp', asp: 'vbscript' }

function byWords(file: InspectedFile, language: ScriptLanguage, why = 'judged by its words'): Judgement {
  return judgement(CODE_LANGUAGE[language], wordReasons(file), { parsed: false, decoded: [], whyNotParsed: why })
}
