import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { reader } from './reader.ts'

/** Written after the maker's "Syslog Field Descriptions"; no line is from a real device. */
const HEAD = '<14>Aug 15 05:34:27 fw03.example 1,2023/08/15 05:34:27,001801000001'
const TRAFFIC = `${HEAD},TRAFFIC,end,2560,2023/08/15 05:34:25,203.0.113.9,192.0.2.1,203.0.113.9,10.0.0.5,to-web,,islas\\web,web-browsing,vsys1,untrust,dmz,ethernet1/1,ethernet1/2,default,2023/08/15 05:34:25,33101,1,50122,443,50122,8443,0x400000,tcp,allow,1900,900,1000,14,2023/08/15 05:34:10,15,any,,555,0x0,United States,10.0.0.0-10.255.255.255,,8,6,tcp-fin,0,0,0,0,,fw03`

test('a connection with its translation', () => {
  const { events, diagnostics } = readText(reader, `${TRAFFIC}\n`)
  const [event] = events
  expect(columnsOf(event)).toEqual({
    kind: 'network_activity',
    action: 'flow',
    protocol: 'tcp',
    srcIp: '203.0.113.9',
    srcPort: 50122,
    dstIp: '192.0.2.1',
    dstPort: 443,
    natSrcIp: '203.0.113.9',
    natSrcPort: 50122,
    natDstIp: '10.0.0.5',
    natDstPort: 8443,
    bytesOut: 900,
    bytesIn: 1000,
    bytesTotal: 1900,
    packetsOut: 8,
    packetsIn: 6,
    duration: 15_000_000,
    state: 'tcp-fin',
    service: 'web-browsing',
    uid: '33101',
    sensor: 'fw03',
    initiatorKnown: true,
    rule: 'to-web',
  })
  expect([event?.host, event?.code, event?.time && isoFromMicros(event.time)]).toEqual([
    'fw03',
    'traffic/end',
    '2023-08-15T05:34:25.000000Z',
  ])
  expect(Object.keys(event?.alsoRecorded ?? {})).toEqual(['header', 'start'])
  expect(event?.original.get('natdst')).toBe('10.0.0.5')
  expect(diagnostics.map(({ code }) => code)).toEqual([])
})

const record = (type: string, rest: string) => `1,2023/08/15 05:34:27,001801000001,${type},${rest}`

test.each([
  [
    'GlobalProtect lets in',
    record(
      'GLOBALPROTECT',
      '0,2561,2023/08/15 05:34:25,vsys1,gateway-auth,login,RADIUS,,ora,GU,PC7,203.0.113.9,0.0.0.0,0.0.0.0,0.0.0.0,,,6.0.3,Windows,10,1,,,,success,,0,,0,gp-gw',
    ),
    ['authentication logon success ora 203.0.113.9'],
  ],
  [
    'GlobalProtect refuses',
    record(
      'GLOBALPROTECT',
      '0,2561,2023/08/15 05:34:25,vsys1,gateway-auth,login,RADIUS,,ora,GU,PC7,203.0.113.9,0.0.0.0,0.0.0.0,0.0.0.0,,,6.0.3,Windows,10,1,bad password,,,failure,,0,,0,gp-gw',
    ),
    ['authentication logon failure ora 203.0.113.9', 'tunnel_activity failure  ora 203.0.113.9'],
  ],
  [
    'GlobalProtect connects',
    record(
      'GLOBALPROTECT',
      '0,2561,2023/08/15 05:34:25,vsys1,gateway-connected,connected,,SSLVPN,ora,GU,PC7,203.0.113.9,0.0.0.0,10.0.200.5,0.0.0.0,,,6.0.3,Windows,10,1,,,,success,,0,,0,gp-gw',
    ),
    ['tunnel_activity up  ora 203.0.113.9 10.0.200.5'],
  ],
  [
    'an administrator changes the configuration',
    record('CONFIG', '0,0,2023/08/15 05:34:25,203.0.113.9,,set,admin,Web,Succeeded, mgt-config users support2,77,0x0'),
    ['device_config set  admin 203.0.113.9'],
  ],
  [
    'an administrator logs in',
    record(
      'SYSTEM',
      'general,0,2023/08/15 05:34:25,,general,,0,0,general,informational,"User admin logged in via Web from 203.0.113.9 using https",78,0x0,0,0,0,0,,fw03',
    ),
    ['authentication logon success admin 203.0.113.9'],
  ],
  [
    'a wrong password',
    record(
      'SYSTEM',
      'auth,0,2023/08/15 05:34:25,,auth-fail,,0,0,general,medium,"failed authentication for user \'admin\'. Reason: Invalid username/password. From: 203.0.113.9.",79,0x0,0,0,0,0,,fw03',
    ),
    ['authentication logon failure admin 203.0.113.9'],
  ],
  [
    'GlobalProtect before 9.1',
    record(
      'SYSTEM',
      'globalprotect,0,2023/08/15 05:34:25,,globalprotectgateway-config-succ,GW,0,0,general,informational,"GlobalProtect gateway client configuration generated. User name: ora, Private IP: 10.0.200.5, Client version: 4.1",80,0x0,0,0,0,0,,fw03',
    ),
    ['tunnel_activity assigned  ora  10.0.200.5'],
  ],
  [
    'a dropped packet',
    record(
      'TRAFFIC',
      'drop,2560,2023/08/15 05:34:25,203.0.113.9,192.0.2.1,0.0.0.0,0.0.0.0,deny-all,,,not-applicable,vsys1,untrust,untrust,ethernet1/1,,default,x,0,1,4444,4566,0,0,0x0,tcp,deny,60,60,0,1,2023/08/15 05:34:25,0,any,,5,0x0,,,,1,0,policy-deny',
    ),
    ['network_activity deny   203.0.113.9'],
  ],
  [
    'an alert',
    record(
      'THREAT',
      'vulnerability,2560,2023/08/15 05:34:25,203.0.113.9,192.0.2.1,,,to-web,,,web-browsing,vsys1,untrust,dmz,e1,e2,default,x,33101,1,50122,443,0,0,0x0,tcp,reset-both,"a/b.php",SQL Injection(38195),any,high,client-to-server,5,0x0',
    ),
    ['detection_finding    203.0.113.9'],
  ],
])('%s', (_name, line, expected) => {
  const said = readText(reader, line).events.map(event => {
    const columns = columnsOf(event)
    return ['kind', 'action', 'outcome', 'user', 'srcIp', 'assignedIp']
      .map(name => String(columns[name] ?? ''))
      .join(' ')
      .trimEnd()
  })
  expect(said).toEqual(expected)
})

test('an export of the web interface', () => {
  const csv = `Domain,Receive Time,Serial #,Type,Threat/Content Type,Config Version\n${record('CONFIG', '0,0,2023/08/15 05:34:25,10.0.0.5,,commit,admin,CLI,Submitted,')}\nrubbish\n`
  const { events, diagnostics } = readText(reader, csv)
  expect(events.map(({ source, kind }) => [source.record, kind])).toEqual([[2, 'device_config']])
  expect(diagnostics.map(({ code }) => code)).toEqual(['pan-os/unreadable-line'])
  expect(reader.recognise(textSample(TRAFFIC))).toBe(97)
})

test('whatever is in the line', () => {
  fc.assert(
    fc.property(fc.nat(TRAFFIC.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 20 }), (at, drop, piece) => {
      readText(reader, TRAFFIC.slice(0, at) + piece + TRAFFIC.slice(at + drop))
    }),
    { numRuns: 300 },
  )
})
