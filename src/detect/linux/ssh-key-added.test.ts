import { expect, test } from 'vitest'
import { touched, typed } from '../../../test/linux-process.ts'
import { severityFor } from '../../../test/record-detector.ts'
import { sshKeyAdded } from './ssh-key-added.ts'

test.each([
  ['written by a shell', touched('write', '/root/.ssh/authorized_keys', '/usr/bin/tee'), 'medium'],
  ['for the account of a web server', touched('create', '/var/www/.ssh/authorized_keys', '/usr/bin/dash', 'www-data'), 'high'],
  ['configuration management', touched('write', '/home/ora/.ssh/authorized_keys', '/usr/bin/ansible-playbook'), ''],
  ['read', touched('read', '/root/.ssh/authorized_keys', '/usr/sbin/sshd'), ''],
  ['sshd itself', touched('write', '/root/.ssh/authorized_keys', '/usr/sbin/sshd'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(sshKeyAdded, event)).toBe(severity)
})

test.each([
  ['sh -c "echo ssh-ed25519 AAAA x >> /root/.ssh/authorized_keys"', 'ora', 'medium'],
  ['sh -c "echo ssh-rsa AAAA >> ~/.ssh/authorized_keys"', 'www-data', 'high'],
  ['tee -a /home/ora/.ssh/authorized_keys', 'root', 'medium'],
  ['sh -c "cd ; umask 077 ; mkdir -p .ssh && cat >> .ssh/authorized_keys || exit 1"', 'ora', 'low'],
  ['cat /root/.ssh/authorized_keys', 'root', ''],
  ['chmod 600 /home/ora/.ssh/authorized_keys', 'ora', ''],
  ['ssh-keygen -lf /root/.ssh/authorized_keys', 'root', ''],
])('%s (%s)', (line, user, severity) => {
  expect(severityFor(sshKeyAdded, typed(line, { user }))).toBe(severity)
})
