import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import { isLinuxProcess, isMaintenance, isServiceAccount } from './places.ts'

const SH = '(?:/usr)?(?:/bin/)?(?:ba|da|z|k)?sh\\b'
/**
 * Programs that sudo is often allowed to run and that start a shell when they are asked: GTFOBins ("sudo"), arguments as plain text. An
 * administrator who may open a root shell types `sudo -i`; this is the way of one who may not.
 */
const ESCAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:octave(?:-cli)?|matlab|scilab|r|rscript)\b.* -{1,2}(?:eval|e|r)\b.*\bsystem ?\(/, 'an interpreter of mathematics'],
  [/\bpython[\d.]* -c .*(?:\bos\.(?:system|exec|popen)|\bpty\.spawn|\bsubprocess|setuid)/, 'Python'],
  [/\bperl\b.* -\w*e .*(?:\bexec\b|\bsystem\b)/, 'Perl'],
  [/\bruby\b.* -\w*e .*(?:\bexec\b|\bsystem\b|`)/, 'Ruby'],
  [/\b(?:lua|luajit)\S* -e .*\bos\.execute\b/, 'Lua'],
  [/\bphp\d* -r .*(?:\bsystem|\bexec|\bpassthru|\bpcntl_exec)\b/, 'PHP'],
  [/\b(?:node|nodejs) -e .*\bchild_process\b/, 'Node'],
  [/\b(?:g|m|n)?awk\b.*\bsystem ?\(/, 'awk'],
  [new RegExp(`\\bfind\\b.* -exec (?:\\S*/)?${SH}`), 'find'],
  [/\b(?:vi|vim|view|rvim|nvim|ex|ed)\b.* (?:-c|\+|--cmd) ?:?(?:!|py\S* .*(?:os\.|pty)|set shell|shell\b)/, 'vi'],
  [
    new RegExp(`\\b(?:less|more|man|journalctl|git|psql|mysql|ftp|gdb|screen|tmux)\\b.*(?:!|\\\\!) ?(?:/|${SH})`),
    'a program with a shell escape',
  ],
  [/\btar\b.*--checkpoint-action=exec|\btar\b.* --to-command|\btar\b.*--use-compress-program=\S*sh\b/, 'tar'],
  [new RegExp(`\\b(?:zip)\\b.* (?:-tt|--unzip-command) .*${SH}`), 'zip'],
  [
    new RegExp(
      `\\b(?:env|nice|timeout|time|stdbuf|setarch|flock|xargs|taskset|unshare|nsenter|strace|watch|ionice|chroot|expect -c)\\b[^|;]* ${SH}$`,
    ),
    'a program that starts others',
  ],
  [/\bnmap\b.*--(?:interactive|script=\/(?:tmp|dev\/shm))/, 'nmap'],
  [
    /\bdocker\b.* run\b.* -v ?\/:|\bdocker\b.*--privileged.* -v ?\/:|\blxc\b.*security\.privileged=true/,
    'a container with the whole disk',
  ],
  [/\b(?:make|gcc|cc)\b.*(?:-s --eval|-wrapper) .*sh\b/, 'a build tool'],
]
/** sudo -u#-1 (CVE-2019-14287); sudoedit -s with a backslash (CVE-2021-3156); sudo -R with a folder of one's own (CVE-2025-32463). */
const EXPLOITS: readonly (readonly [RegExp, string])[] = [
  [/\bsudo\b.* -u ?#?(?:-1|4294967295)\b/, 'CVE-2019-14287'],
  [/\bsudoedit\b.* -s\b.*\\(?:\s|$)/, 'CVE-2021-3156'],
  [/\bsudo\b.* (?:-r|--chroot)[ =]?(?:\/tmp|\/var\/tmp|\/dev\/shm|\.\/|[a-z0-9_-]+ )/, 'CVE-2025-32463'],
]
const SUDOERS = /^\/etc\/sudoers(?:\.d\/[^/]+)?$/
const SUDOERS_WRITE =
  /(?:>>?|\btee\b(?: -\w+)*|\b(?:cp|mv)\b .*|\bsed\b.* -i.*) *\/etc\/sudoers(?:\.d\/\S+)?|\becho\b.*\bnopasswd\b.*>/

/** sudo is made to give more than it should. */
export const sudoAbuse: RecordDetector<'process_activity' | 'file_activity'> = {
  on: 'record',
  id: 'linux/sudo-abuse',
  title: 'sudo used to get a root shell around its rules',
  reads: ['process_activity', 'file_activity'],
  techniques: ['T1548.003'],
  severity: 'high',
  confidence: 'moderate',
  why: 'A program allowed by sudo that is made to start commands gives its user everything; so does a rule added to sudoers.',
  innocent: 'an administrator who runs one command through a script language, or configuration management that writes sudoers',
  detect: event => (event.kind === 'file_activity' ? written(event) : ran(event)),
}

/** The account that called sudo: Sysmon names the parent's, sudo's own log and auditd the caller itself. */
function callerOf(process: EventOf<'process_activity'>): string {
  const parent = process.original.get('ParentUser') ?? ''
  return parent !== '' && parent !== '-' ? parent : (process.user ?? '')
}

function ran(process: EventOf<'process_activity'>): Match | undefined {
  if (process.action !== 'start' || !isLinuxProcess(process)) return undefined
  const line = process.commandLine ?? ''
  const plain = plainCommand(line)
  const caller = callerOf(process)
  const accounts = caller === '' ? [] : [caller]
  const cve = plain.includes('sudo') ? EXPLOITS.find(([pattern]) => pattern.test(line.toLowerCase()))?.[1] : undefined
  if (cve)
    return {
      title: `sudo called the way ${cve} is exploited: ${shortCommand(line)}`,
      object: 'sudo',
      techniques: ['T1068', 'T1548.003'],
      accounts,
    }
  if (plain.includes('sudoers') && SUDOERS_WRITE.test(plain) && !isMaintenance(process.parentImage ?? ''))
    return { title: `sudoers changed: ${shortCommand(line)}`, object: '/etc/sudoers', severity: 'medium', accounts }
  const bySudo = fileNameOf(process.parentImage ?? '') === 'sudo'
  const typed = /^(?:\S*\/)?sudo (?:-\S+ (?:\S+ )?)*?(?=\S)/.exec(plain)
  if (!bySudo && !typed) return undefined
  const way = ESCAPES.find(([pattern]) => pattern.test(plain))
  if (!way) return undefined
  return {
    title: `${caller || 'somebody'} ran commands as root through ${way[1]} under sudo: ${shortCommand(line)}`,
    // What sudo was asked and what it started are one thing.
    object: `sudo ${way[1]}`,
    severity: isServiceAccount(caller) ? 'critical' : 'high',
    techniques: ['T1548.003', 'T1059'],
    accounts,
  }
}

function written(file: EventOf<'file_activity'>): Match | undefined {
  const path = file.path ?? ''
  const image = file.image ?? ''
  if (!/^(?:create|write|rename)$/.test(file.action ?? '') || !SUDOERS.test(path)) return undefined
  // visudo checks what an administrator writes; sudo and packages keep their own files there.
  if (isMaintenance(image) || /^(?:visudo|sudo|vim?|nano)$/.test(fileNameOf(image))) return undefined
  return {
    title: `${path} was written by ${fileNameOf(image) || 'a program'}`,
    object: path,
    severity: 'medium',
    accounts: file.user ? [file.user] : [],
  }
}
