import { basicFunction, unescaped } from '../asp/basic-functions.ts'
import { comCall, comMember, comObject } from '../asp/com-objects.ts'
import type { Call, Dialect, Machine } from '../dialect.ts'
import { numberOf, textOf } from '../fold.ts'
import { decodedBy, hasOrigin, known, knownText, simpleName, spelled, urlDecoded } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'
import {
  ADDRESSES,
  CARRIERS,
  COLLECTIONS,
  CONTEXT_TYPES,
  FILE_NAME,
  INPUT_CONTROL,
  INPUT_NAME,
  NAMESPACES,
  NOT_CHOSEN,
  REQUEST_TYPES,
  TELLS,
} from './dotnet-names.ts'
import { reflected } from './dotnet-reflection.ts'
import { dotnetSink } from './dotnet-sinks.ts'
import { textual } from './dotnet-texts.ts'

/** What the markup says about a page's code. */
export interface DotnetPage {
  readonly language: 'csharp' | 'vb' | 'jscript'
  /** Controls by id, in lower case: "txtname" is a "textbox". */
  readonly controls: ReadonlyMap<string, string>
  /** Parameters of its public methods come from requests. */
  readonly isService: boolean
  /** Methods a request can call by name, in lower case: actions of controllers, operations of services. */
  readonly actions?: ReadonlySet<string>
  /** Code whose markup lies in another file: a field that is not declared here is one of the page. */
  readonly isCodeBehind?: boolean
  /** A program with windows: what is typed into its fields comes from nobody far away. */
  readonly hasWindows?: boolean
}

/** A dialect of its own for each file: sessions and view state keep what a page puts into them. */
export function dotnetDialect(page: DotnetPage): Dialect {
  return new DotnetDialect(page)
}

const thing = (type: string): Value => ({ type, isObject: true, entries: new Map(), origins: [] })

class DotnetDialect implements Dialect {
  readonly language: 'csharp' | 'vb' | 'jscript'
  readonly ignoresCase: boolean
  readonly checks = new Set(['contains', 'containskey', 'ismatch', 'tryparse', 'isnumeric', 'int.tryparse'])
  readonly #page: DotnetPage
  readonly #kept = new Map<string, Value>()

  constructor(page: DotnetPage) {
    this.language = page.language
    this.ignoresCase = page.language === 'vb'
    this.#page = page
  }

  #keeper(name: string): Value {
    const known = this.#kept.get(name)
    if (known) return known
    const made = thing('session')
    this.#kept.set(name, made)
    return made
  }

  named(name: string): Value | undefined {
    const plain = simpleName(name.toLowerCase())
    switch (plain) {
      case 'request':
        return thing('httprequest')
      case 'response':
        return thing('httpresponse')
      case 'server':
        return thing('httpserverutility')
      case 'context':
      case 'httpcontext':
      case 'current':
        return { ...thing('httpcontext'), isClass: plain === 'httpcontext' }
      case 'session':
      case 'application':
      case 'viewstate':
      case 'cache':
        return this.#keeper(plain)
      case 'this':
      case 'me':
      case 'base':
      case 'mybase':
      case 'page':
        return thing('page')
      case 'eval':
      case 'unescape':
      case 'activexobject':
        return this.language === 'jscript' ? { type: `native ${plain}`, isClass: true, origins: [] } : undefined
      case 'vbcrlf':
      case 'vbnewline':
        return constant('\r\n')
    }
    const control = this.#page.controls.get(plain)
    if (control !== undefined) return { ...thing(control), entries: new Map([['id', constant(name)]]) }
    if (this.#page.hasWindows !== true) {
      if (INPUT_NAME.test(plain)) return { ...thing('textbox'), entries: new Map([['id', constant(name)]]) }
      if (FILE_NAME.test(plain)) return { ...thing('fileupload'), entries: new Map([['id', constant(name)]]) }
    }
    return /^[A-Z]/.test(name) || this.ignoresCase || this.language === 'jscript'
      ? { type: plain, isClass: true, origins: [] }
      : undefined
  }

  parameter(type: string | undefined, name: string, of: string): Value | undefined {
    const plain = simpleName((type ?? '').toLowerCase())
    if (CONTEXT_TYPES.has(plain)) return thing('httpcontext')
    if (REQUEST_TYPES.has(plain)) return thing('httprequest')
    if (/^(?:httppostedfile(?:base)?|iformfile)$/.test(plain)) return fromSource('upload', name, 0, 'upload')
    const isTold = this.#page.isService || this.#page.actions?.has(of.toLowerCase()) === true
    if (isTold && /^(?:string|byte\[?\]?|object|)$/.test(plain) && name !== 'sender' && name !== 'e')
      return fromSource('request', `the caller's ${name}`, 0)
    return undefined
  }

  member(holder: Value, name: string, line: number, machine: Machine): Value | undefined {
    const object = plainType(holder)
    const plain = name.toLowerCase()
    const type = object.type ?? ''
    if (object.isClass && NAMESPACES.has(type))
      return plain === 'current' ? thing('httpcontext') : (this.named(name) ?? { type: plain, isClass: true, origins: [] })
    // Of an address only what stands behind the question mark is the visitor's own words.
    if (plain === 'query' && object.cleaned === 'address' && object.origins.length > 0)
      return fromSource('request', object.origins[0]?.label ?? 'Request.Url', line)
    if (REQUEST_TYPES.has(type)) return plain === 'request' ? object : requestMember(plain, line)
    if (type === 'source')
      return TELLS.has(plain)
        ? UNKNOWN
        : plain === 'values' || plain === 'keys' || plain === 'allkeys' || plain === 'value'
          ? { ...mixture([object]), type: 'source' }
          : undefined
    // Basic calls without brackets: `x.Trim`.
    if (this.ignoresCase && CARRIERS.has(plain) && originsOf(object).length > 0) return mixture([object])
    if (plain === 'request' && object.entries?.has(name) !== true) return thing('httprequest')
    if (plain === 'response') return thing('httpresponse')
    if (plain === 'server' && !object.entries?.has(name)) return thing('httpserverutility')
    if (plain === 'current' && type === 'httpcontext') return thing('httpcontext')
    if (plain === 'session' || plain === 'application' || plain === 'viewstate' || plain === 'cache' || plain === 'items') {
      if (CONTEXT_TYPES.has(type)) return this.#keeper(plain)
    }
    if (type === 'page' && !object.entries?.has(name)) return this.named(name)
    if (INPUT_CONTROL.test(type) && this.#page.hasWindows !== true) return controlMember(object, plain, line)
    if (this.#page.isCodeBehind && object.isClass && plain === 'text' && object.origins.length === 0)
      return fromSource('request', `${type}.${name}`, line)
    if (type === 'upload') {
      if (plain === 'filename' || plain === 'contenttype')
        return fromSource('request', `${object.origins[0]?.label ?? 'upload'}.${name}`, line)
      return plain === 'contentlength' ? UNKNOWN : { ...mixture([object]), type: plain === 'postedfile' ? 'upload' : 'stream' }
    }
    if (plain === 'startinfo') {
      const known = object.entries?.get(name)
      if (known) return known
      const made = thing('processstartinfo')
      object.entries?.set(name, made)
      return made
    }
    if (plain === 'length' || plain === 'count') {
      const text = known(object)
      if (typeof text === 'string') return constant(text.length)
      return object.entries && !object.isObject ? constant(object.entries.size) : UNKNOWN
    }
    if (type === 'process' && /^standard/.test(plain)) return thing('processstream')
    if (type === 'appdomain' && plain === 'currentdomain') return object
    return comMember(object, plain, line, machine)
  }

  index(holder: Value, key: Value | undefined, line: number): Value | undefined {
    const object = plainType(holder)
    const type = object.type ?? ''
    if (REQUEST_TYPES.has(type)) return fromSource('request', `Request[${textOf(known(key) ?? '').slice(0, 30)}]`, line)
    if (type === 'session') return object.entries?.get(textOf(known(key) ?? '')) ?? fromSource('stored', 'session', line)
    if (type === 'upload') return object
    return undefined
  }

  create(call: Call, machine: Machine): Value | undefined {
    return dotnetSink({ ...call, name: `new ${simpleName(call.name.toLowerCase())}` }, UNKNOWN, machine) ?? created(call, machine)
  }

  call(call: Call, machine: Machine): Value | undefined {
    const { args, line } = call
    const receiver = call.receiver && plainType(call.receiver)
    const name = call.name.toLowerCase()
    const [first = UNKNOWN] = args
    const lower: Call = { ...call, name }
    if (receiver === undefined) return this.#plain(lower, machine)
    const type = receiver.type ?? ''
    if (REQUEST_TYPES.has(type)) {
      if (name === 'binaryread') return fromSource('request', 'Request.BinaryRead()', line)
      if (name === 'mappath') return joined([constant('/'), first])
      if (name === 'saveas') {
        machine.sink({
          kind: 'file-write',
          label: 'Request.SaveAs()',
          line,
          values: [first, fromSource('request', 'the request', line)],
          hidden: call.hidden,
        })
        return UNKNOWN
      }
      const value = requestMember(name, line)
      return value && value.origins.length > 0
        ? fromSource('request', `Request.${call.name}(${textOf(known(first) ?? '').slice(0, 30)})`, line)
        : value
    }
    if (type === 'source')
      return TELLS.has(name) ? UNKNOWN : { ...mixture([receiver]), ...(name === 'getvalues' ? {} : { type: 'source' }) }
    if (type === 'session') {
      if (/^(?:add|set|insert)$/.test(name) && args[1]) receiver.entries?.set(textOf(known(first) ?? ''), args[1])
      return receiver.entries?.get(textOf(known(first) ?? '')) ?? fromSource('stored', 'session', line)
    }
    if (name === 'findcontrol') return { ...thing('textbox'), entries: new Map([['id', first]]) }
    if (name === 'createobject' || (name === 'createobjectfromclsid' && type === 'httpserverutility'))
      return comObject(first, line, machine)
    if (type === 'httpserverutility') {
      if (name === 'mappath') return joined([constant('/'), first])
      if (name === 'execute' || name === 'transfer') {
        machine.sink({ kind: 'include', label: `Server.${call.name}()`, line, values: [first], hidden: call.hidden })
        return UNKNOWN
      }
      return name === 'urldecode' ? urlDecoded(first) : mixture([first])
    }
    if (type === 'httpresponse') {
      if (name === 'writefile' || name === 'transmitfile')
        machine.sink({ kind: 'file-manage', label: `Response.${call.name}()`, line, values: [first], hidden: call.hidden })
      return UNKNOWN
    }
    return (
      comCall(call, receiver, machine) ??
      reflected(lower, receiver, machine) ??
      dotnetSink(lower, receiver, machine) ??
      this.#native(lower, receiver, machine) ??
      textual(lower, receiver)
    )
  }

  #plain(call: Call, machine: Machine): Value | undefined {
    const { name, args, line, hidden } = call
    const [first = UNKNOWN] = args
    switch (name) {
      case 'request':
        return args.length > 0 ? fromSource('request', `Request(${textOf(known(first) ?? '').slice(0, 30)})`, line) : undefined
      case 'session':
      case 'application':
      case 'viewstate':
        return this.#keeper(name).entries?.get(textOf(known(first) ?? '')) ?? fromSource('stored', name, line)
      case 'eval':
        // `<%# Eval("Column") %>` of data binding names a column; only JScript runs text.
        if (this.language !== 'jscript') return mixture(args, 'unseen')
        // Nothing of a page's own needs all rights of the server: only text of somebody else does.
        machine.sink({ kind: 'code', label: 'eval()', line, values: [first], hidden: hidden || isUnsafe(args[1]) })
        return knownText(first) === undefined
          ? hasOrigin(first, 'request')
            ? mixture([first])
            : UNKNOWN
          : machine.evaluate(first, 'eval()', line)
      case 'shell':
        if (this.language !== 'vb') return undefined
        machine.sink({ kind: 'command', label: 'Shell()', line, values: [first], hidden })
        return UNKNOWN
      case 'createobject':
      case 'getobject':
        return comObject(first, line, machine)
      case 'unescape':
      case 'decodeuricomponent':
        return decodedBy(first, name, unescaped)
      case 'mappath':
        return joined([constant('/'), first])
      default: {
        const own = this.#native(call, machine.variable(call.name), machine)
        if (own) return own
        return this.language === 'vb' ? basicFunction(call) : undefined
      }
    }
  }

  #native(call: Call, value: Value, machine: Machine): Value | undefined {
    if (!value.type?.startsWith('native ') || value.type === `native ${call.name}`) return undefined
    return this.#plain({ ...call, name: value.type.slice(7), hidden: true }, machine)
  }

  assigned(holder: Value, name: string, value: Value, line: number, machine: Machine): void {
    const object = plainType(holder)
    const plain = name.toLowerCase()
    const type = object.type ?? ''
    if (type === 'processstartinfo' && (plain === 'filename' || plain === 'arguments'))
      machine.sink({ kind: 'command', label: `ProcessStartInfo.${name}`, line, values: [value] })
    if (plain === 'commandtext' && originsOf(value).length > 0)
      machine.sink({ kind: 'database', label: 'CommandText', line, values: [value] })
    if (plain === 'connectionstring') machine.sink({ kind: 'connect', label: 'the text of a connection', line, values: [value] })
    if (type.startsWith('com ')) object.entries?.set(plain, value)
  }
}

/** `eval(text, "unsafe")`: learn.microsoft.com "eval Method (JScript)". */
function isUnsafe(mode: Value | undefined): boolean {
  return knownText(mode)?.toLowerCase() === 'unsafe'
}

/** Types without their namespace, in lower case: declarations hand them over as they are written. */
function plainType(value: Value): Value {
  const { type } = value
  if (type === undefined || type.startsWith('com ') || type.startsWith('native ')) return value
  const plain = simpleName(type.toLowerCase())
  return plain === type ? value : { ...value, type: plain }
}

function requestMember(name: string, line: number): Value | undefined {
  if (name === 'unvalidated') return thing('httprequest')
  if (NOT_CHOSEN.has(name)) return UNKNOWN
  if (COLLECTIONS.has(name)) return fromSource('request', `Request.${name}`, line, 'source')
  if (name === 'files') return fromSource('upload', 'Request.Files', line, 'upload')
  if (name === 'inputstream' || name === 'getbufferlessinputstream' || name === 'body' || name === 'content')
    return fromSource('request', `Request.${name}`, line, 'stream')
  return ADDRESSES.has(name)
    ? {
        ...fromSource('request', `Request.${name}`, line),
        ...(name === 'useragent' || name === 'urlreferrer' ? {} : { cleaned: 'address' }),
      }
    : undefined
}

function controlMember(object: Value, name: string, line: number): Value | undefined {
  const id = textOf(known(object.entries?.get('id')) ?? '')
  const type = object.type ?? ''
  if (/file/.test(type)) {
    if (name === 'filename') return fromSource('request', `${id}.FileName`, line)
    return name === 'hasfile' ? UNKNOWN : fromSource('upload', `${id}.${name}`, line, name === 'postedfile' ? 'upload' : 'stream')
  }
  if (name === 'postedfile') return fromSource('upload', `${id}.PostedFile`, line, 'upload')
  return name === 'text' || name === 'value' || name === 'innertext' || name === 'innerhtml'
    ? fromSource('request', `${id}.${name}`, line)
    : UNKNOWN
}

/** Objects that hold what they are made of. */
function created({ name, args, line }: Call, machine: Machine): Value | undefined {
  const type = simpleName(name.toLowerCase())
  const [first = UNKNOWN, second = UNKNOWN] = args
  switch (type) {
    case 'string':
      return typeof known(second) === 'number' && typeof known(first) === 'string'
        ? constant(textOf(known(first) ?? '').repeat(Math.min(numberOf(known(second)), 10_000)))
        : spelled(first)
    case 'stringbuilder':
    case 'stringwriter':
      return {
        type,
        isObject: true,
        entries: new Map([['text', typeof first.constant === 'string' || originsOf(first).length > 0 ? first : constant('')]]),
        origins: [],
      }
    case 'memorystream':
    case 'streamreader':
    case 'binaryreader':
    case 'stringreader':
    case 'gzipstream':
    case 'deflatestream':
    case 'cryptostream':
    case 'bufferedstream':
      if (first.entries?.has('path')) return first
      if (type === 'streamreader' && originsOf(first).length === 0 && first.type === undefined)
        return fromSource('stored', 'a file', line, 'stream')
      return { ...mixture([first]), type: 'stream', isObject: true, entries: new Map() }
    case 'activexobject':
      return comObject(first, line, machine)
    case 'arraylist':
    case 'list':
    case 'dictionary':
    case 'hashtable':
      return thing(type)
    default:
      return undefined
  }
}
