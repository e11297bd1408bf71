import { expect, test } from 'vitest'
import { command, eventOf, saidBy } from '../../../test/record-detector.ts'
import { accountCreated } from './account-created.ts'

const change = (action: string, code: string, targetUser: string, group = '') =>
  eventOf<'account_change'>({ kind: 'account_change', action, targetUser, group, user: 'EXAMPLE\\ann' }, { code })

test.each([
  [command('net user backup P@ss1 /add'), 'medium: Account made by command: net user backup P@ss1 /add'],
  [
    command('net localgroup administrators backup /add'),
    'medium: Account put into a group by command: net localgroup administrators backup /add',
  ],
  [command('net localgroup printers bob /add'), 'low: Account put into a group by command: net localgroup printers bob /add'],
  [change('create', '4720', 'EXAMPLE\\bob'), 'low: Account EXAMPLE\\bob made by EXAMPLE\\ann'],
  [change('create', '4720', 'EXAMPLE\\web$'), 'high: Account EXAMPLE\\web$ made by EXAMPLE\\ann'],
  [change('group-add', '4728', 'EXAMPLE\\bob', 'Domain Admins'), 'low: EXAMPLE\\bob put into Domain Admins by EXAMPLE\\ann'],
  [change('group-add', '4728', 'EXAMPLE\\bob', 'Printers'), ''],
  [change('create', '4741', 'EXAMPLE\\PC07$'), ''],
  [change('create', '', '', 'svc'), ''],
  [command('net user'), ''],
  [command('reg add hklm\\software\\x /v a'), ''],
  [command('git commit /address'), ''],
])('%#', (event, said) => {
  expect(saidBy(accountCreated, event)).toBe(said)
})

test('whoever made the account is named before it', () => {
  const event = eventOf<'process_activity'>({
    kind: 'process_activity',
    action: 'start',
    image: '/usr/sbin/useradd',
    commandLine: 'useradd -m bob',
    user: 'ann',
  })
  const match = accountCreated.detect(event)
  expect(match).toMatchObject({ object: 'bob', accounts: ['ann', 'bob'] })
})
