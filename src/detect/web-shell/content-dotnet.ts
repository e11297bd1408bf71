import type { Code, Range } from './content-code.ts'
import type { ScriptModel, Sink } from './content-flow.ts'
import type { LexRules } from './content-lexer.ts'

const words = (text: string) => new Set(text.split(/\s+/))

/** C# (ECMA-334 section 6) and JScript.NET. */
export const cSharpRules: LexRules = {
  lineComments: ['//'],
  blockComments: [['/*', '*/']],
  strings: [
    { open: '$@"', close: '"', escape: 'double', holds: 'braces' },
    { open: '@"', close: '"', escape: 'double' },
    { open: '$"', close: '"', escape: 'backslash', holds: 'braces' },
    { open: '"', close: '"', escape: 'backslash' },
    { open: "'", close: "'", escape: 'backslash' },
  ],
  symbols: ['===', '!==', '==', '!=', '<=', '>=', '=>', '??=', '??', '&&', '||', '+=', '-=', '&=', '++', '--', '::'],
  ignoresCase: false,
}

/** Members of the request that the server fills, or that only tell about it. */
const NOT_CHOSEN =
  /^(?:applicationpath|physicalpath|physicalapplicationpath|mappath|mapimagecoordinates|ishttps|issecureconnection|islocal|isauthenticated|logonuseridentity|contentlength|totalbytes|browser|httpmethod|requesttype|currentexecutionfilepath|timedoutToken|anonymousid)$/i

/** System.Web.HttpRequest, under whatever name it is reached, and the text of a page's own input fields. */
export function netSourceAt(code: Code, at: number): { label: string; end: number } | undefined {
  const word = code.text(at)
  if (code.kind(at) !== 'word') return undefined
  if (/^request$/i.test(word) && (!code.is(at - 1, '.') || /^(?:context|current|this|me|page)$/i.test(code.text(at - 2)))) {
    let end = at + 1
    let label = 'Request'
    for (let steps = 0; steps < 4; steps++) {
      if (code.is(end, '.') && code.kind(end + 1) === 'word') {
        if (steps === 0 && NOT_CHOSEN.test(code.text(end + 1))) return undefined
        label += `.${code.text(end + 1)}`
        end += 2
      } else if (code.is(end, '[', '(')) {
        const close = code.close(end)
        if (close === end + 2) label += `[${code.text(end + 1).slice(0, 24)}]`
        end = close + 1
      } else break
    }
    return end === at + 1 ? undefined : { label, end }
  }
  // TextBox.Text, HtmlInputText.Value, HiddenField.Value: what the visitor typed. Only as the page's own control, not as part of a chain.
  if (
    /^(?:Text|Value)$/i.test(word) &&
    code.is(at - 1, '.') &&
    code.kind(at - 2) === 'word' &&
    !code.is(at - 3, '.') &&
    !code.is(at + 1, '(', '=', '+=', '.')
  )
    return INPUT_FIELD.test(code.text(at - 2)) ? { label: `${code.text(at - 2)}.${word}`, end: at + 1 } : undefined
  return undefined
}

/** How programmers name input fields; other objects have a Text, too. */
const INPUT_FIELD = /^(?:txt|tb|text|textbox|input|hf|hid|hdn|x?cmd|x?arg|x?path|x?content|x?pass|command)\w*$/i

const PROCESS_START = words('ProcessStartInfo processstartinfo')
const EVALUATORS = words('eval Eval')

/** What .NET runs: processes, compiled code, loaded assemblies. */
export function netSinkAt(code: Code, at: number): Sink | undefined {
  if (code.kind(at) !== 'word') return undefined
  const word = code.text(at)
  const folded = word.toLowerCase()
  const open = code.is(at + 1, '(') ? at + 1 : -1
  const args: readonly Range[] = open < 0 ? [] : code.arguments(open)
  if (PROCESS_START.has(word) && code.is(newBefore(code, at), 'new') && open > 0)
    return { kind: 'command', label: 'ProcessStartInfo', at, parts: args }
  if (
    (folded === 'arguments' || folded === 'filename') &&
    code.is(at - 1, '.', '{', ',') &&
    code.is(at + 1, '=') &&
    isProcessMember(code, at)
  )
    return { kind: 'command', label: `ProcessStartInfo.${word}`, at, parts: [upToComma(code, code.restOfStatement(at + 2))] }
  if (folded === 'start' && open > 0 && code.is(at - 1, '.') && /^process$/i.test(code.text(at - 2)))
    return { kind: 'command', label: 'Process.Start()', at, parts: args }
  if (folded === 'shell' && open > 0 && code.basic && !code.is(at - 1, '.'))
    return { kind: 'command', label: 'Shell()', at, parts: args.slice(0, 1) }
  if (
    (folded === 'load' || folded === 'unsafeloadfrom' || folded === 'loadfrom') &&
    open > 0 &&
    /^assembly$/i.test(code.text(at - 2))
  )
    return { kind: 'class-loading', label: `Assembly.${word}()`, at, parts: args.slice(0, 1) }
  if (folded === 'compileassemblyfromsource' && open > 0) return { kind: 'code', label: `${word}()`, at, parts: args.slice(1) }
  // <%# Eval("Column") %> of data binding has one constant text; JScript.NET's eval runs it.
  if (EVALUATORS.has(word) && open > 0 && !code.is(at - 1, '.'))
    return { kind: 'code', label: 'eval()', at, parts: args.slice(0, 1) }
  if (/^writeall(?:text|bytes|lines)$|^appendalltext$/.test(folded) && args[0] && args[1])
    return { kind: 'file-write', label: `File.${word}()`, at, parts: args.slice(0, 2) }
  if (folded === 'saveas' && args[0] && code.is(at - 1, '.'))
    return { kind: 'file-write', label: '.SaveAs()', at, parts: [args[0], args[0]] }
  return undefined
}

/** `new System.Diagnostics.ProcessStartInfo`: where `new` would stand. */
function newBefore(code: Code, at: number): number {
  let i = at - 1
  while (code.is(i, '.') && code.kind(i - 1) === 'word') i -= 2
  return i
}

/** Is there a process in the script at all? `FileName` and `Arguments` are members of other classes, too. */
function isProcessMember(code: Code, at: number): boolean {
  for (let i = Math.max(0, at - 400); i < Math.min(code.tokens.length, at + 400); i++)
    if (code.kind(i) === 'word' && /^(?:processstartinfo|process|startinfo)$/i.test(code.text(i))) return true
  return false
}

function upToComma(code: Code, range: Range): Range {
  return code.split(range)[0] ?? range
}

/** ASP.NET in C# or JScript.NET. */
export const cSharp: ScriptModel = {
  title: 'ASP.NET',
  rules: cSharpRules,
  join: ['+'],
  sourceAt: netSourceAt,
  sinkAt: netSinkAt,
  decoders: words('frombase64string'),
  cleaners: words(
    'parse tryparse toint32 toint64 todouble toboolean todatetime isnullorempty isnullorwhitespace equals contains length getfilename mappath validate startswith endswith',
  ),
  checks: words('contains containskey ismatch tryparse'),
  sharedVariables: true,
}
