import type { DotnetPage } from './dotnet-dialect.ts'

/** Fields of a page, as the code behind it declares them: Web Forms controls the visitor fills. */
const CONTROL_FIELD =
  /\b(?:[\w.:]{1,60}[.:])?(TextBox|HiddenField|HtmlInputText|HtmlInputHidden|HtmlInputPassword|HtmlTextArea|FileUpload|HtmlInputFile)\s+(\w{1,80})\s*[;=,]/g
const CONTROL_FIELD_BASIC =
  /\b(\w{1,80})\s+As\s+(?:New\s+)?(?:[\w.:]{1,60}[.:])?(TextBox|HiddenField|HtmlInputText|HtmlInputHidden|HtmlInputPassword|HtmlTextArea|FileUpload|HtmlInputFile)\b/gi
const MAX_FIELDS = 2_000

/** The code behind a page, or a class of one (learn.microsoft.com "ASP.NET Web Page Code Model"). */
const BEHIND_NAME = /\.(?:aspx|ascx|ashx|asmx|asax|master|svc|cshtml|vbhtml)\.(?:cs|vb)$/i
const PAGE_CLASS = /(?::|\bInherits\s)\s*(?:System\.Web\.UI\.)?(?:Page|UserControl|MasterPage)\b/

const WINDOWS = /\bSystem\.Windows\.(?:Forms|Controls)\b|\bWindows\.UI\.Xaml\b|\busing\s+(?:Gtk|Eto\.Forms|Avalonia|Xamarin)\b/
const WEB = /\bSystem\.Web\.(?:UI|Mvc|Http|Services)\b|\bMicrosoft\.AspNetCore\b/

/** Classes whose public methods a request calls, with what it sends as their parameters. */
const CONTROLLER =
  /\bclass\s+\w*Controller\b|(?::|\bInherits\s)\s*[\w.]*(?:Controller(?:Base)?|ApiController|PageModel|Hub)\b|\[(?:ApiController|Route)\b/i
const PUBLIC_METHOD = /\bpublic\s+(?:(?:async|virtual|override|static)\s+){0,3}(?!class\b)[\w<>[\],.?]{1,80}\s+(\w{1,80})\s*\(/gi
const PUBLIC_METHOD_BASIC = /\bPublic\s+(?:(?:Async|Overrides|Overridable|Shared)\s+){0,3}(?:Function|Sub)\s+(\w{1,80})\s*\(/gi
/** `[WebMethod] public string Run(string c)`, `<WebMethod()> Public Function Run(c As String)`. */
const OPERATION =
  /[[<]\s*(?:[\w.]{1,60}\.)?(?:WebMethod|OperationContract|Http(?:Get|Post|Put|Patch|Delete)|Route)\b[^\]>]{0,200}[\]>](?:\s|_\s|\[[^\]]{0,200}\])*(?:public\s+)?(?:[\w<>[\],.?]{1,80}\s+){1,3}(\w{1,80})\s*\(/gi

/** What a source of ASP.NET says of itself: which of its fields a visitor fills, and which of its methods a request calls. */
export function dotnetSourceOf(path: string, text: string, language: 'csharp' | 'vb'): DotnetPage {
  const hasWindows = WINDOWS.test(text) && !WEB.test(text)
  const controls = new Map<string, string>()
  if (!hasWindows) {
    const declared = language === 'vb' ? CONTROL_FIELD_BASIC : CONTROL_FIELD
    for (const [, first = '', second = ''] of text.matchAll(declared)) {
      if (controls.size >= MAX_FIELDS) break
      const [type, name] = language === 'vb' ? [second, first] : [first, second]
      controls.set(name.toLowerCase(), type.toLowerCase())
    }
  }
  const actions = new Set<string>()
  const methods = language === 'vb' ? PUBLIC_METHOD_BASIC : PUBLIC_METHOD
  if (CONTROLLER.test(text)) for (const [, name = ''] of text.matchAll(methods)) actions.add(name.toLowerCase())
  for (const [, name = ''] of text.matchAll(OPERATION)) actions.add(name.toLowerCase())
  return {
    language,
    controls,
    isService: false,
    actions,
    hasWindows,
    isCodeBehind: !hasWindows && (BEHIND_NAME.test(path) || PAGE_CLASS.test(text)),
  }
}

/** Anything a request says comes to a source by one of these. */
const ASKED =
  /\bHttp(?:Context|Request|Listener|Application|PostedFile)\w*|\bIHttp(?:Handler|Module)\b|\bI?FormFile\b|\bSystem\.Web\b|\bAspNetCore\b|\b\w*Controller(?:Base)?\b|\bWebMethod\b|\b(?:Service|Operation)Contract\b|\bOwin\b|\bRequest\s*[.[(]|\bMap(?:Get|Post)\s*\(/

/** Whether a source can be told anything by a request: all others are clean without being read. */
export function isTold(path: string, text: string): boolean {
  return ASKED.test(text) || BEHIND_NAME.test(path)
}
