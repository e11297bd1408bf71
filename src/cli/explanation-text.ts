import type { RuleExplanation } from '../pipeline/rules/explain.ts'
import { shorten, visible } from '../report/text/visible.ts'

type Explained = NonNullable<NonNullable<RuleExplanation['shown']>['explanation']['condition']>

/** Longest value that is shown; the record itself is in the evidence. */
const MAX_VALUE = 160

/** A rule held against a record, for reading in a terminal. */
export function explanationText({ rule, records, admitted, matched, leftOut, seen, shown }: RuleExplanation): string {
  const number = (value: number) => value.toLocaleString('en')
  const lines = [
    `${visible(rule.title)}${rule.id === '' ? '' : `  ${visible(rule.id)}`}`,
    `  ${visible(rule.path)}:${rule.line}`,
    `  log source ${visible(rule.logSource)}: ${meaning(rule)}`,
    '',
    `${number(records)} record${records === 1 ? '' : 's'} looked at, ${number(admitted)} of that log source, ${number(matched)} matched${leftOut > 0 ? `, ${number(leftOut)} of them left out by tuning` : ''}`,
  ]
  if (admitted === 0 && records > 0)
    lines.push(...seen.map(item => `  ${number(item.records).padStart(8)}  ${visible(item.what)}`))
  if (!shown) return `${lines.join('\n')}\n`
  const { path, record, time, host, explanation, tuned } = shown
  lines.push('', `${visible(path)}:${record}  ${time || 'no time'}  ${visible(host)}`)
  if (!explanation.condition) {
    const { product, code, channel } = explanation.key
    lines.push(`  not asked: ${visible([channel || product, code].join(' ').trim())} is no record of the rule's log source`)
    return `${lines.join('\n')}\n`
  }
  lines.push(`  seen as ${explanation.view ?? ''}: ${explanation.matched ? 'it matches' : 'it does not match'}`)
  if (explanation.matched && tuned !== undefined)
    lines.push(tuned === 'left out' ? '  tuning leaves this hit out' : `  with tuning its level is ${tuned}`)
  if (explanation.missing.length > 0)
    lines.push(
      `  cannot see: such records never have ${visible(explanation.missing.join(', '))}, and without that the rule can never match`,
    )
  addPart(lines, explanation.condition, 1)
  return `${lines.join('\n')}\n`
}

function meaning({ standing, means }: RuleExplanation['rule']): string {
  switch (standing) {
    case 'read':
      return means.join('; ')
    case 'no-reader':
      return 'Barograph has no reader for it, so the rule applies to nothing'
    case 'unknown':
      return 'nobody knows it, so the rule applies to nothing'
    default:
      return standing satisfies never
  }
}

const WORDS = { and: 'all of', or: 'one of', not: 'not', all: 'all of', any: 'one of' } as const

function addPart(lines: string[], part: Explained, depth: number): void {
  const begin = `${'  '.repeat(depth)}${part.holds ? 'yes' : 'no '}  `
  switch (part.kind) {
    case 'field':
      lines.push(`${begin}${visible(part.field)} ${shorten(visible(part.test), MAX_VALUE * 2)}   line ${part.line}`)
      lines.push(`${'  '.repeat(depth)}     ${valueText(part)}`)
      return
    case 'keyword':
      lines.push(`${begin}any value ${shorten(visible(part.test), MAX_VALUE)}   line ${part.line}`)
      if (part.holds) lines.push(`${'  '.repeat(depth)}     in "${shorten(visible(part.value), MAX_VALUE)}"`)
      return
    case 'selection':
      lines.push(`${begin}selection ${visible(part.name)}`)
      break
    default:
      lines.push(`${begin}${WORDS[part.kind]}`)
  }
  for (const inner of part.of) addPart(lines, inner, depth + 1)
}

function valueText({ value, from, cannotSee }: Extract<Explained, { readonly kind: 'field' }>): string {
  if (cannotSee) return 'cannot see: this log source never has the field'
  if (value === undefined) return 'the record does not have the field'
  const values = typeof value === 'string' ? [value] : value
  const source = from.length > 0 ? ` (from ${visible(from.join(', '))})` : ''
  return `is ${values.map(text => `"${shorten(visible(text), MAX_VALUE)}"`).join(' or ')}${source}`
}
