import { canonicalAddress, type EventFields } from '../../model/index.ts'
import { addressOf, type Fields, numberOf, said, word } from './fields.ts'

/** "https(203.0.113.9)", "ssh(…)", "jsconsole", "console", "GUI(…)". */
const INTERFACE = /^([\w-]+)(?:\(([^)]*)\))?/

/** Log-ins of administrators and users, configuration, logging; undefined for anything else. */
export function adminEvent(fields: Fields): readonly EventFields[] | undefined {
  const event = configChange(fields) ?? crash(fields) ?? logEvent(fields) ?? loginEvent(fields) ?? maintenance(fields)
  return event && [event]
}

function interfaceOf(fields: Fields): { readonly name: string; readonly address: string } {
  const match = INTERFACE.exec(said(fields, 'ui') || said(fields, 'method'))
  const inside = match?.[2] ?? ''
  return {
    name: (match?.[1] ?? '').toLowerCase(),
    address: addressOf(fields, 'srcip') || (/^[\d.]+$|:/.test(inside) ? canonicalAddress(inside) : ''),
  }
}

const WAYS: Readonly<Record<string, string>> = { https: 'web', http: 'web', gui: 'web', jsconsole: 'web', 'api-user': 'api' }
const LOGIN = /^(?:login|authentication|auth-logon|fsso-logon|radius-logon)$/
const LOGOUT = /^(?:logout|auth-logout|fsso-logoff|timeout)$/

function loginEvent(fields: Fields): EventFields | undefined {
  const action = word(fields, 'action')
  const isLogout = LOGOUT.test(action)
  if (!isLogout && !LOGIN.test(action)) return undefined
  const status = word(fields, 'status')
  const { name, address } = interfaceOf(fields)
  const way = name || word(fields, 'authproto').replace(/\(.*$/, '')
  return {
    kind: 'authentication',
    // Log id 32021 only says that further attempts are refused for a while.
    action: isLogout ? 'logoff' : /32021$/.test(fields['logid'] ?? '') ? 'validate' : 'logon',
    outcome: /fail|denied|timed? ?out|error/.test(status) ? 'failure' : 'success',
    user: said(fields, 'user'),
    srcIp: address,
    srcPort: numberOf(fields, 'srcport'),
    target: word(fields, 'devname'),
    protocol: WAYS[way] ?? way,
    logonId: said(fields, 'sn'),
    process: said(fields, 'ui'),
    reason: said(fields, 'reason'),
  }
}

const CONFIG_ACTIONS: Readonly<Record<string, string>> = {
  add: 'add',
  edit: 'set',
  set: 'set',
  delete: 'delete',
  move: 'set',
  clone: 'add',
  rename: 'set',
}

/** Log ids 44544 to 44547: path, object and attribute configured. */
function configChange(fields: Fields): EventFields | undefined {
  const path = said(fields, 'cfgpath')
  if (path === '') return undefined
  const { name, address } = interfaceOf(fields)
  return {
    kind: 'device_config',
    action: CONFIG_ACTIONS[word(fields, 'action')] ?? 'set',
    user: said(fields, 'user'),
    srcIp: address,
    interface: name,
    object: [path, said(fields, 'cfgobj')].filter(text => text !== '').join(' '),
    attribute: said(fields, 'cfgattr'),
    command: '',
  }
}

/** Log id 32546: "Pid: 221, application: sslvpnd, Firmware: …, Signal 11 received": what a failed or a successful exploit leaves behind. */
function crash(fields: Fields): EventFields | undefined {
  const text = said(fields, 'msg')
  if (!/application crashed|Signal \d+ received/i.test(`${said(fields, 'logdesc')} ${text}`)) return undefined
  return {
    kind: 'service_activity',
    action: 'crash',
    name: (/\bapplication: ?([\w.-]+)/i.exec(text)?.[1] ?? said(fields, 'service')).toLowerCase(),
    path: text.slice(0, 500),
  }
}

/** Sentences of the log reference about the device's own logs. */
const LOG_SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/\blogs? (?:files? )?(?:\w+ )?(?:deleted|cleared|purged|erased)|clear(?:ed)? (?:\w+ )?log|log-clear/i, 'cleared'],
  [/\blog (?:disk|device) (?:is )?full|disk full|logs? (?:disk )?(?:quota|usage) .*full/i, 'full'],
  [/\blogs? (?:\w+ )?(?:dropped|lost|discarded)/i, 'dropped'],
  [/\blogging (?:\w+ )?(?:disabled|stopped)|syslog .*(?:disabled|stopped)/i, 'stopped'],
]

function logEvent(fields: Fields): EventFields | undefined {
  const text = `${said(fields, 'action')} ${said(fields, 'logdesc')} ${said(fields, 'msg')}`.slice(0, 2000)
  const action = LOG_SENTENCES.find(([pattern]) => pattern.test(text))?.[1]
  return action === undefined
    ? undefined
    : {
        kind: 'log_activity',
        action,
        log: 'fortigate',
        user: said(fields, 'user'),
        detail: said(fields, 'msg') || said(fields, 'logdesc'),
      }
}

const MAINTENANCE: readonly (readonly [RegExp, string])[] = [
  [/\breboot|shut ?down|restart/i, 'restart'],
  [/\bback(?:ed)?[ -]?up\b|config(?:uration)?[ -]download|\bexport/i, 'download'],
  [/\brestore|firmware|\bupload|image (?:loaded|upgrade)|upgrade/i, 'upload'],
]

/** Backup, restore, firmware, restart by an administrator. */
function maintenance(fields: Fields): EventFields | undefined {
  if (word(fields, 'subtype') !== 'system' || said(fields, 'user') === '') return undefined
  const text = `${said(fields, 'action')} ${said(fields, 'logdesc')}`
  const action = MAINTENANCE.find(([pattern]) => pattern.test(text))?.[1]
  if (action === undefined) return undefined
  const { name, address } = interfaceOf(fields)
  return {
    kind: 'device_config',
    action,
    user: said(fields, 'user'),
    srcIp: address,
    interface: name,
    object: said(fields, 'logdesc'),
    command: said(fields, 'msg'),
  }
}
