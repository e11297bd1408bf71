import { canonicalAddress, type EventFields, isAddress, type Micros } from '../../model/index.ts'
import { type AuditRecord, argumentsOf, commandLineOf, socketAddress } from './parse.ts'
import { systemCallOf } from './system-calls.ts'

/** What one audit event (records of one serial) means. */
export interface AuditMeaning {
  /** Type of the record that carries the meaning. */
  readonly type: string
  readonly fields: EventFields
}

/** Programs by process id as earlier records of the log showed them: the audit log itself names no parent. */
export interface KnownPrograms {
  programOf(pid: number): string
  saw(pid: number, program: string): void
}

/** Records of one event under one set of names: the first record that has a name gives its value. */
type Fields = Readonly<Record<string, string>>

const UNSET = '4294967295'
/** Reserved for good: Debian's base-passwd has www-data, Red Hat's setup package has apache (their uidgid lists). */
const WEB_ACCOUNT: Readonly<Record<'labelled' | 'plain', readonly [id: string, name: string]>> = {
  labelled: ['48', 'apache'],
  plain: ['33', 'www-data'],
}

function accountOf(fields: Fields, name: 'uid' | 'auid' | 'euid'): string {
  const looked = fields[name.toUpperCase()] ?? ''
  if (looked !== '' && looked !== 'unset' && !looked.startsWith('unknown(')) return looked
  const id = fields[name] ?? ''
  if (id === '0') return 'root'
  if (id === UNSET || id === '-1' || id === 'unset') return ''
  // SELinux labels mark Red Hat's family.
  const [reserved, account] = WEB_ACCOUNT[/:.*:/.test(fields['subj'] ?? '') ? 'labelled' : 'plain']
  return id === reserved ? account : id
}

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
const outcomeOf = (fields: Fields) =>
  /^(?:success|yes|1)$/.test(fields['res'] ?? fields['result'] ?? '')
    ? 'success'
    : /^(?:failed|no|0)$/.test(fields['res'] ?? fields['result'] ?? '')
      ? 'failure'
      : ''

function addressOf(fields: Fields): string {
  const address = fields['addr'] ?? ''
  if (isAddress(address)) return canonicalAddress(address)
  const host = fields['hostname'] ?? ''
  return isAddress(host) ? canonicalAddress(host) : ''
}

/** A path as the call gave it, from the folder the process stood in. */
function pathFrom(folder: string, path: string): string {
  if (path === '' || path.startsWith('/') || folder === '') return path
  return `${folder.replace(/\/$/, '')}/${path.replace(/^\.\//, '')}`
}

/** The meaning of one event. `records` share a serial and are in the order of the log. */
export function meaningOf(records: readonly AuditRecord[], programs: KnownPrograms): readonly AuditMeaning[] {
  const [first] = records
  if (!first) return []
  const call = records.find(({ type }) => type === 'SYSCALL')
  if (call || records.some(({ type }) => type === 'EXECVE')) return systemCall(records, call, programs)
  return records
    .filter(({ type }) => type !== 'EOE' && type !== 'PROCTITLE')
    .map(record => ({ type: record.type, fields: userRecord(record) }))
}

function systemCall(
  records: readonly AuditRecord[],
  call: AuditRecord | undefined,
  programs: KnownPrograms,
): readonly AuditMeaning[] {
  const fields: Fields = call?.fields ?? {}
  const name = records.some(({ type }) => type === 'EXECVE') && call === undefined ? 'execve' : systemCallOf(fields)
  const pid = number(fields['pid'])
  const parentPid = number(fields['ppid'])
  const exe = fields['exe'] ?? ''
  const folder = records.find(({ type }) => type === 'CWD')?.fields['cwd'] ?? ''
  // What a process was before it became another program, or what its parent is.
  const before =
    (pid === undefined ? '' : programs.programOf(pid)) || (parentPid === undefined ? '' : programs.programOf(parentPid))
  const failed = fields['success'] === 'no'
  if (pid !== undefined && exe !== '') programs.saw(pid, exe)
  const user = accountOf(fields, 'euid') || accountOf(fields, 'uid')
  const context: Call = { records, fields, name, pid, parentPid, exe, folder, user, failed }
  const meaning = execution(context, before) ?? connection(context) ?? fileCall(context) ?? moduleLoad(context)
  const main = name.startsWith('execve') ? 'EXECVE' : 'SYSCALL'
  const others = records
    .filter(({ type }) =>
      /^(?:AVC|USER_AVC|SELINUX_ERR|CONFIG_CHANGE|LOGIN|NETFILTER_CFG|KERN_MODULE|ANOM_\w+|SECCOMP|TTY)$/.test(type),
    )
    .map(record => ({ type: record.type, fields: userRecord(record) }))
  if (meaning) return [{ type: main, fields: meaning }, ...others]
  if (others.length > 0) return others
  const called = name || (fields['syscall'] ?? '')
  return [
    {
      type: main,
      fields: {
        kind: 'other_activity',
        message: `system call ${called}${failed ? ' failed' : ''}${keyText(fields)}`,
        user,
        image: exe || fields['comm'],
      },
    },
  ]
}

interface Call {
  readonly records: readonly AuditRecord[]
  readonly fields: Fields
  readonly name: string
  readonly pid: number | undefined
  readonly parentPid: number | undefined
  readonly exe: string
  readonly folder: string
  readonly user: string
  readonly failed: boolean
}

const keyText = (fields: Fields) => (fields['key'] ? `, watched as ${fields['key'].replaceAll('\u0001', ', ')}` : '')

function execution(
  { records, fields, name, pid, parentPid, exe, folder, user, failed }: Call,
  before: string,
): EventFields | undefined {
  if (name !== 'execve' && name !== 'execveat') return undefined
  const words = argumentsOf(records)
  const title = records.find(({ type }) => type === 'PROCTITLE')?.fields['proctitle'] ?? ''
  const named = records.find(({ type, fields: path }) => type === 'PATH' && (path['item'] ?? '0') === '0')?.fields['name'] ?? ''
  if (failed) return { kind: 'other_activity', message: `could not start ${named || words[0] || title}`, user, image: exe }
  return {
    kind: 'process_activity',
    action: 'start',
    image: exe || pathFrom(folder, named) || words[0] || '',
    commandLine: words.length > 0 ? commandLineOf(words) : title,
    pid,
    parentPid,
    parentImage: before,
    user,
    logonId: fields['ses'] === UNSET || fields['ses'] === undefined ? '' : fields['ses'],
    currentDirectory: folder,
  }
}

function connection({ records, name, pid, exe, user, failed }: Call): EventFields | undefined {
  if (name !== 'connect' && name !== 'accept' && name !== 'accept4' && name !== 'bind') return undefined
  const address = records
    .filter(({ type }) => type === 'SOCKADDR')
    .map(({ fields }) => socketAddress(fields))
    .find(found => found !== undefined)
  if (!address || !isAddress(address.ip)) return undefined
  const ip = canonicalAddress(address.ip)
  const common = { kind: 'network_activity', protocol: '', image: exe, pid, user, initiatorKnown: true } as const
  if (name === 'bind') return { ...common, action: 'listen', srcIp: ip, srcPort: address.port }
  if (name !== 'connect') return { ...common, action: 'open', srcIp: ip, srcPort: address.port }
  // A connect that does not wait is "in progress" (EINPROGRESS, -115), not failed.
  return { ...common, action: 'open', dstIp: ip, dstPort: address.port, state: failed ? 'not at once' : '' }
}

/** open(2): access mode in the two lowest bits, O_CREAT 0100, O_TRUNC 01000. */
const WRITES = 0o3 | 0o100 | 0o1000

const FILE_ACTIONS: Readonly<Record<string, string>> = {
  creat: 'create',
  mkdir: 'create',
  mkdirat: 'create',
  link: 'create',
  symlink: 'create',
  symlinkat: 'create',
  unlink: 'delete',
  unlinkat: 'delete',
  rmdir: 'delete',
  rename: 'rename',
  renameat: 'rename',
  renameat2: 'rename',
  truncate: 'write',
  chmod: 'permission',
  fchmodat: 'permission',
  chown: 'permission',
  fchownat: 'permission',
  utime: 'time-changed',
  utimes: 'time-changed',
  futimesat: 'time-changed',
  utimensat: 'time-changed',
}

function fileCall({ records, fields, name, pid, exe, folder, user, failed }: Call): EventFields | undefined {
  const paths = records.filter(({ type }) => type === 'PATH').map(record => record.fields)
  const target =
    paths.findLast(path => path['nametype'] === 'CREATE') ??
    paths.find(path => path['nametype'] === 'DELETE') ??
    paths.findLast(path => path['nametype'] === 'NORMAL') ??
    paths[0]
  if (!target?.['name'] || failed) return undefined
  const opened = name === 'open' || name === 'openat' ? openAction(name, fields, target) : undefined
  const action = opened ?? FILE_ACTIONS[name]
  if (action === undefined) return undefined
  return { kind: 'file_activity', action, path: pathFrom(folder, target['name']), image: exe, pid, user }
}

function openAction(name: string, fields: Fields, target: Fields): string {
  if (target['nametype'] === 'CREATE') return 'create'
  const flags = Number.parseInt(fields[name === 'open' ? 'a1' : 'a2'] ?? '', 16)
  return Number.isNaN(flags) || (flags & WRITES) === 0 ? 'read' : 'write'
}

function moduleLoad({ records, name, pid, exe, user, failed }: Call): EventFields | undefined {
  if (!name.endsWith('init_module') || failed) return undefined
  const module =
    records.find(({ type }) => type === 'KERN_MODULE')?.fields['name'] ??
    records.find(({ type }) => type === 'PATH')?.fields['name'] ??
    ''
  return { kind: 'process_activity', action: 'load', image: exe, pid, user, module }
}

const ACCOUNT_ACTIONS: Readonly<Record<string, string>> = {
  ADD_USER: 'create',
  DEL_USER: 'delete',
  ADD_GROUP: 'create',
  DEL_GROUP: 'delete',
  USER_CHAUTHTOK: 'password-reset',
  ACCT_LOCK: 'disable',
  ACCT_UNLOCK: 'enable',
  USER_MGMT: 'change',
  GRP_MGMT: 'change',
  CHUSER_ID: 'change',
  CHGRP_ID: 'change',
  GRP_CHAUTHTOK: 'change',
  USER_ROLE_CHANGE: '',
}

/** A record that stands alone: written by a program (PAM, sudo, useradd, systemd) or by the kernel about itself. */
function userRecord({ type, fields, text }: AuditRecord): EventFields {
  const login = logOn(type, fields)
  if (login) return login
  const account = ACCOUNT_ACTIONS[type]
  if (account) return accountChange(type, fields, account)
  if (type === 'USER_CMD') return sudoCommand(fields)
  if (type === 'SERVICE_START' || type === 'SERVICE_STOP')
    return {
      kind: 'service_activity',
      action: type === 'SERVICE_START' ? 'start' : 'stop',
      name: fields['unit'] ?? fields['comm'] ?? '',
      user: accountOf(fields, 'uid'),
    }
  const log = auditItself(type, fields)
  if (log) return log
  if (type === 'TTY' || type === 'USER_TTY')
    return {
      kind: 'script_activity',
      engine: 'tty',
      text: fields['data'] ?? '',
      user: accountOf(fields, 'auid') || accountOf(fields, 'uid'),
      pid: number(fields['pid']),
    }
  return {
    kind: 'other_activity',
    message: `${type.toLowerCase()}: ${text.slice(text.indexOf('): ') + 3, 512)}`,
    user: fields['acct'] || accountOf(fields, 'auid') || accountOf(fields, 'uid'),
    srcIp: addressOf(fields),
    image: fields['exe'] ?? fields['comm'] ?? '',
  }
}

const programName = (fields: Fields) => (fields['exe'] ?? '').replace(/^.*\//, '')

function logOn(type: string, fields: Fields): EventFields | undefined {
  const program = programName(fields)
  const common = {
    kind: 'authentication',
    outcome: outcomeOf(fields),
    user: fields['acct'] || fields['ID'] || (fields['id'] === '0' ? 'root' : (fields['id'] ?? '')),
    srcIp: addressOf(fields),
    process: fields['exe'] ?? '',
    protocol: program.startsWith('sshd') ? 'ssh' : program,
    logonId: fields['ses'] === UNSET || fields['ses'] === undefined ? '' : fields['ses'],
    subjectUser: accountOf(fields, 'auid'),
  } as const
  switch (type) {
    case 'USER_LOGIN':
      return { ...common, action: 'logon', subjectUser: '' }
    case 'USER_AUTH':
      return { ...common, action: 'validate', protocol: fields['op']?.includes('pubkey') ? 'publickey' : common.protocol }
    case 'USER_START':
      return { ...common, action: 'session' }
    case 'USER_END':
    case 'USER_LOGOUT':
      return { ...common, action: 'logoff' }
    default:
      return undefined
  }
}

function accountChange(type: string, fields: Fields, action: string): EventFields {
  const outcome = outcomeOf(fields)
  const isGroup = type.includes('GROUP') || type.startsWith('GRP') || fields['op']?.includes('group') === true
  if (outcome === 'failure')
    return {
      kind: 'other_activity',
      message: `${type.toLowerCase()} failed: ${fields['op'] ?? ''} ${fields['acct'] ?? ''}`,
      user: accountOf(fields, 'auid'),
      image: fields['exe'] ?? '',
    }
  const target = fields['acct'] || fields['ID'] || fields['id'] || ''
  return {
    kind: 'account_change',
    action: isGroup && type === 'USER_MGMT' ? (fields['op']?.startsWith('delete') ? 'group-remove' : 'group-add') : action,
    user: accountOf(fields, 'auid') || accountOf(fields, 'uid'),
    ...(isGroup && type !== 'USER_MGMT'
      ? { group: fields['grp'] || target }
      : { targetUser: target, group: fields['grp'] ?? '' }),
    srcIp: addressOf(fields),
    process: fields['exe'] ?? '',
  }
}

/** sudo tells the audit log the command it runs. */
function sudoCommand(fields: Fields): EventFields {
  const command = fields['cmd'] ?? ''
  const user = accountOf(fields, 'auid') || accountOf(fields, 'uid')
  if (outcomeOf(fields) === 'failure')
    return {
      kind: 'authentication',
      action: 'privileges',
      outcome: 'failure',
      user,
      protocol: 'sudo',
      process: fields['exe'] ?? '',
      reason: `sudo refused ${command}`,
    }
  return {
    kind: 'process_activity',
    action: 'start',
    image: /^\S+/.exec(command)?.[0] ?? command,
    commandLine: command,
    pid: number(fields['pid']),
    parentImage: 'sudo',
    user,
    currentDirectory: fields['cwd'] ?? '',
  }
}

/** What happens to the audit log itself. */
function auditItself(type: string, fields: Fields): EventFields | undefined {
  const user = accountOf(fields, 'auid') || accountOf(fields, 'uid')
  const log = 'audit'
  switch (type) {
    case 'DAEMON_START':
      return { kind: 'log_activity', action: 'started', log, user, detail: 'auditd started' }
    case 'DAEMON_END':
    case 'DAEMON_ABORT':
      return {
        kind: 'log_activity',
        action: 'stopped',
        log,
        user,
        detail: type === 'DAEMON_END' ? 'auditd ended' : 'auditd was ended by an error',
      }
    case 'DAEMON_ERR':
      return { kind: 'log_activity', action: 'dropped', log, user, detail: fields['op'] ?? 'error of auditd' }
    case 'CONFIG_CHANGE': {
      // Switching auditing off is what matters; rules are loaded at each start.
      if (fields['audit_enabled'] === '0')
        return { kind: 'log_activity', action: 'stopped', log, user, detail: 'auditing was switched off (audit_enabled=0)' }
      const what = [fields['op'], fields['key'] && `key ${fields['key']}`, fields['path']].filter(Boolean).join(' ')
      return { kind: 'log_activity', action: 'policy-changed', log, user, detail: what || 'audit rules changed' }
    }
    default:
      return undefined
  }
}

/** Time of an event: that of its first record that has one. */
export const timeOfRecords = (records: readonly AuditRecord[]): Micros | undefined =>
  records.find(({ time }) => time !== undefined)?.time
