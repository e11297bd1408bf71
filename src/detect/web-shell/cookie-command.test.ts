import { expect, test } from 'vitest'
import { saidBy } from '../../../test/record-detector.ts'
import { readText } from '../../../test/text-part.ts'
import { reader as accessLog } from '../../readers/access-log/reader.ts'
import { reader } from '../../readers/iis/reader.ts'
import { cookieCommand } from './cookie-command.ts'

const FIELDS = '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) cs(Cookie) sc-status\n'
const said = (cookie: string, status = 200) =>
  readText(
    reader,
    `${FIELDS}2024-03-04 06:00:00 192.0.2.80 GET /app/help.aspx - 443 203.0.113.9 Mozilla/5.0 ${cookie} ${status}\n`,
  )
    .events.map(event => saidBy(cookieCommand, event))
    .filter(text => text !== '')
const packed = (command: string) => btoa(command)

test.each<[string, string, number, readonly string[]]>([
  [
    'a command',
    'ASP.NET_SessionId=abc;+c=whoami+/all',
    200,
    ['medium: 203.0.113.9 sends "whoami /all" to /app/help.aspx in the cookie c'],
  ],
  [
    'with escapes',
    'c=net%20user%20%2Fdomain',
    200,
    ['medium: 203.0.113.9 sends "net user /domain" to /app/help.aspx in the cookie c'],
  ],
  [
    'packed',
    `k=1;+d=${packed('cmd.exe /c dir c:\\')}`,
    200,
    ['high: 203.0.113.9 sends "cmd.exe /c dir c:\\" to /app/help.aspx in the packed cookie d'],
  ],
  [
    'nobody listened',
    `d=${packed('uname -a')}`,
    404,
    ['low: 203.0.113.9 sends "uname -a" to /app/help.aspx in the packed cookie d'],
  ],
  // look-alikes
  ['a session', 'ASP.NET_SessionId=jk3xq0a2f4;+__AntiXsrfToken=9f1c0c', 200, []],
  ['words of commands among others', 'user=netta;+last=systeminfo-page;+note=cat+picture;+host=hostname', 200, []],
  ['packed settings', `prefs=${packed('{"lang":"en","net":"user"}')}`, 200, []],
  ['random bytes', 'auth=VGhlIHF1aWNrIGJyb3duIGZveA%3D%3D;+x=AAECAwQFBgcICQ==', 200, []],
  ['no cookies', '-', 200, []],
])('%s', (_name, cookie, status, expected) => {
  expect(said(cookie, status)).toEqual(expected)
})

test.each<[string, string, readonly string[]]>([
  [
    'a command behind the agent',
    '"c=whoami%20/all; lang=en"',
    ['medium: 203.0.113.9 sends "whoami /all" to /a.php in the cookie c'],
  ],
  ['a session', '"PHPSESSID=4f2a9c; lang=en"', []],
  ['another field', '"gzip, deflate"', []],
  ['no cookies', '"-"', []],
])('text logs that keep cookies: %s', (_name, field, expected) => {
  const line = `203.0.113.9 - - [04/Mar/2024:06:00:00 +0000] "GET /a.php HTTP/1.1" 200 512 "-" "Mozilla/5.0" ${field}\n`
  expect(
    readText(accessLog, line)
      .events.map(event => saidBy(cookieCommand, event))
      .filter(text => text !== ''),
  ).toEqual(expected)
})
