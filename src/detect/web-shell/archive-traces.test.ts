import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { eventOf, saidBy } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { zipBytes } from '../../../test/zip-bytes.ts'
import { type EvidenceId, type Micros, microsFromIso } from '../../model/index.ts'
import { reader } from '../../readers/java-archive/reader.ts'
import { archiveDiffers, archiveNewcomer, disguisedArchive } from './archive-traces.ts'

const dosDate = (year: number, month: number, day: number) => ((year - 1980) << 9) | (month << 5) | day
const MANIFEST = { name: 'META-INF/MANIFEST.MF', data: 'Manifest-Version: 1.0\n' }
const library = (count: number, ...late: readonly number[]) =>
  zipBytes([
    MANIFEST,
    ...Array.from({ length: count }, (_, index) => ({
      name: `org/example/C${index}.class`,
      data: `c${index}`,
      date: dosDate(2022, 6, 1),
    })),
    ...late.map((date, index) => ({ name: `org/example/ws/${'ABCDEF'[index]}.class`, data: 'a', date })),
  ])
const MAY = dosDate(2023, 5, 9)
const events = (path: string, bytes: Uint8Array, modified?: Micros) =>
  readPart(reader, bytesPart(bytes, { path, facts: { host: 'web01.example', ...(modified === undefined ? {} : { modified }) } }))
    .events
const CAME = 'org/example/ws/A.class came into tomcat-websocket.jar on 2023-05-09, the other classes were built by 2022-06-01'

describe('a library with a class that came later', () => {
  test.each<[string, Uint8Array, string | undefined, readonly string[]]>([
    ['one class a year later', library(30, MAY), undefined, [`low: ${CAME}`]],
    ['and the archive’s time set back', library(30, MAY), '2022-06-02T10:00:00Z', [`medium: ${CAME}`]],
    // look-alikes
    ['as its maker wrote it', library(30), '2022-06-02T10:00:00Z', []],
    ['copied later', library(30, MAY), '2024-01-01T00:00:00Z', [`low: ${CAME}`]],
    ['an update of many classes', library(30, MAY, MAY, MAY, MAY), undefined, []],
  ])('%s', (_name, bytes, modified, found) => {
    const time = modified === undefined ? undefined : microsFromIso(modified)
    expect(
      events('lib/tomcat-websocket.jar', bytes, time)
        .map(event => saidBy(archiveNewcomer, event))
        .filter(said => said !== ''),
    ).toEqual(found)
  })
})

test.each([
  ['a library under the name of a picture', 'c:/users/public/VersaTest.png', 'medium: versatest.png is a Java archive'],
  ['a library under its own', 'lib/a.jar', ''],
  ['without any ending', 'lib/plugin', ''],
])('%s', (_name, path, found) => {
  const [event] = events(path, library(3))
  expect(event && saidBy(disguisedArchive, event)).toBe(found)
})

describe('a library beside its siblings', () => {
  const NAMES = ['annotations', 'catalina', 'coyote', 'jasper', 'juli', 'tomcat-websocket']
  const server = (number: number, changed: readonly string[]) =>
    NAMES.map((name, index) => ({
      evidence: `${number}${index}00000000000000`.slice(0, 16),
      path: `web0${number}/lib/${name}.jar`,
      format: 'java-archive',
      sha256: changed.includes(name) ? `${name}-${number}` : name,
    }))
  test.each<[string, readonly string[], readonly string[]]>([
    [
      'one differs',
      ['tomcat-websocket'],
      ['medium: tomcat-websocket.jar is not the same in two folders that have 5 libraries alike'],
    ],
    // look-alikes
    ['all alike', [], []],
    ['another release', ['annotations', 'catalina', 'coyote', 'jasper'], []],
  ])('%s', async (_name, changed, found) => {
    const items = [...server(1, []), ...server(2, changed)]
    const seen = items.map(({ evidence, path }, index) => ({
      ...eventOf<'file_activity'>(
        { kind: 'file_activity', action: 'found', path },
        { product: 'file', code: 'java-archive', record: index + 1 },
      ),
      source: { evidence: evidence as EvidenceId, record: 1, offset: 0 },
    }))
    expect(saidIn(await foundBy(archiveDiffers, seen, items))).toEqual(found)
  })
})
