import type { Call, Machine } from '../dialect.ts'
import { textOf } from '../fold.ts'
import { known } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { fromSource, mixture, UNKNOWN } from '../values.ts'
import { elementOf } from './callbacks.ts'
import { contentOf } from './files.ts'

/** Classes of PHP that run, load or call what they are given. */
export function create({ name, args, line, hidden }: Call, machine: Machine): Value | undefined {
  const key = name.toLowerCase()
  const [first = UNKNOWN] = args
  const entries = new Map(args.map((value, index) => [String(index), value]))
  if (key === 'reflectionfunction') return { type: key, isObject: true, entries, origins: [] }
  if (key === 'reflectionclass' || key === 'reflectionmethod') return { type: key, isObject: true, entries, origins: [] }
  if (key === 'com')
    return {
      type: /wscript\.shell|shell\.application|wshell|shell\.users/i.test(textOf(known(first))) ? 'com-shell' : 'com',
      isObject: true,
      entries,
      origins: [],
    }
  if (key === 'splfileobject' || key === 'splfileinfo')
    return {
      ...contentOf(first, line, 'SplFileObject'),
      type: 'splfileobject',
      isObject: true,
      entries: new Map([['path', first]]),
    }
  if (/^(?:recursive)?directoryiterator$|^filesystemiterator$/.test(key)) {
    machine.sink({ kind: 'file-manage', label: `${name}()`, line, values: [first] })
    return { ...fromSource('stored', name, line), type: 'source' }
  }
  if (key === 'mysqli' || key === 'pdo') machine.sink({ kind: 'connect', label: `new ${name}()`, line, values: args.slice(0, 3) })
  if (key === 'sqlite3' && typeof known(first) === 'string')
    machine.sink({ kind: 'file-manage', label: `${name}()`, line, values: [first] })
  if (key.endsWith('exception') || key === 'error')
    return {
      ...mixture(args),
      type: 'exception',
      isObject: true,
      entries: new Map(args.map((value, index) => [String(index), value])),
    }
  if (/^(?:recursive)?callbackfilteriterator$/.test(key) && args[1]) {
    machine.invoke(args[1], [elementOf(first)], line)
    return UNKNOWN
  }
  if (key === 'arrayobject' || key === 'arrayiterator' || key === 'splfixedarray')
    return first.entries ? { ...first, type: 'arrayobject' } : { ...mixture(args), type: 'arrayobject' }
  if (key === 'ffi') {
    machine.sink({ kind: 'class-loading', label: 'FFI', line, values: args, hidden })
    return UNKNOWN
  }
  return undefined
}

export function method({ name, receiver, args, line, hidden }: Call, object: Value, machine: Machine): Value | undefined {
  const key = name.toLowerCase()
  const type = object.type?.toLowerCase() ?? ''
  const [first = UNKNOWN] = args
  if (type === 'reflectionfunction' && (key === 'invoke' || key === 'invokeargs')) {
    const values = key === 'invokeargs' ? [...(first.entries?.values() ?? [first])] : args
    return machine.invoke(receiver?.entries?.get('0') ?? UNKNOWN, values, line)
  }
  if (type === 'reflectionclass' && key.startsWith('newinstance')) return mixture(args, 'unseen')
  if (type === 'reflectionmethod' && key.startsWith('invoke')) return mixture(args, 'unseen')
  if (key === 'getdoccomment')
    return { origins: [{ kind: 'stored', label: 'a comment of the code', line, steps: [], decoders: ['getDocComment'] }] }
  if (type === 'com-shell' && (key === 'run' || key === 'exec' || key === 'shellexecute' || key === 'create')) {
    machine.sink({ kind: 'command', label: `COM ${name}()`, line, values: args.slice(0, key === 'shellexecute' ? 2 : 1), hidden })
    return UNKNOWN
  }
  if (type === 'splfileobject' && key === 'fwrite') {
    machine.sink({
      kind: 'file-write',
      label: 'SplFileObject::fwrite()',
      line,
      values: [object.entries?.get('path') ?? UNKNOWN, first],
      hidden,
    })
    return UNKNOWN
  }
  if (type === 'arrayobject' && (key === 'uasort' || key === 'uksort')) {
    machine.invoke(first, [elementOf(object)], line)
    return UNKNOWN
  }
  if (type === 'closure' && (key === 'fromcallable' || key === 'bind')) return first
  if (type === 'ffi') machine.sink({ kind: 'class-loading', label: `FFI::${name}()`, line, values: args, hidden })
  if (object.callable !== undefined && (key === 'call' || key === '__invoke' || key === 'bindto'))
    return machine.invoke(object, key === 'call' ? args.slice(1) : args, line)
  // Rows of a query are handed to a function that is named by a text.
  if (key === 'fetchall' && typeof args[1]?.constant === 'string')
    machine.invoke(args[1], [fromSource('request', 'rows of a query', line)], line)
  if (/^(?:sqlite)?create(?:function|aggregate|collation)$/.test(key) && args[1]) machine.invoke(args[1], [UNKNOWN], line)
  if (/^(?:query|exec|prepare)$/.test(key)) machine.sink({ kind: 'database', label: `${name}()`, line, values: args })
  return undefined
}
