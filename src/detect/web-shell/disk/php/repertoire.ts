import type { Sink } from '../dialect.ts'
import type { PageContext, Weighed } from '../score.ts'
import type { Value } from '../value.ts'
import { originsOf } from '../values.ts'
import type { DecodedLayer } from '../verdict.ts'
import { BUILT_IN } from './built-in.ts'
import type { Glance } from './glance.ts'

/**
 * What a page can do, whether or not a request was seen to reach it: tools of a stranger keep several ways to each thing, and know what else there
 * is to do on a server. Weights were set on the tuning part, where no ordinary page of 11,334 has more than four of the subjects or three of the ways.
 */
export function repertoireOf(glance: Glance, text: string, sinks: readonly Sink[], page: PageContext): Weighed[] {
  return [
    subjects(glance, page, canAct(glance, sinks)),
    ways(glance, page),
    chatBot(glance),
    carriesProgram(glance, text, sinks),
    changesServer(sinks),
    ...sinks.flatMap(sink => [queryWithFiles(sink, page), keepsVisitors(sink), growsItself(sink), writesRunner(sink, page)]),
    tunnel(text, sinks, page),
    databaseTool(text, sinks, page),
  ].flatMap(reason => (reason ? [reason] : []))
}

/** A file named like a page, without a tag that makes it run: what a shell showed, saved, or its code with the tags taken out. */
export function faceOf(glance: Glance): Weighed[] {
  const reason = subjects(glance, { size: 0, partOfApplication: false, hidden: 0 }, true)
  return reason ? [reason] : []
}

type Speaks = Weighed['speaks']

function because(what: string, line: number, weight: number, group: string, does: string, speaks: Speaks = 'web-shell'): Weighed {
  return { what, line, weight, speaks, group, does, techniques: speaks === 'dropper' ? ['T1105'] : ['T1059'] }
}

const SUBJECT_WEIGHTS: readonly (readonly [from: number, weight: number])[] = [
  [6, 62],
  [5, 48],
  [4, 24],
  [3, 12],
]
/** In a larger program subjects gather from all its parts. */
const SUBJECTS_IN_APPLICATION = 9

/** Text about the trade is not the trade: a page that knows it does something with what it is told. */
function canAct({ ways: known, asked }: Glance, sinks: readonly Sink[]): boolean {
  return (
    known.length > 0 ||
    (asked && sinks.some(({ kind }) => kind === 'command' || kind === 'code' || kind === 'file-write' || kind === 'file-manage'))
  )
}

function subjects({ subjects: known }: Glance, page: PageContext, acts: boolean): Weighed | undefined {
  const weight = acts ? SUBJECT_WEIGHTS.find(([from]) => known.length >= from)?.[1] : undefined
  if (weight === undefined) return undefined
  const apart = page.partOfApplication && known.length < SUBJECTS_IN_APPLICATION ? 0.6 : 1
  const reason = because(
    `knows the trade: ${known.slice(0, 7).join(', ')}`,
    1,
    Math.round(weight * apart),
    'trade',
    'has the tools of a stranger on a server',
  )
  return weight < 45 ? { ...reason, speaks: 'context' } : reason
}

function ways({ ways: known }: Glance, page: PageContext): Weighed | undefined {
  if (known.length < 3) return undefined
  return because(
    `runs commands by ${known.join('(), ')}(), whichever the host allows`,
    1,
    known.length > 3 ? (page.partOfApplication ? 48 : 62) : page.partOfApplication ? 12 : 30,
    'ways',
    'runs commands by whatever the host allows',
  )
}

function chatBot({ chats, connects, ways: known }: Glance): Weighed | undefined {
  return chats && connects && known.length > 0
    ? because('talks to a chat server and runs commands', 1, 65, 'chat', 'takes commands from a chat')
    : undefined
}

/** The first bytes of programs for Linux and Windows, as letters, numbers or base64. */
const PROGRAM = /\\x7f\\x45\\x4c\\x46|\\x7fELF|["'\s]f0VMRg|["'\s]TVqQAAMAAAA/i

function carriesProgram({ carries }: Glance, text: string, sinks: readonly Sink[]): Weighed | undefined {
  if (!carries || !PROGRAM.test(text)) return undefined
  const written = sinks.find(({ kind, label }) => kind === 'file-write' && !label.startsWith('copy'))
  return written
    ? because(
        'carries a program for the machine and writes files',
        written.line,
        65,
        'program',
        'writes a program it carries',
        'dropper',
      )
    : undefined
}

/** Directives that make a web server run what is no page (httpd.apache.org/docs/2.4/mod/mod_mime.html), and scripts that run a query. */
const HANDLERS = /^\s*(?:AddHandler|SetHandler|AddType)\s+\S*(?:cgi-script|php|perl|python)/im
const RUNS_QUERY = /^#!\s*\/\S*(?:sh|perl|python)\b[\s\S]*QUERY_STRING/

function changesServer(sinks: readonly Sink[]): Weighed | undefined {
  const known = (value: Value | undefined) => (typeof value?.constant === 'string' ? value.constant : (value?.prefix ?? ''))
  const sink = sinks.find(
    ({ kind, values: [, what] }) => kind === 'file-write' && (HANDLERS.test(known(what)) || RUNS_QUERY.test(known(what))),
  )
  return sink
    ? because(
        `${sink.label} writes what makes the server run other files: ${known(sink.values[1]).trim().split('\n')[0]?.slice(0, 60) ?? ''}`,
        sink.line,
        65,
        'handler',
        'makes the server run other files than pages',
        'dropper',
      )
    : undefined
}

const FILES_BY_QUERY =
  /\binto\s+(?:dump|out)file\b|\bload_file\s*\(|\bxp_cmdshell\b|\bsp_oacreate\b|\bcreate\s+(?:aggregate\s+)?function\s+\w+\s+returns\s+\w+\s+soname\b/i
const CODE_IN_QUERY = /\b(?:eval|assert|system|passthru)\s*\(\s*(?:base64_decode|gzinflate|\\?\$_)/i

/** A query that writes or reads files of the database's machine, or puts code into what a program keeps there. */
function queryWithFiles({ kind, values: [query], line, label }: Sink, page: PageContext): Weighed | undefined {
  if (kind !== 'database' || !query) return undefined
  const text = typeof query.constant === 'string' ? query.constant : `${query.prefix ?? ''} ${query.suffix ?? ''}`
  const found = FILES_BY_QUERY.exec(text) ?? CODE_IN_QUERY.exec(text)
  return found
    ? because(
        `${label} is given "${found[0].slice(0, 40)}"`,
        line,
        page.partOfApplication ? 35 : 65,
        'query-files',
        'has the database write files or keep code',
      )
    : undefined
}

/** Everything visitors sent, kept under the name of a picture: nobody looks there, and it can be fetched. */
function keepsVisitors({ kind, values: [where, what], line }: Sink): Weighed | undefined {
  if (kind !== 'file-write' || typeof where?.constant !== 'string' || !what) return undefined
  const whole = originsOf(what).find(origin => origin.kind === 'request' && /^\$_(?:POST|REQUEST)$/.test(origin.label))
  return whole && /\.(?:jpe?g|png|gif|ico|bmp)$/i.test(where.constant)
    ? because(
        `${whole.label} is written to ${where.constant.slice(-60)}`,
        line,
        62,
        'visitors',
        'keeps what visitors send under the name of a picture',
      )
    : undefined
}

const CONNECTS_AS_TOLD =
  /\b(?:mysql_p?connect|mysqli_connect|mssql_p?connect|pg_p?connect|oci_?p?logon|oci_connect|odbc_connect|new\s+(?:mysqli|PDO))\s*\([^;]{0,120}\$_(?:POST|GET|REQUEST|COOKIE)\b/i
/** The host alone may be a choice of several; with the account it is anybody's. */
const TOLD_FROM = 2

const isTold = (value: Value) =>
  (value.cleaned === undefined || value.cleaned === 'checked') &&
  (value.type === 'unassigned' || originsOf(value).some(origin => origin.kind === 'request'))

/** The visitor says which database server, as whom, and the whole query: a client for any database within reach. */
function databaseTool(text: string, sinks: readonly Sink[], page: PageContext): Weighed | undefined {
  if (page.partOfApplication) return undefined
  const told = sinks.some(
    ({ kind, label, values }) => kind === 'connect' && !/sock/.test(label) && values.filter(isTold).length >= TOLD_FROM,
  )
  if (!told && !CONNECTS_AS_TOLD.test(text)) return undefined
  const query = sinks.find(
    ({ kind, values: [value] }) => kind === 'database' && value !== undefined && value.prefix === undefined && isTold(value),
  )
  return query
    ? because(
        `the request says which database is opened and what ${query.label} asks it`,
        query.line,
        62,
        'database-tool',
        'queries any database for whoever asks',
      )
    : undefined
}

/** What is sent on comes from the body or from parameters. */
const SENDS_ON = /(?:socket_write|fwrite|fputs)\s*\(/i
const READS_BODY = /php:\/\/input|HTTP_RAW_POST_DATA|\$_(?:POST|REQUEST)\b/
const ANSWERS = /\b(?:socket_read|fread|fgets|stream_get_contents)\s*\(/i

/** The visitor says which machine and port, what is sent there, and is shown the answer: the server is a way through. */
function tunnel(text: string, sinks: readonly Sink[], page: PageContext): Weighed | undefined {
  if (page.partOfApplication || !SENDS_ON.test(text) || !READS_BODY.test(text) || !ANSWERS.test(text)) return undefined
  const open = sinks.find(
    ({ kind, label, values: [host, port] }) =>
      kind === 'connect' &&
      /sock/.test(label) &&
      host !== undefined &&
      host.prefix === undefined &&
      isTold(host) &&
      (port === undefined ||
        label.startsWith('socket') ||
        isTold(port) ||
        originsOf(port).length > 0 ||
        port.constant === undefined),
  )
  return open
    ? because(
        `the request says where ${open.label} connects to and what is sent`,
        open.line,
        62,
        'tunnel',
        'passes connections on',
      )
    : undefined
}

/** What is added to the page itself is run with it. */
function growsItself({ kind, values: [where, what], line, label }: Sink): Weighed | undefined {
  return kind === 'file-write' &&
    where?.type === 'own-file' &&
    what !== undefined &&
    originsOf(what).some(({ kind: of }) => of === 'request')
    ? because(
        `what a visitor sends is added to the page itself by ${label}`,
        line,
        62,
        'own-file',
        'keeps what visitors send in its own code',
      )
    : undefined
}

const WRITES_RUNNER = /<\?(?:php)?[\s\S]*\b(?:eval|assert|system|passthru|shell_exec|create_function|preg_replace)\s*\(/i

/** Caches and settings are written as code, too; they have no need to run text in turn. */
function writesRunner({ kind, values: [, what], line, label }: Sink, page: PageContext): Weighed | undefined {
  if (kind !== 'file-write' || what === undefined || typeof what.constant === 'string') return undefined
  return WRITES_RUNNER.test(`${what.prefix ?? ''} ${what.suffix ?? ''}`)
    ? because(
        `${label} writes code that runs text`,
        line,
        page.partOfApplication ? 20 : 62,
        'writes-runner',
        'writes code that runs text',
        'dropper',
      )
    : undefined
}

/** Names of so many functions are put together or decoded only so that nobody finds them. */
const HIDDEN_NAMES_FROM = 3

/** Benign code builds a name or two of its own functions; these are functions of the language that everybody could write as they are. */
export function hidesNames(names: readonly string[], page: PageContext): Weighed[] {
  const own = names.filter(name => BUILT_IN.has(name))
  if (own.length < HIDDEN_NAMES_FROM || page.partOfApplication) return []
  return [
    because(
      `calls ${own.slice(0, 6).join('(), ')}() under names it puts together`,
      1,
      62,
      'hidden-names',
      'hides which functions it calls',
    ),
  ]
}

/** Orders within code that was unpacked or put together from pieces. */
const HIDDEN_ORDERS =
  /(?<![>:$\w])(?:eval|assert|system|passthru|shell_exec|popen|proc_open|create_function)\s*\(|\$_(?:POST|GET|REQUEST|COOKIE)\b/i

/** A template is put together and run, too; it has no need to run text in turn, or to hide that it reads the request. */
export function hiddenOrders(decoded: readonly DecodedLayer[], page: PageContext): Weighed[] {
  const layer = decoded.find(({ text }) => HIDDEN_ORDERS.test(text))
  return layer
    ? [
        because(
          `code that was put together in line ${layer.line} runs text or reads the request: ${HIDDEN_ORDERS.exec(layer.text)?.[0] ?? ''}`,
          layer.line,
          page.partOfApplication ? 30 : 62,
          'hidden-orders',
          'hides what it runs',
        ),
      ]
    : []
}
