import {
  bareAccountName,
  type EventOf,
  isMachineAccount,
  type Match,
  plainCommand,
  type RecordDetector,
  shortCommand,
} from '../../model/index.ts'

const ADD_USER =
  /\bnet1?(?:\.exe)? users? (\S+)(?: \S+)? .*\/add\b|\bnew-localuser\b.*?(?:-name )?(\S+)|\bdsadd(?:\.exe)? user (\S+)|\buseradd (?:-\S+ (?:\S+ )?)*(\S+)$/
const ADD_MEMBER = /\bnet1?(?:\.exe)? (?:localgroup|group) (.+?) (\S+) .*\/add\b|\badd-localgroupmember\b|\badd-adgroupmember\b/
/** Groups whose members own the machine or the domain, by their English names and well-known identifiers (learn.microsoft.com: well-known SIDs). */
const PRIVILEGED =
  /administrators|domain admins|enterprise admins|schema admins|account operators|backup operators|server operators|dnsadmins|remote desktop users|group policy creator|remote management users|-5(?:12|18|19|20)$|s-1-5-32-5(?:44|48|49|51|55)/i

/** An account is made or put into a powerful group. */
export const accountCreated: RecordDetector<'process_activity' | 'account_change'> = {
  on: 'record',
  id: 'living-off-land/account-created',
  title: 'Account made or given power',
  reads: ['process_activity', 'account_change'],
  techniques: ['T1136.001'],
  severity: 'low',
  confidence: 'moderate',
  why: 'A new account or a new member of an administrators group keeps the way in open after passwords are changed.',
  innocent: 'ordinary account administration',
  detect(event) {
    return event.kind === 'process_activity'
      ? event.action === 'start'
        ? commanded(event.commandLine ?? '', event.user ?? '')
        : undefined
      : changed(event)
  },
}

function commanded(line: string, user: string): Match | undefined {
  if (!/\/add|new-localuser|add-\w+groupmember|useradd|dsadd/i.test(line)) return undefined
  const plain = plainCommand(line)
  // Who did it first: a step is told as theirs.
  const actor = user === '' || isMachineAccount(user) ? [] : [user]
  if (ADD_MEMBER.test(plain)) {
    const [, group = '', member = ''] = ADD_MEMBER.exec(plain) ?? []
    const strong = PRIVILEGED.test(plain)
    return {
      title: `Account put into a group by command: ${shortCommand(line)}`,
      object: `${group} ${member}`.trim(),
      techniques: ['T1098.007'],
      severity: strong ? 'medium' : 'low',
      accounts: member === '' ? actor : [...actor, member],
    }
  }
  const names = ADD_USER.exec(plain)
  const name = names?.slice(1).find(part => part !== undefined)
  if (!names || name === undefined) return undefined
  const domain = /\/dom|dsadd/.test(plain)
  return {
    title: `Account made by command: ${shortCommand(line)}`,
    object: name,
    techniques: [domain ? 'T1136.002' : 'T1136.001', 'T1059'],
    // administrators use a console; a password on a command line is the intruder's way
    severity: 'medium',
    accounts: [...actor, name],
  }
}

function changed(change: EventOf<'account_change'>): Match | undefined {
  const target = change.targetUser ?? ''
  const by = change.user === undefined || change.user === '' ? '' : ` by ${change.user}`
  const accounts = [change.user ?? '', target].filter(name => name !== '')
  if (change.action === 'create') {
    // a group that is made comes with every account on Linux and gives nobody power
    if (target === '') return undefined
    if (target.endsWith('$') && change.code === '4741') return undefined
    const dollar = target.endsWith('$') && change.code === '4720'
    return {
      title: `Account ${target} made${by}`,
      object: bareAccountName(target),
      techniques: ['T1136'],
      severity: dollar ? 'high' : 'low',
      accounts,
      ...(dollar ? { why: 'A user account whose name ends in $ looks like a computer account and is overlooked in lists.' } : {}),
    }
  }
  if (change.action !== 'group-add' || !PRIVILEGED.test(change.group ?? '')) return undefined
  return {
    title: `${target || 'an account'} put into ${change.group}${by}`,
    object: `${change.group} ${bareAccountName(target)}`,
    techniques: ['T1098.007'],
    severity: isMachineAccount(change.user ?? '') ? 'informational' : 'low',
    accounts,
  }
}
