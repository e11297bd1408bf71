import { expect, test } from 'vitest'
import { type EvidenceId, type Micros, originalFields, type SecurityEvent } from '../../model/index.ts'
import { compileSigma } from './compile.ts'

const base = {
  source: { evidence: 'e' as EvidenceId, record: 1, offset: 0 },
  time: 0 as Micros,
  host: 'web01',
  identity: 1,
}

const started = (fields: Readonly<Record<string, string>>, product = 'sysmon', code = '1'): SecurityEvent => ({
  ...base,
  kind: 'process_activity',
  action: 'start',
  series: product === 'security' ? 'evtx|web01|security' : `evtx|web01|microsoft-windows-${product}/operational`,
  product,
  code,
  original: originalFields({ EventID: code, Channel: 'Security', ...fields }),
})

const rule = (detection: string, source = 'category: process_creation\n  product: windows'): string =>
  `title: T\nid: 8f1b5f5e-0000-4000-8000-000000000001\nlogsource:\n  ${source}\ndetection:\n${detection.replace(/^/gm, '  ')}\nlevel: high\ntags: [attack.t1505.003, attack.execution]\n`

const fires = (text: string, event: SecurityEvent): boolean => {
  const { matcher, refused } = compileSigma([{ path: 'r.yml', text }])
  expect(refused).toEqual([])
  return matcher.match(event).length > 0
}

const cmd = started({
  Image: 'C:\\Windows\\System32\\cmd.exe',
  CommandLine: 'cmd.exe /c whoami',
  ParentImage: 'C:\\x\\w3wp.exe',
  Empty: '',
})

test.each([
  ['whole value, any case', `s:\n  Image: c:\\windows\\system32\\CMD.EXE\ncondition: s`, true],
  ['whole value is anchored', `s:\n  Image: cmd.exe\ncondition: s`, false],
  ['endswith', `s:\n  Image|endswith: '\\cmd.exe'\ncondition: s`, true],
  ['cased', `s:\n  Image|endswith|cased: '\\CMD.exe'\ncondition: s`, false],
  ['wildcards', `s:\n  CommandLine: '*/c who?m*'\ncondition: s`, true],
  ['escaped wildcard is a letter', `s:\n  CommandLine|contains: 'who\\?mi'\ncondition: s`, false],
  ['all of a list', `s:\n  CommandLine|contains|all: [cmd, whoami]\ncondition: s`, true],
  ['all of a list, one missing', `s:\n  CommandLine|contains|all: [cmd, ipconfig]\ncondition: s`, false],
  ['windash', `s:\n  CommandLine|contains|windash: ' -c '\ncondition: s`, true],
  ['not', `s:\n  Image|endswith: cmd.exe\nf:\n  ParentImage|endswith: w3wp.exe\ncondition: s and not f`, false],
  ['1 of', `sel_a:\n  Image: x\nsel_b:\n  Image|endswith: cmd.exe\ncondition: 1 of sel_*`, true],
  ['all of them leaves out names with _', `_x:\n  Image: x\na:\n  Image|endswith: cmd.exe\ncondition: all of them`, true],
  ['null is absent', `s:\n  Missing: null\ncondition: s`, true],
  ['null is not empty', `s:\n  Empty: null\ncondition: s`, false],
  ['empty is empty', `s:\n  Empty: ''\ncondition: s`, true],
  ['exists', `s:\n  Empty|exists: true\ncondition: s`, true],
  ['re searches and minds case', `s:\n  CommandLine|re: who[aeiou]mi$\ncondition: s`, true],
  ['keywords', `k:\n  - nothing\n  - WHOAMI\ncondition: k`, true],
  ['list of maps', `s:\n  - Image: x\n  - ParentImage|endswith: w3wp.exe\ncondition: s`, true],
])('%s', (_name, detection, expected) => {
  expect(fires(rule(detection), cmd)).toBe(expected)
})

test('4688 has Sysmon names too, other categories stay quiet', () => {
  const event = started({ NewProcessName: 'C:\\a\\b.exe' }, 'security', '4688')
  expect(fires(rule(`s:\n  Image|endswith: '\\b.exe'\ncondition: s`), event)).toBe(true)
  expect(fires(rule(`s:\n  Image|endswith: '\\b.exe'\ncondition: s`, 'category: image_load\n  product: windows'), event)).toBe(
    false,
  )
})

test.each([
  ['10.1.2.3', true],
  ['::ffff:10.1.2.3', true],
  ['11.1.2.3', false],
  ['host', false],
])('cidr %s', (address, expected) => {
  expect(
    fires(
      rule(`s:\n  DestinationIp|cidr: 10.0.0.0/8\ncondition: s`, 'category: network_connection\n  product: windows'),
      started({ DestinationIp: address }, 'sysmon', '3'),
    ),
  ).toBe(expected)
})

test('a hit says what the rule says', () => {
  const { matcher } = compileSigma([{ path: 'r.yml', text: rule('s:\n  Image|endswith: cmd.exe\ncondition: s') }])
  expect(matcher.match(cmd)).toEqual([
    {
      source: 'sigma',
      rule: '8f1b5f5e-0000-4000-8000-000000000001',
      ruleTitle: 'T',
      severity: 'high',
      techniques: ['T1505.003'],
      why: 'The rule "T" matched.',
      innocent: 'the rule names no innocent cause',
    },
  ])
})

test.each([
  ['a condition that names nothing', rule('s:\n  A: b\ncondition: t'), '"t" is not a selection of this rule'],
  [
    'a pipe',
    rule('s:\n  A: b\ncondition: s | count() > 5'),
    '"| count() > 5" is of Sigma 1 and no longer exists; what replaces it is a document with correlation: {type: event_count, rules: [8f1b5f5e-0000-4000-8000-000000000001], timespan: 5m, condition: {gt: 5}} (and leave "|" and "timeframe" out of this rule)',
  ],
  ['two anchors', rule('s:\n  A|contains|endswith: b\ncondition: s'), '"contains" and "endswith" exclude each other'],
  [
    'an unknown modifier',
    rule('s:\n  A|endwith: b\ncondition: s'),
    'modifier "endwith" does not exist in Sigma 2.1; "endswith" does',
  ],
  ['no YAML', 'title: [', /^not YAML/],
  ['a list', '- a', 'a rule is a map with title, logsource and detection'],
])('refused: %s', (_name, text, reason) => {
  const { loaded, refused } = compileSigma([{ path: 'r.yml', text }])
  expect(loaded).toBe(0)
  expect(refused).toHaveLength(1)
  expect(refused[0]?.reason).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason))
})

test('a hostile expression ends at once', () => {
  const begun = performance.now()
  expect(fires(rule(`s:\n  CommandLine|re: '(a+)+$'\ncondition: s`), started({ CommandLine: `${'a'.repeat(50_000)}b` }))).toBe(
    false,
  )
  expect(performance.now() - begun).toBeLessThan(20_000)
})
