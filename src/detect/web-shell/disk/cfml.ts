import { type Assignment, givenBy, lineAt } from './follow-words.ts'
import type { Weighed } from './score.ts'

/** Scopes of ColdFusion that hold what a visitor sends (cfdocs.org "scopes"); of `cgi` only what he writes himself. */
const SENT =
  /(?<![.\w])(?:form|url|cookie)\s*(?:\.\s*\w|\[)|(?<![.\w])cgi\s*\.\s*(?:query_string|path_info|http_(?!host\b)\w+)|\bgetHttpRequestData\s*\(|\bgetRequest\s*\(\s*\)\s*\.\s*get\w+\s*\(/i
/** What a server does for a page. */
const DOES =
  /<cf(?:execute|file|include|query|http|object|ftp|registry|schedule)\b|\bcf(?:execute|file|include|http)\s*\(|\b(?:evaluate|precisionEvaluate|fileWrite|fileUpload|objectLoad|createObject|render|queryExecute)\s*\(|\bgetRuntime\s*\(|\bProcessBuilder\b/i

/** Whether a page of ColdFusion holds what a shell must hold: something of the visitor's, and something that acts on it. */
export function cfmlMayDoHarm(text: string): boolean {
  return DOES.test(text) && (SENT.test(text) || REMOTE.test(text) || /<cfparam\b|#\w+#/i.test(text))
}

/** Arguments of functions a request calls by name. */
const REMOTE = /\baccess\s*=\s*["']?remote\b|\bremote\s+(?:\w+\s+)?function\b/i
const SET =
  /<cfset\s+(?:var\s+)?(?:(?:variables|local|request)\s*\.\s*)?(\w+)\s*=\s*([^>]{1,600})>|(?:^|[;{}>\n])\s*(?:var\s+)?(?:(?:variables|local|request)\s*\.\s*)?(\w+)\s*&?=(?!=)\s*([^;\n]{1,600})/gi
/** A parameter without a scope is looked for in the request too (cfdocs.org "cfparam"). */
const PARAMETER = /<cfparam\b[^>]{0,200}\bname\s*=\s*["'](?:(?:url|form)\.)?(\w+)["']/gi

const BARE_SHELL = /^["'\s]*(?:[\w:]*[\\/](?:[\w .-]+[\\/])*)?(?:cmd(?:\.exe)?|powershell(?:\.exe)?|(?:ba|da|k)?sh)["'\s]*$/i
/** Said before a command, these hand on all of it. */
const LAUNCHES = /^["'\s]*(?:[\w:]*[\\/](?:[\w .-]+[\\/])*)?(?:cmd(?:\.exe)?\s*)?(?:\/[ck]|-c)?["'\s&,]*#?\s*$/i

interface Found {
  readonly what: string
  readonly at: number
  readonly weight: number
  readonly speaks: Weighed['speaks']
  readonly does: string
  readonly techniques: readonly string[]
}

/** What the words of a page of ColdFusion say: there is no grammar for it, values are followed by name from the scopes of the request to tags and functions that act. */
export function cfmlSigns(text: string): Weighed[] {
  const code = text.replace(/<!---[\s\S]*?--->/g, comment => comment.replace(/[^\n]+/g, ' '))
  const page = new Page(code)
  const found = [...page.commands(), ...page.evaluations(), ...page.files(), ...page.queries(), ...page.includes()]
  return found.map(({ what, at, weight, speaks, does, techniques }) => ({
    what,
    line: lineAt(code, at),
    weight,
    speaks,
    group: does,
    does,
    techniques,
  }))
}

const MAX_TAGS = 2_000

class Page {
  readonly #code: string
  readonly #given: ReadonlyMap<string, number>
  readonly #isRemote: boolean

  constructor(code: string) {
    this.#code = code
    this.#isRemote = REMOTE.test(code)
    const assignments: Assignment[] = [...code.matchAll(SET)].map(({ 1: a, 2: b, 3: c, 4: d, index }) => ({
      name: (a ?? c ?? '').toLowerCase(),
      value: (b ?? d ?? '').toLowerCase(),
      index,
    }))
    const given = givenBy(assignments, value => this.#isSent(value))
    for (const { 1: name = '', index } of code.matchAll(PARAMETER)) given.set(name.toLowerCase(), index)
    this.#given = given
  }

  #isSent(value: string): boolean {
    return SENT.test(value) || (this.#isRemote && /\barguments\s*[.[]/i.test(value))
  }

  /** Whether an expression holds what a visitor sends. */
  #tells(value: string | undefined): boolean {
    if (value === undefined) return false
    return this.#isSent(value) || (value.toLowerCase().match(/[a-z_]\w*/g) ?? []).some(word => this.#given.has(word))
  }

  /** Whether it is nothing but that: a whole variable, or one behind a shell. */
  #isAll(value: string | undefined): boolean {
    if (value === undefined || !this.#tells(value)) return false
    const [before = ''] = value.split('#')
    return !value.includes('#') || LAUNCHES.test(before)
  }

  *#tags(name: string): Generator<{ readonly at: number; readonly attribute: (key: string) => string | undefined }> {
    let count = 0
    for (const { 1: inTag, 2: inCall, index } of this.#code.matchAll(
      new RegExp(`<cf${name}\\b((?:[^>"']|"[^"]{0,4000}"|'[^']{0,4000}'){0,4000})>|\\bcf${name}\\s*\\(([^;]{0,2000})`, 'gi'),
    )) {
      if (++count > MAX_TAGS) return
      const body = inTag ?? inCall ?? ''
      yield {
        at: index,
        attribute: key => {
          const value = new RegExp(`\\b${key}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s,)>]+))`, 'i').exec(body)
          return value?.[1] ?? value?.[2] ?? value?.[3]
        },
      }
    }
  }

  *#calls(pattern: RegExp): Generator<{ readonly at: number; readonly args: string; readonly name: string }> {
    let count = 0
    for (const { 0: whole, index } of this.#code.matchAll(pattern)) {
      if (++count > MAX_TAGS) return
      yield { at: index, name: whole.replace(/\s*\($/, ''), args: argumentsAt(this.#code, index + whole.length) }
    }
  }

  *commands(): Generator<Found> {
    const told = (what: string, at: number, weight: number): Found => ({
      what,
      at,
      weight,
      speaks: 'web-shell',
      does: 'runs commands of the request',
      techniques: ['T1059'],
    })
    for (const { at, attribute } of this.#tags('execute')) {
      const [name, told1] = [attribute('name'), attribute('arguments')]
      if (this.#isAll(name)) yield told('the request names the program cfexecute starts', at, 90)
      else if (this.#isAll(told1) && BARE_SHELL.test(name ?? ''))
        yield told(`what a visitor sends is run by ${(name ?? '').trim().slice(0, 40)}, cfexecute`, at, 90)
      else if (this.#tells(told1)) yield told('what a visitor sends is put behind a command, cfexecute', at, 35)
    }
    const starts = /\bgetRuntime\b|\bProcessBuilder\b|\bWScript\.Shell\b|\bDiagnostics\.Process\b|java\.lang\.Runtime/i.test(
      this.#code,
    )
    if (!starts) return
    for (const { at, args, name } of this.#calls(/\.\s*(?:exec|init|command|run|start)\s*\(/gi))
      if (this.#tells(args)) yield told(`what a visitor sends is started${name}(), a program of Java or Windows`, at, 85)
  }

  *evaluations(): Generator<Found> {
    for (const { at, args, name } of this.#calls(/\b(?:precision)?evaluate\s*\(|\brender\s*\(|\bobjectLoad\s*\(/gi)) {
      // `evaluate("form.field#i#")` asks for a field by its name, as old pages do.
      if (/^\s*["']/.test(args) && !/^\s*["']#[^#]+#["']\s*$/.test(args)) continue
      if (!this.#tells(args)) continue
      yield {
        what: `what a visitor sends is evaluated: ${name}(${args.trim().slice(0, 50)})`,
        at,
        weight: 75,
        speaks: 'web-shell',
        does: 'runs code of the request',
        techniques: ['T1059'],
      }
    }
  }

  *files(): Generator<Found> {
    const written = (what: string, at: number, weight: number): Found => ({
      what,
      at,
      weight,
      speaks: 'uploader',
      does: 'writes files the request names',
      techniques: ['T1105'],
    })
    for (const { at, attribute } of this.#tags('file')) {
      const action = (attribute('action') ?? '').toLowerCase()
      if (/^(?:write|append)$/.test(action) && this.#tells(attribute('file')) && this.#tells(attribute('output')))
        yield written('the request names the file and what is written to it, cffile', at, 70)
      if (!/^upload(?:all)?$/.test(action)) continue
      const isOpen = attribute('accept') === undefined && attribute('allowedextensions') === undefined
      if (isOpen && this.#tells(attribute('destination')))
        yield written('the request names the folder an upload of any kind is kept in, cffile', at, 65)
    }
    for (const { at, args } of this.#calls(/\bfileWrite\s*\(/gi)) {
      const [where, what] = splitArguments(args)
      if (this.#tells(where) && this.#tells(what))
        yield written('the request names the file and what is written to it, fileWrite()', at, 70)
    }
  }

  *queries(): Generator<Found> {
    for (const { 1: attributes = '', 2: body = '', index: at } of this.#code.matchAll(
      /<cfquery\b((?:[^>"']|"[^"]{0,1000}"|'[^']{0,1000}'){0,1000})>([\s\S]{0,4000}?)<\/cfquery/gi,
    )) {
      const whole = /^\s*#?\s*(?:preserveSingleQuotes\s*\(\s*)?([\w.[\]"']+)\s*\)?\s*#?\s*$/i.exec(body)?.[1]
      if (whole !== undefined && this.#tells(whole) && this.#tells(/\bdatasource\s*=\s*(\S+)/i.exec(attributes)?.[1]))
        yield {
          what: 'the request names the database and the query, cfquery',
          at,
          weight: 65,
          speaks: 'web-shell',
          does: 'runs any query on any database',
          techniques: ['T1505.003'],
        }
    }
  }

  *includes(): Generator<Found> {
    for (const { at, attribute } of this.#tags('include')) {
      const template = attribute('template')
      if (this.#tells(template) && /^\s*#[^#]+#\s*$/.test(template ?? ''))
        yield {
          what: 'the request names the page that is included',
          at,
          weight: 35,
          speaks: 'web-shell',
          does: 'includes the file the request names',
          techniques: ['T1505.003'],
        }
    }
  }
}

/** Longest list of arguments that is looked at. */
const MAX_ARGUMENTS = 2_000

/** What stands between the brackets that open just before. */
function argumentsAt(text: string, from: number): string {
  let depth = 1
  const end = Math.min(text.length, from + MAX_ARGUMENTS)
  for (let at = from; at < end; at++) {
    const char = text.charAt(at)
    if (char === '(') depth++
    else if (char === ')' && --depth === 0) return text.slice(from, at)
  }
  return text.slice(from, end)
}

function splitArguments(args: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < args.length; at++) {
    const char = args.charAt(at)
    if ('([{'.includes(char)) depth++
    else if (')]}'.includes(char)) depth--
    else if (char === ',' && depth === 0) {
      parts.push(args.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, args.slice(from)]
}
