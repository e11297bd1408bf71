import type { ProviderTable, WindowsFields, WindowsMapping } from './windows-fields.ts'

const change =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'account_change',
    action,
    user: e.subject(),
    targetUser: e.target(),
    logonId: e.id('SubjectLogonId'),
    srcIp: e.address('CallerWorkstation'),
  })

/** Membership: Target is the group, Member the account (often only a SID or a distinguished name). */
const member =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'account_change',
    action,
    user: e.subject(),
    targetUser: e.first('MemberName', 'MemberSid'),
    group: e.target(),
    logonId: e.id('SubjectLogonId'),
  })

const group =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'account_change',
    action,
    user: e.subject(),
    group: e.target(),
    logonId: e.id('SubjectLogonId'),
  })

const rights = (e: WindowsFields) => e.first('PrivilegeList', 'AccessGranted', 'AccessRemoved')

const right =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'account_change',
    action,
    user: e.subject(),
    targetUser: e.first('TargetSid', 'TargetUserName'),
    group: rights(e).split(/\s+/).join(' '),
    logonId: e.id('SubjectLogonId'),
  })

const enumeration =
  (isGroup: boolean): WindowsMapping =>
  e => ({
    kind: 'account_change',
    action: 'enumerate',
    user: e.subject(),
    ...(isGroup ? { group: e.target() } : { targetUser: e.target() }),
    logonId: e.id('SubjectLogonId'),
    process: e.text('CallerProcessName'),
  })

/** Accounts, groups and rights: audit categories "user account", "computer account" and "security group management". */
export const accounts: ProviderTable = {
  4704: right('change'),
  4705: right('change'),
  4717: right('change'),
  4718: right('change'),
  4720: change('create'),
  4722: change('enable'),
  4723: change('password-change'),
  4724: change('password-reset'),
  4725: change('disable'),
  4726: change('delete'),
  4727: group('create'),
  4728: member('group-add'),
  4729: member('group-remove'),
  4730: group('delete'),
  4731: group('create'),
  4732: member('group-add'),
  4733: member('group-remove'),
  4734: group('delete'),
  4735: group('change'),
  4737: group('change'),
  4738: change('change'),
  4740: change('lock'),
  4741: change('create'),
  4742: change('change'),
  4743: change('delete'),
  4744: group('create'),
  4746: member('group-add'),
  4747: member('group-remove'),
  4748: group('delete'),
  4749: group('create'),
  4751: member('group-add'),
  4752: member('group-remove'),
  4753: group('delete'),
  4754: group('create'),
  4755: group('change'),
  4756: member('group-add'),
  4757: member('group-remove'),
  4758: group('delete'),
  4764: group('change'),
  4765: change('change'),
  4766: change('change'),
  4767: change('unlock'),
  4780: change('change'),
  4781: e => ({
    kind: 'account_change',
    action: 'change',
    user: e.subject(),
    targetUser: e.account('TargetDomainName', 'NewTargetUserName'),
    logonId: e.id('SubjectLogonId'),
  }),
  4794: change('password-reset'),
  4798: enumeration(false),
  4799: enumeration(true),
}
