import { expect, test } from 'vitest'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { readText } from '../../../test/text-part.ts'
import { reader as assets } from '../../readers/assets/reader.ts'
import { reader as configs } from '../../readers/device-config/reader.ts'
import { exposedDevice } from './exposed-device.ts'

const listed = (...fields: readonly string[]) =>
  readText(assets, `id,ip,role,vendor,model,firmware\n${fields.join(',')}\n`, { path: 'a.csv' }).events

test.each([
  [
    'an old version',
    ['fw01', '10.0.0.1', 'edge firewall', 'Fortinet', 'FortiGate 300D', '6.2.3'],
    ['low: fw01 (Fortinet FortiGate 300D) lacks the fix of CVE-2022-42475, CVE-2023-27997, is past its support'],
  ],
  [
    'a newer one',
    ['fw01', '10.0.0.1', 'edge firewall', 'Fortinet', 'FortiGate 60F', '7.4.9'],
    ['informational: fw01 (Fortinet FortiGate 60F) has flaws listed as exploited (product line)'],
  ],
  [
    'no version',
    ['fw01', '10.0.0.1', 'edge firewall', 'Fortinet', 'FortiGate 60F', ''],
    ['informational: fw01 (Fortinet FortiGate 60F) has flaws listed as exploited (product line, version unknown)'],
  ],
  [
    'an ended model',
    ['r1', '10.0.0.1', 'router', 'Cisco', 'RV325', '1.5.1.11'],
    ['low: r1 (Cisco RV325) is past its support, has flaws listed as exploited (exact model)'],
  ],
  [
    'a camera of the reports',
    ['cam7', '10.0.0.1', 'camera', 'Axis', 'P1367-E', ''],
    ['low: cam7 (Axis P1367-E) is named in reports on intrusions'],
  ],
  ['a maker nobody lists', ['r1', '10.0.0.1', 'router', 'Example', 'R1', ''], []],
  ['a machine inside', ['pc7', '10.0.0.7', 'workstation', 'Cisco', 'RV320', ''], []],
  ['no maker', ['r1', '10.0.0.1', 'router', '', '', ''], []],
])('%s', async (_name, fields, expected) => {
  expect(saidIn(await foundBy(exposedDevice, listed(...fields)))).toEqual(expected)
})

test('a configuration names its device, too; the word "vulnerable" is never used, and no finding is above low', async () => {
  const text =
    '#config-version=FGT60F-6.4.9-FW-build1966-220421:opmode=0:vdom=0:user=admin\nconfig system global\nset hostname fw01\nend\n'
  const found = await foundBy(exposedDevice, readText(configs, text).events)
  expect(saidIn(found)).toEqual([
    'low: fw01 (Fortinet FortiGate 60F FortiOS) lacks the fix of CVE-2022-42475, CVE-2023-27997, is past its support',
  ])
  expect(found[0]?.why).toContain('CVE-2022-42475 is fixed in 6.4.11 (Fortinet FG-IR-22-398')
  expect(JSON.stringify(found)).not.toMatch(/vulnerable/i)
})
