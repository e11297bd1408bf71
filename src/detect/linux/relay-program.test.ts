import { expect, test } from 'vitest'
import { typed } from '../../../test/linux-process.ts'
import { command, matchOf, severityFor } from '../../../test/record-detector.ts'
import { relayProgram } from './relay-program.ts'

test('names the far side', () => {
  expect(matchOf(relayProgram, typed('socat TCP-LISTEN:8443,fork TCP:203.0.113.9:443'))?.addresses).toEqual(['203.0.113.9'])
})

test.each([
  ['socat TCP-LISTEN:8443,fork,reuseaddr TCP4:10.0.0.5:3389', 'high'],
  ['socat tcp-connect:203.0.113.9:443 tcp-connect:10.0.0.5:22', 'high'],
  ['sh -c "mkfifo /tmp/p; nc -lp 8080 < /tmp/p | nc 10.0.0.5 445 > /tmp/p"', 'high'],
  ['sshuttle -r ora@203.0.113.9 10.0.0.0/8', 'medium'],
  ['iodine -f 203.0.113.9 t.example', 'high'],
  ['proxychains4 nmap -sT 10.0.0.5', 'medium'],
  ['iptables -t nat -A PREROUTING -p tcp --dport 443 -j DNAT --to 10.0.0.5:443', 'medium'],
  ['socat - UNIX-CONNECT:/run/haproxy/admin.sock', ''],
  ['nc -l 8080', ''],
  ['iptables -A INPUT -p tcp --dport 22 -j ACCEPT', ''],
  ['nslookup dns.example', ''],
])('%s', (line, severity) => {
  expect(severityFor(relayProgram, typed(line))).toBe(severity)
})

test('a container runtime publishes a port; a program of Windows is told by others', () => {
  const rule = 'iptables -t nat -A PREROUTING -p tcp --dport 443 -j DNAT --to 172.17.0.2:443'
  expect(severityFor(relayProgram, typed(rule, { parentImage: '/usr/bin/dockerd' }))).toBe('')
  expect(severityFor(relayProgram, command('socat.exe TCP-LISTEN:1 TCP:10.0.0.5:2'))).toBe('')
})
