import type { Call, Machine } from '../dialect.ts'
import { appended, hasOrigin, spelled, spread } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'
import { SINK_METHODS, WRITE_METHODS } from './java-names.ts'

/** Bytes among the arguments of defineClass(name, bytes, from, length). */
export function bytesOf(args: readonly Value[]): Value[] {
  const bytes = args.filter(arg => originsOf(arg).length > 0 || arg.entries !== undefined)
  return bytes.length > 0 ? bytes : args.slice(0, 2)
}

/** What Java runs, loads, writes. */
export function sinkOf(call: Call, receiver: Value, machine: Machine): Value | undefined {
  const { name, args, line, hidden } = call
  const [first = UNKNOWN, second = UNKNOWN] = args
  const type = receiver.type ?? ''
  switch (name) {
    case 'getRuntime':
      return { type: 'Runtime', isObject: true, entries: new Map(), origins: [] }
    case 'exec':
      if (type === 'PythonInterpreter') {
        machine.sink({ kind: 'code', label: `${type}.exec()`, line, values: [first], hidden })
        return UNKNOWN
      }
      if (type !== '' && type !== 'Runtime') return undefined
      if (type === '' && args.length === 0) return undefined
      machine.sink({ kind: 'command', label: 'Runtime.exec()', line, values: spread(args.slice(0, 1)), hidden })
      return { type: 'Process', isObject: true, entries: new Map(), origins: [] }
    case 'load':
    case 'loadLibrary':
      if (type === 'Yaml') {
        // SnakeYAML makes objects of any class the text names.
        machine.sink({ kind: 'deserialise', label: 'Yaml.load()', line, values: [first], hidden })
        return mixture([first])
      }
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
      if (type === 'Velocity' || type === 'VelocityEngine') {
        machine.sink({ kind: 'code', label: `${type}.evaluate()`, line, values: args.slice(3), hidden })
        return UNKNOWN
      }
      if (!SINK_METHODS.evaluators.test(type)) return undefined
      machine.sink({ kind: 'code', label: `${type}.${name}()`, line, values: [first], hidden })
      return UNKNOWN
    case 'createExpression':
    case 'createScript':
      // Apache Commons JEXL: the text is run when the expression is evaluated.
      if (originsOf(first).length === 0) return undefined
      machine.sink({ kind: 'code', label: `${name}()`, line, values: [first], hidden })
      return UNKNOWN
    case 'loadAgent':
    case 'loadAgentPath':
    case 'loadAgentLibrary':
      machine.sink({ kind: 'class-loading', label: `${name}()`, line, values: [first], hidden })
      return UNKNOWN
    case 'newTransformer':
    case 'newTemplates':
      // A style sheet may call any class (org.apache.xalan extensions).
      if (args.length === 0) return undefined
      machine.sink({ kind: 'code', label: `${name}()`, line, values: [first], hidden })
      return UNKNOWN
    case 'parseExpression':
    case 'createValueExpression':
    case 'createMethodExpression':
    case 'compileExpression':
    case 'executeExpression':
      // createValueExpression(object, type) wraps an object that is there.
      if (name === 'createValueExpression' && args.length < 3) return UNKNOWN
      machine.sink({ kind: 'code', label: `${name}()`, line, values: name.startsWith('create') ? [second] : [first], hidden })
      return UNKNOWN
    case 'lookup':
    case 'doLookup':
      if (type !== 'InitialContext' && type !== 'Context' && type !== 'JndiTemplate') return undefined
      machine.sink({ kind: 'dynamic-call', label: 'JNDI lookup()', line, values: [first], hidden })
      // Only the initial context follows an address (ldap:, rmi:); one that was found in it knows its own names.
      return { type: 'NamingContext', isObject: true, entries: new Map(), origins: [] }
    case 'evaluateString':
    case 'compileString':
      // org.mozilla.javascript: scope first.
      if (originsOf(second).length === 0 && originsOf(first).length === 0) return undefined
      machine.sink({ kind: 'code', label: `${name}()`, line, values: [name === 'evaluateString' ? second : first], hidden })
      return UNKNOWN
    case 'addURL':
    case 'getMBeansFromURL':
      machine.sink({ kind: 'class-loading', label: `${name}()`, line, values: [first], hidden })
      return UNKNOWN
    case 'getRegistry':
      return type === 'LocateRegistry' ? { type: 'Context', isObject: true, entries: new Map(), origins: [] } : undefined
    case 'accept':
      return /ServerSocket/.test(type) ? fromSource('remote', 'a caller, accept()', line, 'Socket') : undefined
    case 'save':
    case 'saveAs':
      if (type !== 'SmartUpload') return undefined
      machine.sink({
        kind: 'upload-move',
        label: `SmartUpload.${name}()`,
        line,
        values: [first, fromSource('upload', 'an uploaded file', line)],
        hidden,
      })
      return UNKNOWN
    case 'setDataSourceName':
      // com.sun.rowset.JdbcRowSetImpl looks the name up when it is used.
      if (!/RowSet/.test(type)) return undefined
      machine.sink({ kind: 'dynamic-call', label: 'JNDI lookup()', line, values: [first], hidden })
      return UNKNOWN
    case 'getSystemJavaCompiler':
      return { type: 'JavaCompiler', isObject: true, entries: new Map(), origins: [] }
    case 'run':
      if (type !== 'JavaCompiler' || args.length < 4) return undefined
      // run(in, out, err, files…): what was written there becomes a program.
      for (const file of args.slice(3))
        machine.sink({ kind: 'include', label: 'the Java compiler', line, values: [file], hidden })
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
    case 'getTables':
    case 'getCatalogs':
    case 'getSchemas':
      return fromSource('stored', 'a database', line)
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
export function streamed(call: Call, receiver: Value, machine: Machine): Value | undefined {
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
    case 'readAllLines':
    case 'readString':
    case 'lines':
    case 'newInputStream':
    case 'readAllBytes':
      if (type === 'Files') {
        machine.sink({ kind: 'file-manage', label: `Files.readAll, ${name}()`, line, values: [first], hidden })
        return fromSource('stored', `a file read with Files.${name}()`, line)
      }
      return name === 'readAllBytes' || name === 'lines' ? (receiver.entries?.get('text') ?? mixture([receiver])) : undefined
    case 'readLine':
    case 'readNBytes':
    case 'nextLine':
    case 'next':
    case 'nextElement':
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
      return appended(receiver, name === 'insert' ? second : spelled(first))
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
      if (name === 'copy' && originsOf(first).length > 0)
        machine.sink({ kind: 'file-manage', label: 'Files.copy()', line, values: [first], hidden })
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
    case 'toURI':
    case 'toURL':
    case 'getBytes':
    case 'toCharArray':
    case 'getParentFile':
      return receiver
    default:
      return undefined
  }
}
