import type { Call, Dialect, Machine } from '../dialect.ts'
import { DECODERS, textOf, truthOf } from '../fold.ts'
import { known } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, fromSource, mixture, originsOf, UNKNOWN } from '../values.ts'
import { CALLBACKS, calledBack } from './callbacks.ts'
import { contentOf, readFile, written } from './files.ts'
import { folded, passed } from './folded-calls.ts'
import { chosenEntry } from './lists.ts'
import { create, method } from './objects.ts'
import { patternReplaced } from './patterns.ts'
import {
  CLIENT_KEY,
  COMMANDS,
  CONNECTS,
  CONSTANTS,
  DATABASES,
  DESERIALISERS,
  LISTERS,
  MANAGERS,
  NARROW_KEY,
  QUERIES,
  READERS,
  REQUEST,
  UNASSIGNED,
  WRITERS,
  words,
} from './php-names.ts'

export const phpDialect: Dialect = {
  language: 'php',
  ignoresCase: true,
  acts: new Set([
    ...Object.keys(COMMANDS),
    ...Object.keys(CALLBACKS),
    ...Object.keys(WRITERS),
    ...words(
      'eval assert create_function include mail mb_send_mail preg_replace preg_filter mb_ereg_replace mb_eregi_replace move_uploaded_file copy extract parse_str session_set_save_handler ob_start dl unserialize com ffi reflectionfunction splfileobject run exec shellexecute invoke invokeargs',
    ),
  ]),
  checks: words(
    'in_array array_key_exists preg_match ereg ctype_alnum ctype_alpha ctype_digit is_numeric function_exists method_exists is_callable array_search isset_key strpos stripos',
  ),
  unassigned: UNASSIGNED,
  variable(name, line) {
    if (REQUEST.has(name)) return fromSource('request', `$${name}`, line, 'source')
    if (name === '_FILES' || name === 'HTTP_POST_FILES') return fromSource('request', `$${name}`, line, 'files')
    if (name === '_SERVER' || name === 'HTTP_SERVER_VARS' || name === '_ENV') return { type: 'server', origins: [] }
    if (name === '_SESSION') return { type: 'session', origins: [] }
    return name === 'GLOBALS' ? { type: 'globals', origins: [] } : undefined
  },
  named(name) {
    const known = CONSTANTS[name.toUpperCase()]
    if (known !== undefined) return known
    // A bare word that is no constant is its own text (PHP before 8); names in the style of constants are constants of the program.
    return /^(?:[A-Z]\w{5,}|\w*_\w*|self|static|parent)$/.test(name) &&
      !/[a-z]/.test(name.replace(/^(?:self|static|parent)$/, ''))
      ? undefined
      : constant(name)
  },
  index(object, key, line, machine) {
    const name = key?.constant === undefined ? undefined : textOf(key.constant)
    if (object.type === 'globals') return name === undefined ? UNKNOWN : machine.global(name)
    if (object.type === 'server') {
      if (name === undefined || !CLIENT_KEY.test(name)) return UNKNOWN
      const value = fromSource('request', `$_SERVER[${name}]`, line)
      return NARROW_KEY.test(name) ? { ...value, cleaned: 'address' } : value
    }
    if (object.type === 'files' && name !== undefined) {
      const [origin] = object.origins
      const label = `${origin?.label ?? '$_FILES'}[${name.slice(0, 30)}]`
      // PHP itself names the file an upload is kept in; what is in it is the visitor's.
      if (name === 'tmp_name') return { ...fromSource('upload', label, line), cleaned: 'own-name' }
      if (name === 'size' || name === 'error') return UNKNOWN
      return fromSource('request', label, line, /^(?:name|type|full_path)$/.test(name) ? undefined : 'files')
    }
    return undefined
  },
  member: () => undefined,
  call,
  create,
}

export function call(request: Call, machine: Machine): Value | undefined {
  return request.receiver ? method(request, request.receiver, machine) : plain(request, machine)
}

export function plain(request: Call, machine: Machine): Value | undefined {
  const { name, args, line, hidden, out } = request
  const [first = UNKNOWN, second = UNKNOWN, third = UNKNOWN] = args
  const label = `${name}()${hidden ? ' under another name' : ''}`
  if (Object.hasOwn(COMMANDS, name)) {
    machine.sink({
      kind: 'command',
      label,
      line,
      values: args.slice(COMMANDS[name] ?? 0, name === 'pcntl_exec' ? 2 : (COMMANDS[name] ?? 0) + 1),
      hidden,
    })
    if (name === 'exec') out(1, UNKNOWN)
    return { ...UNKNOWN, type: 'command-output' }
  }
  switch (name) {
    case 'eval':
    case 'assert':
      return evaluated(name, first, request, machine)
    case 'create_function': {
      const [parameters, body] = [known(first), known(second)]
      // A function whose whole body runs its parameter is an evaluator by another name.
      const runs = typeof body === 'string' && RUNS_PARAMETER.test(body)
      machine.sink({ kind: 'code', label, line, values: [first, second], hidden: hidden || runs })
      if (parameters === undefined || typeof body !== 'string') return { ...UNKNOWN, type: 'made-function' }
      return machine.evaluate({ ...second, constant: `return function(${textOf(parameters)}){${body}};` }, label, line)
    }
    case 'include':
      return included(first, request, machine)
    case 'preg_replace':
    case 'preg_filter':
    case 'ereg_replace':
    case 'eregi_replace':
    case 'mb_ereg_replace':
    case 'mb_eregi_replace':
      return patternReplaced(request, machine)
    case 'extract':
    case 'import_request_variables':
      machine.flood(name === 'extract' ? { ...mixture([first]) } : fromSource('request', `${name}()`, line))
      return UNKNOWN
    case 'parse_str':
    case 'mb_parse_str':
      if (args.length < 2) machine.flood(mixture([first]))
      else out(1, { ...mixture([first]), type: originsOf(first).length > 0 ? 'source' : 'parsed' })
      return UNKNOWN
    case 'yaml_parse':
    case 'yaml_parse_file': {
      // Tags of the text choose functions out of the fourth argument (php.net/manual/function.yaml-parse).
      const named = [...(args[3]?.entries?.values() ?? [])].find(
        ({ constant: text }) =>
          typeof text === 'string' && (Object.hasOwn(COMMANDS, text) || /^(?:preg_replace|assert)$/i.test(text)),
      )
      if (named)
        machine.sink({ kind: 'code', label: `${name}() with ${textOf(named.constant)}()`, line, values: [first], hidden })
      return mixture([first])
    }
    case 'getallheaders':
    case 'apache_request_headers':
      return fromSource('request', `${name}()`, line, 'source')
    case 'filter_input':
    case 'filter_input_array':
      return args.length > 2 && known(third) === undefined
        ? { ...fromSource('request', `${name}()`, line), cleaned: 'checked' }
        : fromSource('request', `${name}()`, line)
    case 'getenv':
    case 'apache_getenv': {
      const key = known(first)
      return typeof key === 'string' && CLIENT_KEY.test(key) && !NARROW_KEY.test(key)
        ? fromSource('request', `getenv(${key})`, line)
        : UNKNOWN
    }
    case 'func_get_args':
    case 'get_defined_vars':
      return name === 'get_defined_vars'
        ? { entries: new Map(['_GET', '_POST', '_COOKIE', '_FILES'].map(key => [key, machine.variable(key)])), origins: [] }
        : UNKNOWN
    case 'current':
    case 'reset':
    case 'pos':
    case 'end':
    case 'next':
    case 'key':
    case 'array_pop':
    case 'array_shift':
      return chosenEntry(name, first, args.length > 0 ? out : undefined)
    case 'move_uploaded_file':
      machine.sink({ kind: 'upload-move', label, line, values: [second, first], hidden })
      return UNKNOWN
    case 'copy':
    case 'rename':
      if (originsOf(first).some(({ kind }) => kind === 'upload') || (first.type === 'unassigned' && second.type === 'unassigned'))
        machine.sink({ kind: 'upload-move', label, line, values: [second, first], hidden })
      else if (name === 'copy')
        machine.sink({ kind: 'file-write', label, line, values: [second, contentOf(first, line, label)], hidden })
      else machine.sink({ kind: 'file-manage', label, line, values: [first, second] })
      return UNKNOWN
    case 'fopen':
      machine.sink({ kind: 'file-manage', label, line, values: [first] })
      return { ...contentOf(first, line, label), type: 'stream', entries: new Map([['path', first]]), isObject: true }
    case 'define':
      if (typeof known(first) === 'string') machine.assign(`const ${textOf(known(first))}`, second, line)
      return UNKNOWN
    case 'constant':
      return typeof known(first) === 'string' ? machine.variable(`const ${textOf(known(first))}`) : UNKNOWN
    case 'session_set_save_handler':
      for (const handler of args)
        if (typeof handler.constant === 'string') machine.invoke(handler, [fromSource('request', 'the session', line)], line)
      return UNKNOWN
    case 'ob_start': {
      const name = known(first)
      // What the page prints is often what it was sent.
      if ((typeof name === 'string' && name !== '') || first.callable !== undefined || originsOf(first).length > 0)
        machine.invoke(first, [fromSource('request', 'what the page prints', line)], line)
      return UNKNOWN
    }
    case 'exif_read_data':
    case 'read_exif_data':
    case 'iptcparse':
      return { ...fromSource('stored', 'data of a picture', line), type: 'source' }
    case 'curl_exec':
    case 'curl_multi_getcontent':
      return fromSource('remote', `${name}()`, line)
    case 'mail':
    case 'mb_send_mail':
      machine.sink({ kind: 'mail', label, line, values: args.slice(0, 4), hidden })
      return UNKNOWN
    case 'dl':
      machine.sink({ kind: 'class-loading', label, line, values: [first], hidden })
      return UNKNOWN
    case 'isset':
      return first.constant === null && first.origins.length === 0
        ? constant(false)
        : first.constant !== undefined && first.origins.length === 0
          ? constant(true)
          : UNKNOWN
    case 'is_callable':
    case 'function_exists':
    case 'defined':
      return UNKNOWN
    case 'empty':
      return first.constant !== undefined && first.origins.length === 0 ? constant(!truthOf(first.constant)) : UNKNOWN
  }
  if (Object.hasOwn(WRITERS, name)) return written(request, machine)
  if (READERS.has(name)) return readFile(request, machine)
  if (DESERIALISERS.has(name)) {
    machine.sink({ kind: 'deserialise', label, line, values: [first], hidden })
    return mixture([first])
  }
  if (MANAGERS.has(name)) machine.sink({ kind: 'file-manage', label, line, values: args.slice(0, 2) })
  // Names that stand in a folder are nobody's choice, whoever chose the folder.
  if (LISTERS.has(name)) return { ...fromSource('stored', label, line), ...(name === 'readdir' ? {} : { type: 'source' }) }
  if (QUERIES.has(name)) {
    // Some are given the connection first: who chose that did not write the query.
    const query = /^(?:mysqli|pg|oci|odbc)_/.test(name) && args.length > 1 ? second : first
    machine.sink({ kind: 'database', label, line, values: [query] })
  }
  if (DATABASES.has(name)) machine.sink({ kind: 'connect', label: `${name}()`, line, values: args.slice(0, 3) })
  if (CONNECTS.has(name)) {
    machine.sink({ kind: 'connect', label, line, values: args.slice(0, 2) })
    return name === 'socket_connect'
      ? UNKNOWN
      : { ...fromSource('remote', `${name}()`, line), type: 'stream', isObject: true, entries: new Map() }
  }
  if (Object.hasOwn(CALLBACKS, name)) {
    const answer = calledBack(request, machine)
    if (answer) return answer
  }
  return folded(request) ?? passed(request)
}

const RUNS_PARAMETER = /^\s*(?:return\s+)?@?(?:assert|eval|system|exec|passthru|shell_exec)\s*\(\s*\$\w+\s*\)\s*;?\s*$/i

function evaluated(name: string, code: Value, { line, hidden }: Call, machine: Machine): Value {
  const label = `${name}()${hidden ? ' under another name' : ''}`
  const text = known(code)
  // An assertion about a value of the program is a check; only text is run.
  if (name === 'assert' && typeof text !== 'string' && originsOf(code).length === 0) return UNKNOWN
  machine.sink({ kind: 'code', label, line, values: [code], hidden })
  return typeof text === 'string' ? machine.evaluate(code, label, line) : UNKNOWN
}

function included(path: Value, { line, hidden }: Call, machine: Machine): Value {
  machine.sink({ kind: 'include', label: 'include', line, values: [path], hidden })
  const text = known(path)
  const data = typeof text === 'string' ? /^data:[^,]*?(;base64)?,(.*)$/is.exec(text) : null
  if (data)
    machine.evaluate(
      {
        constant: `?>${data[1] ? textOf(DECODERS['base64_decode']?.([data[2] ?? '']) ?? '') : (data[2] ?? '')}`,
        origins: [],
        built: true,
      },
      'data: address',
      line,
    )
  return UNKNOWN
}
