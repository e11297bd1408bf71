import type { Value } from '../value.ts'
import { constant } from '../values.ts'

export const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))
/** PHP 4 filled variables of the page with what the visitor sent (register_globals), and many shells are from its time. */
export const UNASSIGNED: Value = { type: 'unassigned', origins: [] }
/** php.net/manual/reserved.variables, with the long names of PHP 4. */
export const REQUEST = words('_GET _POST _REQUEST _COOKIE HTTP_POST_VARS HTTP_GET_VARS HTTP_COOKIE_VARS HTTP_RAW_POST_DATA')
/** Keys of $_SERVER that the client fills. */
export const CLIENT_KEY =
  /^(?:HTTP_|QUERY_STRING$|PATH_INFO$|ORIG_PATH_INFO$|REQUEST_URI$|REQUEST_METHOD$|PHP_AUTH_|CONTENT_TYPE$|argv$|PHP_SELF$)/
/** Keys that hold the client's words but can hardly carry a command. */
export const NARROW_KEY = /^(?:PHP_SELF|REQUEST_METHOD|CONTENT_TYPE|HTTP_HOST|REQUEST_URI|PATH_INFO|ORIG_PATH_INFO)$/

export const COMMANDS: Readonly<Record<string, number>> = {
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
  virtual: 0,
  python_eval: 0,
  python_exec: 0,
}

/** What comes out is a number, a truth, a digest, or text that can do no harm in its place. */
export const CLEANERS = words(
  'intval floatval doubleval boolval abs md5 sha1 crc32 hash hash_hmac count sizeof is_numeric is_array is_string is_object is_file is_dir is_readable is_writable is_writeable is_executable is_callable isset empty in_array array_key_exists key_exists array_search strcmp strcasecmp strncmp strncasecmp strnatcmp preg_match preg_match_all ereg eregi password_verify password_hash file_exists filesize filemtime fileperms fileowner filegroup time date mktime strtotime function_exists method_exists class_exists defined extension_loaded mysql_real_escape_string mysqli_real_escape_string crypt ctype_alnum ctype_alpha ctype_digit number_format checkdate ip2long round floor ceil max min uniqid rand mt_rand random_int random_bytes microtime memory_get_usage version_compare phpversion php_uname similar_text levenshtein echo exit print_r var_dump printf header setcookie unlink rmdir mkdir chmod touch rename fclose feof ftell fseek flock define ini_set set_time_limit error_reporting ignore_user_abort session_start session_destroy gettype',
)

export const ESCAPERS = words('escapeshellarg escapeshellcmd')

export const WRITERS: Readonly<Record<string, readonly [number, number]>> = {
  file_put_contents: [0, 1],
  fwrite: [0, 1],
  fputs: [0, 1],
  fputcsv: [0, 1],
  gzwrite: [0, 1],
  gzputs: [0, 1],
  bzwrite: [0, 1],
}

export const READERS = words(
  'file_get_contents file readfile fread fgets fgetss fgetc stream_get_contents show_source highlight_file fpassthru',
)
export const MANAGERS = words('unlink rmdir rename mkdir chmod chown touch opendir scandir readdir glob copy symlink link dir')
export const LISTERS = words('readdir scandir glob')
export const QUERIES = words(
  'mysql_query mysqli_query pg_query mssql_query sqlite_query oci_parse odbc_exec mysql_db_query mysql_unbuffered_query',
)
/** Connections with a database: host and account are the first arguments. */
export const DATABASES = words(
  'mysql_connect mysql_pconnect mysqli_connect mssql_connect mssql_pconnect pg_connect pg_pconnect ocilogon oci_connect odbc_connect sybase_connect ifx_connect',
)
export const CONNECTS = words('fsockopen pfsockopen stream_socket_client socket_connect')
export const DESERIALISERS = words('unserialize')

/** Constants whose value is the same everywhere. */
export const CONSTANTS: Readonly<Record<string, Value>> = {
  DIRECTORY_SEPARATOR: constant('/'),
  PHP_EOL: constant('\n'),
  TRUE: constant(true),
  FALSE: constant(false),
  NULL: constant(null),
  __FILE__: { type: 'own-file', origins: [] },
  M_PI: constant(Math.PI),
  INF: constant('INF'),
  NAN: constant('NAN'),
  E_ALL: constant(32_767),
  PATHINFO_BASENAME: constant(2),
  PATHINFO_DIRNAME: constant(1),
  ENT_QUOTES: constant(3),
}
