import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { sharedData } from '../../../test/shared-data.ts'
import { textPart, textSample } from '../../../test/text-part.ts'
import { reader } from './reader.ts'

const event = (recordId: number, image = 'C:\\a.exe') =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>5</EventID>` +
  `<TimeCreated SystemTime='2024-02-03T04:05:06.1234567Z'/><EventRecordID>${recordId}</EventRecordID><Channel>Microsoft-Windows-Sysmon/Operational</Channel>` +
  `<Computer>WS1.example</Computer></System><EventData><Data Name='Image'>${image}</Data><Data Name='ProcessId'>7</Data></EventData></Event>`

const read = (text: string) => readPart(reader, textPart(text))

describe('event XML', () => {
  test.each<[string, string, readonly number[]]>([
    ['one behind the other', event(1) + event(2), [0, event(1).length]],
    ['a line each', `${event(1)}\n${event(2)}\n`, [0, event(1).length + 1]],
    ['inside a list', `<?xml version="1.0"?>\n<Events>${event(1)}${event(2)}</Events>`, [30, 30 + event(1).length]],
  ])('%s', (_name, text, offsets) => {
    expect(reader.recognise(textSample(text))).toBe(94)
    const { events, diagnostics } = read(text)
    expect(diagnostics).toEqual([])
    expect(events.map(({ source }) => source.offset)).toEqual(offsets)
    for (const one of events)
      expect(one).toMatchObject({
        kind: 'process_activity',
        action: 'stop',
        image: 'C:\\a.exe',
        pid: 7,
        host: 'ws1.example',
        product: 'sysmon',
        time: 1706933106123456,
      })
  })

  test('UTF-16, as wevtutil writes into a file', () => {
    const bytes = Buffer.from(`\ufeff${event(1, 'C:\\zoë.exe')}\r\n${event(2)}`, 'utf16le')
    const { events } = readPart(reader, { ...bytesPart(bytes), encoding: 'utf-16le' })
    expect(events.map(({ original }) => original.get('Image'))).toEqual(['C:\\zoë.exe', 'C:\\a.exe'])
  })

  test('more than one block, events over the border', () => {
    const count = 6000
    const text = Array.from({ length: count }, (_, index) => event(index + 1)).join('\n')
    expect(text.length).toBeGreaterThan(2 << 20)
    const { events } = readPart(reader, bytesPart(new TextEncoder().encode(text)))
    expect(events.map(({ original }) => original.get('EventRecordID'))).toEqual(
      Array.from({ length: count }, (_, index) => String(index + 1)),
    )
    const last = events.at(-1) ?? expect.fail()
    expect(text.slice(last.source.offset)).toBe(event(count))
  })

  test('an event without an end is said', () => {
    const { events, diagnostics } = read(`${event(1)}<Event><System><EventID>5</EventID>`)
    expect(events.map(({ code }) => code)).toEqual(['5'])
    expect(diagnostics.map(({ code }) => code)).toEqual(['windows-xml/cut-event'])
  })

  test.each([
    ['a page', '<html><Event></html>'],
    ['other XML', '<?xml version="1.0"?><Events><Item/></Events>'],
    ['nothing', ''],
  ])('%s is not ours', (_name, text) => {
    expect(reader.recognise(textSample(text))).toBe(0)
  })

  test('no text throws or hangs', () => {
    const pieces = fc.constantFrom(
      '<Event>',
      '<Event ',
      '</Event>',
      '<',
      '>',
      '"',
      "'",
      '<System>',
      '<EventID>',
      '1',
      '&#0;',
      '<![CDATA[',
      ']]>',
      '<Data Name="x">',
      '/',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 80 }), parts => {
        for (const { original } of read(parts.join('')).events) JSON.parse(original.text())
      }),
      { numRuns: 300 },
    )
    const begun = performance.now()
    readPart(reader, bytesPart(new TextEncoder().encode('<Event '.repeat(600_000))))
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})

const octave = sharedData('linux-sysmon-octave', 'sysmon_linux.txt')
test.skipIf(!octave)('Sysmon for Linux: who started what through sudo', () => {
  const text = readFileSync(octave ?? '', 'utf8')
  expect(reader.recognise(textSample(text))).toBe(94)
  const { events, diagnostics } = read(text)
  expect(diagnostics).toEqual([])
  expect(events.find(one => one.original.get('CommandLine')?.includes('--eval'))).toMatchObject({
    kind: 'process_activity',
    action: 'start',
    image: '/usr/bin/octave-cli',
    commandLine: 'octave-cli --eval system("/bin/ls")',
    parentImage: '/usr/bin/sudo',
    user: 'root',
    host: 'ar-linux',
    product: 'sysmon',
  })
})
