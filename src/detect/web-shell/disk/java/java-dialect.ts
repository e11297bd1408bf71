import type { Call, Dialect, Machine } from '../dialect.ts'
import { numberOf, textOf } from '../fold.ts'
import {
  base64Decoded,
  decodedBy,
  folded,
  hasOrigin,
  known,
  knownText,
  simpleName,
  spelled,
  spread,
  textOfBytes,
  urlDecoded,
} from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, either, fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'
import {
  CLIENT_VALUES,
  CONSTANT_RESULTS,
  IMPLICIT,
  REQUEST_TYPES,
  SCOPES,
  SINK_METHODS,
  STREAM_WRAPPERS,
  WRITE_METHODS,
  WRITER_TYPES,
} from './java-names.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** A dialect of its own for each file: it keeps what a page puts into its attributes. */
export function javaDialect(): Dialect {
  return new JavaDialect()
}

class JavaDialect implements Dialect {
  readonly language = 'jsp'
  readonly ignoresCase = false
  readonly checks = words('contains containsKey matches')
  readonly #attributes = new Map<string, Value>()

  named(name: string, line: number): Value | undefined {
    const type = IMPLICIT[name]
    if (type === 'source') return fromSource('request', name, line, 'source')
    if (type !== undefined) return { type, isObject: true, entries: new Map(), origins: [] }
    const simple = simpleName(name)
    return /^[A-Z]/.test(simple) ? { type: simple, isClass: true, origins: [] } : undefined
  }

  parameter(type: string | undefined, name: string): Value | undefined {
    const simple = simpleName(type ?? '')
    if (REQUEST_TYPES.has(simple)) return { type: simple, isObject: true, entries: new Map(), origins: [] }
    // What a framework binds a request to.
    if (simple === 'MultipartFile' || simple === 'Part' || simple === 'FileItem') return fromSource('upload', name, 0, simple)
    return undefined
  }

  member(holder: Value, name: string, line: number, machine: Machine): Value | undefined {
    const object = plainType(holder)
    if (name === 'class') return object.isClass ? object : { type: object.type ?? 'Object', isClass: true, origins: [] }
    if (name === 'length')
      return object.constant !== undefined && object.origins.length === 0
        ? constant(textOf(object.constant).length)
        : object.entries && !object.isObject
          ? constant(object.entries.size)
          : UNKNOWN
    if (object.type === 'source') {
      const [origin] = object.origins
      return fromSource('request', `${origin?.label ?? 'param'}.${name.slice(0, 30)}`, line)
    }
    // The expression language writes properties for what Java reads with methods.
    if (object.type !== undefined && (REQUEST_TYPES.has(object.type) || object.type === 'PageContext'))
      return this.call(
        {
          name: `get${name.charAt(0).toUpperCase()}${name.slice(1)}`,
          receiver: object,
          args: [],
          line,
          hidden: false,
          out: () => undefined,
        },
        machine,
      )
    return undefined
  }

  call(call: Call, machine: Machine): Value | undefined {
    const { name, args } = call
    const receiver = call.receiver && plainType(call.receiver)
    if (receiver === undefined) return this.#plain(call, machine)
    const [first = UNKNOWN] = args
    const request = this.#ofRequest(call, receiver)
    if (request !== undefined) return request
    if (name === 'setAttribute' || name === 'putValue') {
      const key = knownText(first)
      if (key !== undefined && args[1]) this.#attributes.set(key, either(this.#attributes.get(key), args[1]))
      return UNKNOWN
    }
    if (name === 'getAttribute' || name === 'getValue' || name === 'findAttribute') {
      const key = knownText(first)
      const kept = key === undefined ? undefined : this.#attributes.get(key)
      if (kept !== undefined) return kept
      if (receiver.type !== undefined && SCOPES.has(receiver.type))
        return fromSource('stored', `${receiver.type}.${name}()`, call.line)
      return undefined
    }
    return (
      reflected(call, receiver, machine, this) ??
      sinkOf(call, receiver, machine) ??
      streamed(call, receiver, machine) ??
      textual(call, receiver)
    )
  }

  #plain(call: Call, machine: Machine): Value | undefined {
    const { name, args, line, hidden } = call
    const [first = UNKNOWN] = args
    switch (name) {
      case '(char)':
      case '(byte)': {
        const code = known(first)
        if (typeof code === 'number')
          return { constant: String.fromCharCode(name === '(byte)' ? code & 255 : code & 0xffff), origins: [], built: true }
        return first
      }
      case '(code)': {
        const char = known(first)
        return typeof char === 'string' && char.length === 1 ? constant(char.charCodeAt(0)) : first
      }
      case 'defineClass':
      case 'findClass':
      case 'super':
        if (name !== 'defineClass') return name === 'super' ? UNKNOWN : undefined
        machine.sink({ kind: 'class-loading', label: 'defineClass()', line, values: bytesOf(args), hidden })
        return { ...mixture(args), type: 'Class' }
      case 'getClass':
        return { type: 'Object', isClass: true, origins: [] }
      default:
        return undefined
    }
  }

  #ofRequest({ name, args, line }: Call, receiver: Value): Value | undefined {
    const type = receiver.type ?? ''
    if (name === 'getRequest' || name === 'getServletRequest')
      return { type: 'HttpServletRequest', isObject: true, entries: new Map(), origins: [] }
    if (!CLIENT_VALUES.has(name)) return undefined
    // Streams and readers have many owners; the rest is only ever asked of a request.
    const shared =
      name === 'getInputStream' ||
      name === 'getReader' ||
      name === 'getHeaders' ||
      name === 'getHeader' ||
      name === 'getParts' ||
      name === 'getPart'
    if (shared && !REQUEST_TYPES.has(type) && !(type === '' && receiver.origins.length === 0 && receiver.constant === undefined))
      return undefined
    if (name === 'getInputStream' && type === '') return undefined
    const key = knownText(args[0])
    const label = `request.${name}(${(key ?? '').slice(0, 30)})`
    const holds =
      name === 'getParameterMap' || name === 'getHeaders' || name === 'getParameterNames'
        ? 'source'
        : name === 'getInputStream'
          ? 'InputStream'
          : name === 'getReader'
            ? 'BufferedReader'
            : /^getParts?$/.test(name)
              ? 'Part'
              : undefined
    const value = fromSource(/^getParts?$/.test(name) ? 'upload' : 'request', label, line, holds)
    return /^get(?:PathInfo|RequestUR[IL]|PathTranslated)$/.test(name) ? { ...value, cleaned: 'address' } : value
  }

  create(call: Call, machine: Machine): Value | undefined {
    const { args, line, hidden } = call
    const type = simpleName(call.name)
    const [first = UNKNOWN, second = UNKNOWN] = args
    switch (type) {
      case 'ProcessBuilder':
        if (args.length > 0) machine.sink({ kind: 'command', label: 'ProcessBuilder', line, values: spread(args), hidden })
        return { type, isObject: true, entries: new Map(), origins: [] }
      case 'String':
        return first.entries && args.length >= 3 && textOfBytes(first) !== undefined
          ? (folded(args.slice(0, 3), (bytes, from, length) =>
              textOf(bytes).slice(numberOf(from), numberOf(from) + numberOf(length)),
            ) ?? spelled(first))
          : spelled(first)
      case 'StringBuilder':
      case 'StringBuffer':
      case 'StringWriter':
        return {
          type,
          isObject: true,
          entries: new Map([['text', typeof first.constant === 'number' || args.length === 0 ? constant('') : first]]),
          origins: [],
        }
      case 'File':
        return { ...(args.length > 1 ? joined([first, constant('/'), second]) : first), type }
      case 'URLClassLoader':
        machine.sink({ kind: 'class-loading', label: type, line, values: spread(args.slice(0, 1)), hidden })
        return { type, isObject: true, entries: new Map(), origins: [] }
      case 'URL':
        return {
          ...mixture(args),
          ...(args.length === 1 && first.constant !== undefined ? { constant: first.constant } : {}),
          ...(first.prefix ? { prefix: first.prefix } : {}),
          type,
        }
      case 'Socket':
        machine.sink({ kind: 'connect', label: type, line, values: args, hidden })
        return fromSource('remote', 'new Socket()', line, type)
      case 'FileInputStream':
      case 'FileReader':
        machine.sink({ kind: 'file-manage', label: type, line, values: [first], hidden })
        return fromSource('stored', `a file read with ${type}`, line, type)
      case 'XMLDecoder':
      case 'ObjectInputStream':
        machine.sink({ kind: 'deserialise', label: type, line, values: [first], hidden })
        return { ...mixture(args), type }
      case 'FileHandler':
        machine.sink({ kind: 'file-write', label: type, line, values: [first, first], hidden })
        return { type, isObject: true, entries: new Map(), origins: [] }
      case 'SecretKeySpec': {
        if (textOfBytes(first) !== undefined) machine.remark('a key for encryption that is written in the page', line)
        return { type, isObject: true, entries: new Map(), origins: [] }
      }
      default:
    }
    if (WRITER_TYPES.has(type)) return { type, isObject: true, entries: new Map([['path', first]]), origins: [] }
    // A stream around a stream is as good as the inner one.
    if (STREAM_WRAPPERS.has(type)) {
      if (first.entries?.has('path')) return first
      if (
        /(?:Writer|PrintStream)$/.test(type) &&
        first.entries === undefined &&
        (first.constant !== undefined || first.type === 'File' || first.type === undefined) &&
        first.type !== 'Response'
      )
        return { type, isObject: true, entries: new Map([['path', first]]), origins: [] }
      return { ...mixture([first]), type: first.type ?? type }
    }
    return undefined
  }
}

/** Types without their package: declarations hand them over as they are written. */
function plainType(value: Value): Value {
  return value.type?.includes('.') ? { ...value, type: simpleName(value.type) } : value
}

/** Bytes among the arguments of defineClass(name, bytes, from, length). */
function bytesOf(args: readonly Value[]): Value[] {
  const bytes = args.filter(arg => originsOf(arg).length > 0 || arg.entries !== undefined)
  return bytes.length > 0 ? bytes : args.slice(0, 2)
}

/** java.lang.reflect: names are resolved to what they stand for, and the call is looked at as if it were written. */
function reflected(call: Call, receiver: Value, machine: Machine, dialect: JavaDialect): Value | undefined {
  const { name, args, line } = call
  const [first = UNKNOWN] = args
  switch (name) {
    case 'forName':
    case 'loadClass':
    case 'findClass': {
      const text = knownText(first)
      if (text !== undefined)
        return { type: simpleName(text), isClass: true, origins: [], ...(first.built ? { built: true } : {}) }
      if (hasOrigin(first, 'request'))
        machine.sink({ kind: 'dynamic-call', label: `a class named by the request, ${name}()`, line, values: [first] })
      return originsOf(first).length > 0 || name === 'forName' ? { ...mixture([first]), type: 'Class' } : undefined
    }
    case 'getClass':
      return { type: receiver.type ?? 'Object', isClass: true, origins: [] }
    case 'getMethod':
    case 'getDeclaredMethod':
    case 'getMethods':
    case 'getDeclaredMethods':
    case 'getConstructor':
    case 'getDeclaredConstructor':
    case 'getDeclaredConstructors':
    case 'getConstructors': {
      const isMaker = name.includes('Constructor')
      return {
        type: isMaker ? 'Constructor' : 'Method',
        isObject: true,
        entries: new Map([['owner', receiver], ...(isMaker || name.endsWith('s') ? [] : [['name', first] as const])]),
        origins: [],
      }
    }
    case 'invoke': {
      if (receiver.type !== 'Method' && receiver.type !== undefined) return undefined
      const method = receiver.entries?.get('name')
      const owner = receiver.entries?.get('owner')
      const text = knownText(method)
      const values = args.length === 2 && args[1]?.entries && !args[1].isObject ? [...args[1].entries.values()] : args.slice(1)
      if (text !== undefined) {
        const target =
          first.constant === null || first.type === undefined || first.type === 'Class'
            ? { ...owner, origins: owner?.origins ?? [] }
            : first
        const hidden = method?.built === true || owner?.built === true
        const known = machine.invoke(
          {
            entries: new Map([
              ['0', target],
              ['1', { constant: text, origins: [], ...(hidden ? { built: true } : {}) }],
            ]),
            origins: [],
          },
          values,
          line,
        )
        return known
      }
      if (method && hasOrigin(method, 'request')) {
        machine.sink({
          kind: 'dynamic-call',
          label: 'a method named by the request, invoke()',
          line,
          values: [method, ...values],
        })
        return mixture(args)
      }
      machine.sink({ kind: 'unresolved-call', label: 'invoke()', line, values: args, hidden: method?.built === true })
      return mixture(args, 'unseen')
    }
    case 'newInstance':
    case 'newProxyInstance': {
      const maker = receiver.type === 'Constructor' ? receiver.entries?.get('owner') : receiver
      if (maker?.isClass && maker.type !== undefined && maker.type !== 'Class' && maker.type !== 'Array') {
        const made = dialect.create({ ...call, name: maker.type, args: spread(args), hidden: maker.built === true }, machine)
        return made ?? { ...mixture(args), type: maker.type }
      }
      return { ...mixture([receiver, ...args]), type: 'Object' }
    }
    default:
      return undefined
  }
}

/** What Java runs, loads, writes. */
function sinkOf(call: Call, receiver: Value, machine: Machine): Value | undefined {
  const { name, args, line, hidden } = call
  const [first = UNKNOWN, second = UNKNOWN] = args
  const type = receiver.type ?? ''
  switch (name) {
    case 'getRuntime':
      return { type: 'Runtime', isObject: true, entries: new Map(), origins: [] }
    case 'exec':
      if (type !== '' && type !== 'Runtime') return undefined
      if (type === '' && args.length === 0) return undefined
      machine.sink({ kind: 'command', label: 'Runtime.exec()', line, values: spread(args.slice(0, 1)), hidden })
      return { type: 'Process', isObject: true, entries: new Map(), origins: [] }
    case 'load':
    case 'loadLibrary':
      if (type !== 'Runtime' && type !== 'System') return undefined
      machine.sink({ kind: 'class-loading', label: `${type}.${name}()`, line, values: [first], hidden })
      return UNKNOWN
    case 'command':
      if (type !== 'ProcessBuilder' || args.length === 0) return undefined
      machine.sink({ kind: 'command', label: 'ProcessBuilder.command()', line, values: spread(args), hidden })
      return receiver
    case 'start':
      return type === 'ProcessBuilder' || type === 'ProcessImpl' || type === 'UNIXProcess'
        ? startedProcess(call, type, machine)
        : undefined
    case 'forkAndExec':
      machine.sink({ kind: 'command', label: 'forkAndExec()', line, values: spread(args), hidden })
      return UNKNOWN
    case 'getInputStream':
    case 'getErrorStream':
      return type === 'Process' ? { ...UNKNOWN, type: 'InputStream' } : undefined
    case 'defineClass':
    case 'defineAnonymousClass':
    case 'defineHiddenClass':
      machine.sink({ kind: 'class-loading', label: `${name}()`, line, values: bytesOf(args), hidden })
      return { ...mixture(args), type: 'Class' }
    case 'eval':
      machine.sink({ kind: 'code', label: 'script engine eval()', line, values: [first], hidden })
      return UNKNOWN
    case 'evaluate':
    case 'parseClass':
      if (!SINK_METHODS.evaluators.test(type)) return undefined
      machine.sink({ kind: 'code', label: `${type}.${name}()`, line, values: [first], hidden })
      return UNKNOWN
    case 'parseExpression':
    case 'createValueExpression':
    case 'createMethodExpression':
    case 'compileExpression':
    case 'executeExpression':
      machine.sink({ kind: 'code', label: `${name}()`, line, values: name.startsWith('create') ? [second] : [first], hidden })
      return UNKNOWN
    case 'lookup':
    case 'doLookup':
      if (type !== 'InitialContext' && type !== 'Context' && type !== 'JndiTemplate') return undefined
      machine.sink({ kind: 'dynamic-call', label: 'JNDI lookup()', line, values: [first], hidden })
      return UNKNOWN
    case 'readObject':
      // The stream was a place of its own already when it was made of the request.
      return mixture([receiver])
    case 'fromXML':
      machine.sink({ kind: 'deserialise', label: 'fromXML()', line, values: [first], hidden })
      return mixture([first])
    case 'executeQuery':
    case 'executeUpdate':
    case 'execute':
    case 'addBatch':
    case 'prepareStatement':
      if (args.length > 0 && originsOf(first).length > 0)
        machine.sink({ kind: 'database', label: `${name}()`, line, values: [first], hidden })
      return name === 'executeQuery' ? fromSource('stored', 'a database', line) : UNKNOWN
    case 'getConnection':
      if (type === 'DriverManager')
        machine.sink({ kind: 'connect', label: 'DriverManager.getConnection()', line, values: args, hidden })
      return { type: 'Connection', isObject: true, entries: new Map(), origins: [] }
    case 'connect':
      if (!/Socket/.test(type)) return undefined
      machine.sink({ kind: 'connect', label: `${type}.connect()`, line, values: args, hidden })
      return UNKNOWN
    case 'openConnection':
    case 'openStream':
      machine.sink({ kind: 'connect', label: `${name}()`, line, values: [receiver], hidden })
      return fromSource('remote', `${name}()`, line, 'InputStream')
    case 'delete':
    case 'listFiles':
    case 'renameTo':
    case 'mkdir':
    case 'mkdirs':
    case 'setLastModified':
      if (type === 'File')
        machine.sink({ kind: 'file-manage', label: `File.${name}()`, line, values: [receiver, ...args], hidden })
      return type === 'File' ? { ...mixture([receiver, ...args], 'unseen'), type: 'File' } : undefined
    default:
      return undefined
  }
}

function startedProcess({ args, line, hidden }: Call, type: string, machine: Machine): Value {
  if (type !== 'ProcessBuilder') machine.sink({ kind: 'command', label: `${type}.start()`, line, values: spread(args), hidden })
  return { type: 'Process', isObject: true, entries: new Map(), origins: [] }
}

/** Streams: reading fills what is given, writing puts it where the stream leads. */
function streamed(call: Call, receiver: Value, machine: Machine): Value | undefined {
  const { name, args, line, hidden, out } = call
  const [first = UNKNOWN, second = UNKNOWN] = args
  const type = receiver.type ?? ''
  const path = receiver.entries?.get('path')
  if (WRITE_METHODS.has(name) && path !== undefined) {
    machine.sink({ kind: 'file-write', label: `${type}.${name}()`, line, values: [path, first], hidden })
    return receiver
  }
  switch (name) {
    case 'read':
    case 'readFully':
    case 'readFull':
      if (args.length > 0) out(0, mixture([receiver]))
      return args.length > 0 ? UNKNOWN : mixture([receiver])
    case 'readLine':
    case 'readAllBytes':
    case 'readNBytes':
    case 'nextLine':
    case 'next':
    case 'toByteArray':
      return receiver.entries?.get('text') ?? mixture([receiver])
    case 'write':
    case 'append':
    case 'insert':
    case 'print':
      if (type === 'Part' || type === 'FileItem') {
        machine.sink({ kind: 'upload-move', label: `${type}.write()`, line, values: [first, receiver], hidden })
        return UNKNOWN
      }
      if (type === 'Files') {
        machine.sink({ kind: 'file-write', label: 'Files.write()', line, values: [first, second], hidden })
        return UNKNOWN
      }
      if (type === 'JspWriter' || !receiver.isObject || receiver.entries === undefined)
        return name === 'append' && receiver.isObject !== true ? mixture([receiver, ...args]) : UNKNOWN
      receiver.entries.set(
        'text',
        joined([receiver.entries.get('text') ?? constant(''), name === 'insert' ? second : spelled(first)]),
      )
      return receiver
    case 'transferTo':
      machine.sink({
        kind: 'upload-move',
        label: 'transferTo()',
        line,
        values: [first, hasOrigin(receiver, 'upload') ? receiver : fromSource('upload', 'an uploaded file', line)],
        hidden,
      })
      return UNKNOWN
    case 'writeString':
    case 'copy':
    case 'move':
    case 'writeStringToFile':
    case 'writeByteArrayToFile':
    case 'copyInputStreamToFile':
    case 'copyToFile': {
      if (type !== 'Files' && type !== 'FileUtils') return undefined
      const whereFirst = name === 'writeString' || name === 'writeStringToFile' || name === 'writeByteArrayToFile'
      machine.sink({
        kind: name === 'move' ? 'file-manage' : 'file-write',
        label: `${type}.${name}()`,
        line,
        values: whereFirst ? [first, second] : [second, first],
        hidden,
      })
      return UNKNOWN
    }
    case 'newOutputStream':
    case 'newBufferedWriter':
      return { type: 'FileOutputStream', isObject: true, entries: new Map([['path', first]]), origins: [] }
    case 'getSubmittedFileName':
    case 'getOriginalFilename':
    case 'getOriginalFileName':
      return fromSource('request', `${name}()`, line)
    case 'get':
      if (type === 'Paths' || type === 'Path')
        return { ...joined(args.length > 1 ? [first, constant('/'), second] : [first]), type: 'Path' }
      return undefined
    case 'toPath':
    case 'toFile':
    case 'getBytes':
    case 'toCharArray':
    case 'getParentFile':
      return receiver
    default:
      return undefined
  }
}

/** java.lang.String and its friends, and what only looks at a value. */
function textual(call: Call, receiver: Value): Value | undefined {
  const { name, args } = call
  const [first = UNKNOWN, second = UNKNOWN] = args
  const type = receiver.type ?? ''
  const self = receiver.entries?.get('text') ?? receiver
  if (CONSTANT_RESULTS.has(name))
    return folded([self, ...args], (value, argument) => tells(name, textOf(value), textOf(argument))) ?? UNKNOWN
  switch (name) {
    case 'toString':
    case 'valueOf':
    case 'copyValueOf':
      if (/^(?:String|Character)$/.test(type) && receiver.isClass) {
        const code = known(first)
        return type === 'Character' && typeof code === 'number'
          ? { constant: String.fromCharCode(code), origins: [], built: true }
          : spelled(first)
      }
      if (receiver.isClass) return mixture(args, 'number')
      if (args.length > 0 && type !== 'ByteArrayOutputStream') return undefined
      return self.constant !== undefined || self !== receiver ? self : spelled(self)
    case 'trim':
    case 'strip':
    case 'intern':
      return folded([self], value => textOf(value).trim()) ?? kept(self)
    case 'toLowerCase':
      return folded([self], value => textOf(value).toLowerCase()) ?? kept(self)
    case 'toUpperCase':
      return folded([self], value => textOf(value).toUpperCase()) ?? kept(self)
    case 'concat':
      return joined([self, first])
    case 'substring':
    case 'subSequence':
      return (
        folded([self, ...args], (value, from, to) =>
          textOf(value).slice(numberOf(from), to === undefined ? undefined : numberOf(to)),
        ) ?? mixture([self])
      )
    case 'charAt':
      return folded([self, first], (value, at) => textOf(value).charAt(numberOf(at))) ?? mixture([self])
    case 'replace':
    case 'replaceAll':
    case 'replaceFirst':
      return (
        folded([self, first, second], (value, from, to) =>
          textOf(from) === '' || (name !== 'replace' && /[\\[\](){}.*+?^$|]/.test(textOf(from)))
            ? undefined
            : textOf(value).replaceAll(textOf(from), () => textOf(to)),
        ) ?? mixture([self, second])
      )
    case 'reverse':
      return folded([self], value => [...textOf(value)].toReversed().join('')) ?? mixture([self])
    case 'split': {
      const text = knownText(self)
      const mark = knownText(first)
      if (text === undefined || mark === undefined || mark === '') return mixture([self])
      const plain = mark.replace(/^\\(?=\W$)/, '')
      if (/[\\[\](){}.*+?^$|]/.test(plain) && plain === mark && plain.length > 1) return UNKNOWN
      return {
        entries: new Map(text.split(plain).map((part, index) => [String(index), { constant: part, origins: [], built: true }])),
        origins: [],
      }
    }
    case 'getRealPath':
    case 'getResource':
      return joined([constant('/'), first])
    case 'format':
    case 'join':
      return mixture(args)
    case 'decode':
    case 'decodeBuffer':
    case 'decodeBase64':
    case 'parseBase64Binary':
    case 'decodeFast':
    case 'decodeFromString':
      return type === 'URLDecoder' ? urlDecoded(first) : base64Decoded(first)
    case 'parseHexBinary':
    case 'decodeHex':
      return decodedBy(first, 'hex', value =>
        value.replace(/([\da-f]{2})/gi, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16))),
      )
    case 'doFinal':
    case 'update':
      return type === 'MessageDigest' ? UNKNOWN : decodedBy(first, 'cipher', () => undefined)
    case 'parseInt':
    case 'parseLong':
    case 'parseByte':
      return (
        folded(args, (value, digits) => Number.parseInt(textOf(value), digits === undefined ? 10 : numberOf(digits))) ?? UNKNOWN
      )
    case 'add':
    case 'addAll':
    case 'put':
    case 'push':
      if (receiver.entries && receiver.isObject && receiver.entries.size < 2_000)
        receiver.entries.set(
          name === 'put' ? (knownText(first) ?? '*') : String(receiver.entries.size),
          name === 'put' ? second : mixture([first]).origins.length > 0 || first.constant === undefined ? first : first,
        )
      return UNKNOWN
    case 'get':
    case 'getOrDefault':
    case 'remove': {
      const key = known(first)
      const found = key === undefined ? undefined : receiver.entries?.get(textOf(key))
      if (found) return found
      if (receiver.type === 'source')
        return fromSource(
          'request',
          `${receiver.origins[0]?.label ?? 'request'}.get(${textOf(key ?? '').slice(0, 30)})`,
          call.line,
        )
      return mixture([receiver])
    }
    case 'toArray':
      return receiver.entries ? { entries: new Map(receiver.entries), origins: [] } : undefined
    case 'asList':
      return first.entries ? first : { entries: new Map(args.map((arg, index) => [String(index), arg])), origins: [] }
    default:
      return undefined
  }
}

/** The value with what is known around it: trimmed and folded text says the same. */
function kept(value: Value): Value {
  const { entries: _, type: __, ...rest } = value
  return originsOf(value).length > 0 ? { ...rest, origins: originsOf(value) } : UNKNOWN
}

function tells(name: string, value: string, argument: string): boolean | number | undefined {
  switch (name) {
    case 'equals':
      return value === argument
    case 'equalsIgnoreCase':
      return value.toLowerCase() === argument.toLowerCase()
    case 'isEmpty':
      return value === ''
    case 'length':
      return value.length
    case 'indexOf':
      return value.indexOf(argument)
    case 'startsWith':
      return value.startsWith(argument)
    case 'endsWith':
      return value.endsWith(argument)
    case 'contains':
      return value.includes(argument)
    default:
      return undefined
  }
}
