import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { islandReport } from '../../test/report/sample-reports.ts'
import { renderIndicators } from './indicators.ts'

const rows = (text: string) => parse(text, { columns: true }) as Record<string, string>[]

test('relays, shell, accounts and hosts with first and last seen', () => {
  const table = rows(renderIndicators(islandReport))
  expect(table.find(row => row['value'] === '203.0.113.24')).toEqual({
    type: 'address',
    value: '203.0.113.24',
    firstSeen: '2023-05-17T19:42:10.000000Z',
    lastSeen: '2023-08-17T04:02:51.000000Z',
    confidence: 'high',
    context:
      'Web shell status.aspx on web01 was used by one outside address at a time; VPN log-ins of operator.reyes from three home-router networks; relay: other people’s device, weak and short-lived',
  })
  expect(table.filter(row => row['type'] === 'sha256').map(row => row['value'])).toEqual([
    islandReport.generatedFrom.evidence.find(item => item.path.endsWith('status.aspx'))?.sha256,
  ])
  expect(new Set(table.map(row => row['type']))).toEqual(new Set(['account', 'address', 'host', 'path', 'sha256']))
})

test('scanner noise gives no indicator', () =>
  expect(renderIndicators({ ...islandReport, incidents: [], findings: islandReport.findings.slice(9) })).toBe(
    '"type","value","firstSeen","lastSeen","confidence","context"\r\n',
  ))

test.each(['=cmd|calc!A1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '"=1', '|x', '%x'])(
  'no cell starts a formula: %j',
  value => {
    const [finding] = islandReport.findings
    if (!finding) throw new Error('no finding')
    const report = { ...islandReport, incidents: [], findings: [{ ...finding, hosts: [value], accounts: [value], title: value }] }
    for (const row of rows(renderIndicators(report)))
      for (const text of Object.values(row)) expect(text).not.toMatch(/^\s*[=+\-@|%\t\r]/)
  },
)
