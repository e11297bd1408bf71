import type { EventFields } from '../../model/index.ts'
import type { ProgramMessage } from './syslog-programs.ts'

const PROGRAMS =
  /^(?:useradd|usermod|userdel|groupadd|groupmod|groupdel|gpasswd|passwd|chpasswd|chage|adduser|deluser|newusers|vipw|busybox)$/

/** action and the places of account and group in the match, first that fits. Wording: shadow-utils src/*.c. */
const SENTENCES: readonly (readonly [
  pattern: RegExp,
  action: string,
  place: { readonly user?: number; readonly group?: number; readonly by?: number },
])[] = [
  [/^new user: name=([^,]+)/, 'create', { user: 1 }],
  [/^new group: name=([^,]+)/, 'create', { group: 1 }],
  [/^group added to \/etc\/group: name=([^,]+)/, 'create', { group: 1 }],
  [/^delete user '([^']+)'/, 'delete', { user: 1 }],
  [/^(?:group '([^']+)' removed|removed group '([^']+)')/, 'delete', { group: 1 }],
  [/^add '([^']+)' to group '([^']+)'/, 'group-add', { user: 1, group: 2 }],
  [/^delete '([^']+)' from group '([^']+)'/, 'group-remove', { user: 1, group: 2 }],
  [/^user (\S+) added by (\S+) to group (\S+)/, 'group-add', { user: 1, by: 2, group: 3 }],
  [/^user (\S+) removed by (\S+) from group (\S+)/, 'group-remove', { user: 1, by: 2, group: 3 }],
  [/^(?:change user '([^']+)' password|password for '([^']+)' changed by '([^']+)')/, 'password-reset', { user: 1, by: 3 }],
  [/^lock user '([^']+)' password/, 'disable', { user: 1 }],
  [/^unlock user '([^']+)' password/, 'enable', { user: 1 }],
  [/^changed? user '([^']+)' ([\w ]+)/, 'change', { user: 1 }],
  [/^changed password expiry for (\S+)/, 'change', { user: 1 }],
]

/** Accounts and groups made, changed and removed by shadow-utils; undefined for anything else. */
export function accountChange({ program, text }: ProgramMessage): EventFields | undefined {
  if (!PROGRAMS.test(program)) return undefined
  const said = text.slice(0, 8192)
  for (const [pattern, action, place] of SENTENCES) {
    const match = pattern.exec(said)
    if (!match) continue
    const at = (index: number | undefined): string => (index === undefined ? '' : (match[index] ?? ''))
    // Two wordings of one sentence use neighbouring places.
    const user = at(place.user) || (place.by === 3 ? at(2) : '')
    const group = at(place.group) || (place.group === 1 ? at(2) : '')
    return { kind: 'account_change', action, targetUser: user, group, user: at(place.by), process: program }
  }
  return undefined
}
