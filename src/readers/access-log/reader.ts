import { contentHash, type EventSink, type EvidencePart, type EvidenceSample, type Line, type Reader } from '../../model/index.ts'
import { clfClock, isUnsetClock } from '../carriers/clock.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { shareOfLines } from '../carriers/sample-share.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { webOriginal } from '../meanings/web.ts'
import { httpActivityOf } from './map.ts'
import { parseAccessLine } from './parse.ts'

/** Apache, nginx and Tomcat access logs: one request a line. */
export const reader: Reader = {
  format: 'access-log',
  title: 'web access log (Apache, nginx, Tomcat)',
  version: 1,
  split: { by: 'lines' },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  const share = shareOfLines(sample, line => parseAccessLine(line) !== undefined)
  if (share >= 0.95) return 95
  // Scanners leave lines no parser reads; a file that is mostly access log still is one.
  if (share >= 0.5) return 75
  return share >= 0.2 ? 30 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const clock = clfClock(sourceZone(part, diagnostics))
  const host = part.facts.host?.toLowerCase() ?? ''
  const series = `access-log|${host}|${rotationStem(part.path)}`
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text === '') continue
    const parsed = parseAccessLine(text)
    if (!parsed) {
      diagnostics.each(line, {
        code: 'access-log/unreadable-line',
        level: 'warning',
        message: `not an access log line: ${excerptOf(text)}`,
      })
      continue
    }
    const fields = httpActivityOf(parsed)
    sink.event({
      ...fields,
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time: timeOf(clock(parsed.clock), parsed.clock, line, diagnostics),
      host,
      series,
      identity: contentHash(text),
      product: 'access-log',
      code: '',
      original: webOriginal(text, fields),
    })
  }
  diagnostics.finish()
}

function timeOf(
  time: ReturnType<ReturnType<typeof clfClock>>,
  text: string,
  line: Line,
  diagnostics: PartDiagnostics,
): typeof time {
  if (time !== undefined && !isUnsetClock(time)) return time
  diagnostics.once(line, {
    code: 'access-log/bad-time',
    level: 'note',
    message: `"${excerptOf(text)}" is not a time a web server can have logged; the request is kept without a time`,
  })
  return undefined
}
