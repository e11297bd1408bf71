import type { Code, Range } from './content-code.ts'
import type { Constants } from './content-constants.ts'
import { netSinkAt, netSourceAt } from './content-dotnet.ts'
import type { ScriptModel, Sink } from './content-flow.ts'
import type { LexRules } from './content-lexer.ts'

const words = (text: string) => new Set(text.split(/\s+/))

/** VBScript and VB.NET: MS-VBAL section 3. */
const rules: LexRules = {
  lineComments: ["'"],
  blockComments: [],
  strings: [{ open: '"', close: '"', escape: 'double' }],
  symbols: ['<>', '<=', '>=', '&=', '+='],
  ignoresCase: true,
  continuation: '_',
  commentWord: 'rem',
}

/** learn.microsoft.com/previous-versions/iis/6.0-sdk: the collections of the Request object. */
function requestAt(code: Code, at: number): { label: string; end: number } | undefined {
  if (!code.is(at, 'request', 'Request') || code.is(at - 1, '.')) return undefined
  let end = at + 1
  let label = 'Request'
  for (let steps = 0; steps < 4; steps++) {
    if (code.is(end, '.') && code.kind(end + 1) === 'word') {
      label += `.${code.text(end + 1)}`
      end += 2
    } else if (code.is(end, '(', '[')) {
      const close = code.close(end)
      if (close === end + 2) label += `(${code.text(end + 1).slice(0, 24)})`
      end = close + 1
    } else break
  }
  // What the server itself knows, or a size, is not chosen by the client.
  if (/\.(?:totalbytes|servervariables\((?!http_|query_string|path_info))/i.test(label)) return undefined
  return { label, end }
}

const EVALUATORS = words('execute executeglobal eval')
/** Shells that Windows offers to scripts as objects, and their methods that start programs. */
const SHELL_OBJECT = /^(?:wscript\.shell|shell\.application|wbemscripting|winmgmts:|schedule\.service)/i
const STARTS = words('run exec shellexecute create')
const SCRIPT_OBJECT = /^(?:msscriptcontrol\.)?scriptcontrol/i
const SCRIPT_METHODS = words('addcode eval executestatement executeglobal')
const WRITER_OBJECT = /^(?:adodb\.stream|scripting\.filesystemobject|microsoft\.xmlhttp|msxml2)/i

function sinkAt(code: Code, at: number, constants: Constants): Sink | undefined {
  if (code.kind(at) !== 'word') return undefined
  const word = code.text(at).toLowerCase()
  if (!code.is(at - 1, '.')) {
    if (EVALUATORS.has(word) && !code.is(at - 1, 'function', 'sub'))
      return { kind: 'code', label: word, at, parts: [argumentOf(code, at)] }
    return undefined
  }
  if (STARTS.has(word) && objectIs(code, at, SHELL_OBJECT, constants))
    return { kind: 'command', label: `.${word} of a shell object`, at, parts: partsOf(code, at).slice(0, 2) }
  if (SCRIPT_METHODS.has(word) && objectIs(code, at, SCRIPT_OBJECT, constants))
    return { kind: 'code', label: `.${word} of a script object`, at, parts: partsOf(code, at).slice(0, 1) }
  if (word !== 'savetofile' && word !== 'createtextfile' && word !== 'opentextfile') return undefined
  const [path] = partsOf(code, at)
  if (!path) return undefined
  if (word !== 'savetofile') return textFile(code, at, path)
  if (objectIs(code, at, WRITER_OBJECT, constants))
    return { kind: 'file-write', label: '.SaveToFile', at, parts: [path, { from: at - 2, to: at - 1 }] }
  return undefined
}

function partsOf(code: Code, at: number): Range[] {
  return code.split(argumentOf(code, at))
}

/** The bracketed argument, or in Basic the rest of the statement. */
function argumentOf(code: Code, at: number): Range {
  return code.is(at + 1, '(') ? { from: at + 2, to: code.close(at + 1) } : code.restOfStatement(at + 1)
}

/** Was the object before `.method` made as one of these, in place or by an assignment? */
function objectIs(code: Code, at: number, made: RegExp, constants: Constants): boolean {
  const madeIn = ({ from, to }: Range) => {
    for (let i = from; i < to; i++) {
      if (!code.is(i, 'createobject', 'CreateObject', 'getobject', 'GetObject', 'ActiveXObject') || !code.is(i + 1, '(')) continue
      const name = constants.of({ from: i + 2, to: code.close(i + 1) })
      if (name !== undefined && made.test(name)) return true
    }
    return false
  }
  if (code.is(at - 2, ')')) return madeIn({ from: Math.max(0, at - 24), to: at - 1 })
  const name = code.text(at - 2)
  return code.assignmentsTo(name).some(({ value }) => madeIn(value))
}

/** `Set f = fso.CreateTextFile(path)` … `f.Write text`: where and what are two statements. */
function textFile(code: Code, at: number, path: Range): Sink | undefined {
  const opened = code.assignmentAround(at)
  const isWrite = (i: number) => code.is(i - 1, '.') && code.text(i - 2) === opened?.target
  const write = code.next(['write', 'writeline', 'Write', 'WriteLine'], at, isWrite)
  return opened && write !== undefined
    ? { kind: 'file-write', label: '.CreateTextFile and .Write', at, parts: [path, argumentOf(code, write)] }
    : undefined
}

const shared = {
  decoders: words('base64decode strreverse unescape frombase64string decodebase64'),
  cleaners: words(
    'cint clng cdbl cbool cdate len isnumeric isempty isnull instr lcase$ asc strcomp int32 toint32 parse tryparse isnullorempty',
  ),
  checks: words('isnumeric instr'),
  sharedVariables: true,
}

/** Classic ASP in VBScript. */
export const vbScript: ScriptModel = { title: 'ASP', rules, join: ['&', '+'], sourceAt: requestAt, sinkAt, ...shared }

/** Classic ASP in JScript: the same objects in another spelling. */
export function jScript(cLike: LexRules): ScriptModel {
  return {
    title: 'ASP',
    rules: cLike,
    join: ['+'],
    sourceAt: requestAt,
    sinkAt: (code, at, constants) => functionOf(code, at) ?? sinkAt(code, at, constants),
    ...shared,
  }
}

/** `new Function(text)` */
function functionOf(code: Code, at: number): Sink | undefined {
  return code.is(at, 'Function') && code.is(at - 1, 'new') && code.is(at + 1, '(')
    ? { kind: 'code', label: 'new Function()', at, parts: code.arguments(at + 1) }
    : undefined
}

/** ASP.NET in Visual Basic. */
export const vbNet: ScriptModel = {
  title: 'ASP.NET',
  rules: { ...rules, continuation: '_' },
  join: ['&', '+'],
  sourceAt: netSourceAt,
  sinkAt: (code, at, constants) => netSinkAt(code, at) ?? sinkAt(code, at, constants),
  ...shared,
}
