import { isMachineAccount, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const TAKE = /\btscon(?:\.exe)? +(?:\d+|\S+)(?: +\/\S+)* *\/dest:\S+|\btscon(?:\.exe)? +\d+ *$/
const SHADOW = /\bmstsc(?:\.exe)?\b.*\/shadow:\d+.*\/noconsentprompt/

/** Somebody else's desktop session is taken over without a password, or watched without asking. */
export const sessionHijack: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'lateral/session-hijack',
  title: 'Desktop session of another user taken over',
  reads: 'process_activity',
  techniques: ['T1563.002'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'As SYSTEM, tscon connects to any session on the machine, also a disconnected one of a domain administrator, and asks for no password.',
  innocent: 'an administrator moves an own session back to the console',
  detect(process) {
    const line = process.commandLine ?? ''
    if (process.action !== 'start' || !/tscon|mstsc/i.test(line)) return undefined
    const plain = plainCommand(line)
    if (SHADOW.test(plain)) return { title: `Session watched without consent: ${shortCommand(line)}`, object: 'session shadow' }
    if (!TAKE.test(plain)) return undefined
    const system = isMachineAccount(process.user ?? '') || /\bsc(?:\.exe)? create|binpath/.test(plain)
    return { title: `Session taken over: ${shortCommand(line)}`, object: 'session hijack', severity: system ? 'high' : 'medium' }
  },
}
