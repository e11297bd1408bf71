import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isoFromMicros, type SecurityEvent } from '../src/model/index.ts'
import { readers } from '../src/readers/registry.ts'
import { readAs, recording } from './recordings.ts'
import { sharedData } from './shared-data.ts'
import { columnsOf, readText, textSample } from './text-part.ts'

const told = (event: SecurityEvent) =>
  [event.time === undefined ? '' : isoFromMicros(event.time).slice(0, 19), columnsOf(event)] as const

type Case = readonly [
  format: string,
  path: string,
  text: string,
  events: readonly (readonly [time: string, columns: Record<string, unknown>])[],
]
const CASES: readonly Case[] = [
  [
    'aws-elb',
    'elb.log',
    '2023-08-15T05:34:25.123456Z my-elb 203.0.113.9:5022 10.0.0.5:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example:80/a?x=1 HTTP/1.1" "curl/7.38.0" - -\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'http_activity',
          clientIp: '203.0.113.9',
          method: 'GET',
          path: '/a',
          query: 'x=1',
          virtualHost: 'www.example',
          serverPort: 80,
          status: 200,
          bytes: 29,
          requestBytes: 0,
          userAgent: 'curl/7.38.0',
          serverIp: '10.0.0.5',
          duration: 1178,
        },
      ],
    ],
  ],
  [
    'cloudfront',
    'E1.2023-08-15-05.abc',
    '#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken\n2023-08-15\t05:34:25\tLAX1\t2390282\t203.0.113.9\tGET\td1.cloudfront.net\t/up/a.php\t200\twww.example\tMozilla/4.0%20(compatible)\ta=b\t-\tHit\tx\twww.example\thttp\t100\t0.001\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'http_activity',
          clientIp: '203.0.113.9',
          method: 'GET',
          path: '/up/a.php',
          query: 'a=b',
          status: 200,
          bytes: 2390282,
          requestBytes: 100,
          referrer: 'www.example',
          userAgent: 'Mozilla/4.0 (compatible)',
          virtualHost: 'www.example',
          duration: 1000,
        },
      ],
    ],
  ],
  [
    'azure-front-door',
    'PT1H.json',
    '{"time":"2023-08-15T05:34:25.1234567Z","resourceId":"/SUBSCRIPTIONS/X","category":"FrontDoorAccessLog","operationName":"Microsoft.Cdn/Profiles/AccessLog/Write","properties":{"httpMethod":"POST","httpVersion":"2.0","requestUri":"https://www.example:443/up/a.aspx?x=1","requestBytes":"10","responseBytes":"20","userAgent":"curl/8","clientIp":"203.0.113.9","timeTaken":"0.5","httpStatusCode":"200","hostName":"origin.example"}}\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'http_activity',
          clientIp: '203.0.113.9',
          method: 'POST',
          path: '/up/a.aspx',
          query: 'x=1',
          virtualHost: 'www.example',
          serverPort: 443,
          status: 200,
          bytes: 20,
          requestBytes: 10,
          userAgent: 'curl/8',
          duration: 500000,
        },
      ],
    ],
  ],
  [
    'exchange-log',
    'HttpProxy/Ecp/HttpProxy_2023081505-1.LOG',
    '#Software: Microsoft Exchange Server\n#Version: 15.02.0721.002\n#Log-type: HttpProxy Logs\n#Date: 2023-08-15T05:00:00.000Z\n#Fields: DateTime,RequestId,Protocol,UrlHost,UrlStem,AuthenticatedUser,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,Method,UrlQuery\n2023-08-15T05:34:25.123Z,x,Ecp,mail.example,/ecp/y.js,,ServerInfo~a]@ex01.example:444/autodiscover/autodiscover.xml?#,curl/8,203.0.113.9,EX01,200,POST,\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'http_activity',
          clientIp: '203.0.113.9',
          method: 'POST',
          path: '/ecp/y.js',
          status: 200,
          userAgent: 'curl/8',
          virtualHost: 'mail.example',
          forwardedFor: 'ServerInfo~a]@ex01.example:444/autodiscover/autodiscover.xml?#',
        },
      ],
    ],
  ],
  [
    'exchange-log',
    'ECP/Server/ECPServer20230815-1.LOG',
    "#Software: Microsoft Exchange Server\n#Version: 15.01\n#Log-type: ECP Server Log\n#Date: 2023-08-15T05:00:00.000Z\n#Fields: TimeStamp,ServerHostName,EventId,EventData\n2023-08-15T05:34:25.123Z,EX01,ECP.Request,S:TIME=21;S:CMD=Set-OabVirtualDirectory.ExternalUrl=''http://x/<script>'';S:REQID=\n",
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'device_config',
          action: 'command',
          object: 'exchange',
          command: "Set-OabVirtualDirectory.ExternalUrl=''http://x/<script>''",
        },
      ],
    ],
  ],
  [
    'windows-firewall',
    'pfirewall.log',
    '#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Time Format: Local\n#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path pid\n\n2023-08-15 05:34:25 DROP TCP 203.0.113.9 10.0.0.5 50220 3389 60 S 1 0 1 - - - RECEIVE 4\n2023-08-15 05:34:26 ALLOW UDP 10.0.0.5 10.0.0.1 5353 53 0 - - - - - - - SEND 1200\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'network_activity',
          action: 'deny',
          protocol: 'tcp',
          srcIp: '203.0.113.9',
          srcPort: 50220,
          dstIp: '10.0.0.5',
          dstPort: 3389,
          bytesOut: 60,
          state: 'receive',
          initiatorKnown: true,
          pid: 4,
        },
      ],
      [
        '2023-08-15T05:34:26',
        {
          kind: 'network_activity',
          action: 'open',
          protocol: 'udp',
          srcIp: '10.0.0.5',
          srcPort: 5353,
          dstIp: '10.0.0.1',
          dstPort: 53,
          state: 'send',
          initiatorKnown: true,
          pid: 1200,
        },
      ],
    ],
  ],
  [
    'dhcp-windows',
    'DhcpSrvLog-Tue.log',
    '\t\tMicrosoft DHCP Service Activity Log\n\n\nEvent ID  Meaning\n00\tThe log was started.\n10\tA new IP address was leased to a client.\n\nID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name, TransactionID, QResult\n10,08/15/23,05:34:25,Assign,10.0.0.7,PC7.example.,001122AABBCC,,123,0,,,\n30,08/15/23,05:34:26,DNS Update Request,10.0.0.7,PC7.example,,,0,6,,,\n',
    [
      [
        '2023-08-15T05:34:25',
        { kind: 'dhcp_activity', mac: '00:11:22:aa:bb:cc', assignedIp: '10.0.0.7', clientName: 'PC7.example' },
      ],
      [
        '2023-08-15T05:34:26',
        { kind: 'other_activity', message: 'dhcp: DNS Update Request 10.0.0.7 PC7.example', srcIp: '10.0.0.7' },
      ],
    ],
  ],
  [
    'dhcp-isc',
    'dhcpd.leases',
    '# The format of this file is documented in dhcpd.leases(5).\nlease 10.0.0.7 {\n  starts 2 2023/08/15 05:34:25;\n  ends 2 2023/08/15 06:34:25;\n  binding state active;\n  hardware ethernet 00:11:22:aa:bb:cc;\n  client-hostname "pc7";\n}\n',
    [
      [
        '2023-08-15T05:34:25',
        { kind: 'dhcp_activity', mac: '00:11:22:aa:bb:cc', assignedIp: '10.0.0.7', clientName: 'pc7', leaseSeconds: 3600 },
      ],
    ],
  ],
  [
    'task-xml',
    'C/Windows/System32/Tasks/Microsoft/Update',
    '<?xml version="1.0" encoding="UTF-16"?>\n<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\n<RegistrationInfo><Date>2023-08-15T05:34:25</Date><Author>EXAMPLE\\ora</Author><URI>\\Microsoft\\Update</URI></RegistrationInfo>\n<Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers><Principals><Principal id="Author"><UserId>S-1-5-18</UserId></Principal></Principals>\n<Actions><Exec><Command>cmd.exe</Command><Arguments>/c C:\\Users\\Public\\a.bat &amp; exit</Arguments></Exec></Actions></Task>\n',
    [
      [
        '',
        {
          kind: 'scheduled_job_activity',
          action: 'found',
          name: '\\Microsoft\\Update',
          command: 'cmd.exe /c C:\\Users\\Public\\a.bat & exit',
          user: 'EXAMPLE\\ora',
          account: 'S-1-5-18',
        },
      ],
    ],
  ],
  [
    'windows-text',
    'export.txt',
    '08/15/2023 05:34:25 AM\nLogName=Security\nEventCode=4624\nEventType=0\nComputerName=dc01.example\nSourceName=Microsoft Windows security auditing.\nRecordNumber=77\nMessage=An account was successfully logged on.\n\nSubject:\n\tSecurity ID:\t\tS-1-0-0\n\tAccount Name:\t\t-\n\nLogon Type:\t\t\t10\n\nNew Logon:\n\tAccount Name:\t\tora\n\tAccount Domain:\t\tEXAMPLE\n\tLogon ID:\t\t0x3E7A1\n\nNetwork Information:\n\tWorkstation Name:\tPC7\n\tSource Network Address:\t203.0.113.9\n\tSource Port:\t\t50220\n08/15/2023 05:34:26 AM\nLogName=Security\nEventCode=1102\nComputerName=dc01.example\nSourceName=Eventlog\nRecordNumber=78\nMessage=The audit log was cleared.\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'authentication',
          action: 'logon',
          outcome: 'success',
          user: 'EXAMPLE\\ora',
          logonType: 10,
          logonId: '0x3e7a1',
          srcIp: '203.0.113.9',
          srcPort: 50220,
          srcHost: 'PC7',
        },
      ],
      ['2023-08-15T05:34:26', { kind: 'log_activity', action: 'cleared', log: 'Security' }],
    ],
  ],
  [
    'windows-csv',
    'security.csv',
    '\ufeffLevel,Date and Time,Source,Event ID,Task Category\r\nInformation,8/15/2023 5:34:25 AM,Microsoft-Windows-Security-Auditing,4688,Process Creation,"A new process has been created.\r\n\r\nCreator Subject:\r\n\tAccount Name:\t\tora\r\n\tAccount Domain:\t\tEXAMPLE\r\n\tLogon ID:\t\t0x3E7A1\r\n\r\nProcess Information:\r\n\tNew Process ID:\t\t0x1f4\r\n\tNew Process Name:\tC:\\Windows\\System32\\whoami.exe\r\n\tCreator Process Name:\tC:\\Windows\\System32\\cmd.exe\r\n\tProcess Command Line:\twhoami /all"\r\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'process_activity',
          action: 'start',
          image: 'C:\\Windows\\System32\\whoami.exe',
          commandLine: 'whoami /all',
          pid: 500,
          parentImage: 'C:\\Windows\\System32\\cmd.exe',
          user: 'EXAMPLE\\ora',
          logonId: '0x3e7a1',
        },
      ],
    ],
  ],
]

test.each(CASES)('%s: %s', (format, path, text, events) => {
  const read = readAs(path, Buffer.from(text))
  expect(read.reader?.format).toBe(format)
  expect(read.events.map(told)).toEqual(events)
  expect(read.diagnostics.filter(({ level }) => level !== 'note')).toEqual([])
})

test('HAProxy in front of an nginx: requests, a TCP frontend', () => {
  const { reader, events, diagnostics } = readAs('haproxy.log', recording('haproxy.log'))
  expect([reader?.format, diagnostics]).toEqual(['haproxy', []])
  const requests = events.filter(event => event.kind === 'http_activity')
  expect(requests.map(({ method, path, query, status, clientIp }) => [method, path, query, status, clientIp])).toEqual([
    ['GET', '/index.html', '', 200, '127.0.0.1'],
    ['GET', '/up/a.php', '', 404, '127.0.0.1'],
    ['POST', '/missing.jsp', 'cmd=id', 404, '127.0.0.1'],
  ])
  expect(requests[0]?.userAgent).toBe('curl/7')
  expect(
    events.filter(event => event.kind === 'network_activity').map(event => event.kind === 'network_activity' && event.service),
  ).toEqual(['raw plain'])
})

test('Squid: pages, a tunnel, a refused connection', () => {
  const { reader, events, diagnostics } = readAs('squid/access.log', recording('squid-access.log'))
  expect([reader?.format, diagnostics]).toEqual(['squid', []])
  expect(events.map(event => [event.kind, event.code])).toEqual([
    ['http_activity', 'TCP_MISS'],
    ['tunnel_activity', 'TCP_TUNNEL'],
    ['http_activity', 'TCP_MISS'],
  ])
  expect(columnsOf(events[1])).toMatchObject({
    protocol: 'http-connect',
    target: '127.0.0.1',
    targetPort: 29080,
    srcIp: '127.0.0.1',
  })
})

test('nginx access log of the same run', () => {
  const { reader, events } = readAs('access.log', recording('nginx-access.log'))
  expect([reader?.format, events.length > 5]).toEqual(['access-log', true])
})

const samples = sharedData('log-formats', 'plaso')
describe.skipIf(samples === undefined)('real samples', () => {
  test.each([
    ['aws_elb_access.log', 'aws-elb', 16],
    ['snort3_alert_fast.log', 'sensor-alert', 4],
    ['suricata_alert_fast.log', 'sensor-alert', 5],
    ['Symantec.Log', 'symantec', 8],
  ])('%s is read as %s, every line', (name, format) => {
    const bytes = readFileSync(join(samples ?? '', name))
    const lines = bytes
      .toString()
      .split('\n')
      .filter(line => line.trim() !== '').length
    const { reader, events, diagnostics } = readAs(name, bytes)
    expect(reader?.format).toBe(format)
    expect([events.length, diagnostics.filter(({ code }) => code.endsWith('unreadable-line'))]).toEqual([lines, []])
    expect(events.filter(({ time }) => time === undefined)).toEqual([])
  })
})

/** Seeds of every text format that is read here and beside. */
const SEEDS = [
  ...CASES.map(([, , text]) => text),
  ...[
    'haproxy.log',
    'squid-access.log',
    'journal.json',
    'journal.export',
    'authorized_keys',
    'dpkg.log',
    'apt-history.log',
    'ssh.service',
  ].map(name => recording(name).toString('latin1')),
]

test('mutated files never throw and never hang, whichever reader takes them', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SEEDS), fc.nat(3000), fc.string({ maxLength: 30 }), fc.nat(40), (seed, at, noise, cut) => {
      const text = seed.slice(0, at) + noise + seed.slice(at + cut)
      const sample = textSample(text)
      for (const reader of readers) {
        const score = reader.recognise(sample)
        expect(score >= 0 && score <= 100).toBe(true)
        if (score > 25) readText(reader, text)
      }
    }),
    { numRuns: 120 },
  )
})
