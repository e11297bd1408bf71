import { type Assignment, givenBy, lineAt } from './follow-words.ts'
import type { Weighed } from './score.ts'

/** Programs the server itself starts (RFC 3875): their first line names what runs them, whatever the file is called. */
const FIRST_LINE = /^(?:\xef\xbb\xbf)?\s{0,4}#!\s*\/?\S*\/?(?:env\s+)?(perl|python|ruby|bash|sh|ksh)[\w.-]*/
const NAMES: Readonly<Record<string, string>> = { perl: 'Perl', python: 'Python', ruby: 'Ruby', pl: 'Perl', plx: 'Perl' }

/** The language of such a program, in words. */
export function cgiLanguageOf(path: string, text: string): string {
  if (text.includes('\0')) return 'programs that were compiled'
  const [, program] = FIRST_LINE.exec(text.slice(0, 200)) ?? []
  return NAMES[program ?? ''] ?? NAMES[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? 'shell scripts and CGI programs'
}

/** What the visitor sends, as these languages read it: the environment, the body, or a module that reads both. */
const ASKS =
  /\bQUERY_STRING\b|\bCONTENT_LENGTH\b|\bparam\s*\(|\bcgi\s*\.\s*FieldStorage\b|\bCGI(?:\.new|->new|::)|\bnew\s+CGI\b|\bHTTP_(?:USER_AGENT|COOKIE|REFERER)\b|\bWebrick::CGI\b/

/** Whether the program asks what a visitor sent: one that never does obeys nobody. */
export function cgiMayDoHarm(text: string): boolean {
  return ASKS.test(withoutComments(text))
}

/** Values of it: a parameter, an entry of the list a page of the old kind fills. */
const FROM_VISITOR =
  /\bparam\s*\(|\$(?:in|form|FORM|input|query|Q|params?)\s*\{|\$ENV\s*\{\s*['"]?(?:QUERY_STRING|HTTP_(?!HOST)\w+)|\bgetvalue\s*\(|\bgetfirst\s*\(|\bform\s*\[|os\.environ\s*(?:\[|\.get\()\s*['"](?:QUERY_STRING|HTTP_)|\bcgi\s*\[|\bparams\s*\[|\$QUERY_STRING\b/
/** `$x = …`, `my ($a, $b) = …`, `x = …`; a text in quotes may hold what ends a statement. */
const ASSIGNED =
  /(?:^|[;{}\n])\s*(?:my\s*|local\s*|our\s*)?\(?\s*[$@%]?([A-Za-z_]\w*)\s*\)?\s*\.?=(?![=~>])\s*((?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|[^;\n"']){1,300})/g
/** Where a command begins: a function that starts one, quotes that do, a file that is a pipe. */
const RUNS =
  /(?<![\w>.:$@%'"])(?:system|exec|os\.system|os\.popen\d?|popen|IO\.popen|commands\.getoutput|subprocess\.\w+|Open3\.\w+|eval)\b\s*\(?|`|\bqx\s*(?=\W)|%x(?=[({[|!])|\bopen\s*\(?\s*["*]?\w+"?\s*,/g
const PIPE = /^[^;\n]{0,200}\|/
/** What may stand before a command of the visitor's without narrowing it down: quotes, brackets, going to a folder, a shell. */
const LEAD =
  /^[\s"'`([{|-]*(?:(?:\/bin\/)?(?:ba)?sh["']?\s*,?\s*["']?-c["']?\s*,?\s*["']?|cd\s+[^;&\n]{0,80}?\s*(?:;|&&|\S{0,4}CmdSep)\s*)?[\s"'(.|,-]*([$#@]?\{?\s*[A-Za-z_][\w.:]*(?:\s*[({[])?)/
/** Text in the quotes of Perl, a function, a class: no variable. */
const NO_VARIABLE = /^(?:q[qwrx]?|sub|do|require|use|defined|not|if|unless)\b/

/** A program of the server that runs what a visitor sends: values are followed from the request through plain assignments. */
export function cgiSigns(text: string): Weighed[] {
  const code = withoutComments(text)
  const assigned: Assignment[] = [...code.matchAll(ASSIGNED)].map(({ 1: name = '', 2: value = '', index }) => ({
    name,
    value,
    index,
  }))
  const given = givenBy(assigned, isSent, leads)
  return [...commands(code, given), ...files(code, given)]
}

/** The first thing of an expression is what a visitor sends, with at most functions around it. */
function isSent(value: string): boolean {
  const expression = value.replace(SPLIT, '')
  const lead = LEAD.exec(expression)
  if (lead?.[1] === undefined) return false
  const from = expression.slice(lead[0].length - lead[1].length)
  const sent = FROM_VISITOR.exec(from)
  return sent !== null && AROUND.test(from.slice(0, sent.index))
}

/** Taking the fields of a request apart. */
const SPLIT = /\bsplit\s*\(?\s*(?:\/[^/\n]{0,20}\/|["'][^"'\n]{0,20}["'])\s*,/
const AROUND = /^[\w.:(>$#@{\s-]*$/

/** Names the first thing of an expression may stand for: the variable it begins with, all of them where a function is called. */
function leads(value: string): string {
  const [, variable] = LEAD.exec(value) ?? []
  return variable === undefined ? '' : variable.endsWith('(') ? value : variable
}

function* commands(code: string, given: ReadonlyMap<string, number>): Generator<Weighed> {
  // Perl and shells mark variables with a sign: a bare word is a word.
  const hasSigils = !/^\s*(?:import|from|require)\s+["']?\w+["']?\s*(?:,|$|import\b)/m.test(code)
  for (const { 0: begin, index } of code.matchAll(RUNS)) {
    const rest = code.slice(index + begin.length, index + begin.length + MAX_COMMAND)
    if (begin.startsWith('open') && (!PIPE.test(rest) || /^\s*["'][<>+]/.test(rest))) continue
    // `eval { … }` catches errors.
    if (/^eval\b/.test(begin) && /^\s*\{/.test(rest)) continue
    const lead = LEAD.exec(rest)
    const variable = lead?.[1]
    if (lead === null || variable === undefined || NO_VARIABLE.test(variable)) continue
    const name = variable.replace(/^[$#@]?\{?\s*|\s*[({[]$/g, '')
    const isKnown = given.has(name) && (!hasSigils || /^[$@#]/.test(variable))
    if (!isKnown && !isSent(rest.split('\n', 1)[0] ?? '')) continue
    yield {
      what: `what a visitor sends (line ${lineAt(code, given.get(name) ?? index)}) is run: ${`${begin}${rest.split('\n', 1)[0]}`.trim().slice(0, 60)}`,
      line: lineAt(code, index),
      weight: 75,
      speaks: 'web-shell',
      group: 'command',
      does: 'runs commands of the request',
      techniques: ['T1059'],
    }
    return
  }
}

/** A file that is opened to be written, its handle and its name; and what is printed into one. */
const WRITTEN =
  /\bopen\s*\(?\s*(?:my\s+)?[*$]?(\w+)\s*,\s*(?:["']\s*\+?>{1,2}\s*["']?\s*,?\s*)\$(\w+)(\s*\{[^}\n]{0,40}\})?["']?\s*\)/g
const MAX_WRITES = 200

/** The visitor names the file, and what is written to it. */
function* files(code: string, given: ReadonlyMap<string, number>): Generator<Weighed> {
  let looked = 0
  for (const { 0: whole, 1: handle = '', 2: name = '', index } of code.matchAll(WRITTEN)) {
    if (++looked > MAX_WRITES) return
    if (!given.has(name) && !FROM_VISITOR.test(whole)) continue
    const after = code.slice(index, index + MAX_AFTER)
    const printed = new RegExp(`\\bprint\\s*\\{?\\s*\\$?${handle}\\b\\}?\\s*\\(?["'\\s]*\\$(\\w+)(\\s*\\{)?`).exec(after)
    if (!printed || !(given.has(printed[1] ?? '') || FROM_VISITOR.test(printed[0]))) continue
    yield {
      what: `a visitor names the file, and what is written to it: ${whole.slice(0, 60)}`,
      line: lineAt(code, index),
      weight: 65,
      speaks: 'uploader',
      group: 'file-write',
      does: 'writes files the request names',
      techniques: ['T1105'],
    }
    return
  }
}

/** A command is read so far. */
const MAX_COMMAND = 240
/** What is printed into a file stands near where it is opened. */
const MAX_AFTER = 1_000

const withoutComments = (text: string) => text.replace(/^[ \t]*#[^\n]*/gm, '')
