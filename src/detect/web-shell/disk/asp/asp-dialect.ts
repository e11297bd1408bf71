import type { Call, Dialect, Machine } from '../dialect.ts'
import { numberOf, textOf } from '../fold.ts'
import {
  asCode,
  asLetter,
  cutAt,
  decodedBy,
  folded,
  hasOrigin,
  known,
  knownText,
  partOf,
  sliced,
  spelled,
  worked,
} from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'
import { basicFunction, listJoined, unescaped } from './basic-functions.ts'
import { comCall, comMember, comObject, itemOf } from './com-objects.ts'

/** Server variables the client fills: learn.microsoft.com "Request.ServerVariables". */
const CLIENT_VARIABLE =
  /^(?:http_|query_string|all_http|all_raw|path_info|content_type|auth_(?:user|password)|unencoded_url|url$)/i
/** Of the request, but nothing a caller can put words into. */
const NOT_CHOSEN = /^(?:totalbytes|clientcertificate|count)$/i
const COLLECTIONS = new Set(['form', 'querystring', 'cookies', 'params', 'item', 'headers', 'all'])
const SHELL_FIRST = /\bcmd(?:\.exe)?["']?\s+\/[ck]\b/i
const EVALUATORS = new Set(['execute', 'executeglobal', 'eval'])

/** What the markup says about names of the code. */
export interface AspPage {
  /** `<object runat=server id=… progid=…>`: what the name stands for. */
  readonly objects: ReadonlyMap<string, string>
  /** Nothing is included: a name nobody assigns is empty. */
  readonly whole: boolean
}

/** A dialect of its own for each file: sessions keep what a page puts into them. */
export function aspDialect(language: 'vbscript' | 'jscript', page: AspPage): Dialect {
  return new AspDialect(language, page)
}

class AspDialect implements Dialect {
  readonly language: 'vbscript' | 'jscript'
  readonly ignoresCase: boolean
  readonly checks = new Set(['isnumeric', 'instr', 'isdate'])
  readonly #page: AspPage
  readonly #session: Value = { type: 'session', isObject: true, entries: new Map(), origins: [] }
  readonly #application: Value = { type: 'session', isObject: true, entries: new Map(), origins: [] }

  constructor(language: 'vbscript' | 'jscript', page: AspPage) {
    this.language = language
    this.ignoresCase = language === 'vbscript'
    this.#page = page
  }

  named(name: string, line: number, machine: Machine): Value | undefined {
    const plain = name.toLowerCase()
    const progid = this.#page.objects.get(plain)
    if (progid !== undefined) return comObject(constant(progid), line, machine)
    switch (plain) {
      case 'request':
      case 'response':
      case 'server':
        return { type: plain, isObject: true, entries: new Map(), origins: [] }
      case 'session':
        return this.#session
      case 'application':
        return this.#application
      case 'eval':
      case 'execute':
      case 'executeglobal':
      case 'activexobject':
      case 'function':
      case 'string':
      case 'unescape':
        return { type: `native ${plain}`, isClass: true, origins: [] }
      case 'vbcrlf':
      case 'vbnewline':
        return constant('\r\n')
      case 'vblf':
        return constant('\n')
      case 'vbcr':
        return constant('\r')
      case 'vbtab':
        return constant('\t')
      case 'vbnullchar':
        return constant('\0')
      case 'vbnullstring':
        return constant('')
      default:
        return this.language === 'vbscript' && this.#page.whole ? constant('') : undefined
    }
  }

  member(object: Value, name: string, line: number, machine: Machine): Value | undefined {
    const plain = name.toLowerCase()
    if (object.type === 'request') return requestMember(plain, line)
    if (object.type === 'source') return /^(?:count|key|length)$/.test(plain) ? UNKNOWN : { ...mixture([object]), type: 'source' }
    if (object.type === 'session' && plain === 'contents') return object
    if (plain === 'length') {
      const text = known(object)
      if (text !== undefined) return constant(textOf(text).length)
      return object.entries && !object.isObject ? constant(object.entries.size) : UNKNOWN
    }
    // `Request.Form("x").Item`: the value itself.
    if (plain === 'item' && object.type === undefined && object.origins.length > 0) return object
    return comMember(object, plain, line, machine)
  }

  index(object: Value, key: Value | undefined, line: number): Value | undefined {
    if (object.type === 'request') return fromSource('request', `Request(${textOf(known(key) ?? '').slice(0, 30)})`, line)
    if (object.type === 'com recordset') return fromSource('stored', 'a database', line)
    // `this["ev" + "al"]`: a function of the language by a name that is put together.
    const name = knownText(key)?.toLowerCase()
    if (
      name !== undefined &&
      EVALUATORS.has(name) &&
      object.type === undefined &&
      object.entries === undefined &&
      object.constant === undefined
    )
      return { type: `native ${name}`, isClass: true, origins: [], ...(key?.built ? { built: true } : {}) }
    return undefined
  }

  create({ name, args, line, hidden }: Call, machine: Machine): Value | undefined {
    const plain = name.toLowerCase()
    if (plain === 'activexobject') return comObject(args[0] ?? UNKNOWN, line, machine)
    if (plain === 'function') {
      machine.sink({ kind: 'code', label: 'new Function()', line, values: args, hidden })
      const body = args.at(-1)
      if (body && knownText(body) !== undefined) machine.evaluate(body, 'new Function()', line)
      return UNKNOWN
    }
    if (plain === 'enumerator' || plain === 'vbarray') return mixture(args)
    if (plain === 'string') return args[0] ?? constant('')
    if (plain === 'array') return { entries: new Map(args.map((arg, index) => [String(index), arg])), origins: [] }
    return undefined
  }

  call(call: Call, machine: Machine): Value | undefined {
    const { args, receiver, line } = call
    const name = call.name.toLowerCase()
    if (receiver === undefined) return this.#plain({ ...call, name }, machine)
    const [first = UNKNOWN] = args
    if (receiver.type === 'request') {
      if (name === 'servervariables') {
        const key = knownText(first)
        // The page itself: what is written there is a page.
        if (key !== undefined && /^(?:script_name|path_translated)$/i.test(key)) return constant('the page itself.asp')
        return key === undefined || CLIENT_VARIABLE.test(key)
          ? fromSource('request', `Request.ServerVariables(${(key ?? '').slice(0, 30)})`, line)
          : UNKNOWN
      }
      if (name === 'binaryread') return fromSource('request', 'Request.BinaryRead()', line)
      const value = requestMember(name, line)
      const key = textOf(known(first) ?? '').slice(0, 30)
      return value && value.origins.length > 0
        ? fromSource('request', `${value.origins[0]?.label ?? 'Request'}(${key})`, line)
        : value
    }
    if (receiver.type === 'source') return /^(?:count)$/.test(name) ? UNKNOWN : { ...mixture([receiver]), type: 'source' }
    if (receiver.type === 'server') {
      if (name === 'createobject' || name === 'createobjectfromclsid') return comObject(first, line, machine)
      if (name === 'mappath') return joined([constant('/'), first])
      if (name === 'execute' || name === 'transfer') {
        machine.sink({ kind: 'include', label: `Server.${call.name}`, line, values: [first], hidden: call.hidden })
        return UNKNOWN
      }
      if (name === 'urlencode' || name === 'htmlencode') return mixture([first])
      return UNKNOWN
    }
    if (receiver.type === 'response') return UNKNOWN
    if (receiver.type === 'session')
      return receiver.entries?.get(textOf(known(first) ?? '')) ?? fromSource('stored', 'Session', line)
    if (receiver.type === 'com recordset') return fromSource('stored', 'a database', line)
    // The object was made elsewhere, or its line is lost: who is told `cmd /c` and a word of the request starts a shell.
    if (
      (name === 'run' || name === 'exec') &&
      !receiver.type &&
      SHELL_FIRST.test(first.prefix ?? '') &&
      hasOrigin(first, 'request')
    ) {
      machine.sink({ kind: 'command', label: `${call.name} of an object`, line, values: [first], hidden: call.hidden })
      return UNKNOWN
    }
    return (
      comCall(call, receiver, machine) ??
      this.#named({ ...call, name }, receiver.entries?.get(call.name), machine) ??
      this.#global({ ...call, name }, receiver, machine) ??
      scriptMethod({ ...call, name }, receiver)
    )
  }

  #plain(call: Call, machine: Machine): Value | undefined {
    const { name, args, line, hidden } = call
    const [first = UNKNOWN] = args
    if (EVALUATORS.has(name) && args.length > 0) return evaluated(call, machine)
    switch (name) {
      case 'request':
        return args.length > 0
          ? fromSource('request', `Request(${textOf(known(first) ?? '').slice(0, 30)})`, line)
          : { type: name, isObject: true, entries: new Map(), origins: [] }
      case 'session':
      case 'application': {
        const kept = (name === 'session' ? this.#session : this.#application).entries
        return kept?.get(textOf(known(first) ?? '')) ?? fromSource('stored', name, line)
      }
      case 'createobject':
      case 'getobject':
        return comObject(first, line, machine)
      case 'getref':
        return knownText(first) === undefined
          ? mixture([first])
          : { constant: knownText(first) ?? '', origins: [], type: 'function name' }
      case 'function':
        machine.sink({ kind: 'code', label: 'Function()', line, values: args, hidden })
        return UNKNOWN
      case 'unescape':
      case 'decodeuri':
      case 'decodeuricomponent':
        return decodedBy(first, name, unescaped)
      case 'parseint':
      case 'parsefloat':
      case 'number':
        return (
          folded(args, (value, digits) => Number.parseInt(textOf(value), digits === undefined ? 10 : numberOf(digits))) ?? UNKNOWN
        )
      case 'string':
        if (this.language === 'jscript') return first
    }
    const own = this.#named(call, machine.variable(name), machine)
    if (own !== undefined) return own
    return this.language === 'vbscript' ? basicFunction(call) : undefined
  }

  /** A built-in function kept in a variable or a member: `var e = eval; e(x)`. */
  #named(call: Call, value: Value | undefined, machine: Machine): Value | undefined {
    if (value?.type?.startsWith('com ')) return itemOf(value, call.args[0] ?? UNKNOWN)
    if (value?.type?.startsWith('native ') && value.type !== `native ${call.name}`)
      return this.#plain({ ...call, name: value.type.slice(7), hidden: call.hidden || value.built === true }, machine)
    if (value?.type === 'function name')
      return machine.invoke({ constant: value.constant ?? '', origins: [], built: true }, call.args, call.line)
    return undefined
  }

  /** `this["eval"](x)`, `window.eval`: functions of the script by another way. */
  #global(call: Call, receiver: Value, machine: Machine): Value | undefined {
    if (receiver.type === 'native string' && call.name === 'fromcharcode') {
      const text = folded(call.args, (...codes) => String.fromCharCode(...codes.slice(0, 4_000).map(numberOf)))
      return text ?? mixture(call.args.map(asLetter))
    }
    const isThis =
      receiver.type === undefined &&
      receiver.constant === undefined &&
      receiver.entries === undefined &&
      originsOf(receiver).length === 0
    // conn.Execute is a database; only eval is no word of other objects.
    if (call.name === 'eval' && isThis) return evaluated(call, machine)
    if (call.name === 'call' || call.name === 'apply')
      return this.#named({ ...call, args: call.args.slice(1) }, receiver, machine)
    return undefined
  }

  assigned(object: Value, name: string, value: Value, line: number, machine: Machine): void {
    if (name.toLowerCase() === 'language' && object.type?.includes('scriptcontrol'))
      machine.remark('a script engine inside the page', line)
    const changed = object.type === 'com file' || object.type === 'com shell item' ? object.entries?.get('path') : undefined
    if (changed && /^(?:attributes|modifydate|datelastmodified)$/i.test(name))
      machine.sink({ kind: 'file-manage', label: `${name.toLowerCase()} of a file`, line, values: [changed, value] })
    object.entries?.set(name.toLowerCase(), value)
  }
}

function requestMember(name: string, line: number): Value | undefined {
  if (NOT_CHOSEN.test(name)) return UNKNOWN
  if (name === 'servervariables') return { type: 'server variables', origins: [] }
  return COLLECTIONS.has(name) ? fromSource('request', `Request.${name}`, line, 'source') : undefined
}

function evaluated({ name, args, line, hidden }: Call, machine: Machine): Value {
  const [code = UNKNOWN] = args
  const label = `${name}()`
  // JScript of .NET: nothing of a page's own needs all rights of the server, only text of somebody else does.
  const mode = knownText(args[1])?.toLowerCase()
  machine.sink({ kind: 'code', label, line, values: [code], hidden: hidden || mode === 'unsafe' })
  if (knownText(code) !== undefined) return machine.evaluate(code, label, line)
  return hasOrigin(code, 'request') ? mixture([code]) : UNKNOWN
}

/** Methods of JScript's texts and lists. */
function scriptMethod({ name, args }: Call, receiver: Value): Value | undefined {
  const [first = UNKNOWN, second = UNKNOWN] = args
  switch (name) {
    case 'charat':
      return folded([receiver, first], (value, at) => textOf(value).charAt(numberOf(at))) ?? mixture([receiver])
    case 'charcodeat':
      return (
        folded([receiver, first], (value, at) => textOf(value).charCodeAt(numberOf(at))) ??
        (originsOf(receiver).length > 0 ? asCode(receiver) : UNKNOWN)
      )
    case 'substr':
      return partOf(receiver, args)
    case 'substring':
    case 'slice':
      return sliced(receiver, args)
    case 'replace':
      return (
        folded([receiver, first, second], (value, from, to) => replacedOnce(textOf(value), textOf(from), textOf(to))) ??
        mixture([receiver, second])
      )
    case 'tolowercase':
      return worked(receiver, text => text.toLowerCase())
    case 'touppercase':
      return worked(receiver, text => text.toUpperCase())
    case 'concat':
      return joined([receiver, ...args])
    case 'tostring':
    case 'valueof':
      return receiver.entries && !receiver.isObject ? spelled(receiver) : receiver
    case 'split': {
      const text = knownText(receiver)
      const mark = knownText(first)
      return text === undefined || mark === undefined ? mixture([receiver]) : cutAt(text, mark)
    }
    case 'reverse':
      return receiver.entries
        ? {
            entries: new Map([...receiver.entries.values()].toReversed().map((value, index) => [String(index), value])),
            origins: receiver.origins,
          }
        : undefined
    case 'join':
      return listJoined(receiver, args.length > 0 ? first : constant(','))
    case 'indexof':
    case 'lastindexof':
    case 'search':
    case 'test':
      return UNKNOWN
    default:
      return undefined
  }
}

/** A text, or a pattern that is a set of characters, put in place of another. */
function replacedOnce(value: string, from: string, to: string): string | undefined {
  const pattern = /^\/((?:[\w ,:;=@!#%&~-]|\\[^\w])+|\[[^\]\\^]{1,40}\][+*]?)\/([gi]*)$/.exec(from)
  if (from.startsWith('/') && from.length > 1) {
    if (!pattern || value.length > 200_000) return undefined
    return value.replace(new RegExp(pattern[1] ?? '', pattern[2] ?? ''), () => to)
  }
  return value.replace(from, () => to)
}
