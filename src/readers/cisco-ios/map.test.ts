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
  'dstPort',
  'initiatorKnown',
  'name',
  'tunnelId',
  'rule',
  'reason',
]

/** Messages are written after Cisco's system message guides. */
test.each([
  [
    'SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: ora] [Source: 203.0.113.9] [localport: 22] at 05:34:25',
    'authentication logon success ora ssh 203.0.113.9',
  ],
  [
    "SSH-5-SSH2_USERAUTH: User 'ora' authentication for SSH2 Session from 203.0.113.9 (tty = 0) using crypto cipher 'aes256-ctr', hmac 'hmac-sha2-256' Failed",
    'authentication validate failure ora ssh 203.0.113.9',
  ],
  ['WEBSERVER-5-LOGIN_PASSED: Login Successful from host 203.0.113.9', 'other_activity 203.0.113.9'],
  [
    "WEBSERVER-5-LOGIN_PASSED: Chassis 1 R0/0: nginx: Login Successful. User 'ora' from host 203.0.113.9",
    'authentication logon success ora web 203.0.113.9',
  ],
  ['SYS-6-LOGOUT: User ora has exited tty session 2(203.0.113.9)', 'authentication logoff success ora device 203.0.113.9'],
  [
    'SYS-5-PRIV_AUTH_PASS: Privilege Authentication is passed to privilege level 15 by ora on vty0 (203.0.113.9)',
    'authentication privileges success ora 203.0.113.9 privilege level 15',
  ],
  [
    'SEC-6-IPACCESSLOGP: list 101 denied tcp 203.0.113.9(5022) -> 192.0.2.1(23), 1 packet',
    'network_activity deny tcp 203.0.113.9 5022 192.0.2.1 23 101',
  ],
  [
    'SEC-6-IPACCESSLOGDP: list 101 permitted icmp 203.0.113.9 -> 192.0.2.1 (8/0), 4 packets',
    'network_activity open icmp 203.0.113.9 192.0.2.1 101',
  ],
  ['SEC-6-IPACCESSLOGS: list 10 denied 203.0.113.9 3 packets', 'network_activity deny 203.0.113.9 10'],
  [
    'FW-6-SESS_AUDIT_TRAIL: (target:class)-(a:b):Stop tcp session: initiator (10.0.0.5:1234) sent 22 bytes -- responder (203.0.113.9:443) sent 68 bytes',
    'network_activity flow tcp 10.0.0.5 1234 203.0.113.9 443 true',
  ],
  [
    'IPNAT-6-CREATED: tcp 10.0.0.5:1234 192.0.2.1:4321 203.0.113.9:443 203.0.113.9:443',
    'network_activity open tcp 10.0.0.5 1234 192.0.2.1 4321 203.0.113.9 443 false',
  ],
  [
    'CRYPTO-5-SESSION_STATUS: Crypto tunnel is UP.  Peer 203.0.113.9:4500       Id: ora',
    'tunnel_activity up ora ipsec 203.0.113.9 ora',
  ],
  [
    'LINEPROTO-5-UPDOWN: Line protocol on Interface Tunnel9, changed state to up',
    'tunnel_activity up interface Tunnel9 Line protocol on Interface Tunnel9, changed state to up',
  ],
  ['LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/1, changed state to up', 'other_activity'],
  ['SYS-6-LOGGINGHOST_STARTSTOP: Logging to host 192.0.2.9 port 514 stopped - CLI initiated', 'log_activity stopped'],
  ['SYS-5-RELOAD: Reload requested by ora on vty0 (203.0.113.9). Reload Reason: x', 'device_config restart ora 203.0.113.9'],
  ['HA_EM-6-LOG: hide: ran', 'scheduled_job_activity run hide'],
  ['VIRT_SERVICE-5-ACTIVATION_STATE: Successfully activated virtual service guestshell+', 'service_activity start guestshell'],
  [
    'SNMP-3-AUTHFAIL: Authentication failure for SNMP req from host 203.0.113.9',
    'authentication logon failure snmp 203.0.113.9 Authentication failure for SNMP req from host 203.0.113.9',
  ],
  ['SMI-6-UPGRD_STARTED: Device (IP address: 192.0.2.7) image upgrade has started', 'other_activity 192.0.2.7'],
])('%s', (message, expected) => {
  const { events } = readText(reader, `<189>45: Aug 15 2023 05:34:25: %${message}`)
  expect(
    events.map(event => {
      const columns = columnsOf(event)
      return NAMES.map(name => columns[name])
        .filter(value => value !== undefined)
        .join(' ')
    }),
  ).toEqual([expected])
})
