import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesPart } from '../../../test/bytes-part.ts'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { readers } from './reader.ts'

const [sent, own] = readers
if (!sent || !own) throw new Error('both readers are there')

const said = (events: readonly SecurityEvent[]) =>
  events.map(event => {
    const columns = columnsOf(event)
    return ['kind', 'action', 'outcome', 'user', 'srcIp', 'assignedIp', 'protocol']
      .map(name => String(columns[name] ?? ''))
      .join(' ')
  })

/** Written after the administration guide. */
const LINES = `<134>Aug 15 05:34:25 ics01 PulseSecure: 2023-08-15 05:34:25 - ics01 - [203.0.113.9] ora(Users)[] - Primary authentication successful for ora/LDAP from 203.0.113.9
<134>Aug 15 05:34:26 ics01 PulseSecure: 2023-08-15 05:34:26 - ics01 - [203.0.113.9] ora(Users)[Staff] - AUT31504: Login succeeded for ora/Users (session:0a1b) from 203.0.113.9 with Pulse-Secure/9.1
<134>Aug 15 05:34:27 ics01 PulseSecure: 2023-08-15 05:34:27 - ics01 - [203.0.113.9] ora(Users)[Staff] - NWC23464: VPN Tunneling: Session started for user with IPv4 address 10.0.200.5, hostname PC7
<134>Aug 15 05:34:28 ics01 PulseSecure: 2023-08-15 05:34:28 - ics01 - [198.51.100.7] sam(Users)[] - Login failed using auth server LDAP. Reason: Failed
<134>Aug 15 06:34:28 ics01 id=firewall time="2023-08-15 06:34:28" pri=6 fw=10.0.0.1 vpn=ics01 user=ora realm="Users" roles="Staff" proto= src=203.0.113.9 dst= type=vpn op= arg="" msg="NWC23465: VPN Tunneling: Session ended for user with IPv4 address 10.0.200.5"
<134>Aug 15 06:34:29 ics01 id=firewall time="2023-08-15 06:34:29" pri=6 fw=10.0.0.1 vpn=ics01 user=admin realm="Admin Users" src=10.0.0.9 type=mgmt msg="ADM20265: The following log file was cleared: events"
`

test('what the device sends', () => {
  const { events, diagnostics } = readText(sent, LINES)
  expect(said(events)).toEqual([
    'authentication validate success ora 203.0.113.9  ssl-vpn',
    'authentication logon success ora 203.0.113.9  ssl-vpn',
    'tunnel_activity up  ora 203.0.113.9 10.0.200.5 ssl-vpn',
    'authentication logon failure sam 198.51.100.7  ssl-vpn',
    'tunnel_activity failure  sam 198.51.100.7  ssl-vpn',
    'tunnel_activity down  ora 203.0.113.9 10.0.200.5 ssl-vpn',
    'log_activity cleared  admin   ',
  ])
  expect(events.map(({ host }) => host)).toEqual(Array(7).fill('ics01'))
  expect(diagnostics.map(({ code }) => code)).toEqual([])
  expect(sent.recognise(textSample(LINES))).toBe(95)
})

function vc0(...records: readonly string[]): Uint8Array {
  const head = new Uint8Array(8192)
  head[0] = 5
  head[4] = 1
  const body = new TextEncoder().encode(records.map(record => `\x05${record}`).join(''))
  const all = new Uint8Array(head.length + body.length)
  all.set(head)
  all.set(body, head.length)
  return all
}

function readOwn(bytes: Uint8Array) {
  const events: SecurityEvent[] = []
  const codes: string[] = []
  own?.read(bytesPart(bytes), { event: event => events.push(event), diagnostic: ({ code }) => codes.push(code) })
  return { events, codes }
}

test("the device's own file", () => {
  const bytes = vc0(
    '64db0fa1.00000001\tics01.example\tAUT31504\tvc0\tRoot\t203.0.113.9\tora\tLogin succeeded\tweb',
    'rubbish',
    '64db0fa2.00000002\tics01\tSYS10306\tvc0\tRoot\t\tSystem\tstarted',
  )
  const { events, codes } = readOwn(bytes)
  expect(said(events)).toEqual(['authentication logon success ora 203.0.113.9  ssl-vpn', 'other_activity      '])
  expect(events.map(({ time, host, source }) => [time, host, source.record, source.offset])).toEqual([
    [1692077985000000, 'ics01.example', 1, 8193],
    [1692077986000000, 'ics01', 3, 8287],
  ])
  expect(codes).toEqual(['ivanti-vc0/unreadable-record'])
})

test('damaged files', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), tail => {
      const bytes = new Uint8Array(8192 + tail.length)
      bytes.set(tail, 8192)
      readOwn(bytes)
    }),
    { numRuns: 100 },
  )
})

const folder = sharedData('log-formats', 'plaso', 'ivanti_vc0')
test.skipIf(folder === undefined)('published samples of the own format', () => {
  const all = ['access', 'admin', 'events', 'diagnosticlog', 'sensorslog'].map(name =>
    readOwn(readFileSync(`${folder}/log.${name}.vc0`)),
  )
  expect(all.map(({ events, codes }) => [events.length, codes])).toEqual([
    [10, []],
    [10, []],
    // One record of this sample has a time that is none.
    [10, ['ivanti-vc0/bad-time']],
    [10, []],
    [10, []],
  ])
  expect(said(all[0]?.events ?? []).slice(0, 3)).toEqual([
    'authentication logon success jdoe 203.0.113.1  ssl-vpn',
    'authentication validate success asmith 203.0.113.2  ssl-vpn',
    'tunnel_activity up  bjones 203.0.113.3  ssl-vpn',
  ])
})
