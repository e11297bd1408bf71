import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { renderJson } from '../../src/report/index.ts'
import { hostileReport, hostileTexts, insufficientReport, islandReport, quietReport } from './sample-reports.ts'

const schema = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../docs/report-schema.json'), 'utf8'))
const validate = new Ajv2020({ allErrors: true }).compile(schema)

describe('docs/report-schema.json', () => {
  test.each([
    ['a whole intrusion', islandReport],
    ['nothing found', quietReport],
    ['too little evidence', insufficientReport],
  ])('accepts %s', (_name, report) => {
    validate(JSON.parse(renderJson(report)))
    expect(validate.errors ?? []).toEqual([])
  })

  test.each([
    ['another schema', { ...islandReport, schema: 'barograph/report/2' }],
    [
      'a bare percentage as likelihood',
      {
        ...islandReport,
        attribution: { statement: '', hypotheses: [{ who: 'x', likelihood: '92%', confidence: 'high', for: [], against: [] }] },
      },
    ],
    [
      'a time without microseconds',
      { ...islandReport, generatedFrom: { ...islandReport.generatedFrom, since: '2023-08-15T05:34:25Z' } },
    ],
    ['a field nobody described', { ...islandReport, mood: 'calm' }],
    [
      'a finding nobody witnessed',
      { ...islandReport, findings: islandReport.findings.map(finding => ({ ...finding, witnesses: [] })) },
    ],
    ['no blind spots', { ...islandReport, blindSpots: undefined }],
  ])('refuses %s', (_name, report) => expect(validate(JSON.parse(JSON.stringify(report)))).toBe(false))
})

test('the same report gives the same bytes', () =>
  expect(renderJson(structuredClone(islandReport))).toBe(renderJson(islandReport)))

test('nothing in report.json is obeyed by a terminal, and everything can be read back', () => {
  const text = renderJson(hostileReport())
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
  expect(JSON.parse(text).findings.map((finding: { title: string }) => finding.title)).toEqual(Object.values(hostileTexts))
})

test('passwords are masked in every renderer’s source', () => {
  const [finding] = islandReport.findings
  if (!finding) throw new Error('no finding')
  const secret = 'net use \\\\web01\\c$ Hunter2! /user:adm'
  const text = renderJson({
    ...islandReport,
    findings: [
      { ...finding, title: secret, why: secret, evidence: finding.evidence.map(record => ({ ...record, excerpt: secret })) },
    ],
  })
  expect(text).not.toContain('Hunter2!')
  expect(text).toContain('[masked]')
})
