import {
  type Confidence,
  type Match,
  type ScriptLanguage,
  type Severity,
  scriptLanguageOf,
  type VictimFile,
} from '../../../model/index.ts'
import { jScript, vbNet, vbScript } from '../content-basic.ts'
import { Code } from '../content-code.ts'
import { spelledWords } from '../content-constants.ts'
import { cSharp, cSharpRules } from '../content-dotnet.ts'
import { type Flow, flowsOf, type ScriptModel } from '../content-flow.ts'
import { java } from '../content-java.ts'
import type { CodeRegion } from '../content-lexer.ts'
import { php } from '../content-php.ts'
import { pageRegions, phpRegions, withoutXml } from '../content-regions.ts'

/** What a flow means. */
interface Judgement {
  readonly rank: number
  readonly severity: Severity
  readonly confidence: Confidence
  readonly what: string
  readonly techniques: readonly string[]
  readonly innocent?: string
  /** Why it matters, where it is not that of the card. */
  readonly why?: string
}

/** Why it matters, where a judgement says nothing of its own. */
export const WHY =
  'The page hands what a visitor sends to something that runs it: whoever knows its address runs commands on the server.'

/** The language of the code in a file and what its words say; undefined when no server would run it. */
export function judgeByWords(
  file: Pick<VictimFile, 'path' | 'text'>,
): { readonly language: ScriptLanguage; readonly match: Match | undefined } | undefined {
  const language = scriptLanguageOf(file.path, file.text)
  return language === undefined ? undefined : { language, match: matchOf(language, file) }
}

function matchOf(language: ScriptLanguage, file: Pick<VictimFile, 'path' | 'text'>): Match | undefined {
  const { text, regions, model } = scriptOf(language, file)
  const flows = flowsOf(text, regions, model)
  const spelled = spelledCommand(text, regions, model, flows)
  const judged = flows
    .map(flow => ({ flow, judgement: spelled !== undefined && flow.sink.kind === 'command' ? SPELLED : judgementOf(flow) }))
    .filter((entry): entry is { flow: Flow; judgement: Judgement } => entry.judgement !== undefined)
    .toSorted((a, b) => b.judgement.rank - a.judgement.rank || a.flow.sinkLine - b.flow.sinkLine)
  const [worst] = judged
  if (!worst) return undefined
  const { judgement } = worst
  return {
    title: `${file.path.slice(file.path.lastIndexOf('/') + 1)}: ${model.title} page that ${judgement.what}`,
    object: file.path,
    severity: judgement.severity,
    confidence: judgement.confidence,
    techniques: judgement.techniques,
    why: `${explain(judged.map(({ flow }) => flow))}${spelled === undefined ? '' : `; line ${spelled.line} spells "${spelled.word}" in numbers`}. ${judgement.why ?? WHY}`,
    ...(judgement.innocent === undefined ? {} : { innocent: judgement.innocent }),
  }
}

function scriptOf(
  language: ScriptLanguage,
  { path, text }: Pick<VictimFile, 'path' | 'text'>,
): { readonly text: string; readonly regions: readonly CodeRegion[]; readonly model: ScriptModel } {
  if (language === 'php') return { text, regions: phpRegions(text), model: php }
  const plain = /<jsp:(?:root|scriptlet|declaration|expression)/i.test(text) || /\.jspx$/i.test(path) ? withoutXml(text) : text
  const page = pageRegions(plain)
  if (language === 'jsp') return { text: plain, regions: page.regions, model: java }
  const basic = page.language.startsWith('vb')
  if (language === 'asp')
    return { text, regions: page.regions, model: /^j(?:ava)?script/.test(page.language) ? jScript(cSharpRules) : vbScript }
  return { text, regions: page.regions, model: basic ? vbNet : cSharp }
}

/** At most so many lines are quoted; they show the way, the file shows the rest. */
const QUOTED_FLOWS = 3

function explain(flows: readonly Flow[]): string {
  const said = flows
    .slice(0, QUOTED_FLOWS)
    .map(({ sink, sinkLine, origin }) =>
      origin === undefined
        ? `line ${sinkLine} calls ${sink.label}`
        : `${origin.label} of line ${origin.line} reaches ${sink.label} in line ${sinkLine}`,
    )
  const more = flows.length - said.length
  return `${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

const RUNS = ['T1505.003', 'T1059']

/** What shells put around a command of the caller: it does not narrow down what is run. */
const LAUNCHER =
  /\b(?:cmd(?:\.exe)?|command\.com|(?:ba|da|k|z)?sh|powershell(?:\.exe)?|pwsh|bin|usr|windows|winnt|system32|sudo|exec|start|command|nop|noni|enc|c|k|e|i|q|s|comspec)\b|[^a-z]+/gi

function judgementOf(flow: Flow): Judgement | undefined {
  const { sink, origin } = flow
  if (origin === undefined) return HIDES
  // PHP itself names the file an upload is kept in: nobody chooses that, but running it runs the upload.
  const ownName = origin.label.includes('[tmp_name]') && sink.kind !== 'include' && sink.kind !== 'code'
  if (ownName) return undefined
  if (sink.kind === 'file-write') return WRITES
  // An assertion about something that was unpacked elsewhere is a check.
  if (origin.kind === 'decoded' && origin.size === 0 && sink.label === 'assert()') return undefined
  if (origin.kind === 'decoded')
    return sink.kind === 'code' || sink.kind === 'class-loading' ? (origin.size >= PACKED_CODE ? PACKED : UNPACKS) : undefined
  switch (sink.kind) {
    case 'command':
      return origin.prefix.replace(LAUNCHER, '').length > 0 ? FIXED_COMMAND : COMMANDS
    case 'code':
      return CODE
    case 'class-loading':
      return LOADS
    case 'dynamic-call':
      return CALLS
    case 'include':
      return origin.prefix === '' ? INCLUDES : undefined
    default:
      return sink.kind satisfies never
  }
}

/** A statement of code, packed, is longer than this; settings and names are shorter. */
const PACKED_CODE = 40

/** What the request says is run as it comes. */
const CERTAIN = { rank: 9, severity: 'critical', confidence: 'high' } as const
/** A hole of a program, or a door. */
const DOUBTFUL = { rank: 3, severity: 'medium', confidence: 'low' } as const

const COMMANDS: Judgement = {
  ...CERTAIN,
  what: 'runs commands of the request',
  techniques: RUNS,
}
const CODE: Judgement = { ...CERTAIN, what: 'runs code of the request', techniques: RUNS }
const LOADS: Judgement = {
  ...CERTAIN,
  what: 'loads classes sent by the request',
  techniques: ['T1505.003', 'T1620'],
}
const SPELLED: Judgement = {
  ...CERTAIN,
  what: 'runs commands and hides their words in numbers',
  techniques: [...RUNS, 'T1027'],
}
const CALLS: Judgement = {
  rank: 8,
  severity: 'high',
  confidence: 'moderate',
  what: 'calls functions named by the request',
  techniques: ['T1505.003'],
  innocent: 'a program that chooses its own actions by a parameter and checks the name in a way not recognised here',
}
const PACKED: Judgement = {
  rank: 7,
  severity: 'high',
  confidence: 'moderate',
  what: 'runs code it carries packed',
  techniques: ['T1505.003', 'T1027'],
  innocent: 'a commercial product whose maker packs its code against copying',
  why: 'What the page does shows only when the text is unpacked; web shells are packed so that scanners and readers pass over them.',
}
const UNPACKS: Judgement = {
  rank: 4,
  severity: 'medium',
  confidence: 'low',
  what: 'unpacks text and runs it as code',
  techniques: ['T1505.003', 'T1027'],
  innocent: 'an extension that keeps pieces of code of its administrator in the database',
  why: 'What the page does depends on text that lies elsewhere, where an intruder may have put it.',
}
const HIDES: Judgement = {
  rank: 4,
  severity: 'medium',
  confidence: 'moderate',
  what: 'hides the name of a function that runs commands or code',
  techniques: ['T1505.003', 'T1027'],
  innocent: 'a compatibility layer that calls functions by name where they may be missing',
  why: 'A name is put together from pieces when a search for it shall find nothing.',
}
const FIXED_COMMAND: Judgement = {
  ...DOUBTFUL,
  what: 'puts request values into a command',
  techniques: RUNS,
  innocent:
    'a diagnosis page (ping, look-up, conversion) that does not escape its input: a hole, but not put there by an intruder',
  why: 'Unless the value is checked, a visitor adds commands of his own to the one of the page.',
}
const INCLUDES: Judgement = {
  ...DOUBTFUL,
  what: 'includes the file the request names',
  techniques: ['T1505.003'],
  innocent: 'an old page switch that does not check its input: a hole, but not put there by an intruder',
  why: 'A visitor has any file the server can read run as a page.',
}
const WRITES: Judgement = {
  rank: 5,
  severity: 'medium',
  confidence: 'moderate',
  what: 'writes any file the request names',
  techniques: ['T1505.003', 'T1105'],
  innocent: 'a file manager of the product, or an upload form that trusts the name the visitor sends',
  why: 'Whoever knows its address puts files of his choice on the server, for instance a further web shell.',
}

const COMMAND_WORD =
  /^(?:cmd(?:\.exe)?|\/c|\/k|-c|(?:\/bin\/)?(?:ba)?sh|powershell(?:\.exe)?|(?:java\.lang\.)?(?:runtime|processbuilder)|exec|getruntime)$/i

/** A command word written as numbers, in a page that runs commands of the request (the EncryptJSP family, CISA AA23-144A). */
function spelledCommand(text: string, regions: readonly CodeRegion[], model: ScriptModel, flows: readonly Flow[]) {
  if (!flows.some(({ sink }) => sink.kind === 'command') || model === php) return undefined
  return spelledWords(new Code(text, regions, model.rules)).find(({ word }) => COMMAND_WORD.test(word.trim()))
}
