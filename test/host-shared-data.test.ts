import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bruteForce } from '../src/detect/credentials/brute-force.ts'
import { passwordNoise } from '../src/detect/credentials/password-noise.ts'
import { passwordSpray } from '../src/detect/credentials/password-spray.ts'
import { recordHoles } from '../src/detect/log-gaps/record-holes.ts'
import { silentHours } from '../src/detect/log-gaps/silent-hours.ts'
import { detectors } from '../src/detect/registry.ts'
import { lonePage } from '../src/detect/web-shell/lone-page.ts'
import { managerLogin } from '../src/detect/web-shell/manager-login.ts'
import { scanner } from '../src/detect/web-shell/scanner.ts'
import { servedArchive } from '../src/detect/web-shell/served-archive.ts'
import { uploadThenPage } from '../src/detect/web-shell/upload-then-page.ts'
import { openPart, surveyFile, walkEvidence } from '../src/evidence/index.ts'
import { type EvidenceId, type RecordDetector, type SecurityEvent, severities } from '../src/model/index.ts'
import { readers } from '../src/readers/registry.ts'
import { storeItems } from './contract/event-store.ts'
import { foundBy, saidIn } from './set-detector.ts'
import { sharedData } from './shared-data.ts'

const recordDetectors = detectors.filter((detector): detector is RecordDetector => detector.on === 'record')
const ours = recordDetectors.filter(({ id }) => /^(?:web-shell|credentials|living-off-land|lateral|log-gaps)\//.test(id))

let spill = ''
beforeAll(() => {
  spill = mkdtempSync(join(tmpdir(), 'barograph-shared-'))
})
afterAll(() => rmSync(spill, { recursive: true }))

/** All events of a set or one of its files, read as a hunt reads them. */
async function eventsOf(...path: readonly string[]): Promise<readonly SecurityEvent[]> {
  const events: SecurityEvent[] = []
  for await (const item of walkEvidence([sharedData(...path) ?? ''], { spillDirectory: spill })) {
    const [best] = readers.map(reader => ({ reader, score: reader.recognise(item.sample) })).toSorted((a, b) => b.score - a.score)
    if (item.state !== 'readable' || !best || best.score === 0) continue
    const { sha256, parts } = await surveyFile(item.file, best.reader.split, item.sample.encoding)
    const evidence = sha256.slice(0, 16) as EvidenceId
    for (const [part, range] of parts.entries()) {
      const opened = openPart(item.file, {
        evidence,
        path: item.path,
        part,
        facts: {},
        encoding: item.sample.encoding ?? 'utf-8',
        ...range,
      })
      best.reader.read(opened.part, { event: event => events.push(event), diagnostic: () => undefined })
      opened.close()
    }
  }
  return events
}

/** What record detectors say from a severity upwards, each saying once: "severity detector host". */
function saidFrom(events: readonly SecurityEvent[], least: (typeof severities)[number]): readonly string[] {
  const said = new Set<string>()
  for (const event of events)
    for (const detector of ours) {
      if (![detector.reads].flat().includes(event.kind)) continue
      const match = detector.detect(event)
      const severity = match?.severity ?? detector.severity
      if (match && severities.indexOf(severity) >= severities.indexOf(least)) said.add(`${severity} ${detector.id} ${event.host}`)
    }
  return [...said].toSorted()
}

describe.skipIf(!sharedData('mordor-atomic'))('host detectors on the shared data', () => {
  test.each([
    [
      ['mordor-atomic', 'cmd_dumping_ntds_dit_file_ntdsutil.zip'],
      ['critical credentials/ntds-theft dc01.pandalab.com', 'high credentials/ntds-theft dc01.pandalab.com'],
    ],
    [
      ['mordor-atomic', 'proxylogon_ssrf_rce_poc.zip'],
      ['critical web-shell/worker-starts-shell mxs01.azsentinel.local', 'high web-shell/script-written mxs01.azsentinel.local'],
    ],
    [
      ['mordor-atomic', 'psh_lsass_memory_dump_comsvcs.zip'],
      ['high credentials/lsass-dump workstation5', 'medium log-gaps/log-cleared workstation5'],
    ],
    [
      ['mordor-atomic', 'schtask_create.zip'],
      ['high lateral/scheduled-task workstation6.theshire.local', 'medium lateral/scheduled-task workstation5.theshire.local'],
    ],
    [
      ['mordor-atomic', 'covenant_psremoting_command.zip'],
      ['high lateral/winrm workstation5.theshire.local', 'medium lateral/winrm workstation5.theshire.local'],
    ],
    [
      ['mordor-atomic', 'cmd_psexec_lsa_secrets_dump.zip'],
      [
        'high credentials/lsa-secrets workstation5',
        'medium lateral/psexec workstation5',
        'medium log-gaps/log-cleared workstation5',
      ],
    ],
    [
      ['mordor-lsass-procdump', 'metasploit_procdump_lsass_memory_dump.zip'],
      [
        'high credentials/lsass-dump acct01.pandalab.com',
        'medium living-off-land/disguised-document acct01.pandalab.com',
        'medium living-off-land/program-from-address acct01.pandalab.com',
      ],
    ],
    [
      ['evtx-webshell-tunnel', 'LM_typical_IIS_webshell_sysmon_1_10_traces.evtx'],
      ['critical web-shell/worker-starts-shell iewin7'],
    ],
    [
      ['evtx-webshell-tunnel', 'DE_RDP_Tunnel_5156.evtx'],
      ['high living-off-land/loopback-rdp pc01.example.corp', 'medium log-gaps/log-cleared pc01.example.corp'],
    ],
    [['evtx-webshell-tunnel', 'DE_RDP_Tunneling_4624.evtx'], ['high living-off-land/loopback-rdp pc02.example.corp']],
    [['evtx-benign'], []],
    [['linux-sysmon-octave'], []],
  ])('%j', async (path, said) => {
    expect(saidFrom(await eventsOf(...path), 'medium')).toEqual(said)
  })

  test('a JSP web shell in a Tomcat log', async () => {
    const events = await eventsOf('web-tomcat-jsp-shell', 'localhost_access_log.txt')
    const said = await Promise.all(
      [lonePage, uploadThenPage, managerLogin, servedArchive, scanner].map(detector => foundBy(detector, events)),
    )
    expect(said.flatMap(saidIn)).toEqual([
      'high: /error/cmd.jsp is used like a web shell by 192.168.105.76 (16 posts)',
      'low: /jsp_app/ is used like a web shell by 192.168.105.76 and 192.168.153.46 (12 posts)',
      'high: 192.168.105.76 uploaded through /manager/html/upload and 83 s later opened the new page /error/cmd.jsp',
      'medium: admin signed in to the application server console from 192.168.105.76 and 192.168.153.46 and uploaded 4 archives',
      expect.stringMatching(/^low: 192\.168\.105\.64 scanned /),
      expect.stringMatching(/^low: 192\.168\.105\.83 scanned /),
    ])
  })

  test('a guessed password among the noise', async () => {
    const events = await eventsOf('web-and-auth-elastic', 'auth.log.gz')
    expect(saidIn(await foundBy(bruteForce, events))).toEqual([
      'high: 24.151.103.17 guessed the password of elastic_user_0: accepted after 147 refusals',
    ])
    const noise = [...(await foundBy(passwordNoise, events)), ...(await foundBy(passwordSpray, events))]
    expect(new Set(noise.map(({ severity }) => severity))).toEqual(new Set(['low']))
  })

  test('an ordinary public site', async () => {
    const events = await eventsOf('web-and-auth-elastic', 'apache_access_10000.log.gz')
    const said = await Promise.all(
      [lonePage, uploadThenPage, managerLogin, servedArchive, silentHours].map(detector => foundBy(detector, events)),
    )
    expect(said.flat().filter(({ severity }) => severity !== 'low' && severity !== 'informational')).toEqual([])
  })

  test('ordinary event logs have holes where blocks were torn, nothing more', async () => {
    const names = ['2-vss_7-System.evtx', 'system.evtx', 'sysmon.evtx']
    const items = await Promise.all(
      names.map(async path => ({ path, format: 'evtx', events: await eventsOf('evtx-benign', path) })),
    )
    const store = await storeItems(items)
    const found = (await store.rows(recordHoles.query(store.dialect))).map(row => recordHoles.finding(row)?.severity)
    store.close()
    expect(found).toEqual(['low'])
  })
})

test('the detectors of hosts are in the registry', () => {
  expect(ours.length).toBeGreaterThan(30)
})
