import { type RefusedRule, type RuleFile, type Severity, severities } from '../../model/index.ts'
import { refuseAggregation } from './aggregation.ts'
import type { Condition, Detection, SigmaHead, SigmaRule } from './ast.ts'
import { parseCondition } from './condition.ts'
import { type DetectionContext, readSelection } from './detection.ts'
import type { LogSource } from './log-source/index.ts'
import type { Placeholders } from './placeholders.ts'
import { entryOf, readYaml, SigmaError, SourceText, textAt, textsAt, type YamlMap, type YamlNode } from './yaml-tree.ts'

/** A correlation as it stands in its file; its meaning is read by `correlation/`. */
export interface SigmaCorrelation {
  readonly head: SigmaHead
  /** The whole document. */
  readonly node: YamlMap
  readonly source: SourceText
}

/** A filter: what it is ANDed onto, and what (sigma-specification 2.1, filters). */
export interface SigmaFilter {
  readonly head: SigmaHead
  readonly logSource: LogSource
  /** Ids and names of rules; 'any' for all of the log source. */
  readonly rules: readonly string[] | 'any'
  readonly detection: Detection
}

/** Something legal that its author hardly means. */
export interface RuleNote {
  readonly path: string
  readonly title: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Every document of the files: read, or refused with its place and reason. */
export interface SigmaDocuments {
  readonly rules: readonly SigmaRule[]
  readonly correlations: readonly SigmaCorrelation[]
  readonly filters: readonly SigmaFilter[]
  readonly refused: readonly RefusedRule[]
  readonly notes: readonly RuleNote[]
}

/** All public rules together have 7 million characters; the parser takes twenty times the memory of what it reads. */
const MAX_FILE_LENGTH = 16 << 20

/** Reads Sigma files (YAML 1.2, several documents a file) into rules, correlations and filters. */
export function readSigma(files: readonly RuleFile[], placeholders: Placeholders = new Map()): SigmaDocuments {
  const rules: SigmaRule[] = []
  const correlations: SigmaCorrelation[] = []
  const filters: SigmaFilter[] = []
  const refused: RefusedRule[] = []
  const notes: RuleNote[] = []
  for (const file of files) {
    if (file.text.length > MAX_FILE_LENGTH) {
      const reason = `a file of ${(file.text.length / 1e6).toFixed(0)} million characters; at most ${MAX_FILE_LENGTH} are read: split it`
      refused.push({ path: file.path, title: '', line: 0, column: 1, reason })
      continue
    }
    const source = new SourceText(file.path, file.text)
    for (const document of readYaml(file.text)) {
      const title = document instanceof SigmaError || document.kind !== 'map' ? '' : textAt(document, 'title')
      const context: DetectionContext = {
        source,
        placeholders,
        note: (offset, message) => notes.push({ path: file.path, title, ...source.position(offset), message }),
      }
      try {
        if (document instanceof SigmaError) throw document
        if (document.kind !== 'map') throw new SigmaError(document.offset, 'a rule is a map with title, logsource and detection')
        const head = headOf(document, context)
        if (entryOf(document, 'correlation')) correlations.push({ head, node: document, source })
        else if (entryOf(document, 'filter')) filters.push(filterOf(document, head, context))
        else rules.push({ ...head, ...ruleBody(document, head, context) })
      } catch (error) {
        if (!(error instanceof SigmaError)) throw error
        refused.push({ path: file.path, title, ...source.position(error.offset), reason: error.message })
      }
    }
  }
  return { rules, correlations, filters, refused, notes }
}

function headOf(map: YamlMap, { source, note }: DetectionContext): SigmaHead {
  const action = entryOf(map, 'action')
  if (action) throw new SigmaError(action.keyOffset, '"action" (rule collections) is of Sigma 1: write every rule out')
  const taxonomy = entryOf(map, 'taxonomy')
  // Under other names of fields and log sources a rule read as if they were Sigma's would be quiet for no reason.
  if (taxonomy && textAt(map, 'taxonomy').toLowerCase() !== 'sigma')
    throw new SigmaError(
      taxonomy.value.offset,
      `taxonomy "${textAt(map, 'taxonomy')}": only Sigma's own names of fields and log sources are known; convert the rule to them`,
    )
  const title = textAt(map, 'title')
  if (title === '') throw new SigmaError(map.offset, 'the rule has no title')
  const level = textAt(map, 'level').toLowerCase()
  const known = severities.find((severity): severity is Severity => severity === level)
  if (known === undefined && level !== '')
    note(entryOf(map, 'level')?.value.offset ?? map.offset, `level "${level}" is none of Sigma's five; "medium" is taken`)
  const tags = textsAt(map, 'tags')
  return {
    id: textAt(map, 'id'),
    name: textAt(map, 'name'),
    title,
    level: known ?? 'medium',
    levelStated: level !== '',
    status: textAt(map, 'status'),
    description: textAt(map, 'description').replace(/\s+/g, ' ').trim(),
    author: textAt(map, 'author'),
    references: textsAt(map, 'references'),
    tags,
    techniques: tags.flatMap(tag => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase() ?? []),
    innocent: textsAt(map, 'falsepositives').filter(text => text !== '' && !/^(?:unknown|none|unlikely)\.?$/i.test(text)),
    file: source.path,
    ...source.position(map.offset),
  }
}

function ruleBody(map: YamlMap, head: SigmaHead, context: DetectionContext): Pick<SigmaRule, 'logSource' | 'detection'> {
  const detection = entryOf(map, 'detection')
  if (detection === undefined) throw new SigmaError(map.offset, 'the rule has no detection')
  if (detection.value.kind !== 'map') throw new SigmaError(detection.value.offset, '"detection" must be a map of selections')
  return {
    logSource: logSourceOf(map),
    detection: detectionOf(detection.value, detection.keyOffset, ['condition', 'timeframe'], head, context),
  }
}

function logSourceOf(map: YamlMap): LogSource {
  const entry = entryOf(map, 'logsource')
  if (entry === undefined) throw new SigmaError(map.offset, 'the rule has no logsource')
  const { value } = entry
  if (value.kind !== 'map') throw new SigmaError(value.offset, '"logsource" must be a map of category, product and service')
  const part = (name: 'category' | 'product' | 'service'): Partial<LogSource> => {
    const text = textAt(value, name).toLowerCase()
    return text === '' ? {} : { [name]: text }
  }
  return { ...part('category'), ...part('product'), ...part('service') }
}

/** Reads the selections and the condition of a `detection` or `filter`; keys in `others` are no selections. */
function detectionOf(
  map: YamlMap,
  offset: number,
  others: readonly string[],
  head: SigmaHead,
  context: DetectionContext,
): Detection {
  const condition = entryOf(map, 'condition')
  if (condition === undefined) throw new SigmaError(offset, 'the detection has no condition')
  const texts = condition.value.kind === 'list' ? condition.value.items : [condition.value]
  for (const text of texts) refuseAggregation(text, map, head)
  const selections = new Map(
    map.entries.filter(({ key }) => !others.includes(key)).map(({ key, value }) => [key, readSelection(value, context)]),
  )
  if (selections.size === 0) throw new SigmaError(offset, 'the detection has no selection')
  const names = [...selections.keys()]
  const conditions = texts.map(text => conditionOf(text, names, context))
  const [only] = conditions
  if (only === undefined) throw new SigmaError(condition.value.offset, 'the detection has no condition')
  return { selections, condition: conditions.length === 1 ? only : { kind: 'or', of: conditions } }
}

function conditionOf(node: YamlNode, names: readonly string[], { source }: DetectionContext): Condition {
  if (node.kind !== 'scalar' || node.value === null || node.text.trim() === '')
    throw new SigmaError(node.offset, 'a condition must be text')
  try {
    return parseCondition(node.text, names)
  } catch (error) {
    if (!(error instanceof SigmaError)) throw error
    // Only a condition that stands in the file as it is read has the same offsets; a quoted or folded one is pointed at as a whole.
    const verbatim = source.text.startsWith(node.text, node.offset)
    throw new SigmaError(node.offset + (verbatim ? error.offset : 0), error.message)
  }
}

function filterOf(map: YamlMap, head: SigmaHead, context: DetectionContext): SigmaFilter {
  const filter = entryOf(map, 'filter')
  if (filter?.value.kind !== 'map') throw new SigmaError(filter?.keyOffset ?? map.offset, '"filter" must be a map')
  const entry = entryOf(filter.value, 'rules')
  if (entry === undefined)
    throw new SigmaError(filter.keyOffset, 'the filter names no rules; "rules: any" means all of its log source')
  const names = textsAt(filter.value, 'rules')
  const every = entry.value.kind === 'scalar' && entry.value.text.toLowerCase() === 'any'
  if (!every && names.length === 0) throw new SigmaError(entry.value.offset, '"rules" is empty: the filter would never apply')
  return {
    head,
    logSource: logSourceOf(map),
    rules: every ? 'any' : names,
    detection: detectionOf(filter.value, filter.keyOffset, ['rules', 'condition'], head, context),
  }
}
