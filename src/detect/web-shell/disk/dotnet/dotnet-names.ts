const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Parts of qualified names, in lower case: a chain of these is a name, not a value. */
export const NAMESPACES = words(
  'system io diagnostics reflection text web net threading runtime interopservices codedom compiler csharp visualbasic data sqlclient oledb odbc management automation microsoft win32 security cryptography directoryservices xml xsl serialization formatters binary ui webcontrols hostingenvironment vsa jscript sockets runspaces powershell services global windows markup hosting web',
)
export const REQUEST_TYPES = words('httprequest httprequestbase httprequestmessage httplistenerrequest')
export const CONTEXT_TYPES = words(
  'httpcontext httpcontextbase httpapplication page usercontrol handlercontext httplistenercontext actionexecutingcontext',
)

/** Members of the request that hold collections of what the client sends. */
export const COLLECTIONS = words('form querystring params headers cookies servervariables item query routevalues')
/** Members the server fills, or that only tell about the request. */
export const NOT_CHOSEN = words(
  'applicationpath physicalpath physicalapplicationpath mappath islocal isauthenticated issecureconnection logonuseridentity contentlength totalbytes browser httpmethod requesttype currentexecutionfilepath appspath anonymousid contentencoding userhostaddress isajaxrequest clientcertificate',
)
export const ADDRESSES = words(
  'url rawurl path pathinfo filepath urlreferrer useragent userhostname acceptypes accepttypes contenttype userlanguages',
)

/** Fields of a page whose text the visitor types, by the type of the control. */
export const INPUT_CONTROL =
  /^(?:asp:)?(?:textbox|hiddenfield|input|textarea|htmlinputtext|htmlinputhidden|htmltextarea|fileupload|htmlinputfile|input-file)$/
/** How such fields are named where the markup is not at hand. */
export const INPUT_NAME = /^(?:txt|tb|text|textbox|input|hf|hid|hdn|x?cmd|x?arg|x?path|x?content|x?pass|command)\w*$/
export const FILE_NAME = /^(?:file\d+|fileup\w*|upload\w*|fu\w*|fup\w*|upfile\w*)$/

/** The result says something about a value without being it. */
export const TELLS = words(
  'equals isnullorempty isnullorwhitespace contains containskey startswith endswith indexof lastindexof length count exists compareto gethashcode ismatch tryparse compare hasfile haskeys',
)
/** The result is a number, a time, a truth. */
export const NUMBERS = words('parse toint32 toint64 toint16 todouble toboolean todecimal todatetime tosingle tobyte')
/** What was in comes out: copies, pieces, spellings. */
export const CARRIERS = words(
  'trim trimstart trimend tolower toupper tolowerinvariant toupperinvariant substring remove insert padleft padright getstring getbytes tochararray toarray tostring getbuffer readtoend readline readbytes readbyte copyto split concat join format normalize htmldecode htmlencode urlencode getvalues get take skip reverse cast tolist firstordefault first single asenumerable clone compress decompress tocharacterarray escape unescapedatastring aggregate select where orderby tolist append prepend concat first last',
)
