import type { ProviderTable, WindowsFields, WindowsMapping } from './windows-fields.ts'

/** NTSTATUS values that say why a log-on failed: [MS-ERREF] 2.3. */
const FAILURES: Readonly<Record<string, string>> = {
  '0xc0000064': 'no such user',
  '0xc000006a': 'wrong password',
  '0xc000006d': 'bad user name or password',
  '0xc000006e': 'account restriction',
  '0xc000006f': 'outside log-on hours',
  '0xc0000070': 'workstation not allowed',
  '0xc0000071': 'password expired',
  '0xc0000072': 'account disabled',
  '0xc00000dc': 'server in the wrong state',
  '0xc0000133': 'clocks differ too much',
  '0xc000015b': 'log-on type not granted',
  '0xc0000193': 'account expired',
  '0xc0000224': 'password must change',
  '0xc0000234': 'account locked out',
  '0xc0000413': 'authentication firewall',
}

/** Kerberos result codes: RFC 4120, 7.5.9. */
const KERBEROS: Readonly<Record<string, string>> = {
  '0x6': 'no such user',
  '0x7': 'no such service',
  '0xc': 'policy rejects',
  '0x12': 'account disabled, expired or locked out',
  '0x17': 'password expired',
  '0x18': 'wrong password',
  '0x19': 'pre-authentication required',
  '0x20': 'ticket expired',
  '0x25': 'clocks differ too much',
}

const PROTOCOLS: Readonly<Record<string, string>> = { ntlm: 'ntlm', kerberos: 'kerberos', negotiate: 'negotiate' }

function protocolOf(name: string): string {
  const lower = name.trim().toLowerCase()
  if (lower.startsWith('microsoft_authentication_package')) return 'ntlm'
  return PROTOCOLS[lower] ?? lower
}

const origin = (e: WindowsFields) => ({
  srcIp: e.address('IpAddress', 'ClientAddress'),
  srcPort: e.number('IpPort', 'ClientPort') || undefined,
  srcHost: e.first('WorkstationName', 'Workstation'),
})

const logon =
  (outcome: 'success' | 'failure'): WindowsMapping =>
  e => {
    const status = e.id('SubStatus') === '0x0' ? e.id('Status') : e.id('SubStatus') || e.id('Status')
    return {
      kind: 'authentication',
      action: 'logon',
      outcome,
      user: e.target(),
      subjectUser: e.subject(),
      logonType: e.number('LogonType'),
      logonId: e.id('TargetLogonId'),
      ...origin(e),
      protocol: protocolOf(e.text('AuthenticationPackageName')),
      process: e.text('ProcessName'),
      reason: outcome === 'failure' ? (FAILURES[status] ?? status) : '',
    }
  }

const logoff: WindowsMapping = e => ({
  kind: 'authentication',
  action: 'logoff',
  outcome: 'success',
  user: e.target(),
  logonType: e.number('LogonType'),
  logonId: e.id('TargetLogonId'),
})

/** 4768, 4769, 4770: the ticket service answers; result 0x0 is a ticket. */
const ticket: WindowsMapping = e => {
  const status = e.id('Status', 'ResultCode')
  const isIssued = e.eventId === 4770 || status === '0x0' || (status === '' && e.eventId !== 4772)
  return {
    kind: 'authentication',
    action: 'ticket',
    outcome: isIssued ? 'success' : 'failure',
    user: e.target(),
    ...origin(e),
    target: e.text('ServiceName'),
    protocol: 'kerberos',
    reason: isIssued ? '' : (KERBEROS[status] ?? status),
  }
}

const preAuthentication: WindowsMapping = e => ({
  kind: 'authentication',
  action: 'logon',
  outcome: 'failure',
  user: e.text('TargetUserName'),
  ...origin(e),
  target: e.text('ServiceName'),
  protocol: 'kerberos',
  reason: KERBEROS[e.id('Status', 'FailureCode')] ?? e.id('Status', 'FailureCode'),
})

const validation: WindowsMapping = e => {
  const status = e.id('Status')
  return {
    kind: 'authentication',
    action: 'validate',
    outcome: status === '0x0' || (status === '' && e.eventId === 4774) ? 'success' : 'failure',
    user: e.text('TargetUserName'),
    srcHost: e.first('Workstation', 'WorkstationName'),
    protocol: 'ntlm',
    reason: status === '0x0' ? '' : (FAILURES[status] ?? status),
  }
}

/** Log-ons, log-offs, tickets and validations of the Security log. */
export const logons: ProviderTable = {
  4624: logon('success'),
  4625: logon('failure'),
  4634: logoff,
  4647: logoff,
  4648: e => ({
    kind: 'authentication',
    action: 'explicit',
    outcome: 'success',
    user: e.target(),
    subjectUser: e.subject(),
    logonId: e.id('SubjectLogonId'),
    ...origin(e),
    target: e.first('TargetServerName', 'TargetInfo'),
    process: e.text('ProcessName'),
  }),
  4672: e => ({
    kind: 'authentication',
    action: 'privileges',
    outcome: 'success',
    user: e.subject(),
    logonId: e.id('SubjectLogonId'),
    reason: e.text('PrivilegeList').split(/\s+/).join(' '),
  }),
  4768: ticket,
  4769: ticket,
  4770: ticket,
  4771: preAuthentication,
  4772: ticket,
  4773: ticket,
  4776: validation,
  4777: validation,
  4778: e => ({
    kind: 'rdp_activity',
    action: 'reconnect',
    srcIp: e.address('ClientAddress'),
    user: e.account('AccountDomain', 'AccountName'),
    clientName: e.text('ClientName'),
    session: e.text('SessionName'),
  }),
  4779: e => ({
    kind: 'rdp_activity',
    action: 'disconnect',
    srcIp: e.address('ClientAddress'),
    user: e.account('AccountDomain', 'AccountName'),
    clientName: e.text('ClientName'),
    session: e.text('SessionName'),
  }),
}
