import { expect, test } from 'vitest'
import { at, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { upload } from './upload.ts'

const put = (fields: object, clientIp = '10.0.0.5') =>
  at('http_activity', 0, {
    clientIp,
    serverIp: '203.0.113.9',
    serverPort: 80,
    virtualHost: '203.0.113.9',
    method: 'PUT',
    path: '/dav/papers.7z',
    status: 201,
    requestBytes: 7_500_000,
    userAgent: 'Microsoft-WebDAV-MiniRedir/10.0',
    ...fields,
  }) as SecurityEvent
const inside = { serverIp: '10.0.9.4', virtualHost: '10.0.9.4' }

test.each([
  [
    'an archive to a bare address',
    [put({}), put({ status: 401 })],
    ['medium: 10.0.0.5 sent papers.7z to 203.0.113.9:80 over WebDAV'],
  ],
  ['also inside', [put(inside)], ['medium: 10.0.0.5 sent papers.7z to 10.0.9.4:80 over WebDAV']],
  [
    'an archive told by its content',
    [put({ path: '/upload', method: 'POST', mimeType: 'application/x-7z-compressed', userAgent: 'curl/8' })],
    ['medium: 10.0.0.5 sent upload to 203.0.113.9:80 by POST'],
  ],
  ['refused', [put({ status: 403 })], ['low: 10.0.0.5 tried to send papers.7z to 203.0.113.9:80 over WebDAV']],
  [
    'to a service with a name',
    [put({ virtualHost: 'files.example' })],
    ['low: 10.0.0.5 sent papers.7z to files.example:80 over WebDAV'],
  ],
  [
    'a large body',
    [put({ path: '/video', virtualHost: 'tube.example', requestBytes: 3e7 })],
    ['low: 10.0.0.5 sent video to tube.example:80 over WebDAV'],
  ],
  ['a form', [put({ path: '/form', method: 'POST', requestBytes: 2_000 })], []],
  ['a download', [put({ method: 'GET', requestBytes: 0 })], []],
  ['the server everybody sends to', times(5, host => put(inside, `10.0.0.${host + 1}`)), []],
  ['a visitor who uploads to our server', [put({}, '198.51.100.7')], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(upload, events))).toEqual(expected)
})

test('says what its connections carried and which doors were closed', async () => {
  const call = (dstPort: number, state: string, bytesOut: number, bytesIn: number) =>
    at('network_activity', 0, {
      srcIp: '10.0.0.5',
      dstIp: '203.0.113.9',
      dstPort,
      protocol: 'tcp',
      action: 'flow',
      state,
      bytesOut,
      bytesIn,
    }) as SecurityEvent
  const events = [put({}), call(80, 'SF', 2_200_000, 5_300_000), call(445, 'REJ', 0, 0), call(139, 'REJ', 0, 0)]
  const [finding] = await foundBy(upload, events)
  expect(finding?.why).toContain('The connection with this server on port 80 carried 7.5 MB, both directions together.')
  expect(finding?.why).toContain('10.0.0.5 also tried ports 139 and 445 of it, 2 times in vain.')
})
