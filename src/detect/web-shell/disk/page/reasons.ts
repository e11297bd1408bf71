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
    ...bareShell(sinks),
    ...shellWithArguments(sinks),
    ...dropsAndRuns(sinks),
    ...runsRequestReader(sinks),
    ...ordersToItself(sinks),
    ...codeOfAnotherServer(sinks),
    ...carriesProgram(sinks),
  ]
  if (!page.partOfApplication)
    reasons.push(
      ...namedFile(sinks),
      ...tunnels(sinks),
      ...relays(sinks, page),
      ...connectedProgram(sinks),
      ...keepsUploads(sinks, page),
      ...keepsUploadsOnly(sinks, page),
      ...handlesFiles(sinks),
      ...makesFile(sinks, page),
      ...readsAnywhere(sinks),
      ...listsAnywhere(sinks),
      ...copiesAnywhere(sinks),
      ...connectsAnywhere(sinks),
      ...portsByDatabase(sinks),
      ...dumpsTables(sinks),
      ...dumpsAllTables(sinks),
      ...makesObjects(sinks, page),
      ...writesEverywhere(sinks),
      ...worksOnRegistry(sinks),
      ...setsTimes(sinks),
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
/** A page that takes orders, written out in another. */
const TAKES_ORDERS =
  /<%[\s\S]*\brequest\b[\s\S]*(?:\.write\(|exec\w*\b|eval\b|defineClass|Process\b)|<%[\s\S]*(?:exec\w*|eval|write)\s*\([^%]*\brequest\b|<\?php[\s\S]*\$_(?:POST|GET|REQUEST)/i
const SERVER_CODE = /<%|<\?php|<jsp:|runat\s*=\s*["']?server/i

/** A page that puts another page on the server, with the code written out. */
function writesCode(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    if (sink.kind !== 'file-write') return []
    const [where, what] = sink.values
    const text = what && (typeof what.constant === 'string' ? what.constant : `${what.prefix ?? ''}${what.suffix ?? ''}`)
    if (!where || !text || !SERVER_CODE.test(text)) return []
    const name = typeof where.constant === 'string' ? where.constant : (where.suffix ?? '')
    if (!SCRIPT_NAME.test(name) && !isChosen(where) && !TAKES_ORDERS.test(text)) return []
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
            62,
            'web-shell',
            'connect',
            sink.values,
          ),
        ]
      : [],
  )
}

const FETCHES = /xmlhttp|openconnection|openstream|webrequest|^download\w*\(\)$/i
/** What may stand before a whole address. */
const BEFORE_ADDRESS = /^\??(?:https?:\/\/)?\??$/i

/**
 * The visitor names any address and the server fetches it. Pages do so for scripts of the browser; one with a field for the address is there for
 * people, and shows them the network the server stands in.
 */
function relays(sinks: readonly Sink[], { hasField }: PageContext): Weighed[] {
  const sink = sinks.find(
    ({ kind, label, values: [address] }) =>
      kind === 'connect' &&
      FETCHES.test(label) &&
      address !== undefined &&
      isChosen(address) &&
      BEFORE_ADDRESS.test(address.prefix ?? ''),
  )
  return sink
    ? [
        reason(
          sink,
          `${labelOf(sink.values[0])} names any address ${sink.label} fetches for the visitor`,
          hasField ? 52 : 30,
          'web-shell',
          'connect',
          sink.values,
        ),
      ]
    : []
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
  // Server, account or password of the connection; the rest of its text says the kind of database.
  const connection = sinks.find(
    ({ kind, label, values }) => kind === 'connect' && /connection|adodb/i.test(label) && values.some(isChosen),
  )
  if (!query && connection) {
    // The table is named, and the machine it lies on: copies any database the server reaches.
    const part = sinks.find(({ kind, values }) => kind === 'database' && values.some(isChosen))
    const login =
      connection.values.filter(isChosen).length > 0 && /\b(?:server|data source|host|jdbc)\b/i.test(prefixOf(connection))
    return part && login
      ? [
          reason(
            part,
            `the request names the database server (line ${connection.line}) and what is read from it`,
            60,
            'web-shell',
            'database',
            part.values,
          ),
        ]
      : []
  }
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

const BARE_SHELL =
  /^\s*"?(?:[\w:]*[\\/](?:[\w .-]+[\\/])*)?(?:cmd(?:\.exe)?|command\.com|powershell(?:\.exe)?|(?:ba|da|z|k|c)?sh)"?\s*(?:-i)?\s*$/i

/** A shell without a command waits for what it is told: nobody but a visitor tells it anything. */
function bareShell(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    const [program, ...rest] = sink.values
    return sink.kind === 'command' &&
      /^Runtime\.exec|^ProcessBuilder$|^(?:exec|run) of|^Process\.Start\(\)$/.test(sink.label) &&
      typeof program?.constant === 'string' &&
      BARE_SHELL.test(program.constant) &&
      rest.every(({ constant }) => constant === undefined || typeof constant === 'number' || constant === '-i')
      ? [
          reason(
            sink,
            `${sink.label} starts ${program.constant.trim()}, which waits for commands`,
            62,
            'web-shell',
            'command',
            [],
          ),
        ]
      : []
  })
}

/** A shell is started by the page's own words, and told what to do by whatever became of the visitor's. */
function shellWithArguments(sinks: readonly Sink[]): Weighed[] {
  const named = (word: string) => sinks.filter(({ kind, label }) => kind === 'command' && label === `ProcessStartInfo.${word}`)
  const shell = named('FileName').find(
    ({ values: [file] }) => typeof file?.constant === 'string' && BARE_SHELL.test(file.constant),
  )
  const told = named('Arguments').find(({ values }) => values.some(isChosen))
  return shell && told
    ? [
        reason(
          told,
          `${String(shell.values[0]?.constant).trim()} is started, and told what comes of ${labelOf(told.values.find(isChosen))}`,
          62,
          'web-shell',
          'command',
          told.values,
        ),
      ]
    : []
}

/** What the page writes is started by it. */
function dropsAndRuns(sinks: readonly Sink[]): Weighed[] {
  const written = sinks.flatMap(({ kind, values: [where] }) =>
    kind === 'file-write' && typeof where?.constant === 'string' && where.constant.length >= 6
      ? [where.constant.toLowerCase()]
      : [],
  )
  return sinks.flatMap(sink => {
    if (sink.kind !== 'command') return []
    const text = sink.values
      .map(({ constant }) => (typeof constant === 'string' ? constant : ''))
      .join(' ')
      .toLowerCase()
    const path = written.find(name => text.includes(name))
    return path === undefined
      ? []
      : [
          reason(
            sink,
            `${path.slice(0, 60)} is written by the page and then started, ${sink.label}`,
            65,
            'dropper',
            'command',
            [],
          ),
        ]
  })
}

/** A program for Windows or Linux begins like this; a page that carries one in its text was made to put it there. */
const PROGRAM = /^(?:MZ[\s\S]{60}|\x7fELF)/

function carriesProgram(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    const what = sink.kind === 'file-write' ? sink.values[1] : undefined
    const text = typeof what?.constant === 'string' ? what.constant : (what?.prefix ?? '')
    return PROGRAM.test(text)
      ? [
          reason(
            sink,
            `a program the page carries (${text.length} bytes) is written to a file, ${sink.label}`,
            65,
            'dropper',
            'file-write',
            [],
          ),
        ]
      : []
  })
}

/** Text that is run as code and hands the request on in its turn. */
function runsRequestReader(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    const text = sink.kind === 'code' ? sink.values.find(({ constant }) => typeof constant === 'string')?.constant : undefined
    return typeof text === 'string' && /\b(?:eval|execute(?:global)?)\b[\s(]{1,5}request\b/i.test(text)
      ? [reason(sink, `${sink.label} runs "${text.trim().slice(0, 60)}"`, 90, 'web-shell', 'code', [])]
      : []
  })
}

/** Services of the machine itself (the administration of an FTP server, an agent) believe what comes from it. */
function ordersToItself(sinks: readonly Sink[]): Weighed[] {
  const sink = sinks.find(({ label, values }) => label === 'orders to a service of the server itself' && values.some(isChosen))
  return sink
    ? [reason(sink, `the request says what a service of the server itself is told`, 62, 'web-shell', 'connect', sink.values)]
    : []
}

const LISTS = /listfiles|getfiles|getdirectories|getfolder|directoryinfo/i
const READS =
  /fileinputstream|filereader|readall|opentext|transmitfile|loadfromfile|files\.copy|readline|read of|streamreader|writefile/i

/** Any folder is listed and any file read: the whole of the server is laid open. */
function readsAnywhere(sinks: readonly Sink[]): Weighed[] {
  const chosen = (label: RegExp) =>
    sinks.find(
      sink =>
        sink.kind === 'file-manage' &&
        label.test(sink.label) &&
        sink.values.some(value => isChosen(value) && (value.prefix ?? '') === '' && (value.suffix ?? '') === ''),
    )
  const lists = chosen(LISTS)
  const reads = chosen(READS)
  return lists && reads
    ? [
        reason(
          reads,
          `the request names any folder for ${lists.label} and any file for ${reads.label}`,
          60,
          'web-shell',
          'file-manager',
          reads.values,
        ),
      ]
    : []
}

/** Any folder is listed for the visitor: a page of a site knows its folders, and names at most one within them. */
function listsAnywhere(sinks: readonly Sink[]): Weighed[] {
  const sink = sinks.find(
    ({ kind, label, values: [where] }) =>
      kind === 'file-manage' &&
      LISTS.test(label) &&
      where !== undefined &&
      isChosen(where) &&
      (where.prefix ?? '') === '' &&
      (where.suffix ?? '') === '',
  )
  return sink
    ? [
        reason(
          sink,
          `${labelOf(sink.values[0])} names any folder for ${sink.label}`,
          35,
          'web-shell',
          'file-manager',
          sink.values,
        ),
      ]
    : []
}

/** Any file is copied to any place. */
function copiesAnywhere(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    const [from, to] = sink.values
    return sink.kind === 'file-manage' &&
      /copy|move|renameto/i.test(sink.label) &&
      from &&
      to &&
      [from, to].every(value => isChosen(value) && (value.prefix ?? '') === '' && (value.suffix ?? '') === '')
      ? [reason(sink, `the request names both ends of ${sink.label}`, 52, 'uploader', 'file-manager', sink.values)]
      : []
  })
}

/** Server, account and password are three. */
const PARTS_OF_LOGIN = 3

/** The visitor gives the whole text of a connection, or all that matters of it: a page of a site has its own database. */
function connectsAnywhere(sinks: readonly Sink[]): Weighed[] {
  const sink = sinks.find(({ kind, label, values: [text] }) => {
    if (kind !== 'connect' || !/connection$|^open of adodb\.connection/i.test(label) || text === undefined || !isChosen(text))
      return false
    const whole = (text.prefix ?? '') === '' && (text.suffix ?? '') === ''
    return whole || originsOf(text).filter(origin => origin.kind === 'request').length >= PARTS_OF_LOGIN
  })
  return sink
    ? [
        reason(
          sink,
          `${labelOf(sink.values[0])} names the database, ${sink.label}`,
          52,
          'web-shell',
          'database',
          sink.values.slice(0, 1),
        ),
      ]
    : []
}

/** Address and port of a database come from the visitor, and nothing is asked of it: whether it answers is the answer. */
function portsByDatabase(sinks: readonly Sink[]): Weighed[] {
  if (sinks.some(({ kind }) => kind === 'database')) return []
  const sink = sinks.find(
    ({ kind, label, values: [text] }) =>
      kind === 'connect' &&
      /connection/i.test(label) &&
      text !== undefined &&
      isChosen(text) &&
      /\b(?:data source|server|host)\s*=\s*\??$/i.test(text.prefix ?? '') &&
      new Set(originsOf(text).map(({ label: from }) => from)).size > 1,
  )
  return sink
    ? [
        reason(
          sink,
          `the request names machine and port of a database, ${sink.label}, and nothing is asked of it`,
          52,
          'web-shell',
          'connect',
          sink.values,
        ),
      ]
    : []
}

/** Rows of a table the visitor names go into a file the visitor names. */
function dumpsTables(sinks: readonly Sink[]): Weighed[] {
  const query = sinks.find(({ kind, values }) => kind === 'database' && values.some(isChosen))
  const file = sinks.find(
    ({ kind, values: [where, what] }) => kind === 'file-write' && where && what && isChosen(where) && comesFrom(what, 'stored'),
  )
  return query && file
    ? [
        reason(
          file,
          `the request names the table (line ${query.line}) and the file its rows are written to`,
          60,
          'web-shell',
          'database',
          file.values.slice(0, 1),
        ),
      ]
    : []
}

/** The database names its own tables, and the rows of each go into a file: all of it is copied. */
function dumpsAllTables(sinks: readonly Sink[]): Weighed[] {
  const whole = sinks.find(({ kind, values }) => kind === 'database' && values.some(value => comesFrom(value, 'stored')))
  const file = sinks.find(
    ({ kind, values: [where, what] }) =>
      kind === 'file-write' && where && what && comesFrom(where, 'stored') && comesFrom(what, 'stored'),
  )
  return whole && file
    ? [
        reason(
          file,
          `every table the database names (line ${whole.line}) is written to a file of its own`,
          62,
          'web-shell',
          'database',
          file.values.slice(0, 1),
        ),
      ]
    : []
}

/** Objects made of what the visitor sent bring their own code along, and the page does nothing else. */
function makesObjects(sinks: readonly Sink[], { size }: PageContext): Weighed[] {
  if (size > SMALL) return []
  return sinks.flatMap(sink =>
    sink.kind === 'deserialise' && sink.values.some(isChosen)
      ? [
          reason(
            sink,
            `${labelOf(sink.values.find(isChosen))} becomes objects, ${sink.label}`,
            62,
            'web-shell',
            'deserialise',
            sink.values,
          ),
        ]
      : [],
  )
}

/** Folders under the one that is named are walked through, and a file is made in each: a search for places to write to. */
function writesEverywhere(sinks: readonly Sink[]): Weighed[] {
  const walk = sinks.find(({ kind, label, values }) => kind === 'file-manage' && LISTS.test(label) && values.some(isChosen))
  const made = sinks.find(
    ({ kind, label, values }) =>
      kind === 'file-manage' && /\.create\(\)$/i.test(label) && values.some(value => comesFrom(value, 'request')),
  )
  return walk && made
    ? [
        reason(
          made,
          `a file is made in every folder under the one the request names, ${made.label}`,
          62,
          'web-shell',
          'file-manager',
          made.values,
        ),
      ]
    : []
}

/** The visitor names the key of the registry and what is written to it. */
function worksOnRegistry(sinks: readonly Sink[]): Weighed[] {
  const sink = sinks.find(
    ({ label, values }) => /^reg(?:write|delete) of the registry$/.test(label) && values[0] && isChosen(values[0]),
  )
  return sink
    ? [
        reason(
          sink,
          `${labelOf(sink.values[0])} names what is changed in the registry`,
          62,
          'web-shell',
          'file-manager',
          sink.values,
        ),
      ]
    : []
}

/** Programs bring their own classes; a page that fetches them from another server while it runs does not say what it does. */
function codeOfAnotherServer(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink => {
    const address =
      sink.kind === 'class-loading'
        ? sink.values.find(({ constant }) => typeof constant === 'string' && /^(?:https?|ftp):\/\/|^\\\\\w/i.test(constant))
        : undefined
    return address
      ? [
          reason(
            sink,
            `${sink.label} loads code from ${String(address.constant).slice(0, 60)}`,
            65,
            'dropper',
            'class-loading',
            [],
          ),
        ]
      : []
  })
}

/** Programs set the time of what they unpack or copy; who names the file and the time hides a change. */
function setsTimes(sinks: readonly Sink[]): Weighed[] {
  return sinks.flatMap(sink =>
    /setlastmodified|setlastwritetime|setcreationtime|modifydate|datelastmodified|^attributes of a file/i.test(sink.label) &&
    sink.values[0] &&
    isChosen(sink.values[0])
      ? [
          reason(
            sink,
            `${labelOf(sink.values[0])} names the file whose time ${sink.label} changes`,
            62,
            'web-shell',
            'times',
            sink.values.slice(0, 1),
          ),
        ]
      : [],
  )
}

const prefixOf = ({ values }: Sink) => values.map(({ prefix }) => prefix ?? '').join(' ')

/** A page of a few lines that keeps uploads under any name. */
const TINY = 800
/** One that has a form and messages for its visitor, too. */
const SMALL = 5_000

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

/** The content of an upload is written to a file the visitor names, and nothing else is done with files. */
function keepsUploadsOnly(sinks: readonly Sink[], { size }: PageContext): Weighed[] {
  if (size > SMALL) return []
  return sinks.flatMap(sink => {
    const [where, what] = sink.values
    return sink.kind === 'file-write' && where && what && isChosen(where) && comesFrom(what, 'upload')
      ? [
          reason(
            sink,
            `${labelOf(where)} names the file an upload is written to, and the page does nothing else`,
            62,
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
  // Making a file and writing to it are one thing.
  const labels = [...new Set(done.map(({ label }) => (label.startsWith('createtextfile') ? 'write of a text file' : label)))]
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

/** A file under exactly the name the visitor gives, on a page that is there for nothing else. */
function makesFile(sinks: readonly Sink[], { size }: PageContext): Weighed[] {
  if (size > SMALL) return []
  return sinks.flatMap(sink => {
    const [where] = sink.values
    return sink.kind === 'file-manage' &&
      /^createtextfile|^file\.create/i.test(sink.label) &&
      where &&
      isChosen(where) &&
      (where.prefix ?? '') === '' &&
      (where.suffix ?? '') === ''
      ? [reason(sink, `${labelOf(where)} names the file ${sink.label} makes`, 35, 'uploader', 'file-write', [where])]
      : []
  })
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
