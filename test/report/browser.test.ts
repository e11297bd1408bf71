import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../src/model/index.ts'
import { renderHtml } from '../../src/report/index.ts'
import { launchChromium } from './chromium.ts'
import { hostileReport, insufficientReport, islandReport, quietReport } from './sample-reports.ts'

const folder = mkdtempSync(join(tmpdir(), 'barograph-report-'))
let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

interface Opened {
  readonly page: Page
  /** Requests beside the file itself, console messages, errors: a report causes none. */
  readonly noise: string[]
}

let files = 0

async function open(report: Report, options: BrowserContextOptions = {}): Promise<Opened> {
  const file = join(folder, `report-${++files}.html`)
  writeFileSync(file, renderHtml(report))
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  await page.addInitScript({ path: join(import.meta.dirname, 'in-page.js') })
  const noise: string[] = []
  const url = pathToFileURL(file).href
  page.on('request', request => request.url().split('#')[0] !== url && noise.push(`request ${request.url()}`))
  page.on('console', message => noise.push(`console ${message.text()}`))
  page.on('pageerror', error => noise.push(`error ${error.message}`))
  page.on('dialog', dialog => noise.push(`dialog ${dialog.message()}`))
  await page.goto(url)
  return { page, noise }
}

const samples: readonly (readonly [string, () => Report])[] = [
  ['a whole intrusion', () => islandReport],
  ['nothing found', () => quietReport],
  ['too little evidence', () => insufficientReport],
  ['hostile evidence', hostileReport],
]

const inPage = (page: Page, call: string): Promise<unknown> => page.evaluate(call)
const isOpen = (page: Page, id: string) =>
  inPage(page, `document.getElementById('${id}').open && document.getElementById('${id}').checkVisibility()`)

describe.each(samples)('%s', (_name, report) => {
  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [768, 'light'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('at %i px, %s: quiet, nothing cut, nothing on each other, readable', async (width, colorScheme) => {
    const { page, noise } = await open(report(), { viewport: { width, height: 900 }, colorScheme })
    expect(await inPage(page, 'layoutProblems()')).toEqual([])
    await inPage(page, 'openAll()')
    expect(await inPage(page, 'layoutProblems()')).toEqual([])
    expect(await inPage(page, 'contrastProblems()')).toEqual([])
    expect(await inPage(page, `'ran' in window`)).toBe(false)
    expect(noise).toEqual([])
    await page.context().close()
  })

  test('one title, landmarks in order, every link inside the page leads somewhere', async () => {
    const { page } = await open(report())
    expect(await page.locator('h1').count()).toBe(1)
    expect(
      await page
        .locator('header, main, footer, nav')
        .evaluateAll(all => all.filter(item => item.closest('section') === null).map(item => item.tagName)),
    ).toEqual(['HEADER', 'NAV', 'MAIN', 'FOOTER'])
    const dead = (await inPage(page, 'deadLinks()')) as string[]
    expect(dead).toEqual([])
    expect(await inPage(page, 'doubleIds()')).toEqual([])
    await page.context().close()
  })
})

describe('findings', () => {
  const titles = (page: Page) =>
    inPage(
      page,
      `[...document.querySelectorAll('.finding')].filter(item => item.checkVisibility()).map(item => item.querySelector('summary b').textContent)`,
    )

  test('search, severity, host and technique narrow the list, Clear brings it back', async () => {
    const { page, noise } = await open(islandReport)
    await page.fill('input[name=text]', 'NTDSUTIL svc-backup')
    await expect.poll(() => page.textContent('#count')).toBe('1 of 10 shown')
    expect(await titles(page)).toEqual(['The domain password database was copied on dc01'])
    await page.click('button[type=reset]')
    await expect.poll(() => page.textContent('#count')).toBe('10 of 10 shown')
    await page.selectOption('select[name=severity]', { label: 'critical' })
    await expect.poll(() => page.textContent('#count')).toBe('3 of 10 shown')
    await page.click('button[type=reset]')
    await page.selectOption('select[name=host]', { label: 'ews02.ot.island.example' })
    await expect.poll(() => titles(page)).toEqual(['Remote desktop session from web01 to the engineering workstation ews02'])
    await page.selectOption('select[name=host]', '')
    await page.selectOption('select[name=technique]', { label: 'T1090.001' })
    await expect.poll(() => titles(page)).toEqual(['Port proxy on web01 forwards 8443 to the engineering network'])
    expect(noise).toEqual([])
    await page.context().close()
  })

  test('a technique leads to its findings', async () => {
    const { page } = await open(islandReport)
    await page.click('[data-filter-technique="T1003.003"]')
    await expect.poll(() => page.textContent('#count')).toBe('1 of 10 shown')
    await page.context().close()
  })

  test('a link to a finding that the filter hides shows it', async () => {
    const { page } = await open(islandReport)
    await page.fill('input[name=text]', 'no such words anywhere')
    await expect.poll(() => page.textContent('#count')).toBe('0 of 10 shown')
    await page.locator('.action a[href="#finding-1"]').click()
    await expect.poll(() => isOpen(page, 'finding-1')).toBe(true)
    await page.context().close()
  })
})

describe('keyboard', () => {
  test('Tab reaches the skip link first, then the steps of the diagram; Enter opens the records', async () => {
    const { page, noise } = await open(islandReport)
    await page.keyboard.press('Tab')
    expect(await inPage(page, 'document.activeElement.className')).toBe('skip')
    await page.locator('.wide .bd a').nth(5).focus()
    await page.keyboard.press('Shift+Tab')
    expect(await inPage(page, `document.activeElement.getAttribute('href')`)).toBe('#step-1-5')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect.poll(() => inPage(page, `document.activeElement.closest('details')?.id`)).toBe('step-1-6')
    expect(await isOpen(page, 'step-1-6')).toBe(true)
    expect(await page.locator('#step-1-6 .records').innerText()).toContain('ntdsutil "ac i ntds" ifm')
    expect(noise).toEqual([])
    await page.context().close()
  })

  test('whatever has the focus shows it', async () => {
    const { page } = await open(islandReport)
    const unmarked: string[] = []
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      const name = (await inPage(page, 'unmarkedFocus()')) as string
      if (name) unmarked.push(name)
    }
    expect(unmarked).toEqual([])
    await page.context().close()
  })

  test('a click on a line of the diagram opens its step', async () => {
    const { page } = await open(islandReport)
    await page.locator('.wide .bd a[href="#step-1-8"] .bd-reach').dispatchEvent('click')
    await expect.poll(() => isOpen(page, 'step-1-8')).toBe(true)
    await page.context().close()
  })
})

describe('appearance', () => {
  const paper = (page: Page) => inPage(page, 'getComputedStyle(document.body).backgroundColor')

  test('follows the system, and the button overrides it', async () => {
    const { page } = await open(islandReport, { colorScheme: 'dark' })
    const dark = await paper(page)
    await page.click('#theme')
    expect(await page.textContent('#theme')).toBe('Theme: light')
    const light = await paper(page)
    expect(light).not.toBe(dark)
    await page.emulateMedia({ colorScheme: 'light' })
    await page.click('#theme')
    expect(await paper(page)).toBe(dark)
    await page.context().close()
  })

  test('printing opens the records, drops what is only for the screen, and closes them again', async () => {
    const { page, noise } = await open(islandReport)
    await page.emulateMedia({ media: 'print' })
    // A4 less the margins of the style sheet.
    await page.setViewportSize({ width: 688, height: 1000 })
    await inPage(page, `dispatchEvent(new Event('beforeprint'))`)
    expect(await inPage(page, 'layoutProblems()')).toEqual([])
    expect(await inPage(page, `document.getElementById('summary').offsetHeight`)).toBeLessThan(1017)
    expect(await page.locator('details.print:not([open])').count()).toBe(0)
    expect(await page.locator('.bar, .filters').evaluateAll(all => all.filter(item => item.checkVisibility()).length)).toBe(0)
    expect(await paper(page)).toBe('rgb(255, 255, 255)')
    await inPage(page, `dispatchEvent(new Event('afterprint'))`)
    expect(await page.locator('details[open]').count()).toBe(0)
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(50_000)
    expect(noise).toEqual([])
    await page.context().close()
  })

  test('without scripts everything can be read', async () => {
    const { page } = await open(islandReport, { javaScriptEnabled: false })
    expect(await page.locator('#filters').isVisible()).toBe(false)
    await page.locator('#finding-1 summary').click()
    expect(await page.locator('#finding-1 .records').isVisible()).toBe(true)
    await page.context().close()
  })
})

test('2,000 findings with 20 records each open fast', async () => {
  const [finding] = islandReport.findings
  const [record] = finding?.evidence ?? []
  if (!finding || !record) throw new Error('the sample has no finding')
  const findings = Array.from({ length: 2000 }, (_, index) => ({
    ...finding,
    id: index.toString(16).padStart(16, '0'),
    title: `${finding.title} (${index})`,
    hosts: [`host${index % 97}.island.example`],
    evidence: Array.from({ length: 40 }, (_, number) => ({ ...record, record: number })),
    evidenceTotal: 40,
  }))
  const report = { ...islandReport, findings }
  const bytes = renderHtml(report).length
  const start = performance.now()
  const { page, noise } = await open(report)
  await page.locator('#count').waitFor()
  const opened = performance.now() - start
  await page.fill('input[name=text]', '(1234)')
  await expect.poll(() => page.textContent('#count'), { timeout: 15_000 }).toBe('1 of 2000 shown')
  const searched = performance.now() - start - opened
  const painted = Number(await inPage(page, `performance.getEntriesByName('first-contentful-paint')[0].startTime`))
  console.log(
    `2,000 findings: ${(bytes / 1e6).toFixed(1)} MB, first paint after ${Math.round(painted)} ms, open in ${Math.round(opened)} ms, first search ${Math.round(searched)} ms`,
  )
  // 40,000 records of 400 bytes of text and markup; the limits leave room for a slow machine.
  expect(bytes).toBeLessThan(30e6)
  expect(painted).toBeLessThan(5000)
  expect(opened).toBeLessThan(30_000)
  expect(noise).toEqual([])
  await page.context().close()
})
