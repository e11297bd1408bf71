import { expect, test } from 'vitest'
import { eventOf } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { compiledOrphan } from './compiled-orphan.ts'

const WORK = 'adss/work/Catalina/localhost/ROOT/org/apache/jsp'
const files = (...paths: readonly string[]) =>
  paths.map((path, index) =>
    eventOf<'file_activity'>({ kind: 'file_activity', action: 'found', path }, { product: 'file', record: index + 1 }),
  )
const HOME = [`${WORK}/html/home_jsp.java`, `${WORK}/html/home_jsp.class`, 'adss/webapps/adssp/html/home.jsp']

test.each<[string, readonly string[], readonly string[]]>([
  [
    'a page that was taken away',
    [...HOME, `${WORK}/html/promotion/selfsdp_jspx.java`, `${WORK}/html/promotion/selfsdp_jspx.class`],
    ['medium: /html/promotion/selfsdp.jspx was compiled and asked for, and is not there any more'],
  ],
  [
    'under Windows, with signs that Java does not take',
    [
      ...HOME,
      'c:\\adss\\work\\Catalina\\localhost\\ROOT\\org\\apache\\jsp\\html\\a_002db_jsp$1.class',
      ...HOME.map(path => `c:\\${path.replaceAll('/', '\\')}`),
    ],
    ['medium: /html/a-b.jsp was compiled and asked for, and is not there any more'],
  ],
  // look-alikes
  ['every page has its source', HOME, []],
  ['only the work folder was copied', [`${WORK}/html/home_jsp.java`, `${WORK}/html/selfsdp_jspx.java`], []],
  ['another application was copied', [...HOME, 'other/work/Catalina/localhost/shop/org/apache/jsp/cart_jsp.class'], []],
  ['a source named like a compiled one', [...HOME, 'adss/src/report_jsp.java'], []],
])('%s', async (_name, paths, found) => {
  expect(saidIn(await foundBy(compiledOrphan, files(...paths)))).toEqual(found)
})
