import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Line,
  MICROS_PER_DAY,
  type Micros,
  micros,
  microsFromIso,
  type Reader,
} from '../../model/index.ts'
import { isUnsetClock } from '../carriers/clock.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { shareOfLines } from '../carriers/sample-share.ts'
import { httpActivityOf, w3cOriginal } from './map.ts'
import {
  DEFAULT_FIELDS,
  dateDirective,
  fieldOf,
  fieldsDirective,
  isDefaultLine,
  isWebFields,
  type Layout,
  layoutOf,
  parseW3cLine,
  type W3cLine,
} from './parse.ts'

/** W3C logs of Internet Information Services and HTTP.sys: one request a line, times in UTC. */
export const reader: Reader = {
  format: 'iis',
  title: 'IIS W3C log',
  version: 1,
  split: { by: 'lines', headerPrefix: '#' },
  about: {
    reads:
      'W3C logs of IIS 6 to 10, of HTTP.sys (`httperr`) and of whatever else writes `#Fields:` of the web; NCSA and IIS formats are not.',
    exported:
      'Copy `%SystemDrive%\\inetpub\\logs\\LogFiles\\W3SVC*\\` and `%SystemRoot%\\System32\\LogFiles\\HTTPERR\\`, whole files with their heads.',
    shows: 'As [access-log](access-log.md), with the signed-in account (`cs-username`), and the site.',
    cannotShow:
      'Bodies of requests; fields that were not switched on (cookies by default, the referrer before IIS 8); requests that HTTP.sys refused, unless `httperr` is there.',
    clock: 'Host sometimes (`s-computername`); times are UTC.',
    builtFrom: 'real sample',
    checkedOn:
      'real logs of IIS 6, 7 (Outlook Web Access, an injection attempt) and 10 of the plaso project: every line has its event.',
  },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  if (sample.encoding === undefined) return 0
  const lists = sample.lines.flatMap(line => fieldsDirective(line.trimEnd()) ?? [])
  if (lists.length > 0) return sample.lines.some(line => isWebFields(fieldsDirective(line.trimEnd()) ?? [])) ? 97 : 0
  const isIis = sample.lines.some(line => /^#Software: Microsoft Internet Information Services/i.test(line))
  const share = shareOfLines(sample, line => line.startsWith('#') || isDefaultLine(line))
  // Without a field list only IIS's own layout can be told, line by line.
  if (share >= 0.9 && sample.lines.some(isDefaultLine)) return isIis ? 90 : 75
  return 0
}

/** What the directives above a line say about it. */
interface Section {
  layout: Layout | undefined
  date: string
  /** Time of the day of the newest line under a "#Date:", for logs without date. */
  clock: string
  daysPassed: number
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const host = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  const section: Section = { layout: undefined, date: '', clock: '', daysPassed: 0 }
  for (const header of part.headerLines) readDirective(section, header.trimEnd())
  let lastClock = ''
  let lastTime: Micros | undefined
  for (const line of part.lines()) {
    const text = line.text.replace(/^\ufeff|\r$/g, '')
    if (text === '') continue
    if (text.startsWith('#')) {
      readDirective(section, text)
      continue
    }
    const parsed = parsedLine(section, text, line, diagnostics)
    if (!parsed) {
      diagnostics.each(line, {
        code: 'iis/unreadable-line',
        level: 'warning',
        message: `does not fit the fields above it: ${excerptOf(text)}`,
      })
      continue
    }
    if (part.start > 0 && fieldOf(parsed, 'date') === '') diagnostics.once(line, DAY_UNSURE)
    const clock = clockOf(section, parsed)
    if (clock !== lastClock) {
      lastClock = clock
      lastTime = timeOf(section, parsed, clock)
    }
    if (lastTime === undefined)
      diagnostics.once(line, { code: 'iis/bad-time', level: 'note', message: `no date and time in: ${excerptOf(text)}` })
    const recorder = fieldOf(parsed, 's-computername').toLowerCase() || host
    const site = fieldOf(parsed, 's-sitename').toLowerCase()
    sink.event({
      ...httpActivityOf(parsed),
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time: lastTime,
      host: recorder,
      series: `iis|${recorder}|${site === '' ? '' : `${site}/`}${stem}`,
      identity: contentHash(text),
      product: 'iis',
      code: '',
      original: w3cOriginal(parsed, text),
    })
  }
  diagnostics.finish()
}

const DEFAULT_LAYOUT = layoutOf(DEFAULT_FIELDS)

const DAY_UNSURE = {
  code: 'iis/day-unsure',
  level: 'warning',
  message: 'the log has no date field and is large: midnights between its #Date line and this place are not counted',
  hint: 'add the date field to the log, or split the file at midnight',
} as const

function readDirective(section: Section, line: string): void {
  const fields = fieldsDirective(line)
  if (fields) section.layout = layoutOf(fields)
  const date = dateDirective(line)
  if (date) Object.assign(section, { date: date.date, clock: date.time, daysPassed: 0 })
}

function parsedLine(section: Section, text: string, line: Line, diagnostics: PartDiagnostics): W3cLine | undefined {
  if (section.layout) return parseW3cLine(text, section.layout)
  if (!isDefaultLine(text)) return undefined
  diagnostics.once(line, {
    code: 'iis/no-fields',
    level: 'warning',
    message: 'no #Fields line above; the default fields of IIS 8.5 and later are used',
    hint: 'copy the whole file, its head names the fields',
  })
  return parseW3cLine(text, DEFAULT_LAYOUT)
}

/** Date and time of the line as text; a log without date takes the day from "#Date:" and counts midnights. */
function clockOf(section: Section, line: W3cLine): string {
  const time = fieldOf(line, 'time')
  const date = fieldOf(line, 'date')
  if (date !== '' || section.date === '') return `${date} ${time}`
  // Lines are written when a request ends and may go back by minutes, never by half a day.
  if (hourOf(time) + 12 < hourOf(section.clock)) section.daysPassed++
  if (time !== '') section.clock = time
  return `${section.date}+${section.daysPassed} ${time}`
}

function timeOf(section: Section, line: W3cLine, clock: string): Micros | undefined {
  const [day = '', time = ''] = clock.split(' ')
  const hasOwnDate = fieldOf(line, 'date') !== ''
  // IIS logs UTC whatever the zone of the machine, so the facts' zone does not apply.
  const start = microsFromIso(`${hasOwnDate ? day : section.date} ${time}`)
  const shifted = start === undefined || hasOwnDate ? start : micros(start + section.daysPassed * MICROS_PER_DAY)
  return shifted === undefined || isUnsetClock(shifted) ? undefined : shifted
}

function hourOf(time: string): number {
  return Number(time.slice(0, 2))
}
