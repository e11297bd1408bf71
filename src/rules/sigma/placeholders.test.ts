import { describe, expect, test } from 'vitest'
import { holdsFor, refusalOf } from '../../../test/sigma/rule-text.ts'
import { readPlaceholders } from './placeholders.ts'

const values = new Map([
  ['Admins', ['root', 'adm_*']],
  ['DC-NAME', ['dc01$']],
  ['nets', ['10.0.0.0/8', '192.168.0.0/16']],
  ['none', []],
])
const holds = (field: string, A: string): boolean => holdsFor(`s:\n  ${field}\ncondition: s`, { A }, values)

describe('expand', () => {
  test.each([
    ['a placeholder is each of its values', "A|expand: '%Admins%'", ['ROOT'], ['%Admins%', 'user']],
    ['a value may hold wildcards', "A|expand: '%Admins%'", ['adm_bo'], ['badm_bo']],
    ['a placeholder inside a value', "A|expand: 'X\\%DC-NAME%'", ['X%DC-NAME%'], ['Xdc01$']],
    ['a placeholder behind a backslash', "A|expand: 'X\\\\%DC-NAME%'", [], ['X\\dc01$']],
    ['contains and expand in either order', "A|contains|expand: '%DC-NAME%'", ['xdc01$y'], ['dc01']],
    ['contains behind expand', "A|expand|contains: '%DC-NAME%'", ['xdc01$y'], ['dc01']],
    ['two placeholders', "A|expand: '%DC-NAME%-%Admins%'", ['dc01$-root', 'dc01$-adm_x'], ['dc01$-', '-root']],
    ['an escaped percent sign', "A|expand: '\\%plain%Admins%'", ['%plainroot'], ['%plain%Admins%']],
    ['a single percent sign', "A|expand: '5% of'", ['5% of'], ['5 of']],
  ])('%s', (_name, field, yes, no) => {
    expect({ yes: yes.filter(value => holds(field, value)), no: no.filter(value => holds(field, value)) }).toEqual({
      yes,
      no: [],
    })
  })

  test('without the modifier a placeholder is text', () => {
    expect(holds("A: '%Admins%'", '%admins%')).toBe(true)
    expect(holds("A: '%Admins%'", 'root')).toBe(false)
  })

  test('networks from placeholders', () => {
    for (const field of ["A|expand|cidr: '%nets%'", "A|cidr|expand: '%nets%'"])
      expect([holds(field, '10.1.1.1'), holds(field, '11.1.1.1')]).toEqual([true, false])
  })

  test.each(['other', 'none'])('a placeholder without values refuses the rule: %s', name => {
    expect(refusalOf(`s:\n  A|expand: '%${name}%'\ncondition: s`, values)).toBe(
      `2:13 placeholder %${name}% has no values; give them with --placeholders FILE`,
    )
  })

  test('placeholders that multiply without end are refused', () => {
    const many = new Map([['a', Array.from({ length: 200 }, (_, n) => `${n}`)]])
    expect(refusalOf("s:\n  A|expand: '%a%%a%%a%'\ncondition: s", many)).toBe('2:13 the placeholders make more than 10000 values')
  })
})

describe('the file', () => {
  test('names with or without percent signs, one value or several', () => {
    const { placeholders, problems } = readPlaceholders({ path: 'p.yml', text: "Servers: [srv*, db01]\n'%Port%': 22\n" })
    expect({ placeholders: [...placeholders], problems }).toEqual({
      placeholders: [
        ['Servers', ['srv*', 'db01']],
        ['Port', ['22']],
      ],
      problems: [],
    })
  })

  test.each([
    ['a list', '- x', '1:1 placeholders are a map: name to a value or a list of values'],
    ['nothing under a name', 'A:\nB: []', '1:3 "A" needs words or a list of words; 2:4 "B" has no values'],
    ['no YAML', 'A: [', /not YAML/],
  ])('%s is a fault', (_name, text, reason) => {
    const said = readPlaceholders({ path: 'p.yml', text })
      .problems.map(problem => `${problem.line}:${problem.column} ${problem.reason}`)
      .join('; ')
    if (typeof reason === 'string') expect(said).toBe(reason)
    else expect(said).toMatch(reason)
  })
})
