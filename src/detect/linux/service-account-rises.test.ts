import { expect, test } from 'vitest'
import { typed } from '../../../test/linux-process.ts'
import { eventOf, saidBy, severityFor } from '../../../test/record-detector.ts'
import { serviceAccountRises } from './service-account-rises.ts'

test.each([
  ['sudo -l', 'www-data', '', 'high'],
  ['su - root', 'tomcat', '', 'high'],
  ['sudo /usr/lib/nagios/plugins/check_raid', 'www-data', '', 'low'],
  ['sudo -l', 'ora', '', ''],
  ['su - postgres', 'root', '', ''],
  ['php index.php', 'www-data', '', ''],
])('%s as %s', (line, user, _parent, severity) => {
  expect(severityFor(serviceAccountRises, typed(line, { user }))).toBe(severity)
})

test('su as its own log tells it', () => {
  const su = (subjectUser: string, outcome: string) =>
    eventOf<'authentication'>(
      { kind: 'authentication', action: 'logon', protocol: 'su', user: 'root', subjectUser, outcome },
      { product: 'su' },
    )
  expect(saidBy(serviceAccountRises, su('www-data', 'success'))).toBe('high: www-data became root with su')
  expect(saidBy(serviceAccountRises, su('www-data', 'failure'))).toBe('medium: www-data tried to become root with su')
  expect(saidBy(serviceAccountRises, su('ora', 'success'))).toBe('')
})
