import type { IndicatorType } from '../../model/index.ts'

/** One comparison of a pattern. */
export interface Comparison {
  readonly type: IndicatorType
  readonly value: string
}

/** What a pattern asks for, or why it cannot be compared record by record. */
export type PatternReading = { readonly any: readonly Comparison[] } | { readonly refused: string }

/** More comparisons in one pattern are a list that should be a bundle. */
const MAX_COMPARISONS = 10_000
const MAX_LENGTH = 1_000_000

type Token =
  | { readonly kind: 'path'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }

const TOKEN =
  /\s+|'((?:[^'\\]|\\.)*)'|([a-z][a-z0-9-]*:[\w.'\-[\]*]+(?:'[^']*'[\w.-]*)*)|([A-Za-z]+|\d+(?:\.\d+)?|!=|<=|>=|[=<>(),[\]])|([^\s])/gy

/** STIX 2.1 patterns, section 9 of the specification (docs.oasis-open.org/cti/stix/v2.1): comparisons joined by OR, and by AND where one of them suffices. */
export function readPattern(pattern: string): PatternReading {
  if (pattern.length > MAX_LENGTH) return { refused: 'its pattern is longer than a million characters' }
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(pattern); match && match[0] !== ''; match = TOKEN.exec(pattern)) {
    const [, text, path, word, other] = match
    if (text !== undefined) tokens.push({ kind: 'text', text: text.replace(/\\(.)/g, '$1') })
    else if (path !== undefined) tokens.push({ kind: 'path', text: path })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word.toUpperCase() })
    else if (other !== undefined) return { refused: `its pattern holds "${other}", which is no STIX pattern` }
    if (TOKEN.lastIndex >= pattern.length) break
  }
  return comparisonsOf(tokens)
}

const QUALIFIERS = new Set(['FOLLOWEDBY', 'REPEATS', 'WITHIN', 'START', 'STOP', 'NOT'])

function comparisonsOf(tokens: readonly Token[]): PatternReading {
  const any: Comparison[] = []
  const unknown = new Set<string>()
  let group: Comparison[] = []
  let isGroupAnd = false
  let others = 0
  let comparisons = 0
  const close = (): string | undefined => {
    const told = isGroupAnd ? sufficient(group, others) : group
    isGroupAnd = false
    group = []
    others = 0
    if (!told) return 'its pattern joins several things by AND, and one record can show only one of them'
    any.push(...told)
    return undefined
  }
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (!token) break
    if (token.kind === 'word') {
      if (QUALIFIERS.has(token.text)) return { refused: `its pattern asks for an order or a number of events (${token.text})` }
      if (token.text === 'AND') isGroupAnd = true
      if (token.text === ']') {
        const problem = close()
        if (problem !== undefined) return { refused: problem }
      }
      if (token.text === 'OR' && isGroupAnd) return { refused: 'its pattern mixes AND and OR' }
      continue
    }
    if (token.kind !== 'path') continue
    const operator = tokens[at + 1]
    const values = valuesAfter(tokens, at + 2, operator?.text === 'IN')
    if (operator?.kind !== 'word' || !['=', 'IN', 'ISSUBSET'].includes(operator.text))
      return { refused: `its pattern compares by ${operator?.text ?? 'nothing'}; only =, IN and ISSUBSET name a thing` }
    comparisons += values.length
    if (comparisons > MAX_COMPARISONS) return { refused: `its pattern has more than ${MAX_COMPARISONS} comparisons` }
    const type = typeOfPath(token.text)
    if (type === undefined) {
      unknown.add(token.text)
      if (!PORT.test(token.text)) others++
    } else for (const value of values) group.push({ type, value })
    at += 1 + Math.max(1, values.length)
  }
  if (any.length > 0) return { any }
  const [one] = unknown
  return { refused: one === undefined ? 'its pattern has no comparison' : `it is about ${one}, which no record of ours has` }
}

function valuesAfter(tokens: readonly Token[], start: number, isList: boolean): readonly string[] {
  const first = tokens[start]
  if (!isList) return first?.kind === 'text' ? [first.text] : []
  const values: string[] = []
  for (let at = start; at < tokens.length && tokens[at]?.text !== ')'; at++) {
    const token = tokens[at]
    if (token?.kind === 'text') values.push(token.text)
  }
  return values
}

/** A digest names a file whatever else is said of it, an address with a port names the address; anything else joined by AND is more than one record shows. */
function sufficient(group: readonly Comparison[], others: number): readonly Comparison[] | undefined {
  const telling = group.filter(({ type }) => type === 'hash' || type === 'certificate')
  if (telling.length > 0) return telling
  return group.length === 1 && others === 0 ? group : undefined
}

const PORT = /:(?:src_port|dst_port|protocols)\b/

const PATHS: readonly (readonly [RegExp, IndicatorType])[] = [
  [/^ipv[46]-addr:value$|^network-traffic:(?:src|dst)_ref\.value$/, 'address'],
  [/^domain-name:value$/, 'domain'],
  [/^url:value$/, 'url'],
  [/^file:hashes\.|^artifact:hashes\./, 'hash'],
  [/^x509-certificate:hashes\./, 'certificate'],
  [/^file:name$|^process:name$/, 'file-name'],
  [/^directory:path$|^file:parent_directory_ref\.path$|^process:image_ref\.name$/, 'path'],
  [/request_header\.'?User-Agent'?$/i, 'user-agent'],
  [/^windows-registry-key:key$/, 'registry-key'],
  [/ja3/i, 'ja3'],
]

function typeOfPath(path: string): IndicatorType | undefined {
  return PATHS.find(([pattern]) => pattern.test(path))?.[1]
}
