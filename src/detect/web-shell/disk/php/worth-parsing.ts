import { DECLARES, givesShellAway, isOldStyle, knowsTheTrade, standsAlone } from '../prefilter.ts'
import { codeOnly } from './code-only.ts'
import type { Glance } from './glance.ts'

/** Pages up to this size are parsed whenever the literals say so: that costs no more than a closer look. */
const SMALL_PAGE = 3_000

const ASKED =
  /\$_(?:GET|POST|REQUEST|COOKIE|FILES)\b|["']_(?:GET|POST|REQUEST|COOKIE)["']|HTTP_(?:RAW_)?(?:GET|POST|COOKIE)_|php:\/\/input|getallheaders|apache_request_headers|_SERVER\s*\[\s*["']?(?:HTTP_(?!HOST|X_FORWARDED_PROTO)|QUERY_STRING)|\bimport_request_variables/
const UNPACKS =
  /base64_decode|gz(?:inflate|uncompress|decode)|str_rot13|strrev|convert_uu|hex2bin|\bpack\s*\(\s*["']H|(?:\\(?:x[\da-f]{2}|[01]?\d\d)){3}|(?:chr\s*\([^)]{1,20}\)\s*\.\s*){3}|[^\s(,=.[{&|!?:<>]["']\s*\^\s*["'$(\w]|[\w)\]]\s*\^\s*["']|\$\{\s*["']/i
const RUNS_TEXT =
  /(?<![>:$\w]|function )(?:eval|create_function)\s*\(|\bassert\s*\(\s*[@"']|\bpreg_(?:replace|filter)\s*\(\s*(?:["'](?:\\.|[^"'\n\\]){0,60}(?:(?:\\["']|[^\w\s"'\\])\w{0,4}e\w{0,4}|\\x65)["']\s*,|\$\w*\[)/i
const COMMANDS =
  /(?<![>:$\w\\]|function )(?:system|shell_exec|exec|passthru|popen|proc_open|pcntl_exec|win_shell_execute)\s*\(|(?<![\w'"\\])`(?!['"])[^`\n]*\$|\bnew\s+COM\b/i
const OBEYS =
  /(?<![>:$\w]|function )(?:move_uploaded_file|copy)\s*\(|\bcall_user_func(?:_array)?\s*\(\s*@?\$[_{]|\b(?:array_(?:map|filter|walk\w*|reduce|u?diff\w*|u?intersect\w*)|u[ak]?sort|register_\w+_function|filter_var|mb_eregi?_replace|preg_replace_callback|iterator_apply)\s*\(\s*@?(?:\$_|\$\{|base64_decode|\$\w+\s*,\s*\$_)|\bextract\s*\(\s*@?\$(?:_|HTTP_)|\bparse_str\s*\(\s*[^,()]{1,60}\)|\b(?:file_put_contents|fwrite|fputs)\s*\([^;]{0,100}\$_[GPRC]|\b(?:include|require)(?:_once)?\b[^;\n]{0,80}\$_[GPRC]|\)\s*\(\s*@?\$_|\b(?:unlink|readfile|opendir|show_source|highlight_file)\s*\(\s*@?\$_/i
const NAMES_DANGER =
  /(?:=|\(|\barray\s*\(|=\s*\[)\s*["'](?:assert|eval|system|exec|passthru|shell_exec|popen|proc_open|create_function)["']\s*[;),\]]/i
const DISGUISED = /\b(?:include|require)(?:_once)?\b[^;\n]{0,80}(?:\.(?:jpe?g|png|gif|ico|css)["']|["'](?:data|php|https?):)/i
const BY_NAME = /(?<![>\w:$])\$(\w+)(?:\s*[[{][^\]}\n]{0,80}[\]}])*\s*\(/g
/** What a name that is worked out, or given by a visitor, is made of. */
const MADE =
  /\$_(?:GET|POST|REQUEST|COOKIE|SERVER)|chr\s*\(|base64|str_rot|strrev|\^|~|["']\s*\.\s*["']|["'](?:assert|eval|system|exec|passthru|shell_exec|popen|create_function|preg_replace|base64_decode|gzinflate)["']|\$\w+\s*[[{]\s*\d+\s*[\]}]\s*\.|\$\$|\$\{|pack\s*\(|hex2bin|substr|str_i?replace|implode|join|create_function|\\x[\da-f]/i
/** The same in a library, where names are often cut out of and put into others. */
const MADE_UP =
  /\$_(?:GET|POST|REQUEST|COOKIE)|chr\s*\(|base64|str_rot|["'][^"'\n]{2,}["']\s*\^|~\s*["']|["'](?:assert|eval|system|exec|passthru|shell_exec|popen|create_function|base64_decode|gzinflate)["']|pack\s*\(\s*["']H|hex2bin|create_function|\\x[\da-f]/i
const HAS_LONG_TEXT = /["'][^"'\s]{500}/
/** Functions under names no keyboard has. */
const CALLS_ODD_NAME = /\$\w{0,20}[\x80-\xff][\w\x80-\xff]{0,40}\s*\(/
/** Whole names written as numbers, and jumps instead of blocks. */
const HIDES = /\$\{\s*["']\\x|\$GLOBALS\s*\[\s*["'][^"'\n]{0,20}\\x|(?:\bgoto\s+\w{4,20};[^;]{0,200}){3}/
/** What is opened is given by a request or by variables alone. */
const TOLD =
  /\b(?:mysqli?_p?connect|mssql_connect|pg_connect|p?fsockopen|socket_connect)\s*\(\s*@?\$(?:_(?:POST|GET|REQUEST|COOKIE)|HTTP_|\w+\s*[,.])/i
/** A mail with the place of the page in it. */
const TELLS_WHERE = /\b(?:SCRIPT_FILENAME|DOCUMENT_ROOT|PATH_TRANSLATED)\b[\s\S]{0,1200}(?<![>:$\w]|function )mail\s*\(/
/** Mail to each line of a list. */
const MAILS_LIST = /\b(?:explode|split|preg_split|file)\s*\([\s\S]{0,4000}(?<![>:$\w]|function )mail\s*\(/i
/** A page calls some dozen variables. */
const MAX_CALLED = 60

/**
 * Second look at a page whose literals made it a candidate: the same words, but only where they are code, and what is called by a variable only
 * where the variable was given a name in some suspicious way. Most libraries that decode, call back and write files end here.
 */
export function isWorthParsing(page: string, glance: Glance): boolean {
  if (glance.size <= SMALL_PAGE || glance.mayBeTool || knowsTheTrade(page, glance) || standsAlone(page, glance)) return true
  const code = codeOnly(page)
  const library = DECLARES.test(code)
  if (glance.connects && glance.ways.length > 0 && !library) return true
  if ((glance.opensDatabase || glance.connects) && !library && TOLD.test(code)) return true
  if (glance.mails && TELLS_WHERE.test(code)) return true
  if (glance.mails && ASKED.test(code) && MAILS_LIST.test(code)) return true
  const asked = ASKED.test(code)
  const unpacks = UNPACKS.test(code)
  // What is run may stand in one of the long texts that were left out.
  if (RUNS_TEXT.test(code) && (asked || UNPACKS.test(page) || HAS_LONG_TEXT.test(page))) return true
  // Hardly anything of it is code, and that runs text.
  if (RUNS_TEXT.test(code) && code.length < glance.size / 4) return true
  if (CALLS_ODD_NAME.test(code)) return true
  if (HIDES.test(page) || givesShellAway(page) || isOldStyle(code)) return true
  if (asked && (library ? isNear(code) : COMMANDS.test(code) || OBEYS.test(code))) return true
  if ((asked || unpacks) && NAMES_DANGER.test(code)) return true
  if (DISGUISED.test(code)) return true
  if (
    !asked &&
    /\b(?:file_put_contents|fwrite|fputs|copy)\s*\([^;]{0,120}(?:https?:|base64_decode|gzinflate|\bpack\s*\()/.test(code)
  )
    return true
  if (
    !asked &&
    /\bcurl_exec\b/.test(code) &&
    /\b(?:file_put_contents|fwrite|fputs)\s*\(/.test(code) &&
    /\.(?:php|phtml|asp|jsp)["']/.test(code)
  )
    return true
  return callsWorkedOutName(code, library ? MADE_UP : MADE)
}

/** A function of a class is seldom longer: what a visitor sends and what acts on it stand in one. */
const FUNCTION = 3_000

/** Whether something that acts stands where a visitor is asked, in a file of functions for others. */
function isNear(code: string): boolean {
  const places = new RegExp(ASKED, 'g')
  for (let found = places.exec(code); found; found = places.exec(code)) {
    const around = code.slice(Math.max(0, found.index - FUNCTION), found.index + FUNCTION)
    if (COMMANDS.test(around) || OBEYS.test(around)) return true
    places.lastIndex = found.index + FUNCTION / 2
  }
  return false
}

function callsWorkedOutName(code: string, made: RegExp): boolean {
  const looked = new Set<string>()
  for (const [, name = ''] of code.matchAll(BY_NAME)) {
    if (name.startsWith('_')) return true
    if (looked.has(name)) continue
    if (looked.size >= MAX_CALLED) return true
    looked.add(name)
    const given = new RegExp(`\\$${name}\\s*(?:\\[[^\\]]{0,40}\\]\\s*)?\\.?=(?![=>])\\s*([^;]{0,200})`, 'g')
    for (const [, value = ''] of code.matchAll(given)) if (made.test(value)) return true
  }
  return false
}
