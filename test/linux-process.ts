import type { EventFields, EventOf } from '../src/model/index.ts'
import { type EventFacts, eventOf, processStart } from './record-detector.ts'

/** A command of Linux as auditd tells it: a program, its words, an account. */
export function typed(
  commandLine: string,
  fields: Partial<EventFields<'process_activity'>> = {},
  facts: EventFacts = {},
): EventOf<'process_activity'> {
  const name = /^\S+/.exec(commandLine)?.[0] ?? ''
  return processStart(
    {
      image: name.startsWith('/') ? name : `/usr/bin/${name}`,
      commandLine,
      parentImage: '/usr/bin/bash',
      user: 'ora',
      ...fields,
    },
    { product: 'auditd', code: 'EXECVE', host: 'gw01', ...facts },
  )
}

/** A file that a program of Linux wrote, deleted or renamed. */
export function touched(action: string, path: string, image = '', user = 'ora'): EventOf<'file_activity'> {
  return eventOf<'file_activity'>({ kind: 'file_activity', action, path, image, user }, { product: 'auditd', host: 'gw01' })
}
