import { kinds, listed, syslogOf, whole } from './admissions.ts'
import { type Admission, type Gate, gateOfAdmissions } from './gate.ts'
import { auditdStart, clamFinding, sudoCommand } from './views-linux.ts'
import { sysmonCategory } from './windows.ts'

const PROCESS = kinds('process_activity')
/** Products of messages that the syslog reader gives; which file they came in does not matter. */
const SYSLOG_PRODUCTS = ['sshd', 'sudo', 'su', 'cron', 'syslog', 'netfilter', 'openvpn', 'freeradius'] as const

const ALL_SYSLOG: readonly Admission[] = SYSLOG_PRODUCTS.map(product => whole(product))
const AUDITD = whole('auditd', 'auditd records')

const CLAM: Admission = syslogOf('clamd', 'clamscan', 'clamdscan', 'clamonacc', 'clamav', 'clamav-daemon', 'freshclam')
/** Findings of ClamAV as those of any antivirus. */
export const clamAsAntivirus: Admission = { ...CLAM, view: clamFinding }

/** Programs whose messages go to auth.log or secure. */
const AUTH_PROGRAMS = [
  ...[
    'login',
    'systemd-logind',
    'polkitd',
    'pkexec',
    'doas',
    'passwd',
    'chpasswd',
    'chage',
    'chsh',
    'chfn',
    'useradd',
    'usermod',
    'userdel',
  ],
  ...[
    'groupadd',
    'groupmod',
    'groupdel',
    'newusers',
    'gdm-password',
    'lightdm',
    'sssd',
    'sssd_be',
    'unix_chkpwd',
    'runuser',
    'vsftpd',
    'xrdp-sesman',
  ],
]

const LINUX_SERVICES: Readonly<Record<string, readonly Admission[]>> = {
  auditd: [AUDITD],
  auth: [whole('sshd'), whole('sudo'), whole('su'), whole('cron'), syslogOf(...AUTH_PROGRAMS)],
  clamav: [CLAM],
  cron: [whole('cron')],
  guacamole: [syslogOf('guacd', 'guacamole', 'tomcat', 'tomcat8', 'tomcat9', 'tomcat10'), whole('tomcat-log', 'Tomcat messages')],
  sshd: [whole('sshd')],
  su: [whole('su')],
  sudo: [whole('sudo')],
  syslog: ALL_SYSLOG,
  vsftpd: [syslogOf('vsftpd'), whole('vsftpd', 'vsftpd.log')],
}

const ALL_LINUX: readonly Admission[] = [
  ...ALL_SYSLOG,
  AUDITD,
  { what: 'Sysmon for Linux', product: 'sysmon', channels: ['linux-sysmon/operational'] },
  whole('shell-history', 'shell histories'),
  whole('vsftpd', 'vsftpd.log'),
]

/** The admissions of a category on Linux. */
export function linuxCategory(category: string): readonly Admission[] {
  const own: readonly Admission[] =
    category === 'process_creation'
      ? [
          { what: 'auditd program starts', product: 'auditd', kinds: PROCESS, view: auditdStart },
          { what: 'commands run by sudo', product: 'sudo', kinds: PROCESS, view: sudoCommand },
        ]
      : category === 'antivirus'
        ? [clamAsAntivirus]
        : []
  return [...sysmonCategory('linux', category), ...own]
}

/** Gate of a log source of product linux; undefined when its category or service is none we know. */
export function linuxGate(category: string | undefined, service: string | undefined): Gate | undefined {
  if (category === undefined && service === undefined) return gateOfAdmissions(ALL_LINUX)
  const byService = service === undefined ? undefined : listed(LINUX_SERVICES, service)
  if (service !== undefined && byService === undefined) return undefined
  if (category === undefined) return byService && gateOfAdmissions(byService)
  const admissions = linuxCategory(category).filter(({ product }) => !byService || byService.some(own => own.product === product))
  return admissions.length > 0 ? gateOfAdmissions(admissions) : undefined
}
