import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answersBy, mappingOf } from './sides.ts'

test.each<[string, string, string, string | undefined]>([
  ['a page under the web root', 'c:\\inetpub\\wwwroot\\support\\a.aspx', '/support/a.aspx', 'c:\\inetpub\\wwwroot'],
  ['a page at its top', '/var/www/html/a.php', '/a.php', '/var/www/html'],
  [
    'the folder of the application is not in the address',
    'c:\\manageengine\\webapps\\adssp\\html\\promotion\\s.jspx',
    '/html/promotion/s.jspx',
    'c:\\manageengine\\webapps\\adssp',
  ],
  ['a copy of the web root in an archive', 'web01/wwwroot.tar.gz!/support/a.aspx', '/support/a.aspx', 'web01/wwwroot.tar.gz!'],
  ['letters of either size', 'C:\\inetpub\\wwwroot\\A.ASPX', '/a.aspx', 'C:\\inetpub\\wwwroot'],
  ['an alias: the address names more than the copy kept', 'a.php', '/shop/a.php', ''],
  ['the same name below the top', 'c:\\inetpub\\wwwroot\\admin\\a.aspx', '/a.aspx', undefined],
  ['the same name in another folder', 'c:\\inetpub\\wwwroot\\x\\a.aspx', '/y/a.aspx', undefined],
  ['another page', 'c:\\inetpub\\wwwroot\\b.aspx', '/a.aspx', undefined],
  ['nothing', '', '/', undefined],
])('%s', (_name, file, url, root) => {
  expect(mappingOf(file, url)?.root).toBe(root)
})

test.each<[string, string, string, string | undefined]>([
  ['an alias that no look at the paths would find', 'd:\\shared\\up\\a.aspx', '/files/up/a.aspx', 'configuration'],
  ['the root', 'd:\\shared\\a.aspx', '/files/a.aspx', 'configuration'],
  ['the same end, but another address by the configuration', 'd:\\shared\\up\\a.aspx', '/up/a.aspx', undefined],
  ['a folder the configuration does not cover', 'c:\\inetpub\\wwwroot\\up\\a.aspx', '/up/a.aspx', 'inferred'],
])('configured: %s', (_name, file, url, basis) => {
  const answers = answersBy([{ machine: 'web01', url: '/files', folder: 'D:\\shared' }], (a, b) => a === b)
  expect(answers('web01', file, url)?.basis).toBe(basis)
  expect(answers('web02', 'd:\\shared\\up\\a.aspx', '/files/up/a.aspx')).toBeUndefined()
})

test('any two texts are compared without a throw, and a mapping shares at least the name', () => {
  const path = fc.array(fc.constantFrom('a', 'B.php', '\\', '/', '!', '..', 'c:', 'wwwroot', ';x', '\0'), { maxLength: 30 })
  fc.assert(
    fc.property(path, path, (a, b) => {
      const mapping = mappingOf(a.join(''), b.join(''))
      expect(mapping === undefined || mapping.shared > 0).toBe(true)
    }),
  )
})
