import { canonicalAddress, type EventFields } from '../../model/index.ts'

/** What a message means; what nobody mapped becomes other_activity with its text. */
export function meaningOf(code: string, message: string): EventFields {
  const text = message.slice(0, 8192)
  switch (code) {
    case 'PARSER-5-CFGLOG_LOGGEDCMD': {
      const [, user = '', command = ''] = /^User: ?(\S*)\s+logged command: ?(.*)$/s.exec(text) ?? []
      return { kind: 'device_config', action: 'command', user, command: command || text }
    }
    case 'SYS-5-CONFIG_I': {
      const [, how = '', user = '', address = ''] =
        /^Configured from (\S+)(?: by (\S+))?(?: on \S+)?(?: \(([^)]+)\))?/.exec(text) ?? []
      return { kind: 'device_config', action: 'set', user, interface: how, srcIp: canonicalAddress(address), command: text }
    }
    case 'SEC_LOGIN-5-LOGIN_SUCCESS':
    case 'SEC_LOGIN-4-LOGIN_FAILED': {
      const isFailure = code.endsWith('FAILED')
      return {
        kind: 'authentication',
        action: 'logon',
        outcome: isFailure ? 'failure' : 'success',
        user: /\[user: ?([^\]]*)\]/.exec(text)?.[1] ?? '',
        srcIp: canonicalAddress(/\[Source: ?([^\]]*)\]/.exec(text)?.[1] ?? ''),
        reason: /\[Reason: ?([^\]]*)\]/.exec(text)?.[1] ?? '',
        protocol: 'device',
      }
    }
    default:
      return { kind: 'other_activity', message, srcIp: /\b(\d{1,3}(?:\.\d{1,3}){3})\b/.exec(text)?.[1] ?? '' }
  }
}
