import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { touched, typed } from '../../../test/linux-process.ts'
import { matchOf, saidBy, severityFor } from '../../../test/record-detector.ts'
import { readAs } from '../../../test/recordings.ts'
import { sharedData } from '../../../test/shared-data.ts'
import { sudoAbuse } from './sudo-abuse.ts'

const SUDO = { parentImage: '/usr/bin/sudo', user: 'root' }

test.each([
  ['octave-cli --eval system("/bin/ls")', SUDO, 'high'],
  ['find . -exec /bin/sh ;', SUDO, 'high'],
  ['awk "BEGIN {system(\\"/bin/sh\\")}"', SUDO, 'high'],
  ['tar -cf /dev/null x --checkpoint=1 --checkpoint-action=exec=/bin/sh', SUDO, 'high'],
  ['sudo vim -c ":!/bin/sh"', {}, 'high'],
  ['sudo python3 -c "import os; os.system(\'/bin/sh\')"', {}, 'high'],
  ['sudo env /bin/sh', {}, 'high'],
  ['sudo find / -name core -exec rm {} ;', {}, ''],
  ['sudo -u#-1 /bin/bash', {}, 'high'],
  ['sudo -i', {}, ''],
  ['sudo bash', {}, ''],
  ['sudo apt-get install nginx', {}, ''],
  ['sudo vim /etc/hosts', {}, ''],
  ['python3 -c "import os; os.system(\'ls\')"', {}, ''],
  ['sh -c "echo ora ALL=(ALL) NOPASSWD:ALL >> /etc/sudoers"', {}, 'medium'],
  ['cat /etc/sudoers', {}, ''],
])('%s', (line, fields, severity) => {
  expect(severityFor(sudoAbuse, typed(line, fields))).toBe(severity)
})

test('sudoers written by hand, checked by visudo, or by a package', () => {
  expect(severityFor(sudoAbuse, touched('create', '/etc/sudoers.d/x', '/usr/bin/tee', 'root'))).toBe('medium')
  expect(severityFor(sudoAbuse, touched('write', '/etc/sudoers', '/usr/sbin/visudo', 'root'))).toBe('')
  expect(severityFor(sudoAbuse, touched('create', '/etc/sudoers.d/x', '/usr/bin/dpkg', 'root'))).toBe('')
})

const octave = sharedData('linux-sysmon-octave')
test.skipIf(octave === undefined)('the octave set: who, and with which command', () => {
  const { events } = readAs('sysmon_linux.txt', readFileSync(join(octave ?? '', 'sysmon_linux.txt')))
  const said = events.map(event => saidBy(sudoAbuse, event)).filter(text => text !== '')
  expect(said).toContain(
    'high: ubuntu ran commands as root through an interpreter of mathematics under sudo: octave-cli --eval system("/bin/ls")',
  )
  expect(events.flatMap(event => matchOf(sudoAbuse, event)?.accounts ?? [])).toContain('ubuntu')
})
