const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

export const REQUEST_TYPES = words(
  'HttpServletRequest ServletRequest HttpServletRequestWrapper ServletRequestWrapper MultipartHttpServletRequest ServerHttpRequest',
)
export const SCOPES = words('HttpServletRequest ServletRequest HttpSession ServletContext PageContext')

/** Objects a page has without asking (Jakarta Server Pages 3.1 section 1.8.3), and those of its expression language (2.2.3). */
export const IMPLICIT: Readonly<Record<string, string>> = {
  request: 'HttpServletRequest',
  response: 'HttpServletResponse',
  pageContext: 'PageContext',
  session: 'HttpSession',
  application: 'ServletContext',
  out: 'JspWriter',
  config: 'ServletConfig',
  param: 'source',
  paramValues: 'source',
  header: 'source',
  headerValues: 'source',
  cookie: 'source',
}

/** HttpServletRequest: the members a client fills. */
export const CLIENT_VALUES = words(
  'getParameter getParameterValues getParameterMap getParameterNames getHeader getHeaders getInputStream getReader getQueryString getCookies getPart getParts getPathInfo getRequestURI getRequestURL getPathTranslated getParameterValue',
)

export const WRITER_TYPES = words('FileOutputStream FileWriter RandomAccessFile FileImageOutputStream')
export const WRITE_METHODS = words('write print println append writeBytes writeChars writeUTF printf newLine writeTo')
export const STREAM_WRAPPERS = words(
  'BufferedOutputStream DataOutputStream PrintWriter PrintStream BufferedWriter OutputStreamWriter BufferedInputStream DataInputStream InputStreamReader BufferedReader Scanner ByteArrayInputStream GZIPInputStream InflaterInputStream CipherInputStream LineNumberReader StringReader ZipInputStream StringTokenizer',
)
/** Methods that tell about a value without being it. */
export const CONSTANT_RESULTS = words(
  'equals equalsIgnoreCase isEmpty length size hashCode indexOf lastIndexOf compareTo compareToIgnoreCase startsWith endsWith contains containsKey containsValue matches exists isFile isDirectory canRead canWrite lastModified getContentLength getSize isBlank hasMoreElements hasNext available',
)

export const SINK_METHODS = {
  /** Engines that run text as code. */
  evaluators:
    /^(?:GroovyShell|GroovyClassLoader|ELProcessor|ExpressionEvaluator\w*|Interpreter|JexlEngine|MVEL|Ognl|ScriptEvaluator|Eval|JexlExpression|JexlScript|SpelExpressionParser)$/,
}
