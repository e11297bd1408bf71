import { expect, test } from 'vitest'
import { saidBy } from '../../../test/record-detector.ts'
import { readText } from '../../../test/text-part.ts'
import { reader } from '../../readers/server-config/reader.ts'
import { mappedHandler } from './mapped-handler.ts'

const config = (inner: string) =>
  `<?xml version="1.0"?>\n<configuration><system.webServer>${inner}</system.webServer></configuration>`
const handlers = (...added: readonly string[]) => config(`<handlers>${added.map(add => `<add ${add}/>`).join('\n')}</handlers>`)
const said = (text: string) =>
  readText(reader, text, { path: 'config/applicationHost.config', facts: { host: 'web01.example' } })
    .events.map(event => saidBy(mappedHandler, event))
    .filter(found => found !== '')

test.each<[string, string, readonly string[]]>([
  [
    'pictures run as classic ASP',
    handlers('name="img" path="*.gif" verb="*" modules="IsapiModule" scriptProcessor="%windir%\\system32\\inetsrv\\asp.dll"'),
    ['high: *.gif is run by %windir%\\system32\\inetsrv\\asp.dll IsapiModule'],
  ],
  [
    'settings as pages',
    handlers('name="web_config" path="*.config" verb="*" modules="IsapiModule" scriptProcessor="asp.dll" requireAccess="Write"'),
    ['high: *.config is run by asp.dll IsapiModule'],
  ],
  [
    'one picture as a page of ASP.NET',
    handlers('name="logo" path="img/logo.png" verb="POST" type="System.Web.UI.PageHandlerFactory"'),
    ['high: img/logo.png is run by System.Web.UI.PageHandlerFactory'],
  ],
  [
    'a type of the site’s own',
    handlers('name="c" path="*.png" verb="GET" type="Shop.Charts.Draw, Shop"'),
    ['low: *.png is answered by Shop.Charts.Draw'],
  ],
  [
    'pages under fixed names',
    handlers('name="h" path="*.html" verb="*" modules="FastCgiModule" scriptProcessor="C:\\php\\php-cgi.exe"'),
    ['low: *.html is run by C:\\php\\php-cgi.exe FastCgiModule'],
  ],
  // look-alikes
  ['what IIS brings', handlers('name="StaticFile" path="*" verb="*" modules="StaticFileModule,DefaultDocumentModule"'), []],
  [
    'PHP for PHP',
    handlers('name="PHP" path="*.php" verb="*" modules="FastCgiModule" scriptProcessor="C:\\php\\php-cgi.exe"'),
    [],
  ],
  ['ASP.NET Core', handlers('name="aspNetCore" path="*" verb="*" modules="AspNetCoreModuleV2"'), []],
  ['blocked files', handlers('name="b" path="*.config" verb="*" type="System.Web.HttpForbiddenHandler"'), []],
  ['pictures resized', handlers('name="r" path="*.jpg" verb="GET" type="ImageResizer.InterceptModule, ImageResizer"'), []],
  ['only taken away', config('<handlers><remove name="img"/><clear/></handlers>'), []],
])('%s', (_name, text, found) => {
  expect(said(text)).toEqual(found)
})
