import { isMachineAccount, type Match, type SecurityEvent } from '../model/index.ts'

/** A match with the account the event names, where the detector named none: a detector says only what differs from the event. */
export function withActors(match: Match, event: SecurityEvent): Match {
  if (match.accounts !== undefined) return match
  const user = 'user' in event ? event.user : undefined
  return user === undefined || isMachineAccount(user) ? match : { ...match, accounts: [user] }
}
