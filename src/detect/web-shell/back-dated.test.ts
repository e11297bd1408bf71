import { expect, test } from 'vitest'
import { eventOf } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { micros } from '../../model/index.ts'
import { backDated } from './back-dated.ts'

const at = (day: string) => micros(Date.parse(`${day}T10:00:00Z`) * 1000)
const made = (path: string, day: string, image = 'C:\\Windows\\System32\\inetsrv\\w3wp.exe') =>
  eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', path, image }, { time: at(day) })
const kept = (path: string, day: string, host = 'web01.example') =>
  eventOf<'file_activity'>(
    { kind: 'file_activity', action: 'found', path, fileTime: at(day) },
    { product: 'file', record: 2, host },
  )
const PAGE = 'C:\\inetpub\\wwwroot\\img\\a.aspx'
const COPY = 'wwwroot.zip!/wwwroot/img/a.aspx'

test.each([
  [
    'set back by a year',
    [made(PAGE, '2024-03-04'), kept(COPY, '2023-02-01')],
    ['low: a.aspx says it is of 2023-02-01, and was made on 2024-03-04 by w3wp.exe'],
  ],
  // look-alikes
  ['its own time', [made(PAGE, '2024-03-04'), kept(COPY, '2024-03-04')], []],
  ['changed later', [made(PAGE, '2024-03-04'), kept(COPY, '2024-05-01')], []],
  ['deployed with its old time', [made(PAGE, '2024-03-04', 'C:\\IIS\\msdeploy.exe'), kept(COPY, '2023-02-01')], []],
  ['a page of the same name elsewhere', [made(PAGE, '2024-03-04'), kept('wwwroot.zip!/wwwroot/shop/a.aspx', '2023-02-01')], []],
  ['another machine', [made(PAGE, '2024-03-04'), kept(COPY, '2023-02-01', 'web02.example')], []],
  ['a picture', [made('C:\\inetpub\\wwwroot\\img\\a.png', '2024-03-04'), kept('w/img/a.png', '2023-02-01')], []],
])('%s', async (_name, events, found) => {
  expect(saidIn(await foundBy(backDated, events))).toEqual(found)
})
