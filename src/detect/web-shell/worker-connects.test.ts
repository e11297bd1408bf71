import { expect, test } from 'vitest'
import { eventOf, severityFor } from '../../../test/record-detector.ts'
import { workerConnects } from './worker-connects.ts'

const IIS = 'C:\\Windows\\System32\\inetsrv\\w3wp.exe'
const TOMCAT = 'C:\\Program Files\\Tomcat\\bin\\tomcat9.exe'
const JAVA = 'C:\\ManageEngine\\ADSelfService Plus\\jre\\bin\\java.exe'
const connected = (
  image: string,
  dstIp: string,
  dstPort: number,
  more: { readonly srcPort?: number; readonly initiatorKnown?: boolean } = {},
) =>
  eventOf<'network_activity'>({
    kind: 'network_activity',
    action: 'open',
    image,
    srcIp: '10.0.0.5',
    srcPort: more.srcPort ?? 50_000,
    dstIp,
    dstPort,
    initiatorKnown: more.initiatorKnown ?? true,
  })

test.each([
  ['IIS to remote desktop of its own machine', connected(IIS, '127.0.0.1', 3389), 'high'],
  ['PHP to file shares of its own machine', connected('/usr/sbin/php-fpm8.2', '127.0.0.1', 445), 'high'],
  ['Tomcat to remote desktop of another machine', connected(TOMCAT, '10.0.0.9', 3389), 'high'],
  ['IIS to remote management of another machine', connected(IIS, '10.0.0.9', 5985), 'medium'],
  ['a product’s Java to remote desktop', connected(JAVA, '10.0.0.9', 3389), 'high'],
  ['IIS back out on an odd port', connected(IIS, '203.0.113.9', 4444), 'low'],
  // look-alikes
  ['a payment service', connected(IIS, '203.0.113.9', 443), ''],
  ['a mail relay', connected('/usr/sbin/php-fpm8.2', '203.0.113.9', 587), ''],
  ['a database in the cloud', connected(TOMCAT, '203.0.113.9', 5432), ''],
  ['a database', connected(IIS, '10.0.0.9', 1433), ''],
  ['the directory', connected(IIS, '10.0.0.9', 389), ''],
  ['PHP behind its proxy', connected('/usr/sbin/nginx', '127.0.0.1', 9000), ''],
  ['a proxy in front of remote desktop, set up on purpose', connected('/usr/sbin/nginx', '10.0.0.9', 3389), 'medium'],
  ['a product that takes backups over SSH', connected(JAVA, '10.0.0.9', 22), ''],
  ['a developer’s Java', connected('C:\\jdk\\bin\\java.exe', '127.0.0.1', 3389), ''],
  ['an administrator', connected('C:\\Windows\\System32\\mstsc.exe', '10.0.0.9', 3389), ''],
  ['a visitor’s connection seen from the answer', connected(IIS, '203.0.113.9', 51_234, { srcPort: 443 }), ''],
  ['nobody knows who opened it', connected(IIS, '203.0.113.9', 4444, { initiatorKnown: false }), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(workerConnects, event)).toBe(severity)
})
