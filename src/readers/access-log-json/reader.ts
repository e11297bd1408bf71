import {
  contentHash,
  type EventFields,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Micros,
  type Reader,
} from '../../model/index.ts'
import { clfClock, isUnsetClock } from '../carriers/clock.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { shareOfLines } from '../carriers/sample-share.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { httpActivityOf, jsonOriginal, timeOf } from './map.ts'
import { type FlatRecord, firstOf, isRequest, NAMES, parseJsonLine } from './parse.ts'

/** Access logs with one JSON object a line: nginx, Caddy, Traefik, Envoy, Tomcat, Elastic Common Schema, Azure Application Gateway. */
export const reader: Reader = {
  format: 'access-log-json',
  title: 'web access log in JSON',
  version: 1,
  split: { by: 'lines' },
  about: {
    reads:
      'Access logs in JSON, one object a line: nginx (`escape=json`), Caddy, Traefik, Envoy, Tomcat, Elastic Common Schema, Azure Application Gateway.',
    exported: 'Copy the file of the server; from Elasticsearch an export with one document a line.',
    shows: 'As [access-log](access-log.md); more headers where the server was told to log them.',
    cannotShow: 'As [access-log](access-log.md).',
    clock: 'Host sometimes, zone mostly, year always.',
    builtFrom: 'real sample',
    checkedOn:
      'one real sample (Azure Application Gateway, of the plaso project); the other servers on lines made after their documentation.',
  },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  const share = shareOfLines(sample, line => {
    const fields = parseJsonLine(line)
    return fields !== undefined && isRequest(fields)
  })
  if (share >= 0.9) return 90
  // Caddy writes messages of its own between the requests.
  return share >= 0.4 ? 70 : share >= 0.1 ? 30 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const clock = clfClock(sourceZone(part, diagnostics))
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text === '') continue
    const fields = parseJsonLine(text)
    if (!fields) {
      diagnostics.each(line, {
        code: 'access-log-json/unreadable-line',
        level: 'warning',
        message: `not a JSON object: ${excerptOf(text)}`,
      })
      continue
    }
    const web = isRequest(fields) ? httpActivityOf(fields) : undefined
    const time = usable(timeOf(fields, clock))
    if (time === undefined)
      diagnostics.once(line, {
        code: 'access-log-json/bad-time',
        level: 'note',
        message: `no usable time in: ${excerptOf(text)}`,
      })
    const host = firstOf(fields, NAMES.recorder).toLowerCase() || partHost
    sink.event({
      ...(web ?? otherActivity(fields)),
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time,
      host,
      series: `access-log-json|${host}|${stem}`,
      identity: contentHash(text),
      product: 'access-log',
      code: '',
      original: jsonOriginal(fields, text, web),
    })
  }
  diagnostics.finish()
}

function usable(time: Micros | undefined): Micros | undefined {
  return time === undefined || isUnsetClock(time) ? undefined : time
}

/** What the server wrote between its requests. */
function otherActivity(fields: FlatRecord): EventFields {
  return { kind: 'other_activity', message: firstOf(fields, ['message', 'msg', 'event', 'error']), srcIp: '' }
}
