import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { adminSession } from '../src/detect/network/admin-session.ts'
import { beacon } from '../src/detect/network/beacon.ts'
import { controlCommands } from '../src/detect/network/control-commands.ts'
import { directoryEnumeration } from '../src/detect/network/directory-enumeration.ts'
import { failingCallback } from '../src/detect/network/failing-callback.ts'
import { largeTransfer } from '../src/detect/network/large-transfer.ts'
import { longConnection } from '../src/detect/network/long-connection.ts'
import { remoteExecution } from '../src/detect/network/remote-execution.ts'
import { scan } from '../src/detect/network/scan.ts'
import { sensorAlerts } from '../src/detect/network/sensor-alerts.ts'
import { untrustedTlsPeer } from '../src/detect/network/untrusted-tls-peer.ts'
import { upload } from '../src/detect/network/upload.ts'
import { reader as capture } from '../src/readers/pcap/reader.ts'
import { reader as suricata } from '../src/readers/suricata/reader.ts'
import { reader as zeek } from '../src/readers/zeek/reader.ts'
import { bytesPart, readPart } from './bytes-part.ts'
import { eventsOfFiles, saidIn, storeOf } from './set-detector.ts'
import { sharedData } from './shared-data.ts'

const detectors = [
  scan,
  beacon,
  untrustedTlsPeer,
  failingCallback,
  longConnection,
  largeTransfer,
  upload,
  remoteExecution,
  adminSession,
  directoryEnumeration,
  controlCommands,
]

/** Everything the network detectors say about one folder of the shared collection, sorted. */
async function saidAbout(reader: typeof zeek, ...folder: readonly string[]): Promise<readonly string[]> {
  const path = sharedData(...folder)
  if (!path) throw new Error('shared data is not here')
  const files = readdirSync(path).filter(
    name => /\.(?:log|json)(?:\.gz|\.labeled)?$/.test(name) && !/nfdump|binetflow/.test(name),
  )
  const store = await storeOf(
    eventsOfFiles(
      reader,
      files.toSorted().map(name => join(path, name)),
    ),
  )
  try {
    const found = await Promise.all(detectors.map(detector => store.find(detector)))
    return saidIn(found.flat()).toSorted()
  } finally {
    store.close()
  }
}

describe.skipIf(!sharedData('apt29-day1-zeek'))('network detectors on the shared data', () => {
  test('an emulated intrusion: the controller, the way on, the theft', async () => {
    expect(await saidAbout(zeek, 'apt29-day1-zeek')).toEqual([
      'low: 10.0.1.4 listed accounts and groups of 10.0.0.4',
      'low: 10.0.1.4 reached 10.0.1.6 by SMB and WinRM, sending 5.9 MB',
      'low: 10.0.1.6 listed accounts and groups of 10.0.0.4',
      'medium: 10.0.1.4 made 2 TLS sessions with 192.168.0.5:443, which nobody vouches for',
      'medium: 10.0.1.4 sent OfficeSupplies.7z to 192.168.0.4:80 over WebDAV',
      'medium: 10.0.1.6 made 376 TLS sessions with 192.168.0.4:8443, which nobody vouches for',
    ])
  })

  test.each([
    ['slips-icmp-portscan.pcap', ['low: 192.168.1.109 scanned 17 addresses by ICMP']],
    ['slips-test-cc-capture-2.pcap', ['low: 147.32.80.37 called 141.193.213.20:443 every 3 s, 22 times in 64 s']],
    ['zeek-socks.pcap', []],
    ['zeek-modbus-modbus-eit.pcap', []],
    [
      'zeek-dnp3-dnp3_select_operate.pcap',
      ['informational: 130.126.142.250 sent commands to the controller 130.126.140.229 by DNP3, 2 times: OPERATE, SELECT'],
    ],
  ])('captures: %s', async (name, expected) => {
    const path = sharedData('pcap-small', name)
    if (!path) throw new Error('shared data is not here')
    const { events } = readPart(capture, bytesPart(readFileSync(path), { path: name }))
    const store = await storeOf(events)
    try {
      const found = await Promise.all(detectors.map(detector => store.find(detector)))
      expect(saidIn(found.flat()).toSorted()).toEqual(expected)
    } finally {
      store.close()
    }
  })

  test('two hours of browsing through a proxy: nothing', async () => {
    expect(await saidAbout(zeek, 'rita-proxy-rolling')).toEqual([])
  })

  test.each([
    [['port-scans', 'horizontal'], ['low: 10.0.2.112 scanned 10 addresses on port 80']],
    [['port-scans', 'vertical'], ['low: 192.168.1.9 scanned 44 ports of 45.33.32.156']],
    [
      ['test18-malicious-ctu-sme-11-win', 'zeek-labeled'],
      ['medium: 192.168.1.107 tried 66.63.168.35:5888 719 times in 8 min without an answer'],
    ],
  ])('labelled flows: %s', async (folder, expected) => {
    expect(await saidAbout(zeek, 'slips-zeek', ...folder)).toEqual(expected)
  })

  test('a camera on the internet: one scanner, one maker, and 745 alerts in few lines', async () => {
    expect(await saidAbout(suricata, 'slips-flows')).toEqual([
      'informational: 193.46.255.92 scanned 456 ports of 192.168.1.129',
      'low: 192.168.1.129 called 122.248.252.67:9765 every 19 min, 48 times in 23 h 5 min',
    ])
    const file = sharedData('slips-flows', 'test6-malicious.suricata.json.gz')
    const store = await storeOf(eventsOfFiles(suricata, file ? [file] : []))
    const alerts = await store.find(sensorAlerts)
    store.close()
    expect([
      alerts.reduce((sum, alert) => sum + alert.count, 0),
      alerts.length < 25,
      [...new Set(alerts.map(alert => alert.severity))].toSorted(),
    ]).toEqual([745, true, ['informational', 'low']])
  })
})
