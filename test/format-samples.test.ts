import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPart, surveyFile, walkEvidence } from '../src/evidence/index.ts'
import type { BuiltFrom, Diagnostic, EvidenceId } from '../src/model/index.ts'
import { recognise } from '../src/pipeline/look.ts'
import { readers } from '../src/readers/registry.ts'
import { madeSystem } from './made-hive.ts'
import { sharedData } from './shared-data.ts'
import { zipBytes } from './zip-bytes.ts'

/** Where real bytes of a format lie: the collection beside the repository, what software wrote that we ran, or what a program of ours makes. */
type Sample =
  | { readonly from: 'shared' | 'recorded'; readonly path: readonly string[] }
  | { readonly from: 'made'; readonly path: string; readonly bytes: Uint8Array | string }

const shared = (...path: string[]): Sample => ({ from: 'shared', path })
const plaso = (...path: string[]): Sample => shared('log-formats', 'plaso', ...path)
const recorded = (...path: string[]): Sample => ({ from: 'recorded', path })
const made = (path: string, bytes: Uint8Array | string): Sample => ({ from: 'made', path, bytes })

const SAMPLES: Readonly<Record<string, Sample>> = {
  'access-log': recorded('services', 'apache-vhosts.log'),
  'access-log-json': plaso('azure_application_gateway_access.json'),
  'apache-error': recorded('services', 'apache-error.log'),
  'application-log': plaso('atlassian-confluence.log'),
  'apt-history': recorded('apt-history.log'),
  argus: shared('slips-flows', 'test5-mixed.binetflow'),
  assets: made('assets.yaml', 'assets:\n  - { id: gw01, kind: gateway, names: [gw01], addresses: [192.0.2.1] }\n'),
  auditd: shared('log-formats', 'auditd', 'audit-rhel6.log'),
  'authorized-keys': recorded('authorized_keys'),
  'aws-elb': plaso('aws_elb_access.log'),
  'collection-info': made('x/client_info.json', '{"hostname":"WEB01","fqdn":"web01.example"}\n'),
  'container-log': plaso('cri.log'),
  crontab: recorded('cron.d-e2scrub_all'),
  'dhcp-isc': recorded('services', 'dhcpd.leases'),
  'dnf-log': recorded('services', 'dnf.rpm.log'),
  'dpkg-log': recorded('dpkg.log'),
  evtx: shared('evtx-benign', 'Microsoft-Windows-HelloForBusiness_4Operational.evtx'),
  freeradius: recorded('services', 'freeradius.log'),
  haproxy: recorded('haproxy.log'),
  iis: plaso('iis', 'iis10.log'),
  indicators: made('indicators.csv', 'type,value,source\nipv4-addr,203.0.113.9,example\n'),
  'ivanti-vc0': plaso('ivanti_vc0', 'log.admin.vc0'),
  'java-archive': made(
    'shop.jar',
    zipBytes([
      { name: 'META-INF/MANIFEST.MF', data: 'Manifest-Version: 1.0\n' },
      { name: 'shop/App.class', data: 'x' },
    ]),
  ),
  'journal-export': recorded('journal.export'),
  'journal-file': recorded('compact.journal.gz'),
  'journal-json': recorded('journal.json'),
  lastlog: made('var/log/lastlog', lastlog()),
  nfcapd: recorded('netflow', 'v9.nfcapd'),
  'nfdump-csv': recorded('netflow', 'v9.csv'),
  'nfdump-json': recorded('netflow', 'v9.json'),
  'nat-table': recorded('nat-table', 'nf_conntrack'),
  'nginx-error': recorded('nginx-error.log'),
  openvpn: recorded('services', 'openvpn.log'),
  'openvpn-status': recorded('services', 'openvpn-status.log'),
  pcap: recorded('captures', 'ssh.pcap'),
  'php-error': recorded('services', 'php-error.log'),
  'registry-hive': made('C/Windows/System32/config/SYSTEM', madeSystem({ proxy: true })),
  script: recorded('web-server', 'site', 'login.php'),
  'sensor-alert': plaso('suricata_alert_fast.log'),
  'server-config': made(
    'etc/nginx/nginx.conf',
    'http {\n  server {\n    listen 80;\n    server_name www.example;\n    root /srv/www;\n    location / { try_files $uri =404; }\n  }\n}\n',
  ),
  'shell-history': recorded('services', 'zsh_history'),
  squid: recorded('squid-access.log'),
  suricata: shared('edge-ivanti-eve', 'suricata_ivanti_CVE-2023-35078.eve.json'),
  symantec: plaso('Symantec.Log'),
  syslog: plaso('syslog', 'syslog_rsyslog'),
  'systemd-unit': recorded('ssh.service'),
  table: plaso('networkminer.pcap.FileInfos.csv'),
  'table-json': shared('log-formats', 'auditd', 'audit-rhel6.log.golden'),
  'tomcat-log': recorded('services', 'tomcat-localhost.log'),
  utmp: recorded('wtmp'),
  vsftpd: recorded('services', 'vsftpd.log'),
  'windows-json': shared('mordor-log4shell', 'vminsights_vmconnection_log4shell_cve2021_44228_jndi_reference.zip'),
  'windows-json-stream': shared(
    'sigma-regression',
    'file_event_win_susp_public_folder_extension',
    'b447f7de-1e53-4cbf-bfb4-f1f6d0b04e4e.json',
  ),
  'windows-xml': shared('linux-sysmon-octave', 'sysmon_linux.txt'),
  xferlog: recorded('services', 'xferlog'),
  zeek: shared('slips-zeek', 'test9-mixed-zeek-dir', 'arp.log'),
}

/** What may stand for a declaration: software that we ran writes bytes as real as those of others. */
const PROOF: Readonly<Record<Exclude<BuiltFrom, 'documentation'>, readonly Sample['from'][]>> = {
  'real sample': ['shared', 'recorded'],
  recorded: ['recorded'],
  generated: ['made'],
}

function lastlog(): Uint8Array {
  const all = Buffer.alloc(292 * 1001)
  all.writeUInt32LE(1_692_077_665, 292 * 1000)
  all.write('pts/0', 292 * 1000 + 4)
  all.write('203.0.113.9', 292 * 1000 + 36)
  return all
}

let scratch = ''
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'barograph-samples-'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function fileOf(sample: Sample): string | undefined {
  if (sample.from !== 'made')
    return sample.from === 'shared' ? sharedData(...sample.path) : join(import.meta.dirname, 'recordings', ...sample.path)
  const file = join(scratch, sample.path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, sample.bytes)
  return file
}

/** Formats and how many events come of the file, as in a hunt. */
async function readFile(file: string): Promise<ReadonlyMap<string, { events: number; problems: string[] }>> {
  const seen = new Map<string, { events: number; problems: string[] }>()
  for await (const found of walkEvidence([file], { spillDirectory: join(scratch, 'unpacked') })) {
    // A file stands below the folder it was given in, as in a collection.
    const path = file.startsWith(scratch) ? file.slice(scratch.length + 1) : found.path
    const reader = found.state === 'readable' ? recognise({ ...found.sample, path }, readers) : undefined
    if (!reader) continue
    const of = seen.get(reader.format) ?? { events: 0, problems: [] }
    seen.set(reader.format, of)
    const encoding = found.sample.encoding ?? 'latin1'
    const { parts } = await surveyFile(found.file, reader.split, encoding)
    for (const [part, range] of parts.entries()) {
      const plan = { ...range, evidence: 'sample' as EvidenceId, path, part, facts: { year: 2023 }, encoding }
      const opened = openPart(found.file, plan)
      const diagnostic = ({ level, code, message }: Diagnostic) =>
        level !== 'note' && code.includes('/unreadable') && of.problems.push(`${code} ${message}`)
      reader.read(opened.part, { event: () => of.events++, diagnostic })
      opened.close()
    }
  }
  return seen
}

describe('every format was proved on bytes, or says that it was not', () => {
  test('the formats that say so, and how many', () => {
    const proved = readers.filter(({ about }) => about?.builtFrom !== 'documentation').map(({ format }) => format)
    expect(proved.toSorted()).toEqual(Object.keys(SAMPLES).toSorted())
    expect(proved.length).toBeGreaterThanOrEqual(45)
  })

  test.for(Object.entries(SAMPLES))('%s', async ([format, sample], context) => {
    const builtFrom = readers.find(reader => reader.format === format)?.about?.builtFrom ?? 'documentation'
    expect(builtFrom === 'documentation' ? [] : PROOF[builtFrom]).toContain(sample.from)
    const file = fileOf(sample)
    if (file === undefined) {
      context.skip('the collection is not beside the repository')
      return
    }
    const read = (await readFile(file)).get(format)
    expect(read?.events).toBeGreaterThan(0)
    expect(read?.problems).toEqual([])
  })
})
