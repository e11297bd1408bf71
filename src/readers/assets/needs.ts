import type { Need } from '../../model/index.ts'

/** Deeper expressions are somebody's trick, not a service. */
const MAX_DEPTH = 40

/** What is wrong with an expression, for the person who wrote it. */
export class NeedError extends Error {}

/**
 * Parses what a service needs: "a & (b | c)", "a and b or c", "2 of (a, b, c)". `&` binds tighter than `|`.
 * Throws `NeedError` with a sentence for the author of the list.
 */
export function needOf(text: string): Need {
  const tokens = text.match(TOKEN) ?? []
  const parser = new NeedParser(tokens.filter(token => token.trim() !== ''))
  return parser.whole()
}

const TOKEN = /[()&|,]|[^\s()&|,]+/g

class NeedParser {
  readonly #tokens: readonly string[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  whole(): Need {
    if (this.#tokens.length === 0) throw new NeedError('is empty: name an asset or a service')
    const need = this.#any()
    const rest = this.#tokens[this.#at]
    if (rest !== undefined) throw new NeedError(`has "${rest}" where & or | was expected`)
    return need
  }

  #any(): Need {
    if (++this.#depth > MAX_DEPTH) throw new NeedError(`is nested more than ${MAX_DEPTH} deep`)
    const parts = this.#list(() => this.#all(), ['|', 'or'])
    this.#depth--
    return parts.length === 1 && parts[0] ? parts[0] : { any: parts }
  }

  #all(): Need {
    const parts = this.#list(() => this.#term(), ['&', 'and'])
    return parts.length === 1 && parts[0] ? parts[0] : { all: parts }
  }

  #list(one: () => Need, separators: readonly string[]): readonly Need[] {
    const parts = [one()]
    while (separators.includes(this.#tokens[this.#at]?.toLowerCase() ?? '')) {
      this.#at++
      parts.push(one())
    }
    return parts
  }

  #term(): Need {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new NeedError('ends where the id of an asset or a service was expected')
    if (token === '(') {
      const need = this.#any()
      this.#expect(')')
      return need
    }
    if (/^\d+$/.test(token) && this.#tokens[this.#at]?.toLowerCase() === 'of') return this.#atLeast(Number(token))
    if (/^[&|,)]$/.test(token)) throw new NeedError(`has "${token}" where the id of an asset or a service was expected`)
    return { one: token }
  }

  #atLeast(count: number): Need {
    this.#at++
    this.#expect('(')
    const of = this.#list(() => this.#any(), [','])
    this.#expect(')')
    return checkedAtLeast(count, of)
  }

  #expect(token: string): void {
    const found = this.#tokens[this.#at++]
    if (found !== token) throw new NeedError(`has ${found === undefined ? 'no end' : `"${found}"`} where "${token}" was expected`)
  }
}

function checkedAtLeast(count: number, of: readonly Need[]): Need {
  if (!(count >= 1 && count <= of.length)) throw new NeedError(`asks for ${count} of ${of.length}`)
  return { atLeast: count, of }
}

/** The same as nested YAML: a list is "all of", and {all: […]}, {any: […]}, {atLeast: 2, of: […]} say it by name. */
export function needOfValue(value: unknown, depth = 0): Need {
  if (depth > MAX_DEPTH) throw new NeedError(`is nested more than ${MAX_DEPTH} deep`)
  if (typeof value === 'string') return needOf(value)
  const each = (list: unknown): readonly Need[] => {
    if (!Array.isArray(list) || list.length === 0) throw new NeedError('needs a list with at least one entry')
    return list.map(entry => needOfValue(entry, depth + 1))
  }
  if (Array.isArray(value)) return { all: each(value) }
  if (typeof value === 'object' && value !== null) {
    if ('all' in value) return { all: each(value.all) }
    if ('any' in value) return { any: each(value.any) }
    if ('atLeast' in value && 'of' in value) return checkedAtLeast(Number(value.atLeast), each(value.of))
  }
  throw new NeedError('is neither an expression such as "a & (b | c)" nor {all: […]}, {any: […]} or {atLeast: 2, of: […]}')
}

/** All ids an expression names. */
export function idsOf(need: Need): readonly string[] {
  if ('one' in need) return [need.one]
  return ('all' in need ? need.all : 'any' in need ? need.any : need.of).flatMap(idsOf)
}
