import type { EventFields, FormatAbout, Reader } from '../../model/index.ts'
import { type Zone, zoneOf } from '../carriers/clock.ts'
import { type LineRecord, lineReader, scoreOfDatedLines } from '../carriers/line-format.ts'
import { type ErrorLine, parseApacheError, parseNginxError, parsePhpError } from './parse.ts'

const SHOWS =
  'Errors of pages with the address of the client, files that were asked for and not there, warnings of scripts with path and line, starts and stops of the server; what commands started by a page wrote to their error output.'
const COMMON = {
  shows: SHOWS,
  cannotShow: 'Requests that went well, bodies of requests.',
} as const satisfies Partial<FormatAbout>

/** Error logs of Apache, nginx and PHP: one message, one other_activity with the client. */
export const readers: readonly Reader[] = [
  errorReader({
    format: 'apache-error',
    title: 'Apache error log',
    product: 'apache-error',
    parse: parseApacheError,
    // What a command started by a page writes to its error output stands there as it is, without a head.
    keepsRawOutput: true,
    about: {
      reads:
        'error.log of Apache 2.2 and 2.4, also of virtual hosts; lines without a head, which are error output of programs that pages started.',
      exported: 'Copy `/var/log/apache2/*error*.log*` or `/var/log/httpd/*error_log*`.',
      ...COMMON,
      clock: 'Host never, zone never: give both. Year always.',
      builtFrom: 'recorded',
      checkedOn:
        'the log of an Apache 2.4 of Debian with refused requests and log-ins, PHP through FastCGI, CGI and a proxy; 2.2 on lines made after its documentation.',
    },
  }),
  errorReader({
    format: 'nginx-error',
    title: 'nginx error log',
    product: 'nginx-error',
    parse: parseNginxError,
    about: {
      reads: 'error.log of nginx.',
      exported: 'Copy `/var/log/nginx/error.log*`.',
      ...COMMON,
      clock: 'Host never, zone never: give both. Year always.',
      builtFrom: 'recorded',
      checkedOn: 'the log of an nginx 1.22 of Debian that was asked for pages it does not have.',
    },
  }),
  errorReader({
    format: 'php-error',
    title: 'PHP error log and log of php-fpm',
    product: 'php-error',
    parse: (line, zone) => parsePhpError(line, zone, zoneOf),
    about: {
      reads: 'The error log of PHP (`error_log`) and of php-fpm.',
      exported:
        'Copy `/var/log/php*-fpm.log*`, the file that `php -i` names as `error_log`, and `error_log` files in the web root.',
      ...COMMON,
      clock: 'Host never: give it. Zone in the lines of PHP, not in those of php-fpm. Year always.',
      builtFrom: 'recorded',
      checkedOn: 'the logs of PHP 8.2 and its php-fpm of Debian: warnings, an exception, a script that took too long.',
    },
  }),
]

interface ErrorFormat {
  readonly format: string
  readonly title: string
  readonly product: string
  readonly about: FormatAbout
  readonly keepsRawOutput?: true
  parse(line: string, zone: Zone): ErrorLine | undefined
}

const UTC = zoneOf(undefined)

function errorReader({ format, title, product, about, keepsRawOutput, parse }: ErrorFormat): Reader {
  return lineReader({
    format,
    title,
    version: 2,
    product,
    about,
    recognise: sample => scoreOfDatedLines(sample, line => parse(line, UTC) !== undefined, 94),
    // Traces of PHP and lines of a dump go on without a head.
    continues: text => /^(?:\s|#\d+ |Stack trace:|PHP\s{2,}\d+\. |\s*thrown in )/.test(text),
    open:
      ({ zone }) =>
      text => {
        const line = parse(text, zone)
        if (line) return recordOf(line)
        return keepsRawOutput ? { fields: { kind: 'other_activity', message: text.slice(0, 4096) }, time: undefined } : undefined
      },
  })
}

function recordOf({ time, level, client, message }: ErrorLine): LineRecord {
  return {
    time,
    code: level.toLowerCase(),
    fields: refusedLogIn(message, client) ?? { kind: 'other_activity', message: message.slice(0, 4096), srcIp: client },
  }
}

/** Apache's mod_auth_basic and mod_auth_digest: wrong password (AH01617, AH01790 …), unknown account (AH01618, AH01788). */
const REFUSED =
  /^(?:AH\d{5}: )?user [`'"]?([^\s`'":]{1,128})[`'"]?(?:: authentication failure for "| not found: |: password mismatch)/i

function refusedLogIn(message: string, srcIp: string): EventFields | undefined {
  const user = REFUSED.exec(message)?.[1]
  if (user === undefined) return undefined
  return {
    kind: 'authentication',
    action: 'logon',
    outcome: 'failure',
    user,
    srcIp,
    protocol: 'web',
    reason: message.slice(0, 200),
  }
}
