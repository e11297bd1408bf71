import type { Code } from './content-code.ts'
import type { ScriptModel, Sink } from './content-flow.ts'
import type { LexRules } from './content-lexer.ts'

const words = (text: string) => new Set(text.split(/\s+/))

/** Java in JSP and JSPX: Java Language Specification chapter 3, Jakarta Server Pages 3.1 chapter 1. */
const rules: LexRules = {
  lineComments: ['//'],
  blockComments: [['/*', '*/']],
  strings: [
    { open: '"', close: '"', escape: 'backslash' },
    { open: "'", close: "'", escape: 'backslash' },
  ],
  symbols: ['==', '!=', '<=', '>=', '->', '::', '&&', '||', '+=', '-=', '&=', '++', '--'],
  ignoresCase: false,
}

/** HttpServletRequest: the members a client fills. */
const CLIENT_VALUES = words(
  'getParameter getParameterValues getParameterMap getParameterNames getHeader getHeaders getInputStream getReader getQueryString getCookies getPart getParts getPathInfo getRequestURI',
)

function sourceAt(code: Code, at: number): { label: string; end: number } | undefined {
  if (code.kind(at) !== 'word' || !CLIENT_VALUES.has(code.text(at)) || !code.is(at - 1, '.') || !code.is(at + 1, '('))
    return undefined
  const close = code.close(at + 1)
  const name = close === at + 3 ? code.text(at + 2).slice(0, 24) : ''
  return { label: `request.${code.text(at)}(${name})`, end: close + 1 }
}

function sinkAt(code: Code, at: number): Sink | undefined {
  if (code.kind(at) !== 'word' || !code.is(at + 1, '(')) return undefined
  const word = code.text(at)
  const args = code.arguments(at + 1)
  const made = code.is(at - 1, 'new') || (code.is(at - 1, '.') && code.is(at - 4, 'new')) || code.is(at - 5, 'new')
  switch (word) {
    case 'exec':
      return isRuntime(code, at) ? { kind: 'command', label: 'Runtime.exec()', at, parts: args.slice(0, 1) } : undefined
    case 'ProcessBuilder':
      return made ? { kind: 'command', label: 'ProcessBuilder', at, parts: args } : undefined
    case 'command':
      return code.is(at - 1, '.') && mentions(code, 'ProcessBuilder')
        ? { kind: 'command', label: 'ProcessBuilder.command()', at, parts: args }
        : undefined
    case 'defineClass':
    case 'defineAnonymousClass':
      return { kind: 'class-loading', label: `${word}()`, at, parts: args }
    case 'URLClassLoader':
      return made ? { kind: 'class-loading', label: word, at, parts: args.slice(0, 1) } : undefined
    case 'eval':
      return code.is(at - 1, '.') ? { kind: 'code', label: 'script engine eval()', at, parts: args.slice(0, 1) } : undefined
    case 'invoke':
      // Reflection on names of the request; with constant names it is how frameworks work.
      return code.is(at - 1, '.')
        ? { kind: 'dynamic-call', label: 'a method named by the request', at, parts: calledName(code, at) }
        : undefined
    case 'FileOutputStream':
    case 'FileWriter':
    case 'PrintWriter':
    case 'RandomAccessFile':
      return made && args[0] ? fileWrite(code, at, word) : undefined
    default:
      return undefined
  }
}

/** `Runtime.getRuntime().exec(…)`, or on a variable that holds it; a thread pool has an exec, too. */
function isRuntime(code: Code, at: number): boolean {
  return code.is(at - 1, '.') && mentions(code, 'getRuntime')
}

function mentions(code: Code, word: string): boolean {
  return code.positionsOf(word).length > 0
}

/** Arguments of the getMethod() or forName() calls just before an invoke(). */
function calledName(code: Code, at: number) {
  for (let i = at; i > Math.max(0, at - 60); i--)
    if (code.is(i, 'getMethod', 'getDeclaredMethod') && code.is(i + 1, '(')) return code.arguments(i + 1).slice(0, 1)
  return []
}

/** Where is the argument; what is whatever the script writes afterwards. */
function fileWrite(code: Code, at: number, word: string): Sink | undefined {
  const [path] = code.arguments(at + 1)
  const isWrite = (i: number) => code.is(i - 1, '.') && code.is(i + 1, '(') && !code.is(i - 2, 'out')
  const write = code.next(['write', 'print', 'println', 'append'], at, isWrite)
  return path && write !== undefined
    ? { kind: 'file-write', label: word, at, parts: [path, { from: write + 2, to: code.close(write + 1) }] }
    : undefined
}

/** Java server pages. */
export const java: ScriptModel = {
  title: 'JSP',
  rules,
  join: ['+'],
  sourceAt,
  sinkAt,
  decoders: words('decodebuffer decode parsebase64binary decodebase64 gzipinputstream'),
  cleaners: words(
    'parseint parselong parsedouble valueof equals equalsignorecase contains containskey startswith endswith matches isempty length getname getrealpath',
  ),
  checks: words('contains containskey matches'),
  sharedVariables: true,
}
