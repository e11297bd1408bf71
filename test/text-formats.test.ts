import { expect, test } from 'vitest'
import { readers } from '../src/readers/registry.ts'
import { textSample } from './text-part.ts'

/** One line of every kind the text readers know, and of kinds that look like them. */
const LINES: readonly (readonly [format: string, line: string])[] = [
  ['access-log', '203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET / HTTP/1.1" 200 5'],
  ['access-log', '203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"'],
  ['access-log', 'www.example:443 203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"'],
  ['access-log', '203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "-" 408 -'],
  ['access-log', '[15/Aug/2023:05:34:25 +1000] ora http-nio-8090-exec-6 203.0.113.9 GET / HTTP/1.1 200 12ms 5 - curl/8'],
  ['access-log', '203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET /?q=%ASA-6-302013: HTTP/1.1" 200 5'],
  ['access-log', '203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET /?logid=1&type=event&subtype=vpn&devname=x HTTP/1.1" 200 5'],
  [
    'access-log-json',
    '{"time_iso8601":"2023-08-15T05:34:25Z","remote_addr":"203.0.113.9","request":"GET / HTTP/1.1","status":"200"}',
  ],
  ['iis', '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip sc-status'],
  ['iis', '2023-08-15 05:34:25 192.0.2.2 GET / - 443 - 203.0.113.9 Mozilla/5.0 - 200 0 0 62'],
  ['syslog', 'Aug 15 05:34:25 gw01 sshd[7]: Accepted password for ora from 203.0.113.9 port 5022 ssh2'],
  ['syslog', '<86>Aug 15 05:34:25 gw01 sudo: ora : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/id'],
  ['syslog', '<34>1 2023-08-15T05:34:25Z gw01 su 7 ID47 - hello'],
  ['syslog', '2023-08-15T05:34:25.123456+10:00 gw01 CRON[7]: (root) CMD (true)'],
  ['syslog', '2023-08-15T05:34:25-07:00 INFO periodic[7]: done'],
  ['access-log', 'Aug 15 05:34:25 gw01 nginx: 203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET / HTTP/1.1" 200 5'],
  [
    'fortigate',
    'date=2023-08-15 time=05:34:25 devname="fw01" devid="F1" logid="0000000013" type="traffic" subtype="forward" action="close"',
  ],
  [
    'fortigate',
    '<189>date=2023-08-15 time=05:34:25 devname="fw01" devid="F1" logid="0101039424" type="event" subtype="vpn" action="tunnel-up"',
  ],
  [
    'fortigate',
    'Aug 15 05:34:25 192.0.2.1 date=2023-08-15 time=05:34:25 devname="fw01" logid="0100032001" type="event" subtype="system" action="login"',
  ],
  ['asa', '%ASA-6-605005: Login permitted from 203.0.113.9/5022 to outside:192.0.2.1/ssh for user "ora"'],
  ['asa', "<166>Aug 15 2023 05:34:25 fw02 : %ASA-5-111008: User 'ora' executed the 'write memory' command."],
  ['asa', 'Aug 15 05:34:25 192.0.2.1 %ASA-4-106023: Deny tcp src outside:203.0.113.9/1 dst dmz:10.0.0.5/443 by access-group "a"'],
  [
    'pan-os',
    '<14>Aug 15 05:34:27 fw03 1,2023/08/15 05:34:27,0018,TRAFFIC,end,2560,2023/08/15 05:34:25,203.0.113.9,192.0.2.1,0.0.0.0,0.0.0.0,x',
  ],
  ['aws-vpc-flow', '2 123456789012 eni-0a1b2c3d 203.0.113.9 10.0.0.5 50122 443 6 14 1900 1692077665 1692077725 ACCEPT OK'],
  ['aws-vpc-flow', 'version srcaddr dstaddr start end action'],
  [
    'ivanti',
    '<134>Aug 15 05:34:25 ics01 PulseSecure: 2023-08-15 05:34:25 - ics01 - [203.0.113.9] ora(Users)[] - Login succeeded',
  ],
  ['ivanti', 'id=firewall time="2023-08-15 06:34:28" pri=6 fw=10.0.0.1 vpn=ics01 user=ora msg="NWC23465: Session ended"'],
  ['openvpn', '2023-08-15 05:34:25 ora/203.0.113.9:5022 MULTI_sva: pool returned IPv4=10.8.0.6'],
  ['freeradius', 'Tue Aug 15 05:34:25 2023 : Auth: (7) Login OK: [ora] (from client vpn01 port 0)'],
  [
    'nps',
    '<Event><Timestamp data_type="4">08/15/2023 05:34:25.123</Timestamp><Packet-Type data_type="0">2</Packet-Type></Event>',
  ],
  ['syslog', 'Aug 15 05:34:25 gw03 system,info,account user admin logged in from 203.0.113.9 via winbox'],
  ['device-config', '#config-version=FGT60F-6.4.9-FW-build1966-220421:opmode=0:vdom=0:user=admin'],
  ['device-config', '# aug/15/2023 05:34:25 by RouterOS 6.48.6'],
  ['indicators', 'ioc,type,first_seen,last_seen'],
  ['indicators', '{"type":"bundle","id":"bundle--1","objects":[]}'],
  ['container-log', '2016-10-06T00:17:09.669794202Z stdout P log content 1'],
  ['application-log', '2023-08-15T05:34:25.123Z  INFO 1 --- [main] org.example.App : started'],
  ['nfdump-csv', 'firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,inPackets,inBytes'],
  [
    'nfdump-csv',
    'cnt,af,firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,srcAS,dstAS,input,output,flags,srcTos,packets,bytes',
  ],
  ['argus', 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label'],
  ['none', 'time,srcAddr,dstAddr,bytes'],
  ['none', 'time="2023-08-15T05:34:25Z" level=info msg="started" type=x'],
  [
    'aws-elb',
    'https 2020-01-11T16:55:20.356586Z app/web/1 192.0.2.1:1 192.0.2.2:2 0.0 0.1 0.0 200 200 3 4 "GET https://www.example:443/ HTTP/1.1" "x"',
  ],
  ['vsftpd', 'Mon Jun  6 18:43:59 2016 [pid 3] [jean] OK UPLOAD: Client "192.0.2.1", "/a", 1 bytes'],
  ['none', 'It was a dark and stormy night; the rain fell in torrents.'],
]

const TEXT_FORMATS = new Set(['access-log', 'access-log-json', 'iis', 'syslog', 'fortigate', 'asa'])

test.each(LINES)('%s takes: %s', (format, line) => {
  const scores = readers
    .map(reader => ({ format: reader.format, score: reader.recognise(textSample(line, 'evidence/sample')) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
  const [best, next] = scores
  expect(best?.format ?? 'none').toBe(format)
  expect((best?.score ?? 1) > (next?.score ?? 0)).toBe(true)
})

test.each([
  '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n#open\t2023-08-15-05-34-25\n#fields\tts\tuid\tid.orig_h\tmethod\thost\turi\n#types\ttime\tstring\taddr\tstring\tstring\tstring',
  '{"ts":1692077665.1,"uid":"C1","id.orig_h":"203.0.113.9","id.orig_p":1,"id.resp_h":"192.0.2.2","id.resp_p":80,"method":"GET","host":"a.example","uri":"/","status_code":200}',
  '{"timestamp":"2023-08-15T05:34:25.000000+0000","flow_id":1,"event_type":"http","src_ip":"203.0.113.9","http":{"http_method":"GET","url":"/","status":200}}',
  '{"@timestamp":"2023-08-15T05:34:25Z","winlog":{"channel":"Security","event_id":4624},"host":{"name":"dc01"}}',
])('no text reader takes: %s', text => {
  expect(
    readers
      .filter(reader => TEXT_FORMATS.has(reader.format) && reader.recognise(textSample(text)) > 0)
      .map(({ format }) => format),
  ).toEqual([])
})
