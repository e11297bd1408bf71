import { expect, test } from 'vitest'
import { columnsOf, readText } from '../../../test/text-part.ts'
import { reader } from './reader.ts'

const NAMES = [
  'kind',
  'action',
  'outcome',
  'user',
  'protocol',
  'srcIp',
  'srcPort',
  'natSrcIp',
  'natSrcPort',
  'dstIp',
  'assignedIp',
  'duration',
  'tunnelId',
  'title',
  'reason',
]

/** Messages are written after Cisco's "ASA Series Syslog Messages". */
test.each([
  [
    '6-305011: Built dynamic TCP translation from inside:10.0.0.5/1234 to outside:192.0.2.1/5678',
    'network_activity open tcp 10.0.0.5 1234 192.0.2.1 5678',
  ],
  [
    '6-305012: Teardown dynamic TCP translation from inside:10.0.0.5/1234 to outside:192.0.2.1/5678 duration 0:00:30',
    'network_activity close tcp 10.0.0.5 1234 192.0.2.1 5678 30000000',
  ],
  [
    '3-305006: portmap translation creation failed for tcp src inside:10.0.0.5/1234 dst outside:203.0.113.9/443',
    'network_activity deny tcp 10.0.0.5 1234 203.0.113.9',
  ],
  [
    '4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 10 per second',
    'detection_finding drop rate exceeded: Scanning',
  ],
  [
    '4-733101: Host 203.0.113.9 is attacking. Current burst rate is 200 per second',
    'detection_finding 203.0.113.9 threat detection: attacking',
  ],
  [
    '5-713228: Group = g, Username = ora, IP = 203.0.113.9, Assigned private IP address 10.0.200.5 to remote user',
    'tunnel_activity assigned ora ipsec 203.0.113.9 10.0.200.5',
  ],
  [
    '6-602303: IPSEC: An inbound remote access SA (SPI= 0x0A1B) between 192.0.2.1 and 203.0.113.9 (user= ora) has been created.',
    'tunnel_activity seen ora ipsec 203.0.113.9 192.0.2.1 0x0A1B remote access',
  ],
  [
    '6-315011: SSH session from 203.0.113.9 on interface outside for user "ora" disconnected by SSH server, reason: "TimeOut activated" (0x00)',
    'authentication logoff success ora ssh 203.0.113.9 "TimeOut activated" (0x00)',
  ],
  ['6-606001: ASDM session number 0 from 203.0.113.9 started', 'authentication session success web 203.0.113.9'],
  [
    "4-113021: Attempted console login failed user 'ora' did NOT have appropriate Admin Rights.",
    'authentication logon failure ora console no administrative rights',
  ],
])('%s', (message, expected) => {
  const { events } = readText(reader, `<166>Aug 15 2023 05:34:25 fw02 : %ASA-${message}`)
  expect(
    events.map(event => {
      const columns = columnsOf(event)
      return NAMES.map(name => columns[name])
        .filter(value => value !== undefined)
        .join(' ')
    }),
  ).toEqual([expected])
})
