import { describe, expect, test } from 'vitest'
import { type Fields, holdsFor, notesOf, refusalOf } from '../../../test/sigma/rule-text.ts'

type Row = readonly [name: string, selection: string, holds: readonly Fields[], quiet: readonly Fields[]]

const check = (_name: string, selection: string, holds: readonly Fields[], quiet: readonly Fields[]): void => {
  const detection = `s:\n${selection.replace(/^/gm, '  ')}\ncondition: s`
  expect({
    holds: holds.filter(fields => holdsFor(detection, fields)),
    quiet: quiet.filter(fields => !holdsFor(detection, fields)),
  }).toEqual({ holds, quiet })
}
const a = (...values: readonly string[]): readonly Fields[] => values.map(A => ({ A }))

describe('text', () => {
  test.each<Row>([
    ['a value is the whole value', 'A: cmd.exe', a('cmd.exe'), a('cmd.exe ', 'x\\cmd.exe', 'cmd.ex', '')],
    ['letters of either case', 'A: Cmd.EXE', a('cMD.exe', 'CMD.EXE'), a('cmd_exe')],
    [
      'non-ASCII letters of either case',
      'A: ÄRGER-ΣΟΦΟΣ-ЖУК',
      a('ärger-σοφος-жук', 'ÄRGER-ΣΟΦΟΣ-ЖУК', 'Ärger-σοφοσ-Жук'),
      a('arger-σοφος-жук'),
    ],
    ['ASCII letters equal only ASCII letters', 'A: kiss', a('KISS'), a('\u212aiss', 'ki\u017fs', 'kıss', 'KİSS')],
    ['folding keeps the length', "A: '?x'", a('İX', 'ßx', 'ẞX', 'ŉx'), a('ssx', 'i̇x')],
    ['letters outside the basic plane fold too', 'A: 𐐀', a('𐐨', '𐐀'), a('𐐩')],
  ])('%s', check)
})

describe('wildcards and escapes', () => {
  test.each<Row>([
    ['* is any run, none too', "A: 'a*c'", a('ac', 'abc', 'a*c', 'abcbc'), a('acb', 'bac', 'ab')],
    ['? is one character', "A: 'a?c'", a('abc', 'a?c', 'a\nc'), a('ac', 'abbc')],
    ['? is one character outside the basic plane too', "A: 'a??c'", a('a😀😀c', 'axyc'), a('a😀c')],
    ['a run goes over line ends', "A: 'a*c'", a('a\nb\r\nc', 'a\u2028c'), []],
    ['several runs', "A: '*a*b*ab'", a('xaxbxab', 'abab', 'ab ab ab'), a('abx', 'ab', 'aab')],
    ['a wildcard inside makes it no part of a value', "A: 'b?d'", a('bcd'), a('abcde', 'abcd', 'bcde')],
    ['\\* and \\? are letters', "A: 'a\\*b\\?'", a('a*b?'), a('axb?', 'a*bx', 'a\\*b\\?')],
    ['a single backslash is itself', "A: 'C:\\Windows\\x.exe'", a('C:\\Windows\\x.exe'), a('C:Windowsx.exe')],
    ['two backslashes are one', "A: 'a\\\\b'", a('a\\b'), a('a\\\\b')],
    ['two backslashes before * are a backslash and a run', "A: 'a\\\\*'", a('a\\', 'a\\bcd'), a('a', 'a*', 'abc')],
    ['three backslashes before * are a backslash and a star', "A: 'a\\\\\\*'", a('a\\*'), a('a\\x', 'a\\')],
    [
      'three or four backslashes are two',
      "A:\n  - 'a\\\\\\b'\n  - 'c\\\\\\\\d'",
      a('a\\\\b', 'c\\\\d'),
      a('a\\b', 'c\\d', 'a\\\\\\b'),
    ],
    ['a backslash at the end', "A: 'C:\\Temp\\'", a('C:\\Temp\\'), a('C:\\Temp', 'C:\\Temp\\x')],
    [
      'a backslash before a modifier’s wildcard stays a backslash',
      "A|contains: '\\Temp\\'",
      a('C:\\Temp\\x', '\\temp\\'),
      a('C:\\Temp*', 'C:\\Tempx'),
    ],
    ['only a run', "A: '*'", a('', 'x'), [{ B: 'x' }]],
    ['one character at least', "A: '?*'", a('x', 'xyz'), a('')],
  ])('%s', check)
})

describe('lists and maps', () => {
  test.each<Row>([
    ['a list of values: one of them', 'A: [x, y]', a('x', 'Y'), a('xy', 'z')],
    ['a map: all of its fields', 'A: x\nB: y', [{ A: 'x', B: 'y' }], [{ A: 'x' }, { A: 'x', B: 'x' }]],
    ['a list of maps: one of them', '- A: x\n  B: y\n- C: z', [{ A: 'x', B: 'y' }, { C: 'z' }], [{ A: 'x' }, { B: 'y' }]],
    ['a field with several values: one of them', 'A: x', [{ A: ['w', 'x'] }], [{ A: ['w', 'y'] }, { A: [] }]],
  ])('%s', check)

  test.each([
    ['an empty map', 's: {}\ncondition: s', '1:4 the selection is empty'],
    ['an empty list', 's: []\ncondition: s', '1:4 the selection is empty'],
    ['no values', 's:\n  A: []\ncondition: s', '2:6 "A" has no values'],
    ['a list in a list', 's:\n  - [x]\ncondition: s', '2:5 a list inside a list means nothing in Sigma'],
    ['a map as a value', 's:\n  A:\n    B: x\ncondition: s', '3:5 "A" needs a value or a list of values, not a map'],
    [
      'a list as a value of a list',
      's:\n  A: [[x]]\ncondition: s',
      '2:7 a value of "A" must be text, a number, true, false or null',
    ],
  ])('refused: %s', (_name, detection, reason) => {
    expect(refusalOf(detection)).toBe(reason)
  })
})

describe('null, empty, absent', () => {
  test.each<Row>([
    ['null: the field is not there', 'A: null', [{ B: 'x' }, {}], a('', '-', 'null')],
    ['~ and nothing are null too', 'A: ~\nB:', [{ C: 'x' }], [{ A: '' }, { B: '' }]],
    ['empty: there and empty', "A: ''", a(''), [{}, { A: ' ' }, { A: '-' }]],
    ['empty in a list', "A: ['', x]", a('', 'x'), [{}, { A: 'y' }]],
    ['a dash is no null', "A: '-'", a('-'), [{}, { A: '' }]],
    ['every other test fails on a field that is not there', 'A|re: .*', a(''), [{}]],
  ])('%s', check)

  test('null does not stand in a list', () => {
    expect(refusalOf("s:\n  A: ['', null]\ncondition: s")).toBe(
      '2:11 null cannot stand in a list of values; give it a selection of its own',
    )
  })

  test('null has no modifier but neq', () => {
    expect(refusalOf('s:\n  A|contains: null\ncondition: s')).toBe(
      '2:15 null means that the field is not there, so only "neq" may stand with it',
    )
    expect(holdsFor('s:\n  A|neq: null\ncondition: s', { A: '' })).toBe(true)
    expect(holdsFor('s:\n  A|neq: null\ncondition: s', {})).toBe(false)
  })
})

describe('numbers and booleans', () => {
  test.each<Row>([
    ['a number is its digits', 'A: 4688', a('4688'), a('04688', '4688.0', '0x1250')],
    ['a negative number', 'A: -1', a('-1'), a('1')],
    ['a number not in decimal is meant as written or as a number', 'A: 0x17', a('0x17', '0X17', '23'), a('17')],
    ['a decimal keeps its zero', 'A: 1.0', a('1.0', '1'), a('1.00')],
    ['quoted digits are text', "A: '0x17'", a('0x17'), a('23')],
    ['a boolean is its word in either case', 'A: true', a('true', 'True'), a('1', 'false')],
    ['a number with contains', 'A|contains: 46', a('4688'), a('4888')],
    ['a large number is not rounded', 'A: 9007199254740993', a('9007199254740993'), a('9007199254740992', '9007199254740994')],
  ])('%s', check)
})

describe('keywords', () => {
  test.each<Row>([
    ['keywords: one of them, anywhere in any value', '- evil\n- worse', a('so EVIL here', 'worse'), a('ev il', '')],
    ['a single keyword', 'evil', [{ B: 'x', A: 'devil' }], a('live')],
    [
      "'|all': each of them, in whichever values",
      "'|all': [evil, worse]",
      [{ A: 'evil', B: 'worse' }, { A: 'worse evil' }],
      a('evil'),
    ],
    ['keywords have wildcards', "- 'ev*l'\n- 'w?rse'", a('xx evIIIl', 'a wurse b'), a('evi', 'wrse')],
    ['a wildcard does not go from one value to the next', "- 'ev*l'", [{ A: 'evil' }], [{ A: 'ev', B: 'il' }]],
    ['keywords may be expressions', "'|re': ['ev[ai]l$']", a('more evil'), a('Evil', 'evil ')],
    ['numbers are keywords', '- 4711', a('id=4711;'), a('4 711')],
    ['keywords and maps in one list', '- evil\n- B: x', [{ A: 'evil' }, { B: 'x' }], [{ A: 'x' }]],
    ['whole keywords with startswith', "'|startswith': [evil, x y]", a('evil deed'), a('an evil deed')],
  ])('%s', check)

  test.each([
    ['an empty keyword', "s: ['']\ncondition: s", '1:5 an empty keyword is found in every record'],
    ['null as a keyword', 's: [null]\ncondition: s', '1:5 an empty keyword is found in every record'],
    [
      'a network as a keyword',
      "s:\n  '|cidr': 10.0.0.0/8\ncondition: s",
      '2:3 this modifier needs a field; keywords are text or regular expressions',
    ],
    ['keywords that differ', "s:\n  '|neq': x\ncondition: s", '2:3 "neq" needs a field; use "not" in the condition'],
    ['a single keyword with all', "s:\n  '|all': [x]\ncondition: s", '2:3 "all" needs at least two values'],
  ])('refused: %s', (_name, detection, reason) => {
    expect(refusalOf(detection)).toBe(reason)
  })
})

test('an empty value found in every text is doubtful, not refused', () => {
  const detection = "s:\n  A|contains: [x, '']\ncondition: s"
  expect(notesOf(detection)).toEqual(['an empty value with "contains" is found wherever the field is there'])
  expect(holdsFor(detection, { A: 'y' })).toBe(true)
  expect(holdsFor(detection, { B: 'y' })).toBe(false)
})
