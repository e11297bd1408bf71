import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAs } from '../../../test/recordings.ts'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { mappingOf } from './mapping.ts'
import { readers } from './reader.ts'

const [table, objects] = readers
if (!table || !objects) throw new Error('two readers are expected')

const CASES: readonly (readonly [name: string, text: string, columns: Record<string, unknown>])[] = [
  [
    'Elastic',
    '"@timestamp","source.ip","url.path","http.request.method","http.response.status_code"\n"2023-08-15T05:34:25.000Z","203.0.113.9","/up/a.php","POST","200"\n',
    { kind: 'http_activity', clientIp: '203.0.113.9', path: '/up/a.php', method: 'POST', status: 200 },
  ],
  [
    'Splunk',
    '_time,src_ip,dest_ip,dest_port,action,transport\n2023-08-15T05:34:25.000+00:00,10.0.0.5,203.0.113.9,443,blocked,tcp\n',
    {
      kind: 'network_activity',
      action: 'deny',
      srcIp: '10.0.0.5',
      dstIp: '203.0.113.9',
      dstPort: 443,
      protocol: 'tcp',
      initiatorKnown: false,
    },
  ],
  [
    'Defender',
    'TimeGenerated;DeviceName;AccountName;ProcessCommandLine;FolderPath;InitiatingProcessFolderPath\n2023-08-15T05:34:25Z;WEB01;ora;whoami /all;C:\\Windows\\System32\\whoami.exe;C:\\Windows\\System32\\cmd.exe\n',
    {
      kind: 'process_activity',
      action: 'start',
      image: 'C:\\Windows\\System32\\whoami.exe',
      commandLine: 'whoami /all',
      parentImage: 'C:\\Windows\\System32\\cmd.exe',
      user: 'ora',
    },
  ],
  [
    'Sentinel sign-ins',
    'TimeGenerated\tUserPrincipalName\tIPAddress\tResultType\n2023-08-15T05:34:25Z\tora@example\t203.0.113.9\t50126 failed\n',
    { kind: 'authentication', action: 'logon', user: 'ora@example', srcIp: '203.0.113.9', outcome: 'failure' },
  ],
  [
    'ordinary words, US dates, a cell over two lines',
    'Date,User,IP,Description\n"8/15/2023 5:34:25 AM",ora,203.0.113.9,"one\ntwo"\n',
    { kind: 'other_activity', user: 'ora', srcIp: '203.0.113.9', message: 'one\ntwo' },
  ],
  [
    "Splunk's model Authentication: how it ended stands in action, the machine in dest",
    '_time,host,src,dest,user,action,app\n2023-08-15T07:34:25.000+0200,collector,10.1.1.1,srv1,EXAMPLE\\ora,failure,sshd\n',
    {
      kind: 'authentication',
      action: 'logon',
      outcome: 'failure',
      user: 'EXAMPLE\\ora',
      srcIp: '10.1.1.1',
      target: 'srv1',
      process: 'sshd',
    },
  ],
  [
    "Sentinel's portal, which writes the zone behind the name",
    '"TimeGenerated [UTC]","Computer","Account","CommandLine","NewProcessName","ParentProcessName"\n"8/15/2023, 5:34:25.000 AM","DC01.example","EXAMPLE\\ora","whoami /all","C:\\Windows\\whoami.exe","C:\\Windows\\cmd.exe"\n',
    {
      kind: 'process_activity',
      action: 'start',
      image: 'C:\\Windows\\whoami.exe',
      commandLine: 'whoami /all',
      parentImage: 'C:\\Windows\\cmd.exe',
      user: 'EXAMPLE\\ora',
    },
  ],
  [
    'sign-ins of Entra',
    '"Date (UTC)","Request ID","Username","Application","IP address","Status"\n"2023-08-15T05:34:25Z","x-1","ora@example.org","Office 365","203.0.113.9","Failure"\n',
    {
      kind: 'authentication',
      action: 'logon',
      outcome: 'failure',
      user: 'ora@example.org',
      srcIp: '203.0.113.9',
      process: 'Office 365',
    },
  ],
  [
    'Defender, with both ends',
    'Timestamp,DeviceName,LocalIP,LocalPort,RemoteIP,RemotePort,Protocol\n2023-08-15T05:34:25Z,ws1,10.0.0.5,50123,203.0.113.9,443,Tcp\n',
    {
      kind: 'network_activity',
      action: 'flow',
      protocol: 'tcp',
      srcIp: '10.0.0.5',
      srcPort: 50123,
      dstIp: '203.0.113.9',
      dstPort: 443,
      initiatorKnown: false,
    },
  ],
]

test.each([
  ['prices', 'date,name,price,volume\n2023-08-15,ACME,12.5,1000\n'],
  ['a list of people', 'id,name,email,created,address\n1,Ora,ora@example.org,2023-08-15T05:34:25Z,1 Main Street\n'],
  ['measurements', 'time,host,cpu,mem\n2023-08-15T05:34:25Z,web01,12.5,80\n'],
])('%s are no log', (_name, text) => {
  expect(readers.map(reader => reader.recognise(textSample(text, 'export.csv')))).toEqual([0, 0])
})

test('words that could be anything are nothing when their values are something else', () => {
  const { events, diagnostics } = readText(
    table,
    'created,source,target,user,status\n2023-08-15 05:34:25,email,helpdesk,ora,open\n',
  )
  expect(columnsOf(events[0])).toEqual({ kind: 'other_activity', user: 'ora' })
  expect(diagnostics.find(({ code }) => code === 'table/mapping')?.message).toContain('only kept: source, target, status')
})

test.each(CASES)('CSV in the words of %s', (_name, text, columns) => {
  expect(table.recognise(textSample(text, 'export'))).toBeGreaterThan(0)
  const { events, diagnostics } = readText(table, text)
  expect(events.map(columnsOf)).toEqual([columns])
  expect(events[0]?.time && isoFromMicros(events[0].time)).toBe('2023-08-15T05:34:25.000000Z')
  expect(diagnostics.filter(({ code }) => code === 'table/mapping')).toHaveLength(1)
})

test('the mapping is said with its confidence, a guess as a warning', () => {
  const said = (text: string) => readText(table, text).diagnostics.find(({ code }) => code === 'table/mapping')
  expect(said('_time,src_ip,dest_ip\n2023-08-15T05:34:25Z,10.0.0.5,203.0.113.9\n')).toMatchObject({
    level: 'note',
    message:
      'rows are read as network_activity, confidence high: time = _time (certain), srcIp = src_ip (certain), dstIp = dest_ip (certain)',
  })
  expect(said('when,who,size\n2023-08-15T05:34:25Z,ora,7\n')).toMatchObject({
    level: 'warning',
    message: 'rows are read as other_activity, confidence low: time = when (unsure), user = who (unsure); only kept: size',
  })
})

test('corrections of the user win, and a wrong one is said', () => {
  const text = 'Zeitpunkt,A,B,C\n2023-08-15T05:34:25Z,10.0.0.5,ora,nein\n'
  expect(table.recognise(textSample(text))).toBe(0)
  const columns = { time: 'Zeitpunkt', srcIp: 'A', user: 'B', outcome: 'C', kind: 'authentication', dstIp: 'X' }
  const { events, diagnostics } = readText(table, text, { facts: { columns } })
  expect(events.map(columnsOf)).toEqual([
    { kind: 'authentication', action: 'logon', outcome: 'failure', srcIp: '10.0.0.5', user: 'ora' },
  ])
  expect(diagnostics.map(({ code }) => code)).toEqual(['table/mapping', 'table/bad-correction'])
})

test('JSON records, nested, with JSON inside, one a line or in a list', () => {
  const record = {
    eventTime: '2023-08-15T05:34:25Z',
    eventName: 'ConsoleLogin',
    detail: '{"sourceIPAddress":"203.0.113.9","userIdentity":{"userName":"ora"}}',
  }
  for (const text of [`${JSON.stringify(record)}\n${JSON.stringify(record)}\n`, JSON.stringify([record, record], null, 1)]) {
    expect(objects.recognise(textSample(text))).toBeGreaterThan(0)
    const { events } = readText(objects, text)
    expect(events).toHaveLength(2)
    expect(columnsOf(events[0])).toEqual({ kind: 'other_activity', message: 'ConsoleLogin', user: 'ora' })
    expect(events[0]?.original.get('detail.sourceIPAddress')).toBe('203.0.113.9')
  }
})

test('dates that can be read in two ways are said', () => {
  const { diagnostics } = readText(table, 'time,user,ip\n08/09/2023 05:34:25,ora,10.0.0.5\n')
  expect(diagnostics.map(({ code }) => code).toSorted()).toEqual(['table/ambiguous-date', 'table/mapping', 'table/no-zone'])
})

const SLASHED = 'time,user,ip\n05/08/2023 05:34:25,ora,10.0.0.5\n06/08/2023 05:34:25,ora,10.0.0.5\n'
test.each([
  ['not known: the month first, and it is said', SLASHED, {}, ['2023-05-08', '2023-06-08'], ['table/ambiguous-date']],
  ['told by another row', `${SLASHED}13/08/2023 05:34:25,ora,10.0.0.5\n`, {}, ['2023-08-05', '2023-08-06', '2023-08-13'], []],
  ['stated', SLASHED, { dates: 'day-first' }, ['2023-08-05', '2023-08-06'], []],
  [
    'both in one table: the surer rows are right, and it is said',
    `${SLASHED}13/08/2023 05:34:25,ora,10.0.0.5\n08/14/2023 05:34:25,ora,10.0.0.5\n`,
    {},
    ['2023-08-05', '2023-08-06', '2023-08-13', '2023-08-14'],
    ['table/mixed-dates'],
  ],
])('order of day and month: %s', (_name, text, columns, days, said) => {
  const { events, diagnostics } = readText(table, text, { facts: { zone: 'UTC', columns } })
  expect(events.map(({ time }) => time && isoFromMicros(time).slice(0, 10))).toEqual(days)
  expect(diagnostics.map(({ code }) => code).filter(code => code !== 'table/mapping')).toEqual(said)
})

test('one stray quote costs no other row, in CSV and in a table of tabs', () => {
  const rows = ['a', '"b', 'c', 'd "e', 'f'].map((cell, i) => `2023-08-15T05:34:0${i}Z,10.0.0.${i},ora,${cell}`)
  const text = `time,ip,user,message\n${rows.join('\n')}\n`
  for (const one of [text, text.replaceAll(',', '\t')])
    expect(readText(table, one).events.map(({ time }) => time && isoFromMicros(time).slice(17, 19))).toEqual([
      '00',
      '01',
      '02',
      '03',
      '04',
    ])
})

test('a cell over several lines that the cut between two parts goes through is one row, once', () => {
  const begin = 'time,ip,user,message\n2023-08-15T05:34:01Z,10.0.0.1,ora,one\n2023-08-15T05:34:02Z,10.0.0.2,ora,"two\n'
  const text = `${begin}second line\nthird"\n2023-08-15T05:34:03Z,10.0.0.3,ora,three\n`
  const cuts = [
    { start: 0, end: begin.length },
    { start: begin.length, end: text.length },
  ]
  expect(cuts.flatMap(cut => readText(table, text, cut).events.map(event => Reflect.get(event, 'message')))).toEqual([
    'one',
    'two\nsecond line\nthird',
    'three',
  ])
})

test('another table behind the first is read by its own header, and it is said', () => {
  const { events, diagnostics } = readText(
    table,
    'time,ip,user,message\n2023-08-15T05:34:25Z,10.0.0.5,ora,a\nTimestamp,User,Computer,CommandLine\n2023-08-15T05:34:26Z,ora,ws01,whoami\n',
  )
  expect(events.map(({ kind }) => kind)).toEqual(['other_activity', 'process_activity'])
  expect(diagnostics.map(({ code }) => code)).toContain('table/other-header')
})

test('a wrong correction is told with what there is', () => {
  const columns = { kind: 'authentification', zeit: 'time' }
  const said = readText(table, SLASHED, { facts: { columns } }).diagnostics.find(({ code }) => code === 'table/bad-correction')
  expect(said?.message).toContain('kind: authentification, zeit: time; the table has user, time, ip')
  expect(said?.hint).toContain('kind is one of http_activity, process_activity')
})

test.each([
  ['prose', 'It was a dark, stormy night, and time went by.\nThe host, a user of words, said so.\n'],
  ['a list without times', 'host,ip,role\nweb01,10.0.0.5,web\n'],
  ['a table of numbers', 'time,x,y\n2023-08-15T05:34:25Z,1,2\n'],
  ['code', 'const time = 1, host = 2, user = 3\nconst a = [1, 2, 3]\n'],
])('not taken: %s', (_name, text) => {
  expect(readers.map(reader => reader.recognise(textSample(text)))).toEqual([0, 0])
})

test('a name of a schema goes before a usual word, and each column is used once', () => {
  expect(mappingOf(['time', '@timestamp', 'ip', 'source.ip'])?.columns).toEqual({ time: '@timestamp', srcIp: 'source.ip' })
})

const plaso = sharedData('log-formats', 'plaso')
test.skipIf(plaso === undefined).each([
  ['networkminer.pcap.FileInfos.csv', 'table'],
  ['jsonl/aws_cloudtrail.jsonl', 'table-json'],
  ['jsonl/azure_activity_log.jsonl', 'table-json'],
  ['jsonl/gcp_logging.jsonl', 'table-json'],
  ['jsonl/microsoft_audit_log.jsonl', 'table-json'],
])('real %s: each record an event with a time', (name, format) => {
  const { reader, events, diagnostics } = readAs(name, readFileSync(join(plaso ?? '', name)))
  expect(reader?.format).toBe(format)
  expect(events.length).toBeGreaterThan(1)
  expect(events.filter(({ time }) => time === undefined)).toEqual([])
  expect(diagnostics.filter(({ level }) => level === 'error')).toEqual([])
})

test('random text and mutated tables never throw', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CASES.map(([, text]) => text)),
      fc.nat(200),
      fc.string({ maxLength: 20 }),
      (text, at, noise) => {
        const mutated = text.slice(0, at) + noise + text.slice(at)
        for (const reader of readers) {
          const score = reader.recognise(textSample(mutated))
          expect(score >= 0 && score <= 100).toBe(true)
          readText(reader, mutated)
        }
      },
    ),
    { numRuns: 150 },
  )
})

function auditRow(second: string, operation: string): string {
  const data = JSON.stringify({
    CreationTime: `2023-02-14T03:01:${second}`,
    Operation: operation,
    ResultStatus: 'Success',
    ClientIP: '198.51.100.7',
    ExtendedProperties: [
      { Name: 'UserAgent', Value: 'curl/8.1' },
      { Name: 'RequestType', Value: 'OAuth2:Authorize' },
    ],
  })
  return `"x${second}","2023-02-14T03:01:${second}.0000000Z","${operation}","ann@corp.example","${data.replaceAll('"', '""')}"\r\n`
}

/** Files as people bring them, beside the plain ones above: what a row becomes, and what is said. */
const BROUGHT: readonly (readonly [name: string, path: string, content: string, row: Record<string, unknown>, said?: RegExp])[] =
  [
    [
      'Excel in Germany: mark, semicolons, its words, day first',
      'anmeldungen.csv',
      '\ufeffZeitpunkt;Quell-IP;Benutzer;Ergebnis\r\n14.02.2023 03:01:02;192.0.2.10;ora;Fehler\r\n14.02.2023 03:02:02;192.0.2.10;ora;Erfolg\r\n',
      { kind: 'authentication', srcIp: '192.0.2.10', user: 'ora', outcome: 'failure' },
      /read as authentication, confidence moderate: time = Zeitpunkt \(likely\)/,
    ],
    [
      'Excel is told the separator in a first line of its own',
      'sep.csv',
      'sep=;\r\nTime;Source IP;User\r\n2023-02-14T03:01:02Z;192.0.2.10;ora\r\n2023-02-14T03:02:02Z;192.0.2.10;ora\r\n',
      { kind: 'other_activity', srcIp: '192.0.2.10', user: 'ora' },
    ],
    [
      "Elasticsearch's answer, records within its hits",
      'wrapped.json',
      JSON.stringify(
        {
          took: 3,
          hits: {
            total: { value: 1 },
            hits: [
              {
                _index: 'x',
                _source: {
                  '@timestamp': '2023-02-14T03:01:02Z',
                  host: { name: 'WEB01' },
                  source: { ip: '192.0.2.10' },
                  url: { full: 'https://www.example/a?b=1' },
                  http: { request: { method: 'GET' } },
                },
              },
            ],
          },
        },
        null,
        1,
      ),
      { kind: 'http_activity', host: 'web01', clientIp: '192.0.2.10', path: '/a', query: 'b=1', method: 'GET', user: '' },
    ],
    [
      "Splunk's answer, records within its results",
      'results.json',
      '{"preview":false,"messages":[],"fields":[{"name":"_time"}],"results":[{"_time":"2023-02-14T03:01:02.000+00:00","src":"192.0.2.10","user":"ora","action":"failure","app":"sshd","dest":"jump01"}]}',
      { kind: 'authentication', srcIp: '192.0.2.10', user: 'ora', outcome: 'failure', process: 'sshd' },
    ],
    [
      'lines of another log in _raw are named as not understood',
      'raw.json',
      '{"preview":false,"result":{"_time":"2023-02-14T03:01:02Z","_raw":"Feb 14 03:01:02 jump01 sshd[7]: Failed password for ora","host":"jump01"}}\n',
      { kind: 'other_activity', host: 'jump01' },
      /kept as text, and what they mean is not read/,
    ],
    [
      'a log-in with both ends and a port is one where its schema says so',
      'ecs.ndjson',
      '{"@timestamp":"2023-02-14T03:01:02Z","source":{"ip":"192.0.2.10","port":5000},"destination":{"ip":"10.0.0.5","port":445},"user":{"name":"ora"},"event":{"category":["authentication"],"outcome":"failure"}}\n',
      { kind: 'authentication', user: 'ora', srcIp: '192.0.2.10', outcome: 'failure' },
      /read as network_activity, or as their event\.category says/,
    ],
    [
      'a table of Defender for Endpoint, a connection among its rows',
      'DeviceEvents.csv',
      'Timestamp,DeviceName,ActionType,FolderPath,ProcessCommandLine,AccountName,InitiatingProcessFileName,RemoteIP,RemotePort\n2023-02-14T03:01:02.1234567Z,dc01.example,ConnectionSuccess,,,svc,powershell.exe,203.0.113.8,443\n2023-02-14T03:02:02.1234567Z,dc01.example,ProcessCreated,C:\\Windows\\System32\\netsh.exe,netsh interface portproxy show all,svc,cmd.exe,,\n',
      { kind: 'network_activity', host: 'dc01.example', srcIp: '', srcHost: 'dc01.example', dstIp: '203.0.113.8', dstPort: 443 },
      /read as process_activity, or as their ActionType says/,
    ],
    [
      'a connection that came in, as the same table tells it',
      'DeviceNetworkEvents.csv',
      'Timestamp,DeviceName,ActionType,LocalPort,RemoteIP,RemotePort\n2023-02-14T03:01:02.1234567Z,dc01.example,InboundConnectionAccepted,3389,203.0.113.8,50123\n',
      { kind: 'network_activity', host: 'dc01.example', srcIp: '203.0.113.8', dstIp: '' },
    ],
    [
      'a sign-in of Azure that was refused by number',
      'SigninLogs.csv',
      'TimeGenerated [UTC],UserPrincipalName,IPAddress,AppDisplayName,ResultType\n"2/14/2023, 3:01:02.000 AM",ann@corp.example,198.51.100.7,Azure Portal,50126\n',
      { kind: 'authentication', user: 'ann@corp.example', srcIp: '198.51.100.7', outcome: 'failure' },
    ],
    [
      'the unified audit log of Microsoft 365',
      'AuditLog.csv',
      'RecordType,CreationDate,UserIds,Operations,AuditData\n15,2023-02-14T03:01:02.0000000Z,ann@corp.example,UserLoggedIn,{}\n',
      { kind: 'authentication', user: 'ann@corp.example', outcome: '' },
    ],
    [
      'the unified audit log, what is told in its column of JSON',
      'AuditLog.csv',
      `"RecordId","CreationDate","Operation","UserId","AuditData"\r\n${auditRow('02', 'UserLoginFailed')}${auditRow('03', 'UserLoggedIn')}`,
      { kind: 'authentication', user: 'ann@corp.example', outcome: 'failure', srcIp: '198.51.100.7' },
      /srcIp = ClientIP \(certain\).*userAgent = UserAgent/,
    ],
    [
      'the same log as it was: times in American order without zone, an address with its port, no log-in',
      'AuditLog-old.csv',
      `CreationDate,UserIds,Operations,AuditData\n2/14/2023 3:01:02 AM,ann@corp.example,New-InboxRule,"{""ClientIP"":""198.51.100.7:51234"",""ResultStatus"":""True""}"\n`,
      { kind: 'other_activity', user: 'ann@corp.example', message: 'New-InboxRule', srcIp: '198.51.100.7' },
    ],
    [
      'date and time of day in two columns',
      'zwei.csv',
      'Datum;Uhrzeit;Benutzer;Quell-IP;Ziel-IP;Aktion\r\n14.02.2023;03:01:02;ora;192.0.2.10;10.0.0.5;abgelehnt\r\n',
      { kind: 'network_activity', user: 'ora', srcIp: '192.0.2.10', dstIp: '10.0.0.5' },
      /time = Datum \(likely\), timeOfDay = Uhrzeit/,
    ],
    [
      'slashed dates whose order only another row tells',
      'slashed.csv',
      'Date/Time,User,Source IP\n14/02/2023 03:01:02,ora,192.0.2.10\n05/03/2023 03:01:02,ora,192.0.2.10\n',
      { kind: 'other_activity', user: 'ora', srcIp: '192.0.2.10' },
    ],
    [
      'cells over several lines in every row',
      'lines.csv',
      'time,host,user,command_line\n2023-02-14T03:01:02Z,ws01,ora,"powershell -c ""a\nb\r\nc"" x"\n2023-02-14T03:02:02Z,ws01,ora,"x\ny"\n',
      { kind: 'process_activity', host: 'ws01', commandLine: 'powershell -c "a\nb\nc" x' },
    ],
    [
      'a title above the header, units under it, the header again in the middle',
      'portal.csv',
      'Sign-ins of corp.example\nGenerated 2023-02-16 by ora\n\nDate (UTC),User,IP address,Status\n(UTC),(name),(IP),(text)\n2023-02-14T03:01:02Z,ora,192.0.2.10,Failure\nDate (UTC),User,IP address,Status\n2023-02-14T03:02:02Z,ora,192.0.2.10,Success\n',
      { kind: 'authentication', user: 'ora', srcIp: '192.0.2.10', outcome: 'failure' },
      /second line of names or units[\s\S]*header stands in the table again/,
    ],
    [
      'ports with their words',
      'connections.csv',
      'First Packet,Action,Initiator IP,Responder IP,Source Port / ICMP Type,Destination Port / ICMP Code\n2023-02-14 03:01:02,Block,10.0.0.5,203.0.113.9,51000 / tcp,443 (https) / tcp\n',
      { kind: 'network_activity', action: 'deny', srcPort: 51000, dstPort: 443 },
    ],
    [
      "Sentinel's table of the log Security",
      'SecurityEvent.csv',
      'TimeGenerated [UTC],Computer,Account,IpAddress,EventID,Activity\n"2/14/2023, 3:01:02.000 AM",DC01,CORP\\ora,192.0.2.10,4625,4625 - An account failed to log on.\n"2/14/2023, 3:02:02.000 AM",DC01,CORP\\ora,192.0.2.10,5058,5058 - Key file operation.\n',
      { kind: 'authentication', user: 'CORP\\ora', srcIp: '192.0.2.10', outcome: 'failure', host: 'dc01' },
    ],
  ]

test.each(BROUGHT.map(([name, path, content, row, said = /read as/]) => ({ name, path, content, row, said })))(
  '$name',
  ({ path, content, row, said }) => {
    const { events, diagnostics } = readAs(path, Buffer.from(content))
    const [first] = events
    expect(first && Object.fromEntries(Object.keys(row).map(name => [name, Reflect.get(first, name)]))).toEqual(row)
    expect(isoFromMicros(first?.time ?? (0 as never)).slice(0, 19)).toBe('2023-02-14T03:01:02')
    expect(diagnostics.map(({ message }) => message).join('\n')).toMatch(said)
  },
)
