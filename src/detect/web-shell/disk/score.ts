import type { Sink } from './dialect.ts'
import type { Observed } from './flow.ts'
import { OWN_TEXT, OWN_UNPACKING } from './own-text.ts'
import type { Origin, Value } from './value.ts'
import { originsOf } from './values.ts'
import type { FlowStep, Reason, Verdict } from './verdict.ts'

/** A reason together with what it speaks for and the way the value went. */
export interface Weighed extends Reason {
  readonly speaks: 'web-shell' | 'uploader' | 'dropper' | 'context'
  /** Reasons of one group do not add up: ten commands are not ten times a shell. */
  readonly group: string
  readonly flow?: readonly FlowStep[]
  /** What the page does, to follow "page that". */
  readonly does?: string
  readonly techniques?: readonly string[]
}

/** What is known of a page beside its flows. */
export interface PageContext {
  /** Characters of the page. */
  readonly size: number
  /** Uses functions or classes that it neither has itself nor gets from the language, or includes fixed files: part of an application. */
  readonly partOfApplication: boolean
  /** Weight of the signs that its text is hidden. */
  readonly hidden: number
  /** Names something a visitor sends. */
  readonly asks?: boolean
  /** Shows its visitor a field for text. */
  readonly hasField?: boolean
}

/** From this score on a file is called what its strongest reason speaks for. Chosen on the tuning split: below it stand flaws of applications. */
export const HIT = 60
/**
 * The same for server pages of Java, .NET and classic ASP: on the tuning split no ordinary page of theirs stands between 46 and this, and tools
 * that were taken apart do.
 */
export const PAGE_HIT = 50
/** From this score on a person should look. */
export const SUSPICIOUS = 30
const MAX_SCORE = 100
/** Each further group of reasons counts half of the one before: agreement counts, numbers do not. */
const NEXT_GROUP = 0.5

/** The verdict of all reasons together. */
export function verdictOf(
  reasons: readonly Weighed[],
  hit: number = HIT,
): { verdict: Verdict; score: number; reasons: Weighed[] } {
  const groups = new Map<string, Weighed>()
  for (const reason of reasons) {
    const known = groups.get(reason.group)
    if (known === undefined || reason.weight > known.weight) groups.set(reason.group, reason)
  }
  const sorted = [...groups.values()].sort((a, b) => b.weight - a.weight || a.line - b.line)
  let share = 1
  let sum = 0
  for (const { weight } of sorted) {
    sum += weight * share
    share *= NEXT_GROUP
  }
  const score = Math.max(0, Math.min(MAX_SCORE, Math.round(sum)))
  const strongest = sorted.find(({ speaks }) => speaks !== 'context')
  const verdict: Verdict = score >= hit && strongest ? namedAfter(sorted) : score >= SUSPICIOUS ? 'suspicious' : 'clean'
  return { verdict, score, reasons: reasons.toSorted((a, b) => b.weight - a.weight || a.line - b.line) }
}

/** A page that runs things is a shell even when it can also write files; one that only writes is named after how. */
function namedAfter(sorted: readonly Weighed[]): Verdict {
  const best = (speaks: Weighed['speaks']) =>
    Math.max(0, ...sorted.filter(reason => reason.speaks === speaks).map(({ weight }) => weight))
  const [shell, uploader, dropper] = [best('web-shell'), best('uploader'), best('dropper')]
  if (shell >= Math.max(uploader, dropper) || shell >= HIT) return 'web-shell'
  return dropper >= uploader ? 'dropper' : 'uploader'
}

/** What the sinks of a page say. */
export function weighed(observed: Observed, page: PageContext): Weighed[] {
  const reasons = observed.sinks.flatMap(sink => {
    const reason = weigh(sink, page)
    return reason && reason.weight > 0 ? [reason] : []
  })
  const manager = managesFiles(observed, page)
  return [...reasons, ...(manager ? [manager] : []), ...includesWritten(observed), ...toolBox(observed, page)]
}

/** Kinds of things the request decides about; a page that stands alone and does so many of them is a box of tools. */
const TOOLS_FROM = 3

function toolBox({ sinks }: Observed, page: PageContext): Weighed[] {
  if (page.partOfApplication) return []
  const done = new Map<string, Sink>()
  for (const sink of sinks) {
    if (!TOOL_KINDS.has(sink.kind) || done.has(sink.kind)) continue
    const chosen = sink.values.some(
      value =>
        (value.cleaned === undefined || value.cleaned === 'unseen') && originsOf(value).some(({ kind }) => kind === 'request'),
    )
    if (chosen) done.set(sink.kind, sink)
  }
  const [first] = done.values()
  if (first === undefined || done.size < TOOLS_FROM) return []
  return [
    {
      what: `the request decides about ${[...done.values()].map(({ label }) => label).join(', ')}`,
      does: 'is a box of tools for whoever asks',
      line: first.line,
      // Whoever installs a program names a database and writes settings; commands, code and uploads are no part of that.
      weight: done.size > TOOLS_FROM || ['command', 'code', 'upload-move'].some(kind => done.has(kind)) ? 60 : 45,
      speaks: 'web-shell',
      group: 'tool-box',
    },
  ]
}

const TOOL_KINDS = new Set(['command', 'code', 'include', 'upload-move', 'file-write', 'file-manage', 'database', 'connect'])

/** A file the page fills with what it was sent, and takes in as code. */
function includesWritten({ sinks }: Observed): Weighed[] {
  const filled = new Map(
    sinks.flatMap(({ kind, values: [where, what] }) =>
      kind === 'file-write' &&
      typeof where?.constant === 'string' &&
      what &&
      what.cleaned === undefined &&
      originsOf(what).some(origin => origin.kind === 'request')
        ? [[where.constant.replace(/^[./\\]+/, ''), what] as const]
        : [],
    ),
  )
  const coded = new Set(
    sinks.flatMap(({ kind, values: [where, what] }) =>
      kind === 'file-write' && typeof where?.constant === 'string' && /<\?(?:php|=)?/i.test(`${what?.constant ?? ''}`)
        ? [where.constant]
        : [],
    ),
  )
  const own = sinks.find(
    ({ kind, values: [path] }) =>
      kind === 'include' && typeof path?.constant === 'string' && coded.has(path.constant) && !RUNS_AS_CODE.test(path.constant),
  )
  if (own)
    return [
      because(own, `code is written to ${String(own.values[0]?.constant)}, which is no script, and included`, 62, 'web-shell'),
    ]
  const known = sinks.flatMap(sink => {
    const path = sink.kind === 'include' ? sink.values[0]?.constant : undefined
    const what = typeof path === 'string' ? filled.get(path.replace(/^[./\\]+/, '')) : undefined
    const [origin] = what ? originsOf(what) : []
    return origin
      ? [because(sink, `${origin.label} is written to ${String(path)}, which is included`, 85, 'web-shell', origin)]
      : []
  })
  if (known.length > 0) return known
  const taken = sinks.find(
    ({ kind, values: [path] }) =>
      kind === 'include' &&
      path !== undefined &&
      sinks.some(({ kind: of, values: [where, what] }) => of === 'file-write' && isSamePlace(path, where) && isSent(what)),
  )
  return taken ? [because(taken, 'what was sent is written to a file, which is included', 85, 'web-shell')] : []
}

/** The same file, as far as can be told of names that are made up on the way. */
function isSamePlace(path: Value, where: Value | undefined): boolean {
  if (where === undefined) return false
  if (path.type === 'temporary-file' || where.type === 'temporary-file') return path.type === where.type
  if (typeof path.constant === 'string') return path.constant === where.constant
  return (
    path.constant === undefined && (path.prefix ?? '').length > 3 && path.prefix === where.prefix && path.suffix === where.suffix
  )
}

function isSent(what: Value | undefined): boolean {
  return (
    what !== undefined &&
    what.cleaned === undefined &&
    originsOf(what).some(({ kind }) => kind === 'request' || kind === 'remote')
  )
}

/** Different things done to files the request names: from so many on the page is a file manager, and alone it is nobody's product. */
const MANAGER_FROM = 3
const WHOLE_MANAGER = 5
/** A page this short that lists any folder and shows any file the request names does nothing else. */
const LOOKER = 2_500

/** Functions that do the same to a file, seen by whoever works with it. */
const DEEDS: readonly (readonly [deed: string, functions: RegExp])[] = [
  ['lists', /^(?:opendir|readdir|scandir|glob|dir\(|\w*DirectoryIterator|FilesystemIterator)/i],
  ['reads', /^(?:fopen|file|file_get_contents|readfile|show_source|highlight_file|fpassthru)\(/],
  ['deletes', /^(?:unlink|rmdir)/],
  ['makes folders', /^mkdir/],
  ['renames', /^rename/],
  ['gives rights', /^ch(?:mod|own|grp)/],
  ['sets times', /^touch/],
  ['links', /^(?:sym)?link/],
  ['copies', /^copy/],
  ['keeps uploads', /^move_uploaded_file/],
]

function managesFiles({ sinks }: Observed, page: PageContext): Weighed | undefined {
  const named = sinks.filter(({ kind }) => ['file-manage', 'file-write', 'upload-move'].includes(kind))
  const free = named.filter(sink => reachedByName(sink, false))
  const deeds = deedsOf(free)
  // A name that is looked at on the way may still be any name: where so much is done with it, it is.
  const more = deedsOf(named.filter(sink => reachedByName(sink, true)))
  const looks =
    deeds.includes('lists') && deeds.includes('reads') && deeds.length === 2 && page.size < LOOKER && !page.partOfApplication
  const all = looks || deeds.length >= MANAGER_FROM ? deeds : more.length >= WHOLE_MANAGER ? more : []
  const [first] = free.length > 0 ? free : named
  if (first === undefined || all.length === 0) return undefined
  const weight = page.partOfApplication ? 10 : looks || all.length >= WHOLE_MANAGER || page.size < 2 * SMALL ? 60 : 40
  return {
    what: `${all.slice(0, 7).join(', ')}: files the request names`,
    does: 'manages any file the request names',
    line: first.line,
    weight,
    speaks: page.partOfApplication ? 'context' : 'web-shell',
    group: 'file-manager',
  }
}

function deedsOf(sinks: readonly Sink[]): string[] {
  return [...new Set(sinks.map(({ label }) => DEEDS.find(([, functions]) => functions.test(label))?.[0] ?? 'writes'))]
}

function reachedByName({ values: [where] }: Sink, evenChecked: boolean): boolean {
  // A page that stands alone gets a name nobody assigns from its visitor, where variables of requests are variables of the page.
  if (where?.type === 'unassigned' && where.prefix === undefined) return true
  if (where === undefined || (where.cleaned !== undefined && !(evenChecked && where.cleaned === 'checked'))) return false
  return originsOf(where).some(({ kind }) => kind === 'request')
}

/** The value that decides, with its strongest origin. */
function decisive(values: readonly Value[]): { value: Value; origin: Origin } | undefined {
  let best: { value: Value; origin: Origin; rank: number } | undefined
  for (const value of values) {
    const [origin] = originsOf(value)
    if (!origin) continue
    const rank = (RANK[origin.kind] ?? 0) - (value.cleaned === undefined ? 0 : 2)
    if (best === undefined || rank > best.rank) best = { value, origin, rank }
  }
  return best
}

const RANK: Readonly<Record<Origin['kind'], number>> = { request: 10, upload: 8, remote: 6, packed: 5, stored: 1 }

function weigh(sink: Sink, page: PageContext): Weighed | undefined {
  switch (sink.kind) {
    case 'code':
      return code(sink, page)
    case 'class-loading':
      return code(sink, page)
    case 'command':
      return command(sink, page)
    case 'dynamic-call':
      return dynamicCall(sink, page)
    case 'unresolved-call':
      return unresolvedCall(sink, page)
    case 'include':
      return include(sink, page)
    case 'file-write':
      return fileWrite(sink, page)
    case 'upload-move':
      return uploadMove(sink, page)
    case 'deserialise':
      return simple(sink, 20, 'context')
    case 'database':
      return simple(sink, 25, 'context')
    case 'connect':
      return simple(sink, 12, 'context')
    case 'mail':
      return mail(sink, page)
    case 'file-manage':
      if (page.size < ALONE && !page.partOfApplication && SECRETS.test(`${sink.values[0]?.constant ?? ''}`))
        return because(
          sink,
          `${sink.label} works on ${String(sink.values[0]?.constant)} on a page that does nothing else`,
          62,
          'web-shell',
        )
      if (page.size < ONE_DEED && !page.partOfApplication && ONE_DEED_OF.test(sink.label)) {
        const alone = simple(sink, 62, 'web-shell', `file-manage ${sink.label}`)
        if (alone) return alone
      }
      // Opening a file for the visitor is what downloads do.
      return sink.label.startsWith('fopen') ? undefined : simple(sink, 12, 'context', `file-manage ${sink.label}`)
    default:
      return sink.kind satisfies never
  }
}

/** A page of one statement: there is no log-in, no list of what is allowed, and no page it would belong to. */
const ONE_DEED = 160
/** Lists of names alone show nothing of a file and change none. */
const ONE_DEED_OF =
  /^(?:unlink|rmdir|mkdir|rename|ch(?:mod|own|grp)|touch|readfile|show_source|highlight_file|file_get_contents|file)\(/

/** Files of the machine that no page needs. */
const SECRETS = /^\/etc\/(?:passwd|shadow|master\.passwd|sudoers)$|\bsystem32\\config\\sam$/i

const RUNS = ['T1059']

/** What a reason means in words that follow "page that". */
function meaningOf({ kind, hidden }: Sink, origin: Origin | undefined): { does: string; techniques: readonly string[] } {
  const of = origin ? OF[origin.kind] : 'it carries packed'
  const more = hidden || !origin ? ['T1027'] : []
  switch (kind) {
    case 'command':
      return origin
        ? { does: `runs commands ${of}`, techniques: [...RUNS, ...more] }
        : { does: 'hides that it runs commands', techniques: [...RUNS, 'T1027'] }
    case 'code':
      return { does: `runs code ${of}`, techniques: [...(origin ? RUNS : []), ...more] }
    case 'class-loading':
      return { does: `loads code ${of}`, techniques: ['T1620', ...more] }
    case 'dynamic-call':
      return { does: 'calls functions named by the request', techniques: more }
    case 'unresolved-call':
      return { does: 'hides the name of the function it calls', techniques: ['T1027'] }
    case 'include':
      return origin
        ? { does: `includes a file ${of}`, techniques: [] }
        : { does: 'includes as code what is no script', techniques: ['T1027'] }
    case 'file-write':
      return { does: 'writes any file the request names', techniques: ['T1105'] }
    case 'mail':
      return { does: 'sends any mail to anybody for whoever asks', techniques: [] }
    case 'upload-move':
      return { does: 'keeps uploads under any name', techniques: ['T1105'] }
    default:
      return { does: 'does what the request says', techniques: [] }
  }
}

const OF: Readonly<Record<Origin['kind'], string>> = {
  request: 'of the request',
  upload: 'of an upload',
  remote: 'of another server',
  packed: 'it carries packed',
  stored: 'that lies elsewhere',
}

function because(
  sink: Sink,
  what: string,
  weight: number,
  speaks: Weighed['speaks'],
  origin?: Origin,
  group: string = sink.kind,
): Weighed {
  return {
    what: sink.hidden ? `${what} (its name is put together)` : what,
    line: sink.line,
    weight,
    speaks,
    group,
    ...(speaks === 'context' ? {} : meaningOf(sink, origin)),
    ...(origin
      ? { flow: [{ line: origin.line, what: origin.label }, ...origin.steps, { line: sink.line, what: sink.label }] }
      : {}),
  }
}

function simple(sink: Sink, weight: number, speaks: Weighed['speaks'], group?: string): Weighed | undefined {
  const found = decisive(sink.values)
  if (found?.origin.kind !== 'request' || found.value.cleaned !== undefined || found.value.prefix !== undefined) return undefined
  return because(sink, `${found.origin.label} decides what ${sink.label} works on`, weight, speaks, found.origin, group)
}

/** Signs of hidden text that weigh this much stand for a packed page. */
const PACKED = 25
/** A page that is there for one thing is shorter than this. */
const SMALL = 5_000
/** A page of one purpose with all that belongs to it. */
const MEDIUM = 20_000
/** A form that keeps uploads and does nothing else is shorter than this. */
const UPLOADER = 1_500
/** An ordinary page is longer than this. */
const ALONE = 500
/** A page of one or two statements. */
const TINY = 120
/** A page that only hands over what it was sent is shorter than this. */
const HANDING = 150

/** Weight of code or classes by where they come from and what stands between. */
function code(sink: Sink, page: PageContext): Weighed | undefined {
  const found = decisive(sink.values)
  const hidden = sink.hidden === true
  if (!found) {
    const packed = sink.values.find(value => value.constant !== undefined && (value.layers !== undefined || value.built))
    if (packed) {
      const unpacked = packed.layers !== undefined && packed.layers.length > 0
      return because(
        sink,
        `${sink.label} runs text ${unpacked ? `unpacked by ${packed.layers?.slice(0, 4).join(', ')}` : 'put together from pieces'}`,
        (unpacked ? 60 : 15) + (hidden ? 45 : 0),
        'web-shell',
      )
    }
    if (hidden) return because(sink, `${sink.label} is called`, 62, 'web-shell')
    if (isUnassigned(sink.values[0], page)) return because(sink, `${NOBODY} reaches ${sink.label}`, 65, 'web-shell')
    if (
      page.size < ALONE &&
      !page.partOfApplication &&
      !TEMPLATES.test(sink.label) &&
      sink.values.some(({ constant }) => constant === undefined)
    )
      return because(sink, `${sink.label} runs text of unknown origin on a page that does nothing else`, 62, 'web-shell')
    if (
      page.asks &&
      !page.partOfApplication &&
      page.size < SMALL &&
      !TEMPLATES.test(sink.label) &&
      sink.values.some(({ constant, prefix, suffix }) => constant === undefined && prefix === undefined && suffix === undefined)
    )
      return because(sink, `${sink.label} runs text that could not be followed on a page that asks its visitor`, 62, 'web-shell')
    return sink.values.some(({ constant }) => constant === undefined)
      ? because(
          sink,
          `${sink.label} runs text of unknown origin`,
          page.hidden >= PACKED ? (page.size < SMALL && !page.partOfApplication ? 62 : 50) : 10,
          page.hidden >= PACKED ? 'web-shell' : 'context',
        )
      : undefined
  }
  const { value, origin } = found
  const { cleaned } = value
  const what = `${origin.label} reaches ${sink.label}`
  const extra = (hidden ? 15 : 0) + (origin.decoders.length > 0 ? 10 : 0)
  switch (origin.kind) {
    case 'request':
      return because(
        sink,
        what,
        cleaned === undefined || cleaned === 'checked' ? 100 : cleaned === 'unseen' ? 35 + extra : 40 + extra,
        'web-shell',
        origin,
      )
    case 'upload':
      return because(sink, what, 90, 'web-shell', origin)
    case 'remote':
      return because(sink, what, cleaned === 'unseen' ? 30 + extra : 75, 'web-shell', origin)
    case 'packed':
      return because(
        sink,
        what,
        origin.label === OWN_TEXT || origin.label === OWN_UNPACKING ? 62 : 40 + extra,
        'web-shell',
        origin,
      )
    case 'stored':
      if (origin.decoders.includes('getDocComment')) return because(sink, what, 65, 'web-shell', origin)
      return because(
        sink,
        what,
        (cleaned === 'unseen' ? 8 : 15) + extra * 2 + (page.size < ALONE && !page.partOfApplication ? 45 : 0),
        'web-shell',
        origin,
      )
    default:
      return origin.kind satisfies never
  }
}

/** Expressions of Java's pages are texts of the page itself far more often than anybody else's: they say nothing while nothing is known of them. */
const TEMPLATES = /Expression\(\)$/

/** A variable of a page that stands alone, which the visitor fills where variables of requests are variables of the page. */
const NOBODY = 'a variable that nobody assigns'

function isUnassigned(value: Value | undefined, page: PageContext): boolean {
  return value?.type === 'unassigned' && !page.partOfApplication
}

/** What shells put around a command of the caller: it does not narrow down what is run. */
const LAUNCHER =
  /\b(?:cmd(?:\.exe)?|command\.com|(?:ba|da|k|z)?sh|powershell(?:\.exe)?|pwsh|bin|usr|windows|winnt|system32|sudo|exec|start|command|cd|nop|noni|enc|c|k|e|i|q|s|u|v|on|comspec)\b|[^a-z]+/gi

/** Commands that look around on a server: on a page they serve nobody else. */
const LOOKS_AROUND =
  /^\s*(?:whoami|id\b|uname(?: -a)?|ifconfig|ipconfig|net user|netstat|ps aux|cat \/etc\/(?:passwd|shadow)|wget |curl |lwp-download|fetch |lynx |(?:dir|ls|pwd)\s*$)/i

/** Commands that hand a shell to another machine, or have the machine fetch one again and again. */
const GIVES_SHELL =
  /\/dev\/(?:tcp|udp)\/|\bmkfifo\b.*\bnc\b|\b(?:nc|ncat|netcat)(?:\.exe)?\s[^|;]*-(?:\w*e|c)\s*\S*(?:sh|cmd)|\bbash\s+-i\b|\b(?:wget|curl|fetch|lwp-download)\b[^|;&]{5,200}(?:\|\s*(?:ba)?sh\b|[;&]+\s*(?:perl|python|sh|bash|chmod)\b)|\b(?:perl|python)\s+\/tmp\/|\brm\s+-rf?\s+\/var\/log|\bhistory\s+-c\b|\.bash_history/i

/** What a stranger does with what he names: ordinary pages that hand a name to these do not take it from the request as it is. */
const STRANGERS_TOOL =
  /(?:^|[;&|"'\s/])(?:rm|cat|ls|dir|type|del|find|wget|curl|fetch|lynx|lwp-download|chmod|chown|cp|mv|ln|tar|unzip|gcc|perl|python|ruby|php|nc|ncat|net|kill|ps|su|sudo|echo|cd|crontab|at|mysqldump|mysql)\s(?:-\S+\s+)*["']?$/i

function command(sink: Sink, page: PageContext): Weighed | undefined {
  const found = decisive(sink.values)
  const hidden = sink.hidden === true
  if (!found) {
    const [value] = sink.values
    if (isUnassigned(value, page)) {
      // Fixed words before it say what it is for; what stands behind it only directs the output.
      const [before = ''] = (value?.prefix ?? '').split('?')
      const alone = before.replace(LAUNCHER, '') === ''
      return because(sink, `${NOBODY} reaches ${sink.label}`, alone ? 65 : 20, 'web-shell')
    }
    const text = sink.values[0]?.constant
    if (typeof text === 'string' && GIVES_SHELL.test(text))
      return because(sink, `${sink.label} runs "${text.slice(0, 60)}"`, page.partOfApplication ? 40 : 75, 'web-shell')
    if (typeof text === 'string' && LOOKS_AROUND.test(text))
      return because(
        sink,
        `${sink.label} runs "${text.slice(0, 40)}"`,
        hidden ? 65 : page.size < ALONE && !page.partOfApplication ? 62 : 18,
        'web-shell',
      )
    return hidden ? because(sink, `${sink.label} is called`, 62, 'web-shell') : undefined
  }
  const { value, origin } = found
  const what = `${origin.label} reaches ${sink.label}`
  const free = (value.prefix ?? '').replace(/\?+/g, ' ').replace(LAUNCHER, '') === '' && !(value.prefix ?? '').includes('?')
  if (origin.kind === 'request') {
    if (value.cleaned === 'escaped') return because(sink, `${what}, escaped`, 8, 'context', origin)
    if (value.cleaned === 'unseen') return because(sink, what, (free ? 35 : 12) + (hidden ? 30 : 0), 'web-shell', origin)
    if (value.cleaned === 'file-name' || value.cleaned === 'address') return because(sink, what, 20, 'web-shell', origin)
    return because(
      sink,
      free ? what : `${what} behind "${(value.prefix ?? '').slice(-30).trim()}"`,
      // What stands before it is of the page's own making: mostly a folder to go to.
      free
        ? 100
        : GIVES_SHELL.test(value.prefix ?? '')
          ? 85
          : (value.prefix === '?' || (page.size < MEDIUM && STRANGERS_TOOL.test(value.prefix ?? ''))) && !page.partOfApplication
            ? 62
            : 35 + (hidden ? 30 : 0),
      'web-shell',
      origin,
    )
  }
  if (origin.kind === 'upload')
    return value.cleaned === 'own-name' || !free ? undefined : because(sink, what, 70, 'web-shell', origin)
  if (origin.kind === 'remote') return because(sink, what, free ? 70 : 25, 'web-shell', origin)
  return hidden ? because(sink, what, 40, 'web-shell', origin) : undefined
}

function dynamicCall(sink: Sink, page: PageContext): Weighed | undefined {
  const [callee, ...args] = sink.values
  const found = callee && decisive([callee])
  if (found?.origin.decoders.includes('getDocComment'))
    return because(sink, `${found.origin.label} names the function called in line ${sink.line}`, 65, 'web-shell', found.origin)
  if (!found || found.origin.kind === 'stored') return undefined
  const { value, origin } = found
  const given = decisive(args)
  const both = given !== undefined && given.origin.kind !== 'stored'
  const what = `${origin.label} names the function called in line ${sink.line}`
  if (value.cleaned === 'method') return because(sink, `${origin.label} names a method`, 6, 'context', origin)
  if (value.cleaned === 'class')
    return both && !page.partOfApplication && page.size < SMALL && value.prefix === undefined && value.suffix === undefined
      ? because(
          sink,
          `${origin.label} names a class, and ${given?.origin.label ?? ''} what it is made of`,
          62,
          'web-shell',
          origin,
        )
      : because(sink, `${origin.label} names a class`, 10, 'context', origin)
  if (value.cleaned !== undefined) return because(sink, what, both ? 25 : 12, 'web-shell', origin)
  if (value.prefix !== undefined || value.suffix !== undefined)
    return because(
      sink,
      `${what}, in part`,
      both && !page.partOfApplication ? (page.size < ALONE ? 62 : 45) : 12,
      both ? 'web-shell' : 'context',
      origin,
    )
  if (origin.kind !== 'request') return because(sink, what, both ? 50 : 25, 'web-shell', origin)
  return because(sink, what, both ? 95 : page.partOfApplication ? 30 : 62, 'web-shell', origin)
}

function unresolvedCall(sink: Sink, page: PageContext): Weighed | undefined {
  const found = decisive(sink.values)
  const packed = sink.values.find(({ constant }) => typeof constant === 'string' && constant.length > 200)
  // A page of a few lines that does nothing but hand what it was sent to a function nobody can name.
  const handedOver = page.size < HANDING && !page.partOfApplication && found?.value.cleaned === undefined
  if (found && found.origin.kind === 'request')
    return because(
      sink,
      `${found.origin.label} is given to ${sink.label}`,
      sink.hidden ? (page.partOfApplication ? 40 : 65) : handedOver ? 62 : found.value.cleaned === undefined ? 10 : 4,
      sink.hidden || handedOver ? 'web-shell' : 'context',
      found.origin,
    )
  if (packed)
    return because(
      sink,
      `${sink.label} is given ${String(packed.constant).length} characters of text`,
      sink.hidden ? 45 : 20,
      'web-shell',
    )
  return sink.hidden
    ? because(
        sink,
        `${sink.label} is called, and the name is put together`,
        page.size < ALONE ? 62 : page.hidden >= PACKED ? (page.size < SMALL && !page.partOfApplication ? 62 : 45) : 20,
        'web-shell',
      )
    : page.size < ALONE &&
        page.hidden > 0 &&
        !page.partOfApplication &&
        sink.values.some(({ constant }) => constant === undefined)
      ? because(sink, `${sink.label} is called on a page of hidden text`, 62, 'web-shell')
      : undefined
}

function include(sink: Sink, page: PageContext): Weighed | undefined {
  const [value] = sink.values
  if (!value) return undefined
  const found = decisive([value])
  if (!found) {
    const text = value.constant
    if (isUnassigned(value, page) && value.prefix === undefined && page.size < SMALL)
      return because(sink, `${NOBODY} names the file that is included`, page.size < ALONE ? 62 : 30, 'web-shell')
    if (typeof text !== 'string')
      return sink.hidden ? because(sink, 'a file of unknown name is included', 20, 'web-shell') : undefined
    if (/^(?:data:|php:\/\/input|expect:)/i.test(text))
      return because(sink, `"${text.slice(0, 40)}" is included`, 100, 'web-shell')
    if (/^(?:https?|ftp):\/\//i.test(text))
      return because(sink, `code of another server is included: ${text.slice(0, 80)}`, 70, 'web-shell')
    // Libraries are packed as .phar; pictures and uploads that are archives are so that nobody sees it.
    if (/^zip:\/\//i.test(text) || /^phar:\/\/.*\.(?:jpe?g|png|gif|txt|log|zip|pdf)\b/i.test(text))
      return because(sink, `"${text.slice(0, 60)}" is included as code`, 62, 'web-shell')
    if (/^\.?[^?]*\.(?:jpe?g|png|gif|bmp|ico|css|pdf|zip|rar|swf)$/i.test(text))
      return because(sink, `"${text.slice(0, 60)}" is included as code`, 60, 'web-shell')
    if (page.size < TINY && /^[^?]*\.(?:txt|log|dat|bak|tmp)$/i.test(text))
      return because(sink, `"${text.slice(0, 60)}" is included as code on a page that does nothing else`, 62, 'web-shell')
    return value.layers !== undefined
      ? because(sink, `"${text.slice(0, 60)}" is included, and the name was packed`, 60, 'web-shell')
      : undefined
  }
  const { origin } = found
  const what = `${origin.label} names the file that is included`
  if (origin.kind === 'upload')
    return because(sink, 'an uploaded file is included', value.cleaned === 'own-name' ? 80 : 60, 'web-shell', origin)
  if (origin.kind === 'remote') return because(sink, what, 60, 'web-shell', origin)
  if (origin.kind !== 'request') return undefined
  if (/^(?:data:|expect:)/i.test(value.prefix ?? ''))
    return because(sink, `${what}, behind "${(value.prefix ?? '').slice(0, 40)}"`, 90, 'web-shell', origin)
  if (/^(?:php|zip|phar|glob|compress\.\w+):\/\//i.test(value.prefix ?? '') && !page.partOfApplication)
    return because(sink, `${what}, behind "${(value.prefix ?? '').slice(0, 40)}"`, 62, 'web-shell', origin)
  if (/^(?:https?|ftp):\/\//i.test(value.prefix ?? ''))
    return because(sink, `code of another server is included: ${(value.prefix ?? '').slice(0, 80)}`, 70, 'web-shell', origin)
  if (value.cleaned !== undefined) return because(sink, what, 6, 'context', origin)
  if (value.prefix !== undefined) return because(sink, `${what}, in a folder`, 12, 'context', origin)
  // A page that does nothing else is not a flaw of an application.
  return because(
    sink,
    what,
    (value.suffix === undefined ? 45 : 40) + (page.size < ALONE && !page.partOfApplication ? 20 : 0),
    'web-shell',
    origin,
  )
}

/** To whom, as whom and what: where the visitor says all of it, it is no form of a site but a tool to send mail by. */
function mail(sink: Sink, page: PageContext): Weighed | undefined {
  const fromRequest = (value: Value | undefined) =>
    value !== undefined && value.prefix === undefined && originsOf(value).some(({ kind }) => kind === 'request')
  const [to, , text, headers] = sink.values
  if (page.partOfApplication || !fromRequest(to) || !fromRequest(text)) return undefined
  if (headers === undefined || !originsOf(headers).some(({ kind }) => kind === 'request')) return undefined
  const [origin] = to ? originsOf(to) : []
  return origin
    ? because(sink, `${origin.label} says to whom, as whom and what ${sink.label} sends`, 62, 'web-shell', origin)
    : undefined
}

const RUNS_AS_CODE = /\.(?:php\d?|phtml|phar|pht|inc|asp|aspx|ashx|asmx|jspx?|asa|cer|cgi|pl|htaccess)['"]?$/i

function fileWrite(sink: Sink, page: PageContext): Weighed | undefined {
  const [where, what] = sink.values
  if (!where || !what) return undefined
  const to = decisive([where])
  const of = decisive([what])
  const path = typeof where.constant === 'string' ? where.constant : undefined
  const isCode = path !== undefined ? RUNS_AS_CODE.test(path) : RUNS_AS_CODE.test(where.suffix ?? where.prefix ?? '')
  const chosen = to?.origin.kind === 'request' && where.cleaned === undefined
  const inFolder = where.prefix !== undefined
  const apart = page.partOfApplication ? 0.5 : 1
  if (of?.origin.kind === 'upload') return uploadMove(sink, page)
  if (of?.origin.kind === 'request' && what.cleaned !== 'unseen') {
    if (chosen)
      return because(
        sink,
        `${to.origin.label} names the file that ${of.origin.label} is written to`,
        // Name and content are parts of one body that was taken apart: which part went where is not known.
        inFolder || (page.partOfApplication && to.origin.label === of.origin.label)
          ? page.partOfApplication
            ? 22
            : page.size < SMALL
              ? 62
              : 45
          : 70,
        'uploader',
        of.origin,
      )
    if (isCode)
      return because(
        sink,
        `${of.origin.label} is written to ${path ?? 'a script'}`,
        what.prefix === undefined ? (page.partOfApplication && page.size > SMALL ? 40 : 70) : 35 * apart,
        'uploader',
        of.origin,
      )
    return because(sink, `${of.origin.label} is written to a file`, 12 * apart, 'uploader', of.origin)
  }
  if (of?.origin.kind === 'remote') {
    // Where it comes from and what it is called are both the visitor's.
    if (
      !page.partOfApplication &&
      page.size < SMALL &&
      to?.origin.kind === 'request' &&
      (where.cleaned === undefined || where.cleaned === 'file-name') &&
      /^\$_/.test(of.origin.label)
    )
      return because(
        sink,
        `${of.origin.label} says what is fetched, ${to.origin.label} where it is kept`,
        62,
        'dropper',
        of.origin,
      )
    if (chosen || isCode)
      return because(
        sink,
        `${of.origin.label} is written to ${path ?? 'a file'}`,
        (what.prefix === undefined ? 65 : 25) * (isCode ? 1 : apart),
        'dropper',
        of.origin,
      )
    return because(sink, `${of.origin.label} is written to a file`, 15 * apart, 'dropper', of.origin)
  }
  if (chosen && !inFolder) return because(sink, `${to.origin.label} names a file that is written`, 15, 'uploader', to.origin)
  return undefined
}

/** A known ending that no server runs. */
const RUNS_NOT = ({ suffix }: Value) => suffix !== undefined && suffix !== '' && !RUNS_AS_CODE.test(suffix)

function uploadMove(sink: Sink, page: PageContext): Weighed | undefined {
  const [where] = sink.values
  if (!where) return undefined
  const to = decisive([where])
  const path = typeof where.constant === 'string' ? where.constant : ''
  const speaks = 'uploader'
  if (RUNS_AS_CODE.test(path)) return because(sink, `an upload is kept as ${path.slice(0, 60)}`, 75, speaks)
  if (isUnassigned(where, page) && !RUNS_NOT(where))
    return because(sink, `${NOBODY} names where an upload is kept`, page.size < SMALL ? 62 : 40, speaks)
  if (to?.origin.kind !== 'request' || (where.cleaned !== undefined && where.cleaned !== 'file-name')) return undefined
  const inFolder = where.cleaned === 'file-name' || where.prefix !== undefined
  // A page that does nothing but keep uploads is there for that.
  const base = inFolder && page.size > (page.partOfApplication ? UPLOADER : SMALL) ? 52 : 60
  const known = (where.suffix ?? '') !== '' && !RUNS_AS_CODE.test(where.suffix ?? '') ? 0.3 : 1
  const weight = Math.round((page.partOfApplication ? base * 0.3 : page.size > 20_000 ? base * 0.6 : base) * known)
  return because(sink, `an upload is kept under the name the visitor gives (${to.origin.label})`, weight, speaks, to.origin)
}
