import type { Code, Range } from './content-code.ts'
import type { Constants } from './content-constants.ts'
import type { ScriptModel, Sink, SinkKind } from './content-flow.ts'
import type { LexRules } from './content-lexer.ts'

const words = (text: string) => new Set(text.split(/\s+/))

/** php.net/manual/langref. Variables keep their case, functions do not. */
const rules: LexRules = {
  lineComments: ['//', '#'],
  blockComments: [['/*', '*/']],
  strings: [
    { open: "'", close: "'", escape: 'backslash' },
    { open: '"', close: '"', escape: 'backslash', holds: 'php' },
    { open: '`', close: '`', escape: 'backslash', holds: 'php', call: 'shell_exec' },
  ],
  symbols: ['===', '!==', '<=>', '??=', '==', '!=', '<=', '>=', '=>', '->', '::', '.=', '+=', '-=', '??', '&&', '||', '++', '--'],
  variableSign: '$',
  ignoresCase: true,
  heredoc: true,
}

/** php.net/manual/reserved.variables and the functions that read a request. */
const REQUEST = words(
  '$_GET $_POST $_REQUEST $_COOKIE $_FILES $HTTP_POST_VARS $HTTP_GET_VARS $HTTP_COOKIE_VARS $HTTP_RAW_POST_DATA',
)
const REQUEST_CALLS = words('getallheaders apache_request_headers filter_input filter_input_array')
/** Keys of $_SERVER that the client fills. */
const CLIENT_KEY = /^(?:HTTP_|QUERY_STRING$|PATH_INFO$|REQUEST_URI$|PHP_AUTH_|CONTENT_TYPE$)/

function sourceAt(code: Code, at: number, constants: Constants): { label: string; end: number } | undefined {
  const kind = code.kind(at)
  const text = code.text(at)
  if (kind === 'variable') {
    if (REQUEST.has(text)) return indexed(code, at, text)
    if (text === '$_SERVER' && code.is(at + 1, '[')) {
      const key = constants.of({ from: at + 2, to: code.close(at + 1) })
      return key !== undefined && CLIENT_KEY.test(key) ? indexed(code, at, text) : undefined
    }
    return undefined
  }
  // ${'_PO'.'ST'} and $$name
  if (kind === 'symbol' && text === '$') {
    const range = code.is(at + 1, '{') ? { from: at + 2, to: code.close(at + 1) } : { from: at + 1, to: at + 2 }
    const name = constants.of(range)
    return name !== undefined && REQUEST.has(`$${name}`)
      ? indexed(code, range.to === at + 2 ? at + 1 : range.to, `$${name}`)
      : undefined
  }
  if (kind !== 'word' || !code.is(at + 1, '(') || code.is(at - 1, '->', '::', 'function')) return undefined
  if (REQUEST_CALLS.has(text)) return { label: `${text}()`, end: code.close(at + 1) + 1 }
  const [first] = code.arguments(at + 1)
  const said = first && constants.of(first)
  if (text === 'file_get_contents' && said?.toLowerCase() === 'php://input')
    return { label: 'php://input', end: code.close(at + 1) + 1 }
  if (text === 'getenv' && said !== undefined && CLIENT_KEY.test(said))
    return { label: `getenv(${said})`, end: code.close(at + 1) + 1 }
  return undefined
}

/** The variable with its keys: $_POST['a']['b']. */
function indexed(code: Code, at: number, name: string): { label: string; end: number } {
  let end = at + 1
  let label = name
  while (code.is(end, '[', '{') && end < at + 20) {
    const close = code.close(end)
    if (close === end + 2) label += `[${code.text(end + 1).slice(0, 20)}]`
    end = close + 1
  }
  return { label, end }
}

const COMMANDS = words('system exec shell_exec passthru popen proc_open pcntl_exec expect_popen')
const EVALUATORS = words('eval assert create_function')
/** Functions that call a function they are given, and which argument that is. */
const CALLBACKS: Readonly<Record<string, number>> = {
  call_user_func: 0,
  call_user_func_array: 0,
  array_map: 0,
  array_filter: 1,
  array_walk: 1,
  array_walk_recursive: 1,
  array_reduce: 1,
  array_diff_ukey: 2,
  array_udiff: 2,
  array_uintersect: 2,
  usort: 1,
  uasort: 1,
  uksort: 1,
  iterator_apply: 1,
  register_shutdown_function: 0,
  register_tick_function: 0,
  preg_replace_callback: 1,
  forward_static_call: 0,
  forward_static_call_array: 0,
  ob_start: 0,
  filter_var: 2,
}
const INCLUDES = words('include include_once require require_once')

function kindOf(name: string): SinkKind | undefined {
  const bare = name.toLowerCase().replace(/^\\/, '')
  return COMMANDS.has(bare) ? 'command' : EVALUATORS.has(bare) ? 'code' : undefined
}

function sinkAt(code: Code, at: number, constants: Constants, isRequest: (range: Range) => boolean): Sink | undefined {
  const text = code.text(at)
  if (code.kind(at) === 'word' && !code.is(at - 1, '->', '::', 'function', 'new')) {
    if (INCLUDES.has(text)) return { kind: 'include', label: text, at, parts: [code.restOfStatement(at + 1)] }
    if (text === 'eval' && !code.is(at + 1, '('))
      return { kind: 'code', label: 'eval', at, parts: [code.restOfStatement(at + 1)] }
    return code.is(at + 1, '(') ? callSink(code, at, text, constants, isRequest) : undefined
  }
  if (code.kind(at) === 'word' && code.is(at - 1, '->') && code.is(at + 1, '(') && (text === 'run' || text === 'exec'))
    return shellObject(code, at)
  return code.is(at, '(') ? namedByValue(code, at, constants, isRequest) : undefined
}

function callSink(
  code: Code,
  at: number,
  name: string,
  constants: Constants,
  isRequest: (range: Range) => boolean,
): Sink | undefined {
  const args = code.arguments(at + 1)
  const [first, second, third] = args
  const kind = kindOf(name)
  if (kind === 'command') return { kind, label: `${name}()`, at, parts: args.slice(0, name === 'pcntl_exec' ? 2 : 1) }
  if (kind === 'code') return { kind, label: `${name}()`, at, parts: name === 'create_function' ? args : args.slice(0, 1) }
  if (name === 'preg_replace' && first && second && /^(.).*\1[a-z]*e[a-z]*$/is.test(constants.of(first) ?? ''))
    return { kind: 'code', label: 'preg_replace() with /e', at, parts: args.slice(1) }
  if (name === 'preg_replace' && first && second && isRequest(second) && sourceAt(code, first.from, constants)?.end === first.to)
    return { kind: 'code', label: 'preg_replace() with a pattern of the request', at, parts: [first] }
  if (name === 'mb_ereg_replace' && args[3] && /e/.test(constants.of(args[3]) ?? ''))
    return { kind: 'code', label: 'mb_ereg_replace() with e', at, parts: args.slice(0, 3) }
  if (name === 'file_put_contents' && first && second)
    return { kind: 'file-write', label: `${name}()`, at, parts: [first, second] }
  if ((name === 'move_uploaded_file' || name === 'copy') && first && second)
    return { kind: 'file-write', label: `${name}()`, at, parts: [second, first] }
  if ((name === 'fwrite' || name === 'fputs') && first && second)
    return { kind: 'file-write', label: `${name}()`, at, parts: [first, second] }
  const callback = Object.hasOwn(CALLBACKS, name) ? args[CALLBACKS[name] ?? 0] : undefined
  if (!callback) return undefined
  if (isRequest(callback) && !isObjectMethod(code, callback))
    return { kind: 'dynamic-call', label: `${name}() with a function of the request`, at, parts: [callback] }
  const called = constants.of(callback)
  const calledKind = called === undefined ? undefined : kindOf(called)
  const others = [first, second, third].filter(part => part !== undefined && part !== callback)
  return (
    calledKind && {
      kind: calledKind,
      label: `${name}(${called})`,
      at,
      parts: others as readonly Range[],
      hidden: !spelledOut(code, callback),
    }
  )
}

/** array($this, $name): a method of the program's own object, which frameworks choose by the request. */
function isObjectMethod(code: Code, { from, to }: Range): boolean {
  if (!code.is(from, '[', 'array')) return false
  for (let i = from; i < Math.min(to, from + 6); i++) if (code.text(i) === '$this' || code.is(i, '::', 'new')) return true
  return code.split({ from: code.is(from, '[') ? from + 1 : from + 2, to: to - 1 }).length === 2
}

const spelledOut = (code: Code, { from, to }: Range) => to === from + 1 && code.kind(from) === 'string'

/** `$f(…)`, `$_GET['f'](…)`, `('sys'.'tem')(…)`: a call of whatever the value before the bracket names. */
function namedByValue(code: Code, open: number, constants: Constants, isRequest: (range: Range) => boolean): Sink | undefined {
  const from = calleeStart(code, open)
  if (from < 0) return undefined
  const callee = { from, to: open }
  if (code.is(from - 1, '->', '::', 'function', 'new', 'fn')) return undefined
  const name = constants.of(callee)
  const kind = name === undefined ? undefined : kindOf(name)
  if (name !== undefined && kind)
    return { kind, label: `${name}() under another name`, at: open, parts: code.arguments(open).slice(0, 1), hidden: true }
  return isRequest(callee)
    ? { kind: 'dynamic-call', label: 'a function named by the request', at: open, parts: [callee] }
    : undefined
}

function calleeStart(code: Code, open: number): number {
  let at = open - 1
  for (let steps = 0; steps < 6 && code.is(at, ']', '}', ')'); steps++) {
    const closer = code.text(at)
    let depth = 0
    for (; at >= 0; at--) {
      if (code.is(at, ']', '}', ')')) depth++
      else if (code.is(at, '[', '{', '(') && --depth === 0) break
    }
    if (closer === ')') return code.is(at - 1, '{', '}', ';', '=', '(', ',', '@', 'return', 'echo') || at === 0 ? at : -1
    at--
  }
  if (code.kind(at) === 'string' && at === open - 1) return at
  if (code.kind(at) === 'variable') return code.is(at - 1, '$') ? at - 1 : at
  return code.is(at, '$') ? at : -1
}

/** A COM shell: `$w = new COM('WScript.Shell'); $w->exec(…)`; a database's exec() is no such thing. */
function shellObject(code: Code, at: number): Sink | undefined {
  const made = code
    .assignmentsTo(code.text(at - 2))
    .some(({ value: { from } }) => code.is(from, 'new') && code.is(from + 1, 'com'))
  return made ? { kind: 'command', label: `COM ${code.text(at)}()`, at, parts: code.arguments(at + 1).slice(0, 1) } : undefined
}

/** PHP pages. */
export const php: ScriptModel = {
  title: 'PHP',
  rules,
  join: ['.'],
  sourceAt,
  sinkAt,
  decoders: words(
    'base64_decode gzinflate gzuncompress gzdecode str_rot13 strrev hex2bin convert_uudecode openssl_decrypt mcrypt_decrypt rawurldecode',
  ),
  cleaners: words(
    'escapeshellarg escapeshellcmd intval floatval boolval abs md5 sha1 crc32 hash count sizeof strlen is_numeric is_array is_string isset empty in_array array_key_exists strcmp strcasecmp preg_match strpos stripos mysql_real_escape_string mysqli_real_escape_string password_verify file_exists is_file is_dir filesize realpath',
  ),
  checks: words(
    'in_array array_key_exists preg_match ctype_alnum ctype_alpha ctype_digit is_numeric function_exists method_exists',
  ),
  sharedVariables: false,
  namesFunctions: true,
}
