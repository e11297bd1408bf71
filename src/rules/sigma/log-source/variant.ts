import type { SecurityEvent } from '../../../model/index.ts'
import { languageOf } from './applications.ts'

/** Rights of an access mask that change what is in a file or add one to a folder (winnt.h: FILE_WRITE_DATA, FILE_APPEND_DATA). */
const WRITES = 0x2 | 0x4

/** More than any program's name; the rest is no name. */
const MAX_NAME = 64

/** What product and event code leave open, as a word of a small vocabulary, so that a log source can be told from the key alone. */
export function variantOf(event: SecurityEvent, product: string): string {
  switch (product) {
    case 'sysmon':
    case 'security':
      return windowsVariant(event, product)
    case 'sshd':
    case 'sudo':
    case 'su':
    case 'cron':
    case 'syslog':
      return syslogVariant(event)
    case 'fortigate':
      return (event.original.get('type') ?? '').slice(0, MAX_NAME).toLowerCase()
    case 'access-log':
    case 'iis':
    case 'tomcat':
      return isProxied(event) ? 'proxied' : ''
    case 'application-log':
    case 'container-log':
    case 'apache-error':
      return languageOf(event.original.text())
    default:
      return ''
  }
}

/** The same for records of Windows channels, which need not have become events. */
export function windowsVariant(record: Pick<SecurityEvent, 'code' | 'original'>, product: string): string {
  if (product === 'security') return securityVariant(record)
  return product === 'sysmon' && record.code === '12' ? sysmonRegistry(record) : ''
}

function sysmonRegistry(event: Pick<SecurityEvent, 'original'>): string {
  switch (event.original.get('EventType')) {
    case 'CreateKey':
      return 'key-added'
    case 'DeleteKey':
    case 'DeleteValue':
      return 'deleted'
    default:
      return ''
  }
}

function securityVariant({ code, original }: Pick<SecurityEvent, 'code' | 'original'>): string {
  switch (code) {
    case '4657':
      return original.get('OperationType') === '%%1906' ? 'deleted' : 'set'
    case '4656':
    case '4663':
      return accessVariant(original.get('ObjectType') ?? '', original.get('AccessMask') ?? '', original.get('Keywords') ?? '')
    case '5145':
      return shareVariant(original.get('ShareName') ?? '', original.get('AccessMask') ?? '', original.get('Keywords') ?? '')
    default:
      return ''
  }
}

/** Audit failure bit of Keywords (winmeta.h: win:AuditFailure). */
const isRefused = (keywords: string) => /^0x80(?:1|3)/i.test(keywords)

function accessVariant(type: string, mask: string, keywords: string): string {
  if (isRefused(keywords)) return 'refused'
  if (type === 'Process') return 'process'
  if (type === 'File') return (Number(mask) & WRITES) !== 0 ? 'file-write' : 'file'
  return type === 'Key' ? 'key' : ''
}

function shareVariant(share: string, mask: string, keywords: string): string {
  if (isRefused(keywords)) return 'refused'
  if (/\\IPC\$$/i.test(share)) return 'pipe'
  return (Number(mask) & WRITES) !== 0 ? 'file-write' : 'file'
}

/** Program of the message, and network devices by the mark they begin their messages with. */
function syslogVariant({ original }: SecurityEvent): string {
  const program = original.get('program') ?? original.get('ProcessName') ?? ''
  if (program.startsWith('%%') || /^%%\d/.test(original.get('message') ?? '')) return 'huawei'
  const name = program.replace(/^.*\//, '').toLowerCase()
  return /^[\w.@+-]{1,64}$/.test(name) ? name : ''
}

/** A request for another server's address came to a proxy (RFC 9112 section 3.2: absolute-form, authority-form). */
function isProxied(event: SecurityEvent): boolean {
  return event.kind === 'http_activity' && (event.method === 'CONNECT' || /^[a-z][a-z0-9+.-]*:\/\//i.test(event.path ?? ''))
}
