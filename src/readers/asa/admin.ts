import type { EventFields } from '../../model/index.ts'
import type { MessageReader } from './map.ts'
import { endOf } from './parse.ts'

const WAYS: Readonly<Record<string, string>> = { https: 'web', http: 'web' }

/** The device writes stars in place of a name it does not know, so that a password typed as name is not logged. */
function unmasked(user: string): string {
  return /^\*+$/.test(user) ? '' : user
}

/** 605004 and 605005: "Login permitted from 203.0.113.9/5022 to outside:192.0.2.1/ssh for user "ora"". */
function login(message: string): readonly EventFields[] | undefined {
  const match = /^Login (permitted|denied) from (\S+) to (\S+?)(?:\/(\w+))? for user "(.*)"/.exec(message)
  if (!match) return undefined
  const [, verdict, from = '', to = '', service = '', user = ''] = match
  const src = endOf(from)
  const way = (service || to).toLowerCase()
  return [
    {
      kind: 'authentication',
      action: 'logon',
      outcome: verdict === 'permitted' ? 'success' : 'failure',
      user: unmasked(user),
      srcIp: src.ip,
      srcPort: src.port,
      srcHost: src.ip === '' && src.name !== 'serial' ? src.name : '',
      target: endOf(to).ip,
      protocol: WAYS[way] ?? way,
    },
  ]
}

/** 113004, 113012 (right) and 113005, 113015 (wrong): the check of a password, for VPN and administration alike. */
function aaa(message: string): readonly EventFields[] | undefined {
  const match = /^AAA user (\S+) (Successful|Rejected) ?: (.*)$/.exec(message)
  if (match?.[1] !== 'authentication') return undefined
  const [, , verdict, rest = ''] = match
  const of = (name: string): string => new RegExp(`(?:^|: )${name} = (.*?)(?: ?: |$)`).exec(rest)?.[1]?.trim() ?? ''
  const isRight = verdict === 'Successful'
  return [
    {
      kind: 'authentication',
      // A right password is followed by the record of the session or log-in; a wrong one is all there is.
      action: isRight ? 'validate' : 'logon',
      outcome: isRight ? 'success' : 'failure',
      user: unmasked(of('user')),
      srcIp: endOf(of('user IP')).ip,
      target: of('server'),
      protocol: rest.includes('local database') ? 'local' : 'aaa',
      reason: of('reason'),
    },
  ]
}

/** 109005, 109006: cut-through proxy; 611101 to 611103: the same for management access. */
function authenticated(pattern: RegExp, action: string, outcome: string): MessageReader {
  return message => {
    const match = pattern.exec(message)
    if (!match) return undefined
    const { user = '', src = '', dst = '' } = match.groups ?? {}
    const from = endOf(src)
    return [
      {
        kind: 'authentication',
        action,
        outcome,
        user: unmasked(user),
        srcIp: from.ip,
        srcPort: from.port,
        target: endOf(dst).ip,
        protocol: 'aaa',
      },
    ]
  }
}

const COMMANDS: readonly RegExp[] = [
  /^User '(?<user>.*?)' executed the '(?<command>.*)' command\.?$/s,
  /^User '(?<user>.*?)' executed cmd: ?(?<command>.*)$/s,
  /^User '(?<user>.*?)', running '(?<way>.*?)' from IP (?<src>\S+?), executed '(?<command>.*)'$/s,
]

/** 111008, 111009, 111010: commands as typed. */
function command(message: string): readonly EventFields[] | undefined {
  for (const pattern of COMMANDS) {
    const groups = pattern.exec(message)?.groups
    if (groups)
      return [
        {
          kind: 'device_config',
          action: 'command',
          user: groups['user'] ?? '',
          srcIp: endOf(groups['src'] ?? '').ip.replace(/^0\.0\.0\.0$/, ''),
          interface: (groups['way'] ?? '').toLowerCase(),
          command: groups['command'] ?? '',
        },
      ]
  }
  return undefined
}

function privilege(message: string): readonly EventFields[] | undefined {
  const match = /^User priv level changed: Uname: (\S+) From: (\d+) To: (\d+)/.exec(message)
  return match
    ? [
        {
          kind: 'authentication',
          action: 'privileges',
          outcome: 'success',
          user: match[1] ?? '',
          reason: `privilege level ${match[2]} to ${match[3]}`,
        },
      ]
    : undefined
}

function localUser(action: string): MessageReader {
  return message => {
    const user = /\bUname: (\S+)/.exec(message)?.[1]
    return user === undefined ? undefined : [{ kind: 'account_change', action, targetUser: user }]
  }
}

function groupPolicy(action: string): MessageReader {
  return message => {
    const name = /group policy: name: (\S+)/i.exec(message)?.[1]
    return name === undefined ? undefined : [{ kind: 'device_config', action, object: `group-policy ${name}` }]
  }
}

function restart(message: string): readonly EventFields[] | undefined {
  const match = /^(?:Reload command executed from (?<src>.+?)\.?$|Orderly reload started at .*? by (?<user>[^.]+)\.)/.exec(
    message,
  )
  if (!match) return undefined
  const { src = '', user = '' } = match.groups ?? {}
  return [{ kind: 'device_config', action: 'restart', user: user.trim(), srcIp: endOf(src).ip, command: message }]
}

/** "203.0.113.9 …" before or behind: configuration read from and written to places. */
function configuration(message: string): readonly EventFields[] | undefined {
  const match = /^Begin configuration: (\S+) (reading from|writing to) (.+?)\.?$/.exec(message)
  if (!match) return undefined
  const place = match[3] ?? ''
  const isAway = match[2] === 'writing to' && !/^(?:memory|terminal|flash)/.test(place)
  return [
    {
      kind: 'device_config',
      action: isAway ? 'download' : 'command',
      srcIp: endOf(match[1] ?? '').ip,
      object: place,
      command: message,
    },
  ]
}

/** 315011: 'SSH session from 203.0.113.9 on interface outside for user "ora" disconnected by SSH server, reason: "…"'. */
function sshEnded(message: string): readonly EventFields[] | undefined {
  const match = /^SSH session from (\S+) on interface \S+ for user "([^"]*)" disconnected by .*?(?:, reason: (.*))?$/.exec(
    message,
  )
  if (!match) return undefined
  const [, src = '', user = '', reason = ''] = match
  return [
    {
      kind: 'authentication',
      action: 'logoff',
      outcome: 'success',
      user: unmasked(user),
      srcIp: endOf(src).ip,
      protocol: 'ssh',
      reason,
    },
  ]
}

/** 606001 to 606004: sessions of ASDM, the device's administration program, which name no user. */
function asdm(message: string): readonly EventFields[] | undefined {
  const match = /^ASDM (?:logging )?session number \d+ from (\S+) (started|ended)/.exec(message)
  if (!match) return undefined
  const [, src = '', word] = match
  return [
    {
      kind: 'authentication',
      action: word === 'started' ? 'session' : 'logoff',
      outcome: 'success',
      srcIp: endOf(src).ip,
      protocol: 'web',
      process: 'asdm',
    },
  ]
}

/** 113021: a log-in of somebody who may not administer. */
function noRights(message: string): readonly EventFields[] | undefined {
  const match = /^Attempted (\S+) login failed user '?(.*?)'? did NOT have appropriate Admin Rights/.exec(message)
  return match
    ? [
        {
          kind: 'authentication',
          action: 'logon',
          outcome: 'failure',
          user: match[2] ?? '',
          protocol: (match[1] ?? '').toLowerCase(),
          reason: 'no administrative rights',
        },
      ]
    : undefined
}

/** Log-ins to the device, commands, local accounts, restarts. */
export const adminMessages: readonly (readonly [string, MessageReader])[] = [
  ['605004', login],
  ['605005', login],
  ['113004', aaa],
  ['113005', aaa],
  ['113012', aaa],
  ['113015', aaa],
  [
    '109005',
    authenticated(/^Authentication succeeded for user '(?<user>.*)' from (?<src>\S+) to (?<dst>\S+)/, 'logon', 'success'),
  ],
  ['109006', authenticated(/^Authentication failed for user '(?<user>.*)' from (?<src>\S+) to (?<dst>\S+)/, 'logon', 'failure')],
  [
    '611101',
    authenticated(/^User authentication succeeded: (?:IP address: (?<src>\S+?), )?Uname: (?<user>\S+)/, 'validate', 'success'),
  ],
  [
    '611102',
    authenticated(/^User authentication failed: (?:IP address: (?<src>\S+?), )?Uname: (?<user>\S+)/, 'validate', 'failure'),
  ],
  ['611103', authenticated(/^User logged out: Uname: (?<user>\S+)/, 'logoff', 'success')],
  ['308001', authenticated(/^.*enable password incorrect for \d+ tries \(from (?<src>[^)]+)\)/, 'privileges', 'failure')],
  ['315011', sshEnded],
  ['606001', asdm],
  ['606002', asdm],
  ['606003', asdm],
  ['606004', asdm],
  ['113021', noRights],
  ['111001', configuration],
  ['111007', configuration],
  ['111008', command],
  ['111009', command],
  ['111010', command],
  ['502101', localUser('create')],
  ['502102', localUser('delete')],
  ['502103', privilege],
  ['502111', groupPolicy('add')],
  ['502112', groupPolicy('delete')],
  ['199001', restart],
  ['199006', restart],
]
