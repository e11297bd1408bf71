import type { EventFields } from '../../model/index.ts'
import { addressOf, durationOf, type Fields, numberOf, said, word } from './fields.ts'

const ACTIONS: Readonly<Record<string, string>> = {
  'tunnel-up': 'up',
  'tunnel-down': 'down',
  'phase2-up': 'up',
  'phase2-down': 'down',
  'tunnel-stats': 'seen',
  'ssl-new-con': 'seen',
  'ssl-login-fail': 'failure',
  'ssl-alert': 'failure',
  'ssl-exit-fail': 'failure',
  'ssl-exit-error': 'failure',
}

/** SSL-VPN and IPsec events. The line that lets a user in is the log-in too; undefined for what is neither. */
export function vpnEvent(fields: Fields): readonly EventFields[] | undefined {
  const action = word(fields, 'action')
  const status = word(fields, 'status')
  const isNegotiation = action === 'negotiate' || action === 'install_sa' || action === 'delete_ipsec_sa' || action === 'dpd'
  const meaning =
    (Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined) ??
    (isNegotiation ? (/fail|error/.test(status) ? 'failure' : 'seen') : undefined)
  if (meaning === undefined) return undefined
  const isSsl = action.startsWith('ssl-') || word(fields, 'tunneltype').startsWith('ssl')
  const protocol = isSsl ? 'ssl-vpn' : 'ipsec'
  const login = loginOf(fields, action, protocol)
  const tunnel: EventFields = {
    kind: 'tunnel_activity',
    action: meaning,
    protocol,
    user: userOf(fields),
    srcIp: addressOf(fields, 'remip') || addressOf(fields, 'srcip'),
    dstIp: addressOf(fields, 'locip') || addressOf(fields, 'dstip'),
    assignedIp:
      addressOf(fields, 'tunnelip').replace(/^0\.0\.0\.0$/, '') || addressOf(fields, 'assignip').replace(/^0\.0\.0\.0$/, ''),
    tunnelId: said(fields, 'tunnelid'),
    // The device counts what it sent to the client.
    bytesOut: numberOf(fields, 'rcvdbyte'),
    bytesIn: numberOf(fields, 'sentbyte'),
    duration: durationOf(fields),
    reason: said(fields, 'reason') || said(fields, 'error_reason') || said(fields, 'msg'),
    group: said(fields, 'group') || said(fields, 'vpntunnel'),
    client: said(fields, 'useragent') || said(fields, 'dst_host'),
    uid: said(fields, 'tunnelid'),
  }
  return login ? [login, tunnel] : [tunnel]
}

function userOf(fields: Fields): string {
  return said(fields, 'user') || said(fields, 'xauthuser')
}

/**
 * "tunnel-up" with "login successfully" is the log-in; the one of the tunnel that follows in tunnel mode says "tunnel established".
 * Message ids 39424 and 39426 of the log reference.
 */
function loginOf(fields: Fields, action: string, protocol: string): EventFields | undefined {
  const isFailure = action === 'ssl-login-fail'
  const isSuccess =
    action === 'tunnel-up' && userOf(fields) !== '' && /login success/i.test(`${fields['reason'] ?? ''} ${fields['msg'] ?? ''}`)
  if (!isFailure && !isSuccess) return undefined
  return {
    kind: 'authentication',
    action: 'logon',
    outcome: isFailure ? 'failure' : 'success',
    user: userOf(fields),
    srcIp: addressOf(fields, 'remip') || addressOf(fields, 'srcip'),
    target: word(fields, 'devname'),
    protocol,
    logonId: said(fields, 'tunnelid'),
    reason: said(fields, 'reason'),
  }
}
