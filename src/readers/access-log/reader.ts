import { contentHash, type EventSink, type EvidencePart, type EvidenceSample, type Line, type Reader } from '../../model/index.ts'
import { clfClock, isUnsetClock } from '../carriers/clock.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { shareOfDatedLines } from '../carriers/sample-share.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { parseSyslogLine } from '../carriers/syslog-envelope.ts'
import { webOriginal } from '../meanings/web.ts'
import { parseConfluenceLine } from './confluence.ts'
import { httpActivityOf } from './map.ts'
import { type AccessLine, parseAccessLine } from './parse.ts'

/** Apache, nginx, Tomcat and Confluence access logs: one request a line. */
export const reader: Reader = {
  format: 'access-log',
  title: 'web access log (Apache, nginx, Tomcat)',
  version: 1,
  split: { by: 'lines' },
  about: {
    reads:
      'Access logs of Apache, nginx, Tomcat and Confluence: common and combined formats, with virtual host, with the forwarded address, with request times, also behind a syslog header.',
    exported:
      "Copy the files, rotated and compressed ones included: `/var/log/apache2/`, `/var/log/httpd/`, `/var/log/nginx/`, Tomcat's `logs/localhost_access_log.*`. Together with the web root (see [script](script.md)) they say more than either alone.",
    shows:
      'Who asked for what, when, with which answer and size; so a page that hardly anybody uses, an upload, a scanner, a large file fetched.',
    cannotShow:
      'Bodies of requests (so neither commands nor uploads sent by POST), cookies, and behind a reverse proxy often only the address of the proxy.',
    clock: 'Host never: give it. Zone mostly in the time, year always.',
    builtFrom: 'real sample',
    checkedOn:
      'real logs of Apache (10,000 lines), Tomcat with a planted JSP shell, Confluence and Apache samples of the plaso project. nginx: on lines made after its documentation.',
  },
  recognise,
  read,
}

/** Web servers that log to syslog put its header in front. */
const SYSLOG_HEADER = /^(?:<\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\dT)/

function parseLine(line: string): { readonly parsed: AccessLine; readonly recorder: string } | undefined {
  if (SYSLOG_HEADER.test(line)) {
    const header = parseSyslogLine(line)
    const parsed = header && header.program !== '' ? parseAccessLine(header.message) : undefined
    return parsed && { parsed, recorder: header?.host.toLowerCase() ?? '' }
  }
  const parsed = line.startsWith('[') ? parseConfluenceLine(line) : parseAccessLine(line)
  return parsed && { parsed, recorder: '' }
}

function recognise(sample: EvidenceSample): number {
  const share = shareOfDatedLines(sample, line => parseLine(line) !== undefined)
  if (share >= 0.95) return 95
  // Scanners leave lines no parser reads; a file that is mostly access log still is one.
  if (share >= 0.5) return 75
  return share >= 0.2 ? 30 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const clock = clfClock(sourceZone(part, diagnostics))
  const host = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  const series = `access-log|${host}|${stem}`
  for (const line of part.lines()) {
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (text === '') continue
    const found = parseLine(text)
    if (!found) {
      diagnostics.each(line, {
        code: 'access-log/unreadable-line',
        level: 'warning',
        message: `not an access log line: ${excerptOf(text)}`,
      })
      continue
    }
    const { parsed, recorder } = found
    const fields = httpActivityOf(parsed)
    sink.event({
      ...fields,
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time: timeOf(clock(parsed.clock), parsed.clock, line, diagnostics),
      host: recorder || host,
      series: recorder === '' ? series : `access-log|${recorder}|${stem}`,
      identity: contentHash(text),
      product: 'access-log',
      code: '',
      original: parsed.cookies === '' ? webOriginal(text, fields) : webOriginal(text, fields, { 'cs(Cookie)': parsed.cookies }),
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
