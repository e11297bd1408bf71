import { expect, test } from 'vitest'
import { touched, typed } from '../../../test/linux-process.ts'
import { eventOf, severityFor } from '../../../test/record-detector.ts'
import { tracesWiped } from './traces-wiped.ts'

test.each([
  ['sh -c "unset HISTFILE"', 'medium'],
  ['export HISTFILE=/dev/null', 'medium'],
  ['ln -sf /dev/null /root/.bash_history', 'medium'],
  ['sh -c "> /var/log/wtmp"', 'high'],
  ['utmpdump -r', 'high'],
  ['journalctl --rotate --vacuum-time=1s', 'medium'],
  ['journalctl --vacuum-time=30d', ''],
  ['history', ''],
  ['export HISTSIZE=10000', ''],
  ['last -f /var/log/wtmp', ''],
])('%s', (line, severity) => {
  expect(severityFor(tracesWiped, typed(line))).toBe(severity)
})

test.each([
  ['/var/log/auth.log', '/usr/bin/rm', 'medium'],
  ['/var/log/auth.log.3.gz', '/usr/bin/rm', ''],
  ['/var/log/auth.log', '/usr/sbin/logrotate', ''],
  ['/home/ora/notes', '/usr/bin/rm', ''],
])('%s deleted by %s', (path, image, severity) => {
  expect(severityFor(tracesWiped, touched('delete', path, image))).toBe(severity)
})

test('records of zeros in wtmp', () => {
  const blank = eventOf<'log_activity'>({
    kind: 'log_activity',
    action: 'blanked',
    log: 'wtmp',
    detail: 'log-in record 2 holds nothing but zeros',
  })
  expect(severityFor(tracesWiped, blank)).toBe('high')
})
