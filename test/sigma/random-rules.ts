import fc from 'fast-check'
import { type EvidenceId, type Micros, originalFields, type SecurityEvent } from '../../src/model/index.ts'

// Rules and records that are about the same few words, so that rules hold for about as many records as they do not hold for.

const FIELDS = [
  'Image',
  'CommandLine',
  'ParentImage',
  'User',
  'OriginalFileName',
  'IntegrityLevel',
  'UtcTime',
  'LogonId',
] as const
const ADDRESSES = ['10.1.2.3', '::ffff:10.9.9.9', '192.0.2.7', '2001:db8::5', 'fe80::1%3']
const TIMES = ['2023-05-07 23:59:58.123', '2024-02-29T08:00:00Z', '1683503998']
const NUMBERS = ['-3', '0', '5', '5.5', '23', '0x17', '1e3', '9007199254740993']
/** Among them: nothing, wildcards and backslashes as letters, line ends, non-ASCII letters whose case changes their length or not at all. */
const PIECES = [
  '',
  ' ',
  'a',
  'A',
  'cmd',
  '.exe',
  '\\',
  '\\\\',
  '*',
  '?',
  '%',
  '-c',
  '/c',
  '–c',
  ' -enc ',
  'C:\\Windows\\',
  'whoami',
  'ß',
  'ẞ',
  'ς',
  'Σ',
  'İ',
  'K',
  'µ',
  'Ж',
  'ж',
  '😀',
  '\n',
  '\u2028',
  '"',
  "'",
  '\0',
  '\ud800',
  'd2hvYW1p',
  'dwBoAG8A',
  'true',
  ...NUMBERS,
  ...ADDRESSES,
  ...TIMES,
] as const

const piece = fc.constantFrom(...PIECES)
const text = fc.array(piece, { maxLength: 4 }).map(pieces => pieces.join(''))
const someText = text.filter(value => value !== '')
/** Text of a rule: letters may be escaped or made wildcards. */
const ruleValue = fc.oneof(
  text,
  text.map(value => value.replace(/[*?]/g, '\\$&')),
  fc.tuple(text, fc.constantFrom('*', '?', '\\*', '\\\\*'), text).map(parts => parts.join('')),
)
const plainText = someText.map(value => value.replace(/[*?\\\ud800]/g, '') || 'whoami')
const field = fc.constantFrom(...FIELDS, 'NoSuchField')

/** One value or several. */
const oneOrMore = <Value>(value: fc.Arbitrary<Value>, least = 1): fc.Arbitrary<Value | readonly Value[]> =>
  least > 1
    ? fc.array(value, { minLength: least, maxLength: 3 })
    : fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }))

const anchor = fc.constantFrom('', '|contains', '|startswith', '|endswith')
const cased = fc.constantFrom('', '', '|cased')
const negated = fc.constantFrom('', '', '', '|neq')
const encoding = fc.constantFrom('', '|wide', '|utf16le', '|utf16be', '|utf16')
const REGEXES = [
  'a+',
  '^c',
  'exe$',
  '[A-Z]:\\\\',
  'a.*c',
  '\\bcmd',
  '(?i)WHOAMI',
  '(a|b)*c{1,3}',
  '^$',
  '\\s',
  '😀',
  '[^a-z]',
  '^.{3}$',
]

/** A field with modifiers, and its values, as one entry of a selection. */
const entry: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.tuple(field, anchor, cased, negated).map(parts => parts.join('')),
      oneOrMore(ruleValue),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.tuple(field, anchor, fc.constant('|all'), cased).map(parts => parts.join('')),
      oneOrMore(ruleValue, 2),
    ),
  },
  fc.tuple(
    fc.tuple(field, negated).map(parts => parts.join('')),
    fc.constant(null),
  ),
  fc.tuple(field, oneOrMore(fc.oneof(fc.integer({ min: -5, max: 30 }), fc.boolean(), fc.constant('')))),
  fc.tuple(
    fc.tuple(field, fc.constantFrom('|re', '|re|i', '|re|m|s'), negated).map(parts => parts.join('')),
    oneOrMore(fc.constantFrom(...REGEXES)),
  ),
  fc.tuple(
    fc.tuple(field, fc.constant('|windash'), anchor).map(parts => parts.join('')),
    fc.constantFrom('-c', ' /c', 'cmd -c*', '-enc –c'),
  ),
  fc.tuple(
    fc
      .tuple(field, encoding, fc.constantFrom('|base64', '|base64offset'), fc.constantFrom('', '|contains'))
      .map(parts => parts.join('')),
    oneOrMore(plainText.map(value => `${value}who`)),
  ),
  fc.tuple(
    fc.tuple(field, fc.constant('|wide'), anchor).map(parts => parts.join('')),
    plainText,
  ),
  fc.tuple(
    fc.tuple(field, fc.constant('|cidr'), negated).map(parts => parts.join('')),
    oneOrMore(fc.constantFrom('10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::/0', '0.0.0.0/0', '10.1.2.0/23')),
  ),
  fc.tuple(
    fc.tuple(field, fc.constantFrom('|gt', '|gte', '|lt', '|lte')).map(parts => parts.join('')),
    oneOrMore(fc.constantFrom(-3, 0, 5, 5.5, 23, 1000)),
  ),
  fc.tuple(
    fc
      .tuple(field, fc.constantFrom('|hour', '|day', '|month', '|week'), fc.constantFrom('', '|gte', '|lt', '|neq'))
      .map(parts => parts.join('')),
    oneOrMore(fc.constantFrom(5, 7, 8, 9)),
  ),
  fc.tuple(
    fc.tuple(field, fc.constant('|exists')).map(parts => parts.join('')),
    fc.boolean(),
  ),
  fc.tuple(
    fc.tuple(field, fc.constant('|fieldref'), anchor, cased, negated).map(parts => parts.join('')),
    oneOrMore(field),
  ),
)

const map = fc.array(entry, { minLength: 1, maxLength: 3 }).map(entries => Object.fromEntries(entries))
const keyword = someText.filter(value => !/^\s*$/.test(value))
const selection: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: map },
  { weight: 2, arbitrary: fc.array(map, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: oneOrMore(keyword) },
  { weight: 1, arbitrary: fc.array(fc.oneof(keyword, map), { minLength: 1, maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(anchor, cased, oneOrMore(keyword, 2)).map(([where, how, values]) => ({ [`${where}|all${how}`]: values })),
  },
  { weight: 1, arbitrary: oneOrMore(fc.constantFrom(...REGEXES)).map(values => ({ '|re': values })) },
)

const NAMES = ['sel_a', 'sel_b', 'filter-main', '_hidden', 'k'] as const
const { condition } = fc.letrec<{ condition: string }>(tie => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...NAMES),
    fc.constantFrom('1 of sel_*', 'all of sel_*', '1 of them', 'all of them', 'any of *', '1 of *i*-*', 'all of _hidden'),
    tie('condition').map(inner => `not ${inner}`),
    tie('condition').map(inner => `not (${inner})`),
    fc.tuple(tie('condition'), fc.constantFrom('and', 'or', 'AND NOT'), tie('condition')).map(parts => parts.join(' ')),
    fc.tuple(tie('condition'), tie('condition'), tie('condition')).map(([a, b, c]) => `(${a} or ${b}) and ${c}`),
  ),
}))

const SOURCES = [
  { category: 'process_creation', product: 'windows' },
  { product: 'windows', service: 'sysmon' },
  { product: 'windows' },
] as const

/** A legal rule over the whole grammar, as text of a YAML document (JSON is YAML). It never is refused. */
export const randomRule = (id = '8f1b5f5e-0000-4000-8000-000000000001'): fc.Arbitrary<string> =>
  fc
    .tuple(fc.tuple(selection, selection, selection, selection, selection), oneOrMore(condition), fc.constantFrom(...SOURCES))
    .map(([selections, written, logsource]) =>
      JSON.stringify({
        title: `Random ${id}`,
        id,
        logsource,
        detection: { ...Object.fromEntries(NAMES.map((name, index) => [name, selections[index]])), condition: written },
        level: 'low',
      }),
    )

/** Fields of a record such rules are about. */
export const randomRecord = (): fc.Arbitrary<Readonly<Record<string, string>>> =>
  fc.dictionary(
    fc.constantFrom(...FIELDS),
    fc.oneof(
      text,
      text.map(value => value.toUpperCase()),
      fc.constantFrom(...TIMES, ...ADDRESSES, ...NUMBERS),
    ),
    {
      maxKeys: FIELDS.length,
    },
  )

/** A record as the start of a process that Sysmon saw. */
export const processStartOf = (fields: Readonly<Record<string, string>>): SecurityEvent => ({
  kind: 'process_activity',
  action: 'start',
  source: { evidence: 'random' as EvidenceId, record: 1, offset: 0 },
  time: 0 as Micros,
  host: 'host.example',
  series: 'evtx|host.example|microsoft-windows-sysmon/operational',
  identity: 1,
  product: 'sysmon',
  code: '1',
  original: originalFields({
    ...fields,
    EventID: '1',
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Provider_Name: 'Microsoft-Windows-Sysmon',
  }),
})
