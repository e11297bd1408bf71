/**
 * Literals that a PHP page must hold to be worth parsing: something that runs, calls, includes or writes what it is given, and something that
 * comes from a visitor, from another server, or hides its text. Every alternative begins with a rare character or word: the texts are read once
 * or twice, and nine of ten pages end here.
 */

/** What a visitor sends; these names distinguish case. */
const REQUEST =
  /_(?:GET|POST|REQUEST|COOKIE|FILES)\b|HTTP_(?:RAW_)?(?:GET|POST|COOKIE)_|HTTP_[A-Z]|php:\/\/input|getallheaders|apache_request_headers|filter_input|\$GLOBALS\b|QUERY_STRING|REQUEST_URI/

/** Text that is hidden or unpacked, names in pieces, variables named by values. */
const HIDDEN =
  /base64_decode|gz(?:inflate|uncompress|decode)|str_rot13|strrev|convert_uu|hex2bin|pack\s*\(\s*["']H|urldecode|(?:\\x[\da-f]{2}){3}|(?:\\[01]\d\d){3}|chr\s*\(?[^)]{1,20}\)\s*\.\s*\$?\w+\s*\(|\(\d+\)\s*\.\s*\$\w+\(\d|["'][^"'\n]{1,40}["']\s*\^|\^\s*["']|["']\s*[|&]\s*["']|["'][^"'\s]{500}|exif_read_data|[A-Za-z0-9+/=]{600}|goto\s+\w{6,}|["']\w{0,4}["'](?:\s|\/\*[^*]*\*\/)*\.(?:\s|\/\*[^*]*\*\/)*["']\w{1,4}["']|\$\{\s*["'$_]|\$\$\w|["']_?(?:P|PO|POS|OST|G|GE|R|RE|REQ)["']|curl_exec|fsockopen|\$_{2,}\b|\+\+;\$/i

const ADDRESS = /["']https?:\/\//i

/** Code that is run from text. */
const EVALUATES =
  /\beval\b\s*(?:\/\*[^*]*\*\/\s*)*[($"'@]|\bcreate_function\b|\bassert\s*\((?![^);]*(?:instanceof|\bis_|===|!==|false|true))|\bpreg_(?:replace|filter)\s*\(\s*(?:["'](?:[^"'\n]{0,200}[^\w\s"'])\w{0,4}e\w{0,4}["']\s*,|\$_)/i

/** Other things that do what they are told. */
const DOES =
  /(?<![>:$\w])(?:system|shell_exec|exec|passthru|popen|proc_open|pcntl_exec|win_shell_execute)\s*(?:\/\*[^*]*\*\/\s*)?\(|["'](?:assert|eval|system|exec|passthru|shell_exec|popen|proc_open|create_function|preg_replace|call_user_func(?:_array)?|file_put_contents)["']|(?<![>\w:])\$\w+(?:\s*[[{][^\]}\n]{0,80}[\]}])*\s*(?:\/\*[^*]*\*\/\s*)?\(|[\])}]\s*\(\s*[$@"']|["']\s*\(\s*[$@]|`[^`\n]*\$|\bmove_uploaded_file\b|(?<![>:$\w])copy\s*\(|\bnew\s+(?:COM|FFI|Reflection(?:Function|Class|Method)|SplFileObject)\b|\bcall_user_func(?:_array)?\s*\([^;]{0,60}\$[_{]|\b(?:array_\w+|u[ak]?sort|register_\w+_function|filter_var|ob_start|mb_eregi?_replace|session_set_save_handler|preg_replace_callback)\s*\([^;]{0,160}\$[_{]|\bextract\s*\(\s*@?\$[_{]|\bparse_str\s*\(|\b(?:file_put_contents|fwrite|fputs)\s*\(|\b(?:include|require)(?:_once)?\b\s*\(?\s*(?:@?\$|["'](?:data|php|https?|ftp):|[^;\n]{0,120}(?:\$_|base64_decode|\.(?:jpe?g|png|gif|ico|txt|log|css)["']))|yaml_parse|\bunlink\s*\(\s*\$_|\bdl\s*\(/i

/** Whether a text of PHP holds what a shell, an uploader or a dropper must hold. */
export function mayDoHarm(text: string): boolean {
  if (REQUEST.test(text) || HIDDEN.test(text)) return EVALUATES.test(text) || DOES.test(text)
  return (
    ADDRESS.test(text) &&
    (EVALUATES.test(text) || /\b(?:file_put_contents|fwrite|fputs|copy|include|require)\b[^;\n]{0,40}["']?https?:/i.test(text))
  )
}
