import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Report } from '../../src/model/index.ts'
import { hunt, silentListener } from '../../src/pipeline/index.ts'
import { huntOptions } from '../hunt-options.ts'

const directory = mkdtempSync(join(tmpdir(), 'barograph-recordings-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function reportOn(name: string): Promise<Report> {
  const evidence = [join(import.meta.dirname, 'web-server', `${name}.access.log`)]
  const { report } = await hunt(
    huntOptions(evidence, join(directory, name), { sources: ['**=host:web01.example'] }),
    silentListener,
  )
  if (!report) throw new Error('no report')
  return report
}
const toldOf = ({ findings }: Report) =>
  findings.map(({ severity, title, witnesses }) => `${severity}: ${title} (${witnesses.map(({ rule }) => rule).join(', ')})`)

test('a day of ordinary use, recorded: nothing above low', async () => {
  const report = await reportOn('ordinary')
  expect(toldOf(report).sort()).toEqual([
    'low: /admin.php is used like a web shell by 192.0.2.10 (12 posts) (web-shell/lone-page)',
    'low: /hook.php is used like a web shell by 192.0.2.30 (21 posts) (web-shell/lone-page)',
    'low: 192.0.2.50 scanned the web server web01.example (web-shell/scanner, de356caa-643c-485e-acfc-17544cb31633)',
  ])
  expect(report.verdict.level).not.toBe('intrusion')
})

test('an upload and work with an inert page, recorded: told as one shell', async () => {
  const report = await reportOn('worked')
  expect(toldOf(report)).toEqual([
    'high: 203.0.113.9 put the new page /files/status.php in place through /upload.php (web-shell/page-uploaded)',
    expect.stringMatching(
      /^high: 203\.0\.113\.9 uploaded through \/upload\.php and \d+ s later opened the new page \/files\/status\.php \(web-shell\/lone-page, web-shell\/upload-then-page\)$/,
    ),
    'low: /hook.php is used like a web shell by 192.0.2.30 (8 posts) (web-shell/lone-page)',
    'low: /admin.php is used like a web shell by 192.0.2.10 (12 posts) (web-shell/lone-page)',
    'low: /upload.php is used like a web shell by 198.51.100.230 and 203.0.113.9 (3 posts) (web-shell/lone-page)',
  ])
  const life = report.findings.find(({ witnesses }) => witnesses.some(({ rule }) => rule === 'web-shell/upload-then-page'))
  expect(life?.addresses).toEqual(['203.0.113.9'])
  // Every request to the page: one look and nine posts.
  expect(life?.why).toContain('1 GET and 9 POST requests by 203.0.113.9')
})
