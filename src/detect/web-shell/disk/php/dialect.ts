import type { Call, Dialect, Machine } from '../dialect.ts'
import { DECODERS, numberOf, textOf, truthOf } from '../fold.ts'
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
  named(name, _line, machine) {
    const known = CONSTANTS[name.toUpperCase()]
    if (known !== undefined) return known
    const defined = machine.global(`const ${name}`)
    if (defined.constant !== undefined || defined.origins.length > 0) return defined
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
  member(object, name, line) {
    // A body taken apart (`json_decode`) is what the visitor sent, in parts.
    if (object.type !== BODY || object.origins.length === 0) return undefined
    return {
      ...object,
      origins: object.origins.map(origin => ({ ...origin, line, label: `${origin.label}->${name}`.slice(0, 80) })),
    }
  },
  call,
  create,
}

/** Type of what a body was taken apart into. */
const BODY = 'body'

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
    case 'session_id':
      // The visitor's cookie says it; PHP allows letters, digits, comma and minus.
      return { ...fromSource('request', 'session_id()', line), cleaned: 'checked' }
    case 'json_decode':
    case 'simplexml_load_string':
      return originsOf(first).length > 0 ? { ...mixture([first]), type: BODY } : (folded(request) ?? UNKNOWN)
    case 'dns_get_record':
    case 'get_meta_tags':
    case 'get_headers':
    case 'simplexml_load_file':
      return fromSource('remote', `${name}()`, line, 'source')
    case 'socket_read':
    case 'stream_socket_recvfrom':
      return fromSource('remote', `${name}()`, line)
    case 'socket_recv':
    case 'socket_recvfrom':
      out(1, fromSource('remote', `${name}()`, line))
      return UNKNOWN
    case 'set_error_handler':
    case 'set_exception_handler':
    case 'spl_autoload_register':
    case 'header_register_callback':
    case 'assert_options': {
      const handler = name === 'assert_options' ? second : first
      const told: Value = { ...fromSource('request', `what ${name}() hands over`, line), cleaned: 'checked' }
      const callee = known(handler)
      if (
        typeof callee === 'string' &&
        (Object.hasOwn(COMMANDS, callee.toLowerCase()) || /^(?:assert|eval|create_function)$/i.test(callee))
      )
        machine.sink({ kind: 'code', label: `${name}() with ${callee}()`, line, values: [told], hidden })
      else if (handler.callable !== undefined)
        machine.invoke(handler, name === 'set_error_handler' ? [UNKNOWN, told] : [told], line)
      else if (originsOf(handler).length > 0) machine.invoke(handler, [told], line)
      return UNKNOWN
    }
    case 'preg_replace_callback_array': {
      for (const callback of first.entries?.values() ?? []) machine.invoke(callback, [mixture([second])], line)
      return mixture([second])
    }
    case 'error_log': {
      // The third way of it is a file (php.net/manual/function.error-log).
      if (numberOf(known(second) ?? 0) === 3) machine.sink({ kind: 'file-write', label, line, values: [third, first], hidden })
      return UNKNOWN
    }
    case 'ini_set':
    case 'ini_alter': {
      const [setting, value] = [known(first), known(second)]
      // What goes wrong is written where the page says, and a visitor can make it say anything.
      if (setting === 'error_log' && typeof value === 'string')
        machine.sink({
          kind: 'file-write',
          label: `${name}("error_log")`,
          line,
          values: [second, fromSource('request', 'what goes wrong', line)],
        })
      if (setting === 'unserialize_callback_func' && typeof value === 'string' && Object.hasOwn(COMMANDS, value.toLowerCase()))
        machine.sink({
          kind: 'code',
          label: `${name}("unserialize_callback_func")`,
          line,
          values: [fromSource('request', 'the name of a class', line)],
        })
      return UNKNOWN
    }
    case 'stream_copy_to_stream':
      machine.sink({
        kind: 'file-write',
        label,
        line,
        values: [second.type === 'stream' ? (second.entries?.get('path') ?? UNKNOWN) : UNKNOWN, { origins: first.origins }],
        hidden,
      })
      return UNKNOWN
    case 'fprintf':
    case 'vfprintf':
      machine.sink({
        kind: 'file-write',
        label,
        line,
        values: [first.type === 'stream' ? (first.entries?.get('path') ?? UNKNOWN) : UNKNOWN, mixture(args.slice(1))],
        hidden,
      })
      return UNKNOWN
    case 'tempnam':
    case 'tmpfile':
      return { type: 'temporary-file', origins: [], entries: new Map([['path', UNKNOWN]]), isObject: true }
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
    case 'gzopen':
    case 'bzopen':
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
    machine.sink({ kind: 'connect', label, line, values: name === 'socket_connect' ? args.slice(1, 3) : args.slice(0, 2) })
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
