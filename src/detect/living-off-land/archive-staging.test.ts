import { expect, test } from 'vitest'
import { command, processStart, saidBy } from '../../../test/record-detector.ts'
import { archiveStaging } from './archive-staging.ts'

test.each([
  [
    '7z a -p -v100m c:\\windows\\temp\\a.gif d:\\plans',
    'high: Archive made with a password, in volumes, named a.gif, in a shared temporary folder: 7z a -p -v100m c:\\windows\\temp\\a.gif d:\\plans',
  ],
  [
    'makecab ..\\backup\\210829.zip ..\\webapps\\adssp\\html\\Lock.lic',
    'medium: Archive made named lock.lic, in a served folder: makecab ..\\backup\\210829.zip ..\\webapps\\adssp\\html\\Lock.lic',
  ],
  [
    'rar.exe a -hpSecret C:\\x\\a.rar C:\\x\\ntds.dit',
    'high: Archive made with a password, of credential stores: rar.exe a -hpSecret C:\\x\\a.rar C:\\x\\ntds.dit',
  ],
  [
    '7z.exe a -pSecret e:\\finance\\2024.7z e:\\finance\\2024',
    'low: Archive made with a password: 7z.exe a -pSecret e:\\finance\\2024.7z e:\\finance\\2024',
  ],
  ['7z.exe a e:\\backup\\site.zip e:\\site', 'informational: Archive made: 7z.exe a e:\\backup\\site.zip e:\\site'],
  ['7z.exe x a.7z', ''],
  ['ipconfig /all', ''],
])('%s', (line, said) => {
  expect(saidBy(archiveStaging, command(line))).toBe(said)
})

test('a renamed packer, seen by the name in its version resource', () => {
  const renamed = processStart({
    image: 'C:\\Windows\\Temp\\ronf.exe',
    originalFileName: 'rar.exe',
    commandLine: 'ronf.exe a -r C:\\Windows\\Temp\\DMBC2C61.tmp d:\\gis',
  })
  expect(saidBy(archiveStaging, renamed)).toBe(
    'high: Archive made named dmbc2c61.tmp, by rar.exe under the name ronf.exe, in a shared temporary folder: ronf.exe a -r C:\\Windows\\Temp\\DMBC2C61.tmp d:\\gis',
  )
})

test('a renamed packer, known by its switches where no version resource is logged', () => {
  const renamed = processStart({
    image: 'C:\\Windows\\Temp\\ronf.exe',
    commandLine: 'ronf.exe a -hpX -v40m C:\\Windows\\Temp\\lock.lic C:\\Windows\\Temp\\pro',
  })
  expect(saidBy(archiveStaging, renamed)).toBe(
    'high: Archive made with a password, in volumes, named lock.lic, by a packer under the name ronf.exe, in a shared temporary folder: ronf.exe a -hpX -v40m C:\\Windows\\Temp\\lock.lic C:\\Windows\\Temp\\pro',
  )
  expect(saidBy(archiveStaging, processStart({ image: 'C:\\Windows\\System32\\find.exe', commandLine: 'find a -v2 x' }))).toBe('')
})
