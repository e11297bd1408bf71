// Draws the pictures of docs/pictures from the example's expected report: `node test/report/draw-pictures.ts` (needs Chromium, see chromium.ts).
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Report } from '../../src/model/index.ts'
import { attackDiagram, renderHtml } from '../../src/report/index.ts'
import { launchChromium } from './chromium.ts'

const example = resolve(import.meta.dirname, '../../examples/guam/expected-report.json')
const report = JSON.parse(readFileSync(example, 'utf8')) as Report
const target = resolve(import.meta.dirname, '../../docs/pictures')
mkdirSync(target, { recursive: true })
const [incident] = report.incidents
if (incident)
  writeFileSync(
    join(target, 'attack-path.svg'),
    `${attackDiagram(incident, { services: report.impact.services, standalone: true })}\n`,
  )

const folder = mkdtempSync(join(tmpdir(), 'barograph-pictures-'))
const file = join(folder, 'report.html')
writeFileSync(file, renderHtml(report))
const browser = await launchChromium()
for (const [name, width, height, colorScheme] of [
  ['report', 1280, 1080, 'light'],
  ['report-dark', 1280, 1080, 'dark'],
  ['report-telephone', 390, 844, 'light'],
] as const) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme })
  await page.goto(pathToFileURL(file).href)
  await page.screenshot({ path: join(target, `${name}.png`) })
}
await browser.close()
rmSync(folder, { recursive: true })
