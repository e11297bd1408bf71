import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readText } from '../../../test/text-part.ts'
import { sampleOfBytes } from '../../evidence/index.ts'
import { publishedFolders } from './parse.ts'
import { reader } from './reader.ts'

const IIS = `<?xml version="1.0"?>
<configuration>
  <system.applicationHost>
    <sites>
      <site name="Default Web Site" id="1">
        <application path="/">
          <virtualDirectory path="/" physicalPath="%SystemDrive%\\inetpub\\wwwroot" />
          <!-- <virtualDirectory path="/old" physicalPath="D:\\old" /> -->
          <virtualDirectory path="/files" physicalPath="D:\\shared\\files\\" />
        </application>
        <application path="/shop">
          <virtualDirectory path="/" physicalPath="D:\\shop &amp; co" />
        </application>
      </site>
    </sites>
  </system.applicationHost>
</configuration>`
const HTTPD = `# main
DocumentRoot "/var/www/html"
Alias /icons/ "/usr/share/apache2/icons/"
<VirtualHost *:80>
  ServerName shop.example
  DocumentRoot /srv/shop/
  ScriptAlias /cgi-bin/ /srv/cgi
</VirtualHost>
AliasMatch ^/x /y`
const NGINX = `http {
  server {
    server_name www.example;
    root /srv/www; # all of it
    location /media/ { alias /srv/media/; }
    location /app { root /srv; }
    location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }
  }
  server { listen 81; root "/srv/other"; }
}`
const TOMCAT = `<Server port="8005"><Service name="Catalina"><Engine>
<Host name="localhost" appBase="webapps">
<Context path="/shop" docBase="D:\\shop" />
</Host><Host name="h" appBase="/opt/apps"/></Engine></Service></Server>`

test.each<[string, string, readonly string[]]>([
  [
    'IIS',
    IIS,
    [
      'Default Web Site 7 / C:\\inetpub\\wwwroot',
      'Default Web Site 9 /files D:\\shared\\files',
      'Default Web Site 12 /shop D:\\shop & co',
    ],
  ],
  [
    'Apache',
    HTTPD,
    [
      ' 2 / /var/www/html',
      ' 3 /icons /usr/share/apache2/icons',
      'shop.example 6 / /srv/shop',
      'shop.example 7 /cgi-bin /srv/cgi',
    ],
  ],
  [
    'nginx',
    NGINX,
    ['www.example 4 / /srv/www', 'www.example 5 /media /srv/media', 'www.example 6 /app /srv/app', ' 9 / /srv/other'],
  ],
  [
    'Tomcat: folders that depend on the installation are left out',
    TOMCAT,
    ['localhost 3 /shop D:\\shop', 'h 4 / /opt/apps/ROOT'],
  ],
  ['anything else', 'root /srv/www;', []],
])('%s', (_name, text, folders) => {
  expect(publishedFolders(text).map(({ site, line, url, folder }) => `${site} ${line} ${url} ${folder}`)).toEqual(folders)
})

test.each<[string, string, boolean]>([
  ['applicationHost.config', IIS, true],
  ['httpd.conf', HTTPD, true],
  ['site.conf', NGINX, true],
  ['server.xml', TOMCAT, true],
  ['web.config', '<configuration><system.webServer/></configuration>', false],
  ['a page about Apache', '<p>Set DocumentRoot in httpd.conf</p>', false],
  ['an access log', '203.0.113.9 - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1', false],
  ['a page', '<%@ Page Language="C#" %>', false],
])('%s is recognised: %s', (path, text, ours) => {
  expect(reader.recognise(sampleOfBytes(path, Buffer.from(text))) > 0).toBe(ours)
})

test('one event a folder, without a time of its own', () => {
  const { events, diagnostics } = readText(reader, HTTPD, { path: 'web01/httpd.conf', facts: { host: 'WEB01' } })
  expect(diagnostics).toEqual([])
  expect(
    events.map(
      event => event.kind === 'device_config' && [event.host, event.time, event.source.record, event.attribute, event.command],
    ),
  ).toEqual([
    ['web01', undefined, 2, '/', '/var/www/html'],
    ['web01', undefined, 3, '/icons', '/usr/share/apache2/icons'],
    ['web01', undefined, 6, '/', '/srv/shop'],
    ['web01', undefined, 7, '/cgi-bin', '/srv/cgi'],
  ])
})

test('any text is read without a throw or a wait', () => {
  const piece = fc.constantFrom(
    'server',
    '{',
    '}',
    ';',
    'root /a',
    '\n',
    '#',
    '<site name="',
    '<Server ',
    'docBase="',
    '>',
    'DocumentRoot x',
    '"',
    ' ',
    'location ~',
    '<system.applicationHost>',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 300 }), pieces => {
      expect(publishedFolders(pieces.join('')).every(({ folder, line }) => folder !== '' && line > 0)).toBe(true)
    }),
  )
  const started = performance.now()
  for (const text of [
    '<Server docBase="'.repeat(60_000),
    `server {root x;${'a '.repeat(500_000)}`,
    `DocumentRoot x\n${'"'.repeat(500_000)}`,
  ])
    publishedFolders(text)
  expect(performance.now() - started).toBeLessThan(5_000)
})
