import type { SigmaHead } from './ast.ts'
import { SigmaError, textAt, type YamlMap, type YamlNode } from './yaml-tree.ts'

const COUNT =
  /^\s*(count|sum|avg|min|max)\s*\(\s*([^()\s]*)\s*\)\s*(?:by\s+([^\s<>=]+(?:\s*,\s*[^\s<>=]+)*)\s*)?(<=|>=|==|=|<|>)\s*(-?[\d.]+)\s*$/i
const OPERATORS: Readonly<Record<string, string>> = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte', '=': 'eq', '==': 'eq' }
/** A quoted name keeps what is special in YAML's flow style from being read as such. */
const quoted = (text: string): string => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`)

/**
 * Refuses the aggregations of Sigma 1 ("selection | count() by host > 5", "selection | near other") and shows the correlation that says
 * the same in Sigma 2, on one line of YAML.
 */
export function refuseAggregation(condition: YamlNode, detection: YamlMap, head: SigmaHead): void {
  if (condition.kind !== 'scalar') return
  const bar = condition.text.indexOf('|')
  if (bar < 0) return
  const rule = quoted(head.name || head.id || 'NAME')
  const timespan = textAt(detection, 'timeframe') || '5m'
  const base = condition.text.slice(0, bar).trim()
  const text = condition.text.slice(bar + 1).trim()
  const hint = nearHint(text, base, rule, timespan) ?? countHint(text, rule, timespan)
  throw new SigmaError(
    condition.offset,
    `"| ${text}" is of Sigma 1 and no longer exists; ${
      hint ?? 'write a correlation rule'
    } (and leave "|" and "timeframe" out of this rule)`,
  )
}

function countHint(text: string, rule: string, timespan: string): string | undefined {
  const [, kind, field, by, operator = '', bound] = COUNT.exec(text) ?? []
  if (kind === undefined || field === undefined || bound === undefined) return undefined
  const limit = `${OPERATORS[operator] ?? 'gt'}: ${bound}`
  const group =
    by === undefined
      ? ''
      : `group-by: [${by
          .split(',')
          .map(name => quoted(name.trim()))
          .join(', ')}], `
  const correlation = (type: string, condition: string): string =>
    `what replaces it is a document with correlation: {type: ${type}, rules: [${rule}], ${group}timespan: ${timespan}, condition: {${condition}}}`
  switch (kind.toLowerCase()) {
    case 'count':
      return field === '' ? correlation('event_count', limit) : correlation('value_count', `field: ${quoted(field)}, ${limit}`)
    case 'sum':
    case 'avg':
      return correlation(`value_${kind.toLowerCase()}`, `field: ${quoted(field)}, ${limit}`)
    case 'min':
      return correlation('value_percentile', `field: ${quoted(field)}, percentile: 0, ${limit}`)
    case 'max':
      return correlation('value_percentile', `field: ${quoted(field)}, percentile: 100, ${limit}`)
    default:
      return undefined
  }
}

/** "a | near b and c by host": each selection becomes a rule of its own. */
function nearHint(text: string, base: string, rule: string, timespan: string): string | undefined {
  const [, others, by] = /^near\s+(.+?)(?:\s+by\s+(\S+))?$/is.exec(text) ?? []
  if (others === undefined) return undefined
  const names = others.split(/\s+(?:and|or)\s+|\s*,\s*/i).map(name => name.replace(/[()]|^not\s+/gi, '').trim())
  const group = by === undefined ? '' : `group-by: [${quoted(by)}], `
  return `make a rule of each of ${[base, ...names].filter(name => name !== '').join(', ')} and join them with correlation: {type: temporal, rules: [${rule}, ${names
    .map((_, index) => `OTHER${names.length > 1 ? index + 1 : ''}`)
    .join(', ')}], ${group}timespan: ${timespan}}`
}
