import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { deviceReader } from '../carriers/device-log.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { meaningsOf } from './map.ts'
import { type IvantiRecord, parseOwnRecord, parseSentLine } from './parse.ts'

/** Lines Ivanti Connect Secure, Pulse Connect Secure and Juniper SA send to a syslog server. */
const sent: Reader = deviceReader({
  format: 'ivanti',
  title: 'Ivanti Connect Secure log',
  version: 1,
  product: 'ivanti',
  record: 'Ivanti Connect Secure record',
  certain: 95,
  about: {
    reads: 'Standard and WELF lines of Ivanti Connect Secure, Pulse Connect Secure and Juniper SA.',
    exported: 'The file of the syslog server the device sends to.',
    shows: 'Log-ins and VPN sessions with both addresses, what administrators changed, failed integrity checks, logs cleared.',
    cannotShow: 'What an exploit did below the web server.',
    clock: 'Host yes, zone no (give it), year yes. Whole seconds.',
    builtFrom: 'documentation',
    checkedOn: 'lines made after the administration guide, not on those of a real device.',
    page: 'ivanti',
  },
  isMine: line => parseSentLine(line, UTC) !== undefined,
  parser: (_part, zone) => line => {
    const record = parseSentLine(line, zone)
    return (
      record && {
        time: record.time,
        header: record.header,
        host: record.host,
        code: record.code,
        fields: record.fields,
        meanings: meaningsOf(record),
      }
    )
  },
})

const UTC = { known: true, microsOf: () => undefined }

/** The device's own files begin with a header of 8 KiB, nearly all zeros. */
const HEADER_BYTES = 8192
/** Records are read in pieces of this size. */
const PIECE = 1 << 20
const MAX_RECORD = 65_536
/** Each record begins with this byte. */
const BEGIN = 5

/** log.events.vc0, log.access.vc0, log.admin.vc0: the device's own files, from an image or an integrity tool's snapshot. */
const own: Reader = {
  format: 'ivanti-vc0',
  title: 'Ivanti Connect Secure log file (.vc0)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: "The device's own files log.access.vc0, log.admin.vc0, log.events.vc0 and others.",
    exported: 'From an image of the device or the snapshot of an integrity tool.',
    shows: "The same as the lines; also the device's own events.",
    cannotShow: 'What an exploit did below the web server; what was cut out of the file.',
    clock: 'Host yes; times are UTC, whole seconds.',
    builtFrom: 'real sample',
    checkedOn: 'published samples of ten records a file.',
    page: 'ivanti',
  },
  recognise: recogniseOwn,
  read: readOwn,
}

export const readers: readonly Reader[] = [sent, own]

function recogniseOwn({ head }: EvidenceSample): number {
  const isHeader =
    head.length >= HEADER_BYTES && head[4] === 1 && head[0] === 5 && head.subarray(64, HEADER_BYTES).every(byte => byte === 0)
  if (!isHeader) return 0
  // A log that was switched on and holds nothing is the header alone.
  if (head.length === HEADER_BYTES) return 80
  return OWN_START.test(decode(head.subarray(HEADER_BYTES, HEADER_BYTES + 64))) ? 97 : 0
}

const OWN_START = /^\x05?[0-9a-f]{8}\.[0-9a-f]{8}\t/
const decode = (bytes: Uint8Array) => new TextDecoder('utf-8').decode(bytes)

function readOwn(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const stem = rotationStem(part.path)
  const partHost = part.facts.host?.toLowerCase() ?? ''
  let number = 0
  for (const { text, offset } of recordsOf(part)) {
    number++
    const record = parseOwnRecord(text)
    if (record) emit(record, text, { number, offset })
    else
      diagnostics.each(
        { number, offset },
        { code: 'ivanti-vc0/unreadable-record', level: 'warning', message: `no record: ${excerptOf(text)}` },
      )
  }
  diagnostics.finish()

  function emit(record: IvantiRecord, text: string, place: { readonly number: number; readonly offset: number }): void {
    const host = record.host.toLowerCase() || partHost
    if (record.time === undefined)
      diagnostics.once(place, {
        code: 'ivanti-vc0/bad-time',
        level: 'note',
        message: `no usable time in: ${excerptOf(text)}; the record is kept without one`,
      })
    for (const meaning of meaningsOf(record))
      sink.event({
        ...meaning,
        source: { evidence: part.evidence, record: place.number, offset: place.offset },
        time: record.time,
        host,
        series: `ivanti|${host}|${stem}`,
        identity: contentHash(text),
        product: 'ivanti',
        code: record.code,
        original: originalFields(record.fields, text),
      })
  }
}

/** Records follow each other, each behind its first byte; zeros fill up blocks. */
function* recordsOf(part: EvidencePart): Generator<{ readonly text: string; readonly offset: number }> {
  let rest = new Uint8Array()
  let restAt = HEADER_BYTES
  for (let at = HEADER_BYTES; at < part.bytes.size; ) {
    const piece = part.bytes.read(at, Math.min(PIECE, part.bytes.size - at))
    if (piece.length === 0) break
    at += piece.length
    const bytes = new Uint8Array(rest.length + piece.length)
    bytes.set(rest)
    bytes.set(piece, rest.length)
    let start = 0
    for (let end = bytes.indexOf(BEGIN); end >= 0; end = bytes.indexOf(BEGIN, start)) {
      const text = textOf(bytes.subarray(start, end))
      if (text !== '') yield { text, offset: restAt + start }
      start = end + 1
    }
    // What has no end within a record's longest length is damage, and is handed over as it is.
    if (bytes.length - start > MAX_RECORD) {
      yield { text: textOf(bytes.subarray(start, start + MAX_RECORD)), offset: restAt + start }
      start = bytes.length
    }
    restAt += start
    rest = bytes.slice(start)
  }
  const text = textOf(rest)
  if (text !== '') yield { text, offset: restAt }
}

function textOf(bytes: Uint8Array): string {
  let start = 0
  let end = bytes.length
  while (start < end && (bytes[start] ?? 0) === 0) start++
  while (end > start && ((bytes[end - 1] ?? 0) === 0 || bytes[end - 1] === 10 || bytes[end - 1] === 13)) end--
  return decode(bytes.subarray(start, end))
}
