import type { Confidence, ContentDetector, Match, Severity, SyntaxParsers, VictimFile } from '../../model/index.ts'
import { scriptLanguageOf, serverCodeOf } from '../../model/index.ts'
import { analyse } from './disk/analyse.ts'
import { configurationOf } from './disk/configuration.ts'
import { readClassFile } from './disk/java/class-file.ts'
import { pageKindsOf } from './disk/page/kinds.ts'
import { hasServerCommands } from './disk/server-include.ts'
import type { CodeLanguage, Judgement } from './disk/verdict.ts'
import { judgeByWords, WHY } from './disk/words.ts'

/** A page that does what its caller says is a web shell, whatever else it does. */
export const content: ContentDetector = {
  on: 'content',
  id: 'web-shell/content',
  title: 'Web shell by its content',
  techniques: ['T1505.003'],
  severity: 'critical',
  confidence: 'high',
  why: WHY,
  innocent: 'an administration or diagnosis page of the product that runs commands for its operators',
  wants: file =>
    file.size > 0 &&
    (configurationOf(file.path) !== undefined ||
      readClassFile(file.bytes) !== undefined ||
      scriptLanguageOf(file.path, file.text) !== undefined ||
      serverCodeOf(file.path, file.text) !== undefined ||
      hasServerCommands(file.text) ||
      pageKindsOf(file.path, file.text).length > 0),
  judge,
  unread: file => reasons.get(file),
}

/** Why files have no syntax tree, as long as somebody holds the file. */
const reasons = new WeakMap<VictimFile, string>()

function judge(file: VictimFile, parsers?: SyntaxParsers): Match | undefined {
  const judgement = analyse(file, parsers)
  if (judgement.prefiltered) return undefined
  if (!judgement.parsed && judgement.whyNotParsed !== undefined) reasons.set(file, judgement.whyNotParsed)
  // What the words say is told in their own way; the parser had nothing to add.
  const hasGrammar = judgement.language !== 'script' && judgement.language !== 'cfml'
  if (hasGrammar && !judgement.parsed && judgement.flow.length === 0) return judgeByWords(file)?.match
  return judgement.verdict === 'clean' ? undefined : matchOf(file, judgement)
}

const NAMES: Readonly<Partial<Record<CodeLanguage, string>>> = {
  php: 'PHP page',
  jsp: 'JSP page',
  csharp: 'ASP.NET page',
  vb: 'ASP.NET page',
  vbscript: 'ASP page',
  jscript: 'ASP page',
  htaccess: 'web server configuration',
  'user-ini': 'PHP configuration',
  'web-config': 'web server configuration',
  java: 'Java class',
  cfml: 'ColdFusion page',
  script: 'program of the server',
}

const SOURCE = /\.(?:cs|vb)$/i

function matchOf({ path }: VictimFile, judgement: Judgement): Match {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const { severity, confidence, innocent } = weightOf(judgement)
  return {
    title: `${name}: ${SOURCE.test(name) ? 'ASP.NET source' : (NAMES[judgement.language] ?? 'page')} that ${judgement.does}`,
    object: path,
    severity,
    confidence,
    techniques: judgement.techniques,
    why: explained(judgement),
    ...(innocent === undefined ? {} : { innocent }),
  }
}

/** A score from here on leaves no reading but one. */
const CERTAIN = 90

function weightOf({ verdict, score }: Judgement): { severity: Severity; confidence: Confidence; innocent?: string } {
  switch (verdict) {
    case 'web-shell':
      if (score >= CERTAIN) return { severity: 'critical', confidence: 'high' }
      return {
        severity: 'high',
        confidence: 'moderate',
        innocent: 'a product whose maker packs its code, or an administration page without a lock of its own',
      }
    case 'dropper':
      return { severity: 'high', confidence: 'moderate', innocent: 'an installer or updater that fetches parts of the product' }
    // What every site has somewhere: a form that takes files, a page that trusts its caller. It matters beside requests and processes.
    case 'uploader':
      return {
        severity: score >= CERTAIN ? 'medium' : 'low',
        confidence: 'moderate',
        innocent: 'a file manager of the product, or an upload form that trusts the name the visitor sends',
      }
    case 'suspicious':
      return {
        severity: 'low',
        confidence: 'low',
        innocent:
          'a diagnosis page (ping, look-up, conversion) or page switch that does not check its input: a hole, but not put there by an intruder',
      }
    case 'clean':
      return { severity: 'informational', confidence: 'low' }
    default:
      return verdict satisfies never
  }
}

/** Reasons that are told; the file shows the rest. */
const TOLD = 3

function explained({ reasons, flow, decoded }: Judgement): string {
  const told = reasons.slice(0, TOLD).map(({ what, line }) => `${what} in line ${line}`)
  const more = reasons.length - told.length
  const way = flow.length > 2 ? `. The way: ${flow.map(({ line, what }) => `${what} (line ${line})`).join(' -> ')}` : ''
  const [layer] = decoded
  const layers = layer ? `. Packed in line ${layer.line} by ${layer.how}: "${inert(layer.text)}"` : ''
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}${way}${layers}. ${WHY}`
}

/** The beginning of a decoded text on one line, without control characters. */
function inert(text: string): string {
  return text
    .slice(0, 160)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
}
