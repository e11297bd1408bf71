/** A tool that reads or changes more of a server than its pages, by what it cannot do without: no site has such a page. */
interface Tool {
  /** "a page that …" */
  readonly what: string
  readonly needs: readonly RegExp[]
  /** What a page of a site would have, and such a tool does not. */
  readonly without?: RegExp
}

const SERVER_CODE = /<%|scriptlet>|runat\s*=\s*["']?server/i
/** Endings of files that no server takes for code. */
const NO_CODE = String.raw`\.(?:jpe?g|gif|png|bmp|ico|txt|log|dat|ini|css|tmp|bak|old|zip|rar|docx?|pdf|csv)`
const PICTURE = String.raw`\.(?:jpe?g|gif|png|bmp|ico)`

export const TOOLS: readonly Tool[] = [
  { what: 'reads all network traffic of the server', needs: [/\bSocketType\s*\.\s*Raw\b/, /\bIOControl\b/] },
  {
    what: 'walks through the registry',
    needs: [
      /\bGetSubKeyNames\b/i,
      /\bHKEY_LOCAL_MACHINE\b|\bLocalMachine\b/,
      /\bHKEY_CURRENT_USER\b|\bCurrentUser\b/,
      /\bHKEY_USERS\b|\bRegistry\s*\.\s*Users\b/,
    ],
  },
  {
    what: 'puts a filter, servlet, listener or valve into the running server',
    needs: [
      /\b(?:StandardContext|ApplicationContext|WebappClassLoaderBase|StandardEngine|StandardHost|RequestMappingHandlerMapping|WebApp(?:Context|ServletContext)|ServletHandler|WebAppImpl)\b/,
      /\b(?:addFilterMapBefore|addFilterDef|addFilterMap|addServletMapping(?:Decoded)?|addApplicationEventListener|addApplicationEventListenerInstance|setApplicationEventListeners|addValve|registerMapping|registerHandler|addUpgradeProtocol|registerFilter|addFilterWithMapping|addServletWithMapping)\b/,
      /<%|scriptlet>/,
    ],
  },
  {
    what: 'puts pages into the running server that lie in no file',
    needs: [/\bRegisterVirtualPathProvider\b/, /<%@\s*(?:page|webhandler)/i],
  },
  {
    what: 'puts code into the running server',
    needs: [
      /<%@\s*(?:page|webhandler)/i,
      /\b(?:GlobalFilters\.Filters\.(?:Add|Insert)|RouteTable\.Routes\.(?:Add|Insert))\s*\(/,
      /\bclass\s+\w+\s*:/,
    ],
  },
  {
    what: 'writes machine code into memory and starts it',
    needs: [
      /\bVirtualAlloc(?:Ex)?\b/i,
      /\b(?:CreateThread|CreateRemoteThread|GetDelegateForFunctionPointer|EnumSystemLocales\w*|QueueUserAPC)\b/i,
      /<%/,
    ],
  },
  {
    what: 'starts programs by the functions of Windows itself',
    needs: [
      /\bDllImport\b|\bDeclare\s+(?:Auto\s+|Ansi\s+|Unicode\s+)?Function\b/i,
      /\bextern\s+[\w.]+\s+(?:system|_wsystem|_?popen|WinExec|ShellExecute\w*|CreateProcess\w*)\s*\(|\bFunction\s+(?:WinExec|ShellExecute\w*|CreateProcess\w*)\s+Lib\b/,
      SERVER_CODE,
    ],
  },
  {
    what: 'loads an agent into another Java program',
    needs: [/\battach\.VirtualMachine\b|\bVirtualMachine\s*\.\s*attach\b/, /\bloadAgent\b|"loadAgent"/, /<%|scriptlet>/],
  },
  {
    what: 'loads classes through the compiler of style sheets',
    needs: [/\bTemplatesImpl\b/, /_bytecodes/, /<%|scriptlet>/],
  },
  {
    what: 'makes an object that runs programs or script by its markup',
    needs: [
      /<jsp:useBean\b[^>]{0,300}\b(?:class|type|beanName)\s*=\s*["'](?:java\.lang\.(?:ProcessBuilder|Runtime)|javax\.script\.\w+|(?:javax|jakarta)\.el\.ELProcessor|groovy\.lang\.Groovy\w+|bsh\.Interpreter|java\.net\.URLClassLoader|com\.sun\.rowset\.JdbcRowSetImpl|org\.springframework\.expression\.[\w.]{1,80})["']/,
    ],
  },
  {
    what: 'runs the queries of a request on the database it names, by its markup',
    needs: [
      /<sql:setDataSource\b[^>]{0,600}[$#]\{\s*(?:param|header|cookie)\b/,
      /<sql:(?:query|update)\b[^>]{0,600}[$#]\{\s*(?:param|header|cookie)\b/,
    ],
  },
  {
    what: 'tries every machine of the network around the server',
    needs: [
      /\bopenConnection\b|\bnew\s+(?:[\w.]{1,40}\.)?Socket\b|\bisReachable\b|\bTcpClient\b|XMLHTTP/i,
      /(?:<=?|\bto)\s*25[4-6]\b/i,
      /\bgetHostAddress\b|\bgetLocalHost\b|\blastIndexOf\s*\(\s*["']\.["']\s*\)|["']http:\/\/["']\s*[+&]/i,
      /\bnew\s+Thread\b|\bThread(?:Group|Pool)\b|\bExecutor\w*\b|set(?:Connect|Read)?Timeouts?\b/i,
      SERVER_CODE,
    ],
  },
  {
    what: 'makes accounts of the machine',
    needs: [/\bWinNT:\/\//i, /\bSetPassword\b/i, /\bCreate\s*\(\s*"user"|\.Add\s*\(/i, /<%/],
  },
  {
    what: 'takes in as code what is no page',
    needs: [
      new RegExp(
        String.raw`<!--\s*#include\s+(?:file|virtual)\s*=\s*["']?[^"'>\n]{1,200}${PICTURE}\b|<%@\s*include\s+file\s*=\s*["'][^"'>\n]{1,200}${PICTURE}["']|<script\b(?=[^>]{0,300}\brunat\s*=\s*["']?server)[^>]{0,300}\bsrc\s*=\s*["']?[^"'>\s]{1,200}${NO_CODE}["'\s>]`,
        'i',
      ),
    ],
  },
  {
    // A site takes such texts into its pages; a page that is nothing else gives a text the right to run.
    what: 'does nothing but take in as code what is no page',
    needs: [
      new RegExp(
        String.raw`^\ufeff?\s*(?:<%@[^%]{0,200}%>\s*)?(?:<!--\s*#include\s+(?:file|virtual)\s*=\s*["']?[^"'>\n]{1,200}${NO_CODE}["']?\s*-->|<%@\s*include\s+file\s*=\s*["'][^"'>\n]{1,200}${NO_CODE}["']\s*%>|<%\s*server\.execute\s*\(?\s*["'][^"'\n]{1,200}${NO_CODE}["']\s*\)?\s*%>)\s*$`,
        'i',
      ),
    ],
  },
  {
    what: 'connects with the database its visitor writes into a field',
    needs: [
      /<asp:SqlDataSource\b[^>]{0,600}\bConnectionString\s*=\s*["']<%#[^%]{0,200}\.Text\b/i,
      /\bSelectCommand\s*=\s*["']<%#/i,
    ],
  },
  {
    what: 'stops the programs its visitor names',
    needs: [
      /\bGetProcess(?:ById|esByName)\s*\([^;\n]{0,80}(?:\bRequest\b|\.Text\b|\.CommandArgument\b)/i,
      /\.Kill\s*\(/,
      SERVER_CODE,
    ],
  },
  { what: 'gives orders to the administration of an FTP server', needs: [/SITE MAINTENANCE/, /-SETUSERSETUP/] },
  { what: 'copies the database of accounts', needs: [/\b(?:config|repair)\\sam\b/i, /\b(?:copyfile|copy)\b/i, /<%/] },
  {
    // Reports limit what they show and dress it up for a reader; seven digits of seconds are some months.
    what: 'hands out a whole table, however long it takes',
    needs: [
      /\bScriptTimeout\s*=\s*\d{7,}/i,
      /\bselect\s+\*\s+from\s/i,
      /\.Fields\s*\.\s*Count\b|\.Columns\s*\.\s*Count\b/i,
      SERVER_CODE,
    ],
    without: /<(?:table|tr|td|div|body|html|form|a)\b/i,
  },
  {
    // A site has its connections in its settings, and pages that show something to a reader.
    what: 'hands out the rows of a database whose login it carries, and nothing for a reader',
    needs: [
      /\bDriverManager\s*\.\s*getConnection\b/,
      /["']jdbc:/,
      /\.\s*executeQuery\s*\(/,
      /\.\s*get(?:String|Object)\s*\(/,
      /\bout\s*\.\s*(?:print|println|write|append)\s*\(/,
    ],
    without: /<(?:table|tr|td|div|body|html|form|a|p|jsp:\w+|\w+:\w+)\b|<%@\s*(?:include|taglib)\b/i,
  },
]
