import { Literals, type Wanted } from '../literals.ts'

/**
 * What people talk about who administer a server that is not theirs. One such subject is everyday in some program; a page that knows many of them
 * is a box of tools. Each line is one subject: ten words for one thing count once.
 */
const SUBJECTS: readonly (readonly [subject: string, words: string])[] = [
  ['safe mode', 'safe mode|safemode'],
  ['what the host forbids', 'disable_functions|open_basedir|ini_restore'],
  [
    'the account of the server',
    'posix_getpwuid|posix_getgrgid|posix_getuid|posix_geteuid|posix_getgid|posix_getegid|getmyuid|get_current_user',
  ],
  ['its disks', 'diskfreespace|disk_total_space|disk_free_space|listdrives|all drives'],
  ['its system', 'php_uname|uname -a'],
  [
    'files of the system',
    '/etc/passwd|/etc/shadow|/etc/issue|/etc/hosts|/etc/httpd|/etc/named|/etc/userdomains|/etc/valiases|/etc/my.cnf|/proc/version|/proc/cpuinfo|system32\\config|repair\\sam',
  ],
  [
    'ways back in',
    'back connect|backconnect|connect back|connectback|reverse shell|bind port|bindport|bind shell|bindshell|netcat|nc -l|datapipe|back-connection',
  ],
  ['files with rights or secrets', 'find suid|find all suid|suid|sgid|.bash_history|.htpasswd|config.inc.php files'],
  ['commands that look around', 'ps aux|netstat|net user|ipconfig|ifconfig|whoami|ls -la'],
  ['leaving no trace', 'self remove|selfremove|self destruct|selfdestruct|kill me|killme|kill shell|clean log'],
  ['making files', 'make dir|makedir|make file|makefile|edit file|editfile|upload file|uploadfile|create dir|new dir'],
  ['whose address is whose', 'your ip|server ip|server software|current dir|client ip'],
  ['fetching tools', 'wget http|wget -|lwp-download|fetch -|curl -o|lynx -|tar -zxvf|tar zxvf|tar -xzf|tar xzf|tar xf'],
  [
    'running what is typed',
    'eval php code|evaluate php code|php eval|phpeval|php code|phpcode|execute command|execute shell command|run command|execute code|run php code|execute php code|eval code|shell command|command execute',
  ],
  [
    'breaking into more',
    'brute force|bruteforce|ftp brute|md5 crack|md5crack|port scan|portscan|port scanner|portscanner|mail bomb|mail bomber|mailbomber|ddos|udp flood|mass deface|massdeface|mass code',
  ],
  [
    'the scene',
    'milw0rm|zone-h|zoneh|deface|defaced|defacer|hacked|hacker|hackers|h4cker|h4ck3r|sploit|exploit|exploits|rootkit|rootkits|0day|exploit-db|r00t|rooted',
  ],
  ['sites beside it', 'cpanel|wp-config|configuration.php|symlink bypass|bypass symlink|jumping|config grabber|user domains'],
  ['shells of the system', '/bin/sh|/bin/bash|cmd.exe|perl -e|python -c|compile gcc'],
  ['taking databases', 'sql dump|sqldump|dump database|dump db|into outfile|into dumpfile|load_file('],
  ['its drives', 'drive|drives'],
  ['what it runs on', 'sec. info|secinfo|phpinfo'],
  ['changing rights', 'chmod'],
  [
    'names of such tools',
    ' c99|c99shell|c99mad|c99madshell|c99sh|c100| r57|r57shell|b374k|wso shell|filesman|phpspy|web shell|webshell|php shell|phpshell|indoxploit|backdoor|mini shell|minishell|alfa shell|alfashell|angel shell|p0wny|weevely|antichat|nstview|locus7s|madspot|k2ll33d|ani-shell|spyshell|cgi-telnet|cgitelnet|shell by|privat shell|private shell|remote view|remview|phpremoteview|phpjackal|ghost shell|nshell|myshell|simshell|gfs web-shell|devilzshell|sosyete|g00nshell|ironshell|dive shell|uploader by|shell booter',
  ],
]

/** The places of the functions in the answer, behind the subjects. */
const WAYS = ['system', 'exec', 'shell_exec', 'passthru', 'popen', 'proc_open', 'pcntl_exec'] as const

export const TRADE_WORDS: readonly Wanted[] = [
  ...SUBJECTS.flatMap(([, words], index) =>
    words
      .split('|')
      .flatMap(variants)
      .map(word => ({ word, apart: true, says: 1 << index, place: 0 })),
  ),
  ...WAYS.map((word, index) => ({ word, called: true, says: 1 << index, place: 1 })),
]

/** "back connect" is also written back_connect and back-connect. */
function variants(word: string): string[] {
  return /^[a-z]+ [a-z]+$/.test(word) ? [word, word.replace(' ', '_'), word.replace(' ', '-')] : [word]
}

const TRADE = new Literals(TRADE_WORDS)

/** What a page knows of the trade. */
export interface Trade {
  readonly subjects: readonly string[]
  /** Functions that run commands and are called. */
  readonly ways: readonly string[]
}

export function tradeOf(bytes: Uint8Array): Trade {
  return tradeFrom(TRADE.in(bytes))
}

/** The same from what was found in a pass over more words. */
export function tradeFrom(found: Int32Array): Trade {
  const [subjects = 0, ways = 0] = found
  return {
    subjects: SUBJECTS.filter((_, index) => (subjects >>> index) & 1).map(([subject]) => subject),
    ways: WAYS.filter((_, index) => (ways >>> index) & 1),
  }
}
