// Numbers of the calls that tell a story, by architecture: arch/x86/entry/syscalls/syscall_{64,32}.tbl and include/uapi/asm-generic/unistd.h of Linux.

const X86_64: Readonly<Record<number, string>> = {
  2: 'open',
  42: 'connect',
  43: 'accept',
  49: 'bind',
  59: 'execve',
  76: 'truncate',
  82: 'rename',
  83: 'mkdir',
  84: 'rmdir',
  85: 'creat',
  86: 'link',
  87: 'unlink',
  88: 'symlink',
  90: 'chmod',
  92: 'chown',
  101: 'ptrace',
  132: 'utime',
  175: 'init_module',
  235: 'utimes',
  257: 'openat',
  258: 'mkdirat',
  260: 'fchownat',
  261: 'futimesat',
  263: 'unlinkat',
  264: 'renameat',
  266: 'symlinkat',
  268: 'fchmodat',
  280: 'utimensat',
  288: 'accept4',
  313: 'finit_module',
  316: 'renameat2',
  322: 'execveat',
}
const I386: Readonly<Record<number, string>> = {
  5: 'open',
  8: 'creat',
  9: 'link',
  10: 'unlink',
  11: 'execve',
  15: 'chmod',
  38: 'rename',
  39: 'mkdir',
  40: 'rmdir',
  128: 'init_module',
  295: 'openat',
  301: 'unlinkat',
  302: 'renameat',
  358: 'execveat',
  362: 'connect',
}
const AARCH64: Readonly<Record<number, string>> = {
  34: 'mkdirat',
  35: 'unlinkat',
  38: 'renameat',
  53: 'fchmodat',
  54: 'fchownat',
  56: 'openat',
  88: 'utimensat',
  105: 'init_module',
  200: 'bind',
  203: 'connect',
  221: 'execve',
  273: 'finit_module',
  276: 'renameat2',
  281: 'execveat',
}
const BY_ARCHITECTURE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  c000003e: X86_64,
  '40000003': I386,
  c00000b7: AARCH64,
}

/** Name of the call of a SYSCALL record: as auditd looked it up, else by its number; '' when it tells nothing here. */
export function systemCallOf(fields: Readonly<Record<string, string>>): string {
  const named = fields['SYSCALL'] ?? ''
  if (named !== '') return named
  const call = fields['syscall'] ?? ''
  if (!/^\d+$/.test(call)) return call
  return BY_ARCHITECTURE[fields['arch'] ?? '']?.[Number(call)] ?? ''
}
