import { expect, test } from 'vitest'
import { rotationDate, rotationStem } from './rotation.ts'

test.each([
  ['auth.log', 'auth.log', ''],
  ['var/log/auth.log.1', 'auth.log', ''],
  ['dump.zip!/var/log/auth.log.2.gz', 'auth.log', ''],
  ['C:\\logs\\auth.log.10.bz2', 'auth.log', ''],
  ['messages-20230815', 'messages', '2023-08-15'],
  ['messages-20230815.gz', 'messages', '2023-08-15'],
  ['secure-20230815-1692071665', 'secure', '2023-08-15'],
  ['access.log-20230815.gz', 'access.log', '2023-08-15'],
  ['access.log.2023-08-15.1.gz', 'access.log', '2023-08-15'],
  ['localhost_access_log.2018-07-11.txt', 'localhost_access_log.txt', '2018-07-11'],
  ['localhost_access_log.txt', 'localhost_access_log.txt', ''],
  ['access.1.log', 'access.log', ''],
  ['W3SVC1/u_ex230815.log', 'u_ex.log', ''],
  ['ex130730.log', 'ex.log', ''],
  ['u_ex23081512_x.log', 'u_ex.log', ''],
  ['web01_access.json', 'web01_access.json', ''],
  ['Access.LOG', 'access.log', ''],
  ['', '', ''],
])('%s', (path, stem, date) => {
  expect([rotationStem(path), rotationDate(path)]).toEqual([stem, date])
})
