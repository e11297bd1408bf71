import { canonicalAddress, type EventFields } from '../../model/index.ts'
import type { IvantiRecord } from './parse.ts'

/**
 * What a record means, by its sentence first: the message codes (AUT24326 …) are many and change between versions, the sentences hardly
 * do. Codes are those of the "Log Monitoring" pages of the administration guide.
 */
export function meaningsOf(record: IvantiRecord): readonly EventFields[] {
  const { code } = record
  const text = record.message.slice(0, 4096)
  const srcIp = canonicalAddress(/\bfrom ([0-9a-fA-F]{1,4}[0-9a-fA-F.:]{3,44})\b/.exec(text)?.[1] ?? record.srcIp)
  const user = record.user === 'System' || record.user === '' ? (/\bfor ([^/\s]+)\//.exec(text)?.[1] ?? '') : record.user
  const who = { user, srcIp }
  const isAdmin = code.startsWith('ADM') || /\badministrator\b|Admin Users/i.test(`${text} ${record.realm}`)
  const protocol = isAdmin ? 'web' : 'ssl-vpn'
  if (/log(?:s| file)? (?:was |were )?(?:cleared|deleted)|cleared (?:the )?\w* ?log/i.test(text))
    return [{ kind: 'log_activity', action: 'cleared', log: 'ivanti', user, detail: text.slice(0, 500) }]
  if (/(?:Primary|Secondary) authentication (?:successful|accepted|failed|rejected)/i.test(text))
    return [
      {
        kind: 'authentication',
        action: /fail|reject/i.test(text) ? 'logon' : 'validate',
        outcome: /fail|reject/i.test(text) ? 'failure' : 'success',
        ...who,
        protocol,
        reason: /fail|reject/i.test(text) ? text.slice(0, 200) : '',
      },
    ]
  const login = /\blogin (succeeded|failed|denied)/i.exec(text)
  if (login) {
    const failed = login[1]?.toLowerCase() !== 'succeeded'
    const logon: EventFields = {
      kind: 'authentication',
      action: 'logon',
      outcome: failed ? 'failure' : 'success',
      ...who,
      protocol,
      process: /\bwith (\S.{0,200}?)\.?$/.exec(text)?.[1] ?? '',
      reason: failed ? (/Reason: (.*)$/.exec(text)?.[1] ?? text.slice(0, 200)) : '',
    }
    return failed && !isAdmin ? [logon, tunnel('failure', record, who, text)] : [logon]
  }
  if (/^(?:VPN Tunneling: )?(?:ACL |.*\bsession started|VPN tunnel started)/i.test(text) && /started/i.test(text))
    return [tunnel('up', record, who, text)]
  if (/session (?:ended|closed)|VPN tunnel stopped|Closed connection/i.test(text)) return [tunnel('down', record, who, text)]
  if (/User with IP .* connected with/i.test(text)) return [tunnel('assigned', record, who, text)]
  if (/\blogout\b|logged out|session timed out/i.test(text))
    return [{ kind: 'authentication', action: 'logoff', outcome: 'success', ...who, protocol }]
  if (
    /integrity (?:check|scan)|unexpected (?:new|modified) files?|factory reset/i.test(text) &&
    /(?:mismatch|new files?|modified|fail|detected|unexpected)/i.test(text)
  )
    return [{ kind: 'detection_finding', title: text.slice(0, 300), signature: code, category: 'integrity', severity: 1 }]
  if (isAdmin && /(?:chang|updat|sav|creat|add|delet|remov|modif|import|export|upload|restor)\w*/i.test(text))
    return [
      {
        kind: 'device_config',
        action: /delet|remov/i.test(text)
          ? 'delete'
          : /creat|\badd/i.test(text)
            ? 'add'
            : /export/i.test(text)
              ? 'download'
              : /import|upload|restor/i.test(text)
                ? 'upload'
                : 'set',
        ...who,
        interface: 'web',
        object: text.split(' | ')[0]?.slice(0, 200) ?? '',
        command: text,
      },
    ]
  return [{ kind: 'other_activity', message: code === '' ? text : `${code}: ${text}`, ...who }]
}

function tunnel(
  action: string,
  record: IvantiRecord,
  who: { readonly user: string; readonly srcIp: string },
  text: string,
): EventFields {
  const assigned = /\b(?:with|to|User with) (?:IPv4 address|IP(?:v4)?(?: address)?) ?\(?([0-9.]{7,15})/i.exec(text)?.[1] ?? ''
  return {
    kind: 'tunnel_activity',
    action,
    protocol: 'ssl-vpn',
    ...who,
    assignedIp: assigned,
    group: record.realm,
    client: /hostname (\S+)/.exec(text)?.[1]?.replace(/[,.]$/, '') ?? record.fields['agent'] ?? '',
    reason: text.slice(0, 300),
  }
}
