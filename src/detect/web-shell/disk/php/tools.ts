import type { PageContext, Weighed } from '../score.ts'
import type { Glance } from './glance.ts'

interface Tool {
  /** Follows "page that". */
  readonly does: string
  /** All of these stand in its code. */
  readonly needs: readonly RegExp[]
  readonly technique: string
  /** It is made of functions of the application it is put into. */
  readonly ofApplication?: boolean
  /** They may stand in long texts, too. */
  readonly inTexts?: boolean
}

/**
 * What only tools of a stranger do, by what they cannot do it without: neither names nor words of such tools count, and each line names what an
 * ordinary page that comes near it lacks.
 */
const TOOLS: readonly Tool[] = [
  {
    // Who logs a visit writes the port down; a program is told it to find the connection and take it over.
    does: 'hands the connection of its visitor to a program',
    needs: [/\b(?:system|exec|passthru|shell_exec|popen)\s*\([^;]{0,200}\bREMOTE_PORT\b/],
    technique: 'T1059',
  },
  {
    // A plug-in that logs people in is called by the site; this one calls the site, and looks for an administrator.
    does: 'logs whoever asks in as an administrator',
    needs: [
      /\bwp-(?:blog-header|load|config)\.php["']/i,
      /\bwp_set_auth_cookie\s*\(/,
      /\badministrator\b|\bget_users\b|\buser_can\b/i,
    ],
    technique: 'T1078',
    ofApplication: true,
  },
  {
    // A site asks what its host forbids; it has no reason to put that back.
    does: 'undoes what the host forbids',
    needs: [/\bini_restore\s*\(\s*["'](?:safe_mode|open_basedir|disable_functions)["']/i],
    technique: 'T1562',
  },
  {
    // Programs that unpack an archive name its own ending; here the visitor's file is read past the limits of the host.
    does: 'reads files past the limits of the host',
    needs: [
      /["']compress\.(?:zlib|bzip2):\/\/(?:["']\s*\.\s*|\{?)\$/i,
      /\$_(?:GET|POST|REQUEST|COOKIE)\b|\bHTTP_(?:GET|POST)_VARS\b|\bcopy\s*\(\s*["']compress\./,
    ],
    technique: 'T1562',
  },
  {
    does: 'leaves the folder the host keeps it in',
    needs: [/\bini_set\s*\(\s*["']open_basedir["']\s*,\s*["'](?:\.\.|\/)["']/i, /\bchdir\s*\(\s*["']\.\.["']/i],
    technique: 'T1562',
  },
  {
    // Programs set a path for libraries they start; to have another program load one of the page's own, it starts mail.
    does: 'has another program load a library of its own',
    needs: [/\bputenv\s*\([^;]{0,80}LD_PRELOAD/i, /\b(?:mail|mb_send_mail|error_log|imap_mail)\s*\(/i],
    technique: 'T1574.006',
  },
  {
    does: 'writes settings that take limits away',
    needs: [
      /(?:safe_mode\s*=\s*["']?off|disable_functions\s*=\s*["']?(?:none|\\[rn]|["'])|open_basedir\s*=\s*["']?off)/i,
      /["'][^"'\n]{0,40}(?:php\.ini|\.htaccess)["']/i,
      /\b(?:fwrite|fputs|file_put_contents)\s*\(/i,
    ],
    technique: 'T1562',
  },
  {
    // An administration of IIS knows accounts of its own; the passwords of all sites are nobody's page.
    does: 'reads accounts and passwords of the web server',
    needs: [/\bnew\s+COM\s*\(\s*["']IIS:\/\//i, /\bAnonymousUser(?:Name|Pass)\b/i],
    technique: 'T1552',
  },
  {
    does: 'makes accounts of the machine',
    needs: [/\bnew\s+COM\s*\(\s*["'](?:Shell\.Users|WinNT:\/\/)/i, /->\s*(?:create|SetPassword|changePassword)\s*\(/i],
    technique: 'T1136.001',
  },
  {
    // Style sheets may call functions that show something; these run text.
    does: 'runs code out of a style sheet',
    needs: [
      /->\s*registerPHPFunctions\s*\(/i,
      /\bfunction\s*\(\s*\\?["'](?:assert|system|exec|passthru|shell_exec|eval|create_function|preg_replace|call_user_func)\b/i,
    ],
    technique: 'T1059',
    inTexts: true,
  },
  {
    // A server for a chat talks to its own clients; one that opens a connection for each is a tunnel, and here the visitor says where to.
    does: 'passes connections on',
    needs: [
      /\bsocket_(?:listen|create_listen)\s*\(/i,
      /\bsocket_accept\s*\(/i,
      /\bsocket_connect\s*\(|\bfsockopen\s*\(/i,
      /\$_(?:GET|POST|REQUEST)\b|\\x05|chr\s*\(\s*5\s*\)/,
    ],
    technique: 'T1090',
  },
  {
    // Programs that measure send one small packet.
    does: 'floods other machines',
    needs: [
      /\bp?fsockopen\s*\(\s*["']udp:\/\/["']?\s*\.?\s*\{?\$/i,
      /\bwhile\s*\(|\bfor\s*\(/i,
      /\b(?:fwrite|fputs)\s*\(/i,
      /\$_(?:GET|POST|REQUEST)\b/,
      /\btime\s*\(\s*\)\s*\+|\b65000\b|\b65535\b|str_repeat\s*\(|\.=\s*["']X["']/i,
    ],
    technique: 'T1498',
  },
  {
    // Everybody's folder, one after the other: a hosting panel knows its customers without reading the accounts of the machine.
    does: 'looks into the sites of everybody on the machine',
    needs: [
      /\/etc\/(?:passwd|named\.conf|valiases)|\bposix_getpwuid\s*\(\s*\$/i,
      /\bpublic_html\b/i,
      /\b(?:symlink|readlink|is_readable|is_writable|copy|link|file_get_contents|fopen|file|ln\s+-s)\b/i,
      /\b(?:for|foreach|while)\b\s*\(/i,
    ],
    technique: 'T1083',
  },
  {
    does: 'opens the whole disk to the web',
    needs: [/\bsymlink\s*\(\s*["']\/["']|\bln\s+-s\s+\/\s/i, /\b(?:FollowSymLinks|system|shell_exec|exec|passthru)\b/i],
    technique: 'T1083',
  },
  {
    does: 'has the mail library run a command',
    needs: [/\bimap_open\s*\(/i, /-oProxyCommand/i],
    technique: 'T1059',
    inTexts: true,
  },
  {
    // Programs change the path of their own libraries outside of pages; here a converter of texts loads one.
    does: 'has a converter of texts load a library of its own',
    needs: [/\bputenv\s*\([^;]{0,40}GCONV_PATH/i, /\biconv\w*\s*\(|convert\.iconv/i],
    technique: 'T1574.006',
    inTexts: true,
  },
  {
    // Bindings declare functions of their library; these are the ones that start programs.
    does: 'calls the system past the language',
    needs: [/\bFFI::(?:cdef|load)\b/i, /\b(?:system|popen|execve?|php_exec)\s*\(\s*(?:const|char|int)\b/i],
    technique: 'T1059',
    inTexts: true,
  },
  {
    does: 'starts programs by an address',
    needs: [/\b(?:fopen|file_get_contents|include|require|file|readfile)(?:_once)?\s*\(?\s*["']expect:\/\//i],
    technique: 'T1059',
    inTexts: true,
  },
  {
    // Asking Windows about itself is everyday; making a process by it is not what a page does.
    does: 'starts programs by the management of Windows',
    needs: [/\bnew\s+COM\s*\(\s*["']winmgmts:/i, /Win32_Process\b/i, /->\s*(?:Create|ExecMethod_?)\s*\(/i],
    technique: 'T1047',
    inTexts: true,
  },
  {
    does: 'runs script of another language',
    needs: [/\bnew\s+COM\s*\(\s*["']\w*\.?ScriptControl/i, /->\s*(?:AddCode|ExecuteStatement|Eval)\s*\(/i],
    technique: 'T1059',
  },
  {
    does: 'starts programs by an extension for desktops',
    needs: [
      /\b(?:win_shell_execute|win32_create_service|python_eval|python_exec)\s*\(|\bnew\s+Perl\s*\(/i,
      /\$_(?:GET|POST|REQUEST|COOKIE)\b/,
    ],
    technique: 'T1059',
  },
  {
    does: 'has the database run programs',
    needs: [/\bCOPY\s+\w+\s+FROM\s+PROGRAM\b/i, /\bpg_\w+\s*\(|->\s*(?:query|exec)\s*\(/i, /\$_(?:GET|POST|REQUEST|COOKIE)\b/],
    technique: 'T1059',
    inTexts: true,
  },
  {
    // The administration of an FTP server listens on the machine itself; who speaks to it there makes an account that may run programs.
    does: 'makes itself an account of the FTP server',
    needs: [/\bfsockopen\s*\(/i, /\bSITE\s+(?:EXEC|MAINTENANCE)\b/i],
    technique: 'T1068',
    inTexts: true,
  },
  {
    // A plug-in that imports people takes the role from a list; this one is called by the site's page and makes one administrator.
    does: 'makes an administrator of the site for whoever asks',
    needs: [
      /\bwp_(?:create|insert)_user\s*\(/i,
      /\bset_role\s*\(\s*["']administrator|["']role["']\s*=>\s*["']administrator/i,
      /\$_(?:GET|POST|REQUEST|COOKIE)\b/,
    ],
    technique: 'T1136',
    ofApplication: true,
  },
  {
    // A program that knows its own settings changes passwords by its own functions.
    does: "changes passwords of a site with the site's own settings",
    needs: [
      /\bUPDATE\b[^;]{0,80}users?\b[^;]{0,60}\bSET\b[^;]{0,80}(?:user_pass|password)/i,
      /\bwp-config\.php|\bDB_PASSWORD\b|\bJConfig\b|\bconfiguration\.php/,
      /\bmysqli?_(?:connect|query)\s*\(/i,
    ],
    technique: 'T1098',
    inTexts: true,
  },
  {
    does: 'copies itself into other folders',
    needs: [
      /\bcopy\s*\(\s*(?:__FILE__|\$_SERVER\s*\[\s*["']SCRIPT_FILENAME["']\s*\])\s*,[^;]*\$|\bfile_get_contents\s*\(\s*__FILE__\s*\)[\s\S]*\bfile_put_contents\s*\([^;]*\.php["']/i,
      /\b(?:glob|scandir|opendir|foreach|for|while)\s*\(/i,
    ],
    technique: 'T1105',
  },
  {
    // A build writes what it made; this one walks through a site and puts a frame of another into its pages.
    does: 'puts a frame of another site into all pages',
    needs: [
      /\b(?:opendir|scandir|glob|dir)\s*\(|\bRecursiveDirectoryIterator\b/i,
      /\b(?:file_put_contents|fwrite|fputs)\s*\(/i,
      /<iframe\s[^>]{0,80}src=\\?["']?(?:https?:|["']?\s*\.\s*\$)/i,
      /\b(?:html?|php)\b/i,
    ],
    technique: 'T1491.002',
    inTexts: true,
  },
  {
    // An installer writes one start page; this one writes the same into every folder it finds.
    does: 'replaces the start page of every folder',
    needs: [
      /\b(?:opendir|scandir|glob)\s*\(/i,
      /\b(?:file_put_contents|fopen)\s*\(\s*[^;]{0,60}\/(?:index|default)\.\w{3,4}["']/i,
      /\bis_dir\s*\(|\bGLOB_ONLYDIR\b/i,
      /\$_(?:GET|POST|REQUEST)\b/,
    ],
    technique: 'T1491.002',
  },
  {
    // A backup encrypts a copy; this one takes the files away.
    does: 'encrypts the files of the site',
    needs: [
      /\b(?:opendir|scandir|glob)\s*\(|\bRecursiveDirectoryIterator\b/i,
      /\b(?:openssl_encrypt|mcrypt_encrypt|mcrypt_generic|sodium_crypto_secretbox)\s*\(/i,
      /\b(?:file_put_contents|fwrite|fputs)\s*\(/i,
      /\bunlink\s*\(|\brename\s*\(/i,
      /\bset_time_limit\s*\(|\$_(?:GET|POST|REQUEST)\b|DOCUMENT_ROOT/,
    ],
    technique: 'T1486',
  },
  {
    // A check of one's own server knows the ports it checks, and does not ask its visitor for the machine.
    does: 'looks for open ports of other machines',
    needs: [
      /\bfor\s*\([^;]{0,80};[^;]{0,80};[^)]{0,20}\$(\w+)[^)]{0,10}\)[\s\S]{0,400}?fsockopen\s*\([^,;]{1,60},\s*\$\1\b|\bforeach\s*\([^)]{0,120}\bas\s+(?:\$\w+\s*=>\s*)?\$(\w+)\s*\)[\s\S]{0,400}?fsockopen\s*\([^,;]{1,60},\s*\$\2\b/i,
      /\$_(?:GET|POST|REQUEST)\b|\bHTTP_(?:GET|POST)_VARS\b/,
    ],
    technique: 'T1046',
  },
  {
    // Settings of many programs, out of the folders of others.
    does: 'collects settings of other sites',
    needs: [
      /\/home\d?\/|\/etc\/passwd|\bpublic_html\b|\/var\/www\/vhosts/i,
      /\bwp-config\.php/i,
      /\bconfiguration\.php|\bconfig\.inc\.php|\bsettings\.php/i,
      /\b(?:file_get_contents|file|fopen|copy|symlink|readfile|curl_exec|link|exec|system|shell_exec)\s*\(/i,
      /\b(?:for|foreach|while)\b\s*\(/i,
    ],
    technique: 'T1552.001',
    inTexts: true,
  },
  {
    // An installer looks at the folders it needs; this one walks through whatever the request names.
    does: 'looks for folders it may write to',
    needs: [
      /\bis_writ(?:e)?able\s*\(/i,
      /\b(?:opendir|scandir|glob|dir)\s*\(/i,
      /\bis_dir\s*\(/i,
      /\bfunction\s+(\w+)\s*\([^)]*\)\s*\{[\s\S]{0,1500}?\b\1\s*\(/i,
      /\$_(?:GET|POST|REQUEST)\b/,
    ],
    technique: 'T1083',
  },
  {
    // A newsletter knows its readers; here whoever asks types them in, and what is sent to them.
    does: 'sends mail to a list that is typed in',
    needs: [
      /<textarea\b/i,
      /\b(?:explode|split|preg_split)\s*\(\s*["'][^"']{0,10}\\[nr]/i,
      /\b(?:for|foreach|while)\s*\([\s\S]{0,2000}?(?<![>:$\w]|function )@?mail\s*\(/i,
      /\bFrom:\s/i,
      /\$_(?:POST|REQUEST|GET)\b|\bHTTP_POST_VARS\b/,
    ],
    technique: 'T1534',
    inTexts: true,
  },
  {
    does: 'lists the accounts of the machine',
    needs: [/\bfor\s*\([^)]{0,120}\$(\w+)\s*\+\+[^)]*\)[\s\S]{0,160}?posix_getpwuid\s*\(\s*\$\1\b/i],
    technique: 'T1087.001',
  },
  {
    // Chats and long answers keep a session open, too; none of them sends what was posted on to another machine.
    does: 'passes connections on',
    needs: [
      /\b(?:fsockopen|socket_connect|stream_socket_client)\s*\(/i,
      /\$_SESSION\s*\[[^\]]*\]\s*\.?=/,
      /php:\/\/input|HTTP_RAW_POST_DATA/,
      /\bsession_write_close\s*\(/i,
      /\bwhile\s*\(/i,
    ],
    technique: 'T1090',
  },
  {
    // An installer tries the one password it is given.
    does: 'tries passwords of a list',
    needs: [
      /@?\b(?:ftp_login|mysql_connect|mysqli_connect|imap_open|ssh2_auth_password|pg_connect)\s*\(|\bCURLOPT_USERPWD\b|["'&](?:pwd|passwd|password)=/i,
      /\/etc\/passwd|\bexplode\s*\(\s*["'](?:\\r)?\\n["']\s*,\s*(?:trim\s*\(\s*)?\$_(?:POST|GET|REQUEST)\b/i,
      /\bforeach\s*\([^;{]{0,200}\bforeach\s*\(|\bforeach\b[\s\S]{0,400}\bforeach\b/i,
    ],
    technique: 'T1110',
  },
]

/** Options of the mail program that keep a protocol of everything, the text too, in a file (sendmail(8): -X, -OQueueDirectory). */
const MAIL_OPTIONS =
  /(?<![>:$\w]|function )(?:mb_send_)?mail\s*\((?:[^;"']|"[^"\n]{0,400}"|'[^'\n]{0,400}'){1,40}["'][^"';\n]{0,60}-(?:X|OQueueDirectory)/

/** Where a page lies, as the server tells it: three of these and more are sent to somebody else only to tell him. */
const PLACE =
  /\b(?:SCRIPT_FILENAME|DOCUMENT_ROOT|PATH_TRANSLATED|SERVER_ADDR|SERVER_NAME|HTTP_HOST|REQUEST_URI|SCRIPT_NAME|PHP_SELF|HTTP_REFERER|REMOTE_ADDR|SERVER_SOFTWARE)\b/g
const ON_DISK = /\b(?:SCRIPT_FILENAME|DOCUMENT_ROOT|PATH_TRANSLATED)\b/
const TELLS = 3
const TELLS_ALL = 5
/** The text of a mail is put together right before it is sent. */
const BEFORE = 1_200
const MAIL = /(?<![>:$\w]|function )mail\s*\(/gi

/** Tools a page is by what stands in its code (without comments and long texts). */
export function toolsOf(code: string, text: string, { mayBeTool, mails, asked }: Glance, page: PageContext): Weighed[] {
  const found: Weighed[] = []
  if (mayBeTool || (asked && !page.partOfApplication))
    for (const { does, needs, technique, inTexts, ofApplication } of TOOLS)
      if (needs.every(need => need.test(inTexts ? text : code)))
        found.push({
          what: `page that ${does}`,
          line: 1,
          // Larger programs have parts that look like a tool when they are read together.
          weight: page.partOfApplication && !ofApplication ? 15 : 65,
          speaks: 'web-shell',
          group: 'tool',
          does,
          techniques: [technique],
        })
  if (mails && MAIL_OPTIONS.test(text))
    found.push({
      what: 'mail() is told to write a file',
      line: 1,
      weight: page.partOfApplication ? 30 : 65,
      speaks: 'uploader',
      group: 'mail-file',
      does: 'has the mail program write a file',
      techniques: ['T1105'],
    })
  if (mails) {
    const told = tellsWhere(code)
    if (told !== undefined)
      found.push({
        what: `mails where it lies: ${told.join(', ')}`,
        line: 1,
        // A report of an error names the page and its visitor; the whole place of it on the disk and in the net helps only a stranger.
        weight: page.partOfApplication && told.length < TELLS_ALL ? 35 : 62,
        speaks: 'web-shell',
        group: 'beacon',
        does: 'tells somebody where it lies',
        techniques: ['T1041'],
      })
  }
  return found
}

function tellsWhere(code: string): string[] | undefined {
  for (const { index } of code.matchAll(MAIL)) {
    const before = code.slice(Math.max(0, index - BEFORE), index + 200)
    const names = new Set([...before.matchAll(PLACE)].map(([name]) => name))
    if (names.size >= TELLS && ON_DISK.test(before)) return [...names].slice(0, 5)
  }
  return undefined
}
