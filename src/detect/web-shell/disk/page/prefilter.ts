/**
 * Literals a page of Java, .NET or classic ASP must hold to be worth parsing: something that runs, loads, writes, connects or is made by its name.
 * Escapes and code pages that hide all literals count as one.
 */
const DOES =
  /\b(?:exec\w*|eval\w*|new\s+Function|Ognl\w*|XamlReader|RegisterVirtualPathProvider|getParts?|System\s*\.\s*load(?:Library)?|ProcessBuilder|ProcessStartInfo|ProcessImpl|forkAndExec|Process\s*\.\s*Start|CreateObject|GetObject|ActiveXObject|defineClass|defineAnonymousClass|URLClassLoader|ClassLoader|forName|getMethods?|getDeclared\w+|invoke\w*|InvokeMember|newInstance|Assembly|Activator|CreateInstance|CSharpCodeProvider|VBCodeProvider|CompileAssembly\w+|ScriptEngine\w*|ELProcessor|parseExpression|createValueExpression|GroovyShell|lookup|readObject|XMLDecoder|Deserialize|ObjectStateFormatter|LosFormatter|FileOutputStream|FileWriter|RandomAccessFile|FileHandler|Files|transferTo|SaveAs|SaveToFile|WriteAll\w+|AppendAll\w+|File\w*|StreamWriter|BinaryWriter|CreateText\w*|OpenTextFile|Directory\w*|Socket\w*|TcpClient|getConnection|SqlConnection|OleDbConnection|DownloadFile|WebClient|openConnection|openStream|PowerShell|Runspace\w*|Shell|VirtualAlloc|Marshal|getInputStream|XslCompiledTransform|XslTransform|XamlReader|wscript|adodb|scripting|GetSubKeyNames|FromBase64String|WebAdmin2Y|PrintWriter|PrintStream|setDataSourceName|DllImport|useBean|setDataSource|JavaCompiler|TemplatesImpl|MSWC|ModifyDate|ScriptTimeout|\w*WebRequest|ParseControl|SmartUpload|XStream|Yaml|MLet|Template|Velocity|SqlDataSource|GetProcessById)\b/i
const HIDES =
  /\\u+00[2-7][0-9a-f]|\\U0000|\bcmd(?:\.exe)?\s*\/c\b|<title>[^<\n]{0,80}shell|\bcmdasp\b|\]\]>(?:<!--[^>]{0,200}-->)?\s*<!\[CDATA|<script\b[^>]{0,300}\bsrc\s*=\s*[^>]{1,200}\.(?:txt|log|dat|jpe?g|gif|png|css)\b|^\ufeff?\s*(?:<%@[^%]{0,200}%>\s*)?<(?:!--\s*#|%@\s*)include\s[^>]{0,200}>\s*$|#@~\^|codepage\s*=\s*["']?65000|utf-7|<object\b[^>]{0,300}\brunat|<!ENTITY|<!\[CDATA\[.{0,60}\]\]>\w|scriptlet>[^<]{0,4000}&#|\bthis\s*\[|#include\s[^>]{0,200}\.(?:jpe?g|gif|png|bmp|ico)\b|<%@\s*include\s[^>]{0,200}\.(?:jpe?g|gif|png|bmp|ico)\b|\bchrw?\s*\(|strreverse|msxsl:script/i

/** Whether a page holds what a shell, an uploader or a dropper must hold. */
export function pageMayDoHarm(text: string, bytes: Uint8Array): boolean {
  // Pages in EBCDIC hold none of the letters.
  return DOES.test(text) || HIDES.test(text) || bytes[0] === 0x4c
}
