import { expect, test } from 'vitest'
import { eventOf, saidBy } from '../../../test/record-detector.ts'
import { programFromAddress } from './program-from-address.ts'

const EDGE = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'
const saved = (file: string, contents: string, action = 'stream') =>
  saidBy(
    programFromAddress,
    eventOf<'file_activity'>(
      { kind: 'file_activity', action, path: `C:\\Users\\ann\\Downloads\\${file}`, image: EDGE, user: 'EXAMPLE\\ann' },
      { code: '15', original: { Contents: contents } },
    ),
  )
const mark = (url: string) => `[ZoneTransfer]  ZoneId=3  ReferrerUrl=http://198.51.100.7/  HostUrl=${url}  `

test.each([
  ['tool.exe', mark('http://198.51.100.7/tool.exe'), 'low: msedge.exe saved tool.exe from http://198.51.100.7/tool.exe'],
  ['a.jpeg.exe', mark('http://10.0.5.13/a.jpeg.exe'), 'medium: msedge.exe saved a.jpeg.exe from http://10.0.5.13/a.jpeg.exe'],
  ['a.exe', mark('http://[2001:db8::7]:8080/a.exe'), 'low: msedge.exe saved a.exe from http://[2001:db8::7]:8080/a.exe'],
  ['tool.exe', mark('https://www.example/tool.exe'), ''],
  ['picture.jpeg', mark('http://198.51.100.7/picture.jpeg'), ''],
  ['tool.exe', mark('http://127.0.0.1/tool.exe'), ''],
  ['tool.exe', '[ZoneTransfer]  ZoneId=3  ', ''],
])('%s with %s', (file, contents, said) => {
  expect(saved(`${file}:Zone.Identifier`, contents)).toBe(said)
})

test('the file itself, and a stream of another name, carry no mark', () => {
  expect(saved('tool.exe', mark('http://198.51.100.7/tool.exe'))).toBe('')
  expect(saved('tool.exe:other', mark('http://198.51.100.7/tool.exe'))).toBe('')
  expect(saved('tool.exe:Zone.Identifier', mark('http://198.51.100.7/tool.exe'), 'delete')).toBe('')
})
