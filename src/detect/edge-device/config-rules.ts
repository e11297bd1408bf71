import { compareSeverity, type Severity } from '../../model/index.ts'

/** Where a rule looks: one dialect's sections, or the whole configuration for what is not in it. */
interface Test {
  readonly dialects: readonly string[]
  /** On the folder words of the section ("interface", "ip firewall nat"); any when absent. */
  readonly path?: RegExp
  /** On the section's lines. */
  readonly text?: RegExp
  /** Lines that make it harmless. */
  readonly not?: RegExp
  /** On the whole configuration: what should be there and is not. */
  readonly lacks?: RegExp
}

/** A setting that helps an intruder, or hides one. */
export interface ConfigRule {
  readonly id: string
  /** Reads behind "DEVICE: ". */
  readonly title: string
  readonly technique: string
  /** How much it matters where it simply is so; absent: it is ordinary, and only news when it was added. */
  readonly severity?: Severity
  /** How much it matters when it was not so in the configuration before. */
  readonly added: Severity
  readonly why: string
  readonly innocent: string
  readonly tests: readonly Test[]
}

const IOS = ['ios']
const ASA = ['asa']
const CISCO = ['ios', 'asa']
const FORTI = ['fortios']
const ROUTER = ['routeros']
const NVRAM = ['nvram']
const REMOTE_WORK = 'remote administration that was decided on, with addresses it is limited to elsewhere'
const PLANNED = 'planned work; compare with the change ticket'
/** An interface that leads to the internet, by its role or name, over which the device may be administered. */
const OPEN_INTERFACE =
  /^config .*?(?=(?:\/ edit (?:wan|ppp|dsl|internet|outside|modem)|[\s\S]*\nset role wan\b))[\s\S]*\nset allowaccess .*\b(?:https?|ssh|telnet)\b/

/**
 * Settings of edge devices as intrusions left or used them: AA23-144A, AA24-038A and AA25-239A (CISA and partners), GreyNoise on AyySSHush
 * (ASUS), MikroTik's own advice on hijacked routers, Cisco Talos on Smart Install and on the web interface of IOS XE.
 */
export const configRules: readonly ConfigRule[] = [
  {
    id: 'telnet',
    title: 'telnet is open',
    technique: 'T1133',
    severity: 'medium',
    added: 'high',
    why: 'Passwords go over the network in the clear, and telnet is what home-router malware tries first.',
    innocent: 'an old device on a management network of its own',
    tests: [
      { dialects: IOS, path: /^line/, text: /^[ \t]*transport input .*\b(?:telnet|all)\b/m },
      { dialects: ASA, text: /^telnet \d/ },
      { dialects: FORTI, path: /system interface$/, text: /^set allowaccess .*\btelnet\b/m },
      { dialects: ROUTER, path: /^ip service$/, text: /\btelnet\b.*\bdisabled=no\b/ },
      { dialects: ROUTER, lacks: /\/ip service set telnet .*disabled=yes/ },
      { dialects: NVRAM, text: /^telnetd?_enable=1$/ },
    ],
  },
  {
    id: 'management-from-internet',
    title: 'it can be administered from the internet',
    technique: 'T1133',
    severity: 'high',
    added: 'high',
    why: 'Flaws of management interfaces are how intruders of this kind come in; a half million such devices were reachable in 2023.',
    innocent: REMOTE_WORK,
    tests: [
      { dialects: ASA, text: /^(?:ssh|http|telnet) 0\.0\.0\.0 0\.0\.0\.0 (?:outside|internet|wan)/i },
      {
        dialects: FORTI,
        path: /system interface$/,
        text: OPEN_INTERFACE,
      },
      { dialects: NVRAM, text: /^(?:misc_http_x|remote_management|remote_mgt_https?|http_wan_access|wan_http_enable)=[1y]/ },
      { dialects: NVRAM, text: /^sshd_enable=1$/ },
      {
        dialects: ROUTER,
        path: /^ip firewall filter$/,
        text: /(?=.*\baction=accept\b)(?=.*\bchain=input\b)(?=.*\bdst-port=[\d,-]*\b(?:22|23|80|443|8291|8728|8729)\b)/,
        not: /\bsrc-address(?:-list)?=|in-interface(?:-list)?=(?:LAN|bridge|lan)/,
      },
    ],
  },
  {
    id: 'http-clear',
    title: 'its web interface is reachable in the clear',
    technique: 'T1133',
    severity: 'low',
    added: 'medium',
    why: 'Administrators log in over a connection anybody between can read.',
    innocent: 'a management network of its own',
    tests: [
      { dialects: IOS, text: /^ip http server$/ },
      { dialects: FORTI, path: /system interface$/, text: /^set allowaccess (?:.* )?http(?: |$)/m },
      { dialects: ROUTER, path: /^ip service$/, text: /\bwww\b.*\bdisabled=no\b/ },
    ],
  },
  {
    id: 'web-interface',
    title: 'its web interface is on',
    technique: 'T1190',
    severity: 'low',
    added: 'high',
    why: 'CVE-2023-20198 and CVE-2023-20273 need nothing but the web interface of IOS XE.',
    innocent: 'a wireless controller or a site that is administered by it',
    tests: [{ dialects: IOS, text: /^ip http secure-server$/ }],
  },
  {
    id: 'web-interface-high-port',
    title: 'its web interface listens on an unusual port',
    technique: 'T1571',
    severity: 'medium',
    added: 'high',
    why: 'Intruders on carrier routers opened the web interface on ports of the form 18xxx (AA25-239A).',
    innocent: 'an administrator who moved it out of the way of scanners',
    tests: [{ dialects: IOS, text: /^ip http (?:secure-)?port 18\d{3}$/ }],
  },
  {
    id: 'ssh-odd-port',
    title: 'SSH listens on a port known from intrusions',
    technique: 'T1571',
    severity: 'high',
    added: 'high',
    why: 'Port 53282 marks ASUS routers of the AyySSHush network; ports of the form 22x22 and xxx22 and 57722 were opened on carrier routers (AA25-239A).',
    innocent: 'an administrator who moved it out of the way of scanners and happened to choose the same',
    tests: [
      { dialects: NVRAM, text: /^sshd_port(?:_x)?=53282$/ },
      { dialects: IOS, text: /^ip ssh port (?:22\d22|\d{1,3}22|57722|53282)\b/ },
      { dialects: ROUTER, path: /^ip service$/, text: /\bssh\b.*\bport=(?:22\d22|\d{1,3}22|57722|53282)\b/ },
    ],
  },
  {
    id: 'ssh-moved',
    title: 'SSH listens on another port than 22',
    technique: 'T1571',
    added: 'medium',
    why: 'A further port is a way in that scans of the usual ones do not show.',
    innocent: 'an administrator who moved it out of the way of scanners',
    tests: [
      { dialects: IOS, text: /^ip ssh port (?!22\b)\d+/ },
      { dialects: ROUTER, path: /^ip service$/, text: /\bssh\b.*\bport=(?!22\b)\d+/ },
      { dialects: FORTI, path: /system global$/, text: /^set admin-ssh-port (?!22$)\d+/m },
      { dialects: NVRAM, text: /^sshd_port(?:_x)?=(?!22$)\d+$/ },
    ],
  },
  {
    id: 'ssh-key',
    title: 'an SSH key may log in',
    technique: 'T1098.004',
    severity: 'low',
    added: 'high',
    why: 'A key survives every change of password, and on home routers also a firmware update.',
    innocent: 'the key of an administrator or a configuration tool',
    tests: [
      { dialects: NVRAM, text: /^sshd_authkeys=\S/ },
      { dialects: IOS, text: /^ip ssh pubkey-chain/ },
      { dialects: FORTI, path: /system admin$/, text: /^set ssh-public-key\d /m },
    ],
  },
  {
    id: 'ssh-version-1',
    title: 'SSH of version 1 is allowed',
    technique: 'T1557',
    severity: 'medium',
    added: 'medium',
    why: 'Version 1 can be read and changed on the way.',
    innocent: 'a device too old for version 2',
    tests: [
      { dialects: IOS, text: /^ip ssh version 1$/ },
      { dialects: FORTI, path: /system global$/, text: /^set admin-ssh-v1 enable/m },
    ],
  },
  {
    id: 'snmp-default',
    title: 'SNMP answers to a default community',
    technique: 'T1602.001',
    severity: 'medium',
    added: 'high',
    why: 'The word "public" gives everybody the routing table, the neighbours and often the configuration.',
    innocent: 'a monitoring system nobody changed it for, on a network of its own',
    tests: [
      { dialects: CISCO, text: /^snmp-server community (?:public|private|cisco)\b/i },
      { dialects: FORTI, path: /snmp community$/, text: /^set name (?:public|private)\b/m },
      { dialects: ROUTER, path: /^snmp community$/, text: /\b(?:set|add)\b.*\bname=(?:public|private)\b/ },
    ],
  },
  {
    id: 'snmp-write',
    title: 'SNMP may change the configuration',
    technique: 'T1602',
    severity: 'high',
    added: 'high',
    why: 'Who knows the community reads and replaces the whole configuration without logging in.',
    innocent: 'an old management system that needs it',
    tests: [
      { dialects: IOS, text: /^snmp-server community \S+ (?:view \S+ )?rw\b/i },
      { dialects: ROUTER, path: /^snmp community$/, text: /\bwrite-access=yes\b/ },
    ],
  },
  {
    id: 'administrator',
    title: 'an account may do everything',
    technique: 'T1136.001',
    added: 'high',
    why: 'A further administrator of the device is how an intruder comes back when the flaw is mended.',
    innocent: PLANNED,
    tests: [
      { dialects: CISCO, path: /^username/, text: /\bprivilege 15\b/ },
      { dialects: FORTI, path: /system (?:admin|api-user|sso-admin)$/, text: /^set accprofile "?super_admin/m },
      { dialects: ROUTER, path: /^user$/, text: /\badd\b.*\bgroup=full\b/ },
    ],
  },
  {
    id: 'account',
    title: 'an account is there',
    technique: 'T1136.001',
    added: 'medium',
    why: 'A new account for remote access is how an intruder comes back.',
    innocent: PLANNED,
    tests: [
      { dialects: CISCO, path: /^username/ },
      { dialects: FORTI, path: /(?:user local|system admin)$/ },
      { dialects: ROUTER, path: /^(?:user|ppp secret)$/, text: /\badd\b/ },
      { dialects: NVRAM, text: /^(?:pptpd_clientlist|vpn_server_clientlist|acc_list|openvpn_users?)=\S/ },
    ],
  },
  {
    id: 'api-user',
    title: 'a program may log in by API',
    technique: 'T1136.001',
    severity: 'low',
    added: 'high',
    why: 'Keys of the programming interface never expire and ask for no second factor.',
    innocent: 'a backup or monitoring program',
    tests: [{ dialects: FORTI, path: /system api-user$/ }],
  },
  {
    id: 'admin-anywhere',
    title: 'an administrator may come from any address',
    technique: 'T1078',
    severity: 'low',
    added: 'medium',
    why: 'A stolen password is enough wherever it is used.',
    innocent: 'the interface itself is limited to a management network',
    tests: [{ dialects: FORTI, path: /system admin$/, text: /^set accprofile/m, not: /^set (?:ip6-)?trusthost\d/m }],
  },
  {
    id: 'lines-open',
    title: 'its lines take log-ins from any address',
    technique: 'T1133',
    severity: 'low',
    added: 'medium',
    why: 'Without an access class everybody who reaches the device may try passwords.',
    innocent: 'a filter before the device, or control-plane policing',
    tests: [{ dialects: IOS, path: /^line/, text: /^line vty[\s\S]*transport input/, not: /^[ \t]*access-class /m }],
  },
  {
    id: 'lines-never-close',
    title: 'its lines never time out',
    technique: 'T1563',
    severity: 'low',
    added: 'low',
    why: 'A session somebody forgot stays open for whoever finds it.',
    innocent: 'a laboratory or a monitored console',
    tests: [{ dialects: IOS, path: /^line/, text: /^line vty[\s\S]*\n\s*exec-timeout 0(?: 0)?$/m }],
  },
  {
    id: 'weak-password-storage',
    title: 'passwords are stored readably',
    technique: 'T1552.001',
    severity: 'low',
    added: 'low',
    why: 'Type 0 and 7 passwords are read from any copy of the configuration.',
    innocent: 'an old device',
    tests: [
      { dialects: IOS, text: /^enable password /, not: /^enable password (?:4|5|8|9) / },
      { dialects: IOS, path: /^username/, text: /\bpassword (?:0|7) / },
    ],
  },
  {
    id: 'default-password',
    title: 'the password is the one it was sold with',
    technique: 'T1078.001',
    severity: 'high',
    added: 'high',
    why: 'Default passwords are tried by every scanner.',
    innocent: 'a device that is not in use yet',
    tests: [{ dialects: NVRAM, text: /^(?:http_passwd|http_password|admin_passwd)=(?:admin|password|1234|12345|)$/ }],
  },
  {
    id: 'directory-account',
    title: 'the password of a directory account is stored on it',
    technique: 'T1552.001',
    severity: 'low',
    added: 'medium',
    why: 'A domain account stored on the edge device was the way inside in a case of AA24-038A; check its groups and where it logs on.',
    innocent: 'the usual way to join a firewall to a directory; the account should be able to read and nothing else',
    tests: [
      { dialects: FORTI, path: /user ldap$/, text: /^set (?:username|password) /m },
      { dialects: ASA, text: /^[ \t]*ldap-login-(?:dn|password) /m },
    ],
  },
  {
    id: 'forward',
    title: 'a port is forwarded inside',
    technique: 'T1090',
    added: 'medium',
    why: 'A forwarded port is a door past the firewall, and turns the device into a relay.',
    innocent: 'a published server',
    tests: [
      { dialects: IOS, text: /^ip nat inside source static (?:tcp|udp) / },
      {
        dialects: ASA,
        text: /^(?:nat \(\S+,\S+\) .*\bservice\b|static \(\S+,\S+\) (?:tcp|udp) )|^[ \t]*nat \(\S+,\S+\) static .*\bservice\b/m,
      },
      { dialects: FORTI, path: /firewall vip6?$/ },
      {
        dialects: ROUTER,
        path: /^ip firewall nat$/,
        text: /\baction=(?:dst-nat|netmap|redirect)\b/,
        not: /\bdisabled=yes\b|\bdst-port=53\b/,
      },
      { dialects: NVRAM, text: /^(?:vts_rulelist|forward_port\d*|forward_spec|port_forward\w*|forward\d+)=\S/ },
    ],
  },
  {
    id: 'forward-administration',
    title: 'a port for administration is forwarded inside',
    technique: 'T1090',
    severity: 'medium',
    added: 'high',
    why: 'Remote desktop, SSH, file sharing or a database behind a forwarded port are found by scanners within hours.',
    innocent: 'a service provider who works that way, with addresses it is limited to',
    tests: [
      { dialects: IOS, text: /^ip nat inside source static tcp \S+ (?:22|23|135|139|445|1433|3389|5900|5985|5986)\b/ },
      { dialects: FORTI, path: /firewall vip6?$/, text: /^set mappedport (?:22|23|135|139|445|1433|3389|5900|5985|5986)\b/m },
      {
        dialects: ROUTER,
        path: /^ip firewall nat$/,
        text: /\baction=dst-nat\b.*\bto-ports=(?:22|23|135|139|445|1433|3389|5900|5985|5986)\b/,
        not: /\bdisabled=yes\b/,
      },
    ],
  },
  {
    id: 'tunnel',
    title: 'a tunnel goes out from it',
    technique: 'T1572',
    severity: 'low',
    added: 'high',
    why: 'Intruders on carrier routers set up GRE tunnels to lead traffic away (AA25-239A).',
    innocent: 'a link between two sites',
    tests: [
      { dialects: IOS, path: /^interface$/, text: /^interface Tunnel[\s\S]*tunnel destination/ },
      { dialects: FORTI, path: /system (?:gre|ipip|sit)-tunnel$/ },
      {
        dialects: ROUTER,
        path: /^interface (?:gre|gre6|eoip|ipip|l2tp-client|pptp-client|sstp-client|ovpn-client|wireguard)(?: peers)?$/,
        text: /\badd\b/,
        not: /\bdisabled=yes\b/,
      },
      { dialects: NVRAM, text: /^(?:vpn_client\d?_(?:state|enable|addr)|pptpc_enable|wgc\d?_enable)=(?!0$|$)/ },
    ],
  },
  {
    id: 'proxy',
    title: 'it passes on the connections of others',
    technique: 'T1090.002',
    severity: 'high',
    added: 'critical',
    why: "A router that is a SOCKS or web proxy is somebody's relay; off is the default.",
    innocent: 'a proxy the operator runs for the own users, closed to the internet',
    tests: [
      { dialects: ROUTER, path: /^ip (?:socks|proxy)$/, text: /\bset\b.*\benabled=yes\b/ },
      { dialects: NVRAM, text: /^(?:socks\w*_enable|tor_enable|Tor_enable)=1$/ },
    ],
  },
  {
    id: 'capture',
    title: 'it records or streams packets',
    technique: 'T1040',
    severity: 'medium',
    added: 'high',
    why: 'Captures on the edge collect passwords: TACACS+ and RADIUS were recorded this way (AA25-239A).',
    innocent: 'a fault that is being looked for',
    tests: [
      { dialects: ROUTER, path: /^tool sniffer$/, text: /\bstreaming-enabled=yes\b|\bstreaming-server=(?!0\.0\.0\.0)\d/ },
      { dialects: IOS, path: /^monitor capture$/ },
      { dialects: ASA, path: /^capture$/ },
      { dialects: FORTI, path: /firewall sniffer$/ },
    ],
  },
  {
    id: 'mirror',
    title: 'it copies traffic to another place',
    technique: 'T1040',
    severity: 'low',
    added: 'high',
    why: 'A mirror session to a remote place shows somebody everything.',
    innocent: 'an intrusion detection sensor',
    tests: [
      { dialects: IOS, path: /^monitor session$/, text: /erspan|\bremote\b|ip address/ },
      { dialects: ROUTER, text: /\bmirror-(?:target|source)=(?!none)\S/ },
      { dialects: FORTI, text: /^set span(?:-dest-port)? (?!disable)\S/m },
    ],
  },
  {
    id: 'script-fetches',
    title: 'a script on it loads something from elsewhere',
    technique: 'T1105',
    severity: 'high',
    added: 'critical',
    why: 'Hijacked routers fetch their orders by a script that runs every few minutes; there is none by default.',
    innocent: 'a list of addresses the operator updates by script',
    tests: [
      { dialects: ROUTER, path: /^system (?:scheduler|script)$/, text: /\b(?:fetch|import)\b/ },
      { dialects: IOS, path: /^event manager applet$/, text: /\b(?:copy|tclsh|https?:|tftp:|ftp:)/ },
      { dialects: NVRAM, text: /^(?:script_\w+|rc_startup|rc_firewall)=.*\b(?:wget|curl|tftp|nc)\b/ },
    ],
  },
  {
    id: 'script',
    title: 'a script runs on it by itself',
    technique: 'T1053',
    severity: 'low',
    added: 'high',
    why: 'A script that runs at each start or each hour brings back what was removed, or hides traces.',
    innocent: 'an automatic backup or a failover',
    tests: [
      { dialects: IOS, path: /^(?:event manager applet|kron (?:policy-list|occurrence))$/ },
      { dialects: ROUTER, path: /^system scheduler$/, text: /\badd\b/ },
      { dialects: FORTI, path: /system (?:auto-script|automation-action)$/, text: /^set (?:script|action-type "?cli-script)/m },
      { dialects: NVRAM, text: /^(?:script_(?:init|fire|usbmount|usbhotplug|wanup)|rc_startup|rc_custom)=\S/ },
    ],
  },
  {
    id: 'hides-commands',
    title: 'a script on it hides what is shown',
    technique: 'T1562',
    severity: 'critical',
    added: 'critical',
    why: 'An event manager applet that answers "show" or "dir" commands itself is there to hide something from the administrators.',
    innocent: 'hardly any',
    tests: [
      {
        dialects: IOS,
        path: /^event manager applet$/,
        text: /event cli pattern "?[^"\n]*(?:show|dir|more|verify)[\s\S]*sync (?:yes|no skip yes)/,
      },
    ],
  },
  {
    id: 'container',
    title: 'programs of others run on it',
    technique: 'T1610',
    severity: 'low',
    added: 'high',
    why: 'Guest Shell gives a Linux machine inside the router that no log of the router sees (AA25-239A).',
    innocent: 'a management agent the operator installed',
    tests: [
      { dialects: IOS, path: /^app-hosting appid$/ },
      { dialects: IOS, text: /^(?:iox|guestshell)\b/ },
      { dialects: ROUTER, path: /^container(?: config)?$/, text: /\badd\b/ },
    ],
  },
  {
    id: 'logging-off',
    title: 'its logging is switched off',
    technique: 'T1562.001',
    severity: 'medium',
    added: 'high',
    why: 'A device that logs nothing shows nobody who came through it.',
    innocent: 'a test, or a disk that was spared',
    tests: [
      { dialects: IOS, text: /^no logging (?:on|trap|buffered|monitor)\b/ },
      { dialects: ASA, text: /^no logging enable/ },
      { dialects: ASA, lacks: /^logging enable$/m },
      {
        dialects: FORTI,
        path: /log (?:syslogd\d?|disk|memory|eventfilter) ?(?:setting|override-setting)?$/,
        text: /^set (?:status|event|vpn|user|system) disable/m,
      },
      { dialects: ROUTER, path: /^system logging$/, text: /\bset\b.*\bdisabled=yes\b/ },
      { dialects: NVRAM, text: /^(?:syslogd_enable|log_enable)=0$/ },
    ],
  },
  {
    id: 'no-remote-log',
    title: 'its log stays on the device',
    technique: 'T1562',
    severity: 'low',
    added: 'high',
    why: 'What is only on the device goes with a restart or with whoever clears it; keep months elsewhere.',
    innocent: 'a collector that fetches the log itself',
    tests: [
      { dialects: IOS, lacks: /^logging (?:host \S+|\d{1,3}\.)/m },
      { dialects: ASA, lacks: /^logging host /m },
      {
        dialects: FORTI,
        lacks: /^config (?:.* )?log (?:syslogd|fortianalyzer)\S* (?:override-)?setting\n(?:(?!config ).*\n)*?set status enable/m,
      },
      { dialects: ROUTER, lacks: /^\/system logging action .*\bremote=\d/m },
      { dialects: NVRAM, text: /^(?:log_ipaddr|syslogd_rem_ip|remote_syslog\w*)=$/ },
    ],
  },
  {
    id: 'commands-not-logged',
    title: 'what administrators type is not recorded',
    technique: 'T1562',
    severity: 'low',
    added: 'medium',
    why: 'Without a record of commands nobody can say what was changed.',
    innocent: 'command accounting by TACACS+',
    tests: [{ dialects: IOS, lacks: /^archive\n(?:\s.*\n)*?\s+logging enable|^aaa accounting commands /m }],
  },
  {
    id: 'no-aaa',
    title: 'log-ins are not checked by a server',
    technique: 'T1078',
    severity: 'low',
    added: 'medium',
    why: 'Passwords on the device alone have no second factor and no central record.',
    innocent: 'a small site with one device',
    tests: [{ dialects: IOS, lacks: /^aaa new-model$/m }],
  },
  {
    id: 'aaa-server',
    title: 'passwords are checked by a server',
    technique: 'T1556',
    added: 'high',
    why: 'Intruders turned the server to one of their own to collect the passwords of administrators (AA25-239A).',
    innocent: 'a server that moved; check its address',
    tests: [
      { dialects: IOS, path: /^(?:tacacs server|radius server)$/ },
      { dialects: IOS, text: /^(?:tacacs-server|radius-server) host / },
      { dialects: ASA, path: /^aaa-server$/ },
      { dialects: FORTI, path: /user (?:radius|tacacs\+|ldap)$/ },
      { dialects: ROUTER, path: /^radius$/, text: /\badd\b/ },
    ],
  },
  {
    id: 'permit-any',
    title: 'a rule lets everything through',
    technique: 'T1562.004',
    severity: 'low',
    added: 'high',
    why: 'A rule for everything makes the rules behind it useless.',
    innocent: 'the last rule for traffic from inside',
    tests: [
      { dialects: CISCO, text: /\bpermit ip any4? any4?(?: log)?\s*$/m },
      {
        dialects: ROUTER,
        path: /^ip firewall filter$/,
        text: /^(?=.*\baction=accept\b)(?=.*\bchain=(?:input|forward)\b)/,
        not: /\b(?:src|dst|in-interface|out-interface|protocol|connection|comment="def|disabled=yes)/,
      },
    ],
  },
  {
    id: 'permit-any-inbound',
    title: 'a rule lets everything in from the internet',
    technique: 'T1562.004',
    severity: 'high',
    added: 'critical',
    why: 'The firewall is open from outside to inside.',
    innocent: 'a mistake during a test',
    tests: [
      {
        dialects: FORTI,
        path: /firewall policy6?$/,
        text: /^config .*(?=[\s\S]*\nset srcintf "?(?:wan|ppp|internet|outside))(?=[\s\S]*\nset srcaddr "?all)(?=[\s\S]*\nset dstaddr "?all)(?=[\s\S]*\nset service "?ALL\b)(?=[\s\S]*\nset action accept)/,
      },
    ],
  },
  {
    id: 'firewall-rule-off',
    title: 'a blocking rule is switched off',
    technique: 'T1562.004',
    severity: 'low',
    added: 'high',
    why: 'The rule is still there, and looks as if it worked.',
    innocent: 'a test somebody forgot',
    tests: [
      { dialects: ROUTER, path: /^ip firewall filter$/, text: /(?=.*\baction=(?:drop|reject)\b)(?=.*\bdisabled=yes\b)/ },
      {
        dialects: FORTI,
        path: /firewall policy6?$/,
        text: /^config .*(?=[\s\S]*\nset status disable)(?![\s\S]*\nset action accept)/,
      },
      { dialects: NVRAM, text: /^fw_enable_x=0$/ },
    ],
  },
  {
    id: 'smart-install',
    title: 'Smart Install is on',
    technique: 'T1190',
    severity: 'medium',
    added: 'high',
    why: 'Smart Install hands out and replaces configurations without a password (CVE-2018-0171, port 4786).',
    innocent: 'a roll-out of switches that is going on',
    tests: [{ dialects: IOS, text: /^vstack(?:$| (?!no))/ }],
  },
  {
    id: 'file-server',
    title: 'it hands out files',
    technique: 'T1105',
    severity: 'low',
    added: 'high',
    why: 'A TFTP or SCP server on the router is how configurations and tools are carried on and off it.',
    innocent: 'an update of other devices from this one',
    tests: [
      { dialects: IOS, text: /^tftp-server |^ip (?:scp|ftp)(?: |-)server (?:enable)?/ },
      { dialects: ROUTER, path: /^(?:ip tftp|ip service)$/, text: /^\/ip tftp add|\bftp\b.*\bdisabled=no\b/ },
    ],
  },
  {
    id: 'boot-from-network',
    title: 'it loads its system from the network',
    technique: 'T1542.005',
    severity: 'medium',
    added: 'high',
    why: 'Who answers the request decides which firmware runs.',
    innocent: 'a laboratory',
    tests: [{ dialects: IOS, text: /^boot (?:system|network|config|host) (?:tftp|ftp|rcp|http)/ }],
  },
  {
    id: 'dns',
    title: 'it has name servers of its own choice',
    technique: 'T1557',
    added: 'medium',
    why: 'Whoever sets the name server decides where everybody behind the router ends up.',
    innocent: 'a change of provider',
    tests: [
      { dialects: CISCO, text: /^(?:ip name-server|dns server-group|\s*name-server) /m },
      { dialects: FORTI, path: /system dns$/ },
      { dialects: ROUTER, path: /^ip dns$/, text: /\bservers=\S/ },
      { dialects: NVRAM, text: /^(?:wan\d?_dns\d?_x|wan_dns\w*|lan_dns\w*|dhcp_dns\w*)=\d/ },
    ],
  },
  {
    id: 'open-resolver',
    title: 'it answers name requests of everybody',
    technique: 'T1584',
    severity: 'low',
    added: 'medium',
    why: 'An open resolver is used in floods, and its answers can be changed.',
    innocent: 'a firewall rule that closes port 53 from outside',
    tests: [
      { dialects: ROUTER, path: /^ip dns$/, text: /\ballow-remote-requests=yes\b/ },
      { dialects: IOS, text: /^ip dns server$/ },
    ],
  },
  {
    id: 'upnp',
    title: 'programs inside may open ports by themselves',
    technique: 'T1090',
    severity: 'low',
    added: 'medium',
    why: 'UPnP lets any program inside forward a port without anybody knowing.',
    innocent: 'the default of many home routers',
    tests: [
      { dialects: ROUTER, path: /^ip upnp$/, text: /\benabled=yes\b/ },
      { dialects: NVRAM, text: /^(?:wan\d?_)?upnp_enable=1$/ },
    ],
  },
  {
    id: 'dynamic-name',
    title: 'its address is published under a name',
    technique: 'T1568',
    added: 'medium',
    why: 'A dynamic name lets somebody find the device again after its address changed.',
    innocent: 'a small office without a fixed address',
    tests: [
      { dialects: ROUTER, path: /^ip cloud$/, text: /\bddns-enabled=yes\b/ },
      { dialects: FORTI, path: /system ddns$/ },
      { dialects: NVRAM, text: /^ddns_enable_x?=1$/ },
      { dialects: IOS, text: /^ip ddns update/ },
    ],
  },
  {
    id: 'vpn-split',
    title: 'the VPN leads only part of the traffic here',
    technique: 'T1133',
    added: 'low',
    why: 'A machine in two networks at once is a bridge between them.',
    innocent: 'the usual set-up to save bandwidth',
    tests: [
      { dialects: ASA, path: /^group-policy$/, text: /split-tunnel-policy (?:tunnelspecified|excludespecified)/ },
      { dialects: FORTI, path: /vpn ssl web portal$/, text: /^set split-tunneling enable/m },
    ],
  },
  {
    id: 'vpn-old-tls',
    title: 'the VPN accepts old encryption',
    technique: 'T1557',
    severity: 'low',
    added: 'medium',
    why: 'TLS 1.0 and 1.1 can be broken on the way.',
    innocent: 'old clients',
    tests: [{ dialects: FORTI, path: /vpn ssl settings$/, text: /^set ssl-min-proto-ver tls1-[01]$/m }],
  },
  {
    id: 'protection-off',
    title: 'its own protection is switched off',
    technique: 'T1562.001',
    severity: 'low',
    added: 'high',
    why: 'AiProtection and logging were switched off on ASUS routers of the AyySSHush network.',
    innocent: 'somebody who wanted more speed',
    tests: [{ dialects: NVRAM, text: /^(?:wrs_protect_enable|wrs_cc_enable|wrs_vp_enable|TM_EULA)=0$/ }],
  },
]

/** A section as rules see it. */
export interface RuledSection {
  readonly dialect: string
  readonly path: string
  readonly text: string
}

/** Rules about what is set that hold for a section, strongest first. */
export function rulesOf({ dialect, path, text }: RuledSection): readonly ConfigRule[] {
  return configRules
    .filter(({ tests }) =>
      tests.some(
        test =>
          test.lacks === undefined &&
          test.dialects.includes(dialect) &&
          (test.path === undefined || test.path.test(path)) &&
          (test.text === undefined || test.text.test(text)) &&
          test.not?.test(text) !== true,
      ),
    )
    .toSorted(
      (a, b) =>
        compareSeverity(b.severity ?? 'informational', a.severity ?? 'informational') || compareSeverity(b.added, a.added),
    )
}

/** Rules about what a whole configuration lacks. */
export function lackingIn(dialect: string, overview: string): readonly ConfigRule[] {
  return configRules.filter(({ tests }) =>
    tests.some(({ dialects, lacks }) => lacks !== undefined && dialects.includes(dialect) && !lacks.test(overview)),
  )
}

/** Rules whose protection a removed text was. */
export function protectedBy(dialect: string, text: string): readonly ConfigRule[] {
  return configRules.filter(({ tests }) =>
    tests.some(({ dialects, lacks }) => lacks !== undefined && dialects.includes(dialect) && lacks.test(text)),
  )
}

const SECRET =
  /\b(password|passwd|passphrase|secret|psksecret|pre-shared-key|key-string|key|community|md5|auth-pass\w*|priv-pass\w*|private-key|wpa-pre-shared-key|wpa2-pre-shared-key|wpa_psk|http_passwd|sshd_authkeys|ssh-public-key\d|ENC)([ =:]+)("[^"]*"|(?:\d |ENC )?\S+)/gi

/** A line of a configuration without the secrets in it. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRET, (_, word: string, between: string) => `${word}${between}…`)
}
