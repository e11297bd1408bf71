/** Families of PHP's own functions (php.net/manual/funcref): by prefix, as PHP names them. */
const FAMILY =
  /^(?:array_|str_|strn|mb_|preg_|ctype_|is_|gz|bz|zlib_|json_|date_|curl_|image|mysqli?_|pg_|mssql_|sqlite_|oci_?|odbc_|ftp_|ssh2_|socket_|stream_|posix_|pcntl_|openssl_|mcrypt_|sodium_|hash_|iconv_?|dom_|xml_|xmlwriter_|simplexml_|session_|ob_|get_|set_|class_|func_|function_|method_|property_|file_|dir|disk_|link|ini_|php_?|spl_|iterator_|apc_|apache_|dns_|net_|ora_|ifx_|ibase_|sybase_|msql_|dbase_|w32api_|win32_|win_|zip_|rar_|bc|inet_|ip2|long2|mail|imap_|ldap_|zip_|utf8_|url|rawurl|html|base64_|random_|mt_|var_|debug_|error_|trigger_|token_|date|time|gmp_|bc|ftok|shm|sem_|msg_|com_|getm|highlight_|readline_?|finfo_|mime_|exif_|libxml_|yaml_|sqlsrv_|msql_|ibase_|sybase_|fbsql_|db2_|dba_|win32_|geoip_|array|quoted_|convert_|crc|md5|sha1)/

const OTHERS = new Set(
  `strlen strcmp strpos strrpos stripos strstr stristr strrev strtok strtolower strtoupper strtr strtotime strval strip_tags stripslashes stripcslashes strcasecmp strncmp strcoll strcspn strspn strpbrk strrchr strftime
  substr substr_count substr_replace substr_compare ucfirst ucwords lcfirst nl2br number_format sprintf vsprintf printf vprintf fprintf sscanf similar_text soundex metaphone levenshtein wordwrap chunk_split chr ord bin2hex hex2bin dechex hexdec
  bindec decbin octdec decoct base_convert trim ltrim rtrim chop explode implode join split spliti addslashes addcslashes quotemeta nl_langinfo localeconv money_format parse_str parse_url parse_ini_file parse_ini_string http_build_query
  each list count sizeof compact extract current key next prev reset end range shuffle sort rsort asort arsort ksort krsort natsort natcasesort usort uasort uksort in_array key_exists pos
  fopen fclose fread fwrite fputs fgets fgetc fgetss feof fflush fseek ftell rewind ftruncate flock fstat fscanf fputcsv fgetcsv fpassthru readfile tempnam tmpfile unlink rename copy mkdir rmdir opendir readdir closedir rewinddir scandir glob touch chmod chown chgrp lstat stat
  basename dirname realpath pathinfo fnmatch umask is_uploaded_file move_uploaded_file readlink symlink tmpfile rand srand mt_rand abs ceil floor round sqrt pow exp log log10 max min sin cos tan pi fmod intdiv intval floatval doubleval boolval settype gettype
  unserialize serialize uniqid lcg_value microtime usleep sleep checkdate mktime gmdate gmmktime localtime getdate idate crypt password_hash password_verify rot13 header headers_sent headers_list header_remove setcookie setrawcookie connection_status ignore_user_abort flush
  define defined constant exit die echo print isset empty unset version_compare sys_get_temp_dir memory_get_usage getcwd chdir chroot getenv putenv getopt gethostbyname gethostbyaddr gethostname getservbyname getprotobyname extension_loaded dl zend_version create_function
  call_user_func call_user_func_array forward_static_call register_shutdown_function register_tick_function fsockopen pfsockopen closelog openlog syslog pack unpack crc32 escapeshellarg escapeshellcmd system exec shell_exec passthru popen pclose proc_open proc_close proc_get_status proc_terminate proc_nice
  ereg eregi ereg_replace eregi_replace show_source nl2br levenshtein import_request_variables assert eval include getallheaders getmypid getmyuid getlastmod get_current_user print_r mhash md5_file restore_error_handler usleep clearstatcache filemtime filesize fileperms fileowner filegroup fileatime filectime fileinode filetype lchown
  ctime strncasecmp vfprintf localeconv gettimeofday hrtime gc_collect_cycles array_key_exists key_exists __halt_compiler
  getservbyport zend_logo_guid unregister_tick_function setlocale python_eval readgzfile gethostbynamel highlight_string php_strip_whitespace debug_backtrace trigger_error error_log set_magic_quotes_runtime get_magic_quotes_gpc magic_quotes_runtime diskfreespace getimagesize strchr strripos virtual restore_exception_handler leak doubleval is_writeable show_source ini_alter socket_set_blocking socket_set_timeout set_file_buffer mysql xdiff gzopen`.split(
    /\s+/,
  ),
)

/** Is this a function of PHP itself? Others belong to the program, to a library or to a framework. */
export const BUILT_IN = { has: (name: string): boolean => FAMILY.test(name) || OTHERS.has(name) }
