import { expect, test } from 'vitest'
import { siteName } from './visits.ts'

test.each([
  ['a host', { site: 'web01.example', hostName: 'web01.example' }, 'web01.example'],
  ['an address', { site: '192.0.2.10', hostName: '' }, '192.0.2.10'],
  ['a log that names no server', { site: 'access-log||localhost_access_log.txt', hostName: '' }, 'of localhost_access_log.txt'],
])('a site is called after %s', (_name, row, name) => {
  expect(siteName(row)).toBe(name)
})
