import type { EventFields, Micros, Reader } from '../../model/index.ts'
import { civilMicros } from '../carriers/civil-time.ts'
import type { Zone } from '../carriers/clock.ts'
import { csvCells } from '../carriers/csv-line.ts'
import { lineReader, scoreOfLines } from '../carriers/line-format.ts'

/** Time in twelve hexadecimal digits (years since 1970, month from 0, day, hour, minute, second), event, category, logger, computer, user: "Symantec Endpoint Protection external logging", TECH100099. */
const LINE = /^([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2}),(\d{1,3}),(\d{1,3}),(\d{1,3}),/

/** Events that tell of a threat: 5 found, 46 and 47 detection by behaviour and its end. */
const THREATS = new Set(['5', '46', '47', '51'])
/** What was done: the first action of the product. */
const ACTIONS: Readonly<Record<string, string>> = {
  '1': 'quarantined',
  '2': 'renamed',
  '3': 'deleted',
  '4': 'left alone',
  '5': 'cleaned',
  '6': 'cleaned or deleted',
}

/** Log of Symantec AntiVirus and Endpoint Protection on the machine itself. */
export const reader: Reader = lineReader({
  format: 'symantec',
  title: 'Symantec AntiVirus log',
  version: 1,
  hasHead: true,
  about: {
    reads: 'Daily logs of Symantec AntiVirus 10 and Endpoint Protection 11 and later on a client (`MMDDYYYY.Log`).',
    exported: 'Copy `C:\\ProgramData\\Symantec\\Symantec Endpoint Protection\\*\\Data\\Logs\\AV\\`.',
    shows: 'Threats that were found, in which file, under which account, and what was done with them.',
    cannotShow: 'What the product did not know; anything while it was switched off.',
    clock: 'Host in every line; local time of the machine without zone: give it.',
    builtFrom: 'real sample',
    checkedOn: 'a log of the plaso project.',
  },
  recognise: sample => scoreOfLines(sample, line => LINE.test(line), 95),
  open:
    ({ zone }) =>
    text => {
      const match = LINE.exec(text)
      if (!match) return undefined
      const cells = csvCells(text)
      const of = (index: number) => cells[index] ?? ''
      const [event, host, user, threat, file] = [of(1), of(4), of(5), of(6), of(7)]
      const fields: EventFields = THREATS.has(event)
        ? {
            kind: 'detection_finding',
            title: threat,
            signature: threat,
            severity: 1,
            category: 'malware',
            user,
            path: file,
            verdict: ACTIONS[of(10)] ?? '',
          }
        : { kind: 'other_activity', message: of(13) || `event ${event}`, user }
      return { time: timeOf(match, zone), host, code: event, fields }
    },
})

function timeOf(match: RegExpExecArray, zone: Zone): Micros | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(pair => Number.parseInt(pair, 16))
  const [h, m, s] = [hour, minute, second].map(String)
  return civilMicros(
    { year: 1970 + year, month: String(month + 1), day: String(day), hour: h ?? '', minute: m ?? '', second: s ?? '' },
    zone,
  )
}
