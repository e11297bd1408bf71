import { expect, test } from 'vitest'
import { citedExploits, edgeDevices, exposureOf } from './index.ts'

const said = (vendor: string, model: string, firmware = '', day = '2024-01-01') => {
  const { reported, support, exploited, unfixed } = exposureOf({ vendor, model, firmware }, day)
  return [
    reported ? `${reported.device.name}: ${reported.quality}` : '',
    support.state,
    exploited ? `${exploited.entries.length > 0}: ${exploited.quality}` : '',
    unfixed.map(({ cve, fixedIn }) => `${cve} ${fixedIn}`).join(', '),
  ].join(' | ')
}

test.each([
  [
    'Cisco',
    'RV320',
    '1.4.2.15',
    'Cisco RV320/RV325: exact model | ended | true: exact model | CVE-2019-1652 1.4.2.22, CVE-2019-1653 1.4.2.22',
  ],
  ['Cisco', 'RV325', '1.5.1.11', 'Cisco RV320/RV325: exact model | ended | true: exact model | '],
  ['Cisco', 'RV340', '', 'Cisco small business routers and others: product line | unknown | true: exact model | '],
  [
    'Fortinet',
    'FortiGate 300D',
    '6.2.3',
    'Fortinet FortiGate: product line | ended | true: product line | CVE-2022-42475 6.2.12, CVE-2023-27997 6.2.15',
  ],
  ['Fortinet', 'FortiGate 60F', '7.2.9', 'Fortinet FortiGate: product line | supported | true: product line | '],
  ['Fortinet', 'FortiGate 60F', '7.0', 'Fortinet FortiGate: product line | supported | true: product line | '],
  ['Fortinet', 'FortiGate 60F', '', 'Fortinet FortiGate: product line | unknown | true: product line | '],
  ['NETGEAR', 'ProSAFE FVS318', '', 'NETGEAR ProSAFE firewalls: product line | ended | true: maker only | '],
  ['NETGEAR', 'R7000', '', 'NETGEAR routers: maker only | unknown | true: maker only | '],
  ['DrayTek', 'Vigor 2960', '', 'DrayTek Vigor routers: product line | unknown | true: product line | '],
  ['Axis', 'M1045-LW', '', 'Axis M1045-LW, M1065-LW, P1367-E cameras: exact model | unknown |  | '],
  ['ASUS', 'RT-AX55', '', 'ASUS routers: maker only | unknown | true: exact model | '],
  ['D-Link', 'DIR-859', '', 'D-Link routers: maker only | unknown | true: exact model | '],
  ['Zyxel', 'USG 60', '', 'Zyxel devices: maker only | unknown | true: maker only | '],
  ['FatPipe', 'WARP', '', 'FatPipe WARP, IPVPN, MPVPN: product line | unknown | true: product line | '],
  ['Sierra Wireless', 'AirLink RV50', '', 'Sierra Wireless AirLink gateways: product line | unknown |  | '],
  [
    'Ivanti',
    'Connect Secure',
    '9.1',
    'Ivanti Connect Secure, Pulse Connect Secure: product line | unknown | true: product line | ',
  ],
  ['Citrix', 'NetScaler ADC', '', 'Citrix NetScaler: product line | unknown | true: product line | '],
  ['F5', 'BIG-IP', '', 'F5 BIG-IP: product line | unknown | true: product line | '],
  ['MikroTik', 'RB750Gr3 RouterOS', '6.48.6', 'MikroTik routers: maker only | ended | true: product line | '],
  ['Linksys', 'EA6350', '', 'Linksys routers: maker only | unknown |  | '],
  ['Ubiquiti', 'EdgeRouter', '', 'Ubiquiti devices: maker only | unknown |  | '],
  ['Hikvision', 'DS-2CD', '', 'Hikvision cameras: maker only | unknown |  | '],
  ['Mimosa', 'B5', '', 'Mimosa radio links: maker only | unknown |  | '],
  ['Versa', 'Director', '', 'Versa Director: exact model | unknown | true: product line | '],
  ['Palo Alto Networks', 'PA-220', '', ' | unknown | true: product line | '],
  ['Example', 'Router 1', '', ' | unknown |  | '],
])('%s %s %s', (vendor, model, firmware, expected) => {
  expect(said(vendor, model, firmware)).toBe(expected)
})

test('no row without a source, no flaw that the catalogue does not list', () => {
  for (const { source, name } of edgeDevices) expect([name, source.length > 20]).toEqual([name, true])
  expect(citedExploits()).toEqual([])
})
