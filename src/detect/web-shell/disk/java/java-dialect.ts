import type { Call, Dialect, Machine } from '../dialect.ts'
import { numberOf, textOf } from '../fold.ts'
import { folded, hasOrigin, known, knownText, simpleName, spelled, spread, textOfBytes } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, either, fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'
import { bytesOf, sinkOf, streamed } from './java-actions.ts'
import { CLIENT_VALUES, IMPLICIT, REQUEST_TYPES, SCOPES, STREAM_WRAPPERS, WRITER_TYPES } from './java-names.ts'
import { reflected } from './java-reflection.ts'
import { textual } from './java-texts.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** A dialect of its own for each file: it keeps what a page puts into its attributes. */
export function javaDialect(): Dialect {
  return new JavaDialect()
}

export class JavaDialect implements Dialect {
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
    // A lambda or a method reference, under whatever name its interface has.
    if (receiver.callable !== undefined) return machine.invoke(receiver, args, call.line)
    const request = this.#ofRequest(call, receiver)
    if (request !== undefined) return request
    if (name === 'setAttribute' || name === 'putValue') {
      const key = knownText(first)
      if (key !== undefined && args[1]) this.#attributes.set(key, either(this.#attributes.get(key), args[1]))
      return UNKNOWN
    }
    // Of a cookie, a part or an entry of what the visitor sent.
    if ((name === 'getValue' || name === 'getKey' || name === 'getName') && args.length === 0 && hasOrigin(receiver, 'request'))
      return mixture([receiver])
    if (name === 'getValue' && receiver.type === 'Ognl') {
      machine.sink({ kind: 'code', label: 'Ognl.getValue()', line: call.line, values: [first], hidden: call.hidden })
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
      textual(call, receiver) ??
      handedOn(call, receiver, machine)
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
      case 'Expression':
      case 'Statement':
        // java.beans: calls the method of that name when it is asked for its value.
        if (args.length === 3) machine.invoke(methodOf(first, second), spread(args.slice(2)), line)
        return { type, isObject: true, entries: new Map(), origins: [] }
      case 'Template':
        // FreeMarker: name, text; the text may make objects of any class.
        if (originsOf(second).length === 0) return undefined
        machine.sink({ kind: 'code', label: 'a template', line, values: [second], hidden })
        return { type, isObject: true, entries: new Map(), origins: [] }
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

const HOLDERS = /^(?:Stream|Optional|Arrays|List|Set|Collections)$/
const MAKES_HOLDER = /^(?:of|ofNullable|asList|stream|singleton\w*)$/

/** Streams, optionals and lists hand what they hold to a function: `Stream.of(x).map(f).forEach(g)`. */
function handedOn({ name, args, line }: Call, receiver: Value, machine: Machine): Value | undefined {
  if (receiver.isClass && HOLDERS.test(receiver.type ?? '') && MAKES_HOLDER.test(name)) return mixture(args)
  const held = mixture([receiver])
  if (held.origins.length === 0 || !args.some(({ callable }) => callable !== undefined)) return undefined
  return mixture([held, ...args.flatMap(arg => (arg.callable === undefined ? [] : [machine.invoke(arg, [held], line)]))])
}

/** A method by its name, as `invoke` takes it. */
function methodOf(object: Value, name: Value): Value {
  return {
    entries: new Map([
      ['0', object],
      ['1', name],
    ]),
    origins: [],
  }
}

/** Types without their package: declarations hand them over as they are written. */
function plainType(value: Value): Value {
  return value.type?.includes('.') ? { ...value, type: simpleName(value.type) } : value
}
