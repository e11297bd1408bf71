import { expect, test } from 'vitest'
import { processStart } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { temporaryProgramShell } from './temporary-program-shell.ts'

const CMD = 'C:\\Windows\\System32\\cmd.exe'
const PAYLOAD = 'C:\\Users\\ann\\AppData\\Local\\Temp\\RarSFX1\\payload.exe'
let record = 0
const start = (image: string, commandLine: string, parentImage: string, guid: string, parentGuid: string) => {
  record++
  return processStart(
    { image, commandLine, parentImage, processGuid: guid, parentGuid, user: 'EXAMPLE\\ann' },
    { record, time: 1_700_000_000_000_000 + record * 1_000_000 },
  )
}
const shellOf = (parent: string) => start(CMD, CMD, parent, '{shell}', '{payload}')
const asked = (line: string, parentGuid = '{shell}') =>
  start(`C:\\Windows\\System32\\${line.split(' ')[0]}.exe`, line, CMD, `{${line}}`, parentGuid)

test.each([
  [
    'somebody looks around',
    () => [shellOf(PAYLOAD), asked('systeminfo'), asked('whoami'), asked('whoami /groups')],
    ['medium: payload.exe in a temporary folder started cmd.exe, which ran systeminfo; whoami; whoami /groups'],
  ],
  [
    'an installer',
    () => [shellOf(PAYLOAD), asked('xcopy a b')],
    ['low: payload.exe in a temporary folder started cmd.exe, which ran xcopy a b'],
  ],
  [
    'a shell of an installed program',
    () => [shellOf('C:\\Program Files\\App\\app.exe'), asked('whoami'), asked('systeminfo')],
    [],
  ],
  [
    'commands of another shell',
    () => [shellOf(PAYLOAD), asked('systeminfo', '{other}'), asked('whoami', '{other}')],
    ['low: payload.exe in a temporary folder started cmd.exe'],
  ],
])('%s', async (_name, events, found) => {
  expect(saidIn(await foundBy(temporaryProgramShell, events()))).toEqual(found)
})
