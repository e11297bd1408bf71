import fc from 'fast-check'
import { expect, test } from 'vitest'
import { detectors } from '../src/detect/registry.ts'
import { type EventKind, type EventOf, eventColumns, type RecordDetector, severities } from '../src/model/index.ts'
import { eventOf } from './record-detector.ts'

const recordDetectors = detectors.filter((detector): detector is RecordDetector => detector.on === 'record')

/** An event whose every text column holds the same text, and every action a detector may ask for. */
function filled(kind: EventKind, text: string, action: string): EventOf<EventKind> {
  const columns = Object.entries(eventColumns[kind]).map(([name, type]) => [
    name,
    type === 'text' ? text : type === 'flag' ? true : 10,
  ])
  return eventOf({ kind, ...Object.fromEntries(columns), action } as never, { original: { CallTrace: text } })
}

const ACTIONS = [
  'start',
  'access',
  'create',
  'set-value',
  'install',
  'register',
  'logon',
  'explicit',
  'open',
  'write',
  'cleared',
  'policy-changed',
  'pipe-create',
]

/** Pieces the expressions look for, so that random text gets deep into them. */
const PIECES = [
  'ntdsutil ',
  'ac i ntds ',
  'ifm ',
  'cr fu ',
  'netsh ',
  'interface portproxy add v4tov4 ',
  'listenport=',
  '\\\\',
  'c$\\',
  '.exe ',
  '"',
  '^',
  ' ',
  'a',
  'reg save hklm\\',
  'sam ',
  'rundll32 comsvcs.dll ',
  'minidump ',
  '-enc ',
  'QQBB',
  'http://',
  '127.0.0.1',
  '/node:',
  'wmic ',
  'process call create ',
  '/create ',
  '/s ',
  'lsass',
  '.dmp',
  '\\inetpub\\wwwroot\\',
  '.aspx',
  'é',
  '-',
  '/1',
  'x',
  '\u{1f600}',
  '\0',
  '\n',
]
const hostileText = fc.array(fc.constantFrom(...PIECES), { maxLength: 200 }).map(parts => parts.join(''))

test('no detector throws on hostile content, and what it says is whole', () => {
  fc.assert(
    fc.property(
      fc.oneof(hostileText, fc.string({ unit: 'binary', maxLength: 400 })),
      fc.constantFrom(...ACTIONS),
      (text, action) => {
        for (const detector of recordDetectors)
          for (const kind of [detector.reads].flat()) {
            const match = detector.detect(filled(kind, text, action))
            if (match === undefined) continue
            expect(match.title.length).toBeGreaterThan(0)
            expect(severities).toContain(match.severity ?? detector.severity)
            if (severities.indexOf(match.severity ?? detector.severity) >= 2)
              expect((match.innocent ?? detector.innocent).length).toBeGreaterThan(0)
          }
      },
    ),
    { numRuns: 300 },
  )
})

/** An ordinary event costs microseconds; a quarter of a second for one would stop a whole hunt. */
const SLOWEST_MILLISECONDS = 250

test('no text of the greatest length makes a detector slow', () => {
  const texts = [...PIECES, ...PIECES.map(piece => `${piece}${piece.trim()}x `)].map(piece =>
    piece.repeat(Math.ceil(32_767 / piece.length)),
  )
  const slow: string[] = []
  for (const text of texts)
    for (const detector of recordDetectors)
      for (const kind of [detector.reads].flat())
        for (const action of ['start', 'access', 'set-value']) {
          const began = performance.now()
          detector.detect(filled(kind, text, action))
          const took = performance.now() - began
          if (took > SLOWEST_MILLISECONDS)
            slow.push(`${detector.id} ${kind} ${JSON.stringify(text.slice(0, 20))} ${Math.round(took)} ms`)
        }
  expect(slow).toEqual([])
})
