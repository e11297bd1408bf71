import { expect, test } from 'vitest'
import { command, saidBy } from '../../../test/record-detector.ts'
import { lsaSecrets } from './lsa-secrets.ts'

test.each([
  [
    'PsExec.exe -accepteula -s reg save HKLM\\security\\policy\\secrets C:\\t',
    'high: LSA secrets read: PsExec.exe -accepteula -s reg save HKLM\\security\\policy\\secrets C:\\t',
  ],
  ['"reg" save HKLM\\security\\cache C:\\t', 'high: Cached log-ons read: "reg" save HKLM\\security\\cache C:\\t'],
  ['reg query HKLM\\SOFTWARE\\Security\\Policy\\Secrets', ''],
  ['reg query hklm\\system\\currentcontrolset\\control\\lsa', ''],
  ['secedit /export /cfg c:\\security\\policy.inf', ''],
])('%s', (line, said) => {
  expect(saidBy(lsaSecrets, command(line))).toBe(said)
})
