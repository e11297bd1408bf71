import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import {
  type RefusedRule,
  type RuleFile,
  type RuleHit,
  type RuleMatcher,
  type SecurityEvent,
  type Severity,
  severities,
} from '../../model/index.ts'
import { type Condition, ConditionError, holds, parseCondition } from './condition.ts'
import { gateOf, type LogSource } from './log-source.ts'
import { compileSelection, type Selection, SelectionError } from './selection.ts'

/** What came of a set of rule files: a matcher, and every rule that cannot be used with its reason. */
export interface CompiledRules {
  readonly matcher: RuleMatcher
  readonly loaded: number
  readonly refused: readonly RefusedRule[]
}

interface CompiledRule {
  readonly hit: RuleHit
  readonly gate: (event: SecurityEvent) => boolean
  readonly selections: ReadonlyMap<string, Selection>
  readonly conditions: readonly Condition[]
}

/** Compiles Sigma rules (sigma-specification 2.1, rules; correlations and filters are refused with that reason). A file may hold several. */
export function compileSigma(files: readonly RuleFile[]): CompiledRules {
  const rules: CompiledRule[] = []
  const refused: RefusedRule[] = []
  for (const file of files) {
    const lines = new LineCounter()
    for (const document of parseAllDocuments(file.text, { lineCounter: lines, prettyErrors: false })) {
      const fault = document.errors[0]
      if (fault) {
        refused.push({ path: file.path, title: '', line: lines.linePos(fault.pos[0]).line, reason: `not YAML: ${fault.message}` })
        continue
      }
      const content: unknown = document.toJS({ maxAliasCount: 100 })
      if (!isMap(content)) {
        if (content !== null)
          refused.push({ path: file.path, title: '', line: 1, reason: 'a rule is a map with title, logsource and detection' })
        continue
      }
      const outcome = compileRule(content)
      if (typeof outcome === 'string')
        refused.push({ path: file.path, title: textOf(content['title']), line: lineOf(document, lines), reason: outcome })
      else rules.push(outcome)
    }
  }
  return { matcher: matcherOf(rules), loaded: rules.length, refused }
}

function matcherOf(rules: readonly CompiledRule[]): RuleMatcher {
  return {
    match(event) {
      const hits: RuleHit[] = []
      for (const rule of rules) {
        if (!rule.gate(event)) continue
        const known = new Map<string, boolean>()
        const selection = (name: string): boolean => {
          let result = known.get(name)
          if (result === undefined) {
            result = rule.selections.get(name)?.(event) ?? false
            known.set(name, result)
          }
          return result
        }
        if (rule.conditions.some(condition => holds(condition, selection))) hits.push(rule.hit)
      }
      return hits
    },
  }
}

function compileRule(rule: Readonly<Record<string, unknown>>): CompiledRule | string {
  if ('correlation' in rule) return 'correlation rules are not supported yet'
  if ('filter' in rule) return 'filter rules are not supported yet'
  const title = textOf(rule['title'])
  const detection = rule['detection']
  if (title === '') return 'the rule has no title'
  if (!isMap(detection)) return 'the rule has no detection'
  const source = rule['logsource']
  if (!isMap(source)) return 'the rule has no logsource'
  const gate = gateOf(logSourceOf(source))
  if (typeof gate === 'string') return gate
  const selections = new Map<string, Selection>()
  try {
    for (const [name, value] of Object.entries(detection))
      if (name !== 'condition' && name !== 'timeframe') selections.set(name, compileSelection(value))
    const written = detection['condition']
    const texts = (Array.isArray(written) ? written : [written]).filter(text => typeof text === 'string')
    if (texts.length === 0) return 'the detection has no condition'
    const conditions = texts.map(text => parseCondition(text, [...selections.keys()]))
    return { hit: hitOf(rule, title), gate, selections, conditions }
  } catch (error) {
    if (error instanceof ConditionError || error instanceof SelectionError) return error.message
    throw error
  }
}

function hitOf(rule: Readonly<Record<string, unknown>>, title: string): RuleHit {
  const level = textOf(rule['level']).toLowerCase()
  const tags = Array.isArray(rule['tags']) ? rule['tags'].map(textOf) : []
  const innocent = Array.isArray(rule['falsepositives'])
    ? rule['falsepositives'].map(textOf).filter(text => text !== '' && !/^(?:unknown|none|unlikely)\.?$/i.test(text))
    : []
  return {
    source: 'sigma',
    rule: textOf(rule['id']) || title,
    ruleTitle: title,
    severity: severities.find((severity): severity is Severity => severity === level) ?? 'medium',
    techniques: tags.flatMap(tag => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase() ?? []),
    why: textOf(rule['description']).replace(/\s+/g, ' ').trim() || `The rule "${title}" matched.`,
    innocent: innocent.length > 0 ? innocent.join('; ') : 'the rule names no innocent cause',
  }
}

function logSourceOf(source: Readonly<Record<string, unknown>>): LogSource {
  const part = (name: string): Record<string, string> =>
    typeof source[name] === 'string' ? { [name]: source[name].toLowerCase() } : {}
  return { ...part('category'), ...part('product'), ...part('service') }
}

function lineOf(document: Document, lines: LineCounter): number {
  return lines.linePos(document.contents?.range?.[0] ?? 0).line
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '')
