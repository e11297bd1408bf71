import type { Glance } from './php/glance.ts'

/**
 * What a PHP page must hold to be worth parsing: something that runs, calls, includes or writes what it is given, and something that comes from a
 * visitor, from another server, or hides its text. One pass over the bytes (the glance) ends nine of ten pages; the patterns here are asked only
 * where a word they cannot do without was found.
 */

/** Text that is hidden or unpacked, names in pieces, variables named by values. */
const HIDDEN =
  /base64_decode|gz(?:inflate|uncompress|decode)|str_rot13|strrev|convert_uu|hex2bin|pack\s*\(\s*["']H|urldecode|(?:\\(?:x[\da-f]{2}|[01]?\d\d)){3}|\bchr\s*\(\s*\d{2}|\(\d+\)\s*\.\s*\$\w+\(\d|[^\s(,=.[{&|!?:<>]["']\s{0,3}\^\s{0,3}["'$(\w]|[\w)]\s{0,3}\^\s{0,3}["']|\w["']\s*[|&]\s*["'][^"']|exif_read_data|goto\s+\w{6,}|["']\w{0,4}["'](?:\s|\/\*[^*]*\*\/)*\.(?:\s|\/\*[^*]*\*\/)*["']\w{1,4}["']|\$(?:\/\*[^*]*\*\/)?\{\s*(?:\/\*|["'$_])|\$\$\w|curl_exec|\bstr_replace\s*\(\s*["'][^"'\n]{1,8}["']\s*,\s*["']["']\s*,\s*["']|\$\{\s*\w+\(|\$_{2,}\b|(?:\+\+;\s*\$\w+){3}|=\s*["'](?:assert|system|passthru|shell_exec)["']\s*;|\$\w+[[{]\d+[\]}]\s*\.\s*@?\$\w+[[{]\d+[\]}]/i

/** Code that is run from text. */
const EVALUATES =
  /\beval\s*(?:\/\*[^*]*\*\/\s*)*[($@]|\bcreate_function\b|\bassert\s*\((?![^);]*(?:instanceof|\bis_|===|!==|false|true))|\bpreg_(?:replace|filter)\s*\(\s*(?:["'](?:\\.|[^"'\n\\]){0,200}(?:(?:\\["']|[^\w\s"'\\])\w{0,4}e\w{0,4}|\\x65)["']\s*,|\$\w*\[|\$\w+\s*,[^;\n]{0,60}\$_)/i

/** A function under a name that is computed, a command, an include of what is no script. */
const CALLS =
  /(?<![>:$\w])(?:system|shell_exec|exec|passthru|popen|proc_open|pcntl_exec|win_shell_execute)\s*(?:\/\*[^*]*\*\/\s*)?\(|[=([]\s*["'](?:assert|eval|system|exec|passthru|shell_exec|popen|proc_open|create_function|preg_replace|file_put_contents)["']|["'](?:assert|eval|system|exec|passthru|shell_exec)["']\s*[()]|[\])}]\s*\(\s*[$@]|["']\s*\(\s*@?\$_|(?:[=(;,.@{}?]|\becho|\breturn|\bprint|<\?php)\s*`[^`\n]*\$|\bnew\s+(?:COM|FFI|ReflectionFunction|SplFileObject)\b|\b(?:include|require)(?:_once)?\b\s*\(?\s*(?:@?\$\w+\s*(?:\[[^\]]*\]\s*)?\)?\s*;|["'](?:data|php|https?|ftp):|[^;\n]{0,120}(?:\$_|base64_decode|\.(?:jpe?g|png|gif|ico|txt|log|css)["']))|yaml_parse|FETCH_FUNC|\bdl\s*\(|\b(?:ob_start|session_set_save_handler)\s*\(\s*["'$]/i

/** A variable or an element of a list names the function. */
const CALLS_BY_VALUE =
  /(?<![>\w:$])\$(?:\w|[\x80-\xff\u0100-\uffff])+(?:\s*[[{][^\]}\n]{0,80}[\]}])*(?:\/\*[^*]*\*\/)?\(|(?:[;{}=(,@!&|?]|\breturn|\becho|<\?php)\s*@?\$\w+\s+\(|\$\w+\s+\(\s*@?\$[_{]/i

/** So rare in ordinary pages that they are always worth a look. */
const ALWAYS =
  /\bnew\s+COM\s*\(\s*["']Shell\.Users|(?<![>:$\w]|function )eval\s*(?:\/\*[^*]*\*\/\s*)*\(|=\s*["'](?:assert|passthru|shell_exec)["']\s*;/i

/** Other things that do what a request says. */
const OBEYS =
  /\bmove_uploaded_file\b|(?<![>:$\w]|function )copy\s*\(|\bcall_user_func(?:_array)?\s*\([^;]{0,60}\$[_{]|\b(?:array_(?:map|filter|walk\w*|reduce|u?diff\w*|u?intersect\w*)|u[ak]?sort|register_\w+_function|filter_var|mb_eregi?_replace|preg_replace_callback|iterator_apply|spl_autoload_register)\s*\([^;]{0,160}\$[_{]|\barray_(?:map|walk\w*|filter|reduce|u(?:diff|intersect)\w*)\s*\(\s*(?:@?\$\w+\s*,\s*@?\$\w+\s*[,)]|base64_decode)|\barray_\w+\s*\([^;]{0,80}base64_decode|\bsqliteCreate|\bu[ak]?sort\s*\(\s*\$\w+\s*,\s*(?:\$\w+\s*\)|\w+\s*\()|\barray_(?:map|filter|walk)\s*\(\s*\w+\s*\(|\bextract\s*\(\s*@?\$(?:[_{]|HTTP_)|\bparse_str\s*\(\s*[^,()]{1,60}\)|\b(?:file_put_contents|fwrite|fputs)\s*\([^;]{0,100}\$_[GPRC]|\b(?:unlink|readfile|opendir|file_get_contents|show_source|highlight_file)\s*\(\s*@?\$_/i

/** Text that is unpacked and written, or fetched and written. */
const WRITES =
  /\b(?:file_put_contents|fwrite|fputs|copy|include|require)\b[^;\n]{0,60}(?:["']?https?:|base64_decode|gzinflate|\bpack\s*\(|["']\\x)/i

/** Writing a file is what every larger program does; a page that is there for it is short. */
const PUTS = /\b(?:file_put_contents|fwrite|fputs)\s*\(/i
const SHORT = 20_000

const LONG = /["'][^"'\s]{500}|(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{600}/

/** Different things a page does with what it is sent; pages that stand alone are read whenever they do any. */
const ACTS =
  /\b(?:eval|assert|system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|ssh2_exec|virtual|dl|python_eval|win_shell_execute|expect|extract|parse_str|iterator_apply|fopen|gzopen|bzopen|file_put_contents|fwrite|fputs|fprintf|error_log|file|file_get_contents|readfile|show_source|highlight_file|stream_\w+|opendir|dir|scandir|glob|unlink|rename|mkdir|rmdir|chmod|chown|touch|symlink|link|copy|tempnam|tmpfile|mail|mb_send_mail|error_log|mysqli?_\w*(?:connect|query)|(?:mssql|pg|odbc|oci|sqlite|ftp|imap|ssh2|posix)_\w+|p?fsockopen|socket_\w+|curl_exec|move_uploaded_file|include|require|include_once|require_once|create\w*function|yaml_parse|array_\w+|u[ak]?sort|call_user_func\w*|forward_static_call\w*|fromcallable|preg_(?:replace|filter)\w*|mb_eregi?_replace|register_\w+_function|set_(?:error|exception)_handler|spl_autoload_register|ob_start|filter_var\w*|invoke(?:args)?|unserialize|assert_options|putenv|ini_set|extractto|asxml)\b\s*\(|\b(?:include|require)(?:_once)?\b|`[^`\n]*\$|\bnew\s+(?:\$|\w*(?:COM|FFI|PDO|mysqli|Iterator|FileObject|ZipArchive|SQLite3?|Perl|Reflection\w*)\b)|[\])}]\s*\(\s*[$@]|\$\w+::|FFI::|\$[\w\x80-\xff]+(?:\s*[[{][^\]}\n]{0,80}[\]}])*(?:\s|\/\*[^*]*\*\/)*\(/i

/** A class, or a part of a namespace: code for others, which a framework calls. */
export const DECLARES = /^\s*(?:(?:abstract|final|readonly)\s+){0,2}(?:class|interface|trait|enum|namespace)\s+[\\\w]/im
/** Longer pages know more of the trade than this needs, or are a whole program; half of the time would go into a few of those. */
const ONE_FILE = 40_000

/**
 * A page without classes that does something with what it is sent. Ordinary code is in classes or asks nobody: of 11,334 ordinary pages of the tuning
 * part 300 are like this, and reading them costs little more than looking twice.
 */
export function standsAlone(text: string, { asked, size, hasForm }: Pick<Glance, 'asked' | 'size' | 'hasForm'>): boolean {
  if (size === 0 || size > ONE_FILE) return false
  return ((asked && ACTS.test(text)) || ((hasForm || size < FEW_LINES) && ACTS_ON_VARIABLE.test(text))) && !DECLARES.test(text)
}

/** So short that reading it costs nothing. */
const FEW_LINES = 1_000

/** Fields and links to itself on a page that never says where what is typed comes from: before PHP 5.4 that was a variable of the same name. */
const ACTS_ON_VARIABLE =
  /(?<![>:$\w]|function )(?:fopen|file_put_contents|readfile|show_source|highlight_file|file|file_get_contents|opendir|dir|scandir|unlink|rename|mkdir|rmdir|chmod|touch|copy|symlink|move_uploaded_file|mail|mysql_(?:db_)?query|mysql_connect|mssql_(?:query|connect)|fsockopen|curl_init|include|require|exec|system|passthru|shell_exec|popen|eval)\b\s*\(?\s*["']?\$\w/i

/** Code fetched from elsewhere and kept, in as many statements as you like. */
const FETCHES = /\b(?:file_get_contents|curl_exec|curl_init|fopen|file|copy|fsockopen)\s*\(/i
const KEEPS = /\b(?:file_put_contents|fwrite|fputs|copy)\s*\(|CURLOPT_FILE\b/i
const PAGE_NAME = /\.(?:php\d?|phtml|phar|inc|asp|jsp)["']/i

/** A query or a connection that is given by a variable alone. */
const ASKS_ANYTHING =
  /\b(?:mysqli?_query|mssql_query|pg_query|mysql_db_query)\s*\((?:\s*\$\w+\s*,)?\s*@?(?:stripslashes\s*\(\s*)?\$|\b(?:p?fsockopen|socket_connect|stream_socket_client)\s*\(/i

/** Where the page lies on the disk. */
const TELLS_WHERE = /\b(?:SCRIPT_FILENAME|DOCUMENT_ROOT|PATH_TRANSLATED)\b/

/** A page of so few characters that calls a function by a value is read. */
const TINY = 3_000
const CALLS_VALUE = /(?<![>\w:$])\$(?:\w|[\x80-\xff])+(?:\s*[[{][^\]}\n]{0,80}[\]}])*(?:\s|\/\*[^*]*\*\/)*\(/

/** So many subjects of the trade, and so many ways to run a command, no ordinary page of the tuning part has. */
const SUBJECTS_FROM = 5
const WAYS_FROM = 4

/** A page that knows the trade, or carries what no page needs: read whatever else is in it. */
export function knowsTheTrade(text: string, { subjects, ways, carries, chats }: Glance): boolean {
  return subjects.length >= SUBJECTS_FROM || ways.length >= WAYS_FROM || chats || (carries && PUTS.test(text))
}

/** A shell and a connection in one page. */
const CONNECTS = /\b(?:p?fsockopen|socket_create|stream_socket_client)\s*\(/i
const SHELL = /\/bin\/(?:ba|da|k|z|c)?sh\b|\bcmd\.exe\b/i

export function givesShellAway(text: string): boolean {
  return CONNECTS.test(text) && SHELL.test(text) && /\b(?:proc_open|popen|exec|system|passthru)\s*\(/i.test(text)
}

/** A command or code in a variable, on a page without classes: before PHP 5.4 the visitor might fill it. */
const OLD_STYLE =
  /(?<![>:$\w]|function )(?:system|passthru|exec|shell_exec|popen|eval)\s*\(\s*["']?(?:stripslashes\s*\(\s*)?\$\w+/i

export function isOldStyle(text: string): boolean {
  return OLD_STYLE.test(text) && !/^[ \t]*(?:(?:abstract|final)\s+)?class\s+\w|^[ \t]*namespace\s/im.test(text)
}

/** A page of one or two statements that includes or runs anything is read: that costs nothing. */
const FEW = 200
const RUNS_ANYTHING =
  /\b(?:include|require|assert|eval|system|exec|passthru|shell_exec|popen|preg_replace)\b|\/etc\/(?:passwd|shadow)/i

/** Whether a text of PHP holds what a shell, an uploader or a dropper must hold. */
export function mayDoHarm(text: string, glance: Glance): boolean {
  const {
    asked,
    mayHide,
    mayEvaluate,
    connects,
    addresses,
    ways,
    size,
    mails,
    mayBeTool,
    callsValue,
    longLine,
    unpacks,
    opensDatabase,
  } = glance
  if (size < FEW && size > 0 && RUNS_ANYTHING.test(text)) return true
  if (knowsTheTrade(text, glance) || mayBeTool || (mayEvaluate && ALWAYS.test(text)) || (connects && givesShellAway(text)))
    return true
  if ((mayEvaluate || ways.length > 0) && isOldStyle(text)) return true
  if (connects && ways.length > 0 && !DECLARES.test(text)) return true
  if ((opensDatabase || connects) && asked && ASKS_ANYTHING.test(text) && !DECLARES.test(text)) return true
  if (mails && TELLS_WHERE.test(text)) return true
  if (mails && asked && size < SHORT && !DECLARES.test(text)) return true
  if (callsValue && size < TINY && text.includes('*/')) {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '')
    if (CALLS_VALUE.test(code) && (HIDDEN.test(code) || asked)) return true
  }
  if (addresses && size < SHORT && PAGE_NAME.test(text) && FETCHES.test(text) && KEEPS.test(text) && !DECLARES.test(text))
    return true
  if (standsAlone(text, glance) || (callsValue && size < TINY && CALLS_VALUE.test(text))) return true
  if (!asked && !unpacks && !(mayHide && HIDDEN.test(text)) && !(longLine && LONG.test(text)))
    return addresses && ((mayEvaluate && EVALUATES.test(text)) || WRITES.test(text))
  if (EVALUATES.test(text) || (callsValue && CALLS_BY_VALUE.test(text)) || CALLS.test(text)) return true
  return asked
    ? OBEYS.test(text) || (size < SHORT && PUTS.test(text))
    : WRITES.test(text) ||
        (size < SHORT && text.includes('base64_decode') && PUTS.test(text)) ||
        (text.includes('curl_exec') && /\b(?:file_put_contents|fwrite|fputs)\s*\(/.test(text))
}
