import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { zipBytes } from '../../../test/zip-bytes.ts'
import { sampleOfBytes } from '../../evidence/index.ts'
import { reader } from './reader.ts'

const dosDate = (year: number, month: number, day: number) => ((year - 1980) << 9) | (month << 5) | day
const BUILT = dosDate(2022, 6, 1)
const MANIFEST = { name: 'META-INF/MANIFEST.MF', data: 'Manifest-Version: 1.0\n', date: BUILT }
const classes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `org/example/C${index}.class`, data: `c${index}`, date: BUILT }))
const LATE = { name: 'org/example/ws/A.class', data: 'a', date: dosDate(2023, 5, 9), time: 3 << 11 }
const read = (bytes: Uint8Array) => readPart(reader, bytesPart(bytes, { path: 'lib/ws.jar', facts: { host: 'WEB01' } }))

test('an archive is one event, an entry that came later another', () => {
  const { events, diagnostics } = read(zipBytes([MANIFEST, ...classes(30), LATE]))
  expect(diagnostics).toEqual([])
  expect(
    events.map(event => (event.kind === 'file_activity' ? [event.path, event.code, event.host, event.fileTime] : [])),
  ).toEqual([
    ['lib/ws.jar', 'java-archive', 'web01', undefined],
    ['lib/ws.jar!/org/example/ws/A.class', 'newcomer', 'web01', Date.UTC(2023, 4, 9, 3) * 1000],
  ])
  expect(events[1]?.original.get('built')).toBe('2022-06-01T00:00:00.000000Z')
})

test.each([
  ['a library as its maker wrote it', zipBytes([MANIFEST, ...classes(30)]), 80, 1],
  ['under the name of a picture', zipBytes([MANIFEST, ...classes(3)]), 80, 1],
  ['a zip of documents', zipBytes([{ name: 'a.txt', data: 'x' }]), 0, 1],
])('%s', (_name, bytes, score, events) => {
  expect(reader.recognise(sampleOfBytes('a.png', bytes))).toBe(score)
  expect(read(bytes).events.length).toBe(events)
})

test('what the manifest says of an agent', () => {
  const manifest = {
    name: 'META-INF/MANIFEST.MF',
    data: 'Manifest-Version: 1.0\r\nAgent-Class: com.example.very.long.name.of.a.pac\r\n kage.Agent\r\nCan-Retransform-Classes: true\r\n\r\nName: a/B.class\r\nPremain-Class: not.this.One\r\n',
  }
  const { events } = read(zipBytes([manifest, ...classes(3)]))
  expect(events.map(event => (event.kind === 'file_activity' ? [event.code, event.image] : []))).toEqual([
    ['java-archive', undefined],
    ['java-agent', 'com.example.very.long.name.of.a.package.Agent'],
  ])
  expect(events[1]?.original.get('Can-Retransform-Classes')).toBe('true')
})

test('a damaged archive keeps its hash and says so', () => {
  const { events, diagnostics } = read(zipBytes([MANIFEST, ...classes(30)]).subarray(0, 900))
  expect([events.length, diagnostics.map(({ code }) => code)]).toEqual([1, ['java-archive/no-directory']])
})

test('any bytes are read', () => {
  const whole = zipBytes([MANIFEST, ...classes(25), LATE])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(whole.length), (noise, at) => {
      const mutated = Buffer.from(whole)
      mutated.set(noise.subarray(0, Math.max(0, whole.length - at)), Math.min(at, whole.length))
      for (const bytes of [noise, mutated]) expect(read(bytes).events.length).toBeGreaterThan(0)
    }),
  )
})
