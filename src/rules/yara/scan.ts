import { type Severity, severities } from '../../model/index.ts'
import type { CompiledYara } from './compile.ts'
import type { RawMatch } from './engine.ts'
import { fileTypeOf } from './file-type.ts'

/** One rule that holds for a file. */
export interface YaraHit {
  readonly rule: string
  /** Its description, else its name. */
  readonly title: string
  /** File the rule came from. */
  readonly source: string
  readonly level: Severity
  /** Names of the strings that were found, and where the first one of each lies. */
  readonly strings: readonly { readonly name: string; readonly offset: number }[]
}

/** What is known of a file beside its bytes. */
export interface YaraFacts {
  readonly path: string
  /** Account that owns the file; '' when not known. */
  readonly owner?: string
}

/** Names shown; a rule with a hundred strings is not understood better by all of them. */
const MAX_STRINGS = 8
/** Hits of one file that are kept: who matches more rules than this is found anyway. */
const MAX_HITS = 50

/** The rules that hold for these bytes, strongest first. */
export function scanYara(
  { scanner, fileOf }: CompiledYara,
  bytes: Uint8Array,
  { path, owner = '' }: YaraFacts,
): readonly YaraHit[] {
  if (scanner === undefined) return []
  const filename = path.slice(path.search(/[^/\\]*$/))
  const dot = filename.lastIndexOf('.')
  const filetype = fileTypeOf(bytes)
  return scanner
    .scan(bytes, {
      filename,
      filepath: path.slice(0, Math.max(0, path.length - filename.length - 1)),
      extension: dot > 0 ? filename.slice(dot).toLowerCase() : '',
      filetype,
      file_type: filetype,
      owner,
      md5: '',
    })
    .map(match => hitOf(match, fileOf.get(match.ruleIdentifier) ?? ''))
    .sort((a, b) => severities.indexOf(b.level) - severities.indexOf(a.level) || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0))
    .slice(0, MAX_HITS)
}

function hitOf({ ruleIdentifier, meta, matches }: RawMatch, source: string): YaraHit {
  const description = meta['description']
  const first = new Map<string, number>()
  for (const { identifier, offset } of matches) if (!first.has(identifier)) first.set(identifier, offset)
  return {
    rule: ruleIdentifier,
    title: typeof description === 'string' && description !== '' ? description.slice(0, 300) : ruleIdentifier,
    source,
    level: levelOf(meta),
    strings: [...first].slice(0, MAX_STRINGS).map(([name, offset]) => ({ name, offset })),
  }
}

/** What a rule says of itself: `score` as in signature-base (75 and above is an alert, 60 a warning there), else `severity` or `level` in words. */
function levelOf(meta: RawMatch['meta']): Severity {
  const score = Number(meta['score'] ?? Number.NaN)
  if (Number.isFinite(score)) return score >= 75 ? 'high' : score >= 60 ? 'medium' : score >= 40 ? 'low' : 'informational'
  const word = String(meta['severity'] ?? meta['level'] ?? '').toLowerCase()
  return severities.find(severity => severity === word) ?? 'medium'
}
