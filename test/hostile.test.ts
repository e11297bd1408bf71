// Everything taken from evidence is hostile. One folder of logs in which every field an attacker can write to holds markup, terminal
// escapes, formulas, names of object members, NUL bytes, half characters and direction marks goes through the whole program.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { REPORT_SCHEMA, type Report } from '../src/model/index.ts'
import { recognise } from '../src/pipeline/look.ts'
import { readers } from '../src/readers/registry.ts'
import { renderTerminal } from '../src/report/index.ts'
import { readPart } from './bytes-part.ts'
import { type EvtxRecord, writeEvtx } from './evtx-writer/index.ts'
import { PROGRAM } from './program.ts'
import { textPart, textSample } from './text-part.ts'
import { zipBytes } from './zip-bytes.ts'

const ROOT = resolve(import.meta.dirname, '..')
const TAG = '<xq7 onload=1>'
const CLOSE = '</script></style></svg></title><xq7 b>'
const QUOTE = '" onxq7="1'
const ESCAPE = '\u001b[2J\u001b]0;owned\u0007\u009b31m'
const DIRECTION = 'gpj\u202eexe\u2066'
const FORMULA = "=cmd|' /C calc'!A0"
const LINK = 'javascript:xq7'
/** A value in which every output has something to get wrong; no line feed and no double quote, which lines and quoted fields end at. */
const WORST = `${FORMULA}${TAG}${CLOSE}${ESCAPE}${DIRECTION}\u2028`

let directory: string
const at = (...parts: readonly string[]) => join(directory, ...parts)

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(at('evidence', path)), { recursive: true })
  writeFileSync(at('evidence', path), content)
}

const second = (index: number) => String(index % 60).padStart(2, '0')
const minute = (index: number) => String(Math.floor(index / 60) % 60).padStart(2, '0')
const iso = (index: number) => `2023-08-15T04:${minute(index)}:${second(index)}`

/** A page that one client posts to, among ordinary visits; its path, referrer and client name are hostile. */
function accessLog(): Uint8Array {
  const clf = (index: number) => `[15/Aug/2023:04:${minute(index)}:${second(index)} +0000]`
  const visits = Array.from(
    { length: 400 },
    (_, index) =>
      `198.51.100.${index % 200} - - ${clf(index)} "GET /page/${index % 20} HTTP/1.1" 200 512 "https://site.example/" "Mozilla/5.0"`,
  )
  const shell = Array.from(
    { length: 30 },
    (_, index) =>
      `203.0.113.9 - ${FORMULA.replaceAll(' ', '')} ${clf(400 + index)} "POST /up/${TAG.replaceAll(' ', '/')}${CLOSE.replaceAll(' ', '/')}\\".php?cmd=whoami HTTP/1.1" 200 ${index} "${LINK}" "${WORST}"`,
  )
  const odd = [
    `203.0.113.10 - - ${clf(500)} "GET /${'A'.repeat(2 << 20)} HTTP/1.1" 414 0 "-" "-"`,
    `203.0.113.11 - - ${clf(501)} "GET /\0\0${TAG}\0 HTTP/1.1" 400 0 "-" "\0"`,
    `203.0.113.12 - __proto__ ${clf(502)} "GET /__proto__/constructor?__proto__=1 HTTP/1.1" 200 0 "-" "constructor"`,
    `${WORST}\0`,
  ]
  // A byte that is no UTF-8 in the middle of a name.
  return Buffer.concat([
    Buffer.from(`${[...visits, ...shell, ...odd].join('\n')}\n`),
    Buffer.from([0xff, 0xfe, 0xed, 0xa0, 0x80, 0x0a]),
  ])
}

const iisLog = () =>
  [
    '#Software: Microsoft Internet Information Services 10.0',
    '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status __proto__ constructor toString',
    ...Array.from(
      { length: 20 },
      (_, index) =>
        `2023-08-15 04:10:${second(index)} 192.0.2.2 POST /${TAG.replaceAll(' ', '+')}.aspx cmd=${FORMULA.replaceAll(' ', '+')} 443 ${FORMULA.replaceAll(' ', '+')} 203.0.113.9 ${WORST.replaceAll(' ', '+')} 200 polluted polluted polluted`,
    ),
  ].join('\r\n')

const zeekTsv = () =>
  [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    '#path\thttp',
    '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tmethod\thost\turi\tuser_agent\tstatus_code\t__proto__\tconstructor',
    '#types\ttime\tstring\taddr\tport\taddr\tport\tstring\tstring\tstring\tstring\tcount\tstring\tstring',
    ...Array.from(
      { length: 20 },
      (_, index) =>
        `${1692072600 + index}.1\tC${index}\t203.0.113.9\t1025\t192.0.2.2\t80\tPOST\t${TAG}\t/${TAG}.php\t\\x1b[2J${WORST}\t200\tpolluted\tpolluted`,
    ),
  ].join('\n')

const hostileKeys =
  '"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"toString":"x","hasOwnProperty":1'

const zeekJson = () =>
  Array.from(
    { length: 20 },
    (_, index) =>
      `{"_path":"conn","ts":${1692072600 + index}.5,"uid":"D${index}","id.orig_h":"10.0.0.5","id.orig_p":1025,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","service":${JSON.stringify(WORST)},${hostileKeys}}`,
  ).join('\n')

const eveJson = () =>
  ['alert', 'http', 'dns', '__proto__', 'constructor']
    .map(
      (type, index) =>
        `{"timestamp":"${iso(index)}.000000+0000","flow_id":${index},"event_type":"${type}","src_ip":"203.0.113.9","src_port":1,"dest_ip":"10.0.0.9","dest_port":80,"proto":"TCP","alert":{"severity":1,"signature_id":1,"signature":${JSON.stringify(WORST + QUOTE)},"category":${JSON.stringify(TAG)}},"http":{"http_method":"POST","hostname":${JSON.stringify(TAG)},"url":${JSON.stringify(WORST)},"http_user_agent":"\\ud800${TAG}"},${hostileKeys}}`,
    )
    .join('\n')

/** A brute force that succeeds, then a theft of the domain's passwords, by a user and on a host with hostile names. */
function windowsJson(): string {
  const envelope = (index: number, id: number) =>
    `"EventID":${id},"Channel":"Security","Provider_Name":"Microsoft-Windows-Security-Auditing","EventRecordID":${index + 1},"Computer":${JSON.stringify(`dc01${TAG}`)},"TimeCreated":"${iso(index)}Z",${hostileKeys}`
  const text = JSON.stringify
  const logons = Array.from(
    { length: 60 },
    (_, index) =>
      `{${envelope(index, index < 58 ? 4625 : 4624)},"TargetUserName":${text(WORST + QUOTE)},"TargetDomainName":"EXAMPLE","IpAddress":"203.0.113.9","LogonType":3,"WorkstationName":${text(DIRECTION)}}`,
  )
  const theft = `{${envelope(70, 4688)},"NewProcessName":"C:\\\\Windows\\\\System32\\\\ntdsutil.exe","CommandLine":${text(`ntdsutil "ac i ntds" ifm "create full C:\\Temp\\${TAG}${ESCAPE}${QUOTE}" q q`)},"SubjectUserName":"\\ud800=1${TAG}","SubjectDomainName":"+EXAMPLE"}`
  const nonsense = [
    '{"__proto__":null}',
    '{"EventID":{"__proto__":1}}',
    `${'['.repeat(50_000)}`,
    '\0\0\0',
    `{"a":"${'x'.repeat(2 << 20)}"}`,
  ]
  return [...logons, theft, ...nonsense].join('\n')
}

function eventLog(): Uint8Array {
  const record = (recordId: number, eventId: number, data: EvtxRecord['data']): EvtxRecord => ({
    provider: eventId === 1102 ? 'Microsoft-Windows-Eventlog' : 'Microsoft-Windows-Security-Auditing',
    channel: 'Security',
    computer: `web01${TAG}${ESCAPE}`,
    eventId,
    recordId,
    time: Date.UTC(2023, 7, 15, 4, 20, recordId) * 1000,
    ...(data && { data }),
  })
  return writeEvtx([
    record(1, 4688, [
      ['SubjectUserName', `${FORMULA}${TAG}\ud800`],
      ['NewProcessName', 'C:\\Windows\\System32\\cmd.exe'],
      ['CommandLine', `cmd.exe /c whoami & echo ${WORST}${QUOTE}\0\u0001`],
      ['ParentProcessName', 'C:\\Windows\\System32\\inetsrv\\w3wp.exe'],
    ]),
    record(2, 1102, [
      ['__proto__', WORST],
      ['constructor', TAG],
    ]),
    record(3, 7045, [
      ['ServiceName', WORST],
      ['ImagePath', `%COMSPEC% /c ${TAG}`],
    ]),
  ])
}

const syslog = () =>
  Array.from(
    { length: 60 },
    (_, index) =>
      `${iso(index)}Z gw01 sshd[7]: ${index < 58 ? 'Failed' : 'Accepted'} password for ${FORMULA.replaceAll(' ', '')}${TAG}${ESCAPE} from 203.0.113.9 port 5022 ssh2`,
  )
    .concat(`${iso(61)}Z gw01 sudo: __proto__ : TTY=pts/0 ; PWD=/${TAG} ; USER=root ; COMMAND=/bin/sh -c '${WORST}'`)
    .join('\n')

const fortigate = () =>
  Array.from(
    { length: 6 },
    (_, index) =>
      `date=2023-08-15 time=05:34:2${index} devname="fw01${TAG}" devid="F1" logid="0101039424" type="event" subtype="vpn" action="tunnel-up" user="${WORST}" remip=203.0.113.9 tunneltype="ssl-tunnel" __proto__="polluted" constructor="polluted" toString=1 msg="\\"${TAG}"`,
  ).join('\n')

const asa = () =>
  [
    `%ASA-6-605005: Login permitted from 203.0.113.9/5022 to outside:192.0.2.1/ssh for user "${WORST}"`,
    `%ASA-5-111008: User '${TAG}' executed the 'username ${FORMULA} password ${TAG} privilege 15' command.`,
    `%ASA-5-111010: User '__proto__', running 'CLI' from IP 203.0.113.9, executed 'no logging ${ESCAPE}'`,
  ]
    .map((message, index) => `<166>Aug 15 2023 05:34:2${index} fw02 : ${message}`)
    .join('\n')

const assets = () => `zones:
  - { id: plant, name: "${TAG}", kind: ot, networks: [10.0.0.0/8] }
  - { id: __proto__, name: x, kind: it, networks: [192.0.2.0/24] }
assets:
  - { id: dc01, names: ["dc01${TAG}", dc01], addresses: [10.0.0.9], role: "${FORMULA}", zone: plant, __proto__: { polluted: yes } }
  - { id: constructor, names: [constructor], addresses: [192.0.2.2], zone: __proto__ }
services:
  - { id: water, name: "${TAG}${CLOSE}", sector: Water and Wastewater Systems, needs: dc01 & constructor & __proto__ }
__proto__: [{ id: polluted }]
`

const rule = () => `title: ${JSON.stringify(WORST)}
id: 7f2c4c0e-3f1b-4a58-9c29-0d6f3c1d7e01
status: test
level: high
description: ${JSON.stringify(TAG)}
logsource: { category: process_creation, product: windows }
detection:
  selection: { CommandLine|contains: ntds }
  condition: selection
`

let told: string
let report: Report

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-hostile-'))
  put(`web01/access.log`, accessLog())
  put('web02/u_ex230815.log', iisLog())
  put('sensor/http.log', zeekTsv())
  put('sensor/conn.json', zeekJson())
  put('sensor/eve.json', eveJson())
  put('dc01/security.json', windowsJson())
  put('web02/Security.evtx', eventLog())
  put('gw01/auth.log', syslog())
  put('fw01/fortigate.log', fortigate())
  put('fw02/asa.log', asa())
  put('web01/root/<xq7 src=x>\u001b[2J\u202e=1.php', '<?php @eval(base64_decode($_POST["<xq7>"])); ?>\n')
  put('__proto__/constructor', 'nothing\n')
  put('more.zip', zipBytes([{ name: `${TAG.replaceAll(' ', '')}${ESCAPE}/auth.log`, data: Buffer.from(syslog()) }]))
  writeFileSync(at('assets.yaml'), assets())
  mkdirSync(at('rules'))
  writeFileSync(at('rules', 'hostile.yml'), rule())
  told = run('hunt', 'evidence', '--out', 'case', '--jobs', '1', '--assets', 'assets.yaml', '--rules', 'rules')
  report = JSON.parse(readFileSync(at('case', 'report.json'), 'utf8')) as Report
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** What one command line writes to both outputs, as a person's terminal gets it. */
function run(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  })
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`)
  return stdout + stderr
}

/** What a terminal would obey: all controls but the line feed (and the carriage return of a table's line), direction marks, separators. */
const OBEYED = /(?!\n|\r\n)[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

function expectHarmless(text: string): void {
  const found = OBEYED.exec(text)
  expect(found && JSON.stringify(text.slice(Math.max(0, found.index - 100), found.index + 20))).toBeNull()
}

test('every file is read, and what is in it is found', () => {
  const read = new Map(report.generatedFrom.evidence.map(({ path, format, events }) => [path, { format, events }]))
  const formats = [...new Set([...read.values()].filter(({ events }) => events > 0).map(({ format }) => format))].toSorted()
  expect(formats).toEqual([
    'access-log',
    'asa',
    'assets',
    'evtx',
    'fortigate',
    'iis',
    'script',
    'suricata',
    'syslog',
    'windows-json',
    'zeek',
  ])
  expect(
    report.generatedFrom.evidence.flatMap(item => item.diagnostics).filter(({ code }) => code.startsWith('internal/')),
  ).toEqual([])
  // The texts must arrive, or nothing below would be tested.
  const strong = report.findings.filter(({ severity }) => severity === 'critical' || severity === 'high')
  const witnesses = new Set(strong.flatMap(finding => finding.witnesses.map(({ source, rule: id }) => `${source} ${id}`)))
  expect(witnesses.size).toBeGreaterThanOrEqual(5)
  expect(JSON.stringify(strong).split('<xq7').length).toBeGreaterThan(20)
})

test('report.json is what its schema says', () => {
  const text = readFileSync(at('case', 'report.json'), 'utf8')
  const schema = JSON.parse(readFileSync(join(ROOT, 'docs', 'report-schema.json'), 'utf8'))
  const validate = new Ajv2020({ allErrors: true }).compile(schema)
  validate(JSON.parse(text))
  expect(validate.errors ?? []).toEqual([])
  expect(report.schema).toBe(REPORT_SCHEMA)
  expectHarmless(text)
  expect(text.isWellFormed()).toBe(true)
})

test('report.html has no tag, attribute or link of the evidence', () => {
  const page = readFileSync(at('case', 'report.html'), 'utf8')
  expect(page).toContain('&lt;xq7')
  expect(page).not.toMatch(/<\/?xq7/i)
  expect(page).not.toMatch(/["']\s*onxq7\s*=/i)
  expect(page).not.toMatch(/(?:href|src|action)\s*=\s*["']?\s*javascript:/i)
  expectHarmless(page)
})

test.each([39, 80, 200])('the terminal obeys nothing of it at %i columns', width => {
  for (const unicode of [true, false]) expectHarmless(renderTerminal(report, { width, colour: false, unicode }))
  const coloured = renderTerminal(report, { width, colour: true, unicode: true })
  // Colours are ours; nothing else begins with an escape.
  expectHarmless(coloured.replace(/\u001b\[[\d;]*m/g, ''))
})

test('what a hunt tells while it runs, and everything asked of its case later, is harmless too', () => {
  expect(told).toContain('xq7')
  expectHarmless(told)
  const asked = [
    ['search', 'xq7', '--format', 'text'],
    ['search', 'xq7', '--format', 'json'],
    ['timeline', '--csv'],
    ['sql', 'select title, hosts, accounts from rule_hit', '--format', 'text'],
    // A list of texts is one cell.
    ['sql', 'select path, list(original) from http_activity group by path order by path', '--format', 'csv'],
    ['sql', 'select [$$=1+1 xq7$$], path from evidence_item', '--format', 'csv'],
  ]
  for (const words of asked) {
    const answer = run(...words, '--case', 'case')
    expect(answer).toContain('xq7')
    expectHarmless(answer)
    if (words.includes('csv') || words.includes('--csv')) expectNoFormula(answer)
  }
})

/** Spreadsheets take a cell for a formula by its first character that is not white (OWASP, "CSV Injection"). */
function expectNoFormula(text: string): void {
  const rows = parse(text, { relax_column_count: false }) as string[][]
  expect(rows.flat().filter(cell => /^\s*[=+@|%\t\r]|^\s*-(?!\d*\.?\d*$)/.test(cell))).toEqual([])
}

test('indicators.csv holds no formula', () => {
  const text = readFileSync(at('case', 'indicators.csv'), 'utf8')
  expect(text).toContain('xq7')
  expectHarmless(text)
  expectNoFormula(text)
})

// The same readers in this very process, where a polluted prototype can be seen.
test.each([
  ['iis', iisLog(), 'polluted'],
  ['zeek', zeekTsv(), 'polluted'],
  ['zeek', zeekJson(), '{"polluted":"yes"}'],
  ['suricata', eveJson(), '{"polluted":"yes"}'],
  ['windows-json', windowsJson(), undefined],
  ['fortigate', fortigate(), 'polluted'],
])('%s: names of object members are fields like others', (format, text, proto) => {
  const members = Object.getOwnPropertyNames(Object.prototype)
  const reader = recognise(textSample(text), readers)
  expect(reader?.format).toBe(format)
  const { events } = reader ? readPart(reader, textPart(text)) : { events: [] }
  const [first] = events
  expect([first?.original.get('__proto__'), first?.original.get('valueOf')]).toEqual([proto, undefined])
  expect(first?.original.text()).toContain('polluted')
  for (const { original } of events) expect(original.get('valueOf')).toBeUndefined()
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(members)
})
