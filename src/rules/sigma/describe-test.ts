import type { Pattern, PatternToken, ValueTest } from './ast.ts'

/** Most of a list of values that is written out; the rest is counted. */
const SHOWN = 4

const quoted = (text: string) => `"${text}"`

/** A test in words, the way a rule would say it. */
export function describeTest(test: ValueTest): string {
  switch (test.kind) {
    case 'pattern':
      return describePattern(test.pattern)
    case 'regex':
      return `matches /${test.source}/${Object.entries(test.flags)
        .flatMap(([flag, isSet]) => (isSet ? [flag] : []))
        .join('')}`
    case 'network':
      return `is in the network ${addressText(test.network.groups, test.network.prefix)}`
    case 'compare':
      return `is ${SIGNS[test.operator]} ${test.value}`
    case 'exists':
      return test.exists ? 'is there' : 'is not there'
    case 'absent':
      return 'is not there (null)'
    case 'empty':
      return 'is empty'
    case 'fieldref':
      return `${test.differs ? 'differs from' : test.how === 'whole' ? 'is the same as' : test.how} the field ${test.field}`
    case 'time-part':
      return `has a ${test.part} ${test.operator === 'eq' ? '=' : test.operator === 'neq' ? '≠' : SIGNS[test.operator]} ${test.value}`
    case 'not':
      return `not (${describeTest(test.of)})`
    case 'all':
    case 'any': {
      const shown = test.of.slice(0, SHOWN).map(describeTest)
      const more = test.of.length > SHOWN ? [`${test.of.length - SHOWN} more`] : []
      return [...shown, ...more].join(test.kind === 'all' ? ' and ' : ' or ')
    }
    default:
      return test satisfies never
  }
}

const SIGNS = { gt: '>', gte: '≥', lt: '<', lte: '≤' } as const

function describePattern({ tokens, cased }: Pattern): string {
  const isRun = (token: PatternToken | undefined) => token !== undefined && 'any' in token && token.any === 'run'
  const open = isRun(tokens[0])
  const close = tokens.length > 1 && isRun(tokens.at(-1))
  const inner = tokens.slice(open ? 1 : 0, close ? -1 : undefined)
  const text = inner.map(token => ('literal' in token ? token.literal : token.any === 'run' ? '*' : '?')).join('')
  const exactly = cased ? ' (case matters)' : ''
  if (inner.length === 0) return 'is anything'
  if (open && close) return `contains ${quoted(text)}${exactly}`
  if (open) return `ends with ${quoted(text)}${exactly}`
  return `${close ? 'starts with' : 'is'} ${quoted(text)}${exactly}`
}

/** IPv4 networks are kept as IPv4-mapped IPv6. */
function addressText(groups: readonly number[], prefix: number): string {
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = prefix >= 96 && groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff
  if (isMapped) return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}/${prefix - 96}`
  return `${groups.map(group => group.toString(16)).join(':')}/${prefix}`
}
