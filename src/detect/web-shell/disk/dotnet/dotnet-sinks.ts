import { comObject } from '../asp/com-objects.ts'
import type { Call, Machine, SinkKind } from '../dialect.ts'
import { hasOrigin, known, spread } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'

const thing = (type: string, entries: Map<string, Value> = new Map()): Value => ({ type, isObject: true, entries, origins: [] })

/** What .NET runs, loads, writes. `name` in lower case; "new x" for what is made. */
export function dotnetSink(call: Call, receiver: Value, machine: Machine): Value | undefined {
  const { name, args, line, hidden } = call
  const [first = UNKNOWN, second = UNKNOWN] = args
  const type = receiver.type ?? ''
  const at = (kind: SinkKind, label: string, values: readonly Value[], result: Value = UNKNOWN): Value => {
    machine.sink({ kind, label, line, values, hidden })
    return result
  }
  switch (name) {
    case 'new processstartinfo': {
      // An object initialiser comes as a last list with the names of its members.
      const values = args.flatMap(arg =>
        arg.entries && !arg.isObject
          ? [...arg.entries].filter(([key]) => /^(?:filename|arguments)$/i.test(key)).map(([, value]) => value)
          : [arg],
      )
      return values.length > 0 ? at('command', 'ProcessStartInfo', values, thing('processstartinfo')) : thing('processstartinfo')
    }
    case 'new process': {
      const [initial] = args
      const started =
        initial?.entries && !initial.isObject ? [...initial.entries].find(([key]) => /^startinfo$/i.test(key))?.[1] : undefined
      return thing(
        'process',
        started
          ? new Map([
              ['StartInfo', started],
              ['startinfo', started],
            ])
          : new Map(),
      )
    }
    case 'start':
      if (type === 'process' && receiver.isClass && args.length > 0)
        return first.type === 'processstartinfo' ? thing('process') : at('command', 'Process.Start()', args, thing('process'))
      return type === 'process' ? UNKNOWN : undefined
    case 'shell':
      return type === 'interaction' ? at('command', 'Shell()', [first]) : undefined
    case 'addscript':
    case 'addcommand':
    case 'createpipeline':
    case 'createnestedpipeline':
      return at('code', `PowerShell.${name}()`, [first], receiver)
    case 'invokemethod':
      return at('command', 'InvokeMethod() of Windows Management', args)
    case 'parsecontrol':
      return at('code', 'ParseControl()', [first])
    case 'jscriptevaluate':
    case 'evaluateasync':
    case 'runasync':
      return at('code', `${name}()`, [first])
    case 'compileassemblyfromsource':
    case 'compileassemblyfromsourcebatch':
    case 'compileassemblyfromdom':
      return at('code', `${name}()`, spread(args.slice(1)), { ...mixture(args.slice(1)), type: 'compilerresults' })
    case 'load':
    case 'loadfrom':
    case 'unsafeloadfrom':
    case 'loadfile':
    case 'loadmodule':
    case 'reflectiononlyload':
      if (type === 'assembly' || type === 'appdomain' || type === 'currentdomain')
        return at('class-loading', `Assembly.${name}()`, [first], { ...mixture([first]), type: 'assembly instance' })
      if (name === 'load' && /^xsl(?:compiled)?transform$/.test(type)) {
        // A style sheet may hold script (msxsl:script); whose text the page carries itself has no other use.
        const sheet = first.entries?.get('xml') ?? first
        const scripted = /<msxsl:script\b/i.test(String(known(sheet) ?? ''))
        machine.sink({ kind: 'code', label: 'XslTransform.Load()', line, values: [sheet], hidden: hidden || scripted })
        return UNKNOWN
      }
      if (name === 'load' && /^xaml/.test(type)) return at('code', 'Xaml Load()', [first])
      return undefined
    case 'parse':
      if (type === 'ipaddress') return { ...first, type: 'ipaddress' }
      return /^xaml/.test(type) ? at('code', 'XamlReader.Parse()', [first]) : undefined
    case 'deserialize':
    case 'readobject':
    case 'unsafedeserialize':
      // Formats that carry values and no types; what is not known is one of these nearly always.
      if (PLAIN_FORMAT.test(type) || (type === '' && name !== 'unsafedeserialize')) return mixture([first])
      return at('deserialise', `${type === '' ? '' : `${type}.`}${name}()`, [first], mixture([first]))
    case 'loadxml':
      receiver.entries?.set('xml', first)
      return UNKNOWN
    case 'copy':
      // Machine code of the request copied to where it can run.
      if (type === 'marshal') return at('class-loading', 'Marshal.Copy()', [first])
      if (type === 'file') return at('file-manage', 'File.Copy()', [first, second])
      return undefined
    case 'gettypefromprogid':
    case 'gettypefromclsid':
      return comObject(first, line, machine)
    case 'createinstance':
      if (type === 'activator' && first.type?.startsWith('com ')) return first
      return type === 'activator' && hasOrigin(first, 'request')
        ? at('dynamic-call', 'Activator.CreateInstance()', args)
        : undefined
    case 'writealltext':
    case 'writeallbytes':
    case 'writealllines':
    case 'appendalltext':
    case 'appendalllines':
      return at('file-write', `File.${name}()`, [first, second])
    case 'createhttp':
    case 'createdefault':
      return at('connect', 'WebRequest.Create()', [first], { ...mixture([first]), type: 'webrequest' })
    case 'createtext':
    case 'appendtext':
    case 'openwrite':
    case 'create':
    case 'open':
      if (name === 'create' && /webrequest$/.test(type))
        return at('connect', 'WebRequest.Create()', [first], { ...mixture([first]), type: 'webrequest' })
      if (name === 'create' && type === 'file' && originsOf(first).length > 0)
        machine.sink({ kind: 'file-manage', label: 'File.Create()', line, values: [first], hidden })
      return type === 'file' || type === 'fileinfo'
        ? thing('filestream', new Map([['path', type === 'file' ? first : (receiver.entries?.get('path') ?? UNKNOWN)]]))
        : undefined
    case 'new filestream':
      return thing('filestream', new Map([['path', first]]))
    case 'new streamwriter':
    case 'new binarywriter':
      return first.entries?.has('path')
        ? first
        : first.type === 'stream' || first.type === 'networkstream'
          ? undefined
          : thing('streamwriter', new Map([['path', first]]))
    case 'new fileinfo':
    case 'new directoryinfo':
      return { ...first, type: 'fileinfo', entries: new Map([['path', first]]), isObject: true }
    case 'write':
    case 'writeline':
    case 'writebyte':
    case 'writeasync': {
      // What is typed into a program that was started: a shell takes it for commands.
      if (type === 'processstream') return at('command', `StandardInput.${name}()`, [first])
      const path = receiver.entries?.get('path')
      return path === undefined ? undefined : at('file-write', `${type}.${name}()`, [path, first])
    }
    case 'saveas':
      return at('upload-move', '.SaveAs()', [
        first,
        originsOf(receiver).length > 0 ? receiver : fromSource('upload', 'an uploaded file', line),
      ])
    case 'copyto': {
      const path = first.entries?.get('path')
      return path === undefined ? undefined : at('file-write', 'CopyTo()', [path, receiver])
    }
    case 'downloadfile':
      return at('file-write', 'WebClient.DownloadFile()', [second, fromSource('remote', 'DownloadFile()', line)])
    case 'downloadstring':
    case 'downloaddata':
    case 'openread':
    case 'getresponse':
    case 'getresponsestream':
      if (type === 'file') return undefined
      if (name.startsWith('download')) machine.sink({ kind: 'connect', label: `${name}()`, line, values: [first], hidden })
      return fromSource('remote', `${name}()`, line, 'stream')
    case 'new ipendpoint':
      return mixture(args)
    case 'new tcpclient':
    case 'new uri':
      return name === 'new uri' ? mixture(args) : at('connect', 'TcpClient', args, thing('networkstream'))
    case 'connect':
      return at('connect', 'Connect()', args)
    case 'new sqlconnection':
    case 'new oledbconnection':
    case 'new odbcconnection':
      return at('connect', name.slice(4), args, thing('connection'))
    case 'new sqlcommand':
    case 'new oledbcommand':
    case 'new odbccommand':
    case 'new sqldataadapter':
    case 'new oledbdataadapter':
      return databaseText(call, name.slice(4), machine)
    case 'delete':
    case 'move':
    case 'moveto':
    case 'getfiles':
    case 'getdirectories':
    case 'createdirectory':
    case 'setlastwritetime':
    case 'setattributes':
    case 'setcreationtime':
      if (type !== 'file' && type !== 'directory' && type !== 'fileinfo') return undefined
      return at(
        'file-manage',
        `${type}.${name}()`,
        type === 'fileinfo' ? [receiver.entries?.get('path') ?? receiver, ...args] : args,
        { ...mixture(args, 'unseen') },
      )
    case 'readalltext':
    case 'readallbytes':
    case 'readalllines':
    case 'opentext':
      if (type !== 'file') return undefined
      return at('file-manage', `File.${name}()`, [first], fromSource('stored', 'a file', line))
    case 'opensubkey':
    case 'setvalue':
    case 'deletesubkey':
    case 'createsubkey':
      return at('file-manage', `registry ${name}()`, [first], mixture(args, 'unseen'))
    case 'transmitfile':
      return at('file-manage', 'TransmitFile()', [first])
    case 'combine':
      return type === 'path'
        ? joined(args.flatMap((arg, index) => (index === 0 ? [arg] : [{ constant: '/', origins: [] }, arg])))
        : undefined
    case 'getfilename':
    case 'getextension':
    case 'getfilenamewithoutextension':
      return type === 'path'
        ? { ...first, origins: originsOf(first), ...(originsOf(first).length > 0 ? { cleaned: 'file-name' } : {}) }
        : undefined
    default:
      return undefined
  }
}

/** learn.microsoft.com "Deserialization risks": these make objects of the type the program names only. */
const PLAIN_FORMAT = /json|javascript|^xmlserializer$|datacontract|protobuf|messagepack/i

/** xp_cmdshell in the text of a query is a command of the operating system. */
function databaseText({ args, line, hidden }: Call, label: string, machine: Machine): Value {
  const [first = UNKNOWN] = args
  const text = `${typeof known(first) === 'string' ? String(known(first)) : ''}${first.prefix ?? ''}`
  if (/xp_cmdshell|sp_oamethod|xp_regwrite/i.test(text))
    machine.sink({ kind: 'command', label: 'xp_cmdshell', line, values: [{ ...first, prefix: '' }], hidden })
  else if (originsOf(first).length > 0) machine.sink({ kind: 'database', label, line, values: [first], hidden })
  return { type: 'command', isObject: true, entries: new Map(), origins: [] }
}
