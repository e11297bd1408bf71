import { expect, test } from 'vitest'
import { at, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { sensorAlerts } from './sensor-alerts.ts'

const alert = (title: string, srcIp: string, severity = 2, product = 'suricata', signature = '1:1') =>
  at('detection_finding', 0, { title, signature, severity, srcIp, dstIp: '10.0.0.80' }, { product }) as SecurityEvent

test.each([
  [
    'a block list in groups is one',
    times(70, i => alert(`Bad reputation group ${i}`, `198.51.100.${i + 1}`)),
    ['informational: Sensor alert "Bad reputation" from 70 outside addresses, 70 times'],
  ],
  ['the worst class', [alert('Shell', '203.0.113.9', 1)], ['low: Sensor alert "Shell" from 203.0.113.9']],
  [
    'each inside source for itself',
    [alert('Odd', '10.0.0.5'), alert('Odd', '10.0.0.6'), alert('Odd', '10.0.0.6')],
    ['low: Sensor alert "Odd" from 10.0.0.6, 2 times', 'low: Sensor alert "Odd" from 10.0.0.5'],
  ],
  [
    'a notice whose message counts',
    times(9, i => alert(`10.0.0.5 scanned ${i}`, '10.0.0.5', 2, 'zeek', 'Scan::Address_Scan')),
    ['low: Sensor alert "Scan::Address_Scan" from 10.0.0.5, 9 times'],
  ],
  [
    'what the sensor says about itself',
    [
      alert('lost packets', '', 2, 'zeek', 'CaptureLoss::Too_Much_Loss'),
      alert('bad certificate', '10.0.0.5', 2, 'zeek', 'SSL::Invalid_Server_Cert'),
    ],
    [],
  ],
  ['another product has its own detectors', [alert('Malware', '10.0.0.5', 1, 'defender')], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(sensorAlerts, events))).toEqual(expected)
})
