import type { Sink } from '../dialect.ts'
import type { Observed } from '../flow.ts'
import type { PageContext, Weighed } from '../score.ts'
import type { Value } from '../value.ts'
import { originsOf } from '../values.ts'

/**
 * What several sinks of one page say together, where PHP's weights say too little: server pages of Java and .NET are made of few large files and
 * pages of an application take in others; a page that stands alone and does one of these things is no part of a product.
 * Weights were set on the tuning split (ysrc, tanjiti, BlackArch against every second benign source): each alone reached no page there that was
 * not a shell.
 */
export function pageReasons({ sinks, stopped }: Observed, page: PageContext): Weighed[] {
  const reasons = [
    ...launched(sinks),
    ...(stopped ? longUnpacking(sinks) : []),
    ...writesCode(sinks),
    ...commandsOfItsOwn(sinks),
    ...databaseConsole(sinks),
  ]
  if (!page.partOfApplication)
    reasons.push(
      ...namedFile(sinks),
      ...tunnels(sinks),
      ...connectedProgram(sinks),
      ...keepsUploads(sinks, page),
      ...handlesFiles(sinks),
    )
  return reasons
}

/** What stands before a command of the request starts a shell for it, and nothing else. */
const SHELL_BEFORE =
  /(?:^|[\s"'?\\/])(?:cmd(?:\.exe)?["']?\s*\/[ck]|(?:ba)?sh["']?\s+-c|powershell(?:\.exe)?\s.*-c(?:ommand)?)\s*["'?]*\s*$/i

function launched(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    if (sink.kind !== 'command') return []
    return sink.values
      .filter(
        value =>
          comesFrom(value, 'request') &&
          (value.cleaned === undefined || value.cleaned === 'unseen') &&
          (SHELL_BEFORE.test(value.prefix ?? '') || value.prefix === '?'),
      )
      .slice(0, 1)
      .map(value =>
        reason(
          sink,
          `${labelOf(value)} is run by a shell, ${sink.label}`,
          value.cleaned === undefined ? 90 : 62,
          'web-shell',
          'command',
          [value],
        ),
      )
  })
}

/** Text that takes the work of a second to put together is no name or template: it was packed. */
function longUnpacking(sinks: readonly Sink[]): Weighed[] {
  const sink = sinks.find(
    ({ kind, values }) => kind === 'code' && values.some(value => value.constant === undefined && originsOf(value).length === 0),
  )
  return sink
    ? [reason(sink, `${sink.label} runs text that the page puts together in long loops`, 55, 'web-shell', 'code', [])]
    : []
}

const SCRIPT_NAME = /\.(?:jspx?|aspx?|ashx|asmx|asa|cer|cdx|php\d?|phtml|war|soap|cshtml)['"]?\s*$/i
const SERVER_CODE = /<%|<\?php|<jsp:|runat\s*=\s*["']?server/i

/** A page that puts another page on the server, with the code written out. */
function writesCode(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    if (sink.kind !== 'file-write') return []
    const [where, what] = sink.values
    const text = what && (typeof what.constant === 'string' ? what.constant : `${what.prefix ?? ''}${what.suffix ?? ''}`)
    if (!where || !text || !SERVER_CODE.test(text)) return []
    const name = typeof where.constant === 'string' ? where.constant : (where.suffix ?? '')
    if (!SCRIPT_NAME.test(name) && !isChosen(where)) return []
    return [reason(sink, `${sink.label} puts a page with code of its own on the server`, 75, 'dropper', 'file-write', [where])]
  })
}

function namedFile(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    const [where, what] = sink.values
    if (sink.kind !== 'file-write' || !where || !what || !isChosen(where) || !comesFrom(what, 'request', 'remote')) return []
    if (what.cleaned === 'unseen' && where.prefix === undefined) return []
    // A file name with an ending of the page's own cannot become a script.
    if (/\.\w{2,5}$/.test(where.suffix ?? '') && !SCRIPT_NAME.test(where.suffix ?? '')) return []
    return [
      reason(sink, `${labelOf(where)} names the file that ${labelOf(what)} is written to`, 65, 'uploader', 'file-write', [what]),
    ]
  })
}

const SOCKET = /socket|tcpclient|^connect\(\)|openconnection|urlconnection/i

/** The visitor names the machine that is connected to. */
function tunnels(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink =>
    sink.kind === 'connect' && /socket|tcpclient|^connect\(\)/i.test(sink.label) && sink.values.some(isChosen)
      ? [
          reason(
            sink,
            `${labelOf(sink.values.find(isChosen))} names the machine ${sink.label} connects with`,
            55,
            'web-shell',
            'connect',
            sink.values,
          ),
        ]
      : [],
  )
}

/** A program is started, and the page holds a connection with another machine. */
function connectedProgram(sinks: readonly Sink[]): Weighed[] {
  const command = sinks.find(({ kind }) => kind === 'command')
  const socket = sinks.find(({ kind, label }) => kind === 'connect' && SOCKET.test(label) && !/openconnection/i.test(label))
  return command && socket
    ? [
        reason(
          command,
          `${command.label} starts a program, and ${socket.label} connects with another machine`,
          65,
          'web-shell',
          'command',
          socket.values,
        ),
      ]
    : []
}

/** Commands with one purpose. */
const INTRUDERS_COMMAND =
  /\/dev\/tcp\/|\bnc(?:\.exe)?\s.*-e\b|\bnet\s+(?:user|localgroup)\b.*\/add|powershell.*\s-e(?:nc\w*)?\s|certutil.*-urlcache|\bmkfifo\b|\bwhoami\b|\breg\s+save\b/i

function commandsOfItsOwn(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    if (sink.kind !== 'command') return []
    const text = sink.values.map(value => (typeof value.constant === 'string' ? value.constant : (value.prefix ?? ''))).join(' ')
    return INTRUDERS_COMMAND.test(text)
      ? [reason(sink, `${sink.label} runs "${text.slice(0, 60).trim()}"`, 65, 'web-shell', 'command', [])]
      : []
  })
}

/** The visitor names the database and the query. */
function databaseConsole(sinks: readonly Sink[]): Weighed[] {
  const whole = (kind: Sink['kind'], label: RegExp) =>
    sinks.find(
      sink =>
        sink.kind === kind && label.test(sink.label) && sink.values.some(value => isChosen(value) && (value.prefix ?? '') === ''),
    )
  const query = whole('database', /./)
  const connection = whole('connect', /connection|adodb/i)
  return query && connection
    ? [
        reason(
          query,
          `the request names the database (line ${connection.line}) and the query`,
          62,
          'web-shell',
          'database',
          query.values,
        ),
      ]
    : []
}

/** A page of a few lines that keeps uploads under any name. */
const TINY = 800

function keepsUploads(sinks: readonly Sink[], { size }: PageContext): Weighed[] {
  if (size > TINY) return []
  return sinks.flatMap(sink => {
    const [where] = sink.values
    return sink.kind === 'upload-move' && where && isChosen(where)
      ? [
          reason(
            sink,
            `${labelOf(where)} names where an upload is kept, and the page does nothing else`,
            64,
            'uploader',
            'upload-move',
            [where],
          ),
        ]
      : []
  })
}

/** From so many different things done to files the request leads to on, the page is a file manager. */
const MANAGER_FROM = 3

function handlesFiles(sinks: readonly Sink[]): Weighed[] {
  const done = sinks.filter(
    ({ kind, values }) =>
      /^(?:file-manage|file-write|upload-move)$/.test(kind) && values.some(value => comesFrom(value, 'request', 'upload')),
  )
  const labels = [...new Set(done.map(({ label }) => label))]
  const [first] = done
  return first && labels.length >= MANAGER_FROM
    ? [
        reason(
          first,
          `the request leads to the files of ${labels.slice(0, 6).join(', ')}`,
          62,
          'web-shell',
          'file-manager',
          first.values,
        ),
      ]
    : []
}

function isChosen(value: Value): boolean {
  return (value.cleaned === undefined || value.cleaned === 'unseen') && originsOf(value).some(({ kind }) => kind === 'request')
}

function comesFrom(value: Value, ...kinds: readonly string[]): boolean {
  return originsOf(value).some(({ kind }) => kinds.includes(kind))
}

function labelOf(value: Value | undefined): string {
  return (value && originsOf(value)[0]?.label) ?? 'the request'
}

function reason(
  sink: Sink,
  what: string,
  weight: number,
  speaks: Weighed['speaks'],
  group: string,
  values: readonly Value[],
): Weighed {
  const origin = values.map(value => originsOf(value)[0]).find(found => found !== undefined)
  return {
    what,
    line: sink.line,
    weight,
    speaks,
    group,
    ...(origin
      ? { flow: [{ line: origin.line, what: origin.label }, ...origin.steps, { line: sink.line, what: sink.label }] }
      : {}),
  }
}
