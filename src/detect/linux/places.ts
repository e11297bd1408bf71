import { type EventOf, fileNameOf, plainCommand } from '../../model/index.ts'

/** Folders every account may write to and nothing is installed in (hier(7)). */
export const TEMPORARY = /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run\/shm|\/run\/user\/\d+)\//

/** A folder or file whose name begins with a dot below a folder anybody may write to: meant not to be seen. */
export const HIDDEN_IN_TEMPORARY = /^(?:\/tmp|\/var\/tmp|\/dev\/shm)\/(?:[^/]+\/)*\.[^/.]/

/** Package managers, configuration management and the system's own tools: they write to the same places all day. */
const MAINTENANCE =
  /^(?:dpkg\S*|apt|apt-get|aptitude|apt-key|unattended-upgr\S*|rpm|rpmdb|yum|dnf\S*|zypper|pacman|apk|snapd?|packagekitd|cloud-init|google_\S+|waagent|amazon-ssm-\S+|puppet\S*|chef-client|salt-minion|ansible\S*|systemd|systemctl|systemd-\S+|update-rc\.d|useradd|userdel|usermod|groupadd|passwd|vipw|crond?|anacron)$/

/** Is the writer one of the tools that maintain a system? */
export const isMaintenance = (image: string) => MAINTENANCE.test(fileNameOf(image))

/** A program of Linux: what runs on Windows has other places and other tools. */
export function isLinuxProcess(process: EventOf<'process_activity'>): boolean {
  const image = process.image ?? ''
  return !image.includes('\\') && !/\.(?:exe|dll|com)$/i.test(image) && !/^[a-z]:/i.test(process.commandLine ?? '')
}

/** Accounts that run servers and never work at a shell. */
const SERVICE_ACCOUNT =
  /^(?:www-data|apache|nginx|httpd|http|wwwrun|tomcat\d*|jetty|jboss|wildfly|lighttpd|nobody|daemon|mysql|redis|elasticsearch|postfix|named|ftp|vsftpd|squid|haproxy)$/

export const isServiceAccount = (user: string) => SERVICE_ACCOUNT.test(user.replace(/^.*\\/, '').toLowerCase())

/** What a command line is for that no work needs. */
export interface HostileCommand {
  readonly what: string
  readonly techniques: readonly string[]
}

const SHELL = '(?:/usr)?(?:/bin/)?(?:ba|da|z|k|a|c)?sh'
/** In the order they are asked; each is a form that public collections of such commands agree on (GTFOBins, "reverse shell" and "file download"). */
const HOSTILE: readonly (readonly [RegExp, HostileCommand])[] = [
  [/\/dev\/(?:tcp|udp)\/\S+\/\d+/, { what: 'a shell connected to another machine', techniques: ['T1059.004', 'T1095'] }],
  [
    new RegExp(`\\b(?:nc|ncat|netcat|nc\\.traditional)\\b.* (?:-\\w*e|-\\w*c|--exec|--sh-exec)[ =]?${SHELL}\\b`),
    { what: 'netcat that hands out a shell', techniques: ['T1059.004', 'T1095'] },
  ],
  [
    new RegExp(
      `\\bmkfifo\\b.*\\|.*\\b(?:nc|ncat|netcat|telnet|openssl s_client)\\b|\\bmknod\\b.* p\\b.*\\b(?:nc|telnet)\\b|\\btelnet\\b[^|]*\\|\\s*${SHELL}\\b`,
    ),
    { what: 'a shell connected to another machine by a pipe', techniques: ['T1059.004', 'T1095'] },
  ],
  [
    /\bsocat\b.*\bexec:\S*sh\b|\bsocat\b.*\bpty\b.*\btcp/,
    { what: 'socat that hands out a shell', techniques: ['T1059.004', 'T1095'] },
  ],
  [
    /\bpython[\d.]* -c .*\bsocket\b.*(?:\bdup2\b|\bpty\.spawn\b|\bsubprocess\b)|\bperl\b.* -\w*e .*\bsocket\b.*\bexec\b|\bphp\d* -r .*\bfsockopen\b|\bruby\b.* -\w*e .*\btcpsocket\b|\blua\S* -e .*\bsocket\b.*\bexecute\b/,
    { what: 'a script on the command line that connects a shell to another machine', techniques: ['T1059', 'T1095'] },
  ],
  [
    new RegExp(
      `\\b(?:curl|wget|fetch)\\b[^|;]*(?:https?:|ftp:|\\d{1,3}(?:\\.\\d{1,3}){3})[^|;]*\\|\\s*(?:sudo )?(?:${SHELL}|python[\\d.]*|perl|php)\\b`,
    ),
    { what: 'a script from the network run without being kept', techniques: ['T1105', 'T1059.004'] },
  ],
  [
    new RegExp(
      `base64[, ](?:-d|--decode|-di)\\b[^;]*\\|\\s*\\{?(?:${SHELL}|python[\\d.]*|perl)\\b|\\bxxd -r\\b.*\\|\\s*${SHELL}\\b`,
    ),
    { what: 'encoded commands decoded and run', techniques: ['T1027', 'T1059.004'] },
  ],
]
/** One of these stands in whatever the expressions above match. */
const HINT = /\/dev\/(?:tcp|udp)|nc|telnet|socat|socket|fsockopen|\||base64/

/** What a command line does that no work needs; undefined for all others. */
export function hostileCommand(commandLine: string): HostileCommand | undefined {
  if (commandLine.length < 8 || !HINT.test(commandLine)) return undefined
  const plain = plainCommand(commandLine)
  return HOSTILE.find(([pattern]) => pattern.test(plain))?.[1]
}

const ENCODED = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{16,8000}={0,2}(?![A-Za-z0-9+/=])/g

/** Text that a command line carries in base 64 and decodes: read for what it says, never run. '' when it carries none. */
export function hiddenText(commandLine: string): string {
  if (!/base64/i.test(commandLine)) return ''
  for (const [word] of commandLine.slice(0, 16_384).matchAll(ENCODED)) {
    if (word.replace(/=+$/, '').length % 4 === 1) continue
    const text = atob(word.replace(/=+$/, '')).replace(/\0/g, '')
    if (/^[\x09\x0a\x0d\x20-\x7e]{8,}$/.test(text)) return text.trim()
  }
  return ''
}

/** Installers that vendors publish as one line: `curl https://get.docker.com | sh`. */
export const isVendorInstaller = (commandLine: string) =>
  /\bhttps:\/\/(?:[\w-]+\.)*(?:docker\.com|rustup\.rs|nodesource\.com|nvm\.sh|githubusercontent\.com|github\.com|k3s\.io|tailscale\.com|helm\.sh|brew\.sh|sdkman\.io|pyenv\.run|deb\.\w+\.\w+|packagecloud\.io|elastic\.co|grafana\.com|gitlab\.com|microsoft\.com|aka\.ms)\b/.test(
    plainCommand(commandLine),
  )

/** Address behind "/dev/tcp/", in a URL or as a word of a command. */
export function addressIn(commandLine: string): string | undefined {
  return /(?:\/dev\/(?:tcp|udp)\/|:\/\/|[\s@:=])(\d{1,3}(?:\.\d{1,3}){3})(?=[\s/:,'"]|$)/.exec(commandLine)?.[1]
}
