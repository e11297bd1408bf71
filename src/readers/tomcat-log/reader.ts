import type { EventFields, Micros, Reader } from '../../model/index.ts'
import { civilMicros } from '../carriers/civil-time.ts'
import { type Zone, zoneOf } from '../carriers/clock.ts'
import { lineReader, scoreOfLines } from '../carriers/line-format.ts'

/** tomcat.apache.org/tomcat-9.0-doc/logging.html (OneLineFormatter), and the two-line form of java.util.logging before. */
const ONE_LINE = /^(\d\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3}) ([A-Z]{4,7}) \[([^\]]{1,200})\] (\S{1,300}) ?(.*)$/s
const TWO_LINES = /^(\w{3}) (\d{1,2}), (\d{4}) (\d{1,2}):(\d\d):(\d\d) ([AP]M) (\S{1,300} \S{1,200})(?:\n([A-Z]{4,7}): (.*))?$/s
const UTC = zoneOf(undefined)

interface TomcatLine {
  readonly time: Micros | undefined
  readonly level: string
  readonly source: string
  readonly message: string
}

/** One message of Tomcat; undefined when the text is none. */
export function parseTomcatLine(text: string, zone: Zone): TomcatLine | undefined {
  const one = ONE_LINE.exec(text)
  if (one) {
    const [
      ,
      day = '',
      month = '',
      year = '',
      hour = '',
      minute = '',
      second = '',
      fraction,
      level = '',
      ,
      source = '',
      message = '',
    ] = one
    return { time: civilMicros({ year, month, day, hour, minute, second, fraction }, zone), level, source, message }
  }
  const two = TWO_LINES.exec(text)
  if (!two) return undefined
  const [, month = '', day = '', year = '', hour = '', minute = '', second = '', half, source = '', level = '', message = ''] =
    two
  return { time: civilMicros({ year, month, day, hour, minute, second, half }, zone), level, source, message }
}

/** Logs of Tomcat itself: deployments of applications are what an intruder leaves there. */
export const reader: Reader = lineReader({
  format: 'tomcat-log',
  title: 'Tomcat log (catalina, localhost, manager)',
  version: 1,
  about: {
    reads:
      'catalina, localhost, manager and host-manager logs of Tomcat 6 to 11, messages on one or two lines, with stack traces.',
    exported: 'Copy `$CATALINA_BASE/logs/`, rotated files included; on Debian `/var/log/tomcat*/`.',
    shows:
      'Applications that were deployed and removed (with the archive), errors of pages with their traces, log-ins to the manager that failed, starts and stops.',
    cannotShow: 'Requests (see [access-log](access-log.md)), what a page did.',
    clock: 'Host never, zone never: give both. Year always.',
    builtFrom: 'recorded',
    checkedOn:
      'the logs of a Tomcat 10.1 of Debian that an application was put into, failed in and was taken out of; Tomcat 6 on lines made after its documentation.',
  },
  // A trace alone is anybody's.
  recognise: sample =>
    sample.lines.some(line => parseTomcatLine(line, UTC) !== undefined)
      ? scoreOfLines(
          sample,
          line =>
            parseTomcatLine(line, UTC) !== undefined ||
            /^(?:SEVERE|WARNING|INFO|CONFIG|FINE): |^\s+at |^Caused by: |^\S+(?:Exception|Error)\b/.test(line),
          88,
        )
      : 0,
  continues: text => !ONE_LINE.test(text) && !/^\w{3} \d{1,2}, \d{4} \d/.test(text),
  open:
    ({ zone }) =>
    text => {
      const line = parseTomcatLine(text, zone)
      return line && { time: line.time, code: line.level.toLowerCase(), fields: meaningOf(line) }
    },
})

/** Messages of HostConfig, StandardContext and the manager: org/apache/catalina/startup/LocalStrings.properties. */
const DEPLOYED =
  /^Deploy(?:ing|ment of) (?:web application|deployment descriptor|configuration descriptor)\s*(?:archive|directory|descriptor)? ?\[([^\]]{1,1024})\]/i
const REMOVED = /^(?:Undeploying context|Undeploy:? context path) \[?([^\]\s]{1,1024})\]?/i

function meaningOf({ source, message }: TomcatLine): EventFields {
  const deployed = DEPLOYED.exec(message)?.[1]
  if (deployed !== undefined && !/has finished/.test(message))
    return { kind: 'service_activity', action: 'start', name: deployed.replace(/^.*[\\/]/, ''), path: deployed }
  const removed = REMOVED.exec(message)?.[1]
  if (removed !== undefined) return { kind: 'service_activity', action: 'stop', name: removed }
  const failed = /^An attempt was made to authenticate the locked user \["?([^"\]]{1,100})"?\]/.exec(message)
  if (failed)
    return {
      kind: 'authentication',
      action: 'logon',
      outcome: 'failure',
      user: failed[1],
      protocol: 'web',
      reason: 'account is locked',
    }
  return { kind: 'other_activity', message: message.slice(0, 4096), image: source }
}
