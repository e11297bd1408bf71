import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { sampleOfBytes } from '../../evidence/index.ts'
import { MAX_VICTIM_FILE_BYTES, microsFromIso } from '../../model/index.ts'
import { reader } from './reader.ts'
import { recognise } from './recognise.ts'

const score = (path: string, content: string | Buffer) => recognise(sampleOfBytes(path, Buffer.from(content)))
const log = (line: string) => `${line}\n`.repeat(5)

test.each<[string, string, string | Buffer]>([
  ['PHP', 'www/a.php', '<?php echo 1;'],
  ['PHP under another name', 'www/logo.jpg', '<?php echo 1;'],
  ['PHP behind a picture', 'www/logo.gif', Buffer.from('GIF89a\x01\x00\xff\xfe<?php echo 1;', 'latin1')],
  ['classic ASP', 'www/a.txt', '<% response.write request("x") %>'],
  ['ASP.NET', 'www/a.aspx', '<%@ Page Language="C#" %>'],
  ['ASP.NET in UTF-16', 'www/a.aspx', Buffer.from('\ufeff<%@ Page Language="C#" %>', 'utf16le')],
  ['JSP', 'www/a.jsp', '<%@ page import="java.io.*" %>'],
  ['JSPX', 'www/a.xml', '<jsp:root xmlns:jsp="x"><jsp:scriptlet>int a;</jsp:scriptlet></jsp:root>'],
  [
    'a generated servlet',
    'work/x_jsp.java',
    'package org.apache.jsp;\nfinal class x_jsp extends org.apache.jasper.runtime.HttpJspBase {}',
  ],
])('certain: %s', (_name, path, content) => {
  expect(score(path, content)).toBeGreaterThanOrEqual(75)
})

test.each<[string, string, string | Buffer, number]>([
  ['an empty-looking page by its name', 'www/index.php', 'hello', 40],
  ['packed bytes by their name', 'www/lib.php', Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 97) & 255)), 40],
  ['a compiled page', 'work/a_jsp.class', Buffer.from('cafebabe0000003400', 'hex'), 40],
  ['a fixed page', 'www/index.html', '<html></html>', 25],
  ['settings of the server', 'www/web.config', '<configuration/>', 25],
  ['code after a line of text', 'www/x.txt', 'hello\n<?php echo 1;', 30],
])('maybe: %s', (_name, path, content, expected) => {
  expect(score(path, content)).toBe(expected)
})

test.each<[string, string, string | Buffer]>([
  [
    'an access log of an attack',
    'access.log',
    log('203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET /?x=<?php system($_GET[1]); ?> HTTP/1.1" 404 1'),
  ],
  ['an error log', 'error.log', log('[Tue Aug 15 05:34:25 2023] [error] <% eval request("x") %>')],
  ['syslog', 'messages', log('Aug 15 05:34:25 web01 app: <?php echo 1;')],
  ['JSON records', 'x.json', log('{"ScriptBlockText":"<%@ Page Language=\\"C#\\" %>"}')],
  ['IIS, named like a page', 'x.asp', '#Fields: date time cs-uri-stem\n2023-08-15 05:34:25 /a.asp?<%\n'],
  ['notes of a case', 'NOTES.md', 'The shell was `<?php eval($_POST[1]);`'],
  ['XML', 'a.xml', '<?xml version="1.0"?><a/>'],
  ['a picture', 'a.jpg', Buffer.from('\xff\xd8\xff\xe0\x00\x10JFIF<%\x01\x02', 'latin1')],
  ['a table', 'a.csv', 'a,b\n1,2\n'],
  ['nothing', 'a.php', ''],
])('not ours: %s', (_name, path, content) => {
  expect(score(path, content)).toBe(0)
})

test('one event with path, size and hash; the time of the archive is the time of the file', () => {
  const bytes = Buffer.from('<?php echo 1;')
  const modified = microsFromIso('2023-02-15T03:04:05Z')
  const { events, diagnostics } = readPart(
    reader,
    bytesPart(bytes, { path: 'www/a.php', facts: { host: 'WEB01', ...(modified === undefined ? {} : { modified }) } }),
  )
  expect(diagnostics).toEqual([])
  expect(events.map(({ original: _original, identity: _identity, ...event }) => event)).toEqual([
    {
      kind: 'file_activity',
      action: 'found',
      path: 'www/a.php',
      size: 13,
      hashes: `SHA256=${createHash('sha256').update(bytes).digest('hex')}`,
      fileTime: modified,
      source: { evidence: 'test', record: 1, offset: 0 },
      time: undefined,
      host: 'web01',
      series: 'file|web01|www/a.php',
      product: 'file',
      code: '',
    },
  ])
})

test('a file that is judged in part says so', () => {
  const { diagnostics } = readPart(reader, bytesPart(Buffer.alloc(MAX_VICTIM_FILE_BYTES + 1, 'a'), { path: 'a.php' }))
  expect(diagnostics.map(({ code }) => code)).toEqual(['script/judged-in-part'])
})

test('any bytes under any name get a score, never a throw', () => {
  const names = fc.constantFrom('a.php', 'b.jpg', 'c', 'd.aspx', 'e.jsp', 'f.log', 'g.html')
  fc.assert(
    fc.property(
      names,
      fc.uint8Array({ maxLength: 500 }),
      fc.constantFrom('', '<?', '<%', '<%@ page', '<script runat=server'),
      (path, bytes, mark) => {
        const value = score(path, Buffer.concat([Buffer.from(mark), bytes]))
        expect(value >= 0 && value <= 100).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})
