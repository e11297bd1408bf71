import { expect, test } from 'vitest'
import { eventOf, matchOf, severityFor } from '../../../test/record-detector.ts'
import { scriptWritten } from './script-written.ts'

const OWA = 'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\new.aspx'
const wrote = (image: string, path: string) => eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', image, path })
const share = (accessMask: string, path: string) =>
  eventOf<'smb_activity'>({
    kind: 'smb_activity',
    action: 'open',
    share: '\\\\*\\C$',
    path,
    accessMask,
    user: 'EXAMPLE\\MAIL01$',
    srcIp: '127.0.0.1',
  })

test('both views of one write carry the same object', () => {
  expect([matchOf(scriptWritten, wrote('System', OWA)), matchOf(scriptWritten, share('0x12019f', OWA.slice(3)))]).toEqual([
    {
      title: `System (a client over SMB) wrote ${OWA}`,
      object: OWA,
      severity: 'high',
      techniques: ['T1505.003', 'T1190'],
      accounts: [],
    },
    {
      title: `EXAMPLE\\MAIL01$ from 127.0.0.1 wrote ${OWA} over SMB`,
      object: OWA,
      severity: 'high',
      techniques: ['T1190', 'T1505.003'],
      accounts: ['EXAMPLE\\MAIL01$'],
      addresses: ['127.0.0.1'],
    },
  ])
})

test.each([
  ['the worker writes a page', wrote('C:\\Windows\\System32\\inetsrv\\w3wp.exe', 'C:\\inetpub\\wwwroot\\a.aspx'), 'high'],
  ['PHP writes a page', wrote('/usr/sbin/php-fpm8.2', '/var/www/html/uploads/a.php'), 'high'],
  [
    'Java writes a page under a product',
    wrote('C:\\p\\jre\\bin\\java.exe', 'C:\\p\\webapps\\adssp\\html\\promotion\\selfsdp.jspx'),
    'medium',
  ],
  ['a program in a Temp folder', wrote('C:\\Windows\\Temp\\x.exe', 'C:\\inetpub\\wwwroot\\a.aspx'), 'high'],
  ['certutil decodes a page', wrote('C:\\Windows\\System32\\certutil.exe', 'C:\\inetpub\\wwwroot\\iisstart.aspx'), 'high'],
  ['cmd copies a page', wrote('C:\\Windows\\System32\\cmd.exe', 'C:\\inetpub\\wwwroot\\a.asp'), 'medium'],
  // look-alikes
  [
    'Web Deploy',
    wrote('C:\\Program Files\\IIS\\Microsoft Web Deploy V3\\msdeploy.exe', 'C:\\inetpub\\wwwroot\\a.aspx'),
    'informational',
  ],
  ['an update of Exchange', wrote('C:\\Windows\\Temp\\ExchangeSetup\\ExSetup.exe', OWA), 'informational'],
  ['an editor', wrote('C:\\Windows\\System32\\notepad.exe', 'C:\\inetpub\\wwwroot\\a.aspx'), 'low'],
  [
    'ASP.NET compiles',
    wrote(
      'C:\\Windows\\System32\\inetsrv\\w3wp.exe',
      'C:\\Windows\\Microsoft.NET\\Framework64\\v4\\Temporary ASP.NET Files\\root\\a.aspx',
    ),
    '',
  ],
  ['a cached template', wrote('/usr/sbin/php-fpm8.2', '/var/www/html/cache/tpl_1.php'), ''],
  ['a picture', wrote('C:\\Windows\\System32\\inetsrv\\w3wp.exe', 'C:\\inetpub\\wwwroot\\a.png'), ''],
  ['a script on a desktop', wrote('C:\\Windows\\explorer.exe', 'C:\\Users\\ann\\Desktop\\a.php'), ''],
  ['a page read over SMB', share('0x120089', OWA.slice(3)), ''],
  ['a document written over SMB', share('0x2', 'Users\\ann\\report.docx'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(scriptWritten, event)).toBe(severity)
})

test('a page that is deleted or found in the evidence is not a page that is written', () => {
  for (const action of ['delete', 'found'])
    expect(matchOf(scriptWritten, eventOf<'file_activity'>({ kind: 'file_activity', action, path: OWA }))).toBeUndefined()
})
