import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostileReport, insufficientReport, islandReport, quietReport } from '../../../test/report/sample-reports.ts'
import { cellWidth, clip, wrap } from './cells.ts'
import { renderTerminal } from './terminal.ts'

const samples = [
  ['a whole intrusion', islandReport],
  ['nothing found', quietReport],
  ['too little evidence', insufficientReport],
  ['hostile evidence', hostileReport()],
] as const

describe.each(samples)('%s', (_name, report) => {
  test.each([40, 41, 59, 80, 120, 199, 200])('no line is wider than %i', width => {
    for (const line of renderTerminal(report, { width, colour: false }).split('\n'))
      expect(cellWidth(line), line).toBeLessThanOrEqual(width)
  })

  test('without colour no control character but the line feed, hidden and turning ones included', () => {
    expect(renderTerminal(report, { width: 100, colour: false })).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
    )
  })

  test('with colour only our own colours, each one ended', () => {
    const text = renderTerminal(report, { width: 100, colour: true })
    const rest = text.replace(/\u001b\[(?:0|1|2|3\d|1;37;41)m/g, '')
    expect(rest).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect(text.match(/\u001b\[0m/g)?.length).toBe(text.match(/\u001b\[(?:1|2|3\d|1;37;41)m/g)?.length)
    expect(rest).toBe(renderTerminal(report, { width: 100, colour: false }))
  })

  test('ASCII only when asked', () =>
    expect(renderTerminal(report, { width: 100, colour: false, unicode: false })).toMatch(/^[\n\x20-\x7e]*$/))
})

test('the attack path of the sample', () => {
  const text = renderTerminal(islandReport, { width: 120, colour: false })
  expect(
    text
      .slice(text.indexOf('       ┌'), text.indexOf('──▶ observed'))
      .split('\n')
      .map(line => line.trimEnd()),
  ).toEqual([
    '       ┌ relays ─────────┐       ┌ host ─────────┐       ┌ host ─────────┐       ┌ critical service ────────┐',
    '?╌╌╱╱╌▶│ 203.0.113.24 +1 │─1,3──▶│ web01         │─11───▶│ ews02         │╌12╌╌╌▶│ Drinking water, norther… │',
    '       └─────────────────┘       └───────────────┘       └───────────────┘       └──────────────────────────┘',
    '       ┌ relays ─────────┐       ┌ edge device ──┐       ┌ host ─────────┐       ┌ relay ───────────────────┐',
    '?╌╌╱╱╌▶│ 203.0.113.24 +1 │─2,7──▶│ vpn01         │─8────▶│ files01       │╌9╌╌╌╌▶│ 192.0.2.141              │',
    '       └─────────────────┘       └───────────────┘       └───────────────┘       └──────────────────────────┘',
    '       ┌ host ───────────┐       ┌ host ─────────┐',
    '       │ web01           │─5────▶│ dc01          │',
    '       └─────────────────┘       └───────────────┘',
    '',
  ])
})

test('every part is there, in the order in which it is needed', () => {
  const headings = renderTerminal(islandReport, { width: 80, colour: false }).match(/^.+(?= ─{3,}$)/gm)
  expect(headings?.filter(line => !/[│┌└]/.test(line))).toEqual([
    'Attack path',
    'Services it reached or could reach',
    'Who it may be',
    'Findings, strongest first',
    'What we could not see',
    'What to do next, in this order',
    'How much was understood',
  ])
})

test('wrap and clip keep to the width for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 60 }), (text, width) => {
      for (const line of wrap(text, width)) expect(cellWidth(line)).toBeLessThanOrEqual(width)
      expect(cellWidth(clip(text, width))).toBeLessThanOrEqual(width)
      expect(wrap(text, width).join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    }),
  )
})
