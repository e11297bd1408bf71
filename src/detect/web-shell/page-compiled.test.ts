import { expect, test } from 'vitest'
import { eventOf } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { MICROS_PER_MINUTE, MICROS_PER_SECOND, micros, type SecurityEvent } from '../../model/index.ts'
import { pageCompiled } from './page-compiled.ts'

const WORKER = 'C:\\Windows\\System32\\inetsrv\\w3wp.exe'
const PAGE = 'C:\\inetpub\\wwwroot\\help\\new.aspx'
const RESULT =
  'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\root\\1a2b\\3c4d\\new.aspx.f5dba9b9.compiled'
let record = 0
const wrote = (image: string, path: string, time: number): SecurityEvent => {
  const event = eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', image, path })
  return {
    ...event,
    host: 'web01.example',
    time: micros(1_700_000_000_000_000 + time),
    source: { ...event.source, record: ++record },
    identity: record,
  }
}

test.each([
  [
    'a page that the server wrote and compiled at once',
    [wrote(WORKER, PAGE, 0), wrote(WORKER, RESULT, 2 * MICROS_PER_SECOND)],
    ['medium: w3wp.exe compiled new.aspx 2 s after it was written: somebody called it'],
  ],
  // look-alikes
  ['every page is compiled once', [wrote(WORKER, RESULT, 0)], []],
  ['an old page', [wrote(WORKER, PAGE, 0), wrote(WORKER, RESULT, 40 * MICROS_PER_MINUTE)], []],
  ['compiled before it was replaced', [wrote(WORKER, PAGE, MICROS_PER_MINUTE), wrote(WORKER, RESULT, 0)], []],
  [
    'a deployment',
    [wrote('C:\\Program Files\\IIS\\Microsoft Web Deploy V3\\msdeploy.exe', PAGE, 0), wrote(WORKER, RESULT, 9)],
    [],
  ],
  ['another page', [wrote(WORKER, PAGE.replace('new', 'renew'), 0), wrote(WORKER, RESULT, MICROS_PER_SECOND)], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(pageCompiled, events))).toEqual(expected)
})
