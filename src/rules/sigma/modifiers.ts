import type { Anchor, Comparison, RegexFlags, TimePart } from './ast.ts'

/** Text encodings a value may be turned into. */
export type Encoding = 'utf16le' | 'utf16be' | 'utf16'

/** What the modifiers behind a field's name ask for, in order and without contradiction. */
export interface ModifierPlan {
  readonly kind: 'text' | 'regex' | 'network' | 'compare' | 'exists' | 'fieldref' | 'time-part'
  readonly anchor: Anchor
  readonly cased: boolean
  /** Every value, not any of them. */
  readonly all: boolean
  /** None of the values. */
  readonly differs: boolean
  readonly expand: boolean
  readonly windash: boolean
  readonly encoding: Encoding | undefined
  readonly base64: 'whole' | 'offset' | undefined
  readonly flags: RegexFlags
  readonly operator: Comparison | undefined
  readonly timePart: TimePart | undefined
}

const ANCHORS = ['contains', 'startswith', 'endswith'] as const
const COMPARISONS = ['gt', 'gte', 'lt', 'lte'] as const
const TIME_PARTS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  wide: 'utf16le',
  utf16le: 'utf16le',
  utf16be: 'utf16be',
  utf16: 'utf16',
}
const BASE64 = ['base64', 'base64offset'] as const
const REGEX_FLAGS = ['i', 'm', 's'] as const

/**
 * All modifiers of sigma-specification 2.1, in the groups in which they exclude each other. A value is made step by step: placeholders,
 * dashes, encoding, Base64, then where it is looked for; modifiers that stand in another order do not mean what they say.
 */
const STEPS: readonly (readonly string[])[] = [
  ['expand'],
  ['windash'],
  Object.keys(ENCODINGS),
  BASE64,
  ['re', 'cidr', 'exists', 'fieldref', ...TIME_PARTS],
  REGEX_FLAGS,
  COMPARISONS,
  ANCHORS,
]
const ANYWHERE: readonly string[] = ['all', 'cased', 'neq']

/** Every modifier there is. */
export const modifierNames: readonly string[] = [...STEPS.flat(), ...ANYWHERE]

/** Which modifiers may stand beside one that changes what a value is; text modifiers go with each other. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  re: ['i', 'm', 's', 'all', 'neq'],
  cidr: ['all', 'neq', 'expand'],
  exists: [],
  fieldref: [...ANCHORS, 'cased', 'all', 'neq'],
  gt: ['all', ...TIME_PARTS],
  gte: ['all', ...TIME_PARTS],
  lt: ['all', ...TIME_PARTS],
  lte: ['all', ...TIME_PARTS],
  ...Object.fromEntries(TIME_PARTS.map(part => [part, [...COMPARISONS, 'neq', 'all']])),
  i: ['re', 'm', 's', 'all', 'neq'],
  m: ['re', 'i', 's', 'all', 'neq'],
  s: ['re', 'i', 'm', 'all', 'neq'],
}

/** Why two modifiers cannot stand together, where more can be said than that. */
const BECAUSE: Readonly<Record<string, string>> = {
  're contains': 'a regular expression is looked for anywhere in the value as it is',
  're startswith': 'write "^" at its beginning',
  're endswith': 'write "$" at its end',
  're cased': 'a regular expression minds case unless it has "i"',
  'windash all': 'every form of the dash would have to occur',
  'neq all': '"neq" already means none of the values',
}

/** Reads the words behind "|"; a text says why they make no sense together. */
export function planOf(words: readonly string[]): ModifierPlan | string {
  for (const [index, word] of words.entries()) {
    if (!modifierNames.includes(word)) return unknown(word)
    if (words.indexOf(word) !== index) return `modifier "${word}" stands twice`
  }
  return conflictOf(words) ?? orderFault(words) ?? made(words)
}

function unknown(word: string): string {
  const lower = word.toLowerCase()
  if (word === '') return 'there is a "|" without a modifier'
  const meant = modifierNames.find(name => name === lower) ?? modifierNames.find(name => name.length > 3 && near(name, lower))
  return `modifier "${word}" does not exist in Sigma 2.1${meant === undefined ? '' : `; "${meant}" does`}`
}

/** One letter missing, added or changed. */
function near(name: string, word: string): boolean {
  if (Math.abs(name.length - word.length) > 1) return false
  let start = 0
  while (start < name.length && name[start] === word[start]) start++
  const rest = (text: string, skip: number): string => text.slice(start + skip)
  return rest(name, 1) === rest(word, 1) || rest(name, 0) === rest(word, 1) || rest(name, 1) === rest(word, 0)
}

function conflictOf(words: readonly string[]): string | undefined {
  const clash = (a: string, b: string): string => {
    const because = BECAUSE[`${a} ${b}`] ?? BECAUSE[`${b} ${a}`]
    return `"${a}" and "${b}" exclude each other${because === undefined ? '' : `: ${because}`}`
  }
  for (const flag of REGEX_FLAGS)
    if (words.includes(flag) && !words.includes('re')) return `"${flag}" belongs to "re": write "re|${flag}"`
  for (const group of STEPS) {
    if (group === REGEX_FLAGS) continue
    const [first, second] = words.filter(word => group.includes(word))
    if (first !== undefined && second !== undefined) return clash(first, second)
  }
  for (const word of words) {
    const companions = COMPANIONS[word]
    const wrong = companions === undefined ? undefined : words.find(other => other !== word && !companions.includes(other))
    if (wrong !== undefined) return clash(word, wrong)
  }
  if (words.includes('all')) {
    if (words.includes('windash')) return clash('windash', 'all')
    if (words.includes('neq')) return clash('neq', 'all')
  }
  return undefined
}

function orderFault(words: readonly string[]): string | undefined {
  let last = -1
  let before = ''
  for (const word of words) {
    const step = STEPS.findIndex(group => group.includes(word))
    if (step < 0 || word === 'expand' || word === 'windash') continue
    if (step < last) return `"${word}" must stand before "${before}": modifiers are applied in the order they are written`
    last = step
    before = word
  }
  for (const early of ['expand', 'windash']) {
    const late = words.slice(0, words.indexOf(early) + 1).find(word => word in ENCODINGS || BASE64.some(name => name === word))
    if (words.includes(early) && late !== undefined)
      return `"${early}" must stand before "${late}": modifiers are applied in the order they are written`
  }
  return undefined
}

function made(words: readonly string[]): ModifierPlan {
  const operator = COMPARISONS.find(word => words.includes(word))
  const timePart = TIME_PARTS.find(word => words.includes(word))
  const kind = words.includes('re')
    ? 'regex'
    : words.includes('cidr')
      ? 'network'
      : words.includes('exists')
        ? 'exists'
        : words.includes('fieldref')
          ? 'fieldref'
          : timePart !== undefined
            ? 'time-part'
            : operator !== undefined
              ? 'compare'
              : 'text'
  return {
    kind,
    anchor: ANCHORS.find(word => words.includes(word)) ?? 'whole',
    cased: words.includes('cased'),
    all: words.includes('all'),
    differs: words.includes('neq'),
    expand: words.includes('expand'),
    windash: words.includes('windash'),
    encoding: words.map(word => ENCODINGS[word]).find(encoding => encoding !== undefined),
    base64: words.includes('base64offset') ? 'offset' : words.includes('base64') ? 'whole' : undefined,
    flags: { i: words.includes('i'), m: words.includes('m'), s: words.includes('s') },
    operator,
    timePart,
  }
}
