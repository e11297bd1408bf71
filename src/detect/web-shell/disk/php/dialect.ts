import type { Call, Dialect, Machine } from '../dialect.ts'
import { type Constant, constantsOf, DECODERS, MAX_ENTRIES, numberOf, PURE, replaced, textOf } from '../fold.ts'
import type { Value } from '../value.ts'
import { constant, either, fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'
import { BUILT_IN } from './built-in.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** php.net/manual/reserved.variables, with the long names of PHP 4. */
const REQUEST = words('_GET _POST _REQUEST _COOKIE HTTP_POST_VARS HTTP_GET_VARS HTTP_COOKIE_VARS HTTP_RAW_POST_DATA')
/** Keys of $_SERVER that the client fills. */
const CLIENT_KEY =
  /^(?:HTTP_|QUERY_STRING$|PATH_INFO$|ORIG_PATH_INFO$|REQUEST_URI$|REQUEST_METHOD$|PHP_AUTH_|CONTENT_TYPE$|argv$|PHP_SELF$)/
/** Keys that hold the client's words but can hardly carry a command. */
const NARROW_KEY = /^(?:PHP_SELF|REQUEST_METHOD|CONTENT_TYPE|HTTP_HOST|REQUEST_URI|PATH_INFO|ORIG_PATH_INFO)$/

const COMMANDS: Readonly<Record<string, number>> = {
  system: 0,
  exec: 0,
  shell_exec: 0,
  passthru: 0,
  popen: 0,
  proc_open: 0,
  pcntl_exec: 0,
  expect_popen: 0,
  win_shell_execute: 0,
  win32_create_service: 0,
  ssh2_exec: 1,
}
/** Functions that call a function they are given: place of the function, places of what it is called with. */
const CALLBACKS: Readonly<Record<string, readonly [callee: number, ...args: number[]]>> = {
  call_user_func: [0, 1, 2, 3],
  call_user_func_array: [0, 1],
  forward_static_call: [0, 1, 2],
  forward_static_call_array: [0, 1],
  func_overload: [0, 1],
  array_map: [0, 1, 2],
  array_filter: [1, 0],
  array_walk: [1, 0, 2],
  array_walk_recursive: [1, 0, 2],
  array_reduce: [1, 0, 2],
  usort: [1, 0],
  uasort: [1, 0],
  uksort: [1, 0],
  array_udiff: [2, 0, 1],
  array_udiff_assoc: [2, 0, 1],
  array_udiff_uassoc: [2, 0, 1],
  array_uintersect: [2, 0, 1],
  array_uintersect_assoc: [2, 0, 1],
  array_uintersect_uassoc: [2, 0, 1],
  array_diff_uassoc: [2, 0, 1],
  array_diff_ukey: [2, 0, 1],
  array_intersect_uassoc: [2, 0, 1],
  array_intersect_ukey: [2, 0, 1],
  iterator_apply: [1, 2],
  register_shutdown_function: [0, 1, 2],
  register_tick_function: [0, 1, 2],
  preg_replace_callback: [1, 2],
  mb_ereg_replace_callback: [1, 2],
  set_error_handler: [0],
  set_exception_handler: [0],
  spl_autoload_register: [0],
  header_register_callback: [0],
  sqlite_create_function: [2],
  filter_var: [2, 0],
  filter_var_array: [1, 0],
  assert_options: [1],
}
/** What comes out is a number, a truth, a digest, or text that can do no harm in its place. */
const CLEANERS = words(
  'intval floatval doubleval boolval abs md5 sha1 crc32 hash hash_hmac count sizeof is_numeric is_array is_string is_object is_file is_dir is_readable is_writable is_writeable is_executable is_callable isset empty in_array array_key_exists key_exists array_search strcmp strcasecmp strncmp strncasecmp strnatcmp preg_match preg_match_all ereg eregi password_verify password_hash file_exists filesize filemtime fileperms fileowner filegroup time date mktime strtotime function_exists method_exists class_exists defined extension_loaded mysql_real_escape_string mysqli_real_escape_string crypt ctype_alnum ctype_alpha ctype_digit number_format checkdate ip2long round floor ceil max min uniqid rand mt_rand random_int random_bytes microtime memory_get_usage version_compare phpversion php_uname similar_text levenshtein echo exit print_r var_dump printf header setcookie unlink rmdir mkdir chmod touch rename fclose feof ftell fseek flock define ini_set set_time_limit error_reporting ignore_user_abort session_start session_destroy gettype',
)
const ESCAPERS = words('escapeshellarg escapeshellcmd')
const WRITERS: Readonly<Record<string, readonly [number, number]>> = {
  file_put_contents: [0, 1],
  fwrite: [0, 1],
  fputs: [0, 1],
  fputcsv: [0, 1],
}
const READERS = words(
  'file_get_contents file readfile fread fgets fgetss fgetc stream_get_contents show_source highlight_file fpassthru',
)
const MANAGERS = words('unlink rmdir rename mkdir chmod chown touch opendir scandir readdir glob copy symlink link')
const QUERIES = words(
  'mysql_query mysqli_query pg_query mssql_query sqlite_query oci_parse odbc_exec mysql_db_query mysql_unbuffered_query',
)
const CONNECTS = words('fsockopen pfsockopen stream_socket_client socket_connect')
const DESERIALISERS = words('unserialize')
const REMOTE = /^(?:https?|ftps?|sftp|ssh2[.\w]*):\/\//i

export const phpDialect: Dialect = {
  language: 'php',
  ignoresCase: true,
  acts: new Set([
    ...Object.keys(COMMANDS),
    ...Object.keys(CALLBACKS),
    ...Object.keys(WRITERS),
    ...words(
      'eval assert create_function include preg_replace preg_filter mb_ereg_replace mb_eregi_replace move_uploaded_file copy extract parse_str session_set_save_handler ob_start dl unserialize com ffi reflectionfunction splfileobject run exec shellexecute invoke invokeargs',
    ),
  ]),
  checks: words(
    'in_array array_key_exists preg_match ereg ctype_alnum ctype_alpha ctype_digit is_numeric function_exists method_exists is_callable array_search isset_key strpos stripos',
  ),
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
    if (object.type === 'globals') return name === undefined ? UNKNOWN : machine.variable(name)
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

/** Constants whose value is the same everywhere. */
const CONSTANTS: Readonly<Record<string, Value>> = {
  DIRECTORY_SEPARATOR: constant('/'),
  PHP_EOL: constant('\n'),
  TRUE: constant(true),
  FALSE: constant(false),
  NULL: constant(null),
  M_PI: constant(Math.PI),
  INF: constant('INF'),
  NAN: constant('NAN'),
  E_ALL: constant(32_767),
  ENT_QUOTES: constant(3),
}

function call(request: Call, machine: Machine): Value | undefined {
  return request.receiver ? method(request, request.receiver, machine) : plain(request, machine)
}

const known = (value: Value | undefined): Constant | undefined =>
  value === undefined || value.origins.length > 0 ? undefined : value.constant

function plain(request: Call, machine: Machine): Value | undefined {
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
      machine.sink({ kind: 'code', label, line, values: [first, second], hidden })
      const [parameters, body] = [known(first), known(second)]
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
      if (originsOf(first).some(({ kind }) => kind === 'upload'))
        machine.sink({ kind: 'upload-move', label, line, values: [second, first], hidden })
      else if (name === 'copy')
        machine.sink({ kind: 'file-write', label, line, values: [second, contentOf(first, line, label)], hidden })
      else machine.sink({ kind: 'file-manage', label, line, values: [first, second] })
      return UNKNOWN
    case 'fopen':
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
    case 'dl':
      machine.sink({ kind: 'class-loading', label, line, values: [first], hidden })
      return UNKNOWN
    case 'isset':
      return first.constant === null && first.origins.length === 0
        ? constant(false)
        : first.built && first.constant !== undefined && first.origins.length === 0
          ? constant(true)
          : UNKNOWN
    case 'is_callable':
    case 'function_exists':
    case 'defined':
    case 'empty':
      return UNKNOWN
  }
  if (Object.hasOwn(WRITERS, name)) return written(request, machine)
  if (READERS.has(name)) return readFile(request, machine)
  if (DESERIALISERS.has(name)) {
    machine.sink({ kind: 'deserialise', label, line, values: [first], hidden })
    return mixture([first])
  }
  if (MANAGERS.has(name)) machine.sink({ kind: 'file-manage', label, line, values: args.slice(0, 2) })
  if (QUERIES.has(name)) machine.sink({ kind: 'database', label, line, values: args })
  if (CONNECTS.has(name)) {
    machine.sink({ kind: 'connect', label, line, values: args.slice(0, 2) })
    return UNKNOWN
  }
  if (Object.hasOwn(CALLBACKS, name)) {
    const answer = calledBack(request, machine)
    if (answer) return answer
  }
  return folded(request) ?? passed(request)
}

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

function patternReplaced({ name, args, line, hidden }: Call, machine: Machine): Value {
  const [pattern = UNKNOWN, put = UNKNOWN, subject = UNKNOWN, options] = args
  const written = known(pattern) ?? known(pattern.entries?.get('0'))
  const runs = name.startsWith('mb_')
    ? /e/.test(textOf(known(options)))
    : !name.startsWith('ereg') &&
      typeof written === 'string' &&
      /^\s*(?:([^\w\s\\([{<]).*\1|\(.*\)|\[.*\]|\{.*\}|<.*>)[a-z]*e[a-z]*$/is.test(written)
  if (runs) {
    machine.sink({ kind: 'code', label: `${name}() with /e`, line, values: [put, subject], hidden })
    if (typeof known(put) === 'string') {
      machine.evaluate(withGroups(put, subject), `${name}() with /e`, line)
    }
  } else if (!name.startsWith('ereg') && originsOf(pattern).some(({ label }) => label.startsWith('data of a picture'))) {
    machine.sink({
      kind: 'code',
      label: `${name}() with a pattern from a picture`,
      line,
      values: [{ ...pattern, origins: pattern.origins.map(origin => ({ ...origin, kind: 'remote' as const })) }],
      hidden,
    })
  } else if (
    !name.startsWith('ereg') &&
    originsOf(pattern).some(({ kind }) => kind === 'request') &&
    pattern.prefix === undefined &&
    pattern.cleaned === undefined &&
    originsOf(put).length > 0
  )
    machine.sink({ kind: 'code', label: `${name}() with a pattern of the request`, line, values: [pattern], hidden })
  const [search, by, text] = [known(pattern), known(put), known(subject)]
  if (!runs && typeof search === 'string' && typeof by === 'string' && typeof text === 'string') {
    const result = plainPattern(search, by, text)
    if (result !== undefined) return { constant: result, origins: [], built: true }
  }
  return mixture([put, subject])
}

/** Groups of the pattern that stand in the code: "\\1" is what was found, which for ".*" is the subject. */
function withGroups(put: Value, subject: Value): Value {
  const text = known(subject)
  if (typeof put.constant !== 'string' || typeof text !== 'string') return put
  return { ...put, constant: put.constant.replace(/\\{1,2}[01]|\$[01]/g, () => text), built: true }
}

/** A pattern that is a set or a text, without anything that could take long. */
function plainPattern(pattern: string, put: string, text: string): string | undefined {
  const plain = /^([/#~|@!])((?:\[[^\]\\[]{1,40}\][+*]?)|[\w ,:;=-]{1,40})\1([iu]*)$/.exec(pattern)
  if (!plain || text.length > 200_000 || /[\\$]\d/.test(put)) return undefined
  try {
    return text.replace(new RegExp(plain[2] ?? '', `g${plain[3]?.includes('i') ? 'i' : ''}`), () => put)
  } catch {
    // A set the other engine reads differently: the text stays unknown.
    return undefined
  }
}

function chosenEntry(name: string, list: Value, out: ((position: number, value: Value) => void) | undefined): Value {
  const { entries } = list
  if (entries && entries.size > 0 && list.origins.length === 0) {
    const keys = [...entries.keys()]
    const key = name === 'end' || name === 'array_pop' ? keys.at(-1) : name === 'next' ? keys[1] : keys[0]
    if (key === undefined) return UNKNOWN
    const found = entries.get(key) ?? UNKNOWN
    if ((name === 'array_pop' || name === 'array_shift') && out) {
      const rest = new Map(entries)
      rest.delete(key)
      out(0, {
        entries: name === 'array_shift' ? new Map([...rest.values()].map((value, index) => [String(index), value])) : rest,
        origins: [],
      })
    }
    return name === 'key' ? constant(key) : found
  }
  return originsOf(list).length > 0 ? { ...mixture([list]), ...(list.type === 'source' ? { type: 'source' } : {}) } : UNKNOWN
}

/** What a file of this name holds. */
function contentOf(path: Value, line: number, label: string): Value {
  const text = known(path)
  if (typeof text === 'string') {
    if (/^php:\/\/(?:input|stdin)/i.test(text)) return fromSource('request', 'php://input', line)
    if (/^php:\/\/filter\/.*resource=php:\/\/input/i.test(text)) return fromSource('request', 'php://input', line)
    if (REMOTE.test(text)) return fromSource('remote', `${label} of ${text.slice(0, 80)}`, line)
    return fromSource('stored', `${label} of ${text.slice(0, 60)}`, line)
  }
  const [origin] = originsOf(path)
  if (origin?.kind === 'upload') return { origins: [{ ...origin, kind: 'upload' }] }
  if (path.prefix !== undefined && REMOTE.test(path.prefix))
    return fromSource('remote', `${label} of ${path.prefix.slice(0, 80)}…`, line)
  // The visitor names the file or the address: what comes back is as good as sent by him.
  if (origin?.kind === 'request' && path.cleaned === undefined && path.prefix === undefined)
    return { origins: [{ ...origin, kind: 'remote' }] }
  return fromSource('stored', label, line)
}

function readFile({ name, args, line, hidden }: Call, machine: Machine): Value {
  const [first = UNKNOWN] = args
  if (first.type === 'stream') {
    const { entries: _, isObject: __, type: ___, ...content } = first
    return content
  }
  const whole =
    name === 'file_get_contents' || name === 'file' || name === 'readfile' || name === 'show_source' || name === 'highlight_file'
  if (!whole) return mixture([first])
  machine.sink({ kind: 'file-manage', label: `${name}()`, line, values: [first], hidden })
  return contentOf(first, line, `${name}()`)
}

function written({ name, args, line, hidden }: Call, machine: Machine): Value {
  const [target = UNKNOWN, what = UNKNOWN] = args
  const where = target.type === 'stream' ? (target.entries?.get('path') ?? UNKNOWN) : target
  machine.sink({ kind: 'file-write', label: `${name}()`, line, values: [where, what], hidden })
  return UNKNOWN
}

function calledBack(request: Call, machine: Machine): Value | undefined {
  const { name, args, line } = request
  const [place = 0, ...places] = CALLBACKS[name] ?? []
  // The function is the last argument of those that take any number of lists.
  const at = /^array_(?:u|diff_u|intersect_u)/.test(name) ? Math.max(place, args.length - 1) : place
  let callee = args[at]
  if (name === 'filter_var' || name === 'filter_var_array')
    callee = callee?.entries?.get('options') ?? (callee?.entries ? [...callee.entries.values()].at(-1) : undefined)
  if (callee?.entries && name.startsWith('filter_')) callee = callee.entries.get('options') ?? callee
  if (callee === undefined || callee.constant === null || (callee.constant === '' && callee.origins.length === 0))
    return undefined
  if (typeof callee.constant === 'number' || typeof callee.constant === 'boolean') return undefined
  const given = places.map(position => args[position]).filter(value => value !== undefined)
  const lists =
    name !== 'call_user_func' && name !== 'forward_static_call' && !name.startsWith('register_') && !name.startsWith('filter_')
  if (name === 'array_map' && given.length === 1) return mapped(callee, given[0] ?? UNKNOWN, line, machine)
  const spread = name.endsWith('_array') && !name.startsWith('filter')
  const values = spread
    ? [...(given[0]?.entries?.values() ?? []), ...(given[0]?.entries ? [] : given)]
    : lists
      ? given.map(elementOf)
      : given
  const result = machine.invoke(callee, values, line)
  return name.startsWith('call_') || name.startsWith('forward') ? result : either(mixture(given), result)
}

function elementOf(list: Value): Value {
  if (list.entries === undefined) return list.type === 'source' ? { origins: list.origins } : list
  const all = [...list.entries.values()]
  return all.length === 1 ? (all[0] ?? UNKNOWN) : (all.find(({ origins }) => origins.length > 0) ?? all[0] ?? UNKNOWN)
}

function mapped(callee: Value, list: Value, line: number, machine: Machine): Value {
  if (list.entries === undefined || list.origins.length > 0) {
    const result = machine.invoke(callee, [elementOf(list)], line)
    return { ...mixture([result, list]) }
  }
  const entries = new Map<string, Value>()
  for (const [key, value] of [...list.entries].slice(0, MAX_ENTRIES)) entries.set(key, machine.invoke(callee, [value], line))
  return { entries, origins: [] }
}

/** Functions whose result is known when what goes in is known. */
function folded({ name, args }: Call): Value | undefined {
  const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined
  const pure = decoder ?? (Object.hasOwn(PURE, name) ? PURE[name] : undefined)
  if (pure) {
    const constants: Constant[] = []
    for (const value of args) {
      const own = known(value)
      if (own === undefined) break
      constants.push(own)
    }
    if (constants.length === args.length && args.length > 0) {
      const result = pure(constants)
      if (result !== undefined) {
        const layers = [...(args[0]?.layers ?? []), ...(decoder ? [name] : [])]
        return { constant: result, origins: [], built: true, ...(layers.length > 0 ? { layers } : {}) }
      }
    }
  }
  if (decoder) return decodedOf(name, args)
  return listFunction(name, args)
}

function decodedOf(name: string, args: readonly Value[]): Value {
  const all = mixture(name === 'pack' ? args : args.slice(0, 1))
  return {
    ...all,
    origins: all.origins.map(origin => ({
      ...origin,
      decoders: origin.decoders.length < 6 ? [...origin.decoders, name] : origin.decoders,
    })),
  }
}

function listFunction(name: string, args: readonly Value[]): Value | undefined {
  const [first = UNKNOWN, second = UNKNOWN, third = UNKNOWN] = args
  switch (name) {
    case 'array':
      return { entries: new Map(args.map((value, index) => [String(index), value])), origins: [] }
    case 'implode':
    case 'join': {
      const list = first.entries ? first : second
      const glue = textOf(known(first.entries ? second : first))
      if (list.entries === undefined) return mixture(args)
      const parts = [...list.entries.values()].flatMap((value, index) =>
        index > 0 && glue !== '' ? [constant(glue), value] : [value],
      )
      return { ...joined(parts), built: true }
    }
    case 'explode': {
      const [mark, text] = [known(first), known(second)]
      if (typeof mark !== 'string' || mark === '' || text === undefined) return mixture([second])
      return listOf(textOf(text).split(mark).slice(0, MAX_ENTRIES))
    }
    case 'str_split':
    case 'mb_str_split': {
      const text = known(first)
      const size = args.length > 1 ? numberOf(known(second)) : 1
      if (text === undefined || size < 1) return mixture([first])
      const whole = textOf(text)
      if (whole.length / size > MAX_ENTRIES) return UNKNOWN
      return listOf(Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.slice(i * size, (i + 1) * size)))
    }
    case 'chunk_split':
      return first
    case 'array_reverse':
      return first.entries ? reindexed([...first.entries.values()].toReversed()) : mixture([first])
    case 'array_values':
      return first.entries ? reindexed([...first.entries.values()]) : mixture([first])
    case 'array_keys':
      return first.entries ? listOf([...first.entries.keys()]) : mixture([first])
    case 'array_flip':
      return first.entries
        ? {
            entries: new Map(
              [...first.entries].flatMap(([key, value]) =>
                value.constant === undefined ? [] : [[textOf(value.constant), constant(key)] as const],
              ),
            ),
            origins: first.origins,
          }
        : mixture([first])
    case 'array_combine': {
      const keys = constantsOf(first)
      const values = second.entries ? [...second.entries.values()] : undefined
      return keys && values
        ? { entries: new Map(keys.map((key, index) => [textOf(key), values[index] ?? UNKNOWN])), origins: [] }
        : mixture(args)
    }
    case 'array_merge':
    case 'array_push':
    case 'array_unshift':
      return args.every(({ entries }) => entries) && name === 'array_merge'
        ? reindexed(args.flatMap(({ entries }) => [...(entries?.values() ?? [])]))
        : mixture(args)
    case 'array_slice': {
      if (!first.entries) return mixture([first])
      const from = numberOf(known(second))
      const length = known(third)
      const all = [...first.entries.values()]
      return reindexed(
        all.slice(
          from,
          length === undefined || length === null
            ? undefined
            : numberOf(length) < 0
              ? numberOf(length)
              : (from < 0 ? all.length + from : from) + numberOf(length),
        ),
      )
    }
    case 'range': {
      const [from, to] = [known(first), known(second)]
      if (from === undefined || to === undefined) return UNKNOWN
      if (typeof from === 'string' && typeof to === 'string' && from.length === 1 && to.length === 1 && !/\d/.test(from)) {
        const [a, b] = [from.charCodeAt(0), to.charCodeAt(0)]
        return listOf(Array.from({ length: Math.abs(b - a) + 1 }, (_, i) => String.fromCharCode(a < b ? a + i : a - i)))
      }
      const [a, b] = [numberOf(from), numberOf(to)]
      const step = Math.max(1, Math.abs(numberOf(known(third) ?? 1)))
      const size = Math.floor(Math.abs(b - a) / step) + 1
      return size > MAX_ENTRIES ? UNKNOWN : listOf(Array.from({ length: size }, (_, i) => (a < b ? a + i * step : a - i * step)))
    }
    case 'str_replace':
    case 'str_ireplace': {
      const subject = known(third)
      const searches = first.entries
        ? constantsOf(first)?.map(textOf)
        : known(first) === undefined
          ? undefined
          : [textOf(known(first))]
      const puts = second.entries
        ? constantsOf(second)?.map(textOf)
        : known(second) === undefined
          ? undefined
          : textOf(known(second))
      if (subject === undefined || searches === undefined || puts === undefined) return mixture([third, second])
      const result = replaced(searches, puts, textOf(subject), name === 'str_ireplace')
      return result === undefined
        ? UNKNOWN
        : { constant: result, origins: [], built: true, ...(third.layers ? { layers: third.layers } : {}) }
    }
    case 'strtr': {
      const text = known(first)
      if (text === undefined || !second.entries) return undefined
      let result = textOf(text)
      const pairs = [...second.entries].filter(([key]) => key !== '').sort(([a], [b]) => b.length - a.length)
      if (pairs.some(([, value]) => value.constant === undefined)) return UNKNOWN
      const table = new Map(pairs.map(([key, value]) => [key, textOf(value.constant)]))
      const longest = pairs[0]?.[0].length ?? 0
      let outText = ''
      for (let at = 0; at < result.length; ) {
        let size = Math.min(longest, result.length - at)
        while (size > 0 && !table.has(result.slice(at, at + size))) size--
        outText += size === 0 ? result.charAt(at) : (table.get(result.slice(at, at + size)) ?? '')
        at += Math.max(1, size)
      }
      result = outText
      return { constant: result, origins: [], built: true }
    }
    case 'vsprintf': {
      const values = constantsOf(second)
      const format = known(first)
      const result = values && format !== undefined ? PURE['sprintf']?.([format, ...values]) : undefined
      return result === undefined ? mixture(args) : { constant: result, origins: [], built: true }
    }
    case 'count':
    case 'sizeof':
      return first.entries && !first.entries.has('*') && first.origins.length === 0 ? constant(first.entries.size) : UNKNOWN
    case 'is_string':
      return typeof known(first) === 'string' ? constant(true) : UNKNOWN
    case 'is_array':
      return first.entries && first.origins.length === 0 ? constant(true) : UNKNOWN
    case 'compact':
      return UNKNOWN
    default:
      return undefined
  }
}

const listOf = (values: readonly Constant[]): Value => ({
  entries: new Map(values.map((value, index) => [String(index), { ...constant(value), built: true }])),
  origins: [],
})
const reindexed = (values: readonly Value[]): Value => ({
  entries: new Map(values.map((value, index) => [String(index), value])),
  origins: [],
})

/** Functions of PHP that hand on what they are given, with or without a check on the way. */
function passed({ name, args }: Call): Value | undefined {
  if (CLEANERS.has(name)) return UNKNOWN
  if (ESCAPERS.has(name)) return { ...mixture(args, 'escaped') }
  if (name === 'basename' || name === 'pathinfo') return mixture(args.slice(0, 1), 'file-name')
  if (name === 'realpath') return mixture(args, 'checked')
  if (
    name === 'htmlspecialchars' ||
    name === 'htmlentities' ||
    name === 'strip_tags' ||
    name === 'urlencode' ||
    name === 'rawurlencode'
  )
    return mixture(args.slice(0, 1))
  return BUILT_IN.has(name) ? mixture(args) : undefined
}

/** Classes of PHP that run, load or call what they are given. */
function create({ name, args, line, hidden }: Call, machine: Machine): Value | undefined {
  const key = name.toLowerCase()
  const [first = UNKNOWN] = args
  const entries = new Map(args.map((value, index) => [String(index), value]))
  if (key === 'reflectionfunction') return { type: key, isObject: true, entries, origins: [] }
  if (key === 'reflectionclass' || key === 'reflectionmethod') return { type: key, isObject: true, entries, origins: [] }
  if (key === 'com')
    return {
      type: /wscript\.shell|shell\.application|wshell/i.test(textOf(known(first))) ? 'com-shell' : 'com',
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

function method({ name, receiver, args, line, hidden }: Call, object: Value, machine: Machine): Value | undefined {
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
  if (type === 'com-shell' && (key === 'run' || key === 'exec' || key === 'shellexecute')) {
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
  if (/^(?:sqlite)?create(?:function|aggregate|collation)$/.test(key) && args[1]) machine.invoke(args[1], [UNKNOWN], line)
  if (/^(?:query|exec|prepare)$/.test(key)) machine.sink({ kind: 'database', label: `${name}()`, line, values: args })
  return undefined
}
