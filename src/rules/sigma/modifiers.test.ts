import { describe, expect, test } from 'vitest'
import { type Fields, holdsFor, notesOf, refusalOf } from '../../../test/sigma/rule-text.ts'

type Row = readonly [name: string, field: string, holds: readonly (string | Fields)[], quiet: readonly (string | Fields)[]]

const fieldsOf = (value: string | Fields): Fields => (typeof value === 'string' ? { A: value } : value)
const check = (_name: string, field: string, holds: Row[2], quiet: Row[3]): void => {
  const detection = `s:\n  ${field}\ncondition: s`
  expect({
    holds: holds.filter(value => holdsFor(detection, fieldsOf(value))),
    quiet: quiet.filter(value => !holdsFor(detection, fieldsOf(value))),
  }).toEqual({ holds, quiet })
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const base64Wide = (text: string): string => Buffer.from(text, 'utf16le').toString('base64')

describe('where in the value', () => {
  test.each<Row>([
    ['contains', 'A|contains: bc', ['bc', 'abcd', 'aBC'], ['b c', '', {}]],
    ['startswith', 'A|startswith: ab', ['ab', 'ABc'], ['cab', 'a']],
    ['endswith', 'A|endswith: bc', ['bc', 'aBC'], ['bcd', 'c']],
    ['a wildcard that is there already', "A|contains: '*bc*'", ['bc', 'abcd'], ['bd']],
    ['contains with a wildcard inside', "A|contains: 'b?d'", ['xbcdx'], ['xbdx']],
    ['endswith with a run inside', "A|endswith: 'b*d'", ['abccd', 'bd'], ['abcde', 'cd']],
    ['all: each value', 'A|contains|all: [b, d]', ['abcd', 'db'], ['abc', 'cd']],
    ['all in any order', 'A|all|contains: [b, d]', ['abcd'], ['abc']],
    ['cased', 'A|cased: Ab', ['Ab'], ['AB', 'ab']],
    ['cased with contains', 'A|contains|cased: Ab', ['xAbx'], ['xabx']],
    ['cased minds non-ASCII letters', 'A|cased: Ä', ['Ä'], ['ä']],
    ['neq: none of the values', 'A|neq: [x, y]', ['z', '', {}], ['x', 'Y']],
    ['neq with contains', 'A|contains|neq: x', ['abc', {}], ['axc']],
    ['neq of a field with several values: none is it', 'A|neq: x', [{ A: ['y', 'z'] }], [{ A: ['x', 'y'] }]],
    ['exists: the field is there, empty or not', 'A|exists: true', ['', 'x'], [{}]],
    ['exists: false', 'A|exists: false', [{}, { B: 'x' }], ['', 'x']],
    ['exists takes yes and no', 'A|exists: no', [{}], ['']],
  ])('%s', check)
})

describe('dashes', () => {
  test.each<Row>([
    ['windash exchanges the dash', "A|contains|windash: ' -c '", [' -c ', ' /c ', ' –c ', ' —c ', ' ―c '], [' c ', ' +c ']],
    ['windash takes a slash too', 'A|windash: /all', ['-all', '/all', '—all'], ['all', '\\all']],
    ['a dash inside a word stays', "A|contains|windash: '-well-known'", ['/well-known'], ['-well/known', '/well/known']],
    ['each dash by itself', "A|windash: '-a -b'", ['-a -b', '/a -b', '-a /b', '―a –b'], ['-a b']],
    ['windash with endswith', "A|endswith|windash: ' -s'", ['x /s'], ['x /s ']],
    ['windash with a wildcard before the dash', "A|windash: '*-s'", ['x/s', '-s'], ['x+s']],
    ['windash before base64', "A|windash|base64offset|contains: ' -enc cmd'", [base64('x /enc cmd y')], [base64('x +enc cmd y')]],
  ])('%s', check)

  test('more than four dashes are refused', () => {
    expect(refusalOf("s:\n  A|windash: '-a -b -c -d -e'\ncondition: s")).toBe(
      '2:14 more than four dashes to exchange in one value',
    )
  })
})

describe('encodings', () => {
  test.each<Row>([
    ['base64', 'A|base64: whoami', [base64('whoami')], ['whoami', base64('whoami').toLowerCase(), base64('whoamI')]],
    ['base64 with contains', 'A|base64|contains: foobar', [`x ${base64('foobar')} y`], [base64('xfoobar')]],
    [
      'base64offset at each of three places',
      'A|base64offset|contains: /bin/bash',
      [base64('/bin/bash'), base64('x/bin/bash -i'), base64('xy/bin/bash'), base64('xyz/bin/bash'), base64('xxxx/bin/bashxx')],
      [base64('/bin/bask'), base64('xy/bin/bash').toUpperCase(), '/bin/bash'],
    ],
    [
      'wide before base64offset',
      'A|wide|base64offset|contains: http',
      [base64Wide('see http://x'), base64Wide('http'), base64Wide('ahttp')],
      [base64('see http://x')],
    ],
    ['utf16le is wide', 'A|utf16le|base64|contains: foo', [base64Wide('foobar').slice(0, 8)], [base64('foo')]],
    ['utf16be', 'A|utf16be|base64: AB', [Buffer.from([0, 65, 0, 66]).toString('base64')], [base64Wide('AB')]],
    [
      'utf16 has a byte order mark',
      'A|utf16|base64: AB',
      [Buffer.from([255, 254, 65, 0, 66, 0]).toString('base64')],
      [base64Wide('AB')],
    ],
    ['wide alone: a character a byte', 'A|wide|contains: ab', ['xa\0b\0x', 'A\0B\0'], ['ab', 'a\0b']],
    ['text is UTF-8 before Base64', 'A|base64: Grüße', [base64('Grüße')], [Buffer.from('Grüße', 'latin1').toString('base64')]],
    ['an escaped wildcard is encoded as a letter', "A|base64: 'a\\*b'", [base64('a*b')], [base64('axb')]],
  ])('%s', check)

  test.each([
    [
      'a wildcard to be encoded',
      "A|base64: 'a*b'",
      '2:13 a value with wildcards cannot be encoded; escape them with a backslash',
    ],
    ['nothing to be encoded', "A|base64: ''", '2:13 an empty value cannot be encoded'],
    ['too short for an offset', 'A|base64offset|contains: a', '2:28 the value is too short to be known inside Base64'],
  ])('refused: %s', (_name, field, reason) => {
    expect(refusalOf(`s:\n  ${field}\ncondition: s`)).toBe(reason)
  })
})

describe('regular expressions', () => {
  test.each<Row>([
    ['re searches anywhere', 'A|re: b[cx]', ['abcd', 'bx'], ['bd']],
    ['re minds case', 'A|re: Ab', ['xAb'], ['ab']],
    ['re has its own escapes', "A|re: 'a\\*\\\\'", ['a*\\'], ['aa\\']],
    ['re with i', 'A|re|i: ab', ['xAB'], ['a b']],
    ['re with m: ^ and $ at lines', 'A|re|m: ^b$', ['a\nb\nc'], ['a b c']],
    ['re without m: ^ and $ at the ends', 'A|re: ^b$', ['b'], ['a\nb\nc']],
    ['$ is before a line end that ends the text, too', 'A|re: ^b+$', ['b\n'], ['b\n\n', 'b\nc']],
    ['$ in the middle', 'A|re: (a$|b$|c)d?$', ['a\n', 'cd'], ['ad', 'a\nd']],
    ['$ as a letter', "A|re: '^[$]\\$[[:alpha:]$]+\\Q$\\E$'", ['$$a$$\n'], ['$$a', '$$a$x']],
    ['$ with m', 'A|re: (?m)^b$', ['a\nb\nc'], ['ab']],
    ['re with s: . is a line end too', 'A|re|s: a.b', ['a\nb'], ['ab']],
    ['re without s: . is no line end', 'A|re: a.b', ['axb'], ['a\nb']],
    ['re with i and s', 'A|re|i|s: A.B', ['a\nb'], ['ab']],
    ['leading flags', "A|re: '(?i)ab'", ['AB'], ['a b']],
    ['leading flags, several', "A|re: '(?is)a.b'", ['A\nB'], ['ab']],
    ['several expressions: one of them', 'A|re: [^a, b$]', ['ax', 'xb'], ['xax']],
    ['all expressions', 'A|re|all: [^a, b$]', ['a-b'], ['ax', 'xb']],
    ['neq with re', 'A|re|neq: ^a', ['b', {}], ['ab']],
    ['an empty value has its expression', 'A|re: ^$', [''], ['x', {}]],
  ])('%s', check)

  test.each([
    [
      'looking ahead',
      "A|re: 'a(?=b)'",
      '2:9 regular expression: looking ahead or behind ("(?=", "(?!", "(?<=", "(?<!") is not part of Sigma',
    ],
    [
      'looking behind',
      "A|re: '(?<!a)b'",
      '2:9 regular expression: looking ahead or behind ("(?=", "(?!", "(?<=", "(?<!") is not part of Sigma',
    ],
    ['a back-reference', "A|re: '(a)\\1'", '2:9 regular expression: a back-reference ("\\1") is not part of Sigma'],
    [
      'a possessive quantifier',
      'A|re: a++',
      '2:9 regular expression: a possessive quantifier or atomic group is not part of Sigma',
    ],
    ['an atomic group', 'A|re: (?>a)', '2:9 regular expression: a possessive quantifier or atomic group is not part of Sigma'],
    ['an open bracket', 'A|re: (a', '2:9 regular expression: error parsing regexp: missing closing ): `(a`'],
    ['an empty expression', "A|re: ''", '2:9 an empty regular expression matches everything'],
    [
      'too many repetitions',
      'A|re: (abc){900}',
      '2:9 regular expression: its counted repetitions make 4502 steps, 2000 are allowed',
    ],
  ])('refused: %s', (_name, field, reason) => {
    expect(refusalOf(`s:\n  ${field}\ncondition: s`)).toBe(reason)
  })

  test('what looks like one of them in a class or behind a backslash is none', () => {
    expect(holdsFor("s:\n  A|re: '[(?=]\\++\\\\1'\ncondition: s", { A: '=++\\1' })).toBe(true)
  })

  test.each([
    '(a+)+$',
    '(a|a)*b',
    '(?:a?){30}a{30}b',
    '(.*)*x',
    '(x+x+)+y',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    'a*a*a*a*a*a*b',
    '(a|aa)+$',
  ])('%s cannot hang', expression => {
    const began = performance.now()
    expect(holdsFor(`s:\n  A|re: '${expression}'\ncondition: s`, { A: `${'a'.repeat(100_000)}!` })).toBe(false)
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

describe('networks', () => {
  test.each<Row>([
    [
      'cidr of IPv4',
      'A|cidr: 10.0.0.0/8',
      ['10.0.0.0', '10.255.255.255'],
      ['11.0.0.1', '9.255.255.255', 'host', '', '10.0.0', '10.0.0.256', {}],
    ],
    [
      'cidr takes IPv4 mapped into IPv6',
      'A|cidr: 10.0.0.0/8',
      ['::ffff:10.1.2.3', '::FFFF:a01:203', '0:0:0:0:0:ffff:10.1.2.3'],
      ['::10.1.2.3', '::ffff:11.1.2.3'],
    ],
    ['cidr of a mapped network', "A|cidr: '::ffff:10.0.0.0/104'", ['10.9.9.9', '::ffff:10.9.9.9'], ['11.0.0.1']],
    ['cidr of odd length', 'A|cidr: 192.168.128.0/17', ['192.168.128.0', '192.168.255.1'], ['192.168.127.255']],
    ['cidr of everything', 'A|cidr: 0.0.0.0/0', ['8.8.8.8'], ['::1', '2001:db8::1']],
    [
      'cidr of IPv6',
      "A|cidr: '2001:db8::/33'",
      ['2001:db8::1', '2001:DB8:7fff::', '2001:0db8:0:0::5'],
      ['2001:db8:8000::1', '2001:db9::1', '::1', '1.2.3.4'],
    ],
    ['cidr of all IPv6 holds no IPv4', "A|cidr: '::/0'", ['2001:db8::1', '::1'], ['10.0.0.1', '::ffff:10.0.0.1']],
    ['cidr of one address', "A|cidr: ['192.0.2.7', '::1']", ['192.0.2.7', '::1', '0:0:0:0:0:0:0:1'], ['192.0.2.8', '::2']],
    ['an address with a zone', 'A|cidr: fe80::/10', ['fe80::1%12', 'fe80::1%eth0'], ['ff80::1%12']],
    [
      'a leading zero is no address',
      'A|cidr: 10.0.0.0/8',
      ['10.0.0.1'],
      ['010.0.0.1', '10.0.0.01', '10.0.0.1:80', '10.0.0.1/32'],
    ],
    ['neq with cidr', 'A|cidr|neq: [10.0.0.0/8, 192.168.0.0/16]', ['8.8.8.8', 'host'], ['10.1.1.1', '192.168.1.1']],
  ])('%s', check)

  test.each([
    '10.0.0.0/33',
    '10.0.0/8',
    "'::/129'",
    "'1::2::3/64'",
    '10.0.0.*',
    'host',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    "'12345::/16'",
    "'1:2:3:4:5:6:7:8:9/64'",
  ])('refused: %s is no network', network => {
    expect(refusalOf(`s:\n  A|cidr: ${network}\ncondition: s`)).toBe(
      `2:11 "${network.replaceAll("'", '')}" is not a network such as 10.0.0.0/8`,
    )
  })

  test('bits behind the prefix are ignored and told', () => {
    expect(notesOf('s:\n  A|cidr: 10.1.2.3/8\ncondition: s')).toEqual([
      '"10.1.2.3/8" has bits set behind its prefix; they are ignored',
    ])
    expect(holdsFor('s:\n  A|cidr: 10.1.2.3/8\ncondition: s', { A: '10.200.0.1' })).toBe(true)
  })
})

describe('comparisons', () => {
  test.each<Row>([
    ['gt', 'A|gt: 10', ['11', '10.5', '1e2', '0xff', ' 11 '], ['10', '9', '-11', 'x', '', '11a', 'Infinity', {}]],
    ['gte', 'A|gte: 10', ['10', '10.0', '11'], ['9.99']],
    ['lt', 'A|lt: -1', ['-2', '-1.5'], ['-1', '0', 'x', '']],
    ['lte', 'A|lte: 1.5', ['1.5', '-3', '.5'], ['1.51']],
    ['gt with a list: one of them', 'A|gt: [10, 5]', ['6'], ['5']],
    ['a quoted bound', "A|gt: '10'", ['11'], ['10']],
    ['a field with several values', 'A|gt: 10', [{ A: ['1', '11'] }], [{ A: ['1', '2'] }]],
  ])('%s', check)

  test('a bound must be a number', () => {
    expect(refusalOf('s:\n  A|gt: ten\ncondition: s')).toBe('2:9 "gt" needs a number, not "ten"')
    expect(refusalOf('s:\n  A|lt: true\ncondition: s')).toBe('2:9 "lt" needs a number, not "true"')
  })
})

describe('field references', () => {
  test.each<Row>([
    [
      'fieldref: the same value, any case',
      'A|fieldref: B',
      [
        { A: 'x', B: 'X' },
        { A: '', B: '' },
      ],
      [{ A: 'x', B: 'y' }, { A: 'x' }, { B: 'x' }, {}],
    ],
    [
      'fieldref with contains',
      'A|fieldref|contains: B',
      [{ A: 'abc', B: 'B' }],
      [
        { A: 'b', B: 'abc' },
        { A: 'abc', B: '' },
      ],
    ],
    ['fieldref with startswith', 'A|fieldref|startswith: B', [{ A: 'abc', B: 'ab' }], [{ A: 'abc', B: 'bc' }]],
    ['fieldref with endswith', 'A|fieldref|endswith: B', [{ A: 'abc', B: 'bc' }], [{ A: 'abc', B: 'ab' }]],
    [
      'an empty value of the other field is part of nothing',
      'A|fieldref|contains: B',
      [{ A: 'abc', B: 'b' }],
      [{ A: 'abc', B: '' }],
    ],
    ['fieldref with cased', 'A|fieldref|cased: B', [{ A: 'x', B: 'x' }], [{ A: 'x', B: 'X' }]],
    [
      'fieldref with neq needs both fields',
      'A|fieldref|neq: B',
      [{ A: 'x', B: 'y' }],
      [{ A: 'x', B: 'X' }, { A: 'x' }, { B: 'x' }, {}],
    ],
    ['a wildcard in the other field is a letter', 'A|fieldref: B', [{ A: '*', B: '*' }], [{ A: 'x', B: '*' }]],
    ['fieldref to one of several fields', 'A|fieldref: [B, C]', [{ A: 'x', C: 'x' }], [{ A: 'x', B: 'y' }]],
    [
      'fieldref with neq to several fields: none of them',
      'A|fieldref|neq: [B, C]',
      [{ A: 'x', B: 'y', C: 'z' }],
      [
        { A: 'x', B: 'y', C: 'x' },
        { A: 'x', B: 'y' },
      ],
    ],
    [
      'fieldref between fields with several values',
      'A|fieldref: B',
      [{ A: ['w', 'x'], B: ['x', 'y'] }],
      [{ A: ['v'], B: ['x', 'y'] }],
    ],
    [
      'fieldref with neq between fields with several values: none is the same',
      'A|fieldref|neq: B',
      [{ A: ['v', 'w'], B: ['x'] }],
      [{ A: ['w', 'x'], B: ['x', 'y'] }],
    ],
  ])('%s', check)
})

describe('parts of a time', () => {
  const time = '2023-05-07 23:59:58.123'
  test.each<Row>([
    [
      'minute',
      'A|minute: 59',
      [time, '2023-05-07T23:59Z', '[07/May/2023:23:59:58 +0200]'],
      ['2023-05-07', '2023-05-07 23:58:59', 'x', '59', {}],
    ],
    [
      'hour',
      'A|hour: 23',
      [time, '2023-05-07T23:00:00+10:00', '1683503998', '1683503998.25', '1683503998000'],
      ['2023-05-07 22:59:59', '23', ''],
    ],
    ['day', 'A|day: 7', [time, '2023-05-07', '2023/05/07 10:00:00'], ['2023-05-17', '7']],
    ['week', 'A|week: 18', [time, '2023-05-01'], ['2023-05-08', '2023-04-30']],
    ['week of a year that begins in the last one’s', 'A|week: 52', ['2023-01-01'], ['2023-01-02']],
    ['month', 'A|month: 5', [time], ['2023-06-05', '2023-13-05']],
    ['year', 'A|year: 2023', [time], ['2024-05-07', '2023']],
    ['a part with a comparison', 'A|hour|gte: 22', [time, '2023-05-07 22:00:00'], ['2023-05-07 21:59:59', 'x']],
    ['a part with a list', 'A|hour: [22, 23]', [time], ['2023-05-07 21:59:59']],
    ['a part with neq needs a time', 'A|hour|neq: [22, 23]', ['2023-05-07 21:59:59'], [time, 'x', {}]],
  ])('%s', check)

  test('a part has its limits', () => {
    expect(refusalOf('s:\n  A|hour: 24\ncondition: s')).toBe('2:11 "hour" is a whole number from 0 to 23, not 24')
    expect(refusalOf('s:\n  A|month: 1.5\ncondition: s')).toBe('2:12 "month" is a whole number from 1 to 12, not 1.5')
  })
})

describe('modifiers that make no sense together are refused', () => {
  test.each([
    ['contains|endswith', '"contains" and "endswith" exclude each other'],
    ['startswith|contains', '"startswith" and "contains" exclude each other'],
    ['re|contains', '"re" and "contains" exclude each other: a regular expression is looked for anywhere in the value as it is'],
    ['re|startswith', '"re" and "startswith" exclude each other: write "^" at its beginning'],
    ['re|endswith', '"re" and "endswith" exclude each other: write "$" at its end'],
    ['re|cased', '"re" and "cased" exclude each other: a regular expression minds case unless it has "i"'],
    ['base64|re', '"re" and "base64" exclude each other'],
    ['windash|re', '"re" and "windash" exclude each other'],
    ['i', '"i" belongs to "re": write "re|i"'],
    ['contains|m', '"m" belongs to "re": write "re|m"'],
    ['i|re', '"re" must stand before "i": modifiers are applied in the order they are written'],
    ['cidr|contains', '"cidr" and "contains" exclude each other'],
    ['cidr|re', '"cidr" and "re" exclude each other'],
    ['cidr|cased', '"cidr" and "cased" exclude each other'],
    ['gt|contains', '"gt" and "contains" exclude each other'],
    ['gt|lt', '"gt" and "lt" exclude each other'],
    ['gt|neq', '"gt" and "neq" exclude each other'],
    ['gt|cased', '"gt" and "cased" exclude each other'],
    ['exists|contains', '"exists" and "contains" exclude each other'],
    ['exists|neq', '"exists" and "neq" exclude each other'],
    ['exists|all', '"exists" and "all" exclude each other'],
    ['wide|utf16|base64', '"wide" and "utf16" exclude each other'],
    ['utf16le|utf16be', '"utf16le" and "utf16be" exclude each other'],
    ['base64|base64offset', '"base64" and "base64offset" exclude each other'],
    ['base64|wide', '"wide" must stand before "base64": modifiers are applied in the order they are written'],
    ['contains|base64', '"base64" must stand before "contains": modifiers are applied in the order they are written'],
    ['base64|windash', '"windash" must stand before "base64": modifiers are applied in the order they are written'],
    ['base64|expand', '"expand" must stand before "base64": modifiers are applied in the order they are written'],
    ['windash|all|contains', '"windash" and "all" exclude each other: every form of the dash would have to occur'],
    ['neq|all', '"neq" and "all" exclude each other: "neq" already means none of the values'],
    ['fieldref|re', '"fieldref" and "re" exclude each other'],
    ['fieldref|base64', '"fieldref" and "base64" exclude each other'],
    ['fieldref|windash', '"fieldref" and "windash" exclude each other'],
    ['hour|minute', '"hour" and "minute" exclude each other'],
    ['hour|contains', '"hour" and "contains" exclude each other'],
    ['contains|contains', 'modifier "contains" stands twice'],
    ['contain', 'modifier "contain" does not exist in Sigma 2.1; "contains" does'],
    ['Contains', 'modifier "Contains" does not exist in Sigma 2.1; "contains" does'],
    ['frobnicate', 'modifier "frobnicate" does not exist in Sigma 2.1'],
    ['', 'there is a "|" without a modifier'],
  ])('%s', (modifiers, reason) => {
    expect(refusalOf(`s:\n  A|${modifiers}: [1, 2]\ncondition: s`)).toBe(`2:3 ${reason}`)
  })

  test.each([
    ['all needs two values', 'A|all: x', '2:3 "all" needs at least two values'],
    ['exists needs true or false', 'A|exists: maybe', '2:13 "exists" needs true or false'],
    ['exists has one value', 'A|exists: [true, false]', '2:3 "exists" has one value, true or false'],
    ['fieldref needs a name', 'A|fieldref: 5', '2:15 "fieldref" needs the name of a field'],
  ])('%s', (_name, field, reason) => {
    expect(refusalOf(`s:\n  ${field}\ncondition: s`)).toBe(reason)
  })
})
