import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { CAPTURE_START, conversation, ethernet, icmp, ip, type MadePacket, pcapBytes, udp } from '../../../test/capture-bytes.ts'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, eventsOfKind } from '../../../test/text-part.ts'
import { reader } from './reader.ts'

const CLIENT = '10.0.0.5'
const SERVER = '192.0.2.7'
const RECORDINGS = resolve(import.meta.dirname, '..', '..', '..', 'test', 'recordings', 'captures')

const readBytes = (bytes: Uint8Array) => readPart(reader, bytesPart(bytes)).events
const read = (packets: readonly MadePacket[]) => readBytes(pcapBytes(packets))
/** What was said beside the flow itself, without its uid. */
const said = (packets: readonly MadePacket[]) =>
  read(packets)
    .filter(({ kind }) => kind !== 'network_activity')
    .map(event => {
      const { uid, ...columns } = columnsOf(event)
      return { code: event.code, ...columns }
    })
const services = (packets: readonly MadePacket[]) => eventsOfKind(read(packets), 'network_activity').map(({ service }) => service)
const bytes = (...values: readonly number[]) => Uint8Array.from(values)

describe('HTTP', () => {
  const GET = 'GET /a/b.aspx?id=1 HTTP/1.1\r\nHost: www.example\r\nUser-Agent: ua\r\nReferer: http://r.example/\r\n\r\n'
  const page = {
    code: 'http',
    kind: 'http_activity',
    clientIp: CLIENT,
    serverIp: SERVER,
    serverPort: 80,
    method: 'GET',
    path: '/a/b.aspx',
    query: 'id=1',
    virtualHost: 'www.example',
    userAgent: 'ua',
    referrer: 'http://r.example/',
    requestBytes: 0,
  }

  test('request and answer', () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello'
    expect(
      said(
        conversation([
          ['>', GET],
          ['<', answer],
        ]),
      ),
    ).toEqual([{ ...page, status: 200, bytes: 5, mimeType: 'text/html', duration: 1000 }])
    expect(
      services(
        conversation([
          ['>', GET],
          ['<', answer],
        ]),
      ),
    ).toEqual(['http'])
  })
  test('several on one connection: lengths, chunks, pipelining, no body, continue, a body until the end', () => {
    const short = (path: string, method = 'GET', more = '') => `${method} ${path} HTTP/1.1\r\nHost: h\r\n${more}\r\n`
    const events = said(
      conversation([
        ['>', short('/1') + short('/2')],
        ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n'],
        ['<', 'x'.repeat(3000)],
        ['<', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\n\r\n'],
        ['>', short('/3', 'HEAD')],
        ['<', 'HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n'],
        ['>', `${short('/4', 'POST', 'Content-Type: text/plain\r\nContent-Length: 4\r\nExpect: 100-continue\r\n')}body`],
        ['<', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n'],
        ['>', short('/5')],
        ['<', 'HTTP/1.0 200 OK\r\n\r\nuntil the end'],
      ]),
    )
    expect(
      events.map(
        event =>
          Object.values(event).length > 0 && [
            event['method' as never],
            event['path' as never],
            event['status' as never],
            event['bytes' as never],
            event['requestBytes' as never],
          ],
      ),
    ).toEqual([
      ['GET', '/1', 200, 3000, 0],
      ['GET', '/2', 200, 8, 0],
      ['HEAD', '/3', 404, 0, 0],
      ['POST', '/4', 302, 0, 4],
      ['GET', '/5', 200, 13, 0],
    ])
  })
  test('no answer, an account, who asked for whom, the path a proxy is asked for', () => {
    const proxied = `GET http://www.example:8080/x?y HTTP/1.1\r\nHost: www.example:8080\r\nProxy-Authorization: Basic ${btoa('ann:secret')}\r\nX-Forwarded-For: 10.9.9.9, 10.0.0.1\r\n\r\n`
    const events = read(conversation([['>', proxied]], { serverPort: 3128 }))
    expect(said(conversation([['>', proxied]], { serverPort: 3128 }))).toEqual([
      {
        code: 'http',
        kind: 'http_activity',
        clientIp: CLIENT,
        serverIp: SERVER,
        serverPort: 3128,
        method: 'GET',
        path: '/x',
        query: 'y',
        virtualHost: 'www.example:8080',
        user: 'ann',
        forwardedFor: '10.9.9.9',
        requestBytes: 0,
      },
    ])
    expect(events.some(event => event.original.text().includes('secret'))).toBe(false)
  })
  test('behind CONNECT something else is spoken', () => {
    const events = said(
      conversation(
        [
          ['>', 'CONNECT www.example:80 HTTP/1.1\r\nHost: www.example:80\r\n\r\n'],
          ['<', 'HTTP/1.1 200 Connection established\r\n\r\n'],
          ['>', GET],
          ['<', 'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'],
        ],
        { serverPort: 3128 },
      ),
    )
    expect(events.map(event => [event['method' as never], event['path' as never], event['status' as never]])).toEqual([
      ['CONNECT', 'www.example:80', 200],
      ['GET', '/a/b.aspx', 500],
    ])
  })
  test('segments out of order, repeated, and one lost', () => {
    const packets = conversation([
      ['>', GET],
      ['<', `HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n${'x'.repeat(4000)}`],
      ['>', GET],
      ['<', 'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'],
    ])
    const statuses = (changed: readonly MadePacket[]) => said(changed).map(event => event['status' as never])
    const [a, b, c, d, e, f, ...rest] = packets
    if (!a || !b || !c || !d || !e || !f) throw new Error('too few packets')
    expect(statuses([a, b, c, d, f, e, e, ...rest])).toEqual([200, 404])
    // The second segment of the body is lost: the length says where the next answer begins.
    expect(statuses([a, b, c, d, e, ...rest])).toEqual([200, 404])
    // The head of the first answer is lost: the next one that looks like an answer goes to the oldest request.
    expect(statuses([a, b, c, d, ...rest]).length).toBe(2)
  })
  test('from the middle of a connection, the answer first: the request shows who opened it', () => {
    const packets = conversation(
      [
        ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
        ['>', GET],
      ],
      { clientPort: 80, serverPort: 80 },
    ).slice(3)
    const [flow] = eventsOfKind(read(packets), 'network_activity')
    expect([flow?.srcIp, flow?.initiatorKnown, flow?.service]).toEqual([CLIENT, true, 'http'])
  })
})

describe('DNS', () => {
  const name = (...labels: readonly string[]) =>
    Buffer.concat([...labels.map(label => Buffer.concat([bytes(label.length), Buffer.from(label)])), bytes(0)])
  const ask = (id: number, type = 1) =>
    Buffer.concat([bytes(id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0), name('www', 'example'), bytes(0, type, 0, 1)])
  const answer = (id: number, code: number, ...records: readonly Uint8Array[]) =>
    Buffer.concat([
      bytes(id >> 8, id & 255, 0x81, 0x80 | code, 0, 1, 0, records.length, 0, 0, 0, 0),
      name('www', 'example'),
      bytes(0, 1, 0, 1),
      ...records,
    ])
  const record = (type: number, data: Uint8Array) =>
    Buffer.concat([bytes(0xc0, 12, 0, type, 0, 1, 0, 0, 1, 44, 0, data.length), data])
  const datagram = (from: '>' | '<', payload: Uint8Array, at: number, port = 53): MadePacket => ({
    time: CAPTURE_START + at * 1000,
    bytes: ethernet(
      from === '>' ? ip(CLIENT, SERVER, 17, udp(50_000, port, payload)) : ip(SERVER, CLIENT, 17, udp(port, 50_000, payload)),
    ),
  })
  const event = { code: 'dns', kind: 'dns_activity', srcIp: CLIENT, serverIp: SERVER, query: 'www.example', queryType: 'A' }

  test('a question and its answer are one event; questions without answer and answers without question too', () => {
    const packets = [
      datagram('>', ask(1), 0),
      datagram('>', ask(1), 1),
      datagram('>', ask(2, 28), 2),
      datagram('<', answer(1, 0, record(5, name('a', 'example')), record(1, bytes(192, 0, 2, 9))), 5),
      datagram('<', answer(9, 3), 6),
    ]
    expect(said(packets)).toEqual([
      { ...event, responseCode: 'NOERROR', answers: 'a.example,192.0.2.9' },
      { ...event, responseCode: 'NXDOMAIN' },
      { ...event, queryType: 'AAAA' },
    ])
    expect(services(packets)).toEqual(['dns'])
  })
  test('over TCP, two messages in pieces', () => {
    const framed = (message: Uint8Array) => Buffer.concat([bytes(message.length >> 8, message.length & 255), message])
    const asked = Buffer.concat([framed(ask(1)), framed(ask(2, 16))])
    const packets = conversation(
      [
        ['>', asked.subarray(0, 5)],
        ['>', asked.subarray(5)],
        ['<', framed(answer(2, 0, record(16, Buffer.concat([bytes(5), Buffer.from('hello')]))))],
      ],
      { serverPort: 53 },
    )
    expect(said(packets)).toEqual([{ ...event, queryType: 'TXT', responseCode: 'NOERROR', answers: 'TXT 5 hello' }, event])
  })
  test('names that point at themselves, and other protocols on the port, are no messages', () => {
    const loop = Buffer.concat([bytes(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0), bytes(0xc0, 12, 0, 1, 0, 1)])
    expect(said([datagram('>', loop, 0), datagram('>', Buffer.from('not a question at all, is it'), 1)])).toEqual([])
  })
})

describe('SOCKS', () => {
  const through = { code: 'socks', kind: 'tunnel_activity', srcIp: CLIENT, dstIp: SERVER }
  const ends = { serverPort: 1080 }
  test('version 5 with a password, by name, and what is said through it', () => {
    const packets = conversation(
      [
        ['>', bytes(5, 2, 0, 2)],
        ['<', bytes(5, 2)],
        ['>', Buffer.concat([bytes(1, 3), Buffer.from('ann'), bytes(6), Buffer.from('secret')])],
        ['<', bytes(1, 0)],
        ['>', Buffer.concat([bytes(5, 1, 0, 3, 11), Buffer.from('www.example'), bytes(0, 80)])],
        ['<', bytes(5, 0, 0, 1, 10, 0, 0, 1, 0xc0, 0)],
        ['>', 'GET /x HTTP/1.0\r\n\r\n'],
        ['<', 'HTTP/1.0 200 OK\r\n\r\n'],
      ],
      ends,
    )
    expect(said(packets)).toEqual([
      {
        ...through,
        action: 'seen',
        protocol: 'socks5',
        user: 'ann',
        target: 'www.example',
        targetPort: 80,
        reason: 'succeeded: to www.example:80',
      },
      expect.objectContaining({ code: 'http', path: '/x', status: 200 }),
    ])
    expect(services(packets)).toEqual(['socks,http'])
    expect(read(packets).some(event => event.original.text().includes('secret'))).toBe(false)
  })
  test('version 4 and 4a, refused, IPv6, without answer', () => {
    const four = bytes(4, 1, 0x0d, 0x3d, 192, 0, 2, 9, 98, 111, 98, 0)
    const named = Buffer.concat([bytes(4, 1, 0, 22, 0, 0, 0, 1, 0), Buffer.from('h.example'), bytes(0)])
    const six = bytes(5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1, 187)
    expect([
      ...said(
        conversation(
          [
            ['>', four],
            ['<', bytes(0, 90, 0, 0, 0, 0, 0, 0)],
          ],
          ends,
        ),
      ),
      ...said(
        conversation(
          [
            ['>', named],
            ['<', bytes(0, 91, 0, 0, 0, 0, 0, 0)],
          ],
          ends,
        ),
      ),
      ...said(
        conversation(
          [
            ['>', bytes(5, 1, 0)],
            ['<', bytes(5, 0)],
            ['>', six],
          ],
          ends,
        ),
      ),
    ]).toEqual([
      {
        ...through,
        action: 'seen',
        protocol: 'socks4',
        user: 'bob',
        target: '192.0.2.9',
        targetPort: 3389,
        reason: 'succeeded: to 192.0.2.9:3389',
      },
      {
        ...through,
        action: 'failure',
        protocol: 'socks4',
        target: 'h.example',
        targetPort: 22,
        reason: 'general SOCKS server failure: to h.example:22',
      },
      {
        ...through,
        action: 'seen',
        protocol: 'socks5',
        target: '2001:db8::9',
        targetPort: 443,
        reason: 'no status: to 2001:db8::9:443',
      },
    ])
  })
})

describe('control protocols: changes one by one, questions counted', () => {
  test('Modbus', () => {
    const message = (tid: number, ...pdu: readonly number[]) => bytes(0, tid, 0, 0, 0, pdu.length + 1, 1, ...pdu)
    const packets = conversation(
      [
        ['>', message(1, 3, 0, 16, 0, 2)],
        ['<', message(1, 3, 4, 0, 1, 0, 2)],
        ['>', message(2, 3, 0, 16, 0, 2)],
        ['>', message(3, 5, 0, 7, 0xff, 0)],
        ['>', Buffer.concat([message(4, 6, 0, 9, 1, 0), message(5, 16, 0, 1, 0, 1, 2, 0xab, 0xcd)])],
        ['<', message(4, 0x86, 2)],
      ],
      { serverPort: 502 },
    )
    const event = { code: 'modbus', kind: 'other_activity', srcIp: CLIENT, dstIp: SERVER }
    expect(said(packets)).toEqual([
      { ...event, message: 'func=WRITE_SINGLE_COIL unit=1 tid=3 address=7 value=on' },
      { ...event, message: 'func=WRITE_SINGLE_REGISTER unit=1 tid=4 address=9 value=256' },
      { ...event, message: 'func=WRITE_MULTIPLE_REGISTERS unit=1 tid=5 address=1 quantity=1 value=abcd' },
      { ...event, message: 'func=READ_HOLDING_REGISTERS unit=1 address=16 times=2' },
      { ...event, message: 'func=WRITE_SINGLE_REGISTER_EXCEPTION unit=1 exception=ILLEGAL_DATA_ADDRESS' },
    ])
  })
  test('DNP3 over TCP and UDP', () => {
    const frame = (from: number, to: number, ...user: readonly number[]) => {
      const blocks: number[] = []
      for (let at = 0; at < user.length; at += 16) blocks.push(...user.slice(at, at + 16), 0, 0)
      return bytes(5, 0x64, user.length + 5, 0xc4, to, 0, from, 0, 0, 0, ...blocks)
    }
    const operate = frame(3, 4, 0xc0, 0xc1, 5, 12, 1, 0x17, 1, 0, 3, 1, 100, 0, 0, 0, 100, 0, 0, 0, 0)
    const read60 = frame(3, 4, 0xc0, 0xc2, 1, 60, 2, 6)
    const answer = frame(4, 3, 0xc0, 0xc2, 129, 0, 0)
    const expected = [
      {
        code: 'dnp3',
        kind: 'other_activity',
        srcIp: CLIENT,
        dstIp: SERVER,
        message: 'fc_request=DIRECT_OPERATE unit=4 master=3 object=12:1 object_name=binary command',
      },
      {
        code: 'dnp3',
        kind: 'other_activity',
        srcIp: CLIENT,
        dstIp: SERVER,
        message: 'fc_request=READ unit=4 master=3 object=60:2 object_name=class times=2',
      },
      { code: 'dnp3', kind: 'other_activity', srcIp: CLIENT, dstIp: SERVER, message: 'fc_reply=RESPONSE unit=4 master=3' },
    ]
    expect(
      said(
        conversation(
          [
            ['>', Buffer.concat([bytes(1, 2), operate.subarray(0, 0)]).subarray(0, 0)],
            ['>', Buffer.concat([operate, read60])],
            ['>', read60],
            ['<', answer],
          ],
          { serverPort: 20_001 },
        ),
      ),
    ).toEqual(expected)
    const datagram = (from: '>' | '<', payload: Uint8Array): MadePacket => ({
      time: CAPTURE_START,
      bytes: ethernet(
        from === '>'
          ? ip(CLIENT, SERVER, 17, udp(20_000, 20_000, payload))
          : ip(SERVER, CLIENT, 17, udp(20_000, 20_000, payload)),
      ),
    })
    expect(said([datagram('>', Buffer.concat([operate, read60])), datagram('>', read60), datagram('<', answer)])).toEqual(
      expected,
    )
  })
})

test('answers to a ping that bring other data are counted', () => {
  const ping = (from: string, to: string, type: number, data: string, sequence: number): MadePacket => ({
    time: CAPTURE_START + sequence,
    bytes: ethernet(ip(from, to, 1, icmp(type, 0, data, 7, sequence))),
  })
  const [flow] = eventsOfKind(
    read([
      ping(CLIENT, SERVER, 8, 'abcd', 1),
      ping(SERVER, CLIENT, 0, 'abcd', 1),
      ping(CLIENT, SERVER, 8, 'ask', 2),
      ping(SERVER, CLIENT, 0, 'command', 2),
    ]),
    'network_activity',
  )
  expect(JSON.parse(flow?.original.text() ?? '')).toMatchObject({ largest_out: '4', largest_in: '7', other_answers: '1' })
})

// Values of tshark 4.0.17 and openssl x509 for the same captures.
test.each([
  [
    'tls12.pcap',
    {
      kind: 'tls_activity',
      serverName: 'relay.example',
      version: 'TLSv12',
      ja3: '0149f47eabf9a20d0893e2a44e5a6323',
      ja3s: 'e54965894d6b45ecb4323c7ea3d6c115',
      subject: 'CN=relay.example,O=Example Org,C=GU',
      issuer: 'CN=relay.example,O=Example Org,C=GU',
      fingerprint: '31ba219459604d792df77ec9d318286de12a8ddbfecd45ac26816cceefbc480e',
      validation: 'self signed certificate',
      established: true,
    },
  ],
  [
    'tls13.pcapng',
    {
      kind: 'tls_activity',
      serverName: 'relay.example',
      version: 'TLSv13',
      ja3: '0149f47eabf9a20d0893e2a44e5a6323',
      ja3s: '15af977ce25de452b96affa2addb1036',
      established: true,
    },
  ],
  [
    'ssh.pcap',
    {
      kind: 'ssh_activity',
      client: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10',
      server: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10',
      hassh: '472b5de333ad665af5cbf10ff892c4df',
      hasshServer: '425d29fe50d8e4f5e37efb6e24bcf660',
    },
  ],
])('recording %s', (name, expected) => {
  const [event] = readBytes(readFileSync(join(RECORDINGS, name)))
  const { srcIp, srcPort, dstIp, dstPort, uid, ...columns } = columnsOf(event)
  expect(columns).toEqual(expected)
})

test('contents of any kind never throw, never hang', () => {
  const talk = fc.array(
    fc.tuple(
      fc.constantFrom<'>' | '<'>('>', '<'),
      fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc
          .constantFrom(
            'GET / HTTP/1.1\r\n\r\n',
            'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
            'SSH-2.0-x\r\n',
            '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00',
            '\x05\x64\x05',
            '\x05\x01\x00',
            '\x04\x01\x00\x50\x01\x02\x03\x04\x00',
            '\x00\x01\x00\x00\x00\x06\x01\x05',
          )
          .map(text => Buffer.from(text, 'latin1')),
      ),
    ),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(talk, fc.constantFrom(53, 80, 502, 1080), fc.uint8Array({ maxLength: 80 }), (parts, serverPort, datagram) => {
      const packets = [
        ...conversation(parts, { serverPort }),
        { time: CAPTURE_START, bytes: ethernet(ip(CLIENT, SERVER, 17, udp(50_000, serverPort, datagram))) },
      ]
      expect(eventsOfKind(read(packets), 'network_activity').length).toBe(2)
    }),
    { numRuns: 500 },
  )
})

describe('shared data', () => {
  const folder = sharedData('pcap-small')
  test.skipIf(folder === undefined)('what the collection says of its captures', () => {
    const file = (name: string) => readBytes(readFileSync(join(folder ?? '', name)))
    const counts = (name: string) => {
      const events = file(name)
      return Object.fromEntries(
        [...new Set(events.map(({ code }) => code))]
          .toSorted()
          .map(code => [code, events.filter(event => event.code === code).length]),
      )
    }
    // tshark 4.0.17 -z conv,tcp and -z conv,udp: 22 and 239; 248 DNS answers; 22 client hellos.
    expect(counts('slips-test-cc-capture-2.pcap')).toEqual({ conn: 261, dns: 248, ssl: 22 })
    expect(counts('slips-icmp-portscan.pcap')).toEqual({ conn: 18 })
    const [socks] = file('zeek-socks-auth.pcap').filter(({ code }) => code === 'socks')
    expect(columnsOf(socks)).toMatchObject({ user: 'bob', target: '192.168.0.2', targetPort: 22, protocol: 'socks5' })
    const functions = (name: string) => {
      const sums = new Map<string, number>()
      for (const { code, original } of file(name)) {
        if (code === 'conn') continue
        const called = original.get('fc_request') ?? original.get('fc_reply') ?? original.get('func') ?? ''
        sums.set(called, (sums.get(called) ?? 0) + Number(original.get('times') ?? 1))
      }
      return Object.fromEntries([...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    }
    // tshark -T fields -e dnp3.al.func
    expect(functions('zeek-dnp3-dnp3.pcap')).toEqual({
      COLD_RESTART: 2,
      CONFIRM: 13,
      DISABLE_UNSOLICITED: 7,
      ENABLE_UNSOLICITED: 3,
      READ: 9,
      RESPONSE: 34,
      SELECT: 5,
      STOP_APPL: 4,
      UNSOLICITED_RESPONSE: 30,
      WARM_RESTART: 2,
      WRITE: 6,
    })
    expect(functions('zeek-dnp3-dnp3_select_operate.pcap')).toMatchObject({ SELECT: 1, OPERATE: 1 })
  })
})
