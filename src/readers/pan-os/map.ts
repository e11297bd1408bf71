import { canonicalAddress, type EventFields, MICROS_PER_SECOND } from '../../model/index.ts'

type Fields = Readonly<Record<string, string>>

/** What one record means: mostly one event, two where it is a log-in and a tunnel at once. */
export function meaningsOf(fields: Fields): readonly EventFields[] {
  switch (fields['type']) {
    case 'TRAFFIC':
      return [traffic(fields)]
    case 'THREAT':
      return [threat(fields)]
    case 'GLOBALPROTECT':
      return globalProtect(fields) ?? [other(fields)]
    case 'CONFIG':
      return [config(fields)]
    case 'SYSTEM':
      return system(fields) ?? [other(fields)]
    case 'AUTHENTICATION':
      return [authenticated(fields)]
    default:
      return [other(fields)]
  }
}

const said = (fields: Fields, name: string): string => fields[name] ?? ''
const address = (fields: Fields, name: string): string => {
  const value = canonicalAddress(said(fields, name))
  return value === '0.0.0.0' || value === '::' ? '' : value
}
const count = (fields: Fields, name: string): number | undefined =>
  /^\d{1,15}$/.test(said(fields, name)) ? Number(fields[name]) : undefined
/** 0 stands for "not translated". */
const port = (fields: Fields, name: string): number | undefined => count(fields, name) || undefined

const REFUSED = /^(?:deny|drop|drop-icmp|reset-client|reset-server|reset-both|block|block-url|block-ip|block-continue)$/

function ends(fields: Fields) {
  return {
    srcIp: address(fields, 'src'),
    srcPort: count(fields, 'sport'),
    dstIp: address(fields, 'dst'),
    dstPort: count(fields, 'dport'),
  }
}

function traffic(fields: Fields): EventFields {
  const refused = REFUSED.test(said(fields, 'action')) || /^(?:deny|drop)$/.test(said(fields, 'subtype'))
  const elapsed = count(fields, 'elapsed')
  const [natSrcIp, natDstIp] = [address(fields, 'natsrc'), address(fields, 'natdst')]
  return {
    kind: 'network_activity',
    action: refused ? 'deny' : said(fields, 'subtype') === 'start' ? 'open' : 'flow',
    protocol: said(fields, 'proto').toLowerCase(),
    ...ends(fields),
    natSrcIp,
    natSrcPort: natSrcIp === '' ? undefined : port(fields, 'natsport'),
    natDstIp,
    natDstPort: natDstIp === '' ? undefined : port(fields, 'natdport'),
    bytesOut: count(fields, 'bytes_sent'),
    bytesIn: count(fields, 'bytes_received'),
    bytesTotal: count(fields, 'bytes'),
    packetsOut: count(fields, 'pkts_sent'),
    packetsIn: count(fields, 'pkts_received'),
    duration: elapsed === undefined ? undefined : elapsed * MICROS_PER_SECOND,
    state: said(fields, 'session_end_reason') || said(fields, 'action'),
    service: said(fields, 'app'),
    uid: said(fields, 'sessionid'),
    // A session belongs to who opened it; the device follows it from its first packet.
    initiatorKnown: true,
    user: said(fields, 'srcuser'),
    rule: said(fields, 'rule'),
  }
}

const SEVERITIES: Readonly<Record<string, number>> = { critical: 1, high: 1, medium: 2, low: 3, informational: 4 }

function threat(fields: Fields): EventFields {
  const refused = REFUSED.test(said(fields, 'action'))
  const url = said(fields, 'misc')
  if (said(fields, 'subtype') === 'url' && !refused) {
    const [, virtualHost = '', path = '', query = ''] = /^(?:https?:\/\/)?([^/?]*)([^?]*)(?:\?(.*))?$/s.exec(url) ?? []
    return {
      kind: 'http_activity',
      clientIp: address(fields, 'src'),
      serverIp: address(fields, 'dst'),
      serverPort: count(fields, 'dport'),
      virtualHost: virtualHost.replace(/:\d+$/, '').toLowerCase(),
      path,
      query,
      userAgent: said(fields, 'user_agent'),
      referrer: said(fields, 'referer'),
      forwardedFor: said(fields, 'xff'),
      user: said(fields, 'srcuser'),
      uid: said(fields, 'sessionid'),
    }
  }
  const [, title = '', signature = ''] = /^(.*?)(?:\((\d+)\))?$/s.exec(said(fields, 'threatid')) ?? []
  return {
    kind: 'detection_finding',
    title: title || `PAN-OS ${said(fields, 'subtype')}`,
    signature,
    severity: SEVERITIES[said(fields, 'severity')],
    category: said(fields, 'subtype'),
    ...ends(fields),
    verdict: said(fields, 'action'),
    uid: said(fields, 'sessionid'),
    user: said(fields, 'srcuser'),
    path: url,
  }
}

const LOGIN_STAGES = /^(?:login|gateway-auth|portal-auth)$/

function globalProtect(fields: Fields): readonly EventFields[] | undefined {
  const event = said(fields, 'eventid')
  const failed = /fail/i.test(said(fields, 'status'))
  const user = said(fields, 'srcuser')
  const srcIp = address(fields, 'public_ip') || address(fields, 'public_ipv6')
  const reason = said(fields, 'reason') || said(fields, 'error') || said(fields, 'opaque')
  const client = [said(fields, 'machinename'), said(fields, 'client_os'), said(fields, 'client_ver')].filter(Boolean).join(' ')
  const stage = said(fields, 'stage')
  const tunnel = (action: string): EventFields => ({
    kind: 'tunnel_activity',
    action,
    protocol: said(fields, 'tunnel_type').toLowerCase() || 'globalprotect',
    user,
    srcIp,
    assignedIp: address(fields, 'private_ip') || address(fields, 'private_ipv6'),
    duration: durationOf(fields),
    reason,
    group: said(fields, 'portal'),
    client,
  })
  // The portal checks the password, the gateway lets in: both are log-ins, and only the gateway opens a tunnel.
  if (LOGIN_STAGES.test(stage) || /-(?:auth|login)$/.test(event)) {
    const login: EventFields = {
      kind: 'authentication',
      action: event.startsWith('portal') ? 'validate' : 'logon',
      outcome: failed ? 'failure' : 'success',
      user,
      srcIp,
      srcHost: said(fields, 'machinename').toLowerCase(),
      target: said(fields, 'portal'),
      protocol: 'ssl-vpn',
      process: client,
      reason,
    }
    return failed ? [login, tunnel('failure')] : [login]
  }
  if (event === 'gateway-connected' || stage === 'connected' || event === 'gateway-getconfig')
    return [tunnel(failed ? 'failure' : event === 'gateway-getconfig' ? 'assigned' : 'up')]
  if (event === 'gateway-logout' || stage === 'logout') return [tunnel('down')]
  if (/^gateway-(?:tunnel-latency|hip-report|hip-check|switch-to-ssl|agent)/.test(event)) return [tunnel('seen')]
  return undefined
}

function durationOf(fields: Fields): number | undefined {
  const seconds = count(fields, 'login_duration')
  return seconds === undefined || seconds === 0 ? undefined : seconds * MICROS_PER_SECOND
}

const COMMANDS: Readonly<Record<string, string>> = {
  add: 'add',
  clone: 'add',
  commit: 'set',
  'commit-all': 'set',
  delete: 'delete',
  edit: 'set',
  move: 'set',
  rename: 'set',
  set: 'set',
  upload: 'upload',
  download: 'download',
  load: 'upload',
  export: 'download',
  import: 'upload',
}

function config(fields: Fields): EventFields {
  const command = said(fields, 'cmd')
  return {
    kind: 'device_config',
    action: COMMANDS[command] ?? 'command',
    user: said(fields, 'admin'),
    srcIp: address(fields, 'host'),
    interface: said(fields, 'client').toLowerCase(),
    object: said(fields, 'path').trim(),
    attribute: said(fields, 'result'),
    command,
  }
}

const ADMIN_LOGIN = /^(?:User|Admin(?:istrator)?) (\S+) logged (in|out) via (\S+) from (\S+?)(?: using (\S+?))?\.?$/i
const FAILED =
  /^failed authentication for user '([^']*)'\.?(?: Reason: (.*?))?(?: auth profile .*?)?(?: From: ([0-9a-fA-F.:]+?))?\.?$/i
const SUCCEEDED = /^authenticated for user '([^']*)'\..*?\bFrom: ([0-9a-fA-F.:]+?)\.?$/i
/** Before PAN-OS 9.1 GlobalProtect wrote sentences into the system log. */
const GATEWAY = /^GlobalProtect (gateway|portal) (.*?)\. (?:Login from: ([0-9a-fA-F.:]+))?/i

/** Log-ins, old GlobalProtect sentences, logs, restarts; undefined for anything else. */
function system(fields: Fields): readonly EventFields[] | undefined {
  const text = said(fields, 'opaque').slice(0, 4096)
  const admin = ADMIN_LOGIN.exec(text)
  if (admin) {
    const [, user = '', way, interfaceName = '', from = ''] = admin
    return [
      {
        kind: 'authentication',
        action: way?.toLowerCase() === 'in' ? 'logon' : 'logoff',
        outcome: 'success',
        user,
        srcIp: canonicalAddress(from.replace(/^Console$/i, '')),
        protocol: WAYS[interfaceName.toLowerCase()] ?? interfaceName.toLowerCase(),
      },
    ]
  }
  const failed = FAILED.exec(text)
  if (failed)
    return [
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'failure',
        user: failed[1] ?? '',
        srcIp: canonicalAddress(failed[3] ?? ''),
        reason: failed[2] ?? '',
        protocol: 'device',
      },
    ]
  const succeeded = SUCCEEDED.exec(text)
  if (succeeded)
    return [
      {
        kind: 'authentication',
        action: 'validate',
        outcome: 'success',
        user: succeeded[1] ?? '',
        srcIp: canonicalAddress(succeeded[2] ?? ''),
        protocol: 'device',
      },
    ]
  const gateway = GATEWAY.exec(text)
  if (gateway) return sentence(gateway, text)
  if (/^(?:.*log (?:database|quota).*(?:purged|full)|.*logs? (?:were )?(?:cleared|deleted))/i.test(text))
    return [
      { kind: 'log_activity', action: /full|quota/i.test(text) ? 'full' : 'cleared', log: 'pan-os', detail: text.slice(0, 500) },
    ]
  if (/^(?:The system is (?:starting up|shutting down)|System (?:restart|reboot|shutdown) requested by (\S+))/i.test(text))
    return [
      {
        kind: 'device_config',
        action: 'restart',
        object: 'system',
        user: /requested by (\S+?)\.?$/i.exec(text)?.[1] ?? '',
        command: text.slice(0, 500),
      },
    ]
  return undefined
}

const WAYS: Readonly<Record<string, string>> = { web: 'web', cli: 'ssh', console: 'console', api: 'api', panorama: 'panorama' }

function sentence([, , what = '', from = '']: RegExpExecArray, text: string): readonly EventFields[] | undefined {
  const user = /User name: ([^,]+)/i.exec(text)?.[1] ?? ''
  const common = { user, srcIp: canonicalAddress(from), reason: /Error: ([^,]+)/i.exec(text)?.[1] ?? '' }
  if (/user authentication (?:succeeded|failed)/i.test(what))
    return [
      {
        kind: 'authentication',
        action: 'logon',
        outcome: /failed/i.test(what) ? 'failure' : 'success',
        protocol: 'ssl-vpn',
        ...common,
      },
    ]
  const tunnel = { kind: 'tunnel_activity', protocol: 'globalprotect', ...common } as const
  if (/configuration generated|user login succeeded/i.test(what))
    return [
      { ...tunnel, action: 'assigned', assignedIp: canonicalAddress(/Private IP: ([0-9a-fA-F.:]+)/i.exec(text)?.[1] ?? '') },
    ]
  if (/user logout/i.test(what)) return [{ ...tunnel, action: 'down' }]
  return undefined
}

function authenticated(fields: Fields): EventFields {
  const text = `${said(fields, 'event')} ${said(fields, 'desc')}`
  return {
    kind: 'authentication',
    action: 'logon',
    outcome: /fail|denied|reject|error|timeout/i.test(text) ? 'failure' : 'success',
    user: said(fields, 'normalize_user') || said(fields, 'user'),
    srcIp: address(fields, 'ip'),
    target: said(fields, 'object'),
    protocol: said(fields, 'clienttype').toLowerCase(),
    reason: said(fields, 'desc'),
  }
}

function other(fields: Fields): EventFields {
  return {
    kind: 'other_activity',
    message:
      [said(fields, 'eventid'), said(fields, 'object'), said(fields, 'opaque')].filter(text => text !== '').join(': ') ||
      `${said(fields, 'type')}/${said(fields, 'subtype')}`,
    user: said(fields, 'srcuser'),
    srcIp: address(fields, 'public_ip'),
  }
}
