import type { Call, Machine } from '../dialect.ts'
import { textOf } from '../fold.ts'
import { base64Decoded, decodedBy, hasOrigin, known, knownText } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { either, fromSource, mixture, originsOf, UNKNOWN } from '../values.ts'

/** Class ids pages use instead of the names they stand for. */
const CLASS_IDS: Readonly<Record<string, string>> = {
  '72c24dd5-d70a-438b-8a42-98424b88afb8': 'wscript.shell',
  'f935dc22-1cf0-11d0-adb9-00c04fd58a0b': 'wscript.shell',
  '13709620-c279-11ce-a49e-444553540000': 'shell.application',
  '0d43fe01-f093-11cf-8940-00a0c9054228': 'scripting.filesystemobject',
  '093ff999-1ea0-4079-9525-9614c3504b74': 'wscript.network',
}
const SHELL = /^(?:wscript\.shell|shell\.application|wbemscripting|winmgmts:|schedule\.service|shell\.users|cmd\.|new:)/
/** Components that keep uploads where they are told. */
const UPLOADS =
  /^(?:persits\.upload|softartisans\.fileup|lyfupload\.|w3\.upload|dundas\.upload|aspsmartupload|chilkat\w*\.upload|abcupload\d?\.)/
/** Windows Management: one object leads to the next, and Win32_Process starts programs. */
const MANAGEMENT = /^(?:wbemscripting|winmgmts:)/
const SCRIPT = /^(?:msscriptcontrol\.)?scriptcontrol/
const STREAM = /^adodb\.stream/
const FILES = /^scripting\.filesystemobject/
const FETCHER = /^(?:microsoft\.xmlhttp|msxml2?\.(?:server)?xmlhttp|winhttp)/
const DOCUMENT = /^(?:microsoft\.xmldom|msxml2?\.(?:free\w*)?domdocument)/
const DATABASE = /^(?:adodb\.(?:connection|recordset|command)|adox\.|jro\.)/
const LOOPBACK = /^(?:https?|ftp):\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::|\/|$)/i
/** File system members that change or read what the caller names. */
const FILE_WORK = new Set(
  'deletefile copyfile movefile deletefolder createfolder copyfolder movefolder getfile getfolder'.split(' '),
)

/** An object of the given name: `CreateObject("WScript.Shell")`, `new ActiveXObject(…)`, `<object runat=server progid=…>`. */
export function comObject(name: Value, line: number, machine: Machine): Value {
  const text = knownText(name)
  if (text === undefined) {
    if (hasOrigin(name, 'request'))
      machine.sink({ kind: 'dynamic-call', label: 'an object named by the request, CreateObject()', line, values: [name] })
    return { ...mixture([name], 'unseen'), type: 'com ', isObject: true, entries: new Map() }
  }
  const plain = text.trim().toLowerCase()
  const id = /([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})/.exec(plain)?.[1]
  const object = id === undefined ? plain : (CLASS_IDS[id] ?? plain)
  return { type: `com ${object}`, isObject: true, entries: new Map(), origins: [], ...(name.built ? { built: true } : {}) }
}

/** What members of such objects do. Names in lower case. */
export function comCall(call: Call, receiver: Value, machine: Machine): Value | undefined {
  const type = receiver.type?.startsWith('com ') ? receiver.type.slice(4) : undefined
  if (type === undefined) return undefined
  const { args, line } = call
  const name = call.name.toLowerCase()
  const [first = UNKNOWN, second = UNKNOWN] = args
  const hidden = call.hidden || receiver.built === true
  const entries = receiver.entries ?? new Map<string, Value>()
  if (name === 'run' || name === 'exec' || name === 'shellexecute' || name === 'create') {
    if (SHELL.test(type) || (type === '' && name !== 'create')) {
      machine.sink({
        kind: 'command',
        label: `${name} of ${type || 'an object of the request'}`,
        line,
        values: args.slice(0, 2),
        hidden,
      })
      return { ...UNKNOWN, type: 'com process', isObject: true, entries: new Map() }
    }
  }
  if (MANAGEMENT.test(type) && /^(?:connectserver|get|instancesof|spawninstance_|methods_|inparameters)$/.test(name))
    return receiver
  if (UPLOADS.test(type) && /^save(?:as|virtual|tofile|toweb|file)?$/.test(name)) {
    machine.sink({
      kind: 'upload-move',
      label: `${name} of ${type}`,
      line,
      values: [first, fromSource('upload', 'an uploaded file', line)],
      hidden,
    })
    return UNKNOWN
  }
  if (type === 'wscript.shell' && /^reg(?:read|write|delete)$/.test(name)) {
    machine.sink({ kind: 'file-manage', label: `${name} of the registry`, line, values: args.slice(0, 2), hidden })
    return UNKNOWN
  }
  if (DOCUMENT.test(type) && name === 'loadxml') entries.set('xml', first)
  if (DOCUMENT.test(type) && name === 'transformnode') {
    // A style sheet may hold script (msxsl:script).
    const sheet = first.entries?.get('xml')
    if (sheet) machine.sink({ kind: 'code', label: 'a style sheet, transformNode()', line, values: [sheet], hidden })
    return UNKNOWN
  }
  if (type === 'shell.application' && name === 'namespace') return { ...receiver, type: 'com shell folder' }
  if (type === 'shell folder' && name === 'parsename')
    return { type: 'com shell item', isObject: true, entries: new Map([['path', first]]), origins: [] }
  if (type === 'mswc.tools' && name === 'processform') {
    // learn.microsoft.com "Tools.ProcessForm": output file, template file.
    machine.sink({ kind: 'file-write', label: 'ProcessForm()', line, values: [first, second], hidden })
    return UNKNOWN
  }
  if (SCRIPT.test(type) && /^(?:addcode|eval|executestatement|execute|run|executeglobal)$/.test(name)) {
    machine.sink({ kind: 'code', label: `${name} of ${type}`, line, values: args.slice(0, name === 'run' ? 2 : 1), hidden })
    return UNKNOWN
  }
  if (STREAM.test(type)) return streamCall(name, first, entries, line, hidden, machine)
  if (FILES.test(type)) {
    if (name === 'createtextfile' || name === 'opentextfile') {
      if (name === 'createtextfile')
        machine.sink({ kind: 'file-manage', label: `${name} of ${type}`, line, values: [first], hidden })
      return {
        type: 'com textstream',
        isObject: true,
        entries: new Map([
          ['path', first],
          ['mode', second],
        ]),
        origins: [],
      }
    }
    if (FILE_WORK.has(name)) {
      machine.sink({ kind: 'file-manage', label: `${name} of ${type}`, line, values: args.slice(0, 2), hidden })
      return {
        type: name === 'getfile' || name === 'getfolder' ? 'com file' : 'com ',
        isObject: true,
        entries: new Map([['path', first]]),
        origins: [],
      }
    }
    return mixture(args, 'unseen')
  }
  if (type === 'com file' || type === 'file') {
    if (name === 'openastextstream')
      return { type: 'com textstream', isObject: true, entries: new Map([['path', entries.get('path') ?? UNKNOWN]]), origins: [] }
    return undefined
  }
  if (type === 'textstream') {
    if (name === 'write' || name === 'writeline') {
      machine.sink({
        kind: 'file-write',
        label: `${name} of a text file`,
        line,
        values: [entries.get('path') ?? UNKNOWN, first],
        hidden,
      })
      return UNKNOWN
    }
    if (name === 'readall' || name === 'readline' || name === 'read') {
      machine.sink({
        kind: 'file-manage',
        label: `${name} of a text file`,
        line,
        values: [entries.get('path') ?? UNKNOWN],
        hidden,
      })
      return fromSource('stored', 'a file', line)
    }
    return UNKNOWN
  }
  if (type === DICTIONARY) {
    if (name === 'add') {
      const key = knownText(first) ?? '*'
      entries.set(key, either(entries.get(key), second))
      return UNKNOWN
    }
    return name === 'item' ? itemOf(receiver, first) : name === 'items' ? mixture([...entries.values()]) : UNKNOWN
  }
  if (FETCHER.test(type)) {
    if (name === 'open') {
      machine.sink({ kind: 'connect', label: `open of ${type}`, line, values: [second], hidden })
      entries.set('address', second)
    }
    const address = entries.get('address')
    if (name === 'send' && address && LOOPBACK.test(textOf(address.constant) || (address.prefix ?? '')))
      machine.sink({ kind: 'connect', label: 'orders to a service of the server itself', line, values: [first], hidden })
    return UNKNOWN
  }
  if (DATABASE.test(type)) {
    if (name === 'open' && type === 'adodb.connection') {
      const given = args.length > 0 ? args : [entries.get('connectionstring') ?? UNKNOWN]
      machine.sink({ kind: 'connect', label: `open of ${type}`, line, values: given, hidden })
      return UNKNOWN
    }
    // A command of the operating system in the words of the database.
    if (/^(?:execute|open)$/.test(name) && originsOf(first).length > 0 && SYSTEM_QUERY.test(first.prefix ?? ''))
      machine.sink({ kind: 'command', label: 'xp_cmdshell', line, values: [{ ...first, prefix: '' }], hidden })
    if (/^(?:execute|open)$/.test(name) && originsOf(first).length > 0)
      machine.sink({ kind: 'database', label: `${name} of ${type}`, line, values: [first], hidden })
    return { ...fromSource('stored', 'a database', line), type: 'com recordset' }
  }
  if (DOCUMENT.test(type) && name === 'loadxml' && /<msxsl:script/i.test(knownText(first) ?? '')) {
    machine.sink({ kind: 'code', label: 'a style sheet with script', line, values: [first], hidden: true })
    return UNKNOWN
  }
  if (DOCUMENT.test(type)) return { type: 'com node', isObject: true, entries: new Map(), origins: [] }
  return undefined
}

const DICTIONARY = 'scripting.dictionary'
/** learn.microsoft.com "xp_cmdshell", "sp_OAMethod". */
const SYSTEM_QUERY = /\b(?:xp_cmdshell|sp_oamethod|xp_regwrite)\b/i

/** An entry of a dictionary; `d("key")` is `d.Item("key")`. */
export function itemOf(object: Value, key: Value): Value | undefined {
  if (object.type !== `com ${DICTIONARY}`) return undefined
  const name = knownText(key)
  return (name === undefined ? undefined : object.entries?.get(name)) ?? object.entries?.get('*') ?? UNKNOWN
}

function streamCall(
  name: string,
  first: Value,
  entries: Map<string, Value>,
  line: number,
  hidden: boolean,
  machine: Machine,
): Value {
  switch (name) {
    case 'write':
    case 'writetext':
      entries.set('content', either(entries.get('content'), first))
      return UNKNOWN
    case 'loadfromfile':
      machine.sink({ kind: 'file-manage', label: 'LoadFromFile', line, values: [first], hidden })
      return UNKNOWN
    case 'savetofile':
      machine.sink({ kind: 'file-write', label: 'SaveToFile', line, values: [first, entries.get('content') ?? UNKNOWN], hidden })
      return UNKNOWN
    case 'copyto':
      return UNKNOWN
    default:
      return entries.get('content') ?? UNKNOWN
  }
}

/** Properties of such objects. Names in lower case. */
export function comMember(object: Value, name: string, line: number, machine: Machine): Value | undefined {
  const type = object.type?.startsWith('com ') ? object.type.slice(4) : undefined
  if (type === undefined) return undefined
  if (FETCHER.test(type) && name.startsWith('response')) return fromSource('remote', `${name} of ${type}`, line)
  if (STREAM.test(type) && (name === 'readtext' || name === 'read')) return object.entries?.get('content') ?? UNKNOWN
  // Basic calls without brackets.
  if (type === 'textstream' && (name === 'readall' || name === 'readline')) {
    const path = object.entries?.get('path') ?? UNKNOWN
    machine.sink({ kind: 'file-manage', label: `${name} of a text file`, line, values: [path] })
    return fromSource('stored', 'a file', line)
  }
  if (type === 'process') return UNKNOWN
  // Numbers for text and back: how VBScript decodes base64.
  if (type === 'node' && name === 'nodetypedvalue') {
    const text = object.entries?.get('text') ?? UNKNOWN
    const kind = known(object.entries?.get('datatype'))
    return kind === 'bin.hex'
      ? decodedBy(text, 'hex', value =>
          value.replace(/([\da-f]{2})/gi, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16))),
        )
      : base64Decoded(text)
  }
  return undefined
}
