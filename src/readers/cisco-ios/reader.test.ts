import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readText, textSample } from '../../../test/text-part.ts'
import { parseIosLine } from './parse.ts'
import { reader } from './reader.ts'

const read = (text: string) => readText(reader, text, { path: 'sw01.log', facts: { year: 2023 } })
const COMMAND =
  '192.0.2.10 6705: Feb 17 13:40:03.673: %PARSER-5-CFGLOG_LOGGEDCMD: User:admin  logged command:no logging host 192.0.2.9'

test.each([
  ['a collector and a sequence number', COMMAND, '192.0.2.10', 'PARSER-5-CFGLOG_LOGGEDCMD'],
  [
    'a priority and an unsynchronised clock',
    '<189>45: *Mar  1 00:00:12.123: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.7)',
    '',
    'SYS-5-CONFIG_I',
  ],
  [
    'two times, a name and a zone',
    'Aug 15 05:34:25 sw01 77: Aug 15 05:34:24 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to up',
    'sw01',
    'LINK-3-UPDOWN',
  ],
  [
    'no header',
    '%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: root] [Source: 203.0.113.9] [localport: 22] [Reason: Login Authentication Failed]',
    '',
    'SEC_LOGIN-4-LOGIN_FAILED',
  ],
  ['a facility of two words', 'sw01 %IP-TCP-3-BADAUTH: Invalid MD5 digest from 203.0.113.1(179)', 'sw01', 'IP-TCP-3-BADAUTH'],
])('header: %s', (_name, line, host, code) => {
  expect(parseIosLine(line)).toMatchObject({ host, code })
})

test.each([
  'Aug 15 05:34:25 fw01 %ASA-6-302013: Built outbound TCP connection',
  'Aug 15 05:34:25 srv01 app[1]: the switch said %LINK-3-UPDOWN: Interface Gi0/1',
  'nothing of the kind',
])('not ours: %s', line => {
  expect(parseIosLine(line)).toBeUndefined()
})

test('commands, changes and log-ins become typed events', () => {
  const { events, diagnostics } = read(
    `${COMMAND}\n<189>45: Mar  1 00:00:12: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.7)\n%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: root] [Source: 203.0.113.9] [localport: 22] [Reason: bad]\n`,
  )
  expect(events).toMatchObject([
    {
      kind: 'device_config',
      action: 'command',
      user: 'admin',
      command: 'no logging host 192.0.2.9',
      host: '192.0.2.10',
      time: Date.UTC(2023, 1, 17, 13, 40, 3, 673) * 1000,
    },
    { kind: 'device_config', action: 'set', user: 'admin', interface: 'console', srcIp: '192.0.2.7' },
    {
      kind: 'authentication',
      action: 'logon',
      outcome: 'failure',
      user: 'root',
      srcIp: '203.0.113.9',
      reason: 'bad',
      time: undefined,
    },
  ])
  expect(diagnostics.map(({ code }) => code)).toEqual(['cisco-ios/bad-time'])
})

test('is recognised by its messages', () => {
  expect(reader.recognise(textSample(`${COMMAND}\n${COMMAND}\n`))).toBe(96)
  expect(reader.recognise(textSample('Aug 15 05:34:25 fw01 %ASA-6-302013: Built\n'))).toBe(0)
})

test('any text is read, a line an event or a diagnostic', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.string().map(text => `${text}%A1-5-B1: ${text}`),
        ),
      ),
      lines => {
        const text = lines.map(line => line.replace(/[\r\n]/g, ' ')).join('\n')
        expect(() => read(text)).not.toThrow()
      },
    ),
  )
})
