import type { Weighed } from '../score.ts'
import type { ClassFile } from './class-file.ts'

const REQUEST =
  /^(?:javax|jakarta)\/servlet\/(?:http\/)?(?:Http)?ServletRequest(?:Wrapper)?\.get(?:Parameter\w*|Header\w*|InputStream|Reader|QueryString|Cookies|Parts?)$/
const EXEC = /^java\/lang\/(?:Runtime\.exec|ProcessBuilder\.(?:<init>|start|command))$/
const DEFINES = /(?:^|\/)\w*(?:ClassLoader|Unsafe|Lookup)\.define(?:Anonymous|Hidden)?Class$/
const ENGINE = /^javax\/script\/ScriptEngine\.eval$/
const CIPHER = 'javax/crypto/Cipher.doFinal'
const WRITER = /^java\/io\/(?:FileOutputStream|FileWriter|RandomAccessFile)\.<init>$/
const AGENT = 'java/lang/instrument/Instrumentation'
/** What an agent on a web server changes to see every request: its classes by name, as texts of the agent. */
const SERVER_CLASSES =
  /^(?:L?(?:javax|jakarta)[/.]servlet[/.](?:http[/.])?(?:HttpServlet|Filter\w*|ServletRequest)|L?org[/.]apache[/.](?:catalina|tomcat|coyote)[/.]\S+|weblogic[/.]servlet[/.]\S+|doFilter|internalDoFilter|setUserPassword|service)$/
const REWRITER = /^javassist\/(?:CtMethod|CtBehavior|ClassPool)\./
/** Names by which a class reaches the request without being compiled against it (classes a loader runs in memory). */
const REFLECTED_REQUEST = /^get(?:Parameter|Header|InputStream|Request)$/

/** What the constant pool of a class says together: what it asks of a request and what it can do with it. The code between is not read. */
export function compiledSigns(file: ClassFile): Weighed[] {
  const methods = [...file.methods]
  const calls = (pattern: RegExp) => methods.find(method => pattern.test(method))
  const request = calls(REQUEST)
  const signs: Weighed[] = []
  const add = (
    what: string,
    weight: number,
    speaks: Weighed['speaks'],
    group: string,
    does: string,
    techniques: readonly string[],
  ) => signs.push({ what, line: 1, weight, speaks, group, does, techniques })
  const exec = calls(EXEC)
  const defines = calls(DEFINES) ?? (extendsLoader(file) && file.words.has('defineClass') ? 'defineClass' : undefined)
  const hidden = file.methods.has(CIPHER)
  if (request && exec)
    add(`${short(request)} and ${short(exec)} in one class`, 65, 'web-shell', 'command', 'runs commands and reads requests', [
      'T1059',
    ])
  if (request && defines)
    add(
      `${short(request)} and ${short(defines)} in one class`,
      hidden ? 80 : 55,
      'web-shell',
      'class-loading',
      'loads classes and reads requests',
      ['T1620'],
    )
  if (request && calls(ENGINE))
    add(`${short(request)} and ScriptEngine.eval in one class`, 60, 'web-shell', 'code', 'runs scripts and reads requests', [
      'T1059',
    ])
  if (request && hidden) add('requests and a cipher in one class', 15, 'context', 'cipher', '', ['T1573.001'])
  if (request && calls(WRITER)) add('requests and files written in one class', 12, 'context', 'file-write', '', ['T1105'])
  if (!request && exec && file.strings.some(text => REFLECTED_REQUEST.test(text)) && extendsObject(file))
    add('a request reached by names, and a command', 62, 'web-shell', 'command', 'runs commands and reads requests by names', [
      'T1059',
      'T1027',
    ])
  signs.push(...agentSigns(file, methods))
  return signs
}

/** Code that a running virtual machine takes in (java.lang.instrument): how a shell lives in a server without a file in its web root. */
function agentSigns(file: ClassFile, methods: readonly string[]): Weighed[] {
  const isAgent = (file.words.has('agentmain') || file.words.has('premain')) && file.classes.has(AGENT)
  const rewrites = methods.some(method => REWRITER.test(method))
  const names = file.strings.filter(text => SERVER_CLASSES.test(text))
  if ((!isAgent && !rewrites) || names.length === 0) return []
  return [
    {
      what: `${isAgent ? 'an agent' : 'a class'} that changes classes of a running server: ${names.slice(0, 4).join(', ')}`,
      line: 1,
      weight: isAgent && rewrites ? 75 : rewrites ? 65 : 45,
      speaks: 'web-shell',
      group: 'agent',
      does: 'changes classes of a running web server',
      techniques: ['T1505.003', 'T1056.004'],
    },
  ]
}

const extendsObject = ({ superName }: ClassFile) => superName === 'java/lang/Object'
const extendsLoader = ({ superName }: ClassFile) => /ClassLoader$/.test(superName)
const short = (method: string) => method.slice(method.lastIndexOf('/') + 1)
