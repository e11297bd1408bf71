import {
  contentHash,
  type EventFields,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Micros,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { excerptOf, PartDiagnostics, type Place } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { shareOfLines } from '../carriers/sample-share.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { stampTimes } from '../carriers/stamp-times.ts'
import { timeOfStampNear } from '../carriers/yearless.ts'
import { builtOf, closedFlow, joinedFlow, OpenConnections, teardownOf } from './connections.ts'
import { meaningsOf } from './map.ts'
import { type AsaLine, parseAsaLine } from './parse.ts'

/** Syslog of Cisco ASA, FTD, PIX and FWSM. */
export const reader: Reader = {
  format: 'asa',
  title: 'Cisco ASA log',
  version: 2,
  split: { by: 'lines' },
  about: {
    reads: 'Cisco ASA, FTD, PIX and FWSM messages behind any header.',
    exported:
      'The file of the syslog collector the device writes to (`logging host`), level informational for connections; `show logging` for the little the device holds.',
    shows:
      'Connections with bytes and duration, refused ones, AnyConnect and WebVPN sessions with address inside, log-ins of administrators, commands that changed the configuration.',
    cannotShow:
      'What went through a connection, commands that only look, anything at a level that was not logged, and implants in the device itself.',
    clock: 'Host mostly, zone rarely, year sometimes.',
    builtFrom: 'documentation',
    checkedOn: "lines made after Cisco's message reference, not on the log of a real device.",
  },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  const share = shareOfLines(sample, line => parseAsaLine(line) !== undefined)
  if (share >= 0.8) return 97
  // Other devices may write into the same collector file; the reader of syslog takes what is mostly theirs.
  return share >= 0.4 ? 89 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const timesOf = timekeeper(part, diagnostics)
  const open = new OpenConnections()
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text === '') continue
    const parsed = parseAsaLine(text)
    if (!parsed) {
      diagnostics.each(line, { code: 'asa/unreadable-line', level: 'warning', message: `no %ASA message: ${excerptOf(text)}` })
      continue
    }
    const host = parsed.host.toLowerCase() || partHost
    const times = timesOf(parsed, line)
    const emit = (fields: EventFields, more: { readonly start?: Micros | undefined; readonly built?: string } = {}): void =>
      sink.event({
        ...fields,
        source: { evidence: part.evidence, record: line.number, offset: line.offset },
        time: times.time,
        ...alsoRecorded(times.header, more.start),
        host,
        series: `asa|${host}|${stem}`,
        identity: contentHash(text),
        product: 'asa',
        code: parsed.code,
        original: originalFields(
          { message: parsed.message, level: String(parsed.level) },
          more.built === undefined ? text : `${text}\n${more.built}`,
        ),
      })
    const built = BUILT_CODES.has(parsed.code) ? builtOf(parsed.message) : undefined
    const teardown = TEARDOWN_CODES.has(parsed.code) ? teardownOf(parsed.message) : undefined
    if (built)
      open.add(`${host} ${built.id}`, { built, time: times.time, text, emit: () => emit({ ...built.flow, sensor: host }) })
    else if (teardown) {
      const begun = open.take(`${host} ${teardown.id}`)
      if (begun) emit({ ...joinedFlow(begun.built, teardown), sensor: host }, { start: begun.time, built: begun.text })
      else emit({ ...closedFlow(teardown), sensor: host })
    } else
      for (const meaning of meaningsOf(parsed.code, parsed.message))
        emit(meaning.kind === 'network_activity' ? { ...meaning, sensor: host } : meaning)
  }
  open.finish()
  diagnostics.finish()
}

const BUILT_CODES = new Set(['302013', '302015', '302022'])
const TEARDOWN_CODES = new Set(['302014', '302016', '302023'])

interface Times {
  readonly time: Micros | undefined
  /** The collector's time, where the device wrote its own. */
  readonly header: Micros | undefined
}

function alsoRecorded(
  header: Micros | undefined,
  start: Micros | undefined,
): { readonly alsoRecorded?: Readonly<Record<string, Micros>> } {
  if (header === undefined && start === undefined) return {}
  return { alsoRecorded: { ...(header === undefined ? {} : { header }), ...(start === undefined ? {} : { start }) } }
}

function timekeeper(part: EvidencePart, diagnostics: PartDiagnostics): (line: AsaLine, place: Place) => Times {
  const zone = sourceZone(part, diagnostics)
  const timeOf = stampTimes(part, zone, diagnostics, 'asa')
  return (line, place) => {
    if (line.zoneName !== '') diagnostics.once(place, zoneNote(line.zoneName, zone))
    const stamp = line.device ?? line.header
    const time = stamp && timeOf(stamp, place)
    if (time === undefined) diagnostics.once(place, NO_TIME)
    const header = line.device && line.header ? timeOfStampNear(line.header, zone, time) : undefined
    return { time, header }
  }
}

const NO_TIME = {
  code: 'asa/bad-time',
  level: 'note',
  message: 'the line has no usable time; the record is kept without one',
  hint: 'switch on "logging timestamp" on the device',
} as const

function zoneNote(name: string, zone: Zone) {
  return {
    code: 'asa/zone-name',
    level: 'note',
    message: `"${name}" is not a unique time zone; the zone of the source facts${zone.known ? '' : ' (unknown)'} or UTC is used`,
    hint: "give the zone: --source 'GLOB=zone:Europe/Moscow'",
  } as const
}
