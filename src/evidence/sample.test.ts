import { expect, test } from 'vitest'
import type { TextEncoding } from '../model/index.ts'
import { holdsScriptCode, knownType } from './known-types.ts'
import { sampleOfBytes } from './sample.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

test.each<[string, Buffer, TextEncoding | undefined]>([
  ['ASCII', Buffer.from('Aug 15 05:34:25 web01 sshd[1]: x\n'), 'utf-8'],
  ['UTF-8', Buffer.from('Zugriff für Müller\n'), 'utf-8'],
  ['UTF-8 with mark', Buffer.from('\ufeffa,b\n'), 'utf-8'],
  [
    'UTF-8 with a few bytes a scanner sent',
    Buffer.concat([Buffer.from('é ü ö Ω GET /'), latin1('\xff'), Buffer.from(' HTTP\n')]),
    'utf-8',
  ],
  ['Latin-1', latin1('Zugriff f\xfcr M\xfcller verweigert\n'), 'latin1'],
  ['UTF-16 LE with mark', Buffer.from('\ufeffEvent\n', 'utf16le'), 'utf-16le'],
  ['UTF-16 LE without', Buffer.from('EventID,Level\n', 'utf16le'), 'utf-16le'],
  ['UTF-16 BE with mark', Buffer.from('\ufeffEvent\n', 'utf16le').swap16(), 'utf-16be'],
  ['UTF-16 BE without', Buffer.from('EventID,Level\n', 'utf16le').swap16(), 'utf-16be'],
  ['a log of a crashed machine, with a run of NUL', Buffer.concat([Buffer.alloc(40), Buffer.from('line\n'.repeat(20))]), 'utf-8'],
  ['terminal colours', Buffer.from('\x1b[31mred\x1b[0m text and more text\n'), 'utf-8'],
  ['a structure', Buffer.from(Array.from({ length: 200 }, (_, i) => i)), undefined],
  ['mostly NUL', Buffer.concat([Buffer.from('ab'), Buffer.alloc(100)]), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('%s', (_name, head, encoding) => {
  expect(sampleOfBytes('item', head).encoding).toBe(encoding)
})

test('lines of the sample: no empty ones, no line ends, none cut unless it is the only one', () => {
  expect(sampleOfBytes('x', Buffer.from('\ufeffa\r\n\r\nb\nc'), 100).lines).toEqual(['a', 'b'])
  expect(sampleOfBytes('x', Buffer.from('a\nb\nc')).lines).toEqual(['a', 'b', 'c'])
  expect(sampleOfBytes('x', Buffer.from('one long li'), 100).lines).toEqual(['one long li'])
  expect(sampleOfBytes('x', Buffer.from('a\nb\n', 'utf16le')).lines).toEqual(['a', 'b'])
  expect(sampleOfBytes('x', Buffer.from('x\n'.repeat(80))).lines.length).toBe(50)
})

const at = (offset: number, text: string, size = 1024) => {
  const bytes = Buffer.alloc(size)
  bytes.write(text, offset, 'latin1')
  return bytes
}

test.each<[string, Buffer, string]>([
  [
    '$MFT',
    Buffer.concat([latin1('FILE\x30\0\x03\0'), Buffer.alloc(16), latin1('\xb0\x01\0\0\0\x04\0\0'), Buffer.alloc(1000)]),
    'NTFS master file table ($MFT)',
  ],
  ['._auth.log', at(0, '\0\x05\x16\x07\0'), 'what macOS keeps beside a file (AppleDouble, .DS_Store)'],
  ['CMD.EXE-1.pf', at(0, 'MAM\x04'), 'Windows prefetch file'],
  ['old.pf', at(4, 'SCCA'), 'Windows prefetch file'],
  ['ntds.dit', at(4, '\xef\xcd\xab\x89'), 'ESE database (ntds.dit, SRUM, Windows Update, browser cache)'],
  ['sec.evt', at(0, '\x30\0\0\0LfLe'), 'Windows event log of the old kind (.evt)'],
  ['disk.E01', at(0, 'EVF\x09\x0d\x0a\xff\0'), 'disk image (EnCase E01)'],
  ['d.vhdx', at(0, 'vhdxfile'), 'virtual disk (VHD or VHDX)'],
  ['a.7z', at(0, '7z\xbc\xaf\x27\x1c'), '7-Zip archive'],
  ['a.exe', Buffer.concat([at(0, 'MZ', 60), latin1('\x40\0\0\0PE\0\0'), Buffer.alloc(40)]), 'Windows program or library'],
  [
    'flows.txt',
    latin1('Date first seen             Duration     Proto      Src IP Addr:Port          Dst IP Addr:Port  \n'),
    'flows as nfdump prints them for people',
  ],
  ['a.txt', latin1('MZ is how this ordinary text begins, and it goes on for a while so that it is long enough'), ''],
  ['notes.md', latin1('FILE names and such'), ''],
  ['access.log', latin1('203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET / HTTP/1.1" 200 1'), ''],
])('%s is named', (path, bytes, name) => {
  expect(knownType(bytes, bytes.length, path)?.name ?? '').toBe(name)
})

test('script code behind the first bytes of a picture is seen', () => {
  const code = (tag: string) => latin1(`GIF89a\x01\x00\x01\x00${tag}`)
  expect(
    [
      code('<?php '),
      code('<?= $x'),
      code('<%@ page import="a" %><% request.getParameter("x")'),
      code('just pixels'),
      code('<%\x8f\x01'),
    ].map(holdsScriptCode),
  ).toEqual([true, true, true, false, false])
})
