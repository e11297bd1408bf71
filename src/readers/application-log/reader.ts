import { canonicalAddress, isAddress, type Reader } from '../../model/index.ts'
import { leadingIso } from '../carriers/civil-time.ts'
import { type Zone, zoneOf } from '../carriers/clock.ts'
import { lineReader, scoreOfLines } from '../carriers/line-format.ts'

const UTC = zoneOf(undefined)
/** Log4j, Logback, java.util.logging, Python logging, Spring Boot: a level word, then perhaps process, thread and class. */
const LEVEL =
  /^\s*(?:\[[^\]]{1,120}\]\s*)?\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|SEVERE|CRITICAL)\]?(?=[\s:\-[|])[\s:|-]*(.*)$/s

function parse(text: string, zone: Zone) {
  const iso = leadingIso(text, zone)
  const match = iso && LEVEL.exec(text.slice(iso.length))
  return match ? { time: iso.time, level: match[1] ?? '', message: match[2] ?? '' } : undefined
}

/** Logs of applications that begin with time and level: Confluence, Jira, Spring Boot, Elasticsearch, Jenkins and many more. */
export const reader: Reader = lineReader({
  format: 'application-log',
  title: 'application log (time, level, message)',
  version: 1,
  about: {
    reads:
      'Lines that begin with an ISO time and a level word, as Log4j, Logback, Spring Boot and the logging of Python write them; stack traces go with their line.',
    exported: 'Copy the log folder of the application, for instance `atlassian-confluence.log*`.',
    shows:
      'What the application says: errors with traces, starts, log-ins as far as it writes them; the first address in a message can be searched.',
    cannotShow: 'Anything by meaning: each message is kept as text.',
    clock: 'Host never: give it. Zone sometimes, year always.',
    builtFrom: 'real sample',
    checkedOn: 'a log of Confluence (plaso project); Spring Boot and Python on lines made after their documentation.',
  },
  // Syslog's ISO form and others that begin alike are surer of theirs.
  // A trace, or lines that begin with a tab, are anybody's alone.
  recognise: sample =>
    sample.lines.some(line => parse(line, UTC) !== undefined)
      ? scoreOfLines(sample, line => parse(line, UTC) !== undefined || /^(?:\s+at |\s*Caused by: |\t)/.test(line), 62)
      : 0,
  continues: text => leadingIso(text, UTC) === undefined,
  open:
    ({ zone }) =>
    text => {
      const line = parse(text, zone)
      if (!line) return undefined
      const address = /(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])/.exec(line.message.slice(0, 2048))?.[1] ?? ''
      const srcIp = isAddress(address) ? canonicalAddress(address) : ''
      return {
        time: line.time,
        code: line.level.toLowerCase(),
        fields: { kind: 'other_activity', message: line.message.slice(0, 4096), srcIp },
      }
    },
})
