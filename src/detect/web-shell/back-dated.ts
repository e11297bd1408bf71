import {
  draftOf,
  fileNameOf,
  isoFromMicros,
  listOf,
  MICROS_PER_DAY,
  micros,
  numberOf,
  type SetDetector,
  textOf,
} from '../../model/index.ts'
import { INSTALLERS } from './script-written.ts'

const PAGE = '(?i)\\.(?:aspx?|ashx|asmx|php[3-8]?|phtml|jspx?|jar|cfm|cgi|pl|py|sh)$'
/** Clocks, zones and slow copies stay below a day. */
const BEFORE = MICROS_PER_DAY

const lastPart = (expression: string) =>
  `reverse(substring(reverse(${expression}), 1, position('/' in reverse(${expression})) - 1))`
const plain = (column: string) => `'/' || lower(replace(replace(${column}, '\\', '/'), '!/', '/'))`

/** A file says that it was last changed long before a record saw it being made. */
export const backDated: SetDetector = {
  on: 'set',
  id: 'web-shell/back-dated',
  title: 'Page older than its own beginning',
  reads: ['file_activity'],
  techniques: ['T1070.006'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Who leaves a page among others sets its time to theirs, so that a search for new files passes it by; a record of its creation tells the truth.',
  innocent: 'a file copied or unpacked by a program that keeps its old time, as deployments do',
  query: sql => `with made as (
      select host, path, image, "time", evidence, record, "byteOffset", ${lastPart(plain('path'))} as name, ${plain('path')} as place from file_activity
      where action in ('create', 'write', 'rename') and "time" is not null and host <> '' and ${sql.matches('path', PAGE)}
        and not ${sql.matches('lower(image)', `(?:^|[\\\\/])${INSTALLERS.source.slice(1)}`)}
    ), kept as (
      select host, path, fileTime, ${lastPart(plain('path'))} as name, ${plain('path')} as place from file_activity
      where action = 'found' and fileTime is not null and ${sql.matches('path', PAGE)}
    ), folder as (
      select m.host as host, m.path as path, k.fileTime as fileTime, m.image as image, m."time" as "time", m.evidence as evidence, m.record as record, m."byteOffset" as "byteOffset"
      from made m join kept k on m.name = k.name
      where (k.host = m.host or k.host = '') and ${lastPart(`substring(k.place, 1, length(k.place) - length(k.name) - 1)`)} = ${lastPart(`substring(m.place, 1, length(m.place) - length(m.name) - 1)`)}
    )
    select host, path, max(image) as image, min(fileTime) as claimed, min("time") as made, count(*) as total, ${sql.records(20)} as records from folder
    group by host, path having min(fileTime) < min("time") - ${BEFORE} order by host, path`,
  finding(row) {
    const path = textOf(row, 'path')
    const who = fileNameOf(textOf(row, 'image'))
    const made = numberOf(row, 'made')
    const day = (time: number) => isoFromMicros(micros(time)).slice(0, 10)
    return draftOf(backDated, {
      title: `${fileNameOf(path)} says it is of ${day(numberOf(row, 'claimed'))}, and was made on ${day(made)}${who === '' ? '' : ` by ${who}`}`,
      object: path,
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'total'),
      firstTime: made,
      lastTime: made,
      hosts: [textOf(row, 'host')],
    })
  },
}
