import { describe, expect, test } from 'vitest'
import { sampleOfBytes } from '../src/evidence/index.ts'
import { recognise } from '../src/pipeline/look.ts'
import { readers } from '../src/readers/registry.ts'
import { readAs } from './recordings.ts'

const formatOf = (path: string, text: string) => recognise(sampleOfBytes(path, Buffer.from(text)), readers)?.format

describe('what lies on any disk beside evidence is taken for none', () => {
  test.each([
    ['comments alone', 'etc/locale.conf', '# Category of names\n#\n# one\tTWO\n# three\n'],
    ['columns of tabs behind comments', 'X11/XLC_LOCALE', '#  XLocale Database\n#\n\tcs0 {\n\tside\tISO:GL\n\tlength\t1\n\t}\n'],
    [
      'notes of a program',
      'doc/python3/HISTORY',
      'Python History\n--------------\n\nThis file holds the notes of older versions.\n',
    ],
    [
      'notes of a program, as text',
      'doc/unzip/history.txt',
      'UnZip, version 6.00, 20 April 2009\n\nFeatures added (or removed):\n',
    ],
    ['notes in markup', 'doc/setuptools/history.rst', ':tocdepth: 2\n\n.. _changes:\n\nHistory\n*******\n'],
    ['a trace of Java without its log', 'trace.txt', '\tat a.b.C.d(C.java:7)\n\tat a.b.C.e(C.java:8)\n\tat a.b.C.f(C.java:9)\n'],
    ['prose with commas', 'readme.txt', 'Host, user, and time are words.\nNothing, however, is a log here.\nSo, it is none.\n'],
  ])('%s', (_name, path, text) => {
    expect(formatOf(path, text)).toBeUndefined()
  })

  test('a log that holds only its head is known, whatever is not in it', () => {
    expect(formatOf('pfirewall.log', '#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Time Format: Local\n')).toBe(
      'windows-firewall',
    )
  })
})

test('what the command history prints is read with its times, in a file of any such name', () => {
  const text = '  501  2023-08-15 05:34:25 whoami\n  502  2023-08-15 05:34:26 cat /etc/shadow\n'
  const { reader, events } = readAs('triage/history_root.txt', Buffer.from(text))
  expect(reader?.format).toBe('shell-history')
  expect(events.map(event => [event.time, Reflect.get(event, 'commandLine')])).toEqual([
    [1_692_077_665_000_000, 'whoami'],
    [1_692_077_666_000_000, 'cat /etc/shadow'],
  ])
})
