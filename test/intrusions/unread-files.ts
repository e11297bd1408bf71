/** Files of the shared collection that no reader understands, by pattern of their path, and why that is right today. */
export const UNREAD: readonly { readonly path: RegExp; readonly why: string }[] = [
  { path: /\/(?:SOURCE|README)\.md$/, why: 'a description of the set, not evidence' },
  { path: /\/[^/]*(?:LICENSE|COPYING)[^/]*$/, why: 'a licence, not evidence' },
  { path: /\/labels\.(?:json|config)$/, why: 'the truth of the set, not evidence' },
  {
    path: /\/audit-ubuntu14\.log\.golden$/,
    why: 'one record taken apart: a time and a path, but no address, account, machine or command that would make it a table of events',
  },
]
