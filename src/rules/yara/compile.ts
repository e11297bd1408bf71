import type { RuleFile } from '../../model/index.ts'
import type { YaraEngine, YaraScanner } from './engine.ts'
import { type RuleSpan, ruleSpans } from './rule-spans.ts'

/** A rule, or a whole file, that is not used, and why. */
export interface RefusedYara {
  readonly path: string
  /** '' when the file as a whole is refused. */
  readonly rule: string
  /** 1-based line of the file; 0 when the reason names none. */
  readonly line: number
  readonly reason: string
}

/** Rules ready to scan with. */
export interface CompiledYara {
  /** Undefined when no rule is left. */
  readonly scanner: YaraScanner | undefined
  readonly loaded: number
  readonly refused: readonly RefusedYara[]
  /** Path of the file each rule came from. */
  readonly fileOf: ReadonlyMap<string, string>
}

/** Names rules use for what is known of a file beside its bytes; those of Loki and THOR (github.com/Neo23x0/signature-base, README). */
export const EXTERNAL_VARIABLES = ['filename', 'filepath', 'extension', 'filetype', 'file_type', 'owner', 'md5'] as const

const OPTIONS = {
  // Rules say \d where others want [0-9], and signature-base was written for the C program.
  relaxedReSyntax: true,
  enableIncludes: false,
  defineVariables: Object.fromEntries(EXTERNAL_VARIABLES.map(name => [name, ''])),
}

/** Rounds in which rules that only fail beside the others (two of one name) are taken out; each costs a look at all rules. */
const MAX_ROUNDS = 50

/** One file on its way: rules that cannot be used are overwritten with blanks, so that every line keeps its number. */
interface Draft {
  readonly path: string
  text: string
  spans: readonly RuleSpan[]
}

/**
 * Compiles all files as one set, as `yara FILE...` does. A rule that cannot be used is left out and named; the others of its file stay.
 */
export function compileYara(files: readonly RuleFile[], engine: YaraEngine): CompiledYara {
  const drafts = files.map(({ path, text }): Draft => {
    const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')
    return { path, text: plain, spans: ruleSpans(plain) }
  })
  const refused: RefusedYara[] = []
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const used = drafts.filter(({ spans }) => spans.length > 0)
    if (used.length === 0) break
    const outcome = attempt(engine, joined(used))
    if ('scanner' in outcome) return compiled(outcome.scanner, used, refused)
    // One faulty file of many is found by looking at each alone once; only what fails in company alone is worth looking at all again.
    if (round === 0 && used.length > 1) for (const draft of used) mend(draft, engine, refused, namesBeside(draft, used))
    else takeOut(used, outcome, refused)
  }
  for (const { path, spans } of drafts)
    if (spans.length > 0)
      refused.push({ path, rule: '', line: 0, reason: `too many faults; nothing of it was used after ${MAX_ROUNDS} tries` })
  return { scanner: undefined, loaded: 0, refused, fileOf: new Map() }
}

/** The same rules in one more scanner: what was refused before is left out at once. */
function compiled(scanner: YaraScanner, used: readonly Draft[], refused: readonly RefusedYara[]): CompiledYara {
  const fileOf = new Map(used.flatMap(({ path, spans }) => spans.map(({ name }): [string, string] => [name, path])))
  return { scanner, loaded: used.reduce((sum, { spans }) => sum + spans.length, 0), refused, fileOf }
}

interface Fault {
  readonly message: string
  /** 1-based line of the text that was compiled. */
  readonly line: number
}

function attempt(engine: YaraEngine, text: string): { readonly scanner: YaraScanner } | Fault {
  try {
    return { scanner: engine.compile(text, OPTIONS) }
  } catch (error) {
    return faultOf(error instanceof Error ? error.message : String(error))
  }
}

/** "Compilation error (E009): error[E009]: unknown identifier `x`\n --> line:12:3 …", and what is marked below it. */
function faultOf(text: string): Fault {
  const what = /error\[E\d+\]: ([^\n]{1,300})/.exec(text)?.[1] ?? text.split('\n', 1)[0]?.slice(0, 300) ?? ''
  const more = /\^+ ([^\n]{1,200})/.exec(text)?.[1]
  return { message: more === undefined ? what : `${what}: ${more}`, line: Number(/--> line:(\d+):/.exec(text)?.[1] ?? 0) }
}

function joined(drafts: readonly Draft[]): string {
  return drafts.map(({ text }) => `${text}\n`).join('')
}

function namesBeside(draft: Draft, all: readonly Draft[]): ReadonlySet<string> {
  return new Set(all.filter(other => other !== draft).flatMap(({ spans }) => spans.map(({ name }) => name)))
}

/** Takes out what fails in a file alone; a name that another file declares is no fault. */
function mend(draft: Draft, engine: YaraEngine, refused: RefusedYara[], elsewhere: ReadonlySet<string>): void {
  while (draft.spans.length > 0) {
    const outcome = attempt(engine, draft.text)
    if ('scanner' in outcome) return
    const unknown = /unknown identifier `(\w+)`/.exec(outcome.message)?.[1]
    if (unknown !== undefined && elsewhere.has(unknown)) return
    takeOut([draft], outcome, refused)
  }
}

/** Blanks the rule the fault lies in, or the whole file when it lies in none. */
function takeOut(drafts: readonly Draft[], { message, line }: Fault, refused: RefusedYara[]): void {
  let before = 0
  for (const draft of drafts) {
    const lines = countLines(draft.text)
    if (line <= before + lines || draft === drafts.at(-1)) {
      blank(draft, line - before, message, refused)
      return
    }
    before += lines
  }
}

function blank(draft: Draft, line: number, reason: string, refused: RefusedYara[]): void {
  const span = draft.spans.find(({ firstLine, lastLine }) => line >= firstLine && line <= lastLine)
  const { path, text } = draft
  if (span === undefined) {
    refused.push({ path, rule: '', line: Math.max(0, line), reason })
    draft.text = ''
    draft.spans = []
    return
  }
  refused.push({ path, rule: span.name, line, reason })
  draft.text = text.slice(0, span.start) + text.slice(span.start, span.end).replace(/[^\n]/g, ' ') + text.slice(span.end)
  draft.spans = draft.spans.filter(other => other !== span)
}

function countLines(text: string): number {
  let lines = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}
