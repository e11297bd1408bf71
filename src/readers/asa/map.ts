import type { EventFields } from '../../model/index.ts'
import { adminMessages } from './admin.ts'
import { denyMessages } from './deny.ts'
import { vpnMessages } from './vpn.ts'

/** Reads one message; undefined when its text is not the one we know. */
export type MessageReader = (message: string) => readonly EventFields[] | undefined

const READERS: ReadonlyMap<string, MessageReader> = new Map([...denyMessages, ...adminMessages, ...vpnMessages])

/** What a message means; one that is not known, or not worded as known, becomes other_activity with its text. */
export function meaningsOf(code: string, message: string): readonly EventFields[] {
  return READERS.get(code)?.(message.slice(0, 8192)) ?? [otherActivity(message)]
}

function otherActivity(message: string): EventFields {
  const head = message.slice(0, 2048)
  const address = /\b(\d{1,3}(?:\.\d{1,3}){3})\b/.exec(head)?.[1] ?? ''
  const user = /\b(?:[Uu]ser|[Uu]sername|Uname)(?: ?[=:] ?| )[<'"]?([^\s<>'",:]+)/.exec(head)?.[1] ?? ''
  return { kind: 'other_activity', message, srcIp: address, user }
}
