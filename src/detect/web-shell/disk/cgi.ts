import type { Weighed } from './score.ts'

/** Programs the server itself starts (RFC 3875): their first line names what runs them, whatever the file is called. */
const FIRST_LINE = /^(?:\xef\xbb\xbf)?\s{0,4}#!\s*\/?\S*\/?(?:env\s+)?(perl|python|ruby|bash|sh|ksh)[\w.-]*/

export function cgiLanguageOf(text: string): string | undefined {
  return FIRST_LINE.exec(text.slice(0, 200))?.[1]
}

/** What the visitor sends, as these languages read it: the environment, the body, or a module that reads both. */
const ASKS =
  /\bQUERY_STRING\b|\bCONTENT_LENGTH\b|\bparam\s*\(|\bcgi\s*\.\s*FieldStorage\b|\bCGI(?:\.new|->new|::)|\bnew\s+CGI\b|\bHTTP_(?:USER_AGENT|COOKIE|REFERER)\b/
/** Values of it: a parameter, an entry of the list a page of the old kind fills. */
const FROM_VISITOR =
  /\bparam\s*\(|\$(?:in|form|FORM|input|query|Q|params?)\s*\{|\$ENV\s*\{\s*['"]?(?:QUERY_STRING|HTTP_(?!HOST)\w+)|\bgetvalue\s*\(|\bgetfirst\s*\(|\bform\s*\[|os\.environ\s*(?:\[|\.get\()\s*['"](?:QUERY_STRING|HTTP_)|\bcgi\s*\[|\$QUERY_STRING\b/
const ASSIGNED = /(?:^|[;{\n])\s*(?:my\s*|local\s*|our\s*)?\(?\s*\$?([A-Za-z_]\w*)\s*\)?\s*\.?=(?![=~>])\s*([^;\n]{1,300})/g
/** A command that begins with a variable: whoever fills it says what is run. */
const RUNS =
  /\b(?:system|exec|os\.system|os\.popen\d?|popen|commands\.getoutput|subprocess\.\w+|eval)\s*\(?\s*(?:\[\s*)?["']?\s*\$?\{?([A-Za-z_]\w*)|`\s*\$\{?([A-Za-z_]\w*)|\bqx\s*.\s*\$([A-Za-z_]\w*)|\bopen\s*\(?\s*\*?\w+\s*,\s*["']?\s*\$([A-Za-z_]\w*)[^;\n]{0,40}\|/g
/** Going to a folder first does not narrow down what is run. */
const BEFORE = /^["'\s]*(?:cd\s+\S{0,40}\s*(?:;|&&|\S*CmdSep\S*)\s*)?["'\s.]*\$?\{?[A-Za-z_]\w*/

/** A program of the server that runs what a visitor sends: values are followed from the request through plain assignments. */
export function cgiSigns(text: string): Weighed[] {
  const code = text.replace(/^[ \t]*#[^\n]*/gm, '')
  if (!ASKS.test(code)) return []
  const given = new Map<string, number>()
  const assigned = [...code.matchAll(ASSIGNED)].map(({ 1: name = '', 2: value = '', index }) => ({ name, value, index }))
  for (const { name, value, index } of assigned) if (FROM_VISITOR.test(value)) given.set(name, index)
  for (let round = 0; round < MAX_ROUNDS; round++)
    for (const { name, value, index } of assigned)
      if (!given.has(name) && BEFORE.test(value) && wordsOf(value).some(word => given.has(word))) given.set(name, index)
  for (const { 0: whole, 1: a, 2: b, 3: c, 4: d, index } of code.matchAll(RUNS)) {
    const name = a ?? b ?? c ?? d ?? ''
    if (!given.has(name) && !FROM_VISITOR.test(whole)) continue
    const line = lineOf(code, index)
    return [
      {
        what: `what a visitor sends (line ${lineOf(code, given.get(name) ?? index)}) is run: ${whole.trim().slice(0, 60)}`,
        line,
        weight: 75,
        speaks: 'web-shell',
        group: 'command',
        does: 'runs commands of the request',
        techniques: ['T1059'],
      },
    ]
  }
  return []
}

const MAX_ROUNDS = 3
const wordsOf = (value: string) => value.match(/[A-Za-z_]\w*/g) ?? []
const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length
