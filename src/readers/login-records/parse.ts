// struct utmp and struct lastlog of glibc on 64-bit Linux (utmp(5)): bits/utmp.h; numbers little-endian, times 32 bits for compatibility.

export const UTMP_BYTES = 384
export const LASTLOG_BYTES = 292

/** Kinds of record by number: utmp.h. */
export const UTMP_TYPES = [
  'EMPTY',
  'RUN_LVL',
  'BOOT_TIME',
  'NEW_TIME',
  'OLD_TIME',
  'INIT_PROCESS',
  'LOGIN_PROCESS',
  'USER_PROCESS',
  'DEAD_PROCESS',
  'ACCOUNTING',
] as const
export type UtmpType = (typeof UTMP_TYPES)[number]

/** One log-in record. */
export interface UtmpRecord {
  readonly type: UtmpType
  readonly pid: number
  readonly line: string
  readonly user: string
  readonly host: string
  /** Address as text; '' when none. */
  readonly address: string
  readonly session: number
  readonly seconds: number
  readonly microseconds: number
  /** Every byte is zero: nothing was written there, or it was wiped. */
  readonly isBlank: boolean
}

const text = new TextDecoder()

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return text.decode(end < 0 ? field : field.subarray(0, end))
}

/** The record of 384 bytes; undefined when it is none. */
export function parseUtmp(bytes: Uint8Array): UtmpRecord | undefined {
  if (bytes.length < UTMP_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, UTMP_BYTES)
  const type = UTMP_TYPES[view.getInt16(0, true)]
  const microseconds = view.getInt32(344, true)
  if (type === undefined || microseconds < 0 || microseconds >= 1_000_000) return undefined
  return {
    type,
    pid: view.getInt32(4, true),
    line: textAt(bytes, 8, 32),
    user: textAt(bytes, 44, 32),
    host: textAt(bytes, 76, 256),
    address: addressAt(bytes, 348),
    session: view.getInt32(336, true),
    seconds: view.getUint32(340, true),
    microseconds,
    isBlank: bytes.subarray(0, UTMP_BYTES).every(byte => byte === 0),
  }
}

/** Four words; an IPv4 address has only the first. */
function addressAt(bytes: Uint8Array, at: number): string {
  const all = bytes.subarray(at, at + 16)
  if (all.every(byte => byte === 0)) return ''
  if (all.subarray(4).every(byte => byte === 0)) return [...all.subarray(0, 4)].join('.')
  const groups = Array.from({ length: 8 }, (_, index) => (((all[index * 2] ?? 0) << 8) | (all[index * 2 + 1] ?? 0)).toString(16))
  return groups.join(':')
}

/** One account's last log-in; undefined when it never logged in or the bytes are none. */
export function parseLastlog(
  bytes: Uint8Array,
): { readonly seconds: number; readonly line: string; readonly host: string } | undefined {
  if (bytes.length < LASTLOG_BYTES) return undefined
  const seconds = new DataView(bytes.buffer, bytes.byteOffset, LASTLOG_BYTES).getUint32(0, true)
  return seconds === 0 ? undefined : { seconds, line: textAt(bytes, 4, 32), host: textAt(bytes, 36, 256) }
}

/** Years in which Linux kept such records. */
export const isPossibleTime = (seconds: number) => seconds >= 631_152_000 && seconds < 4_102_444_800
