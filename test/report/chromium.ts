import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Starts the Chromium of this machine, or fails with the way to get one. */
export async function launchChromium(): Promise<Browser> {
  const given = process.env['CHROMIUM_PATH']
  const executablePath = given ?? PLACES.find(existsSync)
  if (!executablePath || !existsSync(executablePath))
    throw new Error(
      `${given ? `CHROMIUM_PATH names ${given}, which does not exist` : `no Chromium in ${PLACES.join(', ')}`}. The browser tests need one: on Debian or Ubuntu as root \`apt-get update && apt-get install -y --no-install-recommends chromium\`, elsewhere install Chromium or Chrome and set CHROMIUM_PATH.`,
    )
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
