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
      /\$_(?:GET|POST|REQUEST|COOKIE)\b|\bHTTP_(?:GET|POST)_VARS\b/,
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
    // An installer tries the one password it is given.
    does: 'tries passwords of a list',
    needs: [
      /@?\b(?:ftp_login|mysql_connect|mysqli_connect|imap_open|ssh2_auth_password|pg_connect)\s*\(/i,
      /\/etc\/passwd|\bexplode\s*\(\s*["'](?:\\r)?\\n["']\s*,\s*(?:trim\s*\(\s*)?\$_(?:POST|GET|REQUEST)\b/i,
      /\bforeach\s*\([^;{]{0,200}\bforeach\s*\(|\bforeach\b[\s\S]{0,400}\bforeach\b/i,
    ],
    technique: 'T1110',
  },
]

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
export function toolsOf(code: string, text: string, { mayBeTool, mails }: Glance, page: PageContext): Weighed[] {
  const found: Weighed[] = []
  if (mayBeTool)
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
