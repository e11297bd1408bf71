import { bareAccountName, isMachineAccount, shortHostName } from '../../model/index.ts'

/** An account as far as its name tells: whose it is. */
export interface Account {
  readonly bare: string
  /** First label of the domain or realm, lower case; the machine for a local account; '' when the log does not say. */
  readonly domain: string
}

/** Names that every machine or network has for itself: equal names on two machines are two accounts unless a domain says otherwise. */
const WELL_KNOWN = new Set([
  'administrator',
  'admin',
  'root',
  'guest',
  'krbtgt',
  'user',
  'defaultaccount',
  'test',
  'backup',
  'service',
  'support',
])

/** "DOMAIN\name", "name@realm" or "name" as logged on `host`; undefined for the machine's own accounts, which say nothing about a person. */
export function accountOf(name: string, host: string): Account | undefined {
  if (isMachineAccount(name)) return undefined
  const bare = bareAccountName(name)
  const slash = name.lastIndexOf('\\')
  const at = name.indexOf('@')
  const realm = slash > 0 ? name.slice(0, slash) : at > 0 && slash < 0 ? name.slice(at + 1) : ''
  const domain = shortHostName(realm)
  if (domain === 'workgroup' || domain === '.' || domain === '')
    return { bare, domain: WELL_KNOWN.has(bare) ? shortHostName(host) : '' }
  return { bare, domain }
}

/** Can both be the same account? A name without a domain can be the one with it, unless it is a name that everybody has. */
export function sameAccount(a: Account, b: Account): boolean {
  if (a.bare !== b.bare) return false
  return a.domain === b.domain || ((a.domain === '' || b.domain === '') && !WELL_KNOWN.has(a.bare))
}
